"""The catalogue of venues that people search: by words, nearness, kind, access, open now."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.foundation.mongo import UpdateOne
from backend.foundation.pages import InvalidCursor, Page, cut_page
from backend.venues.calendars import open_at, spans_of
from backend.venues.documents import Venue
from backend.venues.rules import Accessibility, VenueKind, terms_asked, terms_of
from shared.admission.composition import read_conditions
from shared.admission.condition import Condition
from shared.admission.entitlement_conditions import BookingHeld
from shared.admission.opening import OpeningCalendar
from shared.admission.rules import AdmissionRules
from shared.clock import Clock
from shared.identity.age import local_day
from shared.identity.regions import region_of
from shared.localized_text import LocalizedText

NEAR_METRES = 50_000
"""How far "near" reaches."""
_MOST_CURSOR = 200
_CHOSEN = "rules.regions"
_SHOWN = {
    "name": 1,
    "kind": 1,
    "region": 1,
    "division": 1,
    "address": 1,
    "position": 1,
    "capacity": 1,
    "areas": 1,
    "accessibility": 1,
    "needs_booking": 1,
    _CHOSEN: 1,
    "calendar": 1,
}
_WHOLE = {**{name: 1 for name in _SHOWN if name != _CHOSEN}, "rules": 1}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """A place on earth in degrees (CGCS2000, which is WGS 84 within centimetres)."""

    latitude: float
    longitude: float

    @property
    def on_earth(self) -> bool:
        """Whether there is such a place."""
        return -90 <= self.latitude <= 90 and -180 <= self.longitude <= 180

    def to_point(self) -> dict[str, Any]:
        """Return it as GeoJSON, which has longitude first."""
        return {"type": "Point", "coordinates": [self.longitude, self.latitude]}


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """A part of a venue."""

    code: str
    name: LocalizedText
    capacity: int


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What people are told of a venue.

    `accepts` are the regions whose cards are taken, None: of all of China. `rules` are what its
    gates ask, as they go over the wire; a search does not read them. `distance` in metres is there
    where the search was for what is near.
    """

    number: int
    name: LocalizedText
    kind: VenueKind | None
    region: int
    address: LocalizedText | None
    position: Position | None
    capacity: int | None
    areas: tuple[AreaFacts, ...]
    accessibility: tuple[Accessibility, ...]
    needs_booking: bool
    accepts: tuple[int, ...] | None
    calendar: OpeningCalendar | None
    distance: float | None = None
    rules: Mapping[str, Any] | None = None

    def conditions(self) -> tuple[Condition, ...]:
        """Return what it asks of those who enter, beyond what it asks of everybody."""
        return read_conditions((self.rules or {}).get("conditions", []), "rules")


@dataclass(frozen=True, slots=True)
class VenueSearch:
    """What is looked for; everything that is given must hold."""

    text: str | None = None
    near: Position | None = None
    kind: VenueKind | None = None
    accessibility: tuple[Accessibility, ...] = ()
    open_now: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after this venue, at this distance where distance orders them."""

    number: int
    distance: float | None = None

    def to_cursor(self) -> str:
        """Return the opaque text a client hands back."""
        return base64.urlsafe_b64encode(json.dumps([self.distance, self.number]).encode()).decode()

    @classmethod
    def of_cursor(cls, text: str) -> "Place":
        """Read a cursor.

        Raises:
            InvalidCursor: it is not one of ours.
        """
        try:
            if len(text) > _MOST_CURSOR:
                raise InvalidCursor
            distance, number = json.loads(base64.urlsafe_b64decode(text))
            known = distance is None or 0 <= float(distance) <= NEAR_METRES
            if type(number) is not int or not 0 <= number < 2**31 or not known:
                raise InvalidCursor
            return cls(number, None if distance is None else float(distance))
        except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise InvalidCursor("not a cursor of ours") from error


class Catalogue:
    """Files and finds venues."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def file(self, entries: Sequence[CatalogueEntry]) -> None:
        """Put what people are told of venues into the catalogue; others' facts of them stay."""
        today = local_day(self._clock.now())
        changes = [
            UpdateOne(
                {"_id": entry.number},
                {
                    "$set": _stored(entry)
                    | (spans_of(entry.calendar, today) if entry.calendar else {}),
                    # The city whose lists its readers follow is the register's to say.
                    "$setOnInsert": {
                        "purpose": 0,
                        "lanes": [],
                        "rules": _rules(entry),
                        "region": entry.region // 100 * 100,
                    },
                },
                upsert=True,
            )
            for entry in entries
        ]
        await Venue.get_pymongo_collection().bulk_write(changes, ordered=False)

    async def search(
        self, wanted: VenueSearch, first: int, after: Place | None
    ) -> Page[CatalogueEntry]:
        """Return up to `first` venues: the nearest first, or in the order of their numbers."""
        terms = terms_asked(wanted.text, wanted.kind, wanted.accessibility)
        asked: dict[str, Any] = {"terms": {"$all": terms}}
        if wanted.open_now:
            asked |= open_at(self._clock.now())
        if wanted.near is not None:
            rows = await _nearest(asked, wanted.near, first + 1, after)
        else:
            if after is not None:
                asked["_id"] = {"$gt": after.number}
            found = Venue.get_pymongo_collection().find(asked, _SHOWN).hint("terms_1__id_1")
            rows = await found.sort("_id", 1).limit(first + 1).to_list()
        return cut_page([_entry(row) for row in rows], first)

    async def of_numbers(self, numbers: Sequence[int]) -> list[CatalogueEntry | None]:
        """Return venues by their numbers, in one read."""
        found = Venue.get_pymongo_collection().find({"_id": {"$in": list(numbers)}}, _WHOLE)
        by_number = {row["_id"]: _entry(row) async for row in found}
        return [by_number.get(number) for number in numbers]


async def _nearest(
    asked: Mapping[str, Any], near: Position, count: int, after: Place | None
) -> list[Row]:
    """Return the nearest venues within `NEAR_METRES`, read by the index of positions.

    What lies in reach is ordered whole: of two as far away, the number decides, so that pages
    neither repeat nor lose one. Reach bounds the work, not the size of the catalogue.
    """
    begin = (after.distance or 0.0) if after else 0.0
    stages: list[Mapping[str, Any]] = [
        {
            "$geoNear": {
                "near": near.to_point(),
                "key": "position",
                "distanceField": "distance",
                "minDistance": max(0.0, begin - 1.0),
                "maxDistance": NEAR_METRES,
                "query": asked,
            }
        },
        {"$project": {**_SHOWN, "distance": 1}},
    ]
    if after is not None:
        later = [
            {"distance": {"$gt": begin}},
            {"distance": begin, "_id": {"$gt": after.number}},
        ]
        stages.append({"$match": {"$or": later}})
    stages += [{"$sort": {"distance": 1, "_id": 1}}, {"$limit": count}]
    return await (await Venue.get_pymongo_collection().aggregate(stages)).to_list()


def _stored(entry: CatalogueEntry) -> dict[str, Any]:
    region = region_of(entry.region)
    texts = [entry.name.zh, entry.name.en, *(region.names if region else ())]
    return {
        "name": _words(entry.name),
        "division": entry.region,
        "kind": entry.kind and entry.kind.value,
        "address": entry.address and _words(entry.address),
        "position": entry.position and entry.position.to_point(),
        "capacity": entry.capacity,
        "areas": [
            {"code": area.code, "name": _words(area.name), "capacity": area.capacity}
            for area in entry.areas
        ],
        "accessibility": [fact.value for fact in entry.accessibility],
        "needs_booking": entry.needs_booking,
        "calendar": entry.calendar and entry.calendar.to_wire(),
        "terms": terms_of(texts, entry.kind, entry.accessibility),
    }


def _rules(entry: CatalogueEntry) -> dict[str, Any]:
    regions = None if entry.accepts is None else frozenset(entry.accepts)
    booked: tuple[Condition, ...] = (BookingHeld(),) if entry.needs_booking else ()
    return AdmissionRules(regions=regions, conditions=booked).to_wire()


def _entry(row: Row) -> CatalogueEntry:
    point, calendar = row.get("position"), row.get("calendar")
    regions = row.get("rules", {}).get("regions")
    return CatalogueEntry(
        number=row["_id"],
        name=LocalizedText(**row["name"]),
        kind=VenueKind(row["kind"]) if row.get("kind") else None,
        region=row.get("division", row["region"]),
        address=LocalizedText(**row["address"]) if row.get("address") else None,
        position=Position(point["coordinates"][1], point["coordinates"][0]) if point else None,
        capacity=row.get("capacity"),
        areas=tuple(
            AreaFacts(area["code"], LocalizedText(**area["name"]), area["capacity"])
            for area in row.get("areas", ())
        ),
        accessibility=tuple(map(Accessibility, row.get("accessibility", ()))),
        needs_booking=row.get("needs_booking", False),
        accepts=None if regions is None else tuple(regions),
        calendar=OpeningCalendar.of_wire(calendar) if calendar else None,
        distance=row.get("distance"),
        rules=row.get("rules") if "version" in row.get("rules", {}) else None,
    )


def _words(text: LocalizedText) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
