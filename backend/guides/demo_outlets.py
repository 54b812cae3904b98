"""Outlets 网点 of the demonstration city, of invented names, at the places of real towns."""

from backend.settings import GANZHOU
from backend.venues.catalogue import CatalogueEntry, Position
from backend.venues.ganzhou import GANXIAN, ZHANGGONG
from backend.venues.rules import Accessibility
from shared.admission.opening import OpeningCalendar
from shared.admission.opening_hours import Hours, RunsAs, Week
from shared.localized_text import LocalizedText

_WORKDAYS = OpeningCalendar(
    Week.same_every_day(
        Hours(540, 720), Hours(810, 1020), closed_on=[RunsAs.SATURDAY, RunsAs.SUNDAY]
    )
)
_EVERY_DAY = OpeningCalendar(Week.same_every_day(Hours(540, 1020)))


def _outlet(
    number: int,
    name: tuple[str, str],
    region: int,
    address: tuple[str, str],
    position: Position,
    calendar: OpeningCalendar,
    *accessibility: Accessibility,
) -> CatalogueEntry:
    return CatalogueEntry(
        number=number,
        name=LocalizedText(*name),
        kind=None,
        region=region,
        address=LocalizedText(*address),
        position=position,
        capacity=None,
        areas=(),
        accessibility=accessibility,
        needs_booking=False,
        accepts=None,
        calendar=calendar,
    )


OUTLETS = (
    _outlet(
        31,
        ("赣州社会保障卡服务中心", "Ganzhou Card Service Centre"),
        GANZHOU,
        ("章贡区章江新区", "Zhangjiang New District"),
        Position(25.831, 114.922),
        _WORKDAYS,
        *(Accessibility.WHEELCHAIR, Accessibility.TOILET, Accessibility.SIGN_LANGUAGE),
    ),
    _outlet(
        32,
        ("红旗大道社会保障卡网点", "Hongqi Avenue Card Outlet"),
        ZHANGGONG,
        ("章贡区红旗大道", "Hongqi Avenue"),
        Position(25.852, 114.937),
        _EVERY_DAY,
        Accessibility.WHEELCHAIR,
    ),
    _outlet(
        33,
        ("梅林社会保障卡网点", "Meilin Card Outlet"),
        GANXIAN,
        ("赣县区梅林镇", "Meilin, Ganxian"),
        Position(25.862, 115.010),
        _WORKDAYS,
        *(Accessibility.WHEELCHAIR, Accessibility.PARKING),
    ),
)
