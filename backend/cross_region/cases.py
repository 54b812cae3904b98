"""Cases across regions at our outlets 网点: opened by a clerk, read by outlet and person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.cards.lifecycle import CardEvent, ReplacementReason
from backend.cross_region import deeds
from backend.cross_region.alliance import membership, outlet_items
from backend.cross_region.documents import CrossRegionCase, Row
from backend.cross_region.rules import (
    CASE_RUNS,
    CASE_UNKNOWN,
    CaseState,
    Direction,
    Opening,
    opening,
)
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import KEY_FORM, KEY_REUSED, Answer, Once
from backend.foundation.mongo import DESCENDING, DuplicateKeyError, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.residents.documents import ResidentStatus
from backend.residents.rules import RESIDENT_UNKNOWN, is_resident_id
from backend.residents.standing import status_of
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.localized_text import LocalizedText

_TRIED = "cross_region.opened"


@dataclass(frozen=True, slots=True)
class CaseWish:
    """What a clerk asks for whoever stands at the counter with a card of another region."""

    resident_id: str
    origin_region: int
    item: CardEvent
    reason: ReplacementReason | None = None
    card_in_hand: bool = False


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as it is shown; `result` is the issuing region's reason, where it refused."""

    case_id: str
    resident_id: str | None
    direction: Direction
    origin_region: int
    handling_region: int
    outlet: LocalizedText
    item: CardEvent
    state: CaseState
    opened_at: datetime
    changed_at: datetime
    result: LocalizedText | None
    disputed: bool

    @property
    def position(self) -> Position:
        """Where it stands in a list, the last opened first."""
        return Position(self.opened_at, self.case_id)


class CrossRegionCases:
    """Opens and shows cases."""

    def __init__(self, once: Once, refused: RefusedActs, region: int, clock: Clock) -> None:
        self._once = once
        self._refused = refused
        self._region = region
        self._clock = clock

    async def open(
        self, caller: Caller | None, idempotency_key: str, wish: CaseWish
    ) -> CaseFacts | Refusal:
        """Open a case; it goes to the issuing region by itself, as soon as that can be reached."""
        denied = may(caller, Act.CROSS_REGION_SERVE)
        if caller is None:
            return denied or SIGN_IN_NEEDED

        async def act(session: Session) -> Answer | Refusal:
            return await self._open(caller, wish, session)

        answer: Answer | Refusal = denied or await self._once.perform(
            caller=caller.thumbprint or caller.actor.id,
            key=idempotency_key,
            request=_request(wish),
            now=self._clock.now(),
            act=act,
        )
        if not isinstance(answer, Refusal):
            found = await CrossRegionCase.get_pymongo_collection().find_one({"_id": answer["case"]})
            return CASE_UNKNOWN if found is None else facts_of(found)
        if answer not in (KEY_FORM, KEY_REUSED):
            await self._note_refused(caller, wish, answer)
        return answer

    async def of_outlet(
        self, caller: Caller | None, first: int, after: Position | None
    ) -> Page[CaseFacts] | Refusal:
        """Return a page of the caller's outlet's cases; each person shown is told."""
        denied = may(caller, Act.CROSS_REGION_SERVE)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        own = {"handling_outlet": caller.organisation.code, "direction": Direction.OUTGOING.value}
        page = await _page(own, first, after)
        now, shown = self._clock.now(), {row.resident_id for row in page.rows if row.resident_id}
        await audit.record_reads([deeds.read(caller, one, now) for one in sorted(shown)])
        return page

    async def one(self, caller: Caller | None, case_id: str) -> CaseFacts | Refusal:
        """Return one case of the caller's outlet; the person is told of the look."""
        denied = may(caller, Act.CROSS_REGION_SERVE)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        wanted = {
            "_id": case_id,
            "handling_outlet": caller.organisation.code,
            "direction": Direction.OUTGOING.value,
        }
        cases = CrossRegionCase.get_pymongo_collection()
        found = await cases.find_one(wanted) if is_identifier(case_id) else None
        if found is None:
            return CASE_UNKNOWN
        if "resident_id" in found:
            await audit.record_read(deeds.read(caller, found["resident_id"], self._clock.now()))
        return facts_of(found)

    async def of_caller(
        self, caller: Caller | None, first: int, after: Position | None
    ) -> Page[CaseFacts] | Refusal:
        """Return a page of the caller's own cases, both ways, the last opened first."""
        own = caller.resident_id if caller else None
        denied = may(caller, Act.CROSS_REGION_READ, own)
        return denied or await _page({"resident_id": own}, first, after)

    async def _open(self, caller: Caller, wish: CaseWish, session: Session) -> Answer | Refusal:
        known = is_resident_id(wish.resident_id)
        status = await status_of(wish.resident_id, session) if known else None
        if status is None or status is ResidentStatus.CLOSED:
            return RESIDENT_UNKNOWN
        now, outlet = self._clock.now(), caller.organisation
        why = opening(
            Opening(wish.origin_region, wish.item, wish.reason),
            self._region,
            await membership(wish.origin_region, session),
            await outlet_items(outlet.code, session),
            now,
        )
        if why is not None:
            return why
        case = CrossRegionCase(
            id=random_identifier("xrc"),
            direction=Direction.OUTGOING,
            resident_id=wish.resident_id,
            origin_region=wish.origin_region,
            handling_region=self._region,
            handling_outlet=outlet.code,
            outlet_name={"zh": outlet.name.zh, "en": outlet.name.en},
            item=wish.item,
            reason=wish.reason,
            card_in_hand=wish.card_in_hand,
            state=CaseState.WAITING,
            opened_by=caller.staff_id,
            opened_at=now,
            changed_at=now,
            due_at=now,
        )
        try:
            await case.insert(session=session)
        except DuplicateKeyError:
            return CASE_RUNS
        await audit.record(deeds.opened(caller, case.model_dump(), now), session)
        return {"case": case.id}

    async def _note_refused(self, caller: Caller, wish: CaseWish, why: Refusal) -> None:
        known = is_resident_id(wish.resident_id) and await status_of(wish.resident_id) is not None
        about, now = wish.resident_id if known else None, self._clock.now()
        await self._refused.record(deeds.of_staff(caller, deeds.TRIED, about, now, why, _TRIED))


def facts_of(row: Row) -> CaseFacts:
    """Return a stored case as it is shown."""
    text = row.get("result_text")
    return CaseFacts(
        case_id=row["_id"],
        resident_id=row.get("resident_id"),
        direction=Direction(row["direction"]),
        origin_region=row["origin_region"],
        handling_region=row["handling_region"],
        outlet=LocalizedText(**row["outlet_name"]),
        item=CardEvent(row["item"]),
        state=CaseState(row["state"]),
        opened_at=row["opened_at"],
        changed_at=row["changed_at"],
        result=None if text is None else LocalizedText(**text),
        disputed="disputed_at" in row,
    )


async def _page(own: Row, first: int, after: Position | None) -> Page[CaseFacts]:
    wanted = dict(own)
    if after is not None:
        wanted["opened_at"] = {"$lte": after.at}
        wanted["$or"] = [{"opened_at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
    order = [("opened_at", DESCENDING), ("_id", DESCENDING)]
    found = CrossRegionCase.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
    return cut_page([facts_of(row) async for row in found], first)


def _request(wish: CaseWish) -> Mapping[str, str]:
    return {
        "act": "open cross-region case",
        "resident": wish.resident_id,
        "origin": str(wish.origin_region),
        "item": wish.item.value,
        "reason": wish.reason.value if wish.reason else "",
        "in_hand": str(wish.card_in_hand),
    }
