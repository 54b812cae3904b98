"""What staff ask about key carriers, and do with them."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.foundation.answers import OperationRefused, RefusalAnswer
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.pages import Position
from backend.foundation.refusals import Refusal
from backend.readers.key_carrier_rules import Carrier, CarrierEvent, CarrierKind, CarrierState
from backend.readers.key_carriers import KeyCarriers, Move, NewCarrier

strawberry.enum(CarrierKind, name="KeyCarrierKind")
strawberry.enum(CarrierState, name="KeyCarrierState")
strawberry.enum(CarrierEvent, name="KeyCarrierEvent")


@strawberry.type(name="KeyCarrier", description="A carrier of keys: a PSAM, a SAM or an HSM.")
class KeyCarrierAnswer:
    """A carrier; `offered_to` is who has yet to confirm that they took it over."""

    id: strawberry.ID
    kind: CarrierKind
    serial: str
    key_version: int
    custodian: str
    location: str
    state: CarrierState
    terminals: list[str]
    offered_to: str | None
    changed_at: datetime


@strawberry.type(name="KeyCarrierConnection")
class KeyCarrierConnection:
    """A page of carriers, those changed last first."""

    nodes: list[KeyCarrierAnswer]
    page_info: PageInfo


@strawberry.type(name="KeyCarrierChanged")
class KeyCarrierChanged:
    """A carrier as it is now."""

    carrier: KeyCarrierAnswer


@strawberry.type(name="TerminalBlockLifted")
class TerminalBlockLifted:
    """The terminal works again from its next heartbeat on."""

    terminal: strawberry.ID


@strawberry.input(name="RegisterKeyCarrierInput")
class RegisterKeyCarrierInput:
    """A carrier as it comes into stock."""

    idempotency_key: str
    kind: CarrierKind
    serial: str
    key_version: int
    location: str


@strawberry.input(name="MoveKeyCarrierInput")
class MoveKeyCarrierInput:
    """What is done to a carrier; terminals are named when it is installed."""

    idempotency_key: str
    id: strawberry.ID
    event: CarrierEvent
    terminals: list[str] = strawberry.field(default_factory=list)
    location: str | None = None


@strawberry.input(name="OfferKeyCarrierInput")
class OfferKeyCarrierInput:
    """To which member of staff a carrier is handed."""

    idempotency_key: str
    id: strawberry.ID
    to: str


@strawberry.input(name="AcceptKeyCarrierInput")
class AcceptKeyCarrierInput:
    """Which carrier was taken over."""

    idempotency_key: str
    id: strawberry.ID


@strawberry.input(name="LiftTerminalBlockInput")
class LiftTerminalBlockInput:
    """Which terminal shall work again, and why."""

    idempotency_key: str
    terminal: strawberry.ID
    reason: str


KeyCarrierResult = Annotated[
    KeyCarrierChanged | RefusalAnswer, strawberry.union("KeyCarrierResult")
]
TerminalBlockResult = Annotated[
    TerminalBlockLifted | RefusalAnswer, strawberry.union("TerminalBlockResult")
]


@strawberry.type
class KeyCarrierQueries:
    """Questions about key carriers, for those who keep them."""

    @strawberry.field
    async def key_carriers(
        self,
        info: OperationInfo,
        state: CarrierState | None = None,
        first: int = 20,
        after: str | None = None,
    ) -> KeyCarrierConnection:
        """Answer with a page of carriers."""
        position = position_of(first, after)
        carriers = info.context.services[KeyCarriers]
        page = await carriers.page(info.context.caller, state, first, position)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        last = page.rows[-1] if page.rows else None
        cursor = Position(last.changed_at, last.carrier_id).to_cursor() if last else None
        return KeyCarrierConnection(
            nodes=[_answer(carrier) for carrier in page.rows],
            page_info=PageInfo(has_next_page=page.has_more, end_cursor=cursor),
        )


@strawberry.type
class KeyCarrierMutations:
    """What staff do with key carriers."""

    @strawberry.mutation
    async def register_key_carrier(
        self,
        info: OperationInfo,
        input: RegisterKeyCarrierInput,  # noqa: A002 - GraphQL's usual name
    ) -> KeyCarrierResult:
        """入库: for the security officer."""
        new = NewCarrier(input.kind, input.serial, input.key_version, input.location)
        carriers = info.context.services[KeyCarriers]
        return _result(await carriers.register(info.context.caller, input.idempotency_key, new))

    @strawberry.mutation
    async def move_key_carrier(
        self,
        info: OperationInfo,
        input: MoveKeyCarrierInput,  # noqa: A002 - see above
    ) -> KeyCarrierResult:
        """领出, 安装, 拆下, 退库, 报失, 销毁: for its custodian."""
        move = Move(input.event, tuple(input.terminals), input.location)
        carriers, caller = info.context.services[KeyCarriers], info.context.caller
        return _result(await carriers.move(caller, input.idempotency_key, input.id, move))

    @strawberry.mutation
    async def offer_key_carrier(
        self,
        info: OperationInfo,
        input: OfferKeyCarrierInput,  # noqa: A002 - see above
    ) -> KeyCarrierResult:
        """交接: for its custodian; it counts when the other confirms it."""
        carriers, caller = info.context.services[KeyCarriers], info.context.caller
        return _result(await carriers.offer(caller, input.idempotency_key, input.id, input.to))

    @strawberry.mutation
    async def accept_key_carrier(
        self,
        info: OperationInfo,
        input: AcceptKeyCarrierInput,  # noqa: A002 - see above
    ) -> KeyCarrierResult:
        """交接: for whom it was offered to."""
        carriers, caller = info.context.services[KeyCarriers], info.context.caller
        return _result(await carriers.accept(caller, input.idempotency_key, input.id))

    @strawberry.mutation
    async def lift_terminal_block(
        self,
        info: OperationInfo,
        input: LiftTerminalBlockInput,  # noqa: A002 - see above
    ) -> TerminalBlockResult:
        """恢复终端: for the security officer, with a reason."""
        lifted = await info.context.services[KeyCarriers].lift_block(
            info.context.caller, input.idempotency_key, input.terminal, input.reason
        )
        if isinstance(lifted, Refusal):
            return RefusalAnswer.of(lifted)
        return TerminalBlockLifted(terminal=strawberry.ID(lifted))


def _result(done: Carrier | Refusal) -> KeyCarrierChanged | RefusalAnswer:
    if isinstance(done, Refusal):
        return RefusalAnswer.of(done)
    return KeyCarrierChanged(carrier=_answer(done))


def _answer(carrier: Carrier) -> KeyCarrierAnswer:
    return KeyCarrierAnswer(
        id=strawberry.ID(carrier.carrier_id),
        kind=carrier.kind,
        serial=carrier.serial,
        key_version=carrier.key_version,
        custodian=carrier.custodian,
        location=carrier.location,
        state=carrier.state,
        terminals=list(carrier.terminals),
        offered_to=carrier.offered_to,
        changed_at=carrier.changed_at,
    )
