"""Breaches 个人信息泄露 (PIPL 57, L14): who is affected, by the log, and telling them.

A breach is given by who or what leaked: accounts, and organisations, of several departments at
once. Whoever they read in that time is affected. Declaring it is one row of the log; each person
affected finds a row of their own in "who used my data", whether they have a phone or not.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import OK, AuditRow, Deed, System, reason_of
from backend.foundation.idempotency import KEY_FORM, is_key
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal, refusal
from backend.residents.standing import with_phone
from shared.clock import Clock
from shared.identifiers import is_identifier
from shared.localized_text import LocalizedText

BATCH = 1_000
MAX_SOURCES = 100
_ASSESSED = LocalizedText("查询了一次泄露所影响的人员", "Looked up who a breach affects")
_DECLARED = LocalizedText("登记了一次个人信息泄露事件", "Declared a breach of personal data")
_NOTICE = LocalizedText(
    "您的个人信息可能已在一次安全事件中泄露；请留意可疑来电，详情请到网点或拨打服务热线",
    "Your data may have leaked in a security incident; beware of calls, ask an outlet or call us",
)
BREACH_FORM = refusal(
    "breach_form",
    (
        "请给出1至100个账号或机构，以及已经过去的起止时间。",
        "Give 1 to 100 accounts or organisations, and a time that is over, from before to.",
    ),
    ("请核对后重新提交。", "Check them and send it again."),
)


@dataclass(frozen=True, slots=True)
class Leak:
    """What leaked: all that these accounts (by id) and organisations (by code) read in a time."""

    actors: Sequence[str]
    organisations: Sequence[str]
    since: datetime
    until: datetime

    def fits(self, now: datetime) -> bool:
        """Tell whether it names somebody and a time that is over, so that it will not change."""
        sources = (*self.actors, *self.organisations)
        named = 1 <= len(sources) <= MAX_SOURCES and all(map(_is_name, sources))
        return named and self.since < self.until <= now

    @property
    def wanted(self) -> dict[str, Any]:
        """The rows that disclosed somebody's data to them."""
        by_actor = {"actor.id": {"$in": list(self.actors)}}
        by_either = [by_actor, {"organisation.code": {"$in": list(self.organisations)}}]
        return {
            **({"$or": by_either} if self.organisations else by_actor),
            "at": {"$gte": self.since, "$lt": self.until},
            "subject": {"$exists": True},
            "disclosed": True,
            "result": OK,
        }

    @property
    def index(self) -> str:
        """The index that finds them."""
        return "newest" if self.organisations else "of_actor"


@dataclass(frozen=True, slots=True)
class Affected:
    """Somebody whose data was read; without a phone they are told by letter."""

    resident_id: str
    times: int
    first: datetime
    last: datetime
    has_phone: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """A breach as it was declared; `incident_id` is its row in the log."""

    incident_id: str
    affected: int
    without_phone: int


class Breaches:
    """Assesses breaches for the security officer and tells those affected."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def affected(self, caller: Caller | None, leak: Leak) -> list[Affected] | Refusal:
        """Return who is affected, those read most often first."""
        denied = await self._denied(caller, "audit.breach_assessed", _ASSESSED, leak)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        await audit.record_read(self._deed(caller, "audit.breach_assessed", _ASSESSED))
        return [one async for batch in _batches(leak) for one in batch]

    async def declare(
        self, caller: Caller | None, idempotency_key: str, leak: Leak, reason: str
    ) -> Declared | Refusal:
        """Note a breach and tell everybody affected, once per key.

        It may be repeated after a crash with the same key: nobody is told twice.
        """
        denied = await self._denied(caller, "audit.breach_declared", _DECLARED, leak)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        why = reason_of(reason)
        if isinstance(why, Refusal):
            return why
        if not is_key(idempotency_key):
            return KEY_FORM
        asked = "\0".join((idempotency_key, caller.actor.id, repr(leak), why))
        incident = hashlib.sha256(asked.encode()).hexdigest()[:26]
        declared = self._deed(caller, "audit.breach_declared", _DECLARED, reason=why)
        incident_id = await audit.record_once(declared, incident)
        told = unreachable = 0
        async for batch in _batches(leak):
            notice = replace(self._deed(caller, "audit.breach_notice", _NOTICE), origin=incident_id)
            deeds = [replace(notice, subject=one.resident_id) for one in batch]
            await audit.record_each_once(deeds, incident)
            told += len(batch)
            unreachable += sum(not one.has_phone for one in batch)
        return Declared(incident_id, told, unreachable)

    async def _denied(
        self, caller: Caller | None, action: str, words: LocalizedText, leak: Leak
    ) -> Refusal | None:
        """Return why not; the try of whoever is signed in is written down."""
        denied = may(caller, Act.BREACH_HANDLE)
        if denied is not None and caller is not None:
            await audit.record_read(
                replace(self._deed(caller, action, words), result=audit.refused(denied))
            )
        return denied or (None if leak.fits(self._clock.now()) else BREACH_FORM)

    def _deed(self, caller: Caller, action: str, words: LocalizedText, reason: str = "") -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action=action,
            words=words,
            system=System.COUNTER if caller.staff_id else System.BATCH,
            organisation=caller.organisation,
            reason=reason,
        )


async def _batches(leak: Leak) -> AsyncIterator[list[Affected]]:
    """Yield who is affected, most read first; the store counts them, however many they are."""
    found = await AuditRow.get_pymongo_collection().aggregate(
        [
            {"$match": leak.wanted},
            {
                "$group": {
                    "_id": "$subject",
                    "times": {"$sum": 1},
                    "first": {"$min": "$at"},
                    "last": {"$max": "$at"},
                }
            },
            {"$sort": {"times": -1, "_id": 1}},
        ],
        hint=leak.index,
        allowDiskUse=True,
        batchSize=BATCH,
    )
    while rows := await found.to_list(BATCH):
        reachable = await with_phone([row["_id"] for row in rows])
        yield [_affected(row, reachable) for row in rows]


def _affected(row: Mapping[str, Any], reachable: frozenset[str]) -> Affected:
    told = row["_id"] in reachable
    return Affected(row["_id"], row["times"], row["first"], row["last"], told)


def _is_name(text: str) -> bool:
    return is_identifier(text.replace("-", "_"))
