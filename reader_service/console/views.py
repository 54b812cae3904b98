"""What the page is given, as JSON: every visible text in both languages, times as ISO 8601 UTC."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from reader_service.journal import Journal, JournalFull
from reader_service.lane.board import Board, LaneAnswer, LaneState
from reader_service.lane.decision import UsableLists, usable_lists
from reader_service.lane.emergency import Emergency, EmergencyState
from reader_service.peers.sharing import Sharing
from reader_service.reader_clock import IGNORED, ClockError
from reader_service.snapshot import Kind, Snapshot
from reader_service.sync.rounds import SyncState
from shared.admission.opening import OpeningCalendar
from shared.clock import Clock
from shared.ecode.reasons import explain
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

Json = dict[str, Any]
_STATUS = ("now", "venue", "closed", "lists", "lists_fault", "sync", "emergency", "peers", "clock")

_GATE_FAILED = LocalizedText(
    "闸机没有打开，请手动开闸。", "The gate did not open; open it by hand."
)


class StaffView:
    """Gathers what the page shows from where it is known."""

    def __init__(self, board: Board, snapshot: Snapshot, journal: Journal, clock: Clock) -> None:
        self._board = board
        self._snapshot = snapshot
        self._journal = journal
        self._clock = clock
        self.sync_state = SyncState()
        self.emergency: Emergency | None = None
        self.sharing: Sharing | None = None
        self.clock_error: Callable[[], ClockError | None] = lambda: None

    def everything(self) -> Json:
        """Return the whole state of the page."""
        manifest = self._snapshot.lists.manifest
        return {
            "now": _time(self._clock.now()),
            "venue": manifest and {"number": manifest.venue_number, "name": _words(manifest.name)},
            "closed": manifest and _closed(manifest.rules.opening(), self._clock.now()),
            "lanes": [self.lane(state) for state in self._board.lanes()],
            "lists": {kind.value: self._list(kind) for kind in Kind if self._snapshot.wants(kind)},
            "lists_fault": self._lists_fault(),
            "sync": self._sync(),
            "emergency": emergency_view(self.emergency.state if self.emergency else None),
            "peers": self._peers(),
            "clock": _clock(self.clock_error()),
        }

    def lane(self, state: LaneState) -> Json:
        """Return one lane with its faults and its last answers."""
        manifest = self._snapshot.lists.manifest
        named = {lane.number: lane.name for lane in manifest.lanes} if manifest else {}
        usual = LocalizedText(f"{state.number} 号通道", f"Lane {state.number}")
        return {
            "number": state.number,
            "name": _words(named.get(state.number, usual)),
            "faults": [
                {
                    "reason": reason.value,
                    "since": _time(since),
                    "headline": _words(explain(reason, {}).staff),
                    "next_step": _words(explain(reason, {}).next_step),
                }
                for reason, since in state.faults.items()
            ],
            "answers": [answer_view(answer) for answer in state.answers],
            "out": state.out,
            "may_turn": state.may_turn,
            "party": state.party,
            "annulled": sorted(state.annulled),
            "challenge": state.challenge,
            "checking": state.checking,
        }

    def status(self) -> Json:
        """Return what stands in the page's head."""
        whole = self.everything()
        return {name: whole[name] for name in _STATUS}

    def _list(self, kind: Kind) -> Json | None:
        lists = self._snapshot.lists
        document = {
            Kind.TRUST_LIST: lists.trust,
            Kind.TERMINAL_STANDING: lists.standing,
            Kind.MANIFEST: lists.manifest,
            Kind.FUNCTION_LIST: lists.functions,
            Kind.STATUS_LIST: lists.status,
            Kind.OFFLINE_SET: lists.holdings,
        }[kind]
        held = self._snapshot.held.get(kind)
        if document is None or held is None:
            return None
        return {
            "issued_at": _time(document.issued_at),
            "valid_until": _time(document.valid_until),
            "confirmed_at": _time(held.confirmed_at),
        }

    def _lists_fault(self) -> Json | None:
        """Return why no lane can admit, before the first visitor finds out."""
        answer = usable_lists(self._snapshot.lists, self._clock.now())
        if isinstance(answer, UsableLists):
            return None
        return {
            "reason": answer.reason,
            "headline": _words(answer.headline),
            "next_step": answer.next_step and _words(answer.next_step),
        }

    def _sync(self) -> Json:
        state = self.sync_state
        return {
            "last_success": state.last_success and _time(state.last_success),
            "unsent": self._unsent(),
            "problem": state.problem
            and {
                "code": state.problem.code,
                "text": _words(state.problem.text),
                "since": _time(state.problem.since),
            },
        }

    def _peers(self) -> Json | None:
        """Return how sharing with the venue's other readers goes, None where it is off."""
        if self.sharing is None:
            return None
        state = self.sharing.state
        return {
            "ready": state.ready,
            "sends": state.sends,
            "there": sum(peer.there for peer in state.peers),
            "silent": sorted({peer.terminal_id for peer in state.peers if not peer.there}),
            "counts": dict(state.counts),
        }

    def _unsent(self) -> int | None:
        try:
            return self._journal.count_unsent()
        except JournalFull:
            return None


def _closed(calendar: OpeningCalendar | None, now: datetime) -> Json | None:
    """Return until when the venue is closed on purpose, so that nobody takes it for down."""
    if calendar is None or calendar.is_open(now):
        return None
    opens, closure = calendar.next_opening(now), calendar.closure_on(local_day(now))
    why = closure and closure.why
    return {"opens": opens and _time(opens), "why": why and _words(why)}


def _clock(error: ClockError | None) -> Json | None:
    """Return how far the machine's clock is off; `wrong` where the lanes cannot allow for it."""
    if error is None:
        return None
    return {
        "ahead": error.ahead,
        "source": error.source.value,
        "corrected": error.corrected,
        "wrong": abs(error.ahead - error.corrected) > IGNORED,
    }


def emergency_view(state: EmergencyState | None) -> Json | None:
    """Return how the gates are held, None where nobody ever held them and all is well."""
    if state is None or (state.since is None and state.intact):
        return None
    return {
        "held": state.held,
        "since": state.since and _time(state.since),
        "staff": state.staff,
        "signed": state.recorded and state.intact,
        "stuck": list(state.stuck),
    }


def answer_view(given: LaneAnswer) -> Json:
    """Return one answer of a lane."""
    answer = given.answer
    next_step = _GATE_FAILED if given.gate_failed else answer.next_step
    return {
        "id": given.answer_id,
        "lane": given.lane,
        "at": _time(given.at),
        "medium": given.medium.value,
        "verdict": answer.verdict.value,
        "reason": answer.reason and answer.reason.value,
        "detail": dict(answer.detail),
        "headline": _words(answer.headline),
        "next_step": next_step and _words(next_step),
        "again": given.again,
        "gate_failed": given.gate_failed,
        "persons": given.persons,
        "out": given.out,
        "more_may_follow": given.more_may_follow,
        "by_hand": given.by_hand,
        "annuls": given.annuls,
        "checked": given.checked,
        "note": given.note and _words(given.note),
        "took_ms": given.took_ms and round(given.took_ms, 1),
    }


def _words(text: LocalizedText) -> Json:
    return {"zh": text.zh, "en": text.en}


def _time(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds")
