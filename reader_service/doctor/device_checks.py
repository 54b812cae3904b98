"""Checks of each lane's devices, without taking one from a service that is running."""

from collections.abc import Iterator
from pathlib import Path

from reader_service.devices.gate import check_gate
from reader_service.doctor.findings import Finding, Patient, fault, fine
from reader_service.settings import (
    CameraSource,
    DeviceSource,
    FolderSource,
    HttpGate,
    LaneSettings,
    MemoryGate,
    RecordingSource,
    StreamSource,
    VideoSource,
)

_GATES = {
    MemoryGate: ("没有配置闸机，只在页面上回答。", "no gate is named; it answers on the page."),
    HttpGate: ("闸机密钥在，这里不试开。", "the gate's secret is there; it is not opened to try."),
}


def check_lanes(patient: Patient) -> Iterator[Finding]:
    """Ask for every device that the lanes file names."""
    for lane in patient.lanes:
        if lane.camera is not None:
            yield _camera(lane, lane.camera)
        if lane.card_reader is not None:
            yield _card_reader(lane, lane.card_reader)
        yield _gate(lane)


def _camera(lane: LaneSettings, source: CameraSource) -> Finding:
    check, zh, en = (
        f"lane-{lane.number}.camera",
        f"{lane.number}号通道摄像头",
        f"Lane {lane.number}: camera",
    )
    wanted = _camera_path(source)
    if wanted is None:
        said = "在网络上，这里不询问。", "is on the network and is not asked from here."
        return fine(check, f"{zh}{said[0]}", f"{en} {said[1]}")
    if wanted.exists():
        return fine(check, f"{zh}在。", f"{en} is there.")
    return fault(
        check,
        (f"{zh}不在：{wanted}。", f"{en} is missing: {wanted}."),
        ("请插好摄像头，或改通道文件。", "Plug the camera in, or correct the lanes file."),
    )


def _camera_path(source: CameraSource) -> Path | None:
    """Return what must be there for a camera; a stream is not asked, it may serve one at a time."""
    match source:
        case FolderSource(path) | RecordingSource(path) | VideoSource(path):
            return Path(path)
        case DeviceSource(index):
            return Path(f"/dev/video{index}")
        case StreamSource():
            return None


def _card_reader(lane: LaneSettings, name: str) -> Finding:
    # Imported here: a venue without card readers needs no PC/SC library.
    from reader_service.devices.card_channel import CardError  # noqa: PLC0415
    from reader_service.devices.pcsc import CardReader  # noqa: PLC0415

    check = f"lane-{lane.number}.card_reader"
    reader = CardReader(name)
    try:
        found = reader.full_name()
    except CardError:
        return fault(
            check,
            (
                f"{lane.number}号通道读卡器不在：{name}。",
                f"Lane {lane.number}: no card reader {name}.",
            ),
            (
                "请插好读卡器，并运行：systemctl restart pcscd.socket",
                "Plug it in and run: systemctl restart pcscd.socket",
            ),
        )
    finally:
        reader.close()
    return fine(check, f"{lane.number}号通道读卡器在：{found}。", f"Lane {lane.number}: {found}.")


def _gate(lane: LaneSettings) -> Finding:
    check = f"lane-{lane.number}.gate"
    wrong = check_gate(lane.gate)
    if wrong is None:
        zh, en = _GATES.get(type(lane.gate), ("闸机在。", "the gate is there."))
        return fine(check, f"{lane.number}号通道{zh}", f"Lane {lane.number}: {en}")
    return fault(
        check,
        (f"{lane.number}号通道闸机不在：{wrong}。", f"Lane {lane.number}: no gate at {wrong}."),
        ("请检查接线、权限和通道文件。", "Check the cable, the rights and the lanes file."),
    )
