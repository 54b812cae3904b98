"""Public holidays 法定节假日 and working days 调休上班 as the State Council announces them yearly.

Source: 国务院办公厅关于2026年部分节假日安排的通知 (4 November 2025). The next year's notice is
the next entry; until then its days run as their day of the week.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from shared.admission.opening_hours import RunsAs

_HOLIDAYS: Mapping[int, tuple[tuple[date, date], ...]] = {
    2026: (
        (date(2026, 1, 1), date(2026, 1, 3)),  # 元旦
        (date(2026, 2, 15), date(2026, 2, 23)),  # 春节
        (date(2026, 4, 4), date(2026, 4, 6)),  # 清明节
        (date(2026, 5, 1), date(2026, 5, 5)),  # 劳动节
        (date(2026, 6, 19), date(2026, 6, 21)),  # 端午节
        (date(2026, 9, 25), date(2026, 9, 27)),  # 中秋节
        (date(2026, 10, 1), date(2026, 10, 7)),  # 国庆节
    ),
}
_WORKING: Mapping[int, tuple[date, ...]] = {
    2026: (
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ),
}


def holiday_shifts(year: int, working_day: RunsAs | None = None) -> dict[date, RunsAs]:
    """Return the shifts of a year for a venue's calendar, none for a year not yet announced.

    `working_day` is what a weekend day that is worked runs as; None leaves it a weekend day, as
    most museums and sights do.
    """
    shifts: dict[date, RunsAs] = {}
    for first, last in _HOLIDAYS.get(year, ()):
        for ahead in range((last - first).days + 1):
            shifts[first + timedelta(days=ahead)] = RunsAs.HOLIDAY
    if working_day is not None:
        shifts.update(dict.fromkeys(_WORKING.get(year, ()), working_day))
    return shifts
