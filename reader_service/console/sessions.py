"""Who has unlocked the page: by PIN, until they lock it or leave it alone for a while."""

import hashlib
import secrets
import threading
from dataclasses import dataclass

from reader_service.console.staff_register import Staff, StaffRegister
from reader_service.lane.staff_acts import ActRefused
from shared.clock import Clock
from shared.localized_text import LocalizedText

IDLE_SECONDS = 300.0
LOCKED_SECONDS = 300.0
MOST_TRIES = 5
_MOST_SESSIONS = 32
_MOST_COUNTED = 1000

NO_STAFF = ActRefused(
    "no_staff",
    LocalizedText("本机还没有登记工作人员。", "No staff are registered at this reader."),
    LocalizedText(
        "请管理员在本机运行：python -m reader_service staff add",
        "Ask the administrator to run: python -m reader_service staff add",
    ),
)
WRONG_PIN = ActRefused(
    "wrong_pin",
    LocalizedText("工号或密码不对。", "The staff number or the PIN is wrong."),
    LocalizedText("请重新输入。", "Enter them again."),
)
TOO_MANY = ActRefused(
    "too_many_tries",
    LocalizedText("输错次数过多，这个工号已锁定。", "Too many wrong tries; this number is locked."),
    LocalizedText("请5分钟后再试。", "Try again in 5 minutes."),
)
PAGE_LOCKED = ActRefused(
    "page_locked",
    LocalizedText("页面已锁定。", "The page is locked."),
    LocalizedText("请先输入工号和密码。", "Enter your staff number and PIN first."),
)
SAME_PERSON = ActRefused(
    "same_person",
    LocalizedText("第二人不能是本人。", "The second person must be somebody else."),
    LocalizedText("请另一位工作人员输入工号和密码。", "Ask a colleague to enter their PIN."),
)


@dataclass(slots=True)
class _Session:
    staff: Staff
    seen_at: float


@dataclass(slots=True)
class _Tries:
    wrong: int
    last: float


class Sessions:
    """Checks PINs and keeps who is there; may be used from any thread."""

    def __init__(self, register: StaffRegister, clock: Clock) -> None:
        self._register = register
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[bytes, _Session] = {}
        self._tries: dict[str, _Tries] = {}

    @property
    def set_up(self) -> bool:
        """Whether anybody could unlock the page."""
        return bool(self._register.everybody())

    def everybody(self) -> list[Staff]:
        """Return who is registered."""
        return self._register.everybody()

    def check(self, staff_id: str, pin: str) -> Staff | ActRefused:
        """Return who has this PIN; an id is locked for a while after some wrong tries."""
        if not self.set_up:
            return NO_STAFF
        now = self._clock.monotonic()
        with self._lock:
            tries = self._tries.get(staff_id, _Tries(0, now))
            if now - tries.last >= LOCKED_SECONDS:
                tries = _Tries(0, now)
            if tries.wrong >= MOST_TRIES:
                return TOO_MANY
            # Counted before it is checked: many tries at once are still only so many.
            self._tries.pop(staff_id, None)
            self._tries[staff_id] = _Tries(tries.wrong + 1, now)
            if len(self._tries) > _MOST_COUNTED:
                del self._tries[next(iter(self._tries))]
        staff = self._register.of_pin(staff_id, pin)
        if staff is None:
            return WRONG_PIN
        with self._lock:
            self._tries.pop(staff_id, None)
        return staff

    def second(self, first: Staff, staff_id: str, pin: str) -> Staff | ActRefused:
        """Return the second person, who is not the first."""
        if staff_id == first.staff_id:
            return SAME_PERSON
        return self.check(staff_id, pin)

    def begin(self, staff: Staff) -> str:
        """Unlock for somebody; returns the token of the page's cookie."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._open[_name(token)] = _Session(staff, self._clock.monotonic())
            while len(self._open) > _MOST_SESSIONS:
                del self._open[next(iter(self._open))]
        return token

    def end(self, token: str) -> None:
        """Lock again."""
        with self._lock:
            self._open.pop(_name(token), None)

    def staff(self, token: str, *, renew: bool = False) -> Staff | None:
        """Return who unlocked the page, while they are not away; `renew` says that they act."""
        now = self._clock.monotonic()
        with self._lock:
            session = self._open.get(_name(token))
            if session is None:
                return None
            known = session.staff in self._register.everybody()
            if not known or now - session.seen_at >= IDLE_SECONDS:
                del self._open[_name(token)]
                return None
            if renew:
                session.seen_at = now
            return session.staff


def _name(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
