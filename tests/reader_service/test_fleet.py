"""The reader's side of the fleet: what it says of itself, codes to enrol by, and its wiping."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from reader_service import app
from reader_service.__main__ import main
from reader_service.app import serve, venue_keys
from reader_service.journal import Journal
from reader_service.settings import Settings
from reader_service.snapshot import Kind, Snapshot
from reader_service.sync import wiping
from reader_service.sync.backend import Backend, SyncProblem
from reader_service.sync.health import Vitals
from reader_service.sync.rounds import SyncState
from reader_service.sync.terminal import NotEnrolled, Terminal, load_terminal, save_terminal
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.reasons import Reason
from shared.wire.enrolment import EnrolmentCode, InvalidEnrolment
from shared.wire.request_proof import thumbprint
from shared.wire.scans import ReceiptOutcome, ScanReceipt, ScanRecord
from tests.reader_service.city import City
from tests.reader_service.conftest import Venue
from tests.reader_service.small_backend import SmallBackend
from tests.support.frames import EASY, draw_frame, save_frame


@pytest.fixture
def backend() -> Iterator[SmallBackend]:
    with SmallBackend(City(now=SystemClock().now())) as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path, backend: SmallBackend) -> Settings:
    return Settings(data_dir=tmp_path, backend_url=backend.url)


@pytest.fixture
def terminal(settings: Settings, backend: SmallBackend) -> Terminal:
    made = Terminal(SoftwareKey.generate(Algorithm.ED25519), backend.city.enrolment)
    save_terminal(made, settings.identity_path)
    backend.terminal = thumbprint(made.key.public)
    return made


def _vitals(venue: Venue) -> Vitals:
    return Vitals(venue.journal, venue.snapshot, venue.folder, venue.board.faults)


def test_a_heartbeat_tells_numbers_and_names_nobody(venue: Venue) -> None:
    phone = venue.city.phone()
    venue.lanes[1].present_code(phone.code(venue.clock.now()))
    venue.board.set_fault(1, Reason.CAMERA_LOST, venue.clock.now())
    venue.clock.advance(90)

    told = _vitals(venue).told("0.1.0", -1.25, venue.clock.now())

    assert told.pop("disk_free_mib") > 0
    assert told == {
        "version": "0.1.0",
        "clock_ahead_ms": -1250,
        "lists_age_s": 90,
        "unsent": 1,
        "faults": ["camera_lost"],
        "emergency": False,
        "wipe_refused": None,
    }


class Ended:
    """A page's server whose process is told to end at once."""

    def __init__(self, *_: object) -> None:
        self.told = 0

    async def serve(self, _: object) -> None:
        """End."""

    def end(self) -> None:
        """Note that the reader is to end."""
        self.told += 1


def test_an_order_to_wipe_waits_for_the_journal_and_says_so(venue: Venue) -> None:
    venue.lanes[1].present_code("junk")
    order = venue.city.terminal_standing(blocked=True, wipe="wip_1")
    venue.snapshot.offer(Kind.TERMINAL_STANDING, order, None, venue.clock.now())
    vitals = _vitals(venue)

    server = Ended()
    assert (vitals.wipe_ordered, vitals.wipe_due) == ("wip_1", None)
    app._end_if_wiped(vitals, server, SyncState())  # type: ignore[arg-type]
    assert server.told == 0, "the lanes go on until all is handed over"
    assert vitals.told("1", None, venue.clock.now())["wipe_refused"] == "journal_unsent"

    [scan] = venue.journal.unsent(9)
    venue.journal.book([ScanReceipt(scan.scan_id, ReceiptOutcome.RECORDED)], venue.clock.now())
    assert vitals.wipe_due == "wip_1"
    app._end_if_wiped(vitals, server, SyncState())  # type: ignore[arg-type]
    assert server.told == 1
    venue.journal.close()
    for path in venue.folder.glob("journal.sqlite*"):
        path.write_bytes(b"no journal" * 500)
    assert vitals.wipe_due is None, "what cannot be read may hold what nobody was told"


async def test_a_wipe_goes_on_after_a_power_cut_before_anything_else(
    settings: Settings, terminal: Terminal, backend: SmallBackend
) -> None:
    (settings.data_dir / "journal.sqlite").write_bytes(b"secret")
    settings.lanes_path.write_text("no lanes file: the lanes are not even begun")
    wiping.begin(settings, "wip_1")

    with pytest.raises(wiping.Wiped):
        await serve(settings)

    assert terminal.enrolment is not None
    assert backend.wiped == [{"order": "wip_1"}]
    assert {path.name for path in settings.data_dir.iterdir()} == {"lanes.toml"}


async def test_ending_before_the_journal_went_up_wipes_nothing(
    settings: Settings,
    terminal: Terminal,
    backend: SmallBackend,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshot = Snapshot(settings.snapshot_path, backend.city.enrolment)
    backend.city.fill(snapshot)
    now = backend.city.now + timedelta(seconds=1)
    order = backend.city.terminal_standing(blocked=True, wipe="wip_1", issued_at=now)
    snapshot.offer(Kind.TERMINAL_STANDING, order, None, now)
    backend.documents["terminal-standing"] = order
    at = int(now.timestamp() * 1000)
    with contextlib.closing(Journal(settings.journal_path)) as journal:
        journal.append(ScanRecord("a" * 32, 1, at, Medium.ECODE, Verdict.REFUSE, Reason.NOT_OURS))
    settings.lanes_path.write_text(
        "peers = { share = false }\n[[lanes]]\nnumber = 1\n"
        'scanners = [{ kind = "serial", port = "/dev/null" }]\n'
    )
    monkeypatch.setattr(app, "_Server", Ended)
    here = msgspec.structs.replace(settings, port=0)
    alone = msgspec.structs.replace(here, backend_url="http://127.0.0.1:9")

    assert await app._run_lanes(alone, terminal, SystemClock()) is None
    assert await app._run_lanes(here, terminal, SystemClock()) == "wip_1"
    assert "a" * 32 in backend.scans


def test_a_blocked_reader_shares_no_more_by_the_keys_it_has(venue: Venue) -> None:
    kept = {1: bytes(range(32))}
    for blocked, expected in ((False, kept), (True, {})):
        standing = venue.city.terminal_standing(blocked=blocked, venue_keys=kept)
        venue.snapshot.offer(Kind.TERMINAL_STANDING, standing, None, venue.clock.now())
        assert venue_keys(venue.snapshot) == expected


async def _finish(settings: Settings, terminal: Terminal) -> None:
    async with Backend(settings.backend_url, terminal, SystemClock()) as there:
        await wiping.finish(settings, terminal, there, "wip_1")


async def test_a_wipe_whose_word_is_lost_goes_on_where_it_was(
    settings: Settings, terminal: Terminal, backend: SmallBackend
) -> None:
    for name in ("journal.sqlite", "snapshot.sqlite", "staff.json", "storage.key"):
        (settings.data_dir / name).write_bytes(b"secret")
    settings.lanes_path.write_text("")
    wiping.begin(settings, "wip_1")
    backend.lose_answers = True

    with pytest.raises(SyncProblem):
        await _finish(settings, terminal)

    left = {path.name for path in settings.data_dir.iterdir()}
    assert left == {"lanes.toml", "terminal.json", "wiping"}, "only what tells the backend is left"
    assert wiping.ordered(settings) == "wip_1"
    backend.lose_answers = False
    await _finish(settings, load_terminal(settings.identity_path))

    assert {path.name for path in settings.data_dir.iterdir()} == {"lanes.toml"}
    assert wiping.ordered(settings) is None
    with pytest.raises(NotEnrolled):
        load_terminal(settings.identity_path)


async def test_a_reader_that_is_nobodys_any_more_ends_its_wipe(
    settings: Settings, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(*_: object) -> None:
        raise SyncProblem("terminal_unknown", wiping.__doc__)  # type: ignore[arg-type]

    monkeypatch.setattr(Backend, "acknowledge_wipe", unknown)

    await _finish(settings, terminal)

    assert not settings.identity_path.exists()


@pytest.mark.parametrize("junk", [b"", b"\xff", b"wip_1\nx", b"$" * 3, b"a" * 65])
def test_a_damaged_marker_wipes_nothing(settings: Settings, junk: bytes) -> None:
    (settings.data_dir / "wiping").write_bytes(junk)

    assert wiping.ordered(settings) is None


def _environment(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("YIKATONG_READER_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("YIKATONG_READER_BACKEND_URL", settings.backend_url)


def _code(backend: SmallBackend, **changed: Any) -> str:
    root = thumbprint(backend.city.enrolment.root_key)
    usual = {"address": backend.url, "token": backend.token, "root_thumbprint": root}
    return EnrolmentCode(**{**usual, **changed}).to_text()


def test_a_code_enrols_and_pins_the_root_key(
    settings: Settings, backend: SmallBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    _environment(monkeypatch, settings)

    assert main(["enrol", "--code", _code(backend)]) == 0

    assert load_terminal(settings.identity_path).enrolment == backend.city.enrolment


def test_a_code_is_read_by_a_lanes_camera(
    settings: Settings, backend: SmallBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    _environment(monkeypatch, settings)
    spool = settings.data_dir / "spool"
    spool.mkdir()
    settings.lanes_path.write_text(
        f'[[lanes]]\nnumber = 1\ncamera = {{ kind = "folder", path = "{spool}" }}\n'
    )
    save_frame(draw_frame(_code(backend), EASY, 2), spool / "one.png")

    assert main(["enrol", "--lane", "1"]) == 0

    assert load_terminal(settings.identity_path).enrolment == backend.city.enrolment


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"root_thumbprint": "x" * 43}, "应答的后台不是"),
        ({"address": "https://other.example"}, "YIKATONG_READER_BACKEND_URL"),
        (None, "没有看到有效的登记码"),
    ],
)
def test_a_code_of_another_backend_enrols_nothing(
    settings: Settings,
    backend: SmallBackend,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changed: dict[str, str] | None,
    said: str,
) -> None:
    _environment(monkeypatch, settings)
    code = "YKTENROL1 junk" if changed is None else _code(backend, **changed)

    assert main(["enrol", "--code", code]) == 1

    assert said in capsys.readouterr().err
    known = settings.identity_path.exists() and load_terminal(settings.identity_path)
    assert not known or known.enrolment is None


@pytest.mark.parametrize(
    "text", ["", "YKTENROL1", "YKTENROL2 https://a tok_12345678 " + "x" * 43, "YKTENROL1 https://a"]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidEnrolment):
        EnrolmentCode.of_text(text)
