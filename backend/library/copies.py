"""Copies on their way: one at a time a title, and to whoever has waited longest.

Everything here runs in the transaction of the act that moves a copy. Whatever reads or changes a
title's queue of holds writes on the title (`lock_title`): of two such acts at once, one is done
again after the other. Lending a copy that is kept for nobody to a reader without holds does
neither; its writes on the copy and the reader keep it apart from whatever else wants them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from backend.foundation.mongo import ReturnDocument, Session
from backend.library.documents import LibraryCopy, LibraryHold, LibraryTitle
from backend.library.network import members_among
from backend.library.rules import CopyState, HoldState, LendingPolicy, Route, route

Row = Mapping[str, Any]
GONE = {"loan": "", "hold": "", "to": ""}


async def lock_title(title: str, session: Session, *, place: bool = False) -> Row | None:
    """Take the title for the transaction and return it; `place` draws the next in its queue."""
    change = {"revision": 1, "place": 1} if place else {"revision": 1}
    found: Row | None = await LibraryTitle.get_pymongo_collection().find_one_and_update(
        {"_id": title},
        {"$inc": change},
        {"place": 1},  # what it is found by is long
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return found


async def read_copy(barcode: str, session: Session | None = None) -> Row | None:
    """Return a stored copy."""
    return await LibraryCopy.get_pymongo_collection().find_one({"_id": barcode}, session=session)


def copy_guard(copy: Row) -> dict[str, Any]:
    """Match a copy only as it was read."""
    return {"_id": copy["_id"], "revision": copy["revision"]}


def hold_guard(hold: Row) -> dict[str, Any]:
    """Match a hold only while it stands as it was read."""
    return {"_id": hold["_id"], "state": hold["state"]}


async def move(
    copy: Row, state: CopyState, now: datetime, session: Session, **more: str | None
) -> bool:
    """Write where a copy stands now; what `more` does not name, it loses. Tell whether it held."""
    kept = {name: value for name, value in more.items() if value is not None}
    lost = {name: "" for name in GONE if name not in kept}
    done = await LibraryCopy.get_pymongo_collection().update_one(
        copy_guard(copy),
        {
            "$set": {"state": state.value, "changed_at": now, **kept},
            "$unset": lost,
            "$inc": {"revision": 1},
        },
        session=session,
    )
    return done.matched_count == 1


async def next_hold(copy: Row, session: Session) -> Row | None:
    """Return who has waited longest for a title; nobody where a leaver's copy would serve."""
    lends = await members_among([copy["home"]], session)
    return await _first_waiting(copy, session) if lends else None


async def _first_waiting(copy: Row, session: Session) -> Row | None:
    waiting = {"title": copy["title"], "state": HoldState.WAITING.value}
    found = LibraryHold.get_pymongo_collection().find(waiting, session=session)
    rows = await found.sort("place", 1).limit(1).to_list()
    return rows[0] if rows else None


async def assign(
    hold: Row, copy_id: str, shelf_until: datetime | None, now: datetime, session: Session
) -> bool:
    """Give a copy to a hold: ready until then where it is on the shelf. Tell whether it held."""
    state = HoldState.ASSIGNED if shelf_until is None else HoldState.READY
    change: dict[str, Any] = {"state": state.value, "copy_id": copy_id, "changed_at": now}
    if shelf_until is not None:
        change["shelf_until"] = shelf_until
    done = await LibraryHold.get_pymongo_collection().update_one(
        hold_guard(hold), {"$set": change}, session=session
    )
    return done.matched_count == 1


async def settle_in_hand(
    copy: Row, at: str, policy: LendingPolicy, now: datetime, session: Session
) -> Route | None:
    """Route a copy that is in hand at a library; None where somebody was faster.

    The hold it is kept for has it, else whoever waited longest, else it goes home.
    """
    lends = bool(await members_among([copy["home"]], session))
    waiting = await _first_waiting(copy, session) if lends else None
    return await settle_known(copy, at, waiting, policy, now, session, lends=lends)


async def settle_known(
    copy: Row,
    at: str,
    waiting: Row | None,
    policy: LendingPolicy,
    now: datetime,
    session: Session,
    *,
    lends: bool,
) -> Route | None:
    """Route a copy as `settle_in_hand` does, by who waits for it and whether its home lends."""
    hold = await _kept_for(copy, session)
    if hold is None and lends:
        hold = waiting
    pickup = None if hold is None else hold["pickup"]
    way = route(at, copy["home"], pickup, home_lends=lends)
    if hold is not None:
        ready = now + timedelta(days=policy.shelf_days)
        until = ready if way.state is CopyState.ON_SHELF else None
        if not await assign(hold, copy["_id"], until, now, session):
            return None
    hold_id = None if hold is None else hold["_id"]
    to = way.to if way.state is CopyState.IN_TRANSIT else None
    moved = await move(copy, way.state, now, session, at=at, to=to, hold=hold_id)
    return way if moved else None


async def release(copy: Row, policy: LendingPolicy, now: datetime, session: Session) -> bool:
    """Let a copy go that was kept for a hold which ended; tell whether it held."""
    bare = {name: value for name, value in copy.items() if name != "hold"}
    if copy["state"] == CopyState.ON_SHELF:
        return await settle_in_hand(bare, copy["at"], policy, now, session) is not None
    following = await next_hold(copy, session)
    state = CopyState(copy["state"])
    if following is not None:
        if not await assign(following, copy["_id"], None, now, session):
            return False
        to = following["pickup"] if state is CopyState.IN_TRANSIT else None
        return await move(copy, state, now, session, to=to, hold=following["_id"])
    if state is CopyState.IN_TRANSIT:
        return await move(copy, state, now, session, to=copy["home"])
    return await move(copy, CopyState.AVAILABLE, now, session)


async def _kept_for(copy: Row, session: Session) -> Row | None:
    if copy.get("hold") is None:
        return None
    wanted = {"_id": copy["hold"]}
    hold = await LibraryHold.get_pymongo_collection().find_one(wanted, session=session)
    kept = hold is not None and hold["state"] in {HoldState.ASSIGNED, HoldState.READY}
    return hold if kept else None
