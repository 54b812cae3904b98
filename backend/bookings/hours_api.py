"""What staff of a venue change of when it is open."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from backend.bookings.venue_hours import VenueHours, WantedCalendar
from backend.cards.api import OperationInfo
from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal
from backend.venues.calendar_api import OpeningCalendarInput, calendar_wire
from shared.localized_text import LocalizedText


@strawberry.input(name="CloseVenueDaysInput")
class CloseVenueDaysInput:
    """Local days, both included, and why, as everybody who booked reads it."""

    idempotency_key: str
    venue: int
    first: date
    last: date
    why_zh: str
    why_en: str


@strawberry.input(name="CloseSlotsInput")
class CloseSlotsInput:
    """Slots that begin from `first` until before `last`, and why, as those who booked read it."""

    idempotency_key: str
    venue: int
    first: datetime
    last: datetime
    why_zh: str
    why_en: str


@strawberry.input(name="ChangeOpeningCalendarInput")
class ChangeOpeningCalendarInput:
    """When a venue is to be open.

    `basedOn` is the version that was read; it is refused where another stands by now. Where booked
    places would end it is refused too, unless `endsBookings` says that they may.
    """

    idempotency_key: str
    venue: int
    calendar: OpeningCalendarInput
    based_on: str | None = None
    ends_bookings: bool = False


@strawberry.type(name="OpeningCalendarChanged")
class OpeningCalendarChanged:
    """How many booked places end by it; who booked them is told within a minute."""

    places_ending: int
    version: str


ChangeOpeningCalendarResult = Annotated[
    OpeningCalendarChanged | RefusalAnswer, strawberry.union("ChangeOpeningCalendarResult")
]


@strawberry.type(name="VenueClosed")
class VenueClosed:
    """How many days or slots were closed; who booked them is told within seconds."""

    count: int


CloseVenueResult = Annotated[VenueClosed | RefusalAnswer, strawberry.union("CloseVenueResult")]


@strawberry.type
class VenueHoursMutations:
    """What staff do with their venue's times."""

    @strawberry.mutation
    async def change_opening_calendar(
        self,
        info: OperationInfo,
        input: ChangeOpeningCalendarInput,  # noqa: A002 - GraphQL's usual name
    ) -> ChangeOpeningCalendarResult:
        """Give a venue other hours, seasons, shifted days and closures."""
        wanted = WantedCalendar(
            *(calendar_wire(input.calendar), input.calendar.closures is None),
            *(input.based_on, input.ends_bookings),
        )
        done = await info.context.services[VenueHours].change_calendar(
            info.context.caller, input.idempotency_key, input.venue, wanted
        )
        return answer_of(
            done,
            lambda one: OpeningCalendarChanged(
                places_ending=one.places_ending, version=one.version
            ),
        )

    @strawberry.mutation
    async def close_venue_days(
        self,
        info: OperationInfo,
        input: CloseVenueDaysInput,  # noqa: A002 - GraphQL's usual name
    ) -> CloseVenueResult:
        """Close a venue on some days; its bookings on them end."""
        why = LocalizedText(input.why_zh, input.why_en)
        return _answer(
            await info.context.services[VenueHours].close_days(
                *(info.context.caller, input.idempotency_key, input.venue),
                *(input.first, input.last, why),
            )
        )

    @strawberry.mutation
    async def close_slots(
        self,
        info: OperationInfo,
        input: CloseSlotsInput,  # noqa: A002 - see above
    ) -> CloseVenueResult:
        """Close slots; the venue stays open otherwise."""
        why = LocalizedText(input.why_zh, input.why_en)
        return _answer(
            await info.context.services[VenueHours].close_slots(
                *(info.context.caller, input.idempotency_key, input.venue),
                *(input.first, input.last, why),
            )
        )


def _answer(closed: int | Refusal) -> CloseVenueResult:
    return RefusalAnswer.of(closed) if isinstance(closed, Refusal) else VenueClosed(count=closed)
