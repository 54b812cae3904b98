"""What people's apps ask about visits."""

from datetime import date, datetime, timedelta
from enum import Enum

import strawberry

from backend.cards.api import OperationInfo, acting_for, phone_card
from backend.foundation.access import NOT_PROVEN
from backend.foundation.answers import LocalizedTextAnswer, OperationRefused
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.pages import Page
from backend.foundation.refusals import Refusal
from backend.readers.attendance_rules import AttendanceDay, attendance, month_span
from backend.readers.visits import AttendanceVenue, VisitFacts, Visits
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium

strawberry.enum(Medium)


@strawberry.enum(name="VisitOutcome")
class VisitOutcome(Enum):
    """How a visit ended at the gate."""

    ADMITTED = "admit"
    LOOK = "look"  # admitted after staff checked something
    REFUSED = "refuse"


@strawberry.type(name="Visit", description="One showing of the caller's card at a venue.")
class VisitAnswer:
    """One visit; `reason` is there where it was no plain admission."""

    id: strawberry.ID
    at: datetime
    venue_name: LocalizedTextAnswer
    lane_name: LocalizedTextAnswer
    medium: Medium
    verdict: VisitOutcome
    reason: LocalizedTextAnswer | None


@strawberry.type(name="VisitConnection", description="A page of visits, newest first.")
class VisitConnection:
    """A page of visits."""

    nodes: list[VisitAnswer]
    page_info: PageInfo


@strawberry.type(name="AttendanceDay", description="A day on which the caller came in.")
class AttendanceDayAnswer:
    """Minutes inside are of entries with an exit; `unpaired` counts entries without one."""

    day: date
    first_in: datetime
    last_out: datetime | None
    minutes_inside: int
    unpaired: int


@strawberry.type(name="Attendance")
class AttendanceAnswer:
    """The days of one month at one venue."""

    nodes: list[AttendanceDayAnswer]


@strawberry.type(
    name="AttendanceVenue", description="A building that the caller came into in a month."
)
class AttendanceVenueAnswer:
    """`lastIn` is the last time that they came in."""

    venue: int
    venue_name: LocalizedTextAnswer
    last_in: datetime


@strawberry.type(
    name="AttendanceVenueConnection",
    description="A page of buildings, the one last entered first.",
)
class AttendanceVenueConnection:
    """A page of buildings."""

    nodes: list[AttendanceVenueAnswer]
    page_info: PageInfo


@strawberry.type
class VisitQueries:
    """Questions about the caller's visits."""

    @strawberry.field
    async def attendance_venues(
        self, info: OperationInfo, month: str, first: int = 20, after: str | None = None
    ) -> AttendanceVenueConnection:
        """考勤: the buildings that the caller came into in a month such as 2026-11."""
        position = position_of(first, after)
        resident_id, span = await _asked(info, month)
        visits = info.context.services[Visits]
        page = await visits.attendance_venues(resident_id, span, first, position)
        return AttendanceVenueConnection(
            nodes=[_venue(one) for one in page.rows], page_info=PageInfo.of(page)
        )

    @strawberry.field
    async def attendance(self, info: OperationInfo, venue: int, month: str) -> AttendanceAnswer:
        """考勤: the caller's own days at a venue in a month such as 2026-11, from their taps."""
        resident_id, span = await _asked(info, month)
        visits = info.context.services[Visits]
        passages = await visits.passages(resident_id, venue, *span)
        return AttendanceAnswer(nodes=[_day(one) for one in attendance(passages)])

    @strawberry.field
    async def visits(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> VisitConnection:
        """Answer with a page of the caller's visits."""
        position, visits = position_of(first, after), info.context.services[Visits]
        acting = await acting_for(info)
        if isinstance(acting, Refusal):
            raise OperationRefused(acting)
        if acting is not None:
            return _connection(await visits.page(acting.principal, first, position))
        card = await phone_card(info)
        if card is NOT_PROVEN:
            raise OperationRefused(NOT_PROVEN)
        if isinstance(card, Refusal):
            # `card` of the same operation says why; a page of nothing keeps that answer whole.
            return _connection(Page((), has_more=False))
        page = await visits.page(card.resident_id, first, position)
        return _connection(page)


async def _asked(info: OperationInfo, month: str) -> tuple[str, tuple[datetime, datetime]]:
    """Return who asks about their attendance, and from when to when.

    Raises:
        OperationRefused: the caller has no card, or that is no month.
    """
    card = await phone_card(info)
    if isinstance(card, Refusal):
        raise OperationRefused(card)
    span = month_span(month)
    if isinstance(span, Refusal):
        raise OperationRefused(span)
    return card.resident_id, span


def _venue(one: AttendanceVenue) -> AttendanceVenueAnswer:
    return AttendanceVenueAnswer(
        venue=one.venue, venue_name=LocalizedTextAnswer.of(one.venue_name), last_in=one.last_in
    )


def _day(one: AttendanceDay) -> AttendanceDayAnswer:
    return AttendanceDayAnswer(
        day=one.day,
        first_in=one.first_in,
        last_out=one.last_out,
        minutes_inside=one.inside // timedelta(minutes=1),
        unpaired=one.unpaired,
    )


def _connection(page: Page[VisitFacts]) -> VisitConnection:
    return VisitConnection(
        nodes=[_answer(visit) for visit in page.rows],
        page_info=PageInfo.of(page),
    )


def _answer(visit: VisitFacts) -> VisitAnswer:
    return VisitAnswer(
        id=strawberry.ID(visit.scan_id),
        at=visit.at,
        venue_name=LocalizedTextAnswer.of(visit.venue_name),
        lane_name=LocalizedTextAnswer.of(visit.lane_name),
        medium=visit.medium,
        verdict=_OUTCOMES[visit.verdict],
        reason=None if visit.reason is None else LocalizedTextAnswer.of(visit.reason),
    )


_OUTCOMES = {
    Verdict.ADMIT: VisitOutcome.ADMITTED,
    Verdict.LOOK: VisitOutcome.LOOK,
    Verdict.REFUSE: VisitOutcome.REFUSED,
}
