"""Examinations that somebody sits: whoever books an examination's slot sits no other then.

Examinations stand above bookings and tell it through this.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from backend.bookings.rules import Sitting
from backend.foundation.mongo import Session


class Sittings(Protocol):
    """Tells what people are registered for, or have a seat in."""

    async def not_over(
        self, residents: Collection[str], now: datetime, session: Session | None = None
    ) -> Mapping[str, Sequence[Sitting]]:
        """Return by resident what they sit that is not over, in two reads for all of them."""
        ...
