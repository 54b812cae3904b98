"""Runs every check and says what came of it."""

import json
import os
from collections.abc import Iterator, Sequence

from reader_service.doctor.device_checks import check_lanes
from reader_service.doctor.findings import Check, Finding, Level, Patient, fault
from reader_service.doctor.input_checks import check_inputs, list_devices
from reader_service.doctor.machine_checks import (
    check_backend_and_clock,
    check_disk,
    check_identity,
    check_lanes_clock,
    check_service,
    check_staff,
)
from reader_service.doctor.peer_checks import check_peers
from reader_service.doctor.stored_checks import check_journal, check_lists
from reader_service.settings import InvalidSettings, LaneSettings, Settings, read_lanes
from reader_service.sync.terminal import NotEnrolled, load_terminal
from shared.clock import Clock

CHECKS: tuple[Check, ...] = (
    check_disk,
    check_identity,
    check_service,
    check_backend_and_clock,
    check_lanes_clock,
    check_lists,
    check_journal,
    check_staff,
    check_peers,
    check_lanes,
    check_inputs,
    list_devices,
)
_SECTIONS = {
    Level.FAULT: "—— 故障 Faults ——",
    Level.REMARK: "—— 提醒 Remarks ——",
    Level.FINE: "—— 正常 Fine ——",
}
_MARKS = {Level.FINE: "✓", Level.REMARK: "!", Level.FAULT: "✗"}


def examine(settings: Settings, clock: Clock) -> list[Finding]:
    """Run every check; one that breaks down is a fault and stops no other."""
    if (stranger := _stranger(settings)) is not None:
        return [stranger]
    found: list[Finding] = []
    lanes: tuple[LaneSettings, ...] = ()
    if settings.lanes_path.exists():
        try:
            lanes = read_lanes(settings.lanes_path)
        except InvalidSettings as error:
            step = ("各项写法见README。", "How each part is written stands in README.")
            found.append(fault("lanes", (error.text.zh, error.text.en), step))
    else:
        found.append(_no_lanes(settings))
    try:
        terminal = load_terminal(settings.identity_path)
    except NotEnrolled:
        terminal = None
    patient = Patient(settings, lanes, terminal, clock)
    for check in CHECKS:
        found += _findings(check, patient)
    return found


def status_of(found: Sequence[Finding]) -> int:
    """Return the exit status: 1 where something is broken; a remark is not."""
    return int(any(one.level is Level.FAULT for one in found))


def as_json(found: Sequence[Finding]) -> str:
    """Return the findings for a machine."""
    document = {"healthy": not status_of(found), "findings": [one.to_json() for one in found]}
    return json.dumps(document, ensure_ascii=False)


def as_text(found: Sequence[Finding]) -> str:
    """Return the findings for people: the sum, then the worst first, Chinese before English.

    What to do stands under what is wrong.
    """
    parts = {level: [one for one in found if one.level is level] for level in _SECTIONS}
    faults, remarks, well = (len(parts[level]) for level in _SECTIONS)
    lines = [
        f"故障{faults}处，提醒{remarks}项，正常{well}项。"
        f" Faults: {faults}, remarks: {remarks}, fine: {well}."
    ]
    for level, title in _SECTIONS.items():
        if parts[level]:
            lines += ["", title, *(line for one in parts[level] for line in _lines(one))]
    return "\n".join(lines)


def _lines(finding: Finding) -> Iterator[str]:
    mark, text, step = _MARKS[finding.level], finding.text, finding.next_step
    if step is None:
        yield f"{mark} {text.zh} {text.en}"
        return
    yield f"{mark} {text.zh}"
    yield f"  → {step.zh}"
    yield f"  {text.en}"
    yield f"  → {step.en}"


def _findings(check: Check, patient: Patient) -> list[Finding]:
    try:
        return list(check(patient))
    except Exception as error:  # noqa: BLE001 - the other checks must be heard
        name = check.__name__
        why = type(error).__name__
        text = (f"检查{name}没有做成：{why}。", f"The check {name} broke down: {why}.")
        return [fault(name, text, ("请联系管理员。", "Tell the administrator."))]


def _no_lanes(settings: Settings) -> Finding:
    path = settings.lanes_path
    return fault(
        "lanes",
        (f"还没有通道文件{path}。", f"There is no lanes file {path} yet."),
        (
            "请写明每个通道的编号、摄像头或读卡器、闸机；写法见README。",
            "Name each lane's number, its camera or card reader and its gate, as README shows.",
        ),
    )


def _stranger(settings: Settings) -> Finding | None:
    """Return that another user asks: what it opened, the service could not open afterwards."""
    try:
        owner = settings.data_dir.stat().st_uid
    except OSError:
        return None  # Said by the check of the disk.
    if owner == os.geteuid():
        return None
    return fault(
        "user",
        ("数据目录属于另一用户。", "The data folder belongs to another user."),
        (
            "请运行：sudo yikatong-reader doctor",
            "Run it as the service's user: sudo yikatong-reader doctor",
        ),
    )
