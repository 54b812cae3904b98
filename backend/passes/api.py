"""What people's apps ask about passes, and do with them."""

import asyncio
from datetime import date, datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.passes.changes import Passes
from backend.passes.issuing import PassIssuing
from backend.passes.products import PassProducts, Quoted
from backend.passes.rules import PassKind, PassProduct, PassWish, ShownState
from backend.passes.transfers import Offered, PassTransfers
from backend.passes.views import PassView
from backend.venues.api import VenueAnswer, venue_answer, venue_entry
from shared.admission.circumstances import DayRange
from shared.admission.prices import Quote

strawberry.enum(PassKind)
strawberry.enum(ShownState, name="PassState")


@strawberry.type(name="DayRange", description="Local days, both included; no last day: no end.")
class DayRangeAnswer:
    """Local days."""

    first: date
    last: date | None

    @classmethod
    def of(cls, days: DayRange) -> "DayRangeAnswer":
        """Return days as an answer."""
        return cls(first=days.first, last=days.last)


@strawberry.type(name="PriceLine", description="The base, or what a rule takes off (below 0).")
class PriceLineAnswer:
    """One line of a price."""

    rule: str
    words: LocalizedTextAnswer
    fen: int


@strawberry.type(name="PassProduct", description="A pass that is given out today.")
class PassProductAnswer:
    """A product; what it costs its taker, `quotePass` tells."""

    code: str
    kind: PassKind
    name: LocalizedTextAnswer
    venues: list[int]
    uses: int | None
    valid_days: int | None
    season: DayRangeAnswer | None
    blackouts: list[DayRangeAnswer]
    daily: bool
    per_holder: int
    refund_days: int | None
    personal: bool

    @strawberry.field
    async def good_at(self, info: OperationInfo) -> list[VenueAnswer]:
        """Its venues, with their names."""
        return await _venues(info, self.venues)


@strawberry.type(name="PassQuote", description="What a pass costs the caller now, line by line.")
class PassQuoteAnswer:
    """A price; where `totalFen` is above 0 the pass is paid and issued at a counter."""

    product: str
    lines: list[PriceLineAnswer]
    total_fen: int
    server_time: datetime


@strawberry.type(name="Pass", description="A pass; `left` and `uses` are null without limit.")
class PassAnswer:
    """A pass: `over` counts who came in beyond it, `offeredUntil` says that it is handed on."""

    id: strawberry.ID
    product: str
    kind: PassKind
    name: LocalizedTextAnswer
    state: ShownState
    venues: list[int]
    days: DayRangeAnswer
    blackouts: list[DayRangeAnswer]
    uses: int | None
    left: int | None
    used: int
    over: int
    personal: bool
    quantity: int
    lines: list[PriceLineAnswer]
    paid_fen: int
    reference: str | None
    refund_until: date | None
    issued_at: datetime
    ended_at: datetime | None
    offered_until: datetime | None

    @strawberry.field
    async def good_at(self, info: OperationInfo) -> list[VenueAnswer]:
        """Its venues, with their names."""
        return await _venues(info, self.venues)


@strawberry.type(name="PassConnection", description="A page of passes, the newest first.")
class PassConnection:
    """A page of passes."""

    nodes: list[PassAnswer]
    page_info: PageInfo


@strawberry.type(name="PassChanged")
class PassChanged:
    """A pass that was taken or changed."""

    held: PassAnswer = strawberry.field(name="pass")
    server_time: datetime


@strawberry.type(name="PassOffered", description="Whoever sends the invitation gets the pass.")
class PassOffered:
    """A pass that is being handed on."""

    held: PassAnswer = strawberry.field(name="pass")
    invitation: str
    server_time: datetime


@strawberry.input(name="TakePassInput")
class TakePassInput:
    """`quantity` counts companions in; `day` only for a product that is good on a chosen day."""

    idempotency_key: str
    product: str
    quantity: int = 1
    day: date | None = None


@strawberry.input(name="PassInput")
class PassInput:
    """Which pass."""

    idempotency_key: str
    held: strawberry.ID = strawberry.field(name="pass")


@strawberry.input(name="AcceptPassInput")
class AcceptPassInput:
    """What the giver sent."""

    idempotency_key: str
    invitation: str


PassesResult = Annotated[PassConnection | RefusalAnswer, strawberry.union("PassesResult")]
PassQuoteResult = Annotated[PassQuoteAnswer | RefusalAnswer, strawberry.union("PassQuoteResult")]
PassChangeResult = Annotated[PassChanged | RefusalAnswer, strawberry.union("PassChangeResult")]
PassOfferResult = Annotated[PassOffered | RefusalAnswer, strawberry.union("PassOfferResult")]


@strawberry.type
class PassQueries:
    """Questions about passes."""

    @strawberry.field
    async def pass_products(
        self, info: OperationInfo, venue: int | None = None
    ) -> list[PassProductAnswer]:
        """Answer with what is given out today: good at a venue, or anywhere."""
        found = await info.context.services[PassProducts].given_out(venue)
        return [_product(one) for one in found]

    @strawberry.field
    async def quote_pass(
        self, info: OperationInfo, product: str, quantity: int = 1, day: date | None = None
    ) -> PassQuoteResult:
        """Answer with what a pass costs the caller; the same engine prices it when it is taken."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        wish = PassWish(product, quantity, day)
        quoted = await info.context.services[PassProducts].quote(asking.resident_id, wish)
        return answer_of(quoted, lambda found: _quote(info, found))

    @strawberry.field
    async def passes(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> PassesResult:
        """Answer with a page of the caller's passes."""
        position = position_of(first, after)
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        page = await info.context.services[Passes].page(asking.resident_id, first, position)
        return PassConnection(nodes=list(map(pass_answer, page.rows)), page_info=PageInfo.of(page))


@strawberry.type
class PassMutations:
    """What people do with passes."""

    @strawberry.mutation
    async def take_pass(
        self,
        info: OperationInfo,
        input: TakePassInput,  # noqa: A002 - GraphQL's usual name
    ) -> PassChangeResult:
        """Take a pass that costs the caller nothing by its rules."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        wish = PassWish(input.product, input.quantity, input.day)
        service = info.context.services[PassIssuing]
        return changed(info, await service.take(asking, input.idempotency_key, wish))

    @strawberry.mutation
    async def refund_pass(
        self,
        info: OperationInfo,
        input: PassInput,  # noqa: A002 - see above
    ) -> PassChangeResult:
        """Give back an unused pass: the caller's own, or any at a venue's counter."""
        service, caller = info.context.services[Passes], info.context.caller
        if caller is not None and caller.staff_id is not None:
            back = await service.refund_at_counter(caller, input.idempotency_key, input.held)
            return changed(info, back)
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        return changed(info, await service.refund(asking, input.idempotency_key, input.held))

    @strawberry.mutation
    async def transfer_pass(
        self,
        info: OperationInfo,
        input: PassInput,  # noqa: A002 - see above
    ) -> PassOfferResult:
        """Make an invitation by which somebody else can have the caller's pass."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service = info.context.services[PassTransfers]
        offered = await service.offer(asking, input.idempotency_key, input.held)
        return answer_of(offered, lambda found: _offered(info, found))

    @strawberry.mutation
    async def withdraw_pass_transfer(
        self,
        info: OperationInfo,
        input: PassInput,  # noqa: A002 - see above
    ) -> PassChangeResult:
        """Take the invitation back."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service = info.context.services[PassTransfers]
        return changed(info, await service.withdraw(asking, input.idempotency_key, input.held))

    @strawberry.mutation
    async def accept_pass(
        self,
        info: OperationInfo,
        input: AcceptPassInput,  # noqa: A002 - see above
    ) -> PassChangeResult:
        """Accept a pass that somebody hands on."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service = info.context.services[PassTransfers]
        return changed(info, await service.accept(asking, input.idempotency_key, input.invitation))


def changed(info: OperationInfo, found: PassView | Refusal) -> PassChanged | RefusalAnswer:
    """Return a pass that was taken or changed, or why not."""
    now = info.context.clock.now()
    return answer_of(found, lambda one: PassChanged(held=pass_answer(one), server_time=now))


def pass_answer(one: PassView) -> PassAnswer:
    """Return a pass as an answer."""
    facts, held = one.facts, one.facts.held
    return PassAnswer(
        id=strawberry.ID(one.pass_id),
        product=held.product,
        kind=one.kind,
        name=LocalizedTextAnswer.of(one.name),
        state=one.state,
        venues=sorted(held.venues or ()),
        days=DayRangeAnswer.of(held.days),
        blackouts=list(map(DayRangeAnswer.of, held.blackouts)),
        uses=held.uses,
        left=facts.left,
        used=held.used,
        over=facts.over,
        personal=held.personal,
        quantity=one.quantity,
        lines=_lines(one.paid),
        paid_fen=facts.paid_fen,
        reference=one.reference,
        refund_until=facts.refund_until,
        issued_at=one.issued_at,
        ended_at=facts.ended_at,
        offered_until=one.offered_until,
    )


async def _venues(info: OperationInfo, numbers: list[int]) -> list[VenueAnswer]:
    entries = await asyncio.gather(*(venue_entry(info, number) for number in numbers))
    return [venue_answer(entry) for entry in entries if not isinstance(entry, Refusal)]


def _offered(info: OperationInfo, found: Offered) -> PassOffered:
    return PassOffered(
        held=pass_answer(found.offered),
        invitation=found.invitation,
        server_time=info.context.clock.now(),
    )


def _quote(info: OperationInfo, found: Quoted) -> PassQuoteAnswer:
    return PassQuoteAnswer(
        product=found.product.code,
        lines=_lines(found.quote),
        total_fen=found.quote.total_fen,
        server_time=info.context.clock.now(),
    )


def _lines(quote: Quote) -> list[PriceLineAnswer]:
    return [
        PriceLineAnswer(rule=line.rule, words=LocalizedTextAnswer.of(line.words), fen=line.fen)
        for line in quote.lines
    ]


def _product(one: PassProduct) -> PassProductAnswer:
    return PassProductAnswer(
        code=one.code,
        kind=one.kind,
        name=LocalizedTextAnswer.of(one.name),
        venues=sorted(one.venues),
        uses=one.uses,
        valid_days=one.valid_days,
        season=None if one.season is None else DayRangeAnswer.of(one.season),
        blackouts=list(map(DayRangeAnswer.of, one.blackouts)),
        daily=one.daily,
        per_holder=one.per_holder,
        refund_days=one.refund_days,
        personal=one.personal,
    )
