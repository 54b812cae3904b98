"""The reader maker's driver: a real shared library, called in a process of its own."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_service.card_authentication import CardProof
from reader_service.card_reading import ReadCard, RefusedCard
from reader_service.device_settings import DriverCards
from reader_service.devices.card_driver import (
    FAULTS,
    MalformedOutput,
    Side,
    fault_of,
    parse_output,
)
from reader_service.devices.card_driver_process import DriverLost, DriverProcess
from reader_service.driver_source import DriverSource
from reader_service.lane.board import LaneAnswer
from reader_service.lane.driver_taps import DriverTaps
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.ecode.reasons import Reason
from shared.trust.status_list import card_digest
from tests.reader_service.conftest import Venue
from tests.reader_service.waiting import until

SOURCE = Path(__file__).parents[1] / "support" / "vendor_driver.c"
CODE = "360700D15600000500000001FFFFFFFF"
PERSONAL = ("36070219580312402X", "钟秀英")


def output(
    version: str = "3.00",
    *,
    code: str = CODE,
    number: str = PERSONAL[0],
    expires: str = "20361121",
    terminal: str = "360700000042",
) -> bytes:
    """What a driver writes, in the order of the standard."""
    parts = ["360700", number, "D58009678", code, PERSONAL[1], "3B6D0000", version, "20211122"]
    return "|".join([*parts, expires, terminal, "R0001"]).encode("gb18030")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("gcc is not installed")
    made = tmp_path_factory.mktemp("driver") / "libSSCardDriver.so"
    flags = ["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, "-o", str(made), str(SOURCE)], check=True)
    return made


class Maker:
    """What lies on the maker's reader, as the stand-in driver will find it."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self.finds(b"-2")

    def finds(self, told: bytes) -> None:
        fresh = self._state.with_suffix(".new")
        fresh.write_bytes(told)
        fresh.replace(self._state)


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    state = tmp_path_factory.mktemp("driver") / "state"
    os.environ["VENDOR_DRIVER_STATE"] = str(state)
    yield Maker(state)
    del os.environ["VENDOR_DRIVER_STATE"]


@pytest.fixture(scope="module")
def source(library: Path, maker: Maker) -> Iterator[DriverSource]:
    """One process for the module: starting one costs half a second."""
    maker.finds(b"-2")
    with contextlib.closing(DriverSource(DriverCards(str(library), answer_seconds=1.5))) as opened:
        yield opened


@pytest.mark.parametrize(
    ("told", "proof", "terminal"),
    [
        (output("3.00"), CardProof.DRIVER, "360700000042"),
        (output("3.00", terminal=""), CardProof.NONE, None),  # no PSAM, so nothing was proven
        (output("3.00", number=""), CardProof.NONE, None),  # the holder's file stayed closed
        (output("2.00"), CardProof.NONE, None),  # it does not say how it read an older card
        (output("1.00"), CardProof.NONE, None),
    ],
)
def test_a_card_is_read_and_proven_as_far_as_the_driver_can_have_done(
    source: DriverSource, maker: Maker, told: bytes, proof: CardProof, terminal: str | None
) -> None:
    maker.finds(b"OK " + told)

    read = source.read()

    assert isinstance(read, ReadCard)
    assert (read.proof, read.terminal_number) == (proof, terminal)
    assert read.identification_code.raw.hex().upper() == CODE
    assert read.expires_on == date(2036, 11, 21)
    assert read.holder_name is None
    assert not [value for value in PERSONAL if value in repr(read)]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (-1, Reason.UNKNOWN_CARD_TYPE),
        (-2, Reason.CARD_REMOVED),
        (-4, Reason.CARD_MUTE),
        (-11, Reason.READER_SERVICE_DOWN),
        (-21, Reason.CARD_FORGED),
        (-24, Reason.SECURITY_MODULE_LOST),
        (-2201, Reason.SECURITY_MODULE_LOST),
        (-2202, Reason.SECURITY_MODULE_LOST),
        (-2203, Reason.SECURITY_MODULE_LOST),
        (-27010, Reason.CARD_UNREADABLE),
        (-12345678, Reason.CARD_UNREADABLE),
        (7, Reason.CARD_UNREADABLE),
    ],
)
def test_each_error_number_has_its_reason_and_words(
    source: DriverSource, maker: Maker, number: int, reason: Reason
) -> None:
    maker.finds(b"%d" % number)

    refused = source.read()

    assert isinstance(refused, RefusedCard)
    assert refused.reason is reason
    text = fault_of(number).text
    assert text.zh
    assert text.en in refused.cause
    broken = {Reason.READER_SERVICE_DOWN, Reason.SECURITY_MODULE_LOST}
    assert source.fault() is (reason if reason in broken else None)


def test_a_status_word_of_the_card_is_said_in_words() -> None:
    assert "authentication must come first" in fault_of(-27010).text.en
    assert fault_of(-99).text == fault_of(-98).text
    assert all(fault.text.zh != fault.text.en for fault in FAULTS.values())


@pytest.mark.parametrize("way", [b"HANG", b"CRASH", b"EXIT"])
def test_a_driver_that_hangs_or_crashes_is_told_and_the_next_card_is_read(
    source: DriverSource, maker: Maker, way: bytes
) -> None:
    maker.finds(b"-2")
    source.read()
    before = source.process_id
    assert before is not None
    maker.finds(way)

    refused = source.read()

    assert isinstance(refused, RefusedCard)
    assert refused.reason is Reason.READER_SERVICE_DOWN
    assert source.fault() is Reason.READER_SERVICE_DOWN
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)
    maker.finds(b"OK " + output())
    assert isinstance(source.read(), ReadCard)
    assert source.fault() is None


@pytest.mark.parametrize(
    "told",
    [
        b"OVERFLOW",
        b"OK ",
        b"OK " + b"|" * 7,
        b"OK \xff\xff\xff",
        b"OK " + output(code="not hexadecimal"),
        b"OK " + output(code="360700"),
        b"OK " + output(expires="tomorrow"),
    ],
)
def test_an_output_outside_the_standard_is_an_unreadable_card(
    source: DriverSource, maker: Maker, told: bytes
) -> None:
    maker.finds(told)

    refused = source.read()

    assert isinstance(refused, RefusedCard)
    assert refused.reason is Reason.CARD_UNREADABLE
    assert not [value for value in PERSONAL if value in refused.cause]


@given(st.binary(max_size=300))
def test_whatever_a_driver_writes_is_read_or_named(told: bytes) -> None:
    with contextlib.suppress(MalformedOutput):
        assert len(parse_output(told).version) <= len(told)


def test_a_version_of_the_future_is_a_card_of_unknown_type(
    source: DriverSource, maker: Maker
) -> None:
    maker.finds(b"OK " + output("4.00"))

    refused = source.read()

    assert isinstance(refused, RefusedCard)
    assert refused.reason is Reason.UNKNOWN_CARD_TYPE


def test_the_side_to_read_is_passed_on(library: Path, maker: Maker) -> None:
    maker.finds(b"TYPE")
    with contextlib.closing(DriverProcess(str(library), Side.CONTACT_FIRST, 2)) as process:
        assert process.read() == -30003


def test_a_library_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    for library in (tmp_path / "missing.so", Path("libc.so.6")):
        with contextlib.closing(DriverProcess(str(library), Side.CONTACT, 2)) as process:
            with pytest.raises(DriverLost, match="cannot load the driver"):
                process.read()
            assert process.process_id is None


def _cards(venue: Venue) -> list[LaneAnswer]:
    return [told for told in venue.told if isinstance(told, LaneAnswer)]


def test_a_lane_answers_each_card_once_and_tells_what_broke(
    venue: Venue, maker: Maker, library: Path
) -> None:
    maker.finds(b"-2")
    source = DriverSource(DriverCards(str(library), answer_seconds=1.5))
    with contextlib.closing(DriverTaps(venue.lanes[1], source)) as taps:
        taps.start()
        maker.finds(b"OK " + output())
        [first] = until(lambda: _cards(venue))
        maker.finds(b"-21")  # the copy comes without a gap
        until(lambda: len(_cards(venue)) == 2)
        maker.finds(b"-2")
        until(lambda: taps.lies_there is None)
        maker.finds(b"OK " + output("2.00", code=CODE.replace("01F", "02F")))
        until(lambda: len(_cards(venue)) == 3)
        maker.finds(b"CRASH")
        until(lambda: list(venue.board.lanes()[0].faults) == [Reason.READER_SERVICE_DOWN])
        maker.finds(b"-2")
        until(lambda: not venue.board.lanes()[0].faults)

    assert first.answer.verdict is Verdict.ADMIT
    assert first.answer.detail["card_proof"] == "authenticated_by_driver"
    assert venue.reasons() == [
        None,
        Reason.CARD_FORGED,
        Reason.CARD_NOT_AUTHENTICATED,
        Reason.READER_SERVICE_DOWN,
    ]
    scans = venue.journal.unsent(10)
    assert scans[0].card_digest == card_digest(bytes.fromhex(CODE)).hex()
    assert {scan.medium for scan in scans} == {Medium.CARD}
    assert venue.opened() == 2
    stored = b"".join(path.read_bytes() for path in venue.folder.glob("journal*"))
    assert not [value for value in PERSONAL if value.encode() in stored]
