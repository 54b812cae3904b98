"""What can be booked in the demonstration city, and at the delta's museums that ask for it."""

from collections.abc import Iterable, Iterator

from backend.bookings.planning import PlanFacts
from backend.bookings.rules import SlotKind
from backend.venues.catalogue import CatalogueEntry
from backend.venues.ganzhou import CRADLE, HOSPITAL, LIBRARY, LONG_MARCH, MUSEUM, SPORTS
from shared.localized_text import LocalizedText

_HALL = LocalizedText("纪念馆参观", "Memorial hall")
_EXHIBITION = LocalizedText("常设展参观", "Permanent exhibition")
_COURTS = (
    ("court1", LocalizedText("羽毛球1号场", "Badminton court 1")),
    ("court2", LocalizedText("羽毛球2号场", "Badminton court 2")),
)
_CLINICS = (
    ("medicine", LocalizedText("内科门诊", "Internal medicine")),
    ("eyes", LocalizedText("眼科门诊", "Eye clinic")),
)
_EXAM = LocalizedText("社会工作者考试", "Social workers' examination")

GANZHOU_PLANS = (
    PlanFacts(LONG_MARCH, "hall", "hall", SlotKind.VISIT, _HALL, 60, 150, closes_minutes=-30),
    PlanFacts(MUSEUM, "main", "main", SlotKind.VISIT, _EXHIBITION, 60, 100, closes_minutes=-30),
    PlanFacts(
        CRADLE, "park", "park", SlotKind.VISIT, LocalizedText("入园", "Entry"), 240, 1_000
    ),
    PlanFacts(
        LIBRARY, "study", "study", SlotKind.VISIT, LocalizedText("自习座位", "Study seat"), 240, 80,
        limit=1,
    ),
    *(
        # A court is one place: whoever has it brings whom they like.
        PlanFacts(SPORTS, area, area, SlotKind.COURT, title, 60, 1, limit=1, cancel_minutes=240)
        for area, title in _COURTS
    ),
    *(
        PlanFacts(
            HOSPITAL, area, area, SlotKind.APPOINTMENT, title, 30, 6, limit=1, cancel_minutes=720
        )
        for area, title in _CLINICS
    ),
    PlanFacts(
        LIBRARY, "exam", "study", SlotKind.EXAM, _EXAM, 120, 30, limit=1,
        windows=((540, 660),), closes_minutes=1_440, cancel_minutes=2_880,
    ),
)  # fmt: skip


def delta_plans(venues: Iterable[CatalogueEntry]) -> Iterator[PlanFacts]:
    """Yield a plan for each venue that asks for a booking."""
    title = LocalizedText("入馆参观", "Entry")
    for venue in venues:
        if venue.needs_booking and venue.capacity is not None:
            yield PlanFacts(
                venue.number, "main", "main", SlotKind.VISIT, title, 60, venue.capacity // 2
            )
