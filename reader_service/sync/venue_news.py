"""What only the backend knows of the venue: its counts and its conflicts, and how old that is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from shared.localized_text import LocalizedText
from shared.trust.list_update import is_list_update
from shared.wire.flow import VenueFlow

_ID = re.compile(r"[0-9A-Za-z_]{1,64}")
_WORD = re.compile(r"[0-9A-Za-z_.-]{1,64}")
_MOST_ROWS = 200


class InvalidNews(ValueError):
    """An answer about the venue is not understood."""


@dataclass(frozen=True, slots=True)
class ConflictEntry:
    """One entry of a conflict and the gate that let it in."""

    venue_name: LocalizedText
    lane_name: LocalizedText
    at: datetime
    persons: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Entries that do not go together, in the order in which they happened."""

    conflict_id: str
    kind: str
    at: datetime
    entries: tuple[ConflictEntry, ...]
    acknowledged_at: datetime | None = None
    note: str | None = None

    @classmethod
    def of_wire(cls, values: Any) -> "Conflict":
        """Read a conflict.

        Raises:
            InvalidNews: it is not understood.
        """
        try:
            entries = tuple(_entry(row) for row in values["entries"][:_MOST_ROWS])
            known = values["acknowledged_at"]
            return cls(
                _matched(_ID, values["id"]),
                _matched(_WORD, values["kind"]),
                datetime.fromisoformat(values["at"]),
                entries,
                None if known is None else datetime.fromisoformat(known),
                None if values["note"] is None else str(values["note"])[:200],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidNews from error


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who is expected today, masked, as a look-up by staff found them."""

    name: str
    number: str
    starts_at: datetime
    ends_at: datetime
    quantity: int
    entered: int

    @classmethod
    def of_wire(cls, values: Any) -> "Expected":
        """Read one.

        Raises:
            InvalidNews: it is not understood.
        """
        try:
            return cls(
                str(values["name"])[:64],
                str(values["number"])[:32],
                datetime.fromisoformat(values["starts_at"]),
                datetime.fromisoformat(values["ends_at"]),
                int(values["quantity"]),
                int(values["entered"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidNews from error


@dataclass(frozen=True, slots=True)
class VenueNews:
    """The venue's counts and conflicts, as of when they were asked for."""

    flow: VenueFlow | None = None
    conflicts: tuple[Conflict, ...] = ()
    conflicts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UpdateToShow:
    """An update code 更新码 for a reader without a network; `left_out` phones found no room."""

    digits: str
    valid_until: datetime
    left_out: int

    @classmethod
    def of_wire(cls, values: Any) -> "UpdateToShow":
        """Read one.

        Raises:
            InvalidNews: it is none.
        """
        try:
            digits, left_out = values["digits"], values["left_out"]
            until = datetime.fromisoformat(values["valid_until"])
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidNews from error
        if not (isinstance(digits, str) and is_list_update(digits) and type(left_out) is int):
            raise InvalidNews
        return cls(digits, until, left_out)


class VenueDesk(Protocol):
    """What staff ask the backend through this reader; each raises `SyncProblem`."""

    async def acknowledge(self, key: str, conflict_id: str, note: str, staff: str) -> Conflict:
        """Note that staff looked at a conflict and what they found."""
        ...

    async def look_up(self, query: Mapping[str, str], reason: str, staff: str) -> list[Expected]:
        """Return who is expected today by a name or a number's tail; masked and written down."""
        ...

    async def update_code(self) -> UpdateToShow:
        """Return what was stopped lately, to be shown to a reader without a network."""
        ...


def _entry(row: Any) -> ConflictEntry:
    return ConflictEntry(
        LocalizedText(str(row["venue_name"]["zh"])[:80], str(row["venue_name"]["en"])[:80]),
        LocalizedText(str(row["lane_name"]["zh"])[:80], str(row["lane_name"]["en"])[:80]),
        datetime.fromisoformat(row["at"]),
        int(row["persons"]),
        tuple(_matched(_WORD, flag) for flag in row["flags"][:16]),
    )


def _matched(pattern: re.Pattern[str], value: Any) -> str:
    if not (isinstance(value, str) and pattern.fullmatch(value)):
        raise InvalidNews
    return value
