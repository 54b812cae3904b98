"""What the reader service is told: the environment, and the lanes file.

Environment, each with the prefix ``YIKATONG_READER_``: ``DATA_DIR`` (default ``.data/reader``),
``BACKEND_URL`` (default ``http://127.0.0.1:8000``), ``LANES`` (a TOML file, default ``lanes.toml``
in the data folder), ``HOST`` (default ``127.0.0.1``), ``PORT`` (default 8100), ``SYNC_SECONDS``
(default 30).

A lanes file::

    [[lanes]]
    number = 1
    camera = { kind = "device", index = 0 }
    decoders = ["zxing-cpp", "pyzbar"]
    gate = { kind = "relay_board", port = "/dev/ttyUSB0", channel = 1, fails = "safe" }

    [[lanes]]
    number = 2
    card_reader = "Gate B 00 00"
    cards = { kind = "psam", slot = "SAM 1", internal = { card_key = 0, usage = 0x28, key = 0x12 } }
    scanners = [
      { kind = "serial", port = "/dev/serial/by-id/usb-..." },
      { kind = "http", address = "192.168.7.10", port = 8976, secret_file = "gun.secret" },
    ]
    direction = "out"                                # "in" (the default), "out" or "both"

    [peers]                                          # the venue's other readers; may be left out
    hosts = ["192.168.7.12:8975"]                    # in place of multicast
"""

import tomllib
from collections import Counter
from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from reader_service.device_settings import (
    CardSettings,
    Choice,
    DriverCards,
    HttpScanner,
    KeyboardScanner,
    PsamCards,
    ReadOnlyCards,
    ScannerSettings,
    SerialScanner,
)
from shared.localized_text import LocalizedText

PREFIX = "YIKATONG_READER_"

Positive = Annotated[float, msgspec.Meta(gt=0, le=240)]


class FolderSource(Choice, frozen=True, tag="folder"):
    """Pictures that appear in a folder; the newest is looked at. Writers rename into place."""

    path: str


class RecordingSource(Choice, frozen=True, tag="recording"):
    """A recorded folder of pictures, shown once in the order of their names (or over and over)."""

    path: str
    frames_per_second: Positive = 10.0
    repeat: bool = False


class VideoSource(Choice, frozen=True, tag="video"):
    """A video file, shown at its own speed."""

    path: str
    repeat: bool = False


class StreamSource(Choice, frozen=True, tag="stream"):
    """An IP camera's stream (Motion JPEG over HTTP, RTSP). The address may hold a password."""

    url: Annotated[str, msgspec.Meta(pattern="^(http|https|rtsp)://")]


class DeviceSource(Choice, frozen=True, tag="device"):
    """A camera at this machine, by its index."""

    index: Annotated[int, msgspec.Meta(ge=0)]
    width: int = 1280
    height: int = 720


CameraSource = FolderSource | RecordingSource | VideoSource | StreamSource | DeviceSource


class FileGate(Choice, frozen=True, tag="file"):
    """A relay stood for by a file: each opening adds a line."""

    path: str


class MemoryGate(Choice, frozen=True, tag="memory"):
    """No relay: staff let people pass, openings are only counted."""


class _Relay(Choice, frozen=True, kw_only=True):
    """A relay that opens a gate.

    `pulse_ms` is how long it opens for one passage. `fails` tells what a power cut leaves: a
    "secure" gate 断电闭 is powered to open, a "safe" one 断电开 is powered to stay shut, as on an
    escape route. Where only the reader dies, a GPIO line goes and a USB board stays as it was.

    `turned` is the value file of a sensor that is 1 while somebody passes; an entry that nobody
    walked through within `passage_seconds` is taken back.
    """

    pulse_ms: Annotated[int, msgspec.Meta(ge=50, le=10_000)] = 500
    fails: Literal["secure", "safe"] = "secure"
    turned: str | None = None
    passage_seconds: Annotated[float, msgspec.Meta(ge=1, le=60)] = 8.0


class GpioGate(_Relay, frozen=True, tag="gpio"):
    """A relay at a line of a GPIO chip, through its character device."""

    line: Annotated[int, msgspec.Meta(ge=0, le=511)]
    chip: str = "/dev/gpiochip0"


class ValueFileGate(_Relay, frozen=True, tag="value_file"):
    """A relay whose driver has a value file (sysfs: a line's `value`, a LED's `brightness`)."""

    path: str


class RelayBoardGate(_Relay, frozen=True, tag="relay_board"):
    """A channel of a USB relay board of the LCUS kind (serial, 9600 baud)."""

    port: str
    channel: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1


class HttpGate(Choice, frozen=True, tag="http"):
    """A turnstile that takes commands over HTTP; see `devices/http_turnstile`.

    The secret is read from a file, since the lanes file is read by more people.
    """

    url: Annotated[str, msgspec.Meta(pattern="^https?://")]
    secret_file: str
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=5)] = 1.0
    passage_seconds: Annotated[float, msgspec.Meta(ge=1, le=60)] = 8.0


RelaySettings = GpioGate | ValueFileGate | RelayBoardGate
GateSettings = FileGate | MemoryGate | RelaySettings | HttpGate
LaneDirection = Literal["in", "out", "both"]
DecoderName = Literal["zxing-cpp", "pyzbar"]


class LaneSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One lane: what it sees with, in which order it decodes, what it opens.

    `card_reader` is a PC/SC reader's name; `cards` says how far its cards are proven, or names a
    driver that reads them in place of PC/SC. A lane of `direction` "both" is turned by staff; it
    begins with entry.
    """

    number: Annotated[int, msgspec.Meta(ge=1, le=999)]
    camera: CameraSource | None = None
    card_reader: str | None = None
    cards: CardSettings = ReadOnlyCards()
    scanners: tuple[ScannerSettings, ...] = ()
    decoders: Annotated[tuple[DecoderName, ...], msgspec.Meta(min_length=1)] = (
        "zxing-cpp",
        "pyzbar",
    )
    gate: GateSettings = MemoryGate()
    direction: LaneDirection = "in"


class PeerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How this reader tells the venue's others what it saw, and hears them.

    By multicast to `group`, or where the network keeps that back, to each of `hosts` (IPv4 address
    and port). `interface` is the address of the network card, else the system chooses.
    """

    share: bool = True
    group: str = "239.255.89.75"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8975
    hosts: Annotated[tuple[str, ...], msgspec.Meta(max_length=64)] = ()
    interface: str | None = None


class _LanesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lanes: tuple[LaneSettings, ...]
    peers: PeerSettings = PeerSettings()


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything the service is told at its start."""

    data_dir: Path = Path(".data/reader")
    backend_url: Annotated[str, msgspec.Meta(pattern="^https?://")] = "http://127.0.0.1:8000"
    lanes_file: Path | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8100
    sync_seconds: Positive = 30.0

    @property
    def journal_path(self) -> Path:
        """Where the journal lies."""
        return self.data_dir / "journal.sqlite"

    @property
    def snapshot_path(self) -> Path:
        """Where the downloaded lists lie."""
        return self.data_dir / "snapshot.sqlite"

    @property
    def identity_path(self) -> Path:
        """Where the terminal's key and its enrolment lie, readable by the service alone."""
        return self.data_dir / "terminal.json"

    @property
    def staff_path(self) -> Path:
        """Where the staff of this reader and the digests of their PINs lie."""
        return self.data_dir / "staff.json"

    @property
    def emergency_path(self) -> Path:
        """Where the signed record of emergency openings lies."""
        return self.data_dir / "emergency.log"

    @property
    def lanes_path(self) -> Path:
        """Where the lanes are described."""
        return self.lanes_file or self.data_dir / "lanes.toml"


class InvalidSettings(ValueError):
    """A setting cannot be used; `text` names it and what to do."""

    def __init__(self, text: LocalizedText) -> None:
        super().__init__(text.en)
        self.text = text


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings of an environment.

    Raises:
        InvalidSettings: a value has the wrong form.
    """
    names = {"LANES": "lanes_file"}
    known = {
        PREFIX + short: names.get(short, short.lower())
        for short in ("DATA_DIR", "BACKEND_URL", "LANES", "HOST", "PORT", "SYNC_SECONDS")
    }
    given = {field: environment[name] for name, field in known.items() if environment.get(name)}
    try:
        settings = msgspec.convert(given, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise _invalid("环境变量", f"the environment ({PREFIX}…)", str(error)) from error
    if not _is_address(settings.backend_url):
        why = "no host or port - at `$.backend_url`"
        raise _invalid("环境变量", f"the environment ({PREFIX}…)", why)
    return settings


def read_lanes(path: Path) -> tuple[LaneSettings, ...]:
    """Return the lanes of a lanes file.

    Raises:
        InvalidSettings: no such file, not TOML, an unknown or malformed field, two lanes of one
            number or card reader, a lane that sees nothing.
    """
    return _lanes_file(path).lanes


def read_peers(path: Path) -> PeerSettings:
    """Return how a lanes file says to share with other readers.

    Raises:
        InvalidSettings: as `read_lanes`, or an address that is none.
    """
    return _lanes_file(path).peers


def _lanes_file(path: Path) -> _LanesFile:
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _LanesFile)
    except OSError as error:
        raise _invalid("通道文件", f"the lanes file {path}", "cannot be read") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise _invalid("通道文件", f"the lanes file {path}", str(error)) from error
    if wrong := _contradiction(found.lanes) or _wrong_addresses(found.peers):
        raise _invalid("通道文件", f"the lanes file {path}", wrong)
    return found


def _wrong_addresses(peers: PeerSettings) -> str | None:
    named = [peers.group, *([peers.interface] if peers.interface else [])]
    for host in peers.hosts:
        address, _, port = host.rpartition(":")
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
            return f"peers: {host} is not an address and a port"
        named.append(address)
    for address in named:
        try:
            IPv4Address(address)
        except ValueError:
            return f"peers: {address} is not an IPv4 address"
    if not IPv4Address(peers.group).is_multicast:
        return f"peers: {peers.group} is not a multicast group"
    return None


def _contradiction(lanes: tuple[LaneSettings, ...]) -> str | None:
    if not lanes:
        return "no lane"
    numbers = Counter(lane.number for lane in lanes)
    readers = Counter(lane.card_reader for lane in lanes if lane.card_reader)
    for lane in lanes:
        if numbers[lane.number] > 1:
            return f"lane {lane.number} twice"
        if lane.card_reader and readers[lane.card_reader] > 1:
            return f"card reader {lane.card_reader} twice"
        if wrong := _wrong_cards(lane, readers):
            return wrong
        if not (lane.camera or lane.card_reader or lane.scanners or _drives(lane)):
            return f"lane {lane.number} needs a camera, a card_reader, a driver or a scanner"
    if sum(_drives(lane) for lane in lanes) > 1:
        return "a driver at two lanes: it knows one reader a machine"
    return _shared_scanner(lanes)


def _wrong_cards(lane: LaneSettings, readers: Counter[str]) -> str | None:
    match lane.cards:
        case PsamCards(slot=slot):
            if lane.card_reader is None:
                return f"lane {lane.number}: a PSAM proves the cards of a card_reader, name it"
            return f"PSAM slot {slot} is a lane's card_reader" if slot in readers else None
        case DriverCards() if lane.card_reader is not None:
            return f"lane {lane.number}: a driver reads in place of card_reader, leave that out"
        case _:
            return None


def _drives(lane: LaneSettings) -> bool:
    return isinstance(lane.cards, DriverCards)


def _shared_scanner(lanes: tuple[LaneSettings, ...]) -> str | None:
    scanners = Counter(_place(scanner) for lane in lanes for scanner in lane.scanners)
    used = next((place for place, count in scanners.items() if count > 1), None)
    return None if used is None else f"scanner {used} twice"


def _place(scanner: ScannerSettings) -> str:
    match scanner:
        case SerialScanner(port=name) | KeyboardScanner(device=name):
            return name
        case HttpScanner(port=number):
            return f"port {number}"


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _path(wanted: type, value: object) -> Path:
    if wanted is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError


def _invalid(zh: str, en: str, why: str) -> InvalidSettings:
    return InvalidSettings(
        LocalizedText(
            f"{zh}有误：{why}。请改正后重新启动。",
            f"Cannot use {en}: {why}. Correct it and start again.",
        )
    )
