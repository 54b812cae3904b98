"""Guides as apps read them, without signing in, and as departments publish and review them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.operations import OperationContext
from backend.foundation.refusals import Refusal
from backend.guides.rules import Gap, GapKind, Guide, Step
from backend.guides.service import Guides, GuideTitle, GuideWish, PublishedGuide, metres_from
from backend.venues.api import NO_SUCH_PLACE, PositionInput, VenueAnswer, venue_answer
from backend.venues.catalogue import CatalogueEntry, Position
from shared.localized_text import LocalizedText

GuideInfo = Info[OperationContext, None]

strawberry.enum(GapKind, name="GuideGapKind")


@strawberry.type(name="GuideTitle")
class GuideTitleAnswer:
    """A guide as a list names it; `item` is the published item's code."""

    item: str
    title: LocalizedTextAnswer
    reviewed_at: datetime


@strawberry.type(name="GuideList")
class GuideList:
    """The guides of what is published now."""

    nodes: list[GuideTitleAnswer]


@strawberry.type(name="GuideStep", description="`icon` names a picture of the app's.")
class GuideStepAnswer:
    """One thing to do."""

    icon: str
    text: LocalizedTextAnswer


@strawberry.type(name="Guide", description="Who may, what it takes, how and where.")
class GuideAnswer:
    """A guide as it stands; `outlets` the nearest first where a place was given."""

    item: str
    title: LocalizedTextAnswer
    who: LocalizedTextAnswer
    bring: LocalizedTextAnswer
    cost: LocalizedTextAnswer
    takes: LocalizedTextAnswer
    steps: list[GuideStepAnswer]
    outlets: list[VenueAnswer]
    owner_name: LocalizedTextAnswer
    version: int
    published_at: datetime
    reviewed_at: datetime


@strawberry.type(name="GuideGap", description="`reviewedAt` null where there is no guide at all.")
class GuideGapAnswer:
    """A published item without a guide of 90 days at most."""

    item: str
    kind: GapKind
    reviewed_at: datetime | None


@strawberry.type(name="GuideGapList")
class GuideGapList:
    """What is wanting, in the order of the items."""

    nodes: list[GuideGapAnswer]


@strawberry.type(name="GuidePublished")
class GuidePublished:
    """Which version stands now."""

    item: str
    version: int


@strawberry.type(name="GuideReviewed")
class GuideReviewed:
    """Since when the guide is held true."""

    item: str
    reviewed_at: datetime


@strawberry.input(name="GuideTextInput")
class GuideTextInput:
    """Words in both languages."""

    zh: str
    en: str


@strawberry.input(name="GuideStepInput")
class GuideStepInput:
    """One thing to do."""

    icon: str
    text: GuideTextInput


@strawberry.input(name="PublishGuideInput", description="`version`: what was seen; 0, the first.")
class PublishGuideInput:
    """A guide whole."""

    idempotency_key: str
    item: str
    version: int
    title: GuideTextInput
    who: GuideTextInput
    bring: GuideTextInput
    cost: GuideTextInput
    takes: GuideTextInput
    steps: list[GuideStepInput]
    outlets: list[int]


@strawberry.input(name="ReviewGuideInput")
class ReviewGuideInput:
    """Which guide is held true, in which version."""

    idempotency_key: str
    item: str
    version: int


GuidesResult = Annotated[GuideList | RefusalAnswer, strawberry.union("GuidesResult")]
GuideResult = Annotated[GuideAnswer | RefusalAnswer, strawberry.union("GuideResult")]
GuideGapsResult = Annotated[GuideGapList | RefusalAnswer, strawberry.union("GuideGapsResult")]
PublishGuideResult = Annotated[
    GuidePublished | RefusalAnswer, strawberry.union("PublishGuideResult")
]
ReviewGuideResult = Annotated[GuideReviewed | RefusalAnswer, strawberry.union("ReviewGuideResult")]


@strawberry.type
class GuideQueries:
    """Questions about guides; they hold nothing about people."""

    @strawberry.field
    async def guides(self, info: GuideInfo) -> GuidesResult:
        """Answer with the guides there are."""
        found = await info.context.services[Guides].titles()
        return GuideList(nodes=[_title(one) for one in found])

    @strawberry.field
    async def guide(
        self, info: GuideInfo, item: str, near: PositionInput | None = None
    ) -> GuideResult:
        """Answer with one guide; where the phone is orders its outlets and is never kept."""
        place = Position(near.latitude, near.longitude) if near else None
        if place is not None and not place.on_earth:
            return RefusalAnswer.of(NO_SUCH_PLACE)
        guides = info.context.services[Guides]
        found = await guides.of(item)
        if isinstance(found, Refusal):
            return RefusalAnswer.of(found)
        return _guide(found, await guides.outlets(found.guide, place), place)

    @strawberry.field
    async def guide_gaps(self, info: GuideInfo) -> GuideGapsResult:
        """Answer with the published items that lack a fresh guide (S102)."""
        found = await info.context.services[Guides].gaps(info.context.caller)
        return answer_of(found, lambda gaps: GuideGapList(nodes=[_gap(one) for one in gaps]))


@strawberry.type
class GuideMutations:
    """What departments do with guides."""

    @strawberry.mutation
    async def publish_guide(
        self,
        info: GuideInfo,
        input: PublishGuideInput,  # noqa: A002 - GraphQL's usual name
    ) -> PublishGuideResult:
        """Publish a guide of a published item."""
        wish = GuideWish(_wished(input), input.version)
        done = await info.context.services[Guides].publish(
            info.context.caller, input.idempotency_key, [wish]
        )
        return answer_of(
            done, lambda versions: GuidePublished(item=input.item, version=versions[input.item])
        )

    @strawberry.mutation
    async def review_guide(
        self,
        info: GuideInfo,
        input: ReviewGuideInput,  # noqa: A002 - see above
    ) -> ReviewGuideResult:
        """Hold a guide true as it stands."""
        done = await info.context.services[Guides].review(
            info.context.caller, input.idempotency_key, input.item, input.version
        )
        return answer_of(done, lambda at: GuideReviewed(item=input.item, reviewed_at=at))


def _title(one: GuideTitle) -> GuideTitleAnswer:
    title = LocalizedTextAnswer.of(one.title)
    return GuideTitleAnswer(item=one.item, title=title, reviewed_at=one.reviewed_at)


def _gap(one: Gap) -> GuideGapAnswer:
    return GuideGapAnswer(item=one.item, kind=one.kind, reviewed_at=one.reviewed_at)


def _guide(
    found: PublishedGuide, outlets: Sequence[CatalogueEntry], near: Position | None
) -> GuideAnswer:
    guide, text = found.guide, LocalizedTextAnswer.of
    return GuideAnswer(
        item=guide.item,
        title=text(guide.title),
        who=text(guide.who),
        bring=text(guide.bring),
        cost=text(guide.cost),
        takes=text(guide.takes),
        steps=[GuideStepAnswer(icon=step.icon, text=text(step.text)) for step in guide.steps],
        outlets=[_outlet(entry, near) for entry in outlets],
        owner_name=text(found.owner.name),
        version=found.version,
        published_at=found.published_at,
        reviewed_at=found.reviewed_at,
    )


def _outlet(entry: CatalogueEntry, near: Position | None) -> VenueAnswer:
    if near is None or entry.position is None:
        return venue_answer(entry)
    return venue_answer(replace(entry, distance=metres_from(near, entry)))


def _wished(asked: PublishGuideInput) -> Guide:
    return Guide(
        item=asked.item,
        title=_text(asked.title),
        who=_text(asked.who),
        bring=_text(asked.bring),
        cost=_text(asked.cost),
        takes=_text(asked.takes),
        steps=tuple(Step(_text(step.text), step.icon) for step in asked.steps),
        outlets=tuple(asked.outlets),
    )


def _text(words: GuideTextInput) -> LocalizedText:
    return LocalizedText(words.zh, words.en)
