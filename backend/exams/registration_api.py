"""Registering for examinations over GraphQL: the department opens and draws, people register."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, holder_asking
from backend.cards.concession import Category
from backend.exams.registration import ExamRegistrations, Opening, Registration
from backend.exams.registration_rules import CATEGORY_WORDS, RegistrationState, Terms
from backend.exams.roll import ExamRoll, Roll
from backend.exams.seating import ExamSeating
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.passes.api import PriceLineAnswer
from backend.venues.api import VenueAnswer, venue_answer, venue_entry
from shared.admission.prices import QuoteLine

strawberry.enum(RegistrationState, name="ExamRegistrationState")
strawberry.enum(Category, name="ExamCategory")


@strawberry.type(name="ExamRegistration", description="The caller's registration for a session.")
class RegistrationAnswer:
    """How it stands; `lines` are the fee as it was quoted then."""

    state: RegistrationState
    registered_at: datetime
    lines: list[PriceLineAnswer]


@strawberry.type(name="ExamOpening", description="A session that people register for themselves.")
class OpeningAnswer:
    """A session as the caller finds it.

    `lines` are what it costs them now; `refused` says why they cannot register, null where they
    can. `oldest` null asks for no age; `categories` empty for none.
    """

    session: str
    name: LocalizedTextAnswer
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    places: int
    left: int
    youngest: int
    oldest: int | None
    categories: list[LocalizedTextAnswer]
    lines: list[PriceLineAnswer]
    registration: RegistrationAnswer | None
    refused: RefusalAnswer | None
    number: strawberry.Private[int]

    @strawberry.field
    async def venue(self, info: OperationInfo) -> VenueAnswer | None:
        """Where it is held."""
        entry = await venue_entry(info, self.number)
        return None if isinstance(entry, Refusal) else venue_answer(entry)


@strawberry.type(name="ExamOpeningList")
class OpeningList:
    """What the caller can register for, or soon, or has; the soonest to close first."""

    openings: list[OpeningAnswer]
    server_time: datetime


@strawberry.type(name="ExamRegistrationChanged")
class RegistrationChanged:
    """The session as the caller finds it by then."""

    opening: OpeningAnswer
    server_time: datetime


@strawberry.type(name="ExamRegistrationOpened")
class RegistrationOpened:
    """A session that people can register for."""

    session: str


@strawberry.type(name="ExamSeatsDrawn")
class SeatsDrawn:
    """How many seats of the session are given by now."""

    seats: int


@strawberry.type(name="ExamRollEntry", description="Somebody who registered, masked.")
class RollEntryAnswer:
    """Somebody whose registration stands."""

    name: str
    number: str
    state: RegistrationState
    registered_at: datetime


@strawberry.type(name="ExamRollConnection")
class RollConnection:
    """A page of the roll, in the order they came; `registered` counts all of it."""

    nodes: list[RollEntryAnswer]
    registered: int
    page_info: PageInfo


@strawberry.input(name="OpenExamRegistrationInput")
class OpenRegistrationInput:
    """For whom and when; once published it stays as it is. `freeFor` pays no fee."""

    idempotency_key: str
    session: str
    opens_at: datetime
    closes_at: datetime
    places: int
    youngest: int = 0
    oldest: int | None = None
    categories: list[Category] = strawberry.field(default_factory=list)
    fee_fen: int = 0
    free_for: list[Category] = strawberry.field(default_factory=list)


@strawberry.input(name="DrawExamSeatsInput")
class DrawSeatsInput:
    """Which session."""

    idempotency_key: str
    session: str


@strawberry.input(name="RegisterForExamInput")
class RegisterInput:
    """Which session."""

    idempotency_key: str
    session: str


RollResult = Annotated[RollConnection | RefusalAnswer, strawberry.union("ExamRollResult")]
OpeningsResult = Annotated[OpeningList | RefusalAnswer, strawberry.union("ExamOpeningsResult")]
ChangedResult = Annotated[
    RegistrationChanged | RefusalAnswer, strawberry.union("ExamRegistrationResult")
]
OpenedResult = Annotated[
    RegistrationOpened | RefusalAnswer, strawberry.union("OpenExamRegistrationResult")
]
DrawnResult = Annotated[SeatsDrawn | RefusalAnswer, strawberry.union("DrawExamSeatsResult")]


@strawberry.type
class ExamRegistrationQueries:
    """What can be registered for."""

    @strawberry.field
    async def exam_openings(self, info: OperationInfo) -> OpeningsResult:
        """Answer with the sessions the caller can register for, or did."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        found = await info.context.services[ExamRegistrations].openings(asking)
        return OpeningList(openings=list(map(_opening, found)), server_time=_now(info))

    @strawberry.field
    async def exam_roll(
        self, info: OperationInfo, session: str, first: int = 20, after: str | None = None
    ) -> RollResult:
        """Answer with who registered for a session, to its department; all of them read of it."""
        position = position_of(first, after)
        service, caller = info.context.services[ExamRoll], info.context.caller
        return answer_of(await service.page(caller, session, first, position), _roll)


@strawberry.type
class ExamRegistrationMutations:
    """Registering, and what the department does for it."""

    @strawberry.mutation
    async def open_exam_registration(
        self,
        info: OperationInfo,
        input: OpenRegistrationInput,  # noqa: A002 - GraphQL's usual name
    ) -> OpenedResult:
        """Open a session for registration, as the department."""
        terms = Terms(
            opens_at=input.opens_at,
            closes_at=input.closes_at,
            places=input.places,
            youngest=input.youngest,
            oldest=input.oldest,
            categories=frozenset(input.categories),
            fee_fen=input.fee_fen,
            free_for=frozenset(input.free_for),
        )
        service, caller = info.context.services[ExamRegistrations], info.context.caller
        opened = await service.open(caller, input.idempotency_key, input.session, terms)
        return answer_of(opened, lambda one: RegistrationOpened(session=one.code))

    @strawberry.mutation
    async def draw_exam_seats(
        self,
        info: OperationInfo,
        input: DrawSeatsInput,  # noqa: A002 - see above
    ) -> DrawnResult:
        """Give all who registered a seat by lot, as the department."""
        service, caller = info.context.services[ExamSeating], info.context.caller
        drawn = await service.draw(caller, input.idempotency_key, input.session)
        return answer_of(drawn, lambda seats: SeatsDrawn(seats=seats))

    @strawberry.mutation
    async def register_for_exam(
        self,
        info: OperationInfo,
        input: RegisterInput,  # noqa: A002 - see above
    ) -> ChangedResult:
        """Register the caller for a session."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service = info.context.services[ExamRegistrations]
        done = await service.register(asking, input.idempotency_key, input.session)
        return _changed(info, done)

    @strawberry.mutation
    async def withdraw_exam_registration(
        self,
        info: OperationInfo,
        input: RegisterInput,  # noqa: A002 - see above
    ) -> ChangedResult:
        """Withdraw the caller's registration while the window is open."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service = info.context.services[ExamRegistrations]
        done = await service.withdraw(asking, input.idempotency_key, input.session)
        return _changed(info, done)


def _changed(info: OperationInfo, done: Opening | Refusal) -> RegistrationChanged | RefusalAnswer:
    now = _now(info)
    return answer_of(done, lambda one: RegistrationChanged(opening=_opening(one), server_time=now))


def _now(info: OperationInfo) -> datetime:
    return info.context.clock.now()


def _roll(one: Roll) -> RollConnection:
    nodes = [
        RollEntryAnswer(
            name=entry.masked_name,
            number=entry.masked_number,
            state=entry.state,
            registered_at=entry.registered_at,
        )
        for entry in one.page.rows
    ]
    info = PageInfo.of(one.page)
    return RollConnection(nodes=nodes, registered=one.registered, page_info=info)


def _opening(one: Opening) -> OpeningAnswer:
    session, terms = one.session, one.terms
    return OpeningAnswer(
        session=session.code,
        name=LocalizedTextAnswer.of(session.name),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        places=terms.places,
        left=one.left,
        youngest=terms.youngest,
        oldest=terms.oldest,
        categories=[
            LocalizedTextAnswer.of(CATEGORY_WORDS[held]) for held in sorted(terms.categories)
        ],
        lines=_lines(one.lines),
        registration=None if one.registration is None else _registration(one.registration),
        refused=None if one.refused is None else RefusalAnswer.of(one.refused),
        number=session.venue,
    )


def _registration(one: Registration) -> RegistrationAnswer:
    return RegistrationAnswer(
        state=one.state, registered_at=one.registered_at, lines=_lines(one.lines)
    )


def _lines(lines: tuple[QuoteLine, ...]) -> list[PriceLineAnswer]:
    return [
        PriceLineAnswer(rule=line.rule, words=LocalizedTextAnswer.of(line.words), fen=line.fen)
        for line in lines
    ]
