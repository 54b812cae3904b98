"""Rounds of synchronising: upload first, then download, whenever; never because of a scan."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from reader_service.journal import Journal, JournalFull, JournalLocked
from reader_service.snapshot import Kind, Snapshot
from reader_service.sync.backend import UNREACHABLE, VERSION, Backend, SyncProblem
from reader_service.sync.health import Vitals
from reader_service.sync.uploads import Uploads
from reader_service.sync.venue_news import VenueNews
from shared.clock import Clock
from shared.localized_text import LocalizedText
from shared.trust.trust_list import Untrusted
from shared.wire.scans import UPLOAD_LIMIT

_log = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 2.0
_LONGEST_RETRY_SECONDS = 300.0
_JITTER = 0.25
NEWS_SECONDS = 120.0
"""How often the venue's counts are asked for: the backend counts the whole day for each answer."""

_DOCUMENTS = {
    Kind.TRUST_LIST: ("信任名单", "trust list"),
    Kind.TERMINAL_STANDING: ("终端状态", "terminal's standing"),
    Kind.MANIFEST: ("场馆规则", "venue rules"),
    Kind.FUNCTION_LIST: ("卡功能名单", "function list"),
    Kind.STATUS_LIST: ("挂失名单", "status list"),
    Kind.OFFLINE_SET: ("离线预约名单", "offline set"),
}
_UNTRUSTED = {
    "malformed": ("看不懂", "is not understood"),
    "forged": ("签名不对", "has a wrong signature"),
    "expired": ("已经过期", "has run out"),
    "not_yet_valid": ("还没生效，或本机时钟慢了", "is not valid yet, or this clock is slow"),
    "unknown_key": ("签名密钥不在信任名单里", "is signed by a key nobody vouches for"),
    "older": ("比现有的旧", "is older than the one in use"),
    "base_missing": ("接不上现有的", "does not fit the one in use"),
    "not_for_this_reader": ("不是给本馆的", "is meant for another venue"),
}
_INTERNAL = LocalizedText(
    "同步时本机出错，会再试。请联系管理员。",
    "Synchronising failed on this reader and is tried again. Tell the administrator.",
)
_JOURNAL_UNUSABLE = LocalizedText(
    "记录读不出或写不进。请检查本机磁盘。", "The journal cannot be used. Check this reader's disk."
)
_JOURNAL_LOCKED = LocalizedText(
    "记录的密钥不对或丢失，记录打不开。请放回密钥。",
    "The records' key is wrong or lost, so they cannot be opened. Put the key back.",
)
RECEIPT_REFUSED = LocalizedText(
    "后台的回执不可信，已拒收；记录保留，会再上传。请联系管理员。",
    "The backend's receipt cannot be believed and was refused; the records stay and are sent "
    "again. Tell the administrator.",
)
_TAMPERED = LocalizedText(
    "本机记录被改动过，已上报。请运行 python -m reader_service doctor 查看，并联系管理员。",
    "This reader's journal was changed, and that was reported. Run python -m reader_service doctor "
    "to see where, and tell the administrator.",
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong in the last round, since when, and what to do."""

    code: str
    text: LocalizedText
    since: datetime


@dataclass(frozen=True, slots=True)
class SyncState:
    """How the reader stands with its backend; `problem` is None after a clean round."""

    last_success: datetime | None = None
    problem: Problem | None = None


class Sync:
    """Keeps the journal going up and the lists coming down."""

    def __init__(
        self,
        backend: Backend,
        journal: Journal,
        snapshot: Snapshot,
        clock: Clock,
        tell: Callable[[SyncState], None],
        learn: Callable[[VenueNews], None] | None = None,
        vitals: Vitals | None = None,
    ) -> None:
        """Prepare; `learn` hears of the venue's counts and conflicts, if anybody wants them.

        `vitals` are what each round ends with telling the backend.
        """
        self._backend = backend
        self._snapshot = snapshot
        self._clock = clock
        self._tell = tell
        self._learn = learn
        self._vitals = vitals
        self._uploads = Uploads(journal, snapshot, clock)
        self._tampered = False
        self._news_due = 0.0
        self.state = SyncState()

    async def run(self, every_seconds: float) -> None:
        """Do rounds until cancelled: every so often, less often while they fail."""
        retry = _FIRST_RETRY_SECONDS
        while True:
            if await self.round():
                retry, pause = _FIRST_RETRY_SECONDS, every_seconds
            else:
                pause, retry = retry, min(2 * retry, _LONGEST_RETRY_SECONDS)
            await asyncio.sleep(_jittered(pause))

    async def round(self) -> bool:
        """Do one round; True when everything was up to date at its end."""
        problem: SyncProblem | None = None
        steps: list[Callable[[], Awaitable[None]]] = [
            self._take_what_came,
            self._upload,
            self._look_after_journal,
        ]
        steps += [partial(self._refresh, kind) for kind in Kind]
        steps += [self._refresh_news] if self._learn else []
        steps += [partial(self._beat, self._vitals)] if self._vitals else []
        for step in steps:
            try:
                await step()
            except SyncProblem as error:
                problem = problem or error
                if error.code == UNREACHABLE:
                    break
            except Exception as error:  # noqa: BLE001 - the rounds outlive a damaged file
                _log.error("sync: %s", type(error).__name__)
                problem = problem or SyncProblem("internal", _INTERNAL)
        tampered = SyncProblem("journal_tampered", _TAMPERED) if self._tampered else None
        self._note(problem or tampered)
        return problem is None

    async def _upload(self) -> None:
        if self._snapshot.lists.trust is None:
            # By it receipts are verified.
            await self._refresh(Kind.TRUST_LIST)
        with _journal_needed():
            while upload := await asyncio.to_thread(self._uploads.next, UPLOAD_LIMIT):
                receipt = await self._backend.upload(upload)
                try:
                    await asyncio.to_thread(self._uploads.book, receipt, upload)
                except Untrusted as error:
                    raise SyncProblem(f"receipt_{error.code}", RECEIPT_REFUSED) from error

    async def _take_what_came(self) -> None:
        """Use what was brought by hand while the service runs."""
        await asyncio.to_thread(self._snapshot.take_what_came)

    async def _look_after_journal(self) -> None:
        with _journal_needed():
            self._tampered = not await asyncio.to_thread(self._uploads.look_after)

    async def _refresh(self, kind: Kind) -> None:
        if not self._snapshot.wants(kind):
            return
        if kind is Kind.OFFLINE_SET:
            await self._refresh_holdings()
            return
        held = self._snapshot.held.get(kind)
        download = await self._backend.download(kind, held.etag if held else None)
        now = self._clock.now()
        if download is None:
            await asyncio.to_thread(self._snapshot.confirm, kind, now)
            return
        try:
            await asyncio.to_thread(self._snapshot.offer, kind, download.body, download.etag, now)
        except Untrusted as error:
            raise SyncProblem(f"untrusted_{error.code}", _refused(kind, error.code)) from error

    async def _refresh_holdings(self) -> None:
        """Ask for what changed of the offline set; where that does not fit, for all of it."""
        kind = Kind.OFFLINE_SET
        for last in (False, True):
            offered = await self._backend.download_holdings(self._snapshot.known_holdings)
            try:
                await asyncio.to_thread(self._snapshot.offer_holdings, offered)
            except Untrusted as error:
                if error.code == "base_missing" and not last:
                    self._snapshot.forget_holdings_etag()
                    continue
                raise SyncProblem(f"untrusted_{error.code}", _refused(kind, error.code)) from error
            return

    async def _refresh_news(self) -> None:
        """Ask how many are inside the venue, and what does not go together of what gates let in."""
        asked_at, moment = self._clock.now(), self._clock.monotonic()
        if moment < self._news_due:
            return
        flow = await self._backend.flow()
        conflicts = tuple(await self._backend.conflicts())
        self._news_due = moment + NEWS_SECONDS
        if self._learn is not None:
            await asyncio.to_thread(self._learn, VenueNews(flow, conflicts, asked_at))

    async def _beat(self, vitals: Vitals) -> None:
        ahead, now = self._backend.clock_ahead, self._clock.now()
        await self._backend.beat(await asyncio.to_thread(vitals.told, VERSION, ahead, now))

    def _note(self, problem: SyncProblem | None) -> None:
        now, before = self._clock.now(), self.state.problem
        if problem is None:
            self.state = SyncState(now)
        else:
            same = before is not None and before.code == problem.code
            since = before.since if before and same else now
            noted = Problem(problem.code, problem.text, since)
            self.state = SyncState(self.state.last_success, noted)
            if not same:
                _log.warning("sync: %s", problem.code)
        self._tell(self.state)


@contextmanager
def _journal_needed() -> Iterator[None]:
    try:
        yield
    except JournalLocked as error:
        raise SyncProblem("journal_locked", _JOURNAL_LOCKED) from error
    except JournalFull as error:
        raise SyncProblem("journal_unusable", _JOURNAL_UNUSABLE) from error


def _refused(kind: Kind, code: str) -> LocalizedText:
    return refused_words(*_DOCUMENTS[kind], code)


def refused_words(zh: str, en: str, code: str) -> LocalizedText:
    """Say that something offered was not to be believed, and why."""
    why_zh, why_en = _UNTRUSTED.get(code, _UNTRUSTED["malformed"])
    return LocalizedText(
        f"新的{zh}{why_zh}，已拒收，继续用原来的。请联系管理员。",
        f"The new {en} {why_en} and was refused; the old one stays. Tell the administrator.",
    )


def _jittered(seconds: float) -> float:
    """Spread the readers of a city, which may all have lost the backend at one moment."""
    return seconds * secrets.SystemRandom().uniform(1 - _JITTER, 1 + _JITTER)
