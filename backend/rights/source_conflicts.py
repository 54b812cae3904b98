"""What a clerk does where sources say different things of a person: sees it, and settles it (S115).

The decision is a word of the highest rank: it stands, and what it was taken against stays on the
record as that source said it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from backend.cards.service import Cards
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.households import of_same_household
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import ASCENDING, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.residents.documents import Resident
from backend.residents.field_ledger import FieldLedger, heard_fields
from backend.residents.rules import PersonField, Source, is_resident_id
from backend.residents.service import Residents
from backend.residents.source_rules import CONFLICT_UNKNOWN, PHONE_BY_HOLDER, Word
from backend.rights import deeds
from backend.rights.correction_rules import OWN_HOUSEHOLD
from shared.clock import Clock
from shared.identity.masking import mask_birth, mask_name, mask_phone
from shared.localized_text import LocalizedText

_READ = LocalizedText(
    "查看了您信息中来源不一致之处", "Looked at where sources differ in what they say of you"
)
_KEPT = LocalizedText(
    "核定了来源不一致之处，保留原记载", "Settled where sources differ: the record stays as it is"
)
_ADOPTED = LocalizedText(
    "核定了来源不一致之处，采用另一来源的记载",
    "Settled where sources differ: the other one's word stands",
)
_ACTION = "rights.source_conflict_settled"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SaidBy:
    """What a source says, masked, and when it said so."""

    source: Source
    at: datetime
    masked: str


@dataclass(frozen=True, slots=True)
class ConflictFacts:
    """A field of a record on which a source says another thing than the word that stands."""

    resident_id: str
    which: PersonField
    standing: SaidBy
    other: SaidBy


@dataclass(frozen=True, slots=True)
class RecordConflicts:
    """The conflicts of one record."""

    position: Position
    conflicts: Sequence[ConflictFacts]


@dataclass(frozen=True, slots=True)
class Settling:
    """What a clerk decided: whether the `source`'s word, said at `said_at`, is the right one."""

    resident_id: str
    which: PersonField
    source: Source
    said_at: datetime
    adopt: bool
    reason: str


class SourceConflicts:
    """Shows conflicts and settles them."""

    def __init__(self, residents: Residents, cards: Cards, once: Once, clock: Clock) -> None:
        self._residents = residents
        self._cards = cards
        self._once = once
        self._clock = clock

    async def waiting(
        self, caller: Caller | None, first: int, after: Position | None
    ) -> Page[RecordConflicts] | Refusal:
        """Return the conflicts of a page of records, by registration; each person is told."""
        denied = may(caller, Act.RESIDENT_CORRECT)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        wanted: Row = {"stated.in_conflict": True}
        if after is not None:
            wanted["registered_at"] = {"$gte": after.at}
            wanted["$or"] = [{"registered_at": {"$gt": after.at}}, {"_id": {"$gt": after.row_id}}]
        order = [("registered_at", ASCENDING), ("_id", ASCENDING)]
        found = Resident.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        page = cut_page(await found.to_list(), first)
        await self._residents.with_keys(page.rows)
        now = self._clock.now()
        await audit.record_reads(
            [
                deeds.of_caller(caller, "rights.source_conflict_read", _READ, row["_id"], now)
                for row in page.rows
            ]
        )
        shown = [
            RecordConflicts(Position(row["registered_at"], row["_id"]), self._facts(row))
            for row in page.rows
        ]
        return Page(shown, page.has_more)

    async def settle(
        self, caller: Caller | None, idempotency_key: str, decision: Settling
    ) -> datetime | Refusal:
        """Settle a conflict and return when; a birth date adopted reaches the certificates."""
        denied, why = may(caller, Act.RESIDENT_CORRECT), audit.reason_of(decision.reason)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        if isinstance(why, Refusal):
            return why
        if not is_resident_id(decision.resident_id):
            return CONFLICT_UNKNOWN
        answer = await self._done(caller, idempotency_key, decision, why)
        if answer is OWN_HOUSEHOLD:  # written down: the log raises the alert, as for a read
            whose, now = decision.resident_id, self._clock.now()
            await audit.record_read(
                deeds.of_caller(caller, _ACTION, _KEPT, whose, now, OWN_HOUSEHOLD)
            )
        return answer if isinstance(answer, Refusal) else datetime.fromisoformat(answer["at"])

    async def _done(
        self, who: Caller, idempotency_key: str, decision: Settling, why: str
    ) -> Answer | Refusal:
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            if await of_same_household(who.actor.id, [decision.resident_id], session):
                return OWN_HOUSEHOLD
            no = await self._settle(decision, now, session)
            if no is not None:
                return no
            words = _ADOPTED if decision.adopt else _KEPT
            deed = deeds.of_caller(who, _ACTION, words, decision.resident_id, now)
            await audit.record(replace(deed, reason=why), session)
            return {"at": now.isoformat()}

        return await self._once.perform(
            caller=who.thumbprint or who.actor.id,
            key=idempotency_key,
            request=_request(decision),
            now=now,
            act=act,
        )

    async def _settle(self, one: Settling, now: datetime, session: Session) -> Refusal | None:
        found = await Resident.get_pymongo_collection().find_one(
            {"_id": one.resident_id}, session=session
        )
        if found is None:
            return CONFLICT_UNKNOWN
        await self._residents.with_keys([found], session)
        ledger = FieldLedger(self._residents, found)
        standing = ledger.standing(one.which)
        word = next(
            (
                said
                for said in ledger.conflicts(one.which)
                if (said.source, said.at) == (one.source, one.said_at)
            ),
            None,
        )
        if standing is None or word is None:
            return CONFLICT_UNKNOWN
        if one.adopt and one.which is PersonField.PHONE:
            return PHONE_BY_HOLDER
        value = word.value if one.adopt else standing.value
        changed = ledger.settle(one.which, Word(Source.CORRECTION, now, value))
        await self._residents.write({one.resident_id: ledger.update(now) or {}}, session)
        if changed and one.which is PersonField.BIRTH:  # certificates tell of age
            await self._cards.renew_at(one.resident_id, now, session)
        return None

    def _facts(self, row: Row) -> list[ConflictFacts]:
        ledger = FieldLedger(self._residents, row)
        standing = [(which, ledger.standing(which)) for which in heard_fields()]
        return [
            ConflictFacts(row["_id"], which, _said(which, word), _said(which, other))
            for which, word in standing
            if word is not None
            for other in ledger.conflicts(which)
        ]


def _request(decision: Settling) -> dict[str, str]:
    return {
        "act": "settle source conflict",
        "resident": decision.resident_id,
        "field": decision.which.value,
        "source": decision.source.value,
        "said_at": decision.said_at.isoformat(),
        "adopt": str(decision.adopt),
        "reason": decision.reason,
    }


def _said(which: PersonField, word: Word) -> SaidBy:
    if which is PersonField.BIRTH:
        masked = mask_birth(date.fromisoformat(word.value))
    else:
        masked = mask_name(word.value) if which is PersonField.NAME else mask_phone(word.value)
    return SaidBy(word.source, word.at, masked)
