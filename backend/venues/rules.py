"""What a venue is, what its gates decide by, and by which terms a search finds it: pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from backend.foundation.refusals import Refusal, refusal
from shared.admission.opening import OpeningCalendar
from shared.admission.rules import AdmissionRules
from shared.admission.time_conditions import Open
from shared.admission.wire_form import InvalidRules
from shared.localized_text import LocalizedText


class VenueKind(StrEnum):
    """What kind of place it is."""

    LIBRARY = "LIBRARY"  # 图书馆
    MUSEUM = "MUSEUM"  # 博物馆、纪念馆
    SCENIC_AREA = "SCENIC_AREA"  # A级旅游景区
    SPORTS = "SPORTS"  # 体育场馆
    HOSPITAL = "HOSPITAL"  # 医院
    CANTEEN = "CANTEEN"  # 助餐点、食堂


class Accessibility(StrEnum):
    """What makes a venue usable by more people (GB 55019-2021 names the built ones)."""

    WHEELCHAIR = "WHEELCHAIR"  # step-free from the street to the counter 轮椅坡道
    TOILET = "TOILET"  # 无障碍卫生间
    LIFT = "LIFT"  # 无障碍电梯
    PARKING = "PARKING"  # 无障碍停车位
    SIGN_LANGUAGE = "SIGN_LANGUAGE"  # 手语服务
    TACTILE = "TACTILE"  # 盲道、盲文
    WHEELCHAIR_LOAN = "WHEELCHAIR_LOAN"  # 轮椅借用
    HEARING_LOOP = "HEARING_LOOP"  # 助听系统


CALENDAR_FORM = refusal(
    "calendar_form",
    ("开放日历填写有误。", "The opening calendar is not right."),
    (
        "请按09:00-17:00填写时间，同日各段不得相接或重叠，季节不得重叠。",
        "Write hours as 09:00-17:00; neither a day's hours nor the seasons may overlap.",
    ),
)
LAYOUT_FORM = refusal(
    "venue_layout_form",
    ("分区、通道或容量填写有误。", "The areas, lanes or capacity are not right."),
    (
        "编号不得重复，分区容量不得超过场馆容量，通道须通向已有分区。",
        "Give each its own number or code; no area holds more than the venue; lanes lead into one.",
    ),
)
AREA_PLANNED = refusal(
    "venue_area_planned",
    ("该分区还有预约时段，不能移除。", "Slots are planned in an area that would go."),
    ("请保留该分区的代码，或先结束其预约计划。", "Keep its code, or end its plan of slots first."),
)
VENUE_UNKNOWN = refusal(
    "venue_unknown",
    ("没有这个编号的场馆。", "There is no venue of that number."),
    ("请重新查找场馆。", "Search for the venue again."),
)
MOST_SEASONS, MOST_DAYS, MOST_SPANS = 12, 400, 12
"""Of a calendar: seasons; shifted days, days of their own and closures, each; spans of a day."""
MOST_AREAS, MOST_LANES, MOST_CAPACITY = 100, 200, 1_000_000
_LARGEST_LANE = 65_535
_LONGEST_NAME = 60
_CODE = re.compile(r"[a-z0-9]{1,20}", re.ASCII)
MOST_TEXT = 40
_LONGEST_PREFIX = 12
_MOST_TERMS_ASKED = 12
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]+")
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class AreaPlan:
    """An area as staff describe it."""

    code: str
    name: LocalizedText
    capacity: int


@dataclass(frozen=True, slots=True)
class LanePlan:
    """A lane as staff describe it; `area` is the code of what it leads into."""

    number: int
    name: LocalizedText
    area: str | None


def layout_fault(
    capacity: int | None, areas: Sequence[AreaPlan], lanes: Sequence[LanePlan]
) -> Refusal | None:
    """Return that a venue cannot be laid out so."""
    most = MOST_CAPACITY if capacity is None else capacity
    codes = {area.code for area in areas}
    fits = (
        len(areas) <= MOST_AREAS
        and len(lanes) <= MOST_LANES
        and 1 <= most <= MOST_CAPACITY
        and len(codes) == len(areas)
        and len({lane.number for lane in lanes}) == len(lanes)
        and all(_CODE.fullmatch(one.code) and 1 <= one.capacity <= most for one in areas)
        and all(1 <= one.number <= _LARGEST_LANE for one in lanes)
        and all(one.area is None or one.area in codes for one in lanes)
        and all(_is_name(area.name) for area in areas)
        and all(_is_name(lane.name) for lane in lanes)
    )
    return None if fits else LAYOUT_FORM


def _is_name(name: LocalizedText) -> bool:
    return all(
        1 <= len(one.strip()) <= _LONGEST_NAME and one.isprintable() for one in (name.zh, name.en)
    )


def terms_of(
    texts: Iterable[str], kind: VenueKind | None, accessibility: Iterable[Accessibility]
) -> list[str]:
    """Return the terms under which a venue is filed.

    Of Chinese: each character and each pair of neighbours, so that any part of a name finds it. Of
    other words: their beginnings. Kind and accessibility are terms too, in a form no text has.
    """
    terms = {ANY, *([_kind(kind)] if kind else ()), *map(_access, accessibility)}
    for text in texts:
        for run in _HAN.findall(_plain(text)):
            terms |= set(run) | {run[place : place + 2] for place in range(len(run) - 1)}
        for word in _WORD.findall(_plain(text)):
            terms |= {word[:length] for length in range(1, min(len(word), _LONGEST_PREFIX) + 1)}
    return sorted(terms)


def terms_asked(
    text: str | None, kind: VenueKind | None, accessibility: Iterable[Accessibility]
) -> list[str]:
    """Return the terms that all must be found, the rarer kinds of them first."""
    asked: list[str] = []
    for run in _HAN.findall(_plain((text or "")[:MOST_TEXT])):
        asked += [run] if len(run) == 1 else [run[at : at + 2] for at in range(len(run) - 1)]
    asked += [word[:_LONGEST_PREFIX] for word in _WORD.findall(_plain((text or "")[:MOST_TEXT]))]
    named = [*dict.fromkeys(asked)][:_MOST_TERMS_ASKED]
    if text and text.strip() and not named:
        return [NOTHING]  # something was asked for that no name can have
    return [*named, *map(_access, accessibility), *([_kind(kind)] if kind else ()), ANY]


ANY = "*"
NOTHING = "!"


def _kind(kind: VenueKind) -> str:
    return f"kind:{kind.value}"


def _access(fact: Accessibility) -> str:
    return f"access:{fact.value}"


def _plain(text: str) -> str:
    """Return a text in one form: full-width letters as plain ones, no case."""
    return unicodedata.normalize("NFKC", text).lower()


def read_calendar(wire: Mapping[str, Any]) -> OpeningCalendar | Refusal:
    """Return a calendar as staff wrote it, or that it is none."""
    lists = (wire["shifts"], wire["special_days"], wire["closures"])
    if len(wire["seasons"]) > MOST_SEASONS or any(len(one) > MOST_DAYS for one in lists):
        return CALENDAR_FORM
    try:
        calendar = OpeningCalendar.of_wire(wire)
    except InvalidRules:
        return CALENDAR_FORM
    weeks = (calendar.week, *(season.week for season in calendar.seasons))
    days = [
        *(day for week in weeks for day in (*week.days, week.holiday or ())),
        *calendar.special_days.values(),
    ]
    return CALENDAR_FORM if any(len(day) > MOST_SPANS for day in days) else calendar


def gate_rules(rules: AdmissionRules, calendar: OpeningCalendar | None) -> AdmissionRules:
    """Return rules with a venue's opening times among them, unless they name some themselves."""
    if calendar is None or any(isinstance(one, Open) for one in rules.conditions):
        return rules
    return replace(rules, conditions=(Open(calendar), *rules.conditions))
