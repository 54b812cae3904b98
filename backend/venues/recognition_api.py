"""Mutual recognition lists 互认清单 (S129), as the officers who keep our side of them see them."""

from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.operations import OperationContext
from backend.venues.recognition import ListState, OwnListing, RecognitionLists
from shared.admission.mutual_lists import ListedItem
from shared.localized_text import LocalizedText

RecognitionInfo = Info[OperationContext, None]


@strawberry.input(name="RecognitionItemInput")
class RecognitionItemInput:
    """What is recognised: at which scenes (null: all), on which days, at which ages.

    Whatever changes of an item takes the next version.
    """

    code: str
    version: int
    first: date
    last: date | None = None
    scenes: list[str] | None = None
    least_age: int | None = None
    most_age: int | None = None


@strawberry.input(name="ListRecognitionInput")
class ListRecognitionInput:
    """All that our side recognises by this list; what is left out is withdrawn.

    `basedOn` is the revision that was read; it is refused where another stands by now.
    """

    idempotency_key: str
    code: str
    name_zh: str
    name_en: str
    own_region: int
    peer_region: int
    items: list[RecognitionItemInput]
    based_on: int | None = None


@strawberry.type(name="RecognitionItem", description="Scenes null: all of them.")
class RecognitionItemAnswer:
    """A version of an item, on the days on which it is in force or would be."""

    code: str
    version: int
    first: date
    last: date | None
    scenes: list[str] | None
    least_age: int | None
    most_age: int | None


@strawberry.type(name="PendingRecognition", description="It is in force once both sides list it.")
class PendingRecognitionAnswer:
    """What one side alone lists 待双方确认; `region` is that side."""

    region: int
    item: RecognitionItemAnswer


@strawberry.type(name="RecognitionList")
class RecognitionListAnswer:
    """A list: what is in force, and what waits for one of the sides."""

    code: str
    name: LocalizedTextAnswer
    regions: list[int]
    revision: int
    in_force: list[RecognitionItemAnswer]
    pending: list[PendingRecognitionAnswer]


RecognitionResult = Annotated[
    RecognitionListAnswer | RefusalAnswer, strawberry.union("RecognitionListResult")
]


@strawberry.type
class RecognitionQueries:
    """Questions about what regions recognise."""

    @strawberry.field
    async def recognition_list(self, info: RecognitionInfo, code: str) -> RecognitionResult:
        """Answer with a list as it stands."""
        context = info.context
        found = await context.services[RecognitionLists].show(context.caller, code)
        return answer_of(found, _list)


@strawberry.type
class RecognitionMutations:
    """What our side lists."""

    @strawberry.mutation
    async def list_recognition(
        self,
        info: RecognitionInfo,
        input: ListRecognitionInput,  # noqa: A002 - GraphQL's usual name
    ) -> RecognitionResult:
        """Say what our side recognises; it holds where the other side says the same."""
        wish = OwnListing(
            input.code,
            LocalizedText(input.name_zh, input.name_en),
            *(input.own_region, input.peer_region),
            [_wire(item) for item in input.items],
            input.based_on,
        )
        context = info.context
        done = await context.services[RecognitionLists].list_own(
            context.caller, input.idempotency_key, wish
        )
        return answer_of(done, _list)


def _wire(item: RecognitionItemInput) -> dict[str, Any]:
    aged = item.least_age is not None or item.most_age is not None
    return {
        "code": item.code,
        "version": item.version,
        "days": {
            "first": item.first.isoformat(),
            "last": None if item.last is None else item.last.isoformat(),
        },
        "scenes": item.scenes,
        "ages": {"least": item.least_age or 0, "most": item.most_age} if aged else None,
    }


def _list(state: ListState) -> RecognitionListAnswer:
    return RecognitionListAnswer(
        code=state.code,
        name=LocalizedTextAnswer.of(state.name),
        regions=sorted(state.lists.regions),
        revision=state.revision,
        in_force=[_item(item) for item in state.lists.in_force()],
        pending=[
            PendingRecognitionAnswer(region=region, item=_item(item))
            for region, item in state.lists.pending()
        ],
    )


def _item(item: ListedItem) -> RecognitionItemAnswer:
    ages = item.ages
    return RecognitionItemAnswer(
        code=item.code,
        version=item.version,
        first=item.days.first,
        last=item.days.last,
        scenes=None if item.scenes is None else [one.to_wire() for one in sorted(item.scenes)],
        least_age=None if ages is None else ages.least,
        most_age=None if ages is None else ages.most,
    )
