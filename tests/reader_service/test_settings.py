"""What the operator writes: taken as meant, or named with what to correct."""

from pathlib import Path
from textwrap import dedent

import pytest

from reader_service.device_settings import (
    DriverCards,
    IssuerKey,
    PsamCards,
    ReadOnlyCards,
    SerialScanner,
)
from reader_service.settings import (
    DeviceSource,
    FileGate,
    FolderSource,
    GpioGate,
    InvalidSettings,
    LaneSettings,
    MemoryGate,
    RecordingSource,
    Settings,
    StreamSource,
    VideoSource,
    read_lanes,
    read_settings,
)

LANES = """
[[lanes]]
number = 1
camera = { kind = "folder", path = "/spool" }
decoders = ["pyzbar"]
gate = { kind = "file", path = "/gate" }

[[lanes]]
number = 2
card_reader = "Gate B 00 00"
"""

PSAM = (
    'cards = { kind = "psam", slot = "SAM 1", internal = { card_key = 0, usage = 40, key = 18 } }'
)
DRIVER = 'cards = { kind = "driver", library = "/opt/libSSCardDriver.so" }'
GUN = 'scanners = [{ kind = "serial", port = "/dev/ttyACM0" }]'


@pytest.mark.parametrize(
    ("cards", "read"),
    [
        (PSAM, PsamCards("SAM 1", IssuerKey(0, 40, 18))),
        (DRIVER, DriverCards("/opt/libSSCardDriver.so")),
        ('cards = { kind = "reading" }', ReadOnlyCards()),
    ],
)
def test_how_cards_are_proven_is_chosen_per_lane(tmp_path: Path, cards: str, read: object) -> None:
    reader = "" if "driver" in cards else 'card_reader = "Gate 1"\n'
    (tmp_path / "lanes.toml").write_text(f"[[lanes]]\nnumber = 1\n{reader}{cards}\n{GUN}\n")

    [lane] = read_lanes(tmp_path / "lanes.toml")

    assert lane.cards == read
    assert lane.scanners == (SerialScanner("/dev/ttyACM0"),)


def test_a_lanes_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "lanes.toml").write_text(LANES)

    assert read_lanes(tmp_path / "lanes.toml") == (
        LaneSettings(
            1, camera=FolderSource("/spool"), decoders=("pyzbar",), gate=FileGate("/gate")
        ),
        LaneSettings(2, card_reader="Gate B 00 00", gate=MemoryGate()),
    )


@pytest.mark.parametrize(
    ("camera", "source"),
    [
        ('{ kind = "folder", path = "a" }', FolderSource("a")),
        (
            '{ kind = "recording", path = "a", frames_per_second = 5, repeat = true }',
            RecordingSource("a", 5.0, repeat=True),
        ),
        ('{ kind = "video", path = "a.avi" }', VideoSource("a.avi")),
        ('{ kind = "stream", url = "http://camera/1" }', StreamSource("http://camera/1")),
        ('{ kind = "device", index = 0 }', DeviceSource(0)),
    ],
)
def test_every_kind_of_camera_can_be_named(tmp_path: Path, camera: str, source: object) -> None:
    (tmp_path / "lanes.toml").write_text(f"[[lanes]]\nnumber = 1\ncamera = {camera}\n")

    assert read_lanes(tmp_path / "lanes.toml")[0].camera == source


@pytest.mark.parametrize(
    ("lanes", "said"),
    [
        ("", "lanes"),
        ("lanes = []", "no lane"),
        ("[[lanes]]\nnumber = 1\n", "lane 1 needs a camera"),
        ('[[lanes]]\nnumber = 1\ncard_reader = "A"\n' * 2, "lane 1 twice"),
        (
            '[[lanes]]\nnumber = 1\ncard_reader = "A"\n[[lanes]]\nnumber = 2\ncard_reader = "A"\n',
            "card reader A twice",
        ),
        ('[[lanes]]\nnumber = 1\ncamera = { kind = "telescope" }\n', "telescope"),
        ('[[lanes]]\nnumber = 1\ncard_reader = "A"\ncolour = 3\n', "colour"),
        ('[[lanes]]\nnumber = 1\ncard_reader = "A"\ndecoders = []\n', "decoders"),
        ('[[lanes]]\nnumber = 1\ncard_reader = "A"\ndecoders = ["eyes"]\n', "eyes"),
        (f"[[lanes]]\nnumber = 1\n{PSAM}", "name it"),
        (f'[[lanes]]\nnumber = 1\ncard_reader = "SAM 1"\n{PSAM}', "PSAM slot SAM 1"),
        (f'[[lanes]]\nnumber = 1\ncard_reader = "A"\n{DRIVER}', "leave that out"),
        (f"[[lanes]]\nnumber = 1\n{DRIVER}\n[[lanes]]\nnumber = 2\n{DRIVER}", "two lanes"),
        (f"[[lanes]]\nnumber = 1\n{GUN}\n[[lanes]]\nnumber = 2\n{GUN}", "ttyACM0 twice"),
        ('[[lanes]]\nnumber = 0\ncard_reader = "A"\n', "number"),
        ('[[lanes]]\nnumber = 1\ncamera = { kind = "stream", url = "file:///x" }\n', "url"),
        ("[[lanes", "lanes.toml"),
        ("\x00", "lanes.toml"),
    ],
)
def test_a_lanes_file_that_cannot_be_used_is_named(tmp_path: Path, lanes: str, said: str) -> None:
    (tmp_path / "lanes.toml").write_text(lanes)

    with pytest.raises(InvalidSettings) as caught:
        read_lanes(tmp_path / "lanes.toml")

    assert said in caught.value.text.en
    assert said in caught.value.text.zh or said == "lanes.toml"


def test_the_environment_is_read_and_the_rest_is_usual() -> None:
    settings = read_settings(
        {
            "YIKATONG_READER_DATA_DIR": "/data",
            "YIKATONG_READER_PORT": "9000",
            "YIKATONG_READER_SYNC_SECONDS": "1.5",
            "YIKATONG_READER_HOST": "",
            "OTHER": "x",
        }
    )

    assert settings == Settings(data_dir=Path("/data"), port=9000, sync_seconds=1.5)
    assert settings.host == "127.0.0.1"
    assert settings.lanes_path == Path("/data/lanes.toml")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eighty", "port"),
        ("PORT", "70000", "port"),
        ("BACKEND_URL", "ftp://x", "backend_url"),
        ("BACKEND_URL", "http://", "backend_url"),
        ("BACKEND_URL", "http://[::1", "backend_url"),
        ("BACKEND_URL", "http://host:99999", "backend_url"),
        ("SYNC_SECONDS", "0", "sync_seconds"),
    ],
)
def test_a_setting_of_the_wrong_form_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        read_settings({f"YIKATONG_READER_{name}": value})

    assert said in caught.value.text.en


def test_the_lanes_file_that_the_readme_shows_can_be_used(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    shown = readme.partition("```toml\n")[2].partition("```")[0]
    path = tmp_path / "lanes.toml"
    path.write_text(dedent(shown))

    first, second = read_lanes(path)

    assert (first.camera, first.gate) == (DeviceSource(0), GpioGate(line=17))
    assert (second.direction, second.card_reader) == ("both", "ACS ACR1252")
