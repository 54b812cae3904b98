"""The codes on paper 纸质当日码 of cards, as readers and lists need them.

A paper's serial stands in a range of its own, which a card's own phones never reach: a stopped one
is told to readers by the status list, as any unbound phone.
"""

from collections.abc import Sequence
from datetime import datetime

from backend.cards.documents import PaperCode
from backend.foundation.store_changes import Watched
from backend.mandates.representing import ShowingPhone
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
        {"card_index": card_index, "serial": serial}, {"live": 1}
    )
    return found is not None and bool(found["live"])


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
    """Return papers that still count, by card index and serial, in one read."""
    wanted = {"card_index": {"$in": list(card_indexes)}, "live": True, "ends_at": {"$gt": now}}
    papers = dict[int, dict[int, ShowingPhone]]()
    async for row in PaperCode.get_pymongo_collection().find(wanted):
        key = PublicKey(Algorithm(row["algorithm"]), bytes(row["public_key"]))
        shown = ShowingPhone(key, row["ends_at"])
        papers.setdefault(row["card_index"], {})[row["serial"]] = shown
    return papers
