"""A physical tap: connect and read, over a real pcscd to a card in another process.

The card is powered off after its answer, as at a lane, and no answer waits for that.

Beside it the same commands sent straight to the card's program in this process (the card's own
time), and over one connection held open by pyscard itself (what the service and pyscard cost).
CPU is this process's alone: pcscd and the card have theirs.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from smartcard.scard import SCARD_UNPOWER_CARD
from smartcard.System import readers

from reader_service.card_reading import ReadCard, read_card
from reader_service.card_sources import open_sources
from reader_service.device_settings import IssuerKey, PsamCards
from reader_service.devices.card_channel import CardError, exchange
from reader_service.devices.pcsc import CardReader
from reader_service.settings import LaneSettings
from shared.cardfile.commands import (
    SOCIAL_SECURITY_ENVIRONMENT,
    ElementaryFile,
    read_record,
    select_application,
    select_file,
)
from tests.bench.measure import Row, interleave, microseconds, table
from tests.support.pcscd import PcscDaemon
from tests.support.sandbox_psam import INTERNAL, INTERNAL_KEY, INTERNAL_USAGE
from tests.support.virtual_card import SocialSecurityCard

_ROOT = Path(__file__).parents[2]
_ROUNDS = 1000
_GOAL_MS = 1.5
_COMMANDS = [
    select_application(SOCIAL_SECURITY_ENVIRONMENT),
    select_file(ElementaryFile.ISSUER),
    *(read_record(tag) for tag in (0x03, 0x01, 0x06)),
]


def run() -> list[Row]:
    """Measure all three in turn."""
    with PcscDaemon(["Tapped", "Held", "SAM"]) as daemon:
        os.environ["PCSCLITE_CSOCK_NAME"] = str(daemon.socket_path)
        with (
            _card_on(daemon, "Tapped"),
            _card_on(daemon, "Held"),
            _card_on(daemon, "SAM", "tests.support.sandbox_psam"),
        ):
            return _rows()


def _rows() -> list[Row]:
    card = SocialSecurityCard()
    reader = next(reader for reader in readers() if str(reader).startswith("Held"))
    held = reader.createConnection()
    held.connect(disposition=SCARD_UNPOWER_CARD)

    plain = open_sources([LaneSettings(1, card_reader="Tapped")])["Tapped"]
    key = IssuerKey(INTERNAL, INTERNAL_USAGE, INTERNAL_KEY)
    settings = LaneSettings(1, card_reader="Tapped", cards=PsamCards("SAM", key))
    proving = open_sources([settings])["Tapped"]

    def tap() -> None:
        _check(plain.read())

    def proven_tap() -> None:
        read = proving.read()
        _check(read)
        if not (isinstance(read, ReadCard) and read.authenticated):
            raise RuntimeError("the card was not proven")

    def straight() -> None:
        card.power()
        _check(read_card(lambda command: exchange(card.answer, command)))

    def through_pyscard() -> None:
        for command in _COMMANDS:
            _, *status = held.transmit(list(command))
            if status != [0x90, 0x00]:
                raise RuntimeError(f"the card answered {status}")

    ways = {"tap": tap, "proven": proven_tap, "straight": straight, "pyscard": through_pyscard}
    samples = interleave(ways, _ROUNDS, after={"tap": plain.release, "proven": proving.release})
    held.disconnect()
    plain.close()
    proving.close()
    proven = samples["proven"]
    tapped, alone, raw = samples["tap"], samples["straight"], samples["pyscard"]
    besides = (tapped.p99() - alone.p50()) / 1000
    return [
        Row("the 5 commands straight to the card's program", microseconds(alone)),
        Row("the 5 commands by pyscard, connection held", microseconds(raw)),
        Row("tap: connect, 5 commands, ReadCard", microseconds(tapped),
            "pyscard held", tapped.p50() / raw.p50()),
        Row("tap proven by a PSAM: 6 commands and 3 of the PSAM", microseconds(proven),
            "unproven tap", proven.p50() / tapped.p50()),
        Row("tap against the card's program alone", f"{tapped.p50() - alone.p50():,.1f} µs more",
            "straight", tapped.p50() / alone.p50()),
        Row("tap besides the card's own time, p99",
            f"{besides:.2f} ms at a load of {os.getloadavg()[0]:.1f}",
            "pyscard held, p99", besides * 1000 / raw.p99(),
            goal=f"≤ {_GOAL_MS} ms", met=besides <= _GOAL_MS),
    ]  # fmt: skip


def _check(read: object) -> None:
    if not isinstance(read, ReadCard):
        raise TypeError(f"the card was not read: {read}")


@contextlib.contextmanager
def _card_on(
    daemon: PcscDaemon, reader: str, program: str = "tests.support.virtual_card"
) -> Iterator[None]:
    """Lay a card from a process of its own."""
    socket = daemon.reader_socket(reader)
    command = [sys.executable, "-m", program, str(socket)]
    if reader == "Tapped":
        command = [sys.executable, "-m", "tests.support.sandbox_psam", str(socket), "--card"]
    with subprocess.Popen(command, cwd=_ROOT) as card:
        try:
            with contextlib.closing(CardReader(reader)) as opener:
                _wait_for_card(opener)
            yield
        finally:
            card.terminate()


def _wait_for_card(reader: CardReader) -> None:
    for _ in range(1000):
        with contextlib.suppress(CardError), reader.open_card():
            return
        time.sleep(0.005)
    raise RuntimeError("the card did not arrive")


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
