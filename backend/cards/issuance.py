"""The issuance rate 电子社保卡签发率 (S20): e-cards among the people of a region, day by day.

What was counted on a day stays; the population and the target it is compared with are figures of
their own, each counting from a day on. A figure that is revised (人口数修订) is recorded anew: the
rates of the days it is about follow it, those of other days do not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from backend.cards import refusals as no
from backend.cards.documents import Card, FigureKind, IssuanceDay, IssuanceFigure
from backend.cards.lifecycle import CardState
from backend.cards.rules import DeviceState
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.kept_running import rounds
from backend.foundation.mongo import ASCENDING, DuplicateKeyError, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

LOOK_SECONDS = 900.0
MAX_DAYS = 366
MAX_SOURCE = 60
MOST_PEOPLE = 100_000_000
_RECORDED = LocalizedText("登记了签发率的基数或目标", "Recorded a figure of the issuance rate")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of people, or a target in per mille, that counts from a local day on."""

    region: int
    kind: FigureKind
    counts_from: date
    value: int
    source: str

    @property
    def fits(self) -> bool:
        """Whether it can be one."""
        most = MOST_PEOPLE if self.kind is FigureKind.PEOPLE else 1000
        named = 1 <= len(self.source) <= MAX_SOURCE and self.source.isprintable()
        return named and 1 <= self.value <= most and 0 < self.region <= 999_999


@dataclass(frozen=True, slots=True)
class IssuanceRate:
    """One day of a region; rate and target in per mille, None where no figure counts that day."""

    day: date
    region: int
    cards: int
    ecards: int
    people: int | None
    rate: int | None
    target: int | None


def in_force(figures: Iterable[Figure], kind: FigureKind, day: date) -> int | None:
    """Return the value that counts on `day`; `figures` in the order they were recorded.

    Of several that count from the same day, the last recorded one is the revision.
    """
    known = [one for one in figures if one.kind is kind and one.counts_from <= day]
    return max(reversed(known), key=lambda one: one.counts_from).value if known else None


class Issuance:
    """Counts cards, records figures, and tells the rates."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def count(self) -> int:
        """Count the cards in use by region, for the present local day; return how many regions.

        The first count of a day stays. It reads every card, once a day and beside all else.
        """
        now = self._clock.now()
        day, days = local_day(now).isoformat(), IssuanceDay.get_pymongo_collection()
        if await days.find_one({"day": day}, {"_id": 1}) is not None:
            return 0
        bound = {"$in": [DeviceState.BOUND.value, {"$ifNull": ["$devices.state", []]}]}
        found = await Card.get_pymongo_collection().aggregate(
            [
                {"$match": {"state": CardState.ACTIVE.value}},
                {
                    "$group": {
                        "_id": "$region",
                        "cards": {"$sum": 1},
                        "ecards": {"$sum": {"$cond": [bound, 1, 0]}},
                    }
                },
            ]
        )
        rows = [
            {"_id": f"{day} {row['_id']}", "day": day, "region": row.pop("_id"), **row}
            | {"counted_at": now}
            async for row in found
        ]

        async def act(session: Session) -> None:
            if rows:
                await days.insert_many(rows, session=session)

        try:
            await audit.in_one_write(act)
        except DuplicateKeyError:
            return 0  # another server was first
        return len(rows)

    async def keep_counted(self) -> None:
        """Count each day until cancelled; a failure is logged and tried again."""
        await rounds(self.count, LOOK_SECONDS)

    async def record(
        self, caller: Caller | None, idempotency_key: str, figure: Figure
    ) -> str | Refusal:
        """Record a figure, or its revision, and return its id."""
        denied = may(caller, Act.ISSUANCE_RECORD)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        if not figure.fits:
            return no.FIGURE_FORM
        now = self._clock.now()
        told = {
            "region": figure.region,
            "kind": figure.kind.value,
            "counts_from": figure.counts_from.isoformat(),
            "value": figure.value,
            "source": figure.source,
        }

        async def act(session: Session) -> Answer:
            row = IssuanceFigure(id=random_identifier("fig"), recorded_at=now, **told)
            await row.insert(session=session)
            await audit.record(_deed(caller, now), session)
            return {"figure": row.id}

        answer = await self._once.perform(
            caller=caller.staff_id or caller.thumbprint or "operator",
            key=idempotency_key,
            request={name: str(value) for name, value in told.items()},
            now=now,
            act=act,
        )
        return answer if isinstance(answer, Refusal) else str(answer["figure"])

    async def rates(self, region: int, first: date, last: date) -> list[IssuanceRate] | Refusal:
        """Return the rates of a region's days, both included; they tell of nobody."""
        if not timedelta(0) <= last - first < timedelta(days=MAX_DAYS):
            return no.DAYS_FORM
        figures = await _figures(region)
        span = {"$gte": first.isoformat(), "$lte": last.isoformat()}
        days = IssuanceDay.get_pymongo_collection().find({"region": region, "day": span})
        return [_rate(row, figures) async for row in days.sort("day", ASCENDING)]


async def _figures(region: int) -> list[Figure]:
    found = IssuanceFigure.get_pymongo_collection().find({"region": region})
    order = [("recorded_at", ASCENDING), ("_id", ASCENDING)]
    return [
        Figure(
            region,
            FigureKind(row["kind"]),
            date.fromisoformat(row["counts_from"]),
            row["value"],
            row["source"],
        )
        async for row in found.sort(order)
    ]


def _rate(row: dict[str, Any], figures: Sequence[Figure]) -> IssuanceRate:
    day = date.fromisoformat(row["day"])
    people = in_force(figures, FigureKind.PEOPLE, day)
    return IssuanceRate(
        day=day,
        region=row["region"],
        cards=row["cards"],
        ecards=row["ecards"],
        people=people,
        rate=None if people is None else round(1000 * row["ecards"] / people),
        target=in_force(figures, FigureKind.TARGET, day),
    )


def _deed(caller: Caller, now: datetime) -> Deed:
    return Deed(
        at=now,
        actor=caller.actor,
        action="cards.issuance_figure_recorded",
        words=_RECORDED,
        system=System.COUNTER if caller.staff_id else System.BATCH,
        organisation=caller.organisation,
    )
