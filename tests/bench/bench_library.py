"""Lending and taking back beside the raw driver's guarded update; a machine's SIP2 message.

Twenty readers borrow a copy each and bring it back, all at once, round by round: copies of a title
each, and all of one title, whose queue of holds they then all touch. The raw update is the least
that cannot lend a copy twice, with nothing else stored. A SIP2 message goes over a real connection
and back, beside a line that a server of the same loop only echoes.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from statistics import median
from typing import Any

import uvloop
from pysip2 import PatronStatusRequest, SCStatusRequest

from backend.app import House, open_house
from backend.foundation.access import OPERATOR
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.library.network import Copy, Title
from backend.settings import Settings, read_settings
from shared.clock import ManualClock, SystemClock
from tests.backend.library.machine import Machine, served, signed_in
from tests.backend.library.reading_room import CITY, ReadingRoom
from tests.bench.measure import Row, table

_READERS, _ROUNDS, _MESSAGES = 20, 10, 300
_STATUS = SCStatusRequest(status_code="0", max_print_width="080", protocol_version="2.00")
Act = Callable[[int], Awaitable[object]]


def run() -> list[Row]:
    """Start the store and measure."""
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        settings = read_settings({"YIKATONG_DATA_DIR": folder})
        with (
            embedded_mongod(settings) as mongod,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            return runner.run(_measure(settings, mongod.uri))


async def _measure(settings: Settings, uri: str) -> list[Row]:
    clock, keys = ManualClock(SystemClock().now()), load_keys(settings)
    async with open_house(settings, uri, keys, clock, {}) as house:
        room = ReadingRoom(house, clock)
        await room.furnish()
        titles = [Title(f"t_{n:03}", "书", "某人") for n in range(_READERS)]
        copies = [
            *(Copy(f"ONE{n:03}", "t_dream", CITY, 100) for n in range(_READERS)),
            *(Copy(f"EACH{n:03}", f"t_{n:03}", CITY, 100) for n in range(_READERS)),
        ]
        if await room.network.put(OPERATOR, titles=titles, copies=copies) is not None:
            raise RuntimeError("the copies were not taken")
        for count in range(_READERS):
            await room.person(f"reader{count}")
        return [
            *await _lending(house, room, "EACH", "a title each"),
            *await _lending(house, room, "ONE", "all of one title"),
            *await _messages(room),
        ]


async def _lending(house: House, room: ReadingRoom, shelf: str, what: str) -> list[Row]:
    raw = house.store.database["bench_copies"]
    barcodes = [f"{shelf}{n:03}" for n in range(_READERS)]
    await raw.insert_many([{"_id": barcode, "out": False} for barcode in barcodes])

    def guarded(*, out: bool) -> Act:
        async def act(n: int) -> object:
            wanted = {"_id": barcodes[n], "out": not out}
            done = await raw.update_one(wanted, {"$set": {"out": out}})
            if done.modified_count != 1:
                raise RuntimeError("the raw copy was not to be had")
            return done

        return act

    told = await _rounds(
        {
            "raw out": guarded(out=True),
            "lent": lambda n: room.lent(f"reader{n}", barcodes[n]),
            "raw in": guarded(out=False),
            "returned": lambda n: room.given_back(barcodes[n]),
        }
    )
    return [
        Row("raw guarded update, out", _words(told["raw out"])),
        Row(f"lent, with limits, key, loan and audit row, {what}", _words(told["lent"]),
            "the raw update", told["lent"][0] / told["raw out"][0]),
        Row("raw guarded update, in", _words(told["raw in"])),
        Row(f"taken back, with fine, hold queue, key and audit row, {what}",
            _words(told["returned"]), "the raw update",
            told["returned"][0] / told["raw in"][0]),
    ]  # fmt: skip


async def _rounds(acts: dict[str, Act]) -> dict[str, tuple[float, float]]:
    """Return acts a second, and microseconds of CPU of this process for one."""
    rates: dict[str, list[float]] = {name: [] for name in acts}
    cpu: dict[str, list[float]] = {name: [] for name in acts}
    for number in range(_ROUNDS + 1):
        for name, act in acts.items():
            began, used = time.perf_counter(), time.process_time()
            await asyncio.gather(*(act(n) for n in range(_READERS)))
            if number:  # the first round warms up
                rates[name].append(_READERS / (time.perf_counter() - began))
                cpu[name].append((time.process_time() - used) / _READERS * 1e6)
    return {name: (median(rates[name]), median(cpu[name])) for name in acts}


def _words(told: tuple[float, float]) -> str:
    return f"{told[0]:,.0f}/s, {told[1]:,.0f} µs CPU"


async def _messages(room: ReadingRoom) -> list[Row]:
    echoing = await asyncio.start_server(_echo, "127.0.0.1", 0)
    place = echoing.sockets[0].getsockname()[:2]
    plain = Machine(*await asyncio.open_connection(*place))
    async with served(room) as port:
        machine = await signed_in(room, port)
        shown = room.shown("reader0")
        patron = PatronStatusRequest(
            language="001",
            transaction_date=f"{room.clock.now():%Y%m%d    %H%M%S}",
            institution_id=CITY,
            patron_identifier=shown,
            terminal_password="",
            patron_password="",
        )
        acts: dict[str, Callable[[], Awaitable[Any]]] = {
            "echo": lambda: plain.ask(_STATUS),
            "status": lambda: machine.ask(_STATUS),
            "patron": lambda: machine.ask(patron),
        }
        times: dict[str, list[float]] = {name: [] for name in acts}
        for number in range(_MESSAGES):
            for name, act in acts.items():
                began = time.perf_counter()
                await act()
                if number:
                    times[name].append((time.perf_counter() - began) * 1e6)
    plain.writer.close()
    echoing.close()
    p50 = {name: median(found) for name, found in times.items()}
    p99 = {name: sorted(found)[int(len(found) * 0.99)] for name, found in times.items()}

    def row(what: str, name: str) -> Row:
        ratio = None if name == "echo" else p50[name] / p50["echo"]
        figure = f"{p50[name]:,.0f} µs, p99 {p99[name]:,.0f}"
        return Row(what, figure, "the echo" if ratio else "", ratio)

    return [
        row("line echoed, written and read by the machine's codec", "echo"),
        row("SIP2 99/98, status of the service, there and back", "status"),
        row("SIP2 23/24, status of a reader by card, there and back", "patron"),
    ]


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError):
        while True:
            writer.write(await reader.readuntil(b"\r"))
            await writer.drain()


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
