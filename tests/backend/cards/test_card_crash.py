"""Power goes while cards are swapped: nothing is half done, and nothing told is lost.

A program of its own owns the store and swaps one resident's card again and again; it is killed with
SIGKILL somewhere in a write, and mongod dies with it.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from backend.foundation.embedded_mongod import embedded_mongod
from backend.settings import read_settings

Told = dict[str, Any]
ROOT = Path(__file__).parents[3]
KILLS = 4
_SWAPS = """
import asyncio, json, sys
from backend.app import open_house
from backend.cards.card_services import CardServices, Wish
from backend.cards.card_writes import SYSTEM, PhysicalCard
from backend.cards.commands import COUNTER
from backend.cards.lifecycle import ReplacementReason
from backend.cards.service import Cards
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.settings import read_settings
from shared.clock import SystemClock
from shared.trust.status_list import card_digest
from tests.backend.actors import City, Holder, id_number

async def step(cards, number, given):
    in_hand = Wish(COUNTER, f"swap-{number:06}", card_in_hand=True)
    if number % 3 == 0:
        reason = ReplacementReason.DAMAGED
        return await cards.replace(in_hand, given, reason, keep_number=False)
    if number % 3 == 1:
        physical = PhysicalCard(f"D{number:08}", card_digest(b"%d" % number), 3)
        return await cards.produced(Wish(SYSTEM, f"swap-{number:06}"), given, physical)
    return await cards.enable(in_hand, given)

async def main(uri, settings, last):
    clock, keys = SystemClock(), load_keys(settings)
    async with open_house(settings, uri, keys, clock, {}) as house:
        cards = house.services[CardServices]
        if last is None:
            holder = await City(None, house, clock).holder()
            number, given = 0, holder.card_id
        else:
            number, given = last["number"], last["given"]
        while True:
            done = await step(cards, number, given)
            print(json.dumps({"number": number, "given": given, "card": done.card_id}), flush=True)
            number, given = number + 1, done.card_id

settings = read_settings({"YIKATONG_DATA_DIR": sys.argv[1]})
with embedded_mongod(settings) as mongod:
    asyncio.run(main(mongod.uri, settings, json.loads(sys.argv[2])))
"""


def _run_and_kill(
    folder: Path, last: dict[str, Any] | None, seconds: float
) -> list[dict[str, Any]]:
    """Let the program work for a while after its first answer; return what it told."""
    program = subprocess.Popen(
        [sys.executable, "-c", _SWAPS, str(folder), json.dumps(last)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    first = program.stdout.readline()
    time.sleep(seconds)
    program.kill()
    rest, _ = program.communicate(timeout=60)
    told = [first, *rest.splitlines()]
    return [json.loads(line) for line in told if line.strip().endswith("}")]


def _half_done(database: Any) -> list[str]:
    cards, found = list(database["cards"].find({})), []
    for states in (("ACTIVE", "SUSPENDED"), ("IN_PRODUCTION", "AWAITING_COLLECTION")):
        counts = Counter(card["resident_id"] for card in cards if card["state"] in states)
        found += [f"{count} cards in {states}" for count in counts.values() if count > 1]
    if sum(card["state"] == "ACTIVE" for card in cards) != 1:
        found.append("no card counts")
    for card in cards:
        rows = list(database["card_events"].find({"card_id": card["_id"]}).sort("revision", 1))
        if rows and rows[-1]["after"] != card["state"]:
            found.append(f"{card['state']} follows {rows[-1]['after']}")
        # The first card was taken over, its first event is number 1; the others begin with 0.
        begins = 1 if card["version"] == 1 else 0
        if [row["revision"] for row in rows] != list(range(begins, card["revision"] + 1)):
            found.append("an event is missing")
    if database["kept_answers"].count_documents({"answer": {}}):
        found.append("a key is taken and has no answer")
    return found


@pytest.mark.feature("S9", "S10")
def test_killed_in_the_middle_of_a_swap_nothing_is_half_done_and_nothing_told_is_lost(
    tmp_path: Path,
) -> None:
    last: Told | None = None
    told: dict[int, Told] = {}
    for kill in range(KILLS):
        lines = _run_and_kill(tmp_path, last, 0.31 + 0.17 * kill)
        assert lines, "the program did not work"
        for line in lines:
            # The last wish before the kill was sent again: it has the same answer.
            assert told.setdefault(line["number"], line) == line
        last = lines[-1]
    assert last is not None

    with (
        embedded_mongod(read_settings({"YIKATONG_DATA_DIR": str(tmp_path)})) as mongod,
        MongoClient[dict[str, Any]](mongod.uri) as client,
    ):
        database = client["yikatong"]
        assert _half_done(database) == []
        known = {card["_id"] for card in database["cards"].find({}, {"_id": 1})}
        assert {line["card"] for line in told.values()} <= known
        enabled = [line["card"] for line in told.values() if line["number"] % 3 == 2]
        left = database["cards"].find({"_id": {"$in": enabled}})
        assert {card["state"] for card in left} <= {"ACTIVE", "REPLACED"}
    assert len(told) > KILLS
