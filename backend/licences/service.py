"""Asking for licences at a desk, deciding on it on one's phone, and seeing them, once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from backend.assertions.evidence import Shown
from backend.assertions.presenting import Presenting
from backend.figures import LicenceFigures
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Organisation
from backend.foundation.idempotency import Act as Writing
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.licences import refusals as no
from backend.licences.deeds import by_desk, by_holder
from backend.licences.documents import LicenceRequest
from backend.licences.look_up import HeldLicence, LicenceLookUp
from backend.licences.registry import LicenceKind
from backend.licences.rules import (
    Desk,
    RequestFacts,
    RequestState,
    ShownState,
    Wish,
    refusal_to_decide,
    refusal_to_fetch,
    refusal_to_withdraw,
    shown_state,
)
from backend.residents.finding import ReadLimits
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.localized_text import LocalizedText

MOST_SHOWN = 20
Row = Mapping[str, Any]
Refuse = Callable[[RequestFacts, datetime], Refusal | None]


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as its holder and its desk see it; `until` ends the time to decide, or the grant.

    `ended_at` is when the desk saw them, or the holder took it back.
    """

    request_id: str
    desk: LocalizedText
    kinds: tuple[LicenceKind, ...]
    purpose: str
    state: ShownState
    asked_at: datetime
    until: datetime
    decided_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class FetchedLicences:
    """What a desk saw at `seen_at`; a kind that is in `missing` the holder does not have."""

    licences: tuple[HeldLicence, ...] = field(repr=False)
    missing: tuple[LicenceKind, ...]
    seen_at: datetime


class LicenceRequests:
    """Keeps requests, and shows licences to a desk by a grant alone."""

    def __init__(
        self,
        look_up: LicenceLookUp,
        presenting: Presenting,
        limits: ReadLimits,
        refused_acts: RefusedActs,
        once: Once,
        figures: LicenceFigures,
        clock: Clock,
    ) -> None:
        self._look_up = look_up
        self._presenting = presenting
        self._limits = limits
        self._refused = refused_acts
        self._once = once
        self._figures = figures
        self._clock = clock

    async def ask(
        self, caller: Caller | None, key: str, wish: Wish | Refusal, shown: Shown
    ) -> RequestView | Refusal:
        """Ask, as a desk, whoever shows their card there to see licences of theirs."""
        refused = may(caller, Act.LICENCE_REQUEST)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        if isinstance(wish, Refusal):
            return wish
        evidence = shown.code or shown.identification_code or ""
        request = {
            "act": "ask for licences",
            "kinds": ",".join(wish.kinds),
            "purpose": wish.purpose,
            "shown": evidence,
        }
        kept = await self._once.answered(caller=caller.actor.id, key=key, request=request)
        if kept is not None:  # the code that was shown then is long over
            return await self._told(kept)
        refused = await self._limits.of_reads(caller.actor.id)
        holder = refused or await self._presenting.holder(shown)
        if isinstance(holder, Refusal):
            return await self._noted(caller, "licences.requested", None, holder)
        found = holder
        row = self._new_row(caller, found.resident_id, wish)

        async def act(session: Session) -> Answer | Refusal:
            used = await self._presenting.use(found, session)
            if used is not None:
                return used
            await LicenceRequest.get_pymongo_collection().insert_one(dict(row), session=session)
            deed = by_desk(
                *(caller, "licences.requested", found.resident_id),
                *(wish.kinds, row["asked_at"], wish.purpose),
            )
            await audit.record_read(deed, session)
            return {"request": row["_id"]}

        done = await self._perform(caller.actor.id, key, request, act)
        if isinstance(done, Refusal):
            return await self._noted(caller, "licences.requested", row, done)
        return await self._told(done)

    async def fetch(
        self, caller: Caller | None, key: str, request_id: str
    ) -> FetchedLicences | Refusal:
        """See, as the desk that asked, the licences that were granted; it uses the grant up.

        The registry is asked before, so that one that is down uses nothing up; what it said leaves
        after the write alone. The same request again is the same look, while the grant would last.
        """
        refused = may(caller, Act.LICENCE_REQUEST)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        request = {"act": "fetch licences", "request": request_id}
        kept = await self._once.answered(caller=caller.actor.id, key=key, request=request)
        if isinstance(kept, Refusal):
            return kept
        row, now = await _row(request_id), self._clock.now()
        desk = _desk_of(caller)
        facts = None if row is None else _facts(row)
        if kept is not None and facts is not None:  # its own look used the grant up
            facts = replace(facts, state=RequestState.GRANTED)
        fault = refusal_to_fetch(facts, desk, now)
        if row is None or fault is not None:
            why = fault or no.LICENCE_REQUEST_UNKNOWN
            return await self._noted(caller, "licences.fetched", row, why)
        whose, kinds = row["resident_id"], tuple(map(LicenceKind, row["kinds"]))
        found = await self._look_up.of(whose, kinds)
        if isinstance(found, Refusal):
            return await self._noted(caller, "licences.fetched", row, found)
        if kept is None:
            act = self._using(caller, row)
            kept = await self._perform(caller.actor.id, key, request, act)
        if isinstance(kept, Refusal):
            return await self._noted(caller, "licences.fetched", row, kept)
        missing = tuple(one for one in kinds if all(held.kind is not one for held in found))
        return FetchedLicences(found, missing, kept["at"])

    async def of_holder(self, caller: Caller | None) -> tuple[RequestView, ...] | Refusal:
        """Return the newest requests about the caller."""
        person = caller.resident_id if caller else None
        refused = may(caller, Act.LICENCE_DECIDE, person)
        if person is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        rows = LicenceRequest.get_pymongo_collection().find({"resident_id": person})
        newest = await rows.sort("asked_at", DESCENDING).limit(MOST_SHOWN).to_list()
        return tuple(_view(row, self._clock.now()) for row in newest)

    async def decide(
        self, caller: Caller | None, key: str, request_id: str, *, agree: bool
    ) -> RequestView | Refusal:
        """Let the desk see all that it named for some minutes, or nothing of it."""
        lasts = timedelta(minutes=self._figures.grant_minutes)
        now = self._clock.now()
        change: dict[str, Any] = {"state": RequestState.REFUSED.value, "decided_at": now}
        if agree:
            change |= {"state": RequestState.GRANTED.value, "until": now + lasts}
        action = "licences.granted" if agree else "licences.refused"
        return await self._changed(caller, key, request_id, action, change, refusal_to_decide)

    async def withdraw(
        self, caller: Caller | None, key: str, request_id: str
    ) -> RequestView | Refusal:
        """Take back what was granted and not used."""
        change = {"state": RequestState.WITHDRAWN.value, "ended_at": self._clock.now()}
        return await self._changed(
            *(caller, key, request_id, "licences.withdrawn", change), refusal_to_withdraw
        )

    async def _changed(
        self,
        caller: Caller | None,
        key: str,
        request_id: str,
        action: str,
        change: Mapping[str, Any],
        refuse: Refuse,
    ) -> RequestView | Refusal:
        person = caller.resident_id if caller else None
        refused = may(caller, Act.LICENCE_DECIDE, person)
        if caller is None or person is None or refused is not None:
            return refused or SIGN_IN_NEEDED

        async def act(session: Session) -> Answer | Refusal:
            requests, now = LicenceRequest.get_pymongo_collection(), self._clock.now()
            own = {"_id": request_id, "resident_id": person}
            named = is_identifier(request_id)
            row = await requests.find_one(own, session=session) if named else None
            if row is None:
                return no.LICENCE_REQUEST_UNKNOWN
            refused = refuse(_facts(row), now)
            if refused is not None:
                return refused
            # Whoever changes it at the same moment meets this write and is asked again.
            standing = {**own, "state": row["state"], "until": {"$gt": now}}
            await requests.update_one(standing, {"$set": dict(change)}, session=session)
            kinds = map(LicenceKind, row["kinds"])
            deed = by_holder(action, person, _organisation(row), kinds, now)
            await audit.record(deed, session)
            return {"request": request_id}

        request = {"act": action, "request": request_id}
        return await self._told(await self._perform(person, key, request, act))

    def _using(self, caller: Caller, row: Row) -> Writing:
        """Return the write that uses a grant up and records the look, or neither."""

        async def act(session: Session) -> Answer | Refusal:
            requests, now = LicenceRequest.get_pymongo_collection(), self._clock.now()
            used = {"$set": {"state": RequestState.USED.value, "ended_at": now}}
            done = await requests.update_one(_serving(row["_id"], now), used, session=session)
            if done.modified_count == 0:
                left = await requests.find_one({"_id": row["_id"]}, session=session)
                facts = None if left is None else _facts(left)
                return refusal_to_fetch(facts, _desk_of(caller), now) or no.LICENCE_GRANT_USED
            kinds = map(LicenceKind, row["kinds"])
            deed = by_desk(
                *(caller, "licences.fetched", row["resident_id"], kinds, now, row["purpose"])
            )
            await audit.record_read(deed, session)
            # In whole milliseconds, as the store keeps it: a repeated request hears the same.
            at = now.replace(microsecond=now.microsecond // 1000 * 1000)
            return {"request": row["_id"], "at": at}

        return act

    def _new_row(self, caller: Caller, resident_id: str, wish: Wish) -> dict[str, Any]:
        now, desk = self._clock.now(), _desk_of(caller)
        name = caller.organisation.name
        return {
            "_id": random_identifier("lrq"),
            "resident_id": resident_id,
            "desk": {
                "code": desk.organisation,
                "zh": name.zh,
                "en": name.en,
                "staff": desk.staff,
                "terminal": desk.terminal,
            },
            "kinds": [one.value for one in wish.kinds],
            "purpose": wish.purpose,
            "state": RequestState.ASKED.value,
            "asked_at": now,
            "until": now + timedelta(minutes=self._figures.decide_minutes),
        }

    async def _perform(
        self, by: str, key: str, request: Mapping[str, str], act: Writing
    ) -> Answer | Refusal:
        now = self._clock.now()
        return await self._once.perform(caller=by, key=key, request=request, now=now, act=act)

    async def _told(self, done: Answer | Refusal) -> RequestView | Refusal:
        if isinstance(done, Refusal):
            return done
        row = await _row(done["request"])
        return no.LICENCE_REQUEST_UNKNOWN if row is None else _view(row, self._clock.now())

    async def _noted(self, caller: Caller, action: str, row: Row | None, why: Refusal) -> Refusal:
        """Put a refused act on record; who it is about finds the try in their list."""
        whose = None if row is None else row["resident_id"]
        kinds = () if row is None else map(LicenceKind, row["kinds"])
        now, result = self._clock.now(), audit.refused(why)
        await self._refused.record(by_desk(caller, action, whose, kinds, now, result=result))
        return why


def _serving(request_id: str, now: datetime) -> dict[str, Any]:
    """Return the condition under which a grant is used up: it stands, and nobody used it."""
    return {"_id": request_id, "state": RequestState.GRANTED.value, "until": {"$gt": now}}


def _desk_of(caller: Caller) -> Desk:
    return Desk(caller.organisation.code, caller.actor.id, caller.thumbprint)


async def _row(request_id: str) -> Row | None:
    if not is_identifier(request_id):
        return None
    row: Row | None = await LicenceRequest.get_pymongo_collection().find_one({"_id": request_id})
    return row


def _facts(row: Row) -> RequestFacts:
    desk = Desk(row["desk"]["code"], row["desk"]["staff"], row["desk"]["terminal"])
    return RequestFacts(desk, RequestState(row["state"]), row["until"])


def _organisation(row: Row) -> Organisation:
    desk = row["desk"]
    return Organisation(desk["code"], LocalizedText(desk["zh"], desk["en"]))


def _view(row: Row, now: datetime) -> RequestView:
    return RequestView(
        request_id=row["_id"],
        desk=_organisation(row).name,
        kinds=tuple(map(LicenceKind, row["kinds"])),
        purpose=row["purpose"],
        state=shown_state(RequestState(row["state"]), row["until"], now),
        asked_at=row["asked_at"],
        until=row["until"],
        decided_at=row.get("decided_at"),
        ended_at=row.get("ended_at"),
    )
