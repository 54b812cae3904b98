"""The codes on paper 纸质当日码 of cards, as readers and lists need them.

A paper's serial stands in a range of its own, which a card's own phones never reach: a stopped one
is told to readers by the status list, as any unbound phone. One that a delegate had made stands
among their mandate's codes beside, so that what ends the mandate stops it in the same write.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.cards.documents import PaperCode
from backend.foundation.mongo import Session
from backend.foundation.store_changes import Watched
from backend.mandates.representing import ShowingPhone, codes_going, forget_code
from shared.ecode.algorithms import Algorithm, PublicKey

FIRST_PAPER = 0x7000
SHOWN_PAPERS = Watched(PaperCode.get_pymongo_collection, ("card_index",))
PAPERS = 1 << 12
"""So many papers a card can have while they are kept; drawn, so that they tell nothing."""


def is_paper(serial: int) -> bool:
    """Tell whether a serial names a paper."""
    return FIRST_PAPER <= serial < FIRST_PAPER + PAPERS


async def paper_is_live(card_index: int, serial: int) -> bool:
    """Tell whether a card has that paper, not stopped."""
    found = await PaperCode.get_pymongo_collection().find_one(
        {"card_index": card_index, "serial": serial}, {"live": 1, "mandate": 1}
    )
    if found is None or not found["live"]:
        return False
    by = found.get("mandate")
    return by is None or (card_index, serial) in await codes_going([by])


async def live_among(papers: Sequence[PaperCode]) -> frozenset[str]:
    """Return the ids of those that nobody stopped, nor what ended a mandate, in one read."""
    going = await codes_going(sorted({one.mandate for one in papers if one.mandate is not None}))
    return frozenset(
        one.id
        for one in papers
        if one.live and (one.mandate is None or (one.card_index, one.serial) in going)
    )


async def stop_papers(wanted: Mapping[str, Any], now: datetime, session: Session) -> bool:
    """Stop the live papers that match; tell whether there were any."""
    papers = PaperCode.get_pymongo_collection()
    by_mandates = papers.find({**wanted, "mandate": {"$exists": True}}, session=session)
    for row in await by_mandates.to_list():
        await forget_code(row["mandate"], row["card_index"], row["serial"], session)
    done = await papers.update_many(
        wanted, {"$set": {"live": False, "stopped_at": now}}, session=session
    )
    return done.modified_count > 0


async def free_serial(card_index: int, session: Session) -> int:
    """Draw a serial that no paper of the card has; a unique index guards it."""
    found = PaperCode.get_pymongo_collection().find(
        {"card_index": card_index}, {"serial": 1}, session=session
    )
    used = {row["serial"] async for row in found}
    while (serial := FIRST_PAPER + secrets.randbelow(PAPERS)) in used:
        pass
    return serial


async def papers_stopped(now: datetime) -> list[tuple[int, int]]:
    """Return card index and serial of stopped papers whose day is not over."""
    stopped = {"stopped_at": {"$type": "date"}, "ends_at": {"$gt": now}}
    found = PaperCode.get_pymongo_collection().find(stopped, {"card_index": 1, "serial": 1})
    return [(row["card_index"], row["serial"]) async for row in found]


async def paper_stopped_after(instant: datetime) -> bool:
    """Tell whether any paper was stopped after `instant`."""
    wanted = {"stopped_at": {"$gt": instant}}
    return await PaperCode.get_pymongo_collection().find_one(wanted, {"_id": 1}) is not None


async def papers_of(
    card_indexes: Sequence[int], now: datetime
) -> dict[int, dict[int, ShowingPhone]]:
    """Return papers that still count, by card index and serial, in one read.

    Without those made under mandates: `phones_showing` has them while their mandate lasts.
    """
    wanted = {
        "card_index": {"$in": list(card_indexes)},
        "live": True,
        "mandate": {"$exists": False},
        "ends_at": {"$gt": now},
    }
    papers = dict[int, dict[int, ShowingPhone]]()
    async for row in PaperCode.get_pymongo_collection().find(wanted):
        key = PublicKey(Algorithm(row["algorithm"]), bytes(row["public_key"]))
        shown = ShowingPhone(key, row["ends_at"])
        papers.setdefault(row["card_index"], {})[row["serial"]] = shown
    return papers
