"""Rating a visit, seeing which can be rated, and telling what people say of a venue.

What was answered goes into a count and nowhere else: neither the kept answer of a request, nor
the hash by which a repeated one is known, nor the log holds the grade, which five tries would find.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from backend.cards import deeds
from backend.cards.asking import Asking
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import Act, may
from backend.foundation.refusals import Refusal
from backend.readers.visits import EnteredVisit, Visits
from backend.residents.same_person import same_person
from backend.surveys import refusals as no
from backend.surveys.documents import SatisfactionCount, SurveySlip
from backend.surveys.rules import (
    RATABLE,
    Satisfaction,
    Told,
    forgotten_at,
    month_of,
    refusal_to_rate,
    refusal_to_tell,
    told,
)
from shared.clock import Clock
from shared.localized_text import LocalizedText

MOST_SHOWN = 5
_MOST_READ = 50
_RATED = LocalizedText("评价了一次服务", "Rated a service")


@dataclass(frozen=True, slots=True)
class VenueSatisfaction:
    """What is told of one venue's month."""

    venue: int
    month: str
    told: Told


class Surveys:
    """Asks, counts and tells."""

    def __init__(self, visits: Visits, once: Once, clock: Clock) -> None:
        self._visits = visits
        self._once = once
        self._clock = clock

    async def ratable(self, asking: Asking) -> list[EnteredVisit]:
        """Return visits that wait for a rating, the latest first: one of each venue."""
        now, people = self._clock.now(), await same_person(asking.resident_id)
        visits = await self._visits.entered_since(people, now - RATABLE, _MOST_READ)
        slips = SurveySlip.get_pymongo_collection().find(
            {"resident_id": {"$in": people}}, {"venue": 1, "month": 1}
        )
        rated, waiting, month = set[str](), dict[int, EnteredVisit](), month_of(now)
        done = set[int]()
        async for slip in slips:
            rated.add(slip["_id"])
            if slip["month"] == month:
                done.add(slip["venue"])
        for one in visits:
            if one.venue not in done and one.scan_id not in rated:
                waiting.setdefault(one.venue, one)
        return list(waiting.values())[:MOST_SHOWN]

    async def rate(
        self, asking: Asking, idempotency_key: str, visit_id: str, grade: Satisfaction
    ) -> str | Refusal:
        """Count a rating once and return the visit's id; a repeated request keeps the first."""
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            people = await same_person(asking.resident_id, session)
            visit = await self._visits.entered(visit_id, people, session)
            answered = visit is not None and await _answered(visit, people, now, session)
            refused = refusal_to_rate(visit.at if visit else None, now, answered=answered)
            if visit is None or refused is not None:
                return refused or no.VISIT_UNKNOWN
            await _count(visit, asking.resident_id, grade, now, session)
            deed = deeds.of_phone(
                *("surveys.rated", _RATED, asking.resident_id, now), origin=asking.origin
            )
            await audit.record(deed, session)
            return {"visit": visit_id}

        answer = await self._once.perform(
            caller=asking.thumbprint,
            key=idempotency_key,
            request={"act": "rate", "visit": visit_id, "of": asking.resident_id},
            now=now,
            act=act,
        )
        return answer if isinstance(answer, Refusal) else str(answer["visit"])

    async def of_venue(
        self, caller: Caller | None, venue: int, month: str
    ) -> VenueSatisfaction | Refusal:
        """Tell what people said of a venue in a month that is over."""
        refused = may(caller, Act.STATISTICS_READ) or refusal_to_tell(month, self._clock.now())
        if refused is not None:
            return refused
        row = await SatisfactionCount.get_pymongo_collection().find_one(
            {"_id": _cell(venue, month)}
        )
        counts = {
            Satisfaction(name): count for name, count in (row or {"counts": {}})["counts"].items()
        }
        return VenueSatisfaction(venue, month, told(counts))


async def _answered(
    visit: EnteredVisit, people: list[str], now: datetime, session: Session
) -> bool:
    this_month = {"resident_id": {"$in": people}, "venue": visit.venue, "month": month_of(now)}
    found = await SurveySlip.get_pymongo_collection().find_one(
        {"$or": [{"_id": visit.scan_id}, this_month]}, {"_id": 1}, session=session
    )
    return found is not None


async def _count(
    visit: EnteredVisit, resident_id: str, grade: Satisfaction, now: datetime, session: Session
) -> None:
    month = month_of(now)
    slip = {
        "_id": visit.scan_id,
        "resident_id": resident_id,
        "venue": visit.venue,
        "month": month,
        "until": datetime.combine(forgotten_at(now), time(), UTC),
    }
    await SurveySlip.get_pymongo_collection().insert_one(slip, session=session)
    await SatisfactionCount.get_pymongo_collection().update_one(
        {"_id": _cell(visit.venue, month)},
        {"$inc": {f"counts.{grade.value}": 1}},
        upsert=True,
        session=session,
    )


def _cell(venue: int, month: str) -> str:
    return f"{venue}.{month}"
