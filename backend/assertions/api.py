"""What desks at windows and kiosks ask: the items, and assertions for them."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.assertions.evidence import Shown
from backend.assertions.rules import STANDING_WORDS, AssertedField, Evidence, IdentityItem
from backend.assertions.service import IdentityAssertion, IdentityAssertions
from backend.cards.api import OperationInfo
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of

strawberry.enum(AssertedField)
strawberry.enum(Evidence, name="IdentityEvidence")


@strawberry.type(name="IdentityItem", description="A matter in which the card proves identity.")
class IdentityItemAnswer:
    """An item; `fields` is all that an assertion for it tells."""

    code: str
    name: LocalizedTextAnswer
    department: LocalizedTextAnswer
    fields: list[AssertedField]


@strawberry.type(name="IdentityItems")
class IdentityItemList:
    """The items that the caller may use."""

    nodes: list[IdentityItemAnswer]


@strawberry.type(name="AssertedValue")
class AssertedValue:
    """One value; `CARD_STATE` and `AGE_BAND` are names of the schema's enums."""

    field: AssertedField
    value: str


@strawberry.type(name="IdentityAsserted")
class IdentityAsserted:
    """The values the item declares and no others.

    `subject` names the person to this item alone; `standing` says in words how far it is proven.
    """

    item: str
    subject: strawberry.ID
    evidence: Evidence
    authenticated: bool
    standing: LocalizedTextAnswer
    values: list[AssertedValue]
    asserted_at: datetime
    server_time: datetime


@strawberry.input(name="AssertIdentityInput")
class AssertIdentityInput:
    """For which item, and one of two: the digits of a shown code, or what the chip calls itself.

    `identificationCode` is the 16 bytes of 卡识别码 as hex.
    """

    idempotency_key: str
    item: str
    code: str | None = None
    identification_code: str | None = None


IdentityItemsResult = Annotated[
    IdentityItemList | RefusalAnswer, strawberry.union("IdentityItemsResult")
]
AssertIdentityResult = Annotated[
    IdentityAsserted | RefusalAnswer, strawberry.union("AssertIdentityResult")
]


@strawberry.type
class AssertionQueries:
    """Questions of desks about items."""

    @strawberry.field
    async def identity_items(self, info: OperationInfo) -> IdentityItemsResult:
        """Answer with the items that the caller's post may use."""
        context = info.context
        found = await context.services[IdentityAssertions].items(context.caller)
        return answer_of(found, lambda all_: IdentityItemList(nodes=[_item(one) for one in all_]))


@strawberry.type
class AssertionMutations:
    """Asserting who stands at the counter."""

    @strawberry.mutation
    async def assert_identity(
        self,
        info: OperationInfo,
        input: AssertIdentityInput,  # noqa: A002 - GraphQL's usual name
    ) -> AssertIdentityResult:
        """身份核验: the fields the item declares, after the row that tells of it is written."""
        context = info.context
        shown = Shown(input.code, input.identification_code)
        made = await context.services[IdentityAssertions].make(
            context.caller, input.idempotency_key, input.item, shown
        )
        now = context.clock.now()
        return answer_of(made, lambda made: _asserted(made, now))


def _item(item: IdentityItem) -> IdentityItemAnswer:
    return IdentityItemAnswer(
        code=item.code,
        name=LocalizedTextAnswer.of(item.name),
        department=LocalizedTextAnswer.of(item.department.name),
        fields=list(item.fields),
    )


def _asserted(made: IdentityAssertion, now: datetime) -> IdentityAsserted:
    return IdentityAsserted(
        item=made.item.code,
        subject=strawberry.ID(made.subject),
        evidence=made.evidence,
        authenticated=made.authenticated,
        standing=LocalizedTextAnswer.of(STANDING_WORDS[made.evidence]),
        values=[AssertedValue(field=one, value=value) for one, value in made.values.items()],
        asserted_at=made.asserted_at,
        server_time=now,
    )
