"""Holds 预约: first come, first served, a title at a time, until a copy waits on the shelf."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.foundation import audit
from backend.foundation.idempotency import Act as Work
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.library import refusals as no
from backend.library.copies import assign, lock_title, move, next_hold, read_copy, release
from backend.library.deeds import Acting
from backend.library.documents import (
    LibraryCopy,
    LibraryHold,
    LibraryLoan,
    LibraryPatron,
)
from backend.library.network import members_among, policy_in_force, titles_of
from backend.library.patrons import Patrons, count, facts_of, patron_of
from backend.library.rules import (
    OPEN_HOLDS,
    CopyState,
    HoldState,
    LoanState,
    is_library_code,
    refusal_to_hold,
)
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold as its reader sees it; `ahead`: so many wait before them."""

    hold_id: str
    title: str
    name: str
    pickup: str
    state: HoldState
    placed_at: datetime
    ahead: int
    shelf_until: datetime | None
    copy_id: str | None
    why: str | None


class Holds:
    """Places and cancels holds."""

    def __init__(self, patrons: Patrons, once: Once, clock: Clock) -> None:
        self._patrons = patrons
        self._once = once
        self._clock = clock

    async def place(
        self, acting: Acting, key: str, resident_id: str, title: str, pickup: str
    ) -> HoldView | Refusal:
        """Place a hold on a title, to be picked up at a member library.

        Where a copy stands on a shelf it is kept at once, the pick-up library's own first.
        """
        if not is_identifier(title):
            return no.TITLE_UNKNOWN
        if not is_library_code(pickup):
            return no.LIBRARY_UNKNOWN
        await self._patrons.open(resident_id, acting)
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            return await self._place(acting, resident_id, title, pickup, now, session)

        request = {"act": "library hold", "title": title, "pickup": pickup, "who": resident_id}
        return await self._done(acting, key, request, act)

    async def cancel(
        self, acting: Acting, key: str, hold_id: str, resident_id: str
    ) -> HoldView | Refusal:
        """Cancel the reader's own hold; a copy kept for it goes to the next."""
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            hold = await read_hold(hold_id, session) if is_identifier(hold_id) else None
            if hold is None or hold["resident_id"] != resident_id:
                return no.HOLD_UNKNOWN
            ended = await end_hold(hold, HoldState.CANCELLED, None, now, session)
            if ended is not None:
                return ended
            await audit.record(acting.deed("library.hold_cancelled", resident_id, now), session)
            return {"hold": hold_id}

        request = {"act": "library hold off", "hold": hold_id, "who": resident_id}
        return await self._done(acting, key, request, act)

    async def _done(
        self, acting: Acting, key: str, request: Mapping[str, str], act: Work
    ) -> HoldView | Refusal:
        now = self._clock.now()
        done = await self._once.perform(
            caller=acting.once, key=key, request=request, now=now, act=act
        )
        if isinstance(done, Refusal):
            return done
        row = await read_hold(done["hold"])
        return no.HOLD_UNKNOWN if row is None else (await hold_views([row]))[0]

    async def _place(
        self,
        acting: Acting,
        resident_id: str,
        title: str,
        pickup: str,
        now: datetime,
        session: Session,
    ) -> Answer | Refusal:
        locked = await lock_title(title, session, place=True)
        if locked is None:
            return no.TITLE_UNKNOWN
        if not await members_among([pickup], session):
            return no.LIBRARY_UNKNOWN
        policy, patron = await policy_in_force(session), await patron_of(resident_id, session)
        if patron is None:
            return no.PATRON_UNKNOWN
        refused = refusal_to_hold(await facts_of(patron, now, session), policy)
        if refused is not None:
            return refused
        if await _has_already(resident_id, title, session):
            return no.HELD_ALREADY
        lent = await lendable(title, session)
        if not lent:
            return no.NO_COPY
        hold = LibraryHold(
            id=random_identifier("hld"),
            resident_id=resident_id,
            title=title,
            pickup=pickup,
            place=locked["place"],
            state=HoldState.WAITING,
            placed_at=now,
            changed_at=now,
        )
        await hold.insert(session=session)
        done = await LibraryPatron.get_pymongo_collection().update_one(
            {"_id": patron["_id"], "open_holds": {"$lt": policy.holds}},
            {"$inc": {"open_holds": 1}},
            session=session,
        )
        if done.matched_count == 0:
            return no.too_many_holds(policy.holds)
        await _keep_one(lent, now, session, pickup)
        await audit.record(acting.deed("library.held", resident_id, now), session)
        return {"hold": hold.id}


async def read_hold(hold_id: str, session: Session | None = None) -> Row | None:
    """Return a stored hold."""
    return await LibraryHold.get_pymongo_collection().find_one({"_id": hold_id}, session=session)


async def hold_views(rows: Sequence[Row]) -> list[HoldView]:
    """Return stored holds as their reader sees them."""
    titles = await titles_of(row["title"] for row in rows)
    return [
        HoldView(
            hold_id=row["_id"],
            title=row["title"],
            name=titles[row["title"]].name if row["title"] in titles else "",
            pickup=row["pickup"],
            state=HoldState(row["state"]),
            placed_at=row["placed_at"],
            ahead=await _ahead(row),
            shelf_until=row.get("shelf_until"),
            copy_id=row.get("copy_id") if row["state"] == HoldState.READY else None,
            why=row.get("why"),
        )
        for row in rows
    ]


async def end_hold(
    hold: Row, state: HoldState, why: str | None, now: datetime, session: Session
) -> Refusal | None:
    """End an open hold and let go what was kept for it; return why that cannot be."""
    await lock_title(hold["title"], session)
    policy = await policy_in_force(session)
    forget_at = now + timedelta(days=policy.history_days)
    change: dict[str, Any] = {"state": state.value, "changed_at": now, "forget_at": forget_at}
    if why is not None:
        change["why"] = why
    done = await LibraryHold.get_pymongo_collection().update_one(
        {"_id": hold["_id"], "state": {"$in": sorted(OPEN_HOLDS)}},
        {"$set": change, "$unset": {"shelf_until": ""}},
        session=session,
    )
    if done.matched_count == 0:
        return no.HOLD_OVER
    await count(hold["resident_id"], session, open_holds=-1)
    kept = await read_copy(hold["copy_id"], session) if hold.get("copy_id") else None
    if kept is not None and kept.get("hold") == hold["_id"]:
        await release(kept, policy, now, session)
    return None


async def _ahead(hold: Row) -> int:
    if hold["state"] != HoldState.WAITING:
        return 0
    before = {
        "title": hold["title"],
        "state": HoldState.WAITING.value,
        "place": {"$lt": hold["place"]},
    }
    return await LibraryHold.get_pymongo_collection().count_documents(before)


async def _has_already(resident_id: str, title: str, session: Session) -> bool:
    """Tell whether a reader holds or has a title; both lists are short by the terms."""
    own = {"resident_id": resident_id}
    holds = LibraryHold.get_pymongo_collection()
    open_ = {**own, "title": title, "state": {"$in": sorted(OPEN_HOLDS)}}
    if await holds.find_one(open_, {"_id": 1}, session=session) is not None:
        return True
    out = {**own, "title": title, "state": LoanState.OPEN.value}
    loans = LibraryLoan.get_pymongo_collection()
    return await loans.find_one(out, {"_id": 1}, session=session) is not None


async def lendable(title: str, session: Session | None = None) -> list[Row]:
    """Return the copies of a title that members lend, on the shelves or not."""
    gone = [CopyState.LOST.value, CopyState.WITHDRAWN.value]
    found = LibraryCopy.get_pymongo_collection().find(
        {"title": title, "state": {"$nin": gone}}, session=session
    )
    rows = await found.to_list()
    members = await members_among((row["home"] for row in rows), session)
    return [row for row in rows if row["home"] in members]


async def _keep_one(lent: Sequence[Row], now: datetime, session: Session, pickup: str) -> None:
    """Keep what stands on the shelves for those who wait, the longest first."""
    free = [row for row in lent if row["state"] == CopyState.AVAILABLE]
    for copy in sorted(free, key=lambda row: (row["at"] != pickup, row["_id"])):
        waiting = await next_hold(copy, session)
        if waiting is None:
            return
        if await move(copy, CopyState.REQUESTED, now, session, hold=waiting["_id"]):
            await assign(waiting, copy["_id"], None, now, session)
