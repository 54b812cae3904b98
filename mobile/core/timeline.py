"""记录一生: what the resident did with the card, as the server tells it."""

from collections.abc import Iterable, Mapping
from csv import writer
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from mobile.core.texts import say
from shared.clock import LOCAL_ZONE
from shared.localized_text import Language, LocalizedText

CATEGORIES = ("VISIT", "BOOKING", "PASS", "LOAN", "CARD")
_COLUMNS = ("at", "kind", "title", "detail")
_FORMULA = frozenset("=+-@\t\r")


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One thing that was done; `title` says where or what, `detail` how it was."""

    identifier: str
    at: datetime
    category: str
    title: LocalizedText
    detail: LocalizedText

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a row; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            identifier=wire["id"],
            at=read_instant(wire["at"]),
            category=wire["category"],
            title=read_text(wire["title"]),
            detail=read_text(wire["detail"]),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the row as the server tells it."""
        return {
            "id": self.identifier,
            "at": self.at.isoformat(),
            "category": self.category,
            "title": write_text(self.title),
            "detail": write_text(self.detail),
        }


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Some rows, newest first; `more` is where the next page begins, None at the end."""

    rows: tuple[TimelineRow, ...]
    more: str | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a page; raises KeyError, TypeError or ValueError for what is none."""
        info = wire["pageInfo"]
        return cls(
            tuple(map(TimelineRow.of_wire, wire["nodes"])),
            info["endCursor"] if info["hasNextPage"] else None,
        )


@dataclass(frozen=True, slots=True)
class TimelineSeen:
    """The newest rows of every kind as the server told them at `seen_at`."""

    rows: tuple[TimelineRow, ...]
    seen_at: datetime

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        rows = tuple(map(TimelineRow.of_wire, wire["rows"]))
        return cls(rows, read_instant(wire["seenAt"]))

    def to_wire(self) -> dict[str, Any]:
        """Return the rows as JSON has them."""
        return {
            "rows": [row.to_wire() for row in self.rows],
            "seenAt": self.seen_at.isoformat(),
        }

    def of_category(self, category: str) -> tuple[TimelineRow, ...]:
        """Return the rows of one kind; "" is every kind."""
        return tuple(row for row in self.rows if category in {"", row.category})


def as_file(rows: Iterable[TimelineRow], language: Language) -> bytes:
    """Return rows as a table (CSV, RFC 4180) that spreadsheets open, in the language of the app.

    A cell that a spreadsheet would take for a formula is quoted as text.
    """
    written = StringIO(newline="")
    table = writer(written)
    table.writerow([say(language, f"timeline.column.{name}") for name in _COLUMNS])
    for row in rows:
        cells = (
            f"{row.at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}",
            kind_words(row.category, language),
            row.title.in_language(language),
            row.detail.in_language(language),
        )
        table.writerow([f"'{cell}" if cell[:1] in _FORMULA else cell for cell in cells])
    return written.getvalue().encode("utf-8-sig")


def kind_words(category: str, language: Language) -> str:
    """Return what a kind is called; one that a later server tells stands as it came."""
    key = f"timeline.{category.lower()}"
    return say(language, key) if category in CATEGORIES else category
