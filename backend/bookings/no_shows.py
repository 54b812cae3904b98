"""No-shows 爽约: read where places are asked for, so that who misses too many waits a while."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from backend.bookings import refusals as no
from backend.bookings.documents import PlaceBooking
from backend.bookings.no_show_rules import looked_back, paused_until
from backend.bookings.rules import BookingState, SlotKind
from backend.figures import BookingFigures
from backend.foundation.refusals import Refusal
from backend.residents.same_person import people_behind

Missed = Mapping[tuple[str, SlotKind], Collection[datetime]]
COUNTED = {"state": BookingState.NO_SHOW.value, "pardoned": {"$exists": False}}
"""A no-show that nobody pardoned."""


class NoShowReading:
    """Tells who may not book for now."""

    def __init__(self, figures: BookingFigures) -> None:
        self._rules = {SlotKind(kind): rule for kind, rule in figures.no_shows.items()}
        self._back = max(map(looked_back, self._rules.values()), default=timedelta())

    async def of_residents(self, residents: Collection[str], now: datetime) -> Missed:
        """Return what residents did not come to lately, by who and kind.

        What any record of a person missed counts: records that become one free nobody of a pause.
        """
        if not self._rules:
            return {}
        records = await people_behind(list(residents))
        wanted = {
            "resident_id": {"$in": sorted({one for some in records.values() for one in some})},
            "ends_at": {"$gt": now - self._back},
            **COUNTED,
        }
        fields = {"resident_id": 1, "kind": 1, "ends_at": 1}
        found: dict[tuple[str, SlotKind], list[datetime]] = {}
        async for row in PlaceBooking.get_pymongo_collection().find(wanted, fields):
            found.setdefault((row["resident_id"], SlotKind(row["kind"])), []).append(row["ends_at"])
        return {
            (resident, kind): [at for one in some for at in found.get((one, kind), ())]
            for resident, some in records.items()
            for kind in self._rules
        }

    def refusal(
        self, missed: Missed, resident_id: str, kind: SlotKind, now: datetime
    ) -> Refusal | None:
        """Return that somebody books nothing of this kind for now, until when and why."""
        rule, own = self._rules.get(kind), missed.get((resident_id, kind), ())
        if rule is None or not own:
            return None
        until = paused_until(own, rule, now)
        return None if until is None else no.paused(until, rule.most, rule.within_days)
