"""Keyset pages: a cursor names the last row seen, so that a page costs the same wherever it is."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

Row_co = TypeVar("Row_co", covariant=True)
_ROW_ID = re.compile(r"[0-9A-Za-z_.:+-]{1,120}")
"""An identifier, or a text of our own: those of notices are made of what they are about."""
_MAX_CURSOR = 200


class InvalidCursor(ValueError):
    """A cursor that no page of ours gave out."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in rows ordered by time and then id; stored times have whole milliseconds."""

    at: datetime
    row_id: str

    def to_cursor(self) -> str:
        """Return the opaque text a client hands back."""
        milliseconds = round(self.at.timestamp() * 1000)
        return base64.urlsafe_b64encode(json.dumps([milliseconds, self.row_id]).encode()).decode()

    @classmethod
    def of_cursor(cls, text: str) -> "Position":
        """Read a cursor; only a number and a plain id get through.

        Raises:
            InvalidCursor: it is not one of ours.
        """
        try:
            if len(text) > _MAX_CURSOR:
                raise InvalidCursor
            milliseconds, row_id = json.loads(base64.urlsafe_b64decode(text))
            if type(milliseconds) is not int or not _ROW_ID.fullmatch(row_id):
                raise InvalidCursor
            return cls(datetime.fromtimestamp(milliseconds / 1000, UTC), row_id)
        except (binascii.Error, ValueError, TypeError, OverflowError, OSError) as error:
            raise InvalidCursor("not a cursor of ours") from error


@dataclass(frozen=True, slots=True)
class Page(Generic[Row_co]):
    """Some rows and whether more follow."""

    rows: Sequence[Row_co]
    has_more: bool


def cut_page(rows: Sequence[Row_co], first: int) -> Page[Row_co]:
    """Return a page of `first` rows from a read of up to `first + 1`."""
    return Page(rows[:first], len(rows) > first)
