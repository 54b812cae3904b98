"""Power goes while cards are swapped: nothing is half done, and nothing told is lost.

A program of its own owns the store and swaps one resident's card again and again. Somewhere in a
write its mongod gets SIGKILL, so that what was not in its journal is gone; then the program does.
"""

import os
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from backend.foundation.embedded_mongod import embedded_mongod, running_mongod
from backend.settings import read_settings
from tests.backend.cards.swapping import Told, swap
from tests.support.processes import FORKS
from tests.support.soak import SOAK

KILLS = 30 if SOAK else 2


def _run_and_kill(folder: Path, last: Told | None, seconds: float) -> list[Told]:
    """Let the program work for a while after its first answer; return what it told."""
    heard, tells = FORKS.Pipe(duplex=False)
    program = FORKS.Process(target=swap, args=(folder, last, tells))
    program.start()
    tells.close()
    told: list[Told] = []
    with heard, suppress(EOFError):
        told.append(heard.recv())
        time.sleep(seconds)
        mongod = running_mongod(read_settings({"YIKATONG_DATA_DIR": str(folder)}))
        assert mongod is not None, "mongod was not there to be killed"
        os.kill(mongod.pid, signal.SIGKILL)
        program.kill()
        while True:
            told.append(heard.recv())
    program.join()
    return told


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


@pytest.mark.soak
@pytest.mark.feature("S9", "S10")
def test_killed_in_the_middle_of_a_swap_nothing_is_half_done_and_nothing_told_is_lost(
    tmp_path: Path,
) -> None:
    last: Told | None = None
    told: dict[int, Told] = {}
    for kill in range(KILLS):
        lines = _run_and_kill(tmp_path, last, 0.31 + 0.17 * (kill % 5))
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
