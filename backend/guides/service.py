"""Publishing and reviewing guides, and telling which published items lack a fresh one (S102)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, Organisation, System, holds_personal_number
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.functions.registry import FunctionRegistry, organisation_in, owner_of
from backend.guides import rules
from backend.guides.documents import StoredGuide
from backend.guides.rules import FUNCTION_PREFIX, Gap, Guide, Step
from backend.venues.catalogue import Catalogue, CatalogueEntry, Position
from shared.clock import Clock
from shared.localized_text import LocalizedText
from shared.wire.published_services import PUBLISHED_SERVICES

_PUBLISHED = LocalizedText("发布了服务指南", "Published a guide")
_REVIEWED = LocalizedText("复核了服务指南", "Reviewed a guide")
_TEXTS = ("title", "who", "bring", "cost", "takes")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PublishedGuide:
    """A guide as it stands; `reviewed_at` is its publication's instant or a later review's."""

    guide: Guide
    version: int
    owner: Organisation
    published_at: datetime
    reviewed_at: datetime


@dataclass(frozen=True, slots=True)
class GuideTitle:
    """A guide as a list names it."""

    item: str
    title: LocalizedText
    reviewed_at: datetime


@dataclass(frozen=True, slots=True)
class GuideWish:
    """A guide to be published over `version`, the one its writer saw; 0 for the first."""

    guide: Guide
    version: int = 0


class Guides:
    """Publishes, reviews and tells guides."""

    def __init__(
        self, registry: FunctionRegistry, catalogue: Catalogue, once: Once, clock: Clock
    ) -> None:
        self._registry = registry
        self._catalogue = catalogue
        self._once = once
        self._clock = clock

    async def items(self) -> tuple[str, ...]:
        """Return the codes of all that is published: the app's services, then open functions."""
        now = self._clock.now()
        functions = await self._registry.all()
        opened = (FUNCTION_PREFIX + one.code for one in functions if one.runs_at(now))
        return (*PUBLISHED_SERVICES, *opened)

    async def publish(
        self, caller: Caller | None, idempotency_key: str, wishes: Sequence[GuideWish]
    ) -> dict[str, int] | Refusal:
        """Publish all these guides or none; return each one's version.

        A publication is a review too. Who published an item's guide first answers for it.
        """
        refused = may(caller, Act.GUIDE_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        by = caller

        async def act(session: Session) -> Answer | Refusal:
            fault = await self._fault(wishes)
            if fault is not None:
                return fault
            done: dict[str, int] = {}
            for wish in wishes:
                refused = await self._write(by, wish, session)
                if refused is not None:
                    return refused
                done[wish.guide.item] = wish.version + 1
            titles = [wish.guide.title for wish in wishes]
            deeds = [self._deed(by, "guides.published", _PUBLISHED, one) for one in titles]
            await audit.record_all(deeds, session)
            return {"versions": done}

        asked = json.dumps([asdict(wish) for wish in wishes], ensure_ascii=False, sort_keys=True)
        answer = await self._perform(by, idempotency_key, {"publish": asked}, act)
        return answer if isinstance(answer, Refusal) else dict(answer["versions"])

    async def review(
        self, caller: Caller | None, idempotency_key: str, item: str, version: int
    ) -> datetime | Refusal:
        """Hold a guide true as it stands in that version; return since when it is held so."""
        refused = may(caller, Act.GUIDE_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        by, now = caller, self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            row = await _row(item, session) if item in await self.items() else None
            if row is None:
                return rules.GUIDE_UNKNOWN
            refused = rules.owner_fault(by, organisation_in(row["owner"]))
            if refused is not None:
                return refused
            if row["version"] != version:
                return rules.GUIDE_CHANGED
            held = {"reviewed_at": now, "reviewed_by": by.actor.id}
            await StoredGuide.get_pymongo_collection().update_one(
                {"_id": item, "version": version}, {"$set": held}, session=session
            )
            title = LocalizedText(**row["title"])
            await audit.record(self._deed(by, "guides.reviewed", _REVIEWED, title), session)
            return {"at": now}

        request = {"review": item, "version": str(version)}
        answer = await self._perform(by, idempotency_key, request, act)
        return answer if isinstance(answer, Refusal) else answer["at"]

    async def titles(self) -> list[GuideTitle]:
        """Return the guides of what is published now, in the order of the items."""
        shown = {"title": 1, "reviewed_at": 1}
        items = await self.items()
        found = StoredGuide.get_pymongo_collection().find({"_id": {"$in": items}}, shown)
        rows = {row["_id"]: row async for row in found}
        return [
            GuideTitle(item, LocalizedText(**rows[item]["title"]), rows[item]["reviewed_at"])
            for item in items
            if item in rows
        ]

    async def of(self, item: str) -> PublishedGuide | Refusal:
        """Return a published item's guide."""
        row = await _row(item) if item in await self.items() else None
        return rules.GUIDE_UNKNOWN if row is None else _guide_in(row)

    async def outlets(self, guide: Guide, near: Position | None) -> list[CatalogueEntry]:
        """Return where to go, the nearest to `near` first."""
        found = await self._catalogue.of_numbers(guide.outlets)
        there = [entry for entry in found if entry is not None]
        return there if near is None else sorted(there, key=lambda one: metres_from(near, one))

    async def gaps(self, caller: Caller | None) -> tuple[Gap, ...] | Refusal:
        """Return the published items without a guide of 90 days at most."""
        refused = may(caller, Act.GUIDE_MANAGE)
        if refused is not None:
            return refused
        reviewed = {one.item: one.reviewed_at for one in await self.titles()}
        return rules.gaps(await self.items(), reviewed, self._clock.now())

    async def _fault(self, wishes: Sequence[GuideWish]) -> Refusal | None:
        guides = [wish.guide for wish in wishes]
        if not 1 <= len(guides) <= rules.MOST_AT_ONCE:
            return rules.GUIDE_FORM
        if len({guide.item for guide in guides}) != len(guides):
            return rules.GUIDE_FORM
        published = frozenset(await self.items())
        for guide in guides:
            if guide.item not in published:
                return rules.GUIDE_ITEM_UNKNOWN
            if fault := rules.guide_fault(guide, holds_personal_number):
                return fault
        numbers = list(dict.fromkeys(one for guide in guides for one in guide.outlets))
        wrong = [one for one in numbers if not rules.is_outlet(one)]
        if not wrong:  # the store would choke on a number beyond its own
            known = await self._catalogue.of_numbers(numbers)
            wrong = [one for one, entry in zip(numbers, known, strict=True) if entry is None]
        return rules.outlet_unknown(wrong[0]) if wrong else None

    async def _write(self, by: Caller, wish: GuideWish, session: Session) -> Refusal | None:
        item, row = wish.guide.item, await _row(wish.guide.item, session)
        if (row["version"] if row else 0) != wish.version:
            return rules.GUIDE_CHANGED
        owner = organisation_in(row["owner"]) if row else by.organisation
        if refused := rules.owner_fault(by, owner):
            return refused
        now = self._clock.now()
        stored = _stored(wish.guide) | {
            "version": wish.version + 1,
            "published_at": now,
            "reviewed_at": now,
            "reviewed_by": by.actor.id,
        }
        guides = StoredGuide.get_pymongo_collection()
        if row is None:
            first = {"_id": item, "owner": owner_of(owner).model_dump(), **stored}
            await guides.insert_one(first, session=session)
        else:
            same = {"_id": item, "version": wish.version}
            await guides.update_one(same, {"$set": stored}, session=session)
        return None

    async def _perform(
        self, by: Caller, key: str, request: Mapping[str, str], act: Any
    ) -> Answer | Refusal:
        return await self._once.perform(
            caller=by.staff_id or by.thumbprint or "operator",
            key=key,
            request=request,
            now=self._clock.now(),
            act=act,
        )

    def _deed(self, by: Caller, action: str, words: LocalizedText, title: LocalizedText) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=by.actor,
            action=action,
            words=LocalizedText(f"{words.zh}：{title.zh}", f"{words.en}: {title.en}"),
            system=System.COUNTER if by.staff_id else System.BATCH,
            organisation=by.organisation,
        )


def metres_from(near: Position, entry: CatalogueEntry) -> float:
    """Return how far a venue is; what has no place on the map is farthest."""
    there = entry.position
    if there is None:
        return float("inf")
    here = (near.latitude, near.longitude)
    return rules.metres_between(here, (there.latitude, there.longitude))


async def _row(item: str, session: Session | None = None) -> Row | None:
    guides = StoredGuide.get_pymongo_collection()
    row: Row | None = await guides.find_one({"_id": item}, session=session)
    return row


def _stored(guide: Guide) -> dict[str, Any]:
    texts = {name: _words(getattr(guide, name)) for name in _TEXTS}
    steps = [{"text": _words(step.text), "icon": step.icon} for step in guide.steps]
    return {**texts, "steps": steps, "outlets": list(guide.outlets)}


def _guide_in(row: Row) -> PublishedGuide:
    texts = {name: LocalizedText(**row[name]) for name in _TEXTS}
    guide = Guide(
        item=row["_id"],
        **texts,
        steps=tuple(Step(LocalizedText(**one["text"]), one["icon"]) for one in row["steps"]),
        outlets=tuple(row["outlets"]),
    )
    return PublishedGuide(
        guide,
        row["version"],
        organisation_in(row["owner"]),
        row["published_at"],
        row["reviewed_at"],
    )


def _words(text: LocalizedText) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
