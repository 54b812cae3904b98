"""What the doctor says of a reader that is well, and of each thing that can be wrong."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from reader_service.__main__ import main
from reader_service.console.staff_register import StaffRegister
from reader_service.doctor.examination import as_json, as_text, examine, status_of
from reader_service.doctor.findings import Level
from reader_service.reader_clock import ClockError, TimeSource
from reader_service.settings import Settings
from reader_service.sync.terminal import Terminal, save_terminal
from shared.clock import Clock, ManualClock, SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from tests.reader_service.conftest import Venue
from tests.reader_service.pages import serving_site
from tests.reader_service.small_backend import SmallBackend
from tests.reader_service.waiting import until
from tests.support.pcscd import PcscDaemon
from tests.support.sandbox_psam import SandboxPsam
from tests.support.virtual_card import LaidCard


@pytest.fixture
def settings(venue: Venue) -> Iterator[Settings]:
    """A reader that is well."""
    folder = venue.folder
    key = SoftwareKey.generate(Algorithm.ED25519)
    with SmallBackend(venue.city) as backend:
        made = Settings(data_dir=folder, backend_url=backend.url, port=1)
        save_terminal(Terminal(key, venue.city.enrolment), made.identity_path)
        StaffRegister(made.staff_path).put("7", "李", "123456")
        (folder / "spool").mkdir()
        made.lanes_path.write_text(
            f'[[lanes]]\nnumber = 1\ncamera = {{ kind = "folder", path = "{folder}/spool" }}\n'
            f'gate = {{ kind = "file", path = "{folder}/gate" }}\n'
        )
        yield made


def _bad(settings: Settings, clock: Clock) -> dict[str, tuple[Level, str]]:
    found = examine(settings, clock)
    for one in found:
        assert (one.next_step is None) == (one.level is Level.FINE), one.check
    return {one.check: (one.level, one.text.zh) for one in found if one.level is not Level.FINE}


def test_a_reader_that_is_well_is_said_to_be(venue: Venue, settings: Settings) -> None:
    venue.lanes[1].present_code(venue.city.phone().code(venue.clock.now()))

    found = examine(settings, venue.clock)

    broken = {one.check for one in found if one.level is not Level.FINE}
    assert broken <= {"clock", "service"}, "the city lives in a day of its own"
    assert {one.check for one in found} == {
        *("disk", "keys", "service", "backend", "clock", "lists", "journal", "staff"),
        *("lane-1.camera", "lane-1.gate", "devices"),
    }


def test_nothing_that_is_well_leaves_a_trace(venue: Venue, settings: Settings) -> None:
    before = venue.journal.count_unsent()
    (venue.folder / "snapshot.sqlite").unlink()

    assert _bad(settings, venue.clock)["lists"][0] is Level.FAULT

    assert venue.journal.count_unsent() == before
    assert not (venue.folder / "snapshot.sqlite").exists(), "it makes no file of its own"


def test_lists_that_ran_out_are_named_before_a_visitor_finds_out(
    venue: Venue, settings: Settings
) -> None:
    venue.clock.advance(timedelta(hours=65).total_seconds())
    assert _bad(settings, venue.clock)["lists"][0] is Level.REMARK

    venue.clock.advance(timedelta(hours=8).total_seconds())
    assert _bad(settings, venue.clock)["lists"][0] is Level.FAULT


def test_records_that_wait_for_a_day_are_remarked(venue: Venue, settings: Settings) -> None:
    venue.lanes[1].present_code("junk")
    venue.clock.advance(timedelta(hours=25).total_seconds())

    level, text = _bad(settings, venue.clock)["journal"]

    assert (level, text[:8]) == (Level.REMARK, "1条记录待上传。")


@pytest.mark.parametrize(("seconds", "level"), [(0, None), (20, Level.REMARK), (-90, Level.FAULT)])
def test_a_clock_that_is_off_is_said_with_how_much(
    settings: Settings, seconds: int, level: Level | None
) -> None:
    now = SystemClock().now() + timedelta(seconds=seconds)

    found = _bad(settings, ManualClock(now)).get("clock")

    assert (found and found[0]) == level
    assert found is None or ("快" if seconds > 0 else "慢") in found[1]


def test_what_is_missing_is_named_with_what_to_do(venue: Venue, settings: Settings) -> None:
    (venue.folder / "spool").rmdir()
    settings.identity_path.chmod(0o644)
    settings.staff_path.unlink()
    venue.journal.close()
    for name in ("journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"):
        (venue.folder / name).unlink(missing_ok=True)
    (venue.folder / "journal.sqlite").write_bytes(b"no database" * 500)

    found = _bad(settings, venue.clock)

    assert found.keys() - {"clock", "service"} == {"lane-1.camera", "keys", "staff", "journal"}
    assert str(venue.folder / "spool") in found["lane-1.camera"][1]
    assert found["journal"][0] is Level.FAULT


@pytest.mark.parametrize(
    ("lane", "said"),
    [
        ('scanners = [{{ kind = "serial", port = "/dev/null" }}]', "no gate is named"),
        ('camera = {{ kind = "stream", url = "http://127.0.0.1:1/" }}', "not asked from here"),
        (
            'scanners = [{{ kind = "serial", port = "/dev/null" }}]\n'
            'gate = {{ kind = "http", url = "http://127.0.0.1:1/", secret_file = "{0}" }}',
            "not opened to try",
        ),
    ],
)
def test_what_is_not_asked_is_not_said_to_be_there(
    settings: Settings, venue: Venue, lane: str, said: str
) -> None:
    (venue.folder / "secret").write_bytes(b"x" * 32)
    written = lane.format(venue.folder / "secret")
    settings.lanes_path.write_text(f"[[lanes]]\nnumber = 1\n{written}\n")

    found = [one for one in examine(settings, venue.clock) if one.check.startswith("lane-1")]

    assert [one for one in found if said in one.text.en], [one.text.en for one in found]


def test_an_empty_folder_is_not_well(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, backend_url="http://127.0.0.1:1", port=1)

    found = examine(settings, SystemClock())

    assert status_of(found) == 1
    assert {one.check for one in found if one.level is Level.FAULT} == {"lanes", "keys"}
    told = as_text(found).splitlines()
    assert told[0].startswith("故障2处，提醒3项"), told[0]
    marks = [line[0] for line in told if line[:1] in {"✗", "!", "✓"}]
    assert marks == sorted(marks, key="✗!✓".index), "the worst first"
    assert told.count("—— 故障 Faults ——") == 1
    steps = [line for line in told if line.startswith("  → ")]
    assert len(steps) == 2 * (marks.count("✗") + marks.count("!")), "in both languages"
    assert json.loads(as_json(found))["healthy"] is False


def test_the_command_tells_machines_and_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YIKATONG_READER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("YIKATONG_READER_BACKEND_URL", "http://127.0.0.1:1")

    assert main(["doctor", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert main(["doctor"]) == 1
    text = capsys.readouterr().out

    assert all(set(one["text"]) == {"zh", "en"} for one in document["findings"])
    assert "没有密钥" in text
    assert "enrol --token" in text


def test_a_check_that_breaks_down_stops_no_other(
    settings: Settings, venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> list[object]:
        raise RuntimeError("secret words")

    checks = "reader_service.doctor.examination.CHECKS"
    monkeypatch.setattr(checks, (broken,))

    [found] = examine(settings, venue.clock)

    assert found.level is Level.FAULT
    assert "secret" not in found.text.en


def test_what_reads_and_proves_cards_is_looked_for_and_what_is_plugged_in_is_listed(
    venue: Venue, settings: Settings, card_readers: PcscDaemon
) -> None:
    folder = venue.folder
    (folder / "driver.so").touch()
    (folder / "gun").touch()
    key = "internal = {{ card_key = 0, usage = 40, key = 18 }}"
    psam = f'cards = {{{{ kind = "psam", slot = "{{}}", {key} }}}}'
    lanes = [
        f'card_reader = "Gate 12"\n{psam.format("Gate 13")}',
        f'card_reader = "Gate 14"\n{psam.format("Gate 15")}',
        f'card_reader = "Gate 16"\n{psam.format("SAM 99")}',
        f'cards = {{ kind = "driver", library = "{folder}/driver.so" }}',
        f'scanners = [{{ kind = "serial", port = "{folder}/gun" }}, '
        f'{{ kind = "keyboard", device = "{folder}/none" }}]',
    ]
    numbered = (f"[[lanes]]\nnumber = {n}\n{lane}\n" for n, lane in enumerate(lanes, start=1))
    settings.lanes_path.write_text("\n".join(numbered))
    with LaidCard(card_readers.reader_socket("Gate 15"), SandboxPsam()):
        until(lambda: "lane-2.psam" not in _bad(settings, venue.clock))
        found = {one.check: one for one in examine(settings, venue.clock)}

    assert "lane-1.psam" in _bad(settings, venue.clock)
    assert "是空的" in found["lane-1.psam"].text.zh
    assert "不在" in found["lane-3.psam"].text.zh
    assert found["lane-4.driver"].level is Level.FINE
    assert found["lane-5.scanner.gun"].level is Level.FINE
    assert found["lane-5.scanner.none"].level is Level.FAULT
    assert "Gate 12 0B 00" in found["devices"].text.en


@pytest.mark.parametrize(
    ("error", "level", "said"),
    [
        (None, Level.FINE, "都还没有说"),
        (ClockError(60.0, TimeSource.PHONES, 60.0), Level.FINE, "访客手机，本机时间差60.0秒"),
        (ClockError(900.0, TimeSource.BACKEND, 0.0), Level.FAULT, "后台，本机时间差900.0秒"),
    ],
)
async def test_it_says_what_time_the_lanes_go_by_and_who_told_them(
    venue: Venue, settings: Settings, error: ClockError | None, level: Level, said: str
) -> None:
    async with serving_site(venue) as site:
        site.view.clock_error = lambda: error
        here = msgspec.structs.replace(settings, port=int(site.url.rpartition(":")[2]))
        found = await asyncio.to_thread(examine, here, venue.clock)

    [one] = [one for one in found if one.check == "lanes-clock"]
    assert [one.level for one in found if one.check == "service"] == [Level.FINE]
    assert one.level is level
    assert said in one.text.zh
