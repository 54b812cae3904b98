"""What staff see beyond the lanes, and do: for whoever has unlocked the page."""

import asyncio
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any

from reader_service.console.sessions import Sessions
from reader_service.console.staff_register import Staff
from reader_service.journal import Journal, JournalFull
from reader_service.lane.emergency import Emergency, EmergencyState
from reader_service.lane.gatekeeper import Gatekeeper
from reader_service.lane.lane import Lane
from reader_service.lane.staff_acts import NOT_FOUND, ActDone, ActRefused, ActResult
from reader_service.reader_clock import ClockError
from reader_service.sync.backend import UNREACHABLE, SyncProblem
from reader_service.sync.venue_news import Conflict, UpdateToShow, VenueDesk, VenueNews
from reader_service.sync.visit_queues import VisitQueueDesk
from shared.clock import LOCAL_ZONE, Clock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from shared.wire.flow import HourFlow
from shared.wire.scans import Direction, Override, OverrideReason

Json = dict[str, Any]
DISK_LOW = 200_000_000
CLOCK_OFF = 5.0
_ONLINE_ONLY = LocalizedText(
    "连不上后台：姓名不存放在本机，断网时不能查找。",
    "The backend cannot be reached. Names are not kept on this reader, so it cannot look up alone.",
)
_CODE_INSTEAD = LocalizedText(
    "请让本人出示码或卡，或核验证件后人工放行。",
    "Ask for the code or card, or check an identity document and let in by hand.",
)
_UPDATE_ONLINE = LocalizedText(
    "连不上后台，没有新的更新码。", "The backend cannot be reached: there is no new update code."
)
_TRY_LATER = LocalizedText("请联网后再试。", "Try again when it is online.")
NO_SUCH_LANE = ActRefused(
    "no_such_lane",
    LocalizedText("本机没有这个通道。", "This reader has no such lane."),
    LocalizedText("请刷新页面。", "Load the page again."),
)
NO_OTHER_WAY = ActRefused(
    "one_way_lane",
    LocalizedText("这个通道的方向是固定的。", "This lane has one way only."),
    LocalizedText("如需改动，请改通道文件。", "Change the lanes file to change that."),
)
PARTY_FORM = ActRefused(
    "party_form",
    LocalizedText("人数应为1至99。", "A party has 1 to 99 persons."),
    LocalizedText("请重新输入。", "Enter it again."),
)


@dataclass
class StaffDesk:
    """The parts that staff work with; `news` is the newest that the backend told."""

    sessions: Sessions
    lanes: Mapping[int, Lane]
    gatekeeper: Gatekeeper
    journal: Journal
    folder: Path
    clock: Clock
    venue_desk: VenueDesk | None = None
    queues: VisitQueueDesk | None = None
    news: VenueNews = field(default_factory=VenueNews)
    clock_ahead: float | None = None
    clock_error: Callable[[], ClockError | None] = lambda: None
    emergency: Emergency | None = None
    tell_pages: Callable[[], None] = lambda: None

    def learn(self, news: VenueNews) -> None:
        """Take the backend's news into use."""
        if news.flow is not None:
            self.gatekeeper.ledger.learn(news.flow)
        self.news = news

    async def check_pin(
        self, staff_id: str, pin: str, first: Staff | None = None
    ) -> Staff | ActRefused:
        """Return whose PIN it is; with `first`, the second person's."""
        if first is not None:
            return await asyncio.to_thread(self.sessions.second, first, staff_id, pin)
        return await asyncio.to_thread(self.sessions.check, staff_id, pin)

    async def take_back(self, lane: int, key: str, answer: str, staff: Staff) -> ActResult:
        """Annul an answer of a lane."""
        found = self.lanes.get(lane)
        if found is None:
            return NO_SUCH_LANE
        return await asyncio.to_thread(found.take_back, key, answer, staff.staff_id)

    async def let_by_hand(
        self,
        lane: int,
        key: str,
        reason: OverrideReason,
        persons: int,
        both: tuple[Staff, Staff],
        refused: str | None,
    ) -> ActResult:
        """Let through by hand, by two persons."""
        found = self.lanes.get(lane)
        if found is None:
            return NO_SUCH_LANE
        by_hand = Override(reason, both[0].staff_id, both[1].staff_id)
        return await asyncio.to_thread(found.let_by_hand, key, by_hand, persons, refused)

    async def let_in_more(self, lane: int, key: str, answer: str, persons: int) -> ActResult:
        """Let in more of a party."""
        found = self.lanes.get(lane)
        if found is None:
            return NO_SUCH_LANE
        return await asyncio.to_thread(found.let_in_more, key, answer, persons)

    async def expect_party(self, lane: int, persons: int) -> ActRefused | None:
        """Let a lane judge its next showing for so many."""
        found = self.lanes.get(lane)
        if found is None:
            return NO_SUCH_LANE
        expected = await asyncio.to_thread(found.expect_party, persons)
        return None if expected else PARTY_FORM

    async def expect_check(self, lane: int, staff: Staff | None) -> ActRefused | None:
        """Have a lane check its next showing for a helpdesk; None waits no longer."""
        found = self.lanes.get(lane)
        if found is None:
            return NO_SUCH_LANE
        await asyncio.to_thread(found.expect_check, staff.staff_id if staff else None)
        return None

    async def earlier_answers(self, lane: int, answer: str) -> list[Json] | ActRefused:
        """Return what the holder of a checked showing was answered before, newest first."""
        found = self.lanes.get(lane)
        known = await asyncio.to_thread(found.earlier_answers, answer) if found else None
        if known is None:
            return NOT_FOUND
        return [
            {
                "at": one.at.isoformat(),
                "lane": one.lane,
                "verdict": one.verdict.value,
                "headline": words(one.headline),
            }
            for one in known
        ]

    async def turn(self, lane: int, direction: Direction) -> ActRefused | None:
        """Turn a lane of both ways."""
        found = self.lanes.get(lane)
        if found is None:
            return NO_SUCH_LANE
        turned = await asyncio.to_thread(found.turn, direction)
        return None if turned else NO_OTHER_WAY

    async def hold_gates(
        self, key: str, staff: Staff, *, held: bool
    ) -> EmergencyState | ActRefused:
        """Hold every gate open for an emergency, or end it."""
        if self.emergency is None:
            return NO_SUCH_LANE
        done = await asyncio.to_thread(self.emergency.hold, key, staff.staff_id, held=held)
        self.tell_pages()
        return done

    def let_go_of_parties(self) -> None:
        """Forget announced parties that did not come."""
        for lane in self.lanes.values():
            lane.let_go_of_party()

    async def flow(self) -> Json:
        """Return how many are inside each area, and the hours of today."""
        hours, whose = await self.hours()
        known = self.gatekeeper.ledger.occupancy.known_at
        with self.gatekeeper.ledger.lock:
            areas = self.gatekeeper.areas()
        return {
            "areas": [
                {"area": one.area, "entered": one.entered, "left": one.left, "inside": one.inside}
                for one in areas
            ],
            "hours": [
                {"hour": h.hour, "entered": h.entered, "left": h.left, "refused": h.refused}
                for h in hours
            ],
            "lanes": [
                {
                    "name": words(one.name),
                    "entered": one.entered,
                    "left": one.left,
                    "refused": one.refused,
                }
                for one in (self.news.flow.lanes if whose and self.news.flow else ())
            ],
            "whole_venue": whose,
            "as_of": known and known.isoformat(),
        }

    async def hours(self) -> tuple[list[HourFlow], bool]:
        """Return the hours of today: the venue's where the backend told them, else these lanes'."""
        now = self.clock.now()
        told = self.news.flow
        if told is not None and local_day(told.asked_at) == local_day(now):
            return list(told.hours), True
        midnight = datetime.combine(local_day(now), time(), LOCAL_ZONE)
        try:
            return await asyncio.to_thread(self.journal.by_hour, midnight), False
        except JournalFull:
            return [], False

    async def acknowledge(
        self, key: str, conflict_id: str, note: str, staff: Staff
    ) -> Conflict | ActRefused:
        """Note at the backend that staff looked at a conflict."""
        if self.venue_desk is None:
            return _offline(SyncProblem(UNREACHABLE, _TRY_LATER))
        try:
            done = await self.venue_desk.acknowledge(key, conflict_id, note, staff.staff_id)
        except SyncProblem as problem:
            return _offline(problem)
        kept = [done if one.conflict_id == conflict_id else one for one in self.news.conflicts]
        self.news = VenueNews(self.news.flow, tuple(kept), self.news.conflicts_at)
        return done

    async def look_up(
        self, query: Mapping[str, str], reason: str, staff: Staff
    ) -> list[Json] | ActRefused:
        """Ask the backend who is expected; this reader keeps no names."""
        if self.venue_desk is None:
            return ActRefused(UNREACHABLE, _ONLINE_ONLY, _CODE_INSTEAD)
        try:
            found = await self.venue_desk.look_up(query, reason, staff.staff_id)
        except SyncProblem as problem:
            if problem.code == UNREACHABLE:
                return ActRefused(UNREACHABLE, _ONLINE_ONLY, _CODE_INSTEAD)
            return ActRefused(problem.code, problem.text, _CODE_INSTEAD)
        return [
            {
                "name": one.name,
                "number": one.number,
                "starts_at": one.starts_at.isoformat(),
                "ends_at": one.ends_at.isoformat(),
                "quantity": one.quantity,
                "entered": one.entered,
            }
            for one in found
        ]

    async def update_code(self) -> UpdateToShow | ActRefused:
        """Ask the backend for what was stopped lately, for staff to carry to another reader."""
        if self.venue_desk is None:
            return _offline(SyncProblem(UNREACHABLE, _UPDATE_ONLINE))
        try:
            return await self.venue_desk.update_code()
        except SyncProblem as problem:
            return _offline(problem)

    def _clock(self) -> Json:
        """Return how far the machine's clock is off, by whom, and what the lanes do about it."""
        error = self.clock_error()
        ahead = self.clock_ahead if error is None else error.ahead
        return {
            "clock_ahead": ahead,
            "clock_off": ahead is not None and abs(ahead) > CLOCK_OFF,
            "clock_source": error and error.source.value,
            "clock_corrected": error.corrected if error else 0.0,
        }

    def device(self) -> Json:
        """Return what this machine says of itself, beside what every page knows."""
        try:
            free: int | None = shutil.disk_usage(self.folder).free
        except OSError:
            free = None
        return {
            "disk_free": free,
            "disk_low": free is None or free < DISK_LOW,
            **self._clock(),
            "staff": len(self.sessions.everybody()),
        }


def act_view(result: ActDone) -> Json:
    """Return what became of an act."""
    answer = result.outcome.answer
    return {
        "done": True,
        "repeated": result.repeated,
        "headline": words(answer.headline),
        "persons": result.outcome.record.persons,
    }


def conflict_view(conflict: Conflict) -> Json:
    """Return a conflict as the page shows it."""
    return {
        "id": conflict.conflict_id,
        "kind": conflict.kind,
        "at": conflict.at.isoformat(),
        "acknowledged_at": conflict.acknowledged_at and conflict.acknowledged_at.isoformat(),
        "note": conflict.note,
        "entries": [
            {
                "venue": words(one.venue_name),
                "lane": words(one.lane_name),
                "at": one.at.isoformat(),
                "persons": one.persons,
                "flags": list(one.flags),
            }
            for one in conflict.entries
        ],
    }


def words(text: LocalizedText) -> Json:
    """Return a text in both languages."""
    return {"zh": text.zh, "en": text.en}


def _offline(problem: SyncProblem) -> ActRefused:
    return ActRefused(problem.code, problem.text, _TRY_LATER)
