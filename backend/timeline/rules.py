"""How rows of several kinds become one line of time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import islice

from backend.foundation.pages import Page, Position
from shared.localized_text import LocalizedText


class TimelineCategory(StrEnum):
    """What a row of the timeline is of."""

    VISIT = "VISIT"
    BOOKING = "BOOKING"
    PASS = "PASS"  # noqa: S105 - 票券, no password
    CARD = "CARD"
    LOAN = "LOAN"


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One thing that happened: `title` says where or what, `detail` how it was."""

    row_id: str
    at: datetime
    category: TimelineCategory
    title: LocalizedText
    detail: LocalizedText

    @property
    def position(self) -> Position:
        """Where it stands in the line."""
        return Position(self.at, self.row_id)


def one_line(pages: Iterable[Page[TimelineRow]], first: int) -> Page[TimelineRow]:
    """Return the first rows of pages that are each newest first and begin at one position.

    The order is that of moments, then of ids: the same whichever page a row came in, so that pages
    follow one another without a gap or a repeat.
    """
    found = list(pages)
    ordered = merge(*(page.rows for page in found), key=_newest, reverse=True)
    rows = tuple(islice(ordered, first + 1))
    more = len(rows) > first or any(page.has_more for page in found)
    return Page(rows[:first], has_more=more)


def _newest(row: TimelineRow) -> tuple[datetime, str]:
    return row.at, row.row_id
