"""What anybody's app asks about venues; it holds nothing about people."""

import json
from datetime import datetime, timedelta
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.foundation.answers import LocalizedTextAnswer, OperationRefused, RefusalAnswer
from backend.foundation.operations import OperationContext
from backend.foundation.page_answers import CURSOR_UNKNOWN, PageInfo, position_of
from backend.foundation.pages import InvalidCursor
from backend.foundation.refusals import Refusal, refusal
from backend.venues.calendar_api import OpeningCalendarAnswer, calendar_answer
from backend.venues.catalogue import Catalogue, CatalogueEntry, Place, Position, VenueSearch
from backend.venues.rules import VENUE_UNKNOWN, Accessibility, VenueKind, gate_rules
from shared.admission.rules import AdmissionRules
from shared.identity.age import local_day

VenueInfo = Info[OperationContext, None]
_DAYS_SHOWN = 7

strawberry.enum(VenueKind)
strawberry.enum(Accessibility)

NO_SUCH_PLACE = refusal(
    "position_form",
    ("经纬度不对。", "There is no such place on earth."),
    ("请允许应用定位，或不按距离查找。", "Let the app find your position, or search without."),
)


@strawberry.input(name="PositionInput", description="Degrees; used for the answer, never kept.")
class PositionInput:
    """A place on earth."""

    latitude: float
    longitude: float


@strawberry.type(name="VenuePosition", description="Degrees.")
class PositionAnswer:
    """A place on earth."""

    latitude: float
    longitude: float


@strawberry.type(name="VenueArea")
class AreaAnswer:
    """A part of a venue."""

    code: str
    name: LocalizedTextAnswer
    capacity: int


@strawberry.type(name="VenueOpening", description="One time of being open.")
class OpeningAnswer:
    """One time of being open; nobody is let in from `last_entry` on."""

    start: datetime
    end: datetime
    last_entry: datetime


@strawberry.type(name="Venue", description="A place where cards are taken.")
class VenueAnswer:
    """A venue; `distance` in metres where the search was for what is near."""

    number: int
    name: LocalizedTextAnswer
    kind: VenueKind | None
    region: int
    address: LocalizedTextAnswer | None
    position: PositionAnswer | None
    capacity: int | None
    areas: list[AreaAnswer]
    accessibility: list[Accessibility]
    needs_booking: bool
    accepts_all_regions: bool
    accepted_regions: list[int]
    distance: float | None
    entry: strawberry.Private[CatalogueEntry]

    @strawberry.field
    def open_now(self, info: VenueInfo) -> bool:
        """Whether it is open."""
        calendar = self.entry.calendar
        return calendar is not None and calendar.is_open(info.context.clock.now())

    @strawberry.field
    def next_opening(self, info: VenueInfo) -> datetime | None:
        """When it next opens; now, if it is open."""
        calendar = self.entry.calendar
        return None if calendar is None else calendar.next_opening(info.context.clock.now())

    @strawberry.field
    def opening_calendar(self) -> OpeningCalendarAnswer | None:
        """When it is open by the week, the season and the day, as its staff wrote it."""
        calendar = self.entry.calendar
        return None if calendar is None else calendar_answer(calendar)

    @strawberry.field
    async def admission_rules(self, info: VenueInfo) -> str | None:
        """What its gates ask of those who enter, as JSON: the data that its readers decide by."""
        entry: CatalogueEntry | Refusal = self.entry
        if self.entry.rules is None:  # a search does not read them
            entry = await venue_entry(info, self.number)
        rules = None if isinstance(entry, Refusal) else entry.rules
        if rules is None:
            return None
        asked = gate_rules(AdmissionRules.of_wire(rules), self.entry.calendar)
        return json.dumps(asked.to_wire(), ensure_ascii=False, sort_keys=True)

    @strawberry.field
    def openings(self, info: VenueInfo) -> list[OpeningAnswer]:
        """The times of being open of today and the six days after."""
        calendar, today = self.entry.calendar, local_day(info.context.clock.now())
        if calendar is None:
            return []
        return [
            OpeningAnswer(start=span.start, end=span.end, last_entry=span.last_entry)
            for count in range(_DAYS_SHOWN)
            for span in calendar.spans(today + timedelta(days=count))
        ]


@strawberry.type(name="VenueConnection", description="A page of venues.")
class VenueConnection:
    """A page of venues."""

    nodes: list[VenueAnswer]
    page_info: PageInfo


VenuesResult = Annotated[VenueConnection | RefusalAnswer, strawberry.union("VenuesResult")]
VenueResult = Annotated[VenueAnswer | RefusalAnswer, strawberry.union("VenueResult")]


@strawberry.type
class VenueQueries:
    """Questions about venues."""

    @strawberry.field
    async def venues(
        self,
        info: VenueInfo,
        text: str | None = None,
        near: PositionInput | None = None,
        kind: VenueKind | None = None,
        accessibility: list[Accessibility] | None = None,
        open_now: bool = False,
        first: int = 20,
        after: str | None = None,
    ) -> VenuesResult:
        """Answer with a page of venues; those near, the nearest first."""
        place = _place(first, after)
        position = Position(near.latitude, near.longitude) if near else None
        if position is not None and not position.on_earth:
            return RefusalAnswer.of(NO_SUCH_PLACE)
        facts = tuple(dict.fromkeys(accessibility or ()))
        wanted = VenueSearch(text, position, kind, facts, open_now)
        page = await info.context.services[Catalogue].search(wanted, first, place)
        last = page.rows[-1] if page.rows else None
        cursor = Place(last.number, last.distance).to_cursor() if last else None
        return VenueConnection(
            nodes=[venue_answer(entry) for entry in page.rows],
            page_info=PageInfo(has_next_page=page.has_more, end_cursor=cursor),
        )

    @strawberry.field
    async def venue(self, info: VenueInfo, number: int) -> VenueResult:
        """Answer with one venue."""
        entry = await venue_entry(info, number)
        return RefusalAnswer.of(entry) if isinstance(entry, Refusal) else venue_answer(entry)


async def venue_entry(info: VenueInfo, number: int) -> CatalogueEntry | Refusal:
    """Return a venue; those of one operation are read together."""
    context = info.context
    loader = context.loader("venues.of_numbers", context.services[Catalogue].of_numbers)
    entry: CatalogueEntry | None = await loader.load(number)
    return VENUE_UNKNOWN if entry is None else entry


def venue_answer(entry: CatalogueEntry) -> VenueAnswer:
    """Return a venue as an answer."""
    position = entry.position
    return VenueAnswer(
        number=entry.number,
        name=LocalizedTextAnswer.of(entry.name),
        kind=entry.kind,
        region=entry.region,
        address=LocalizedTextAnswer.of(entry.address) if entry.address else None,
        position=PositionAnswer(latitude=position.latitude, longitude=position.longitude)
        if position
        else None,
        capacity=entry.capacity,
        areas=[
            AreaAnswer(
                code=area.code, name=LocalizedTextAnswer.of(area.name), capacity=area.capacity
            )
            for area in entry.areas
        ],
        accessibility=list(entry.accessibility),
        needs_booking=entry.needs_booking,
        accepts_all_regions=entry.accepts is None,
        accepted_regions=list(entry.accepts or ()),
        distance=entry.distance,
        entry=entry,
    )


def _place(first: int, after: str | None) -> Place | None:
    position_of(first, None)
    try:
        return None if after is None else Place.of_cursor(after)
    except InvalidCursor:
        raise OperationRefused(CURSOR_UNKNOWN) from None
