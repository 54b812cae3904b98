"""At the door 上门代办: the agent's code and the principal's answer to it, instead of card and PIN.

The agent shows six digits that are theirs for some minutes. The principal types them into their
own app, whose next codes carry them under the signature of that phone; the agent scans one. So
each of the two has seen the other's, and a code shown elsewhere or to another agent is none.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.operations import Services
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.mandates import refusals as no
from backend.mandates.counter import CounterGrant, MandateCounter
from backend.mandates.granting import Terms
from backend.mandates.scopes import (
    DEFAULT_SCOPES,
    SENSITIVE,
    Channel,
    Evidence,
    Relation,
    Scope,
)
from backend.mandates.views import MandateView, MandateViews
from shared.clock import Clock
from shared.ecode.challenge import DIGITS, challenge_bytes

LASTS = timedelta(minutes=2)
"""A code serves in its own two minutes and in the next: time enough to type it."""


@dataclass(frozen=True, slots=True)
class DoorCode:
    """What an agent shows at the door; `ends_at`: when the next one comes."""

    digits: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ShownAtDoor:
    """Whose code was scanned, what it answers, and how this showing is used up in an act."""

    resident_id: str
    challenge: bytes
    use: Callable[[Session], Awaitable[Refusal | None]] = field(repr=False)


class DoorCodes(Protocol):
    """Reads the codes that phones show; those who verify them stand behind it."""

    async def at_door(self, code: str) -> ShownAtDoor | Refusal:
        """Return who shows a code, or why it is nobody's."""
        ...


class Doorstep:
    """Serves agents who come to a door."""

    def __init__(
        self,
        mandates: Services,
        codes: DoorCodes,
        sealer: Sealer,
        once: Once,
        clock: Clock,
    ) -> None:
        self._counter = mandates[MandateCounter]
        self._views = mandates[MandateViews]
        self._codes = codes
        self._sealer = sealer
        self._once = once
        self._clock = clock

    def code(self, caller: Caller | None) -> DoorCode | Refusal:
        """Return the agent's present code."""
        denied = may(caller, Act.MANDATE_SERVE)
        if caller is None or caller.staff_id is None or denied is not None:
            return denied or SIGN_IN_NEEDED
        window = self._window()
        ends_at = datetime.fromtimestamp(0, self._clock.now().tzinfo) + (window + 1) * LASTS
        return DoorCode(self._digits(caller.staff_id, window), ends_at)

    async def assist(
        self, caller: Caller | None, key: str, code: str, scopes: tuple[Scope, ...]
    ) -> MandateView | Refusal:
        """Let the agent act for one day for whoever shows a code that answers the agent's (D5)."""
        wanted, denied = scopes or DEFAULT_SCOPES, may(caller, Act.MANDATE_SERVE)
        if caller is None or caller.staff_id is None or denied is not None:
            return denied or SIGN_IN_NEEDED
        if not SENSITIVE.isdisjoint(wanted) or len(set(wanted)) != len(wanted):
            return no.SCOPES_FORM
        agent, terms = caller.staff_id, Terms(Relation.ASSISTED, wanted, 1)
        request = {"act": "assist by code", "code": code, "scopes": ",".join(wanted)}
        done = await self._once.answered(caller=agent, key=key, request=request)
        if done is None:
            shown = await self._codes.at_door(code)
            if isinstance(shown, Refusal):
                return shown
            if shown.challenge not in self._present(agent):
                return no.DOOR_CODE
            wish = CounterGrant(shown.resident_id, agent, terms, Evidence.PRESENCE)

            async def act(session: Session) -> Answer | Refusal:
                used = await shown.use(session)
                return used or await self._counter.granted(caller, wish, Channel.DOORSTEP, session)

            now = self._clock.now()
            done = await self._once.perform(
                caller=agent, key=key, request=request, now=now, act=act
            )
        if isinstance(done, Refusal):
            return done
        return await self._views.view(done["mandate"], None)

    def _present(self, agent: str) -> set[bytes]:
        window = self._window()
        return {challenge_bytes(self._digits(agent, one)) for one in (window, window - 1)}

    def _window(self) -> int:
        return int(self._clock.now().timestamp() // LASTS.total_seconds())

    def _digits(self, agent: str, window: int) -> str:
        """Return digits that nobody can tell beforehand; never 0, which is a code without any."""
        drawn = self._sealer.blind_index(f"{agent}.{window}", purpose="mandates.door_code")
        return f"{1 + int.from_bytes(drawn) % (10**DIGITS - 1):0{DIGITS}}"
