"""The catalogue of the Yangtze delta 长三角, made up: as many venues of each kind as there are.

968 libraries, 757 museums and 1,100 A-class scenic areas take the card there. Cities and counties
are real, the venues are not: their names are put together, the same ones every time.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from backend.venues.catalogue import AreaFacts, CatalogueEntry, Position
from backend.venues.rules import Accessibility, VenueKind
from shared.admission.opening import OpeningCalendar
from shared.admission.opening_hours import Hours, RunsAs, Season, Week, YearlyDay
from shared.identity.regions import counties_of
from shared.localized_text import LocalizedText

FIRST_NUMBER = 1_001
COUNTS = {VenueKind.LIBRARY: 968, VenueKind.MUSEUM: 757, VenueKind.SCENIC_AREA: 1_100}
_SPREAD = 0.35
"""Degrees around a city's centre within which its venues lie."""
_NAMES = (
    ("崇文", "Chongwen"), ("明德", "Mingde"), ("临江", "Linjiang"), ("望湖", "Wanghu"),
    ("兰亭", "Lanting"), ("青枫", "Qingfeng"), ("听雨", "Tingyu"), ("云栖", "Yunqi"),
    ("文澜", "Wenlan"), ("杏园", "Xingyuan"), ("松鹤", "Songhe"), ("采薇", "Caiwei"),
    ("柳浪", "Liulang"), ("石门", "Shimen"), ("白鹭", "Bailu"), ("双溪", "Shuangxi"),
    ("丹霞", "Danxia"), ("梅岭", "Meiling"), ("桃源", "Taoyuan"), ("银杏", "Yinxing"),
    ("秋水", "Qiushui"), ("长亭", "Changting"), ("紫藤", "Ziteng"), ("月河", "Yuehe"),
)  # fmt: skip
_WHAT = {
    VenueKind.LIBRARY: (("图书馆", "Library"), ("少儿图书馆", "Children's Library")),
    VenueKind.MUSEUM: (
        ("博物馆", "Museum"), ("丝绸博物馆", "Silk Museum"), ("陶瓷博物馆", "Ceramics Museum"),
        ("民俗博物馆", "Folk Museum"), ("茶文化馆", "Tea Museum"), ("纪念馆", "Memorial Hall"),
    ),
    VenueKind.SCENIC_AREA: (
        ("古镇景区", "Old Town"), ("湖景区", "Lake"), ("山景区", "Mountain"),
        ("园林", "Garden"), ("湿地公园", "Wetland Park"), ("溶洞景区", "Caves"),
    ),
}  # fmt: skip


def _week(start: int, end: int, *closed: RunsAs) -> Week:
    return Week.same_every_day(Hours(start * 60, end * 60), closed_on=closed)


_CALENDARS = {
    VenueKind.LIBRARY: OpeningCalendar(_week(9, 21, RunsAs.MONDAY)),
    VenueKind.MUSEUM: OpeningCalendar(_week(9, 17, RunsAs.MONDAY), last_entry_minutes=60),
    VenueKind.SCENIC_AREA: OpeningCalendar(
        _week(8, 17),
        seasons=(Season(YearlyDay(5, 1), YearlyDay(10, 7), _week(7, 19)),),
        last_entry_minutes=90,
    ),
}


@dataclass(frozen=True, slots=True)
class _City:
    code: int
    english: str
    centre: Position


def delta_venues() -> Iterator[CatalogueEntry]:
    """Yield the catalogue of the Yangtze delta, the same every time."""
    number = FIRST_NUMBER
    for kind, count in COUNTS.items():
        for place in range(count):
            yield _venue(number, kind, place)
            number += 1


def _venue(number: int, kind: VenueKind, place: int) -> CatalogueEntry:
    cities = _cities()
    city = cities[place % len(cities)]
    turn = place // len(cities)
    counties = counties_of(city.code)
    county = counties[turn % len(counties)]
    drawn = hashlib.sha256(f"{kind}{place}".encode()).digest()
    given = _NAMES[(turn // len(counties) + drawn[0]) % len(_NAMES)]
    what = _WHAT[kind][drawn[1] % len(_WHAT[kind])]
    museum = kind is VenueKind.MUSEUM
    capacity = 100 + 50 * (drawn[2] % 20)
    return CatalogueEntry(
        number=number,
        name=LocalizedText(
            f"{county.county}{given[0]}{what[0]}", f"{given[1]} {what[1]}, {city.english}"
        ),
        kind=kind,
        region=county.code,
        address=LocalizedText(
            f"{county.full_name}{given[0]}路{1 + drawn[3]}号",
            f"{1 + drawn[3]} {given[1]} Road, {city.english}",
        ),
        position=_near(city.centre, drawn[4:8]),
        capacity=capacity,
        areas=(AreaFacts("main", LocalizedText("全馆", "The whole venue"), capacity),),
        accessibility=tuple(
            fact for bit, fact in enumerate(Accessibility) if drawn[8] >> (bit % 8) & 1
        ),
        # One museum in five asks for a booking, as the popular ones do.
        needs_booking=museum and drawn[9] % 5 == 0,
        # Museums take the cards of all provinces (S55); the others those of the four regions.
        accepts=None if museum else (310000, 320000, 330000, 340000),
        calendar=_CALENDARS[kind],
    )


def _near(centre: Position, drawn: bytes) -> Position:
    north, east = (int.from_bytes(part) / 32_767.5 - 1 for part in (drawn[:2], drawn[2:]))
    return Position(
        round(centre.latitude + north * _SPREAD, 5), round(centre.longitude + east * _SPREAD, 5)
    )


@cache
def _cities() -> tuple[_City, ...]:
    text = resources.files("backend.venues").joinpath("delta_cities.csv").read_text("utf-8")
    rows = (line.split(",") for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        _City(int(code), english, Position(float(latitude), float(longitude)))
        for code, english, latitude, longitude in rows
    )
