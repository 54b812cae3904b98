"""Cases of our own card holders that come from another region's system, done by the card services.

The other region's id of the case makes it one case, however often it comes: first the case is
stored, then the service is done under the case's own idempotency key, then what came of it. Where
this house dies in between, the other region's next try goes on from there.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from backend.cards.counter import CardCounter, CounterWish
from backend.cards.lifecycle import CardEvent, ReplacementReason
from backend.cross_region import deeds
from backend.cross_region.alliance import count, sender
from backend.cross_region.documents import CrossRegionCase, Row
from backend.cross_region.issuing_region import RegionAnswer, Said
from backend.cross_region.rules import (
    CASE_REUSED,
    HOLDER_UNKNOWN,
    OPEN,
    SENDER_UNKNOWN,
    CaseState,
    Direction,
    Membership,
)
from backend.cross_region.settling import take_answer
from backend.foundation import audit
from backend.foundation.access import Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.refusals import Refusal
from backend.residents.rules import PersonField, identity_of
from backend.residents.service import Residents
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.identity.age import local_day
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class IncomingCase:
    """What another region asks for; number and name are kept out of `repr`."""

    peer_case: str
    outlet: str
    outlet_name: LocalizedText
    item: CardEvent
    reason: ReplacementReason | None
    card_in_hand: bool
    number: str = field(repr=False)
    name: str = field(repr=False)


class IncomingCases:
    """Does what other regions ask for, and takes their answers to what we asked."""

    def __init__(
        self, residents: Residents, counter: CardCounter, region: int, clock: Clock
    ) -> None:
        self._residents = residents
        self._counter = counter
        self._region = region
        self._clock = clock

    async def perform(self, thumbprint: str, asked: IncomingCase) -> RegionAnswer | Refusal:
        """Do a case of the region whose key signed the request; the same case gets one answer."""
        known = await sender(thumbprint)
        if known is None:
            return SENDER_UNKNOWN
        region, member = known
        case = await self._stored(region, asked.peer_case)
        if case is None:
            why = await self._first(region, member, asked)
            if why is not None:
                return why
            case = await self._stored(region, asked.peer_case)
        if case is None:
            raise LookupError("a case that was just stored")
        if case["item"] != asked.item or not await self._same_person(case, asked):
            return CASE_REUSED
        if case["state"] in OPEN:
            case = await self._carry_out(case, asked)
        return _answer(case)

    async def answered(self, thumbprint: str, said: RegionAnswer) -> CaseState | Refusal:
        """Take a region's own word on a case that it was sent, early, late or again."""
        known = await sender(thumbprint)
        if known is None:
            return SENDER_UNKNOWN
        return await take_answer(known[0], said, self._clock.now())

    async def _stored(self, region: int, peer_case: str) -> Row | None:
        return await CrossRegionCase.get_pymongo_collection().find_one(
            {"handling_region": region, "peer_case": peer_case}
        )

    async def _first(self, region: int, member: Membership, asked: IncomingCase) -> Refusal | None:
        """Store a case that is new here, or return why it is not taken."""
        now = self._clock.now()
        why = member.takes(asked.item, now)
        if why is not None:
            return why
        holder = await self._holder(asked, now)
        if holder is None:
            return HOLDER_UNKNOWN
        case = CrossRegionCase(
            id=random_identifier("xrc"),
            direction=Direction.INCOMING,
            resident_id=holder,
            origin_region=self._region,
            handling_region=region,
            handling_outlet=asked.outlet,
            outlet_name={"zh": asked.outlet_name.zh, "en": asked.outlet_name.en},
            item=asked.item,
            reason=asked.reason,
            card_in_hand=asked.card_in_hand,
            state=CaseState.WAITING,
            opened_at=now,
            changed_at=now,
            peer_case=asked.peer_case,
        )

        async def act(session: Session) -> None:
            await case.insert(session=session)
            await audit.record(deeds.received(case.model_dump(), now), session)

        with suppress(DuplicateKeyError):  # it came twice at once
            await audit.in_one_write(act)
        return None

    async def _holder(self, asked: IncomingCase, now: datetime) -> str | None:
        """Return whose name and number these are; None for a stranger, and for a wrong name."""
        identity = identity_of(
            asked.number, asked.name, local_day(now), self._residents.longest_name
        )
        if isinstance(identity, Refusal):
            return None
        index = {"number_index": self._residents.number_index(identity.number.value)}
        for found in await self._residents.read(index, None, limit=1):
            if self._residents.open(found, PersonField.NAME) == identity.name:
                return str(found["_id"])
        return None

    async def _same_person(self, case: Row, asked: IncomingCase) -> bool:
        return case.get("resident_id") in (None, await self._holder(asked, self._clock.now()))

    async def _carry_out(self, case: Row, asked: IncomingCase) -> Row:
        wish = CounterWish(
            resident_id=case["resident_id"],
            service=CardEvent(case["item"]),
            idempotency_key=case["_id"],
            card_in_hand=case["card_in_hand"],
            reason=asked.reason,
        )
        done = await self._counter.serve(_clerk(case), wish)
        why = done if isinstance(done, Refusal) else None
        now, cases = self._clock.now(), CrossRegionCase.get_pymongo_collection()
        state = CaseState.DONE if why is None else CaseState.REFUSED
        change: Row = {"state": state.value, "changed_at": now}
        if why is not None:
            text = {"zh": why.text.zh, "en": why.text.en}
            change |= {"result_code": why.code, "result_text": text}

        async def act(session: Session) -> None:
            open_still = {"_id": case["_id"], "state": {"$in": [one.value for one in OPEN]}}
            written = await cases.update_one(open_still, {"$set": change}, session=session)
            if written.modified_count != 1:
                return  # the same case, asked for twice at once, was settled beside this
            if state is CaseState.DONE:
                await count(case, session)
            await audit.record(deeds.performed(case, state, now, why), session)

        await audit.in_one_write(act)
        settled = await cases.find_one({"_id": case["_id"]})
        return settled or case | change


def _clerk(case: Row) -> Caller:
    """Return the other region's outlet as whoever stands at the counter there."""
    region, outlet = case["handling_region"], case["handling_outlet"]
    organisation = Organisation(f"{region}-{outlet}", LocalizedText(**case["outlet_name"]))
    return Caller(
        staff_id=f"region_{region}",
        roles=frozenset({Role.OUTLET_CLERK}),
        organisation=organisation,
    )


def _answer(case: Row) -> RegionAnswer:
    peer_case, text = case["peer_case"], case.get("result_text")
    if case["state"] == CaseState.DONE:
        return RegionAnswer(peer_case, Said.DONE)
    if case["state"] in OPEN:
        return RegionAnswer(peer_case, Said.ACCEPTED)
    words = None if text is None else LocalizedText(**text)
    return RegionAnswer(peer_case, Said.REFUSED, case.get("result_code"), words)
