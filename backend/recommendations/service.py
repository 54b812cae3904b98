"""Recommending venues: computed from one's own visits when asked, and nothing of it kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.readers.visits import Visits
from backend.recommendations.documents import RecommendationChoice
from backend.recommendations.rules import (
    CANDIDATES,
    HISTORY,
    KINDS,
    MOST_VISITS,
    Basis,
    Candidate,
    Visited,
    recommended,
)
from backend.venues.catalogue import Catalogue, CatalogueEntry, Position, VenueSearch
from shared.clock import Clock
from shared.localized_text import LocalizedText

_ON = LocalizedText("打开了个性化推荐", "Switched personal recommendations on")
_OFF = LocalizedText("关闭了个性化推荐", "Switched personal recommendations off")


@dataclass(frozen=True, slots=True)
class RecommendedVenue:
    """A venue and why it is recommended."""

    venue: CatalogueEntry
    why: LocalizedText


@dataclass(frozen=True, slots=True)
class Recommendations:
    """What is recommended, on what basis, and how the person's switch stands."""

    personalised: bool
    basis: Basis
    venues: tuple[RecommendedVenue, ...]


class Recommending:
    """Recommends venues and keeps the switch; off until somebody switches it on."""

    def __init__(self, catalogue: Catalogue, visits: Visits, once: Once, clock: Clock) -> None:
        self._catalogue = catalogue
        self._visits = visits
        self._once = once
        self._clock = clock

    async def for_resident(
        self, resident_id: str, near: Position | None, first: int
    ) -> Recommendations:
        """Return up to `first` venues; with the switch off no visit is read at all."""
        choice = await RecommendationChoice.get(resident_id)
        personalised, now = choice is not None and choice.personalised, self._clock.now()
        entries = await self._candidates(near)
        visited = await self._visited(resident_id, now) if personalised else []
        found = recommended(
            [Candidate(number, one.kind) for number, one in entries.items()],
            visited,
            now,
            personalised=personalised,
            first=first,
        )
        return Recommendations(
            personalised,
            found.basis,
            tuple(RecommendedVenue(entries[one.venue], one.why) for one in found.venues),
        )

    async def choose(
        self, caller: Caller | None, idempotency_key: str, *, personalised: bool
    ) -> bool | Refusal:
        """Switch on or off for the caller, and return how the switch stands."""
        resident_id = caller.resident_id if caller else None
        refused = may(caller, Act.RECOMMENDATIONS_CHOOSE, resident_id or "")
        if caller is None or resident_id is None or refused is not None:
            return refused or SIGN_IN_NEEDED

        async def act(session: Session) -> Answer | Refusal:
            before = await RecommendationChoice.get(resident_id, session=session)
            if (before is not None and before.personalised) is not personalised:
                now = self._clock.now()
                choice = RecommendationChoice(id=resident_id, personalised=personalised, since=now)
                await choice.save(session=session)
                await audit.record(_deed(caller, resident_id, now, on=personalised), session)
            return {"personalised": personalised}

        done = await self._once.perform(
            caller=caller.thumbprint or resident_id,
            key=idempotency_key,
            request={"resident": resident_id, "personalised": str(personalised)},
            now=self._clock.now(),
            act=act,
        )
        return done if isinstance(done, Refusal) else bool(done["personalised"])

    async def _candidates(self, near: Position | None) -> dict[int, CatalogueEntry]:
        """Return venues in everybody's order: the nearest first, or by their numbers."""
        page = await self._catalogue.search(VenueSearch(near=near), CANDIDATES, None)
        return {one.number: one for one in page.rows if one.kind in KINDS}

    async def _visited(self, resident_id: str, now: datetime) -> Sequence[Visited]:
        visits = await self._visits.venues_since(resident_id, now - HISTORY, MOST_VISITS)
        numbers = sorted({number for number, _ in visits})
        kinds = {
            one.number: one.kind
            for one in (await self._catalogue.of_numbers(numbers) if numbers else [])
            if one is not None
        }
        return [Visited(number, kinds.get(number), at) for number, at in visits]


def _deed(caller: Caller, resident_id: str, now: datetime, *, on: bool) -> Deed:
    return Deed(
        at=now,
        actor=caller.actor,
        action="recommendations.on" if on else "recommendations.off",
        words=_ON if on else _OFF,
        system=System.APP,
        subject=resident_id,
        organisation=caller.organisation,
    )
