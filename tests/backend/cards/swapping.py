"""A program that owns a store and swaps one resident's card again and again, until it is killed."""

import asyncio
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

from backend.app import House, open_house
from backend.cards.card_service_frame import CardChange, Wish
from backend.cards.card_services import CardServices
from backend.cards.card_writes import SYSTEM, PhysicalCard
from backend.cards.commands import COUNTER
from backend.cards.lifecycle import ReplacementReason
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.foundation.refusals import Refusal
from backend.settings import read_settings
from shared.clock import SystemClock
from shared.trust.status_list import card_digest
from tests.backend.actors import City

Told = dict[str, Any]


def swap(folder: Path, last: Told | None, told: "Connection[Told, Told]") -> None:
    """Go on after `last`, and send what was answered to each wish."""
    settings = read_settings({"YIKATONG_DATA_DIR": str(folder)})

    async def main(uri: str) -> None:
        clock, keys = SystemClock(), load_keys(settings)
        async with open_house(settings, uri, keys, clock, {}) as house:
            await _swap(house, last, told.send)

    with embedded_mongod(settings) as mongod:
        asyncio.run(main(mongod.uri))


async def _swap(house: House, last: Told | None, tell: Callable[[Told], None]) -> None:
    if last is None:
        holder = await City(cast("Any", None), house, cast("Any", SystemClock())).holder()
        number, given = 0, holder.card_id
    else:
        number, given = last["number"], last["given"]
    while True:
        done = await _step(house.services[CardServices], number, given)
        assert not isinstance(done, Refusal), done
        tell({"number": number, "given": given, "card": done.card_id})
        number, given = number + 1, done.card_id


async def _step(cards: CardServices, number: int, given: str) -> CardChange | Refusal:
    in_hand = Wish(COUNTER, f"swap-{number:06}", card_in_hand=True)
    if number % 3 == 0:
        reason = ReplacementReason.DAMAGED
        return await cards.replace(in_hand, given, reason, keep_number=False)
    if number % 3 == 1:
        physical = PhysicalCard(f"D{number:08}", card_digest(b"%d" % number), 3)
        return await cards.produced(Wish(SYSTEM, f"swap-{number:06}"), given, physical)
    return await cards.enable(in_hand, given)
