"""Checks of PSAMs, card drivers and scan guns, and a list of what is plugged in."""

import os
from collections.abc import Iterator
from pathlib import Path

from reader_service.device_settings import (
    DriverCards,
    HttpScanner,
    PsamCards,
    ScannerSettings,
    SerialScanner,
)
from reader_service.doctor.findings import Finding, Patient, fault, fine
from reader_service.settings import LaneSettings

_PLUGGED = (
    ("/dev/serial/by-id", "*"),
    ("/dev/input/by-id", "*-event-kbd"),
    ("/dev/v4l/by-id", "*"),
)


def check_inputs(patient: Patient) -> Iterator[Finding]:
    """Ask for every PSAM, driver and scan gun that the lanes file names."""
    for lane in patient.lanes:
        match lane.cards:
            case PsamCards(slot=slot):
                yield _psam(lane, slot)
            case DriverCards(library=library):
                yield _driver(lane, Path(library))
        for scanner in lane.scanners:
            yield _scanner(lane, scanner)


def list_devices(patient: Patient) -> Iterator[Finding]:
    """Name what is plugged in, as the lanes file would name it."""
    found = [str(path) for folder, names in _PLUGGED for path in sorted(Path(folder).glob(names))]
    if any(lane.card_reader for lane in patient.lanes):
        found += _readers()
    listed = "; ".join(found)
    yield fine("devices", f"接入的设备：{listed or '无'}。", f"Plugged in: {listed or 'nothing'}.")


def _readers() -> list[str]:
    # Imported here: a venue without card readers needs no PC/SC library.
    from reader_service.devices.card_channel import CardError  # noqa: PLC0415
    from reader_service.devices.pcsc_service import reader_names  # noqa: PLC0415

    try:
        return reader_names()
    except CardError:
        return []  # Said by the check of the lane's reader.


def _psam(lane: LaneSettings, slot: str) -> Finding:
    from reader_service.devices.card_channel import CardError  # noqa: PLC0415
    from reader_service.devices.pcsc import CardReader  # noqa: PLC0415

    check, n = f"lane-{lane.number}.psam", lane.number
    reader = CardReader(slot)
    try:
        there = reader.has_card()
    except CardError:
        return fault(
            check,
            (f"{n}号通道PSAM卡座不在：{slot}。", f"Lane {n}: no PSAM slot {slot}."),
            ("请检查读卡器和通道文件。", "Check the reader and the lanes file."),
        )
    finally:
        reader.close()
    if there:
        return fine(check, f"{n}号通道PSAM在：{slot}。", f"Lane {n}: a PSAM is in {slot}.")
    return fault(
        check,
        (f"{n}号通道PSAM卡座是空的：{slot}。", f"Lane {n}: nothing is in the PSAM slot {slot}."),
        ("请插入PSAM卡；此前刷卡按未认证处理。", "Put the PSAM in; until then no card is proven."),
    )


def _driver(lane: LaneSettings, library: Path) -> Finding:
    check, n = f"lane-{lane.number}.driver", lane.number
    if library.is_file() and os.access(library, os.R_OK):
        return fine(
            check, f"{n}号通道驱动在：{library}。", f"Lane {n}: the driver {library} is there."
        )
    return fault(
        check,
        (f"{n}号通道驱动读不到：{library}。", f"Lane {n}: the driver {library} cannot be read."),
        (
            "请安装读卡器厂商的驱动，或改通道文件。",
            "Install the maker's driver, or correct the lanes file.",
        ),
    )


def _scanner(lane: LaneSettings, scanner: ScannerSettings) -> Finding:
    n = lane.number
    if isinstance(scanner, HttpScanner):
        return _pushing(n, scanner)
    name = scanner.port if isinstance(scanner, SerialScanner) else scanner.device
    check = f"lane-{n}.scanner.{Path(name).name}"
    if not Path(name).exists():
        return fault(
            check,
            (f"{n}号通道扫码枪不在：{name}。", f"Lane {n}: no scan gun at {name}."),
            ("请插好扫码枪，或改通道文件。", "Plug it in, or correct the lanes file."),
        )
    if not os.access(name, os.R_OK):
        return fault(
            check,
            (f"{n}号通道扫码枪无权读取：{name}。", f"Lane {n}: {name} may not be read."),
            (
                "请把服务用户加入dialout和input组。",
                "Add the service's user to the groups dialout and input.",
            ),
        )
    return fine(check, f"{n}号通道扫码枪在：{name}。", f"Lane {n}: the scan gun {name} is there.")


def _pushing(n: int, scanner: HttpScanner) -> Finding:
    check, where = f"lane-{n}.scanner.{scanner.port}", f"{scanner.address}:{scanner.port}"
    if os.access(scanner.secret_file, os.R_OK) and Path(scanner.secret_file).stat().st_size:
        return fine(
            check,
            f"{n}号通道网络扫码器发往{where}。",
            f"Lane {n}: a device sends to {where}.",
        )
    return fault(
        check,
        (
            f"{n}号通道网络扫码器的口令读不到：{scanner.secret_file}。",
            f"Lane {n}: the secret {scanner.secret_file} cannot be read, or is empty.",
        ),
        ("请写入口令文件，并给扫码器同一口令。", "Write it, and give the device the same."),
    )
