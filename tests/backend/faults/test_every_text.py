"""Every text that the schema takes, filled with what texts should not be."""

import json
import logging
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from zlib import crc32

import pytest

from backend.foundation.logs import EventFormatter
from tests.backend.accounts.actors import Device, People
from tests.backend.faults.answers import judged
from tests.backend.faults.schema_walk import Known, Operation, Path, operations, put
from tests.backend.test_reach import PHONE, REACH, RESIDENT, STRANGER
from tests.support.soak import SOAK

pytestmark = pytest.mark.soak
MARK = "QZJXK"  # no word of any answer of ours
HOSTILE = {
    "nul": f"{MARK}\0x",
    "only nul": "\0",
    "emoji": f"😀👨‍👩‍👧‍👦{MARK}",
    "right to left": f"\u202e{MARK}\u2066\u200f",
    "10 kB": MARK * 2_000,
    "lone surrogate": f"{MARK}\ud800",
    "swapped surrogates": "\udc00\ud800",
    "not a character": "\uffff\ufdd0",
    "combining": "ẕ̴̃" * 200,
    "a line more": f"{MARK}\r\n{{\"level\": \"error\"}}",
    "operator": '{"$ne": null}',
    "path": "../../../etc/passwd",
    "empty": "",
    "blank": "\u3000\u00a0 \t",
}  # fmt: skip
# What the interface itself may stumble over, whoever asks for whatever.
UNREADABLE = ("nul", "lone surrogate", "10 kB")
WALKED = [(operation, list(operation.texts())) for operation in operations()]
PLACES = [(operation, place) for operation, places in WALKED for place in places]
ACTS = [(one, places) for one, places in WALKED if one.kind == "mutation" and places]
# Questions change nothing, nor does who is not heard: they share one person. An act that is heard
# has a person of its own.
GROUPS = {
    "questions": [one for one in WALKED if one[0].kind == "query"],
    "unheard acts": [one for one in ACTS if not REACH[one[0].name] & {STRANGER, PHONE, RESIDENT}],
    **{
        one.name: [(one, places)]
        for one, places in ACTS
        if REACH[one.name] & {STRANGER, PHONE, RESIDENT}
    },
}


def texts(operation: Operation, place: Path) -> Iterator[str]:
    """Yield the kinds of text for a place: every one in `make soak`, else each third, by its name.

    What the interface itself may stumble over is always among them.
    """
    begin = crc32(f"{operation.name}:{'.'.join(place)}".encode()) % 3
    others = [kind for kind in HOSTILE if kind not in UNREADABLE]
    yield from UNREADABLE
    yield from others if SOAK else islice(others, begin, None, 3)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Every log line so far, in the form it has on stderr."""
    caplog.set_level(logging.DEBUG, "yikatong")
    formatter = EventFormatter()
    return lambda: "\n".join(formatter.format(record) for record in caplog.records)


def _named(places: list[tuple[Operation, Path]]) -> list[str]:
    return [f"{operation.name}:{'.'.join(place)}" for operation, place in places]


def test_the_walk_finds_texts_of_questions_and_of_acts() -> None:
    found = _named(PLACES)

    assert {"visits:after", "dataUse:subject", "enrolDevice:input.deviceName"} <= set(found)
    assert len(found) > 30


@pytest.mark.parametrize("group", GROUPS)
async def test_no_text_breaks_an_answer_or_a_log(
    people: People, device: Device, known: Known, lines: Callable[[], str], group: str
) -> None:
    for operation, places in GROUPS[group]:
        for place in places:
            await _ask_with_each_text(people, device, known, operation, place)
    log = lines()
    assert '"level": "error"' not in log, log
    assert MARK not in log


async def _ask_with_each_text(
    people: People, device: Device, known: Known, operation: Operation, place: Path
) -> None:
    """Ask with every text where the asker is heard; elsewhere no rule reads them (`test_reach`).

    Fields of staff get every text from their staff: `test_staff_texts.py`.
    """
    heard = REACH[operation.name] & {PHONE, RESIDENT}
    for kind in texts(operation, place) if heard else UNREADABLE:
        variables = put(operation.variables(known), place, HOSTILE[kind])
        stranger_too = kind in UNREADABLE and STRANGER in REACH[operation.name]
        for asker in (device, *([people.device()] if stranger_too else [])):
            answer = await asker.post(operation.document, variables)
            content = judged(answer)
            assert "data" in content or content["code"], (operation.name, place, kind, content)
            said = json.dumps(_without_own_names(content))
            assert MARK not in said, (operation.name, place, kind, content)


async def test_the_texts_do_reach_the_rules(device: Device, known: Known) -> None:
    """The control: with nothing changed the same requests are done, not refused."""
    done = set()
    for operation in operations():
        if operation.name in {"sessions", "card", "visits", "addDevice", "suspendCard"}:
            content = judged(await device.post(operation.document, operation.variables(known)))
            assert "errors" not in content, content
            done.add(str(content["data"][operation.name].get("__typename")))
    assert {"DeviceSessions", "Card", "CardServed"} <= done


def _without_own_names(content: Any) -> Any:
    """Return an answer without the names its caller gave their own phones: these do come back."""
    if isinstance(content, dict):
        return {
            key: _without_own_names(value)
            for key, value in content.items()
            if key not in {"name", "deviceName"}
        }
    return [_without_own_names(one) for one in content] if isinstance(content, list) else content
