"""Checks of the machine: whose files, how much room, the right time, a key, somebody on duty."""

import shutil
import stat
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx

from reader_service.console.desk import CLOCK_OFF, DISK_LOW
from reader_service.console.staff_register import StaffRegister
from reader_service.doctor.findings import Finding, Patient, fault, fine, remark
from reader_service.doctor.running_service import ask_service
from reader_service.reader_clock import TimeSource
from shared.wire.request_proof import MAX_SKEW

_TIMEOUT = httpx.Timeout(3.0)
_ENROL = (
    "请在后台取一次性口令，运行：python -m reader_service enrol --token 口令",
    "Get a one-time token and run: python -m reader_service enrol --token TOKEN",
)


def check_disk(patient: Patient) -> Iterator[Finding]:
    """Ask for the room that a day's journal and the lists need."""
    try:
        free = shutil.disk_usage(patient.settings.data_dir).free
    except OSError:
        yield fault(
            "disk",
            ("数据目录打不开。", "The data folder cannot be opened."),
            (
                "请检查磁盘和YIKATONG_READER_DATA_DIR。",
                "Check the disk and YIKATONG_READER_DATA_DIR.",
            ),
        )
        return
    mib = free // 2**20
    if free < DISK_LOW:
        yield fault(
            "disk",
            (
                f"磁盘只剩{mib} MiB，写满后闸机会停。",
                f"{mib} MiB left; a full disk closes the gates.",
            ),
            ("请清理磁盘。", "Free some room."),
        )
    else:
        gib = mib / 1024
        yield fine("disk", f"磁盘剩余{gib:.1f} GiB。", f"{gib:.1f} GiB of disk left.")


def check_identity(patient: Patient) -> Iterator[Finding]:
    """Ask for the key and the enrolment, and that nobody else can read them."""
    path = patient.settings.identity_path
    if patient.terminal is None:
        yield fault(
            "keys", ("本机没有密钥，或文件损坏。", "No key here, or its file is damaged."), _ENROL
        )
        return
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield fault(
            "keys",
            ("其他用户能读本机密钥。", "Other users can read this reader's key."),
            (f"请运行：chmod 600 {path}，并重新登记。", f"Run: chmod 600 {path}, and enrol anew."),
        )
    elif patient.terminal.enrolment is None:
        yield fault("keys", ("有密钥，但还没有登记。", "There is a key but no enrolment."), _ENROL)
    else:
        known = patient.terminal.enrolment
        yield fine(
            "keys",
            f"已登记为{known.terminal_id}，场馆{known.venue_number}。",
            f"Enrolled as {known.terminal_id}, venue {known.venue_number}.",
        )


def check_service(patient: Patient) -> Iterator[Finding]:
    """Ask for the lanes' service on its own page."""
    if ask_service(patient) is not None:
        yield fine("service", "服务在运行。", "The service runs.")
        return
    yield remark(
        "service",
        (
            "服务没有运行，不会放行任何人；通道时间和本馆其他终端也没有询问。",
            "The service does not run: nobody is let in, and neither the lanes' time nor the "
            "venue's other readers were asked for.",
        ),
        (
            "请运行：sudo systemctl start yikatong-reader（或 python -m reader_service serve）",
            "Run: sudo systemctl start yikatong-reader (or python -m reader_service serve)",
        ),
    )


def check_backend_and_clock(patient: Patient) -> Iterator[Finding]:
    """Ask the backend what time it is."""
    try:
        with httpx.Client(timeout=_TIMEOUT, trust_env=False) as client:
            answer = client.get(f"{patient.settings.backend_url}/livez")
        there = parsedate_to_datetime(answer.headers.get("Date", ""))
        ahead = patient.clock.now() - there
    except (httpx.HTTPError, TypeError, ValueError):
        yield remark(
            "backend",
            (
                "连不上后台；闸机照常，时钟无法核对。",
                "No backend: lanes go on, the clock is unchecked.",
            ),
            (
                "请检查网络和YIKATONG_READER_BACKEND_URL。",
                "Check the network and YIKATONG_READER_BACKEND_URL.",
            ),
        )
        return
    yield fine("backend", "连得上后台。", "The backend answers.")
    off = abs(ahead)
    if off <= timedelta(seconds=CLOCK_OFF):
        yield fine("clock", "时钟准确。", "The clock is right.")
        return
    seconds = round(off.total_seconds())
    zh, en = ("快", "ahead") if ahead > timedelta(0) else ("慢", "behind")
    said = (f"时钟{zh}了{seconds}秒。", f"The clock is {seconds} s {en}.")
    step = ("请开启网络对时：timedatectl set-ntp true", "Run: timedatectl set-ntp true")
    yield fault("clock", said, step) if off > MAX_SKEW else remark("clock", said, step)


def check_lanes_clock(patient: Patient) -> Iterator[Finding]:
    """Ask the running service what time the lanes go by, and who told them."""
    told = ask_service(patient)
    if told is None:
        return  # Said by the check of the service.
    state = told.get("clock")
    if state is None:
        yield fine(
            "lanes-clock",
            "通道按本机时间；后台和访客手机都还没有说。",
            "Lanes go by this machine: neither the backend nor enough phones have told.",
        )
        return
    by_phones = state["source"] == TimeSource.PHONES
    zh, en = ("访客手机", "visitors' phones") if by_phones else ("后台", "the backend")
    off, corrected = round(state["ahead"], 1), round(state["corrected"], 1)
    zh = f"按{zh}，本机时间差{off}秒，通道已校正{corrected}秒。"
    en = f"By {en} the machine is {off} s off; the lanes allow for {corrected} s."
    if not state["wrong"]:
        yield fine("lanes-clock", zh, en)
        return
    step = ("请开启网络对时：timedatectl set-ntp true", "Run: timedatectl set-ntp true")
    yield fault("lanes-clock", (zh, en), step)


def check_staff(patient: Patient) -> Iterator[Finding]:
    """Ask for somebody who can unlock the page."""
    count = len(StaffRegister(patient.settings.staff_path).everybody())
    if count:
        yield fine("staff", f"登记了{count}名工作人员。", f"{count} of the staff are registered.")
    else:
        yield remark(
            "staff",
            ("没有登记工作人员，页面不能解锁。", "Nobody is registered to unlock the staff page."),
            (
                "请运行：python -m reader_service staff add --id 工号 --name 姓名",
                "Run: python -m reader_service staff add --id N --name NAME",
            ),
        )
