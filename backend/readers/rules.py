"""What a reported scan proves and what is odd about it; who may enrol as a terminal."""

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.foundation.refusals import Refusal, refusal
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.ecode.reasons import Reason
from shared.localized_text import LocalizedText
from shared.wire.scans import Direction, ScanRecord

CLOCK_LEAD = timedelta(minutes=5)
OLDEST = timedelta(days=30)
ANNUL_WITHIN = timedelta(minutes=15)
"""How long after an entry its own terminal may say that the turnstile did not turn."""
TOKEN_VALID = timedelta(hours=24)
MAX_TERMINAL_NAME = 64

TOKEN_WRONG = refusal(
    "terminal_token_wrong",
    ("终端注册口令不对或已过期。", "The enrolment token is wrong or expired."),
    ("请向管理员申请新的口令。", "Ask the administrator for a new token."),
)
TOKEN_USED = refusal(
    "terminal_token_used",
    ("这个注册口令已被另一台终端使用。", "Another terminal has used this enrolment token."),
    ("请为本机申请新的口令。", "Ask for a token for this terminal."),
)
TERMINAL_KEY_IN_USE = refusal(
    "terminal_key_in_use",
    ("本机密钥已注册为另一台终端。", "This key is enrolled as another terminal."),
    ("请删除本机密钥后重新注册。", "Delete the terminal's key and enrol again."),
)
TERMINAL_UNKNOWN = refusal(
    "terminal_unknown",
    ("服务器不认识这台终端。", "The server does not know this terminal."),
    ("请用新的口令重新注册。", "Enrol it with a new token."),
)
TERMINAL_FORM = refusal(
    "terminal_form",
    ("终端名称、版本、口令或公钥格式不对。", "A terminal's name, version, token or key is wrong."),
    ("请检查终端设置。", "Check the terminal's settings."),
)
VENUE_UNKNOWN = refusal(
    "venue_unknown",
    ("没有这个编号的场馆。", "There is no venue of that number."),
    ("请检查场馆编号。", "Check the venue's number."),
)
TOO_MANY_SCANS = refusal(
    "too_many_scans",
    ("一次上传的记录过多。", "There are too many scans in one upload."),
    ("每次最多500条，请分批上传。", "Send at most 500 at a time."),
)
LIST_NOT_READY = refusal(
    "status_list_not_ready",
    ("状态名单尚未生成。", "The status list is not built yet."),
    ("请几秒后再试。", "Try again in a few seconds."),
)
TERMINAL_BLOCKED = refusal(
    "terminal_blocked",
    ("这台终端已被停用。", "This terminal is blocked."),
    ("请联系管理员。", "Tell the administrator."),
)
FUNCTION_NOT_ASKED = refusal(
    "function_not_asked",
    ("本馆不需要卡功能名单。", "This venue asks for no card function."),
    ("不需要处理。", "There is nothing to do."),
)
STAFF_FORM = refusal(
    "terminal_staff_form",
    ("工作人员编号格式不对。", "The staff number has a wrong form."),
    ("请检查终端上的工作人员登记。", "Check the staff registered at the terminal."),
)
LOOK_UP_FORM = refusal(
    "look_up_form",
    ("请输入完整姓名，或证件号码后四位。", "Give a whole name, or a number's last four."),
    ("两项填一项。", "Give one of the two."),
)
LOOK_UP_TOO_MANY = refusal(
    "look_up_too_many",
    ("今天预约的人太多，不能在入口查找。", "Too many are booked today to look among."),
    ("请让本人出示码，或到服务台查询。", "Ask for the code, or go to the service desk."),
)
LANE_CODE_FORM = refusal(
    "lane_code_form",
    ("没有这个通道，或有效时长不是1至24小时。", "No such lane, or not of 1 to 24 hours."),
    ("请检查通道编号和小时数。", "Check the lane's number and the hours."),
)
MAX_LANE_CODE_HOURS = 24
SCAN_ID_TAKEN = "scan_id_taken"


class ScanFlag(StrEnum):
    """What is odd about a scan that was booked all the same."""

    CLOCK_AHEAD = "clock_ahead"
    TOO_OLD = "too_old"
    LANE_UNKNOWN = "lane_unknown"
    CARD_UNKNOWN = "card_unknown"
    TWO_GATES = "two_gates"  # the same showing of a code was admitted at two lanes
    CARD_STOPPED = "card_stopped"  # let in after the card was suspended, lost or ended
    ANNULMENT_REFUSED = "annulment_refused"  # too late, another terminal's, or of no entry
    PASSBACK = "passback"  # let in again though inside by the record of another gate
    OVERRIDE = "override"  # staff opened by hand


# These stand before or are the checks of the two signatures: the claims are anybody's.
_UNPROVEN = frozenset(
    {
        Reason.NOT_OURS,
        Reason.DAMAGED,
        Reason.VERSION_UNKNOWN,
        Reason.CERTIFICATE_NOT_YET_VALID,
        Reason.CERTIFICATE_EXPIRED,
        Reason.PAPER_NOT_YET,
        Reason.PAPER_DAY_OVER,
        Reason.STALE,
        Reason.CLOCK_AHEAD,
        Reason.ALGORITHM_UNSUPPORTED,
        Reason.ISSUER_UNKNOWN,
        Reason.ISSUER_KEY_NOT_VALID,
        Reason.CARD_REVOKED,
        Reason.CARD_SUSPENDED,
        Reason.DEVICE_UNBOUND,
        Reason.PAPER_VOID,
        Reason.CERTIFICATE_FORGED,
        Reason.PROOF_FORGED,
    }
)


_STAFF_NUMBER = re.compile(r"[0-9A-Za-z_.-]{1,16}")
_SHOWN = frozenset({Verdict.ADMIT, Verdict.LOOK, Verdict.REFUSE})


def is_visit(scan: ScanRecord) -> bool:
    """Tell whether a scan belongs in its holder's list of visits.

    A code refused before its signatures were checked may carry anybody's card index; such a scan
    is booked, and nobody's.
    """
    if scan.annuls is not None or scan.verdict not in _SHOWN:
        return False
    return scan.medium is Medium.CARD or scan.reason not in _UNPROVEN


def is_told(scan: ScanRecord) -> bool:
    """Tell whether a scan's holder reads of it as a use of their data: visits, and checks."""
    proven = scan.medium is Medium.CARD or scan.reason not in _UNPROVEN
    return is_visit(scan) or (scan.is_check and proven)


def lane_code_fault(lane: int | None, hours: int, lanes: Container[int]) -> Refusal | None:
    """Return why no configuration code 配置码 is made; `lanes` are the venue's."""
    fits = 1 <= hours <= MAX_LANE_CODE_HOURS and (lane is None or lane in lanes)
    return None if fits else LANE_CODE_FORM


def lane_without_name(lane: int) -> LocalizedText:
    """Return what a lane is called that its venue's rules do not name."""
    return LocalizedText(f"{lane}号通道", f"Lane {lane}")


def code_use(scan: ScanRecord) -> bytes | None:
    """Return what names one showing of a code, for an entry with it: card, phone, counter.

    Going out uses nothing up, and what staff let in by hand was not let in by its code.
    """
    if not scan.persons or scan.direction is Direction.OUT or scan.override is not None:
        return None
    if scan.medium is not Medium.ECODE:
        return None
    if scan.card_index is None or scan.device_serial is None or scan.counter is None:
        return None
    return scan.card_index.to_bytes(4) + scan.device_serial.to_bytes(2) + scan.counter.to_bytes(3)


def time_flags(scanned_at: datetime, received_at: datetime) -> list[ScanFlag]:
    """Judge a terminal's clock; the scan is booked whatever it says."""
    if scanned_at > received_at + CLOCK_LEAD:
        return [ScanFlag.CLOCK_AHEAD]
    return [ScanFlag.TOO_OLD] if scanned_at < received_at - OLDEST else []


@dataclass(frozen=True, slots=True)
class Passage:
    """A scan as annulments see it: whose terminal, when, and how many it let through."""

    scan_id: str
    terminal_id: str
    at: datetime
    persons: int


def annuls(annulment: Passage, entry: Passage) -> bool:
    """Tell whether a terminal's word that its turnstile did not turn takes an entry back."""
    after = annulment.at - entry.at
    own = annulment.terminal_id == entry.terminal_id
    return own and entry.persons > 0 and timedelta(0) <= after <= ANNUL_WITHIN


def is_staff_number(text: str) -> bool:
    """Tell whether a text can be a staff number at a terminal."""
    return _STAFF_NUMBER.fullmatch(text) is not None


def is_plain_name(text: str) -> bool:
    """Tell whether a terminal's name or version can be stored and shown."""
    return 1 <= len(text) <= MAX_TERMINAL_NAME and text.isprintable()
