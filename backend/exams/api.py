"""Examinations over GraphQL: the department, the door, and a candidate's own seats."""

import base64
import binascii
from datetime import datetime
from typing import Annotated

import strawberry

from backend.assertions.evidence import Shown
from backend.cards.api import OperationInfo, holder_asking
from backend.exams.records import SeatView
from backend.exams.rules import PHOTO_FORM, ExamSession
from backend.exams.seating import ExamSeating
from backend.exams.service import DoorWish, Exams
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal
from shared.localized_text import LocalizedText

MOST_PICTURE = 400_000
"""Characters of a picture as base64."""


@strawberry.type(name="ExamSeat", description="A seat in a session of an examination.")
class SeatAnswer:
    """A seat; `lateMinutes` after its start nobody enters."""

    session: str
    name: LocalizedTextAnswer
    venue: int
    seat: int
    starts_at: datetime
    ends_at: datetime
    early_minutes: int
    late_minutes: int
    entered_at: datetime | None


@strawberry.type(name="ExamSeatList")
class SeatList:
    """The caller's seats, the latest first."""

    seats: list[SeatAnswer]


@strawberry.type(name="ExamSessionPut")
class SessionPut:
    """A session that is described."""

    code: str
    seats: int


@strawberry.type(name="ExamSeatServed")
class SeatServed:
    """What staff are told of a seat: nothing of whose it is.

    `photo` is `matched`, `unavailable` where no comparison answers, none where no picture was sent:
    then staff look at the person.
    """

    session: str
    seat: int
    entered_at: datetime | None
    photo: str | None
    server_time: datetime


@strawberry.input(name="PutExamSessionInput")
class PutSessionInput:
    """A session; once described it stays as it is."""

    idempotency_key: str
    code: str
    name_zh: str
    name_en: str
    venue: int
    starts_at: datetime
    ends_at: datetime
    seats: int
    early_minutes: int = 60
    late_minutes: int = 15


@strawberry.input(name="AssignExamSeatInput")
class AssignSeatInput:
    """Which seat of which session, for whom."""

    idempotency_key: str
    session: str
    resident: strawberry.ID
    seat: int


@strawberry.input(name="CheckInForExamInput")
class CheckInInput:
    """What is shown at the door, and a picture as base64 where one is taken."""

    idempotency_key: str
    session: str
    code: str | None = None
    identification_code: str | None = None
    picture: str | None = None


@strawberry.input(name="NoteExamImpersonationInput")
class ImpersonationInput:
    """Which seat, and what was seen; the reason holds nothing personal."""

    idempotency_key: str
    session: str
    seat: int
    reason: str


SeatsResult = Annotated[SeatList | RefusalAnswer, strawberry.union("ExamSeatsResult")]
PutSessionResult = Annotated[SessionPut | RefusalAnswer, strawberry.union("PutExamSessionResult")]
SeatResult = Annotated[SeatServed | RefusalAnswer, strawberry.union("ExamSeatResult")]


@strawberry.type
class ExamQueries:
    """Questions about the caller's examinations."""

    @strawberry.field
    async def exam_seats(self, info: OperationInfo) -> SeatsResult:
        """Answer with the caller's seats."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        own = await info.context.services[Exams].of_resident(asking.resident_id)
        return SeatList(seats=list(map(_seat, own)))


@strawberry.type
class ExamMutations:
    """What is done for examinations."""

    @strawberry.mutation
    async def put_exam_session(
        self,
        info: OperationInfo,
        input: PutSessionInput,  # noqa: A002 - GraphQL's usual name
    ) -> PutSessionResult:
        """Describe a session, as the department."""
        caller = info.context.caller
        session = ExamSession(
            code=input.code,
            owner=caller.organisation.code if caller else "",
            name=LocalizedText(input.name_zh, input.name_en),
            venue=input.venue,
            starts_at=input.starts_at,
            ends_at=input.ends_at,
            seats=input.seats,
            early_minutes=input.early_minutes,
            late_minutes=input.late_minutes,
        )
        put = await info.context.services[Exams].put(caller, input.idempotency_key, session)
        return answer_of(put, lambda one: SessionPut(code=one.code, seats=one.seats))

    @strawberry.mutation
    async def assign_exam_seat(
        self,
        info: OperationInfo,
        input: AssignSeatInput,  # noqa: A002 - see above
    ) -> SeatResult:
        """Give a card holder a seat, as the department."""
        service, key = info.context.services[ExamSeating], input.idempotency_key
        wish = (input.session, input.resident, input.seat)
        return _served(info, await service.assign(info.context.caller, key, *wish))

    @strawberry.mutation
    async def check_in_for_exam(
        self,
        info: OperationInfo,
        input: CheckInInput,  # noqa: A002 - see above
    ) -> SeatResult:
        """Let a candidate in at the door, once."""
        picture = _picture(input.picture)
        if isinstance(picture, Refusal):
            return RefusalAnswer.of(picture)
        wish = DoorWish(input.session, Shown(input.code, input.identification_code), picture)
        service, key = info.context.services[Exams], input.idempotency_key
        return _served(info, await service.check_in(info.context.caller, key, wish))

    @strawberry.mutation
    async def note_exam_impersonation(
        self,
        info: OperationInfo,
        input: ImpersonationInput,  # noqa: A002 - see above
    ) -> SeatResult:
        """Note at the door that somebody sits an examination for another."""
        service, key = info.context.services[Exams], input.idempotency_key
        wish = (input.session, input.seat, input.reason)
        return _served(info, await service.note_impersonation(info.context.caller, key, *wish))


def _picture(text: str | None) -> bytes | Refusal | None:
    if text is None:
        return None
    if len(text) > MOST_PICTURE:
        return PHOTO_FORM
    try:
        return base64.b64decode(text, validate=True) or PHOTO_FORM
    except (binascii.Error, ValueError):
        return PHOTO_FORM


def _served(info: OperationInfo, found: SeatView | Refusal) -> SeatServed | RefusalAnswer:
    now = info.context.clock.now()
    return answer_of(
        found,
        lambda one: SeatServed(
            session=one.session.code,
            seat=one.seat,
            entered_at=one.entered_at,
            photo=one.photo,
            server_time=now,
        ),
    )


def _seat(one: SeatView) -> SeatAnswer:
    return SeatAnswer(
        session=one.session.code,
        name=LocalizedTextAnswer.of(one.session.name),
        venue=one.session.venue,
        seat=one.seat,
        starts_at=one.session.starts_at,
        ends_at=one.session.ends_at,
        early_minutes=one.session.early_minutes,
        late_minutes=one.session.late_minutes,
        entered_at=one.entered_at,
    )
