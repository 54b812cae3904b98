"""A code on paper 纸质当日码 as its holder sees it in a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from mobile.core.card import read_instant

MAKERS = ("HOLDER", "DELEGATE", "OUTLET")


@dataclass(frozen=True, slots=True)
class PaperCode:
    """One sheet, good on `day`; it counts while it is `live` and not `over`."""

    identifier: str
    day: date
    made_at: datetime
    made_by: str
    live: bool
    over: bool

    @property
    def counts(self) -> bool:
        """Tell whether a venue may take it, then or now."""
        return self.live and not self.over

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a sheet; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            identifier=wire["id"],
            day=date.fromisoformat(wire["day"]),
            made_at=read_instant(wire["madeAt"]),
            made_by=wire["madeBy"],
            live=bool(wire["live"]),
            over=bool(wire["over"]),
        )
