"""What the sources say of one record, field by field: heard here, and written by the caller (S115).

The one place where a stored value follows from the words of its sources (`source_rules`).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from backend.residents.documents import Origin
from backend.residents.records import ResidentRecords, Row, stated_name
from backend.residents.rules import PersonField, Source
from backend.residents.source_rules import PRECEDENCE, Word, in_conflict, weighed

_TICK = timedelta(milliseconds=1)  # the store keeps no finer time


class FieldLedger:
    """The words on one record, as it was read in full with its keys."""

    def __init__(self, records: ResidentRecords, found: Row) -> None:
        self._records = records
        self._found = found
        self._set: dict[str, Any] = {}
        self._former: dict[str, Any] | None = None

    def hear(self, one: PersonField, word: Word) -> bool:
        """Take a source's word; return whether another value stands now.

        A field that has no value yet, or lost it, is left so: what proves it writes it.
        """
        standing = self.standing(one)
        if standing is None:
            return False
        known = [standing, *self.others(one)]
        outcome = weighed(one, [*known, word])
        if {outcome.standing, *outcome.others} != set(known):
            self._keep(one, outcome.standing, outcome.others)
        changed = outcome.standing.value != standing.value
        if changed and one is PersonField.NAME:
            self._remember(standing, word.at)
        return changed

    def settle(self, one: PersonField, word: Word) -> bool:
        """Let a word of the highest rank stand that comes after all heard, whatever clocks say.

        As `hear` returns.

        Raises:
            LookupError: the field has no value, or lost it.
        """
        standing = self.standing(one)
        if standing is None:
            raise LookupError("no such value")
        last = max(known.at for known in (standing, *self.others(one)))
        return self.hear(one, replace(word, at=max(word.at, last + _TICK)))

    def update(self, now: datetime) -> dict[str, Any] | None:
        """Return the update of the record; None where it says all this already."""
        if not self._set:
            return None
        pushed = {} if self._former is None else {"$push": {"former_names": self._former}}
        return {"$set": {**self._set, "changed_at": now}} | pushed

    def standing(self, one: PersonField) -> Word | None:
        """Return the word that stands, None where there is none or it was erased."""
        value, origin = self._records.open(self._found, one), self._found["origins"].get(one.value)
        if value is None or origin is None:
            return None
        return Word(Source(origin["source"]), origin["at"], value)

    def others(self, one: PersonField) -> list[Word]:
        """Return what the other sources said last."""
        read = [
            (stated["origin"], self._records.open_stated(self._found, stated))
            for stated in self._found.get("stated") or ()
            if stated["field"] == one.value
        ]
        return [
            Word(Source(origin["source"]), origin["at"], value)
            for origin, value in read
            if value is not None
        ]

    def conflicts(self, one: PersonField) -> list[Word]:
        """Return the words a clerk has to settle."""
        standing = self.standing(one)
        return [] if standing is None else [w for w in self.others(one) if in_conflict(standing, w)]

    def _keep(self, one: PersonField, standing: Word, others: tuple[Word, ...]) -> None:
        beside = [kept for kept in self._found.get("stated") or () if kept["field"] != one.value]
        stated = [*beside, *(self._stated(one, standing, word) for word in others)]
        values: dict[str, Any] = {"stated": stated, f"origins.{one.value}": _origin(standing)}
        if standing.value != self._records.open(self._found, one):
            name = f"{one.value}_sealed"
            values[name] = self._found[name] = self._records.seal(standing.value, name, self._found)
        self._found["stated"] = stated
        self._found["origins"] = {**self._found["origins"], one.value: _origin(standing)}
        self._set |= values

    def _stated(self, one: PersonField, standing: Word, word: Word) -> dict[str, Any]:
        name = stated_name(one, word.source)
        return {
            "field": one.value,
            "origin": _origin(word),
            "sealed": self._records.seal(word.value, name, self._found),
            "in_conflict": in_conflict(standing, word),
        }

    def _remember(self, former: Word, until: datetime) -> None:
        place = len(self._found.get("former_names", ()))
        self._former = {
            "sealed": self._records.seal(former.value, f"former_name_{place}", self._found),
            "origin": _origin(former),
            "until": until,
        }


def heard_fields() -> tuple[PersonField, ...]:
    """Return the fields that more than one source may have a word on."""
    return tuple(PRECEDENCE)


def _origin(word: Word) -> dict[str, Any]:
    return Origin(source=word.source, at=word.at).model_dump()
