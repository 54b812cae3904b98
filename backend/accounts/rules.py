"""What may sign in, with which password, and what a refresh token's state means: pure, on values.

Who may do what once signed in is `foundation.permissions`.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from itertools import pairwise
from pathlib import Path

from backend.foundation.access import Role
from backend.foundation.refusals import Refusal, refusal
from shared.clock import LOCAL_ZONE

MIN_PASSWORD, MAX_PASSWORD = 8, 128  # NIST SP 800-63B §3.1.1.2: at least 8, and 64 or more
MAX_LOGIN = 64
MAX_DEVICE_NAME = 40
MAX_ORGANISATION = 50
CODE_DIGITS = 6
CODE_VALID = timedelta(minutes=5)
RESEND_AFTER = timedelta(seconds=60)
REFRESH_OVERLAP = timedelta(seconds=10)
"""Two refreshes within it are two parts of one app, not a thief: the later one gets nothing."""
FRESH_SIGN_IN = timedelta(minutes=10)
"""So long after an SMS code its session may set a password without the old one."""
OFFICERS = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR})

_COMMON = frozenset(
    Path(__file__).with_name("refused_passwords.txt").read_text(encoding="utf-8").split()
)
_STAFF_LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,31}")
_RUN_STEPS = frozenset({-1, 0, 1})

CREDENTIALS_WRONG = refusal(
    "credentials_wrong",
    ("账号或密码不正确。", "The account or the password is not right."),
    (
        "请核对后再试，或改用短信验证码登录。",
        "Check both and try again, or sign in with a code by SMS.",
    ),
)
STAFF_CREDENTIALS_WRONG = refusal(
    "credentials_wrong",
    (
        "账号、密码或动态口令不正确，或口令已用过。",
        "The account, the password or the code is not right, or the code was used.",
    ),
    ("请核对，等下一个动态口令后再试。", "Check them, wait for the next code and try again."),
)
CODE_WRONG = refusal(
    "sms_code_wrong",
    ("验证码不对、已用过或已过期。", "The code is wrong, used or expired."),
    ("请核对6位数字，或重新获取。", "Check the 6 digits, or ask for a new code."),
)
WHO_SIGNS_IN = refusal(
    "who_signs_in",
    ("这个手机号码由几位居民共用。", "Several residents share this phone."),
    ("请再输入本人的证件号码。", "Enter your citizen number too."),
)
DEVICE_NAME_FORM = refusal(
    "device_name_form",
    ("设备名称应为1至40个字。", "A device's name has 1 to 40 characters."),
    ("请换一个名称。", "Choose another name."),
)
SMS_UNAVAILABLE = refusal(
    "sms_unavailable",
    ("暂时不能发送短信。", "No SMS can be sent at present."),
    ("请用密码登录，或到服务网点办理。", "Sign in with your password, or go to an outlet."),
)
TOO_BUSY = refusal(
    "sign_in_busy",
    ("登录的人太多。", "Too many people are signing in."),
    ("请过几秒再试。", "Try again in a few seconds."),
)
SUPERSEDED = refusal(
    "refresh_superseded",
    ("登录正在续期。", "This sign-in is being renewed already."),
    ("请用最新的登录凭证。", "Use the newest tokens."),
)
REUSED = refusal(
    "refresh_reused",
    (
        "登录凭证被重复使用，为安全起见已结束登录。",
        "A used token came again; the sign-in was ended.",
    ),
    (
        "请重新登录；若非本人操作请修改密码。",
        "Sign in again; if it was not you, change the password.",
    ),
)
PROOF_OF_SELF_NEEDED = refusal(
    "current_password_wrong",
    ("当前密码不正确。", "The present password is not right."),
    (
        "请核对，或用短信验证码重新登录后再设置。",
        "Check it, or sign in with a code by SMS and set it then.",
    ),
)
PASSWORD_SHORT = refusal(
    "password_short",
    (f"密码至少{MIN_PASSWORD}个字符。", f"A password has at least {MIN_PASSWORD} characters."),
    ("请用更长的密码，例如几个词连在一起。", "Use a longer one, such as several words together."),
)
PASSWORD_LONG = refusal(
    "password_long",
    (f"密码最多{MAX_PASSWORD}个字符。", f"A password has at most {MAX_PASSWORD} characters."),
    ("请用短一些的密码。", "Use a shorter one."),
)
PASSWORD_FORM = refusal(
    "password_form",
    ("密码含有无法输入的控制字符。", "The password holds control signs that cannot be typed."),
    ("请只用可以输入的字符。", "Use only characters that can be typed."),
)
PASSWORD_COMMON = refusal(
    "password_common",
    ("这个密码太常见，容易被猜到。", "This password is common and easily guessed."),
    ("请换一个别人想不到的密码。", "Choose one that nobody would think of."),
)
PASSWORD_PERSONAL = refusal(
    "password_personal",
    (
        "密码不能是证件号码、手机号码、生日或账号。",
        "A password must not be your number, phone, birthday or login.",
    ),
    ("请换一个与个人信息无关的密码。", "Choose one that has nothing to do with you."),
)
LOGIN_FORM = refusal(
    "staff_login_form",
    (
        "工作账号应为3至32位小写字母、数字、点、横线，以字母开头。",
        "A staff login has 3 to 32 of a-z, 0-9, dot, dash, underscore, and begins with a letter.",
    ),
    ("请换一个账号。", "Choose another login."),
)
LOGIN_IN_USE = refusal(
    "staff_exists",
    ("该账号或此人已有工作账号。", "The login is taken, or the person has a staff account."),
    ("请换一个账号，或修改原有账号。", "Choose another login, or change the account there is."),
)
STAFF_UNKNOWN = refusal(
    "staff_unknown",
    ("没有这个工作账号。", "There is no such staff account."),
    ("请核对账号。", "Check the login."),
)
NO_SETUP = refusal(
    "totp_setup_missing",
    ("还没有开始更换动态口令器。", "No change of the authenticator was begun."),
    ("请先开始更换，扫描二维码。", "Begin one and scan the QR code."),
)
SETUP_CODE_WRONG = refusal(
    "totp_code_wrong",
    ("新口令器显示的口令不对。", "This is not what the new authenticator shows now."),
    ("请核对手机时间，输入新口令器当前的6位口令。", "Check the phone's time; enter its 6 digits."),
)
STAFF_DISABLED = refusal(
    "staff_disabled",
    ("该工作账号已停用。", "This staff account is disabled."),
    ("请先恢复账号，再授予岗位。", "Enable it first, then give the role."),
)
ORGANISATION_FORM = refusal(
    "organisation_form",
    (
        f"机构代码应为1至40位字母、数字、点、横线；名称为1至{MAX_ORGANISATION}个字。",
        "An organisation's code has 1 to 40 letters, digits, dots and dashes, its names 1 to "
        f"{MAX_ORGANISATION} characters.",
    ),
    ("请核对机构。", "Check the organisation."),
)
OFFICERS_EXCLUDE = refusal(
    "officers_exclude",
    (
        "系统管理员、安全管理员、审计员不能由同一人担任。",
        "System administrator, security officer and auditor must be different people.",
    ),
    ("请先免去原职，或指定另一人。", "Take the other post away first, or name someone else."),
)
OWN_RIGHTS = refusal(
    "own_rights",
    ("不能修改自己的权限。", "Nobody changes their own rights."),
    ("请由另一位安全管理员办理。", "Ask another security officer."),
)


@dataclass(frozen=True, slots=True)
class Locked:
    """Why a try is not even looked at: too many before it, until an instant."""

    until: datetime

    def refusal(self, code: str, zh: str, en: str) -> Refusal:
        """Return it in words; the minute is rounded up, local time."""
        ends = (self.until + timedelta(seconds=59)).astimezone(LOCAL_ZONE)
        return refusal(
            code,
            (zh, en),
            (f"请在{ends:%H:%M}后再试。", f"Try again after {ends:%H:%M} (Beijing time)."),
        )


class RefreshState(Enum):
    """What a refresh token is that is not its session's present one."""

    REPEATED = auto()  # the same request again: it gets the same answer
    SUPERSEDED = auto()  # another request of this moment was first
    REUSED = auto()


def judge_refresh(
    *, is_previous: bool, is_same_request: bool, renewed_at: datetime, now: datetime
) -> RefreshState:
    """Judge a token of a living session that its own device sent.

    Whoever lost the answer repeats the request, also much later: nobody else can have used the
    token that came of it, or it would be the previous one no more.
    """
    if is_previous and is_same_request:
        return RefreshState.REPEATED
    if is_previous and now - renewed_at <= REFRESH_OVERLAP:
        return RefreshState.SUPERSEDED
    return RefreshState.REUSED


def prepared_password(password: str) -> str | None:
    """Return a password as it is hashed, or None where none of ours can be like it."""
    if len(password) > MAX_PASSWORD or not _is_text(password):
        return None
    # Phones and computers type the same Chinese and accented letters in different forms.
    return unicodedata.normalize("NFKC", password)


def password_allowed(
    password: str, *, login: str = "", birth: date | None = None
) -> Refusal | None:
    """Return why a new password is refused (NIST SP 800-63B: length and a block list, no more)."""
    if len(password) < MIN_PASSWORD:
        return PASSWORD_SHORT
    if len(password) > MAX_PASSWORD:
        return PASSWORD_LONG
    if not _is_text(password):
        return PASSWORD_FORM
    plain = unicodedata.normalize("NFKC", password).casefold()
    if login and login in plain:
        return PASSWORD_PERSONAL
    if birth is not None and plain in {f"{birth:%Y%m%d}", f"{birth:%Y-%m-%d}", f"{birth:%d%m%Y}"}:
        return PASSWORD_PERSONAL
    if plain in _COMMON or _is_run(plain) or _repeats(plain):
        return PASSWORD_COMMON
    return None


def login_of(text: str) -> str:
    """Return a login name in the form it is looked up by; nothing a client sends is too strange."""
    plain = unicodedata.normalize("NFKC", text[:MAX_LOGIN]).strip().upper()
    return plain.encode("utf-8", "replace").decode()


def staff_login_of(text: str) -> str | Refusal:
    """Return a staff login."""
    login = text.strip().lower()
    return login if _STAFF_LOGIN.fullmatch(login) else LOGIN_FORM


def device_name_of(text: str) -> str | Refusal:
    """Return a device's name as it can be shown in a list."""
    name = text.strip()
    return name if 1 <= len(name) <= MAX_DEVICE_NAME and name.isprintable() else DEVICE_NAME_FORM


def roles_conflict(roles: Iterable[Role]) -> Refusal | None:
    """Return why one person may not hold these roles together (L17)."""
    return OFFICERS_EXCLUDE if len(OFFICERS.intersection(roles)) > 1 else None


def _is_text(password: str) -> bool:
    """Tell whether every character can be typed: letters, signs, emoji with their joiners."""
    return not any(unicodedata.category(sign) in {"Cc", "Cs", "Co", "Cn"} for sign in password)


def _is_run(plain: str) -> bool:
    """Tell 12345678, hgfedcba, aaaaaaaa from a password."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return len(steps) == 1 and steps <= _RUN_STEPS


def _repeats(plain: str) -> bool:
    """Tell one to four characters over and over (abab…, 12341234) from a password."""
    return any(plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, 5))
