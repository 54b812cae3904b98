"""A copy of everything held about a person 个人信息副本 (PIPL 45): read from every area at once.

What is read, and what each field is called, the areas declare (`personal_data`). The values are in
the clear: the copy is made for the person alone, and a row in the audit log tells of it first.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Any

from backend.accounts.tries import TryLimits
from backend.figures import RightsPolicy
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.mongo import DESCENDING, Session, Store
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.person_keys import PersonSealer, sealers_of
from backend.foundation.personal_data import PersonalRecords
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.residents.same_person import same_person
from backend.rights import deeds
from backend.rights.personal_data import LEFT_OUT
from shared.clock import Clock
from shared.localized_text import LocalizedText

FORMAT = "yikatong.personal_copy/1"
COPIES_TOO_OFTEN = "copies_too_often"
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one kind of records, each by the keys of `records.told`; kept out of `repr`."""

    records: PersonalRecords
    rows: Sequence[Mapping[str, Any]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonalCopy:
    """Everything about one person at one instant."""

    resident_id: str
    made_at: datetime
    sections: Sequence[Section] = field(repr=False)

    def to_json(self) -> bytes:
        """Return the copy as UTF-8 JSON: times in ISO 8601, bytes in hex."""
        content = {
            "format": FORMAT,
            "made_at": self.made_at,
            "resident_id": self.resident_id,
            "records": [_section(one) for one in self.sections],
            "not_included": {name: _words(why) for name, why in LEFT_OUT.items()},
        }
        return json.dumps(content, ensure_ascii=False, indent=1, default=_plain).encode()


class PersonalCopies:
    """Makes copies; `catalogue` is what all areas declare."""

    def __init__(
        self,
        store: Store,
        sealer: Sealer,
        limits: TryLimits,
        policy: RightsPolicy,
        clock: Clock,
        catalogue: Sequence[PersonalRecords],
    ) -> None:
        self._store = store
        self._sealer = sealer
        self._limits = limits
        self._policy = policy
        self._clock = clock
        self.catalogue = catalogue

    async def copy(
        self, caller: Caller | None, subject: str | None = None
    ) -> PersonalCopy | Refusal:
        """Return the copy of `subject`, None being the caller, after its deed is recorded.

        Raises:
            SealBroken: a stored value was altered.
        """
        resident_id = subject or (caller.resident_id if caller else None)
        refused = may(caller, Act.RIGHTS_EXERCISE, resident_id)
        if refused is None and resident_id is not None:
            refused = await self._too_often(resident_id)
        now = self._clock.now()
        if caller is not None:
            action = "rights.copied"
            deed = deeds.of_caller(caller, action, deeds.COPIED, resident_id, now, refused)
            await audit.record_read(deed)
        if refused is not None or resident_id is None:
            return refused or SIGN_IN_NEEDED
        return PersonalCopy(resident_id, now, await self._sections(resident_id))

    async def of(self, resident_id: str) -> PersonalCopy:
        """Return a person's copy for whoever was permitted it and wrote its deed down."""
        return PersonalCopy(resident_id, self._clock.now(), await self._sections(resident_id))

    async def _too_often(self, resident_id: str) -> Refusal | None:
        limit = self._policy.copies_per_hour
        locked = await self._limits.take("personal_copy", resident_id, limit, _HOUR)
        if locked is None:
            return None
        return locked.refusal(
            COPIES_TOO_OFTEN, "副本获取过于频繁。", "Copies were asked for too often."
        )

    async def _sections(self, resident_id: str) -> list[Section]:
        """Read all records as they stood at one instant."""
        async with self._store.client.start_session(snapshot=True) as session:
            people = await same_person(resident_id, session)
            own = await sealers_of(self._sealer, people, session)
            return [
                Section(records, await self._rows_of(records, list(own.values()), session))
                for records in self.catalogue
            ]

    async def _rows_of(
        self, records: PersonalRecords, people: Sequence[PersonSealer], session: Session
    ) -> list[dict[str, Any]]:
        """Return the rows of one person's records, each told once, whichever it is about."""
        found = [await self._rows(records, own, session) for own in people]
        if len(found) == 1:
            return found[0]
        seen: list[dict[str, Any]] = []
        for row in chain.from_iterable(found):
            if row not in seen:
                seen.append(row)
        return seen

    async def _rows(
        self, records: PersonalRecords, own: PersonSealer, session: Session
    ) -> list[dict[str, Any]]:
        whose: Any = own.resident_id
        if records.through is not None:
            collection, person = records.through
            ids = self._store.database[collection].find(
                {person: own.resident_id}, {"_id": 1}, session=session
            )
            whose = {"$in": [row["_id"] async for row in ids]}
        found = self._store.database[records.collection].find(
            {records.person: whose, **records.matching},
            dict.fromkeys(records.told, 1),
            session=session,
        )
        if records.newest_first is not None:
            found = found.sort(records.newest_first, DESCENDING)
        return [_told(records, row, own) async for row in found]


def _told(records: PersonalRecords, row: Mapping[str, Any], own: PersonSealer) -> dict[str, Any]:
    return {one.key: one.value(name, row, own) for name, one in records.told.items()}


def _section(section: Section) -> dict[str, Any]:
    records = section.records
    return {
        "code": records.code,
        "title": _words(records.title),
        "kept": _words(records.kept),
        "fields": {one.key: _words(one.label) for one in records.told.values()},
        "withheld": {name: _words(why) for name, why in records.withheld.items()},
        "rows": section.rows,
    }


def _words(text: LocalizedText) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)
