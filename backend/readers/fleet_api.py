"""What officers ask about the fleet of readers, and do with it."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.foundation.answers import OperationRefused, RefusalAnswer
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.pages import Position
from backend.foundation.refusals import Refusal
from backend.readers.fleet import Fleet, Invitation
from backend.readers.fleet_rules import FleetTerminal, Health, TerminalRole, Trouble, troubles
from backend.readers.rules import TOKEN_VALID

strawberry.enum(TerminalRole, name="TerminalRole")
strawberry.enum(Trouble, name="TerminalTrouble")


@strawberry.type(name="TerminalHealth", description="What a reader said of itself last.")
class HealthAnswer:
    """Null is what it could not tell; the ages are of when it said so."""

    version: str
    clock_ahead_ms: int | None
    lists_age_seconds: int | None
    disk_free_mib: int | None
    unsent: int | None
    faults: list[str]
    emergency: bool
    wipe_refused: str | None


@strawberry.type(name="Terminal", description="A reader in use.")
class TerminalAnswer:
    """A reader and what is wrong with it, the worst first.

    `venue_closed`: its venue is closed by its calendar now, and its silence no fault.
    """

    id: strawberry.ID
    venue: int
    name: str
    role: TerminalRole
    heard_at: datetime
    blocked: bool
    wipe_ordered_at: datetime | None
    troubles: list[Trouble]
    venue_closed: bool
    health: HealthAnswer | None


@strawberry.type(name="TerminalConnection")
class TerminalConnection:
    """A page of readers, those heard of longest ago first."""

    nodes: list[TerminalAnswer]
    page_info: PageInfo


@strawberry.type(name="TerminalInvited")
class TerminalInvited:
    """The code, shown as a QR, with which one reader enrols until `expires_at`."""

    enrolment_code: str
    expires_at: datetime


@strawberry.type(name="TerminalOrdered")
class TerminalOrdered:
    """The reader hears of it with its next heartbeat."""

    terminal: strawberry.ID


@strawberry.input(name="InviteTerminalInput")
class InviteTerminalInput:
    """A reader to be; `address` is where it reaches the backend."""

    idempotency_key: str
    venue: int
    name: str
    role: TerminalRole
    address: str


@strawberry.input(name="OrderTerminalInput")
class OrderTerminalInput:
    """Which reader, and why."""

    idempotency_key: str
    terminal: strawberry.ID
    reason: str


InviteTerminalResult = Annotated[
    TerminalInvited | RefusalAnswer, strawberry.union("InviteTerminalResult")
]
TerminalOrderResult = Annotated[
    TerminalOrdered | RefusalAnswer, strawberry.union("TerminalOrderResult")
]


@strawberry.type
class FleetQueries:
    """Questions about readers, for officers."""

    @strawberry.field
    async def terminals(
        self,
        info: OperationInfo,
        venue: int | None = None,
        first: int = 20,
        after: str | None = None,
    ) -> TerminalConnection:
        """Answer with a page of the readers in use."""
        position = position_of(first, after)
        fleet, now = info.context.services[Fleet], info.context.clock.now()
        page = await fleet.page(info.context.caller, venue, first, position)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        last = page.rows[-1] if page.rows else None
        cursor = Position(last.heard_at, last.terminal_id).to_cursor() if last else None
        return TerminalConnection(
            nodes=[_answer(one, now) for one in page.rows],
            page_info=PageInfo(has_next_page=page.has_more, end_cursor=cursor),
        )


@strawberry.type
class FleetMutations:
    """What officers do with readers."""

    @strawberry.mutation
    async def invite_terminal(
        self,
        info: OperationInfo,
        input: InviteTerminalInput,  # noqa: A002 - GraphQL's usual name
    ) -> InviteTerminalResult:
        """邀请终端: for system administrators."""
        asked = Invitation(input.venue, input.name, input.role, input.address)
        fleet, caller = info.context.services[Fleet], info.context.caller
        code = await fleet.invite(caller, input.idempotency_key, asked)
        if isinstance(code, Refusal):
            return RefusalAnswer.of(code)
        until = info.context.clock.now() + TOKEN_VALID
        return TerminalInvited(enrolment_code=code.to_text(), expires_at=until)

    @strawberry.mutation
    async def block_terminal(
        self,
        info: OperationInfo,
        input: OrderTerminalInput,  # noqa: A002 - see above
    ) -> TerminalOrderResult:
        """停用终端: for the security officer, with a reason."""
        fleet, caller = info.context.services[Fleet], info.context.caller
        return _ordered(
            await fleet.block(caller, input.idempotency_key, input.terminal, input.reason)
        )

    @strawberry.mutation
    async def wipe_terminal(
        self,
        info: OperationInfo,
        input: OrderTerminalInput,  # noqa: A002 - see above
    ) -> TerminalOrderResult:
        """清除终端: for the security officer, with a reason; it cannot be called back."""
        fleet, caller = info.context.services[Fleet], info.context.caller
        return _ordered(
            await fleet.wipe(caller, input.idempotency_key, input.terminal, input.reason)
        )


def _ordered(done: str | Refusal) -> TerminalOrdered | RefusalAnswer:
    if isinstance(done, Refusal):
        return RefusalAnswer.of(done)
    return TerminalOrdered(terminal=strawberry.ID(done))


def _answer(terminal: FleetTerminal, now: datetime) -> TerminalAnswer:
    return TerminalAnswer(
        id=strawberry.ID(terminal.terminal_id),
        venue=terminal.venue_number,
        name=terminal.name,
        role=terminal.role,
        heard_at=terminal.heard_at,
        blocked=terminal.blocked,
        wipe_ordered_at=terminal.wipe_ordered_at,
        troubles=list(troubles(terminal, now)),
        venue_closed=terminal.closed_on_purpose(now),
        health=_health(terminal.health) if terminal.health else None,
    )


def _health(health: Health) -> HealthAnswer:
    return HealthAnswer(
        version=health.version,
        clock_ahead_ms=health.clock_ahead_ms,
        lists_age_seconds=health.lists_age_s,
        disk_free_mib=health.disk_free_mib,
        unsent=health.unsent,
        faults=list(health.faults),
        emergency=health.emergency,
        wipe_refused=health.wipe_refused,
    )
