"""Made-up bookings, venues and slots."""

from dataclasses import replace
from datetime import timedelta

from mobile.core.booking import Booking, BookingState
from mobile.core.pending import PendingAct
from mobile.core.slot import FreeSlot, Slot, SlotFull
from mobile.core.trouble import Trouble
from mobile.core.venue import Opening, Venue
from mobile.core.visit_queue import QueuePlace, QueueState
from mobile.ui.gallery.samples import NOW
from shared.admission.entitlement_conditions import BookingHeld
from shared.admission.rules import AdmissionRules
from shared.localized_text import LocalizedText

_HALL = LocalizedText("纪念馆参观", "Memorial hall")
_COURT = LocalizedText("羽毛球1号场", "Badminton court 1")
_SEAT = LocalizedText("自习座位", "Study seat")
MEMORIAL = LocalizedText("中央红军长征出发地纪念园", "Long March Departure Memorial Park")
SPORTS = LocalizedText("赣州市体育中心", "Ganzhou Sports Centre")
LIBRARY = LocalizedText("赣州市图书馆", "Ganzhou City Library")
_ADDRESS = LocalizedText("于都县贡江镇长征大道", "Changzheng Avenue, Yudu")
_STAMP = timedelta(minutes=30, seconds=7)


def _booking(
    identifier: str,
    names: tuple[LocalizedText, LocalizedText],
    hours: float,
    state: BookingState,
    quantity: int = 1,
    *,
    expires_minutes: int | None = None,
    entered: int = 0,
    remark: LocalizedText | None = None,
) -> Booking:
    """Return a booking that starts `hours` after half past six (UTC) of the samples' day."""
    start = NOW - _STAMP + timedelta(hours=hours)
    expires = None if expires_minutes is None else NOW + timedelta(minutes=expires_minutes)
    return Booking(
        identifier=identifier,
        slot=f"slot_{identifier}",
        kind="VISIT",
        title=names[1],
        venue_number=1,
        venue=names[0],
        address=_ADDRESS,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        entry_from=start - timedelta(minutes=15),
        entry_until=start + timedelta(hours=1),
        free_cancel_until=start - timedelta(hours=2),
        quantity=quantity,
        state=state,
        expires_at=expires,
        entered=entered,
        forfeited=False,
        remark=remark,
    )


CONFIRMED = _booking("confirmed", (MEMORIAL, _HALL), 27, BookingState.CONFIRMED, 4)
SOON = _booking("soon", (MEMORIAL, _HALL), 1, BookingState.CONFIRMED, 2)
OFFERED = _booking("offered", (SPORTS, _COURT), 30, BookingState.OFFERED, expires_minutes=22)
HELD = _booking("held", (MEMORIAL, _HALL), 51, BookingState.HELD, 4, expires_minutes=9)
WAITING = _booking("waiting", (LIBRARY, _SEAT), 75, BookingState.WAITING)
BOOKINGS = (
    WAITING,
    OFFERED,
    CONFIRMED,
    SOON,
    _booking("used", (LIBRARY, _SEAT), -48, BookingState.ATTENDED, entered=1),
    _booking("missed", (SPORTS, _COURT), -96, BookingState.NO_SHOW),
    _booking(
        "closed",
        (MEMORIAL, _HALL),
        -144,
        BookingState.CLOSED,
        3,
        remark=LocalizedText("因检修闭馆一天。", "Closed for repairs for a day."),
    ),
)

_CLINIC = LocalizedText("内科门诊", "Internal medicine")
_HOSPITAL = LocalizedText("虔城医院", "Qiancheng Hospital")
VISIT = replace(
    _booking("visit", (_HOSPITAL, _CLINIC), 1, BookingState.CONFIRMED),
    kind="APPOINTMENT",
    address=LocalizedText("章贡区红旗大道", "Hongqi Avenue"),
    check_in_from=NOW - _STAMP,
)
_PLACE = QueuePlace(12, QueueState.WAITING, 3, "", late=False, seen_at=NOW - timedelta(seconds=9))
QUEUED = tuple(
    replace(VISIT, identifier=f"visit-{name}", queue=replace(_PLACE, **changed))
    for name, changed in (
        ("waits", {}),
        ("late", {"late": True, "ahead": 0}),
        ("called", {"state": QueueState.CALLED, "ahead": None, "desk": "3诊室"}),
        ("missed", {"state": QueueState.MISSED, "ahead": None, "desk": "3诊室"}),
    )
)

HELD_THEN = replace(HELD, state=BookingState.CONFIRMED, expires_at=None)
LOST = PendingAct("BookPlace", {"slot": "1-9"}, "key", NOW - timedelta(minutes=12))
LAPSED = replace(HELD, expires_at=NOW - timedelta(minutes=1))
_MUSEUM = LocalizedText("赣州市博物馆", "Ganzhou Museum")
_MIDNIGHT = NOW - timedelta(hours=14, minutes=30, seconds=7)


def _openings(first: int) -> tuple[Opening, ...]:
    """Return nine to five for a week that begins in `first` days."""
    days = (_MIDNIGHT + timedelta(days=first + count) for count in range(7 - first))
    nine, last, five = (timedelta(hours=hours) for hours in (9, 16.5, 17))
    return tuple(Opening(day + nine, day + five, day + last) for day in days)


VENUES = (
    Venue(
        1,
        MEMORIAL,
        "MUSEUM",
        _ADDRESS,
        450.0,
        ("WHEELCHAIR", "TOILET", "LIFT", "WHEELCHAIR_LOAN"),
        needs_booking=True,
        open_now=True,
        next_opening=NOW,
        openings=_openings(0),
        accepts_all_regions=True,
        rules=AdmissionRules(conditions=(BookingHeld(early_minutes=15),)),
    ),
    Venue(
        2,
        _MUSEUM,
        "MUSEUM",
        LocalizedText("章贡区章江新区", "Zhangjiang New District"),
        2_340.0,
        (),
        needs_booking=False,
        open_now=False,
        next_opening=_MIDNIGHT + timedelta(days=2, hours=9),
        openings=_openings(2),
        accepts_all_regions=False,
        rules=AdmissionRules(),
    ),
    Venue(
        3,
        SPORTS,
        "SPORTS",
        LocalizedText("章贡区体育中心路", "Sports Centre Road"),
        12_400.0,
        ("WHEELCHAIR",),
        needs_booking=True,
        open_now=True,
        next_opening=NOW,
    ),
)


def _slot(day: int, hour: int, free: int, waiting: int = 0) -> Slot:
    """Return a slot of an hour, `day` days from the samples' day."""
    start = _MIDNIGHT + timedelta(days=day, hours=hour)
    return Slot(
        identifier=f"{day}-{hour}",
        kind="VISIT",
        title=_HALL,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        booking_ends_at=start + timedelta(minutes=30),
        free_cancel_until=start - timedelta(hours=2),
        open=True,
        free=free,
        waiting=waiting,
        limit=5,
    )


SLOTS = (
    _slot(1, 9, 136),
    _slot(1, 10, 12),
    _slot(1, 11, 2),
    _slot(1, 14, 0, waiting=7),
    _slot(1, 15, 0),
    _slot(2, 9, 0),
    *(_slot(day, hour, 150) for day in (3, 4, 6) for hour in (9, 10, 14)),
)
_NEXT = SLOTS[6]
FULL = SlotFull(
    Trouble(
        "slot_full",
        LocalizedText("该时段剩余名额不足4个。", "The slot has no 4 places left."),
        LocalizedText(
            "最近可约：11月25日 09:00。也可加入候补。",
            "The next with room: 25 Nov 09:00. You can join the waiting list too.",
        ),
    ),
    FreeSlot(_NEXT.identifier, _NEXT.title, _NEXT.starts_at, _NEXT.ends_at),
)
SAME_TIME = Trouble(
    "booking_same_time",
    LocalizedText(
        "您11月23日 10:00–11:00 已有同类预约。",
        "You have a booking of this kind on 23 Nov, 10:00–11:00.",
    ),
    LocalizedText(
        "请改约11:00及以后的时段，或先取消原预约。",
        "Choose a slot from 11:00 on, or cancel the other one first.",
    ),
)
