"""Who has which function: enabled and disabled once, by the key of a wish and by its state."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from backend.cards.service import Cards
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.functions.documents import FunctionChoice
from backend.functions.registry import FunctionRegistry
from backend.functions.rules import (
    CARD_NEEDED,
    FUNCTION_NOT_OPEN,
    FUNCTION_UNKNOWN,
    CardFunction,
)
from shared.clock import Clock
from shared.localized_text import LocalizedText
from shared.trust.function_list import FUNCTION_CODE


@dataclass(frozen=True, slots=True)
class OwnFunction:
    """A function as one person has it; `since` is when they chose, None where they have not."""

    function: CardFunction
    enabled: bool
    since: datetime | None


class CardFunctions:
    """Loads functions onto people's cards and takes them off again."""

    def __init__(self, registry: FunctionRegistry, cards: Cards, once: Once, clock: Clock) -> None:
        self._registry = registry
        self._cards = cards
        self._once = once
        self._clock = clock

    async def of(self, resident_id: str) -> list[OwnFunction]:
        """Return every function of the city, as somebody has it."""
        chosen = {one.function: one async for one in _choices(resident_id)}
        return [_own(one, chosen.get(one.code)) for one in await self._registry.all()]

    async def enable(
        self, caller: Caller | None, idempotency_key: str, resident_id: str, code: str
    ) -> OwnFunction | Refusal:
        """开通: load a function that runs; one that is loaded stays as it is, since when it is."""
        return await self._choose(caller, idempotency_key, resident_id, code, enabled=True)

    async def disable(
        self, caller: Caller | None, idempotency_key: str, resident_id: str, code: str
    ) -> OwnFunction | Refusal:
        """关闭: take a function off, also one whose programme is over."""
        return await self._choose(caller, idempotency_key, resident_id, code, enabled=False)

    async def _choose(
        self,
        caller: Caller | None,
        idempotency_key: str,
        resident_id: str,
        code: str,
        *,
        enabled: bool,
    ) -> OwnFunction | Refusal:
        refused = may(caller, Act.FUNCTION_CHOOSE, resident_id)
        if refused is None and not FUNCTION_CODE.fullmatch(code):
            refused = FUNCTION_UNKNOWN
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED

        async def act(session: Session) -> Answer | Refusal:
            function = await self._registry.of(code, session)
            refused = await self._refusal(function, resident_id, enabled=enabled)
            if function is None or refused is not None:
                return refused or FUNCTION_UNKNOWN
            choice = await FunctionChoice.get(_id(resident_id, code), session=session)
            if _own(function, choice).enabled is not enabled:
                choice = await self._write(resident_id, code, enabled, session)
                await audit.record(self._deed(caller, resident_id, function, enabled), session)
            return {"since": choice.since if choice else None}

        done = await self._once.perform(
            caller=caller.thumbprint or caller.staff_id or caller.resident_id or "operator",
            key=idempotency_key,
            request={"resident": resident_id, "function": code, "enabled": str(enabled)},
            now=self._clock.now(),
            act=act,
        )
        if isinstance(done, Refusal):
            return done
        function = await self._registry.of(code)
        if function is None:
            return FUNCTION_UNKNOWN
        return OwnFunction(function, enabled, done["since"])

    async def _refusal(
        self, function: CardFunction | None, resident_id: str, *, enabled: bool
    ) -> Refusal | None:
        if function is None or not enabled:
            return None if function else FUNCTION_UNKNOWN
        if not function.runs_at(self._clock.now()):
            return FUNCTION_NOT_OPEN
        return None if await self._cards.live_card(resident_id) else CARD_NEEDED

    async def _write(
        self, resident_id: str, code: str, enabled: bool, session: Session
    ) -> FunctionChoice:
        now = self._clock.now()
        choice = FunctionChoice(
            id=_id(resident_id, code),
            resident_id=resident_id,
            function=code,
            enabled=enabled,
            # As the store keeps it, so that the first answer and a repeated one are the same.
            since=now.replace(microsecond=now.microsecond // 1000 * 1000),
        )
        await choice.save(session=session)
        return choice

    def _deed(
        self, caller: Caller, resident_id: str, function: CardFunction, enabled: bool
    ) -> Deed:
        zh, en = ("开通", "Enabled") if enabled else ("关闭", "Disabled")
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action="functions.enabled" if enabled else "functions.disabled",
            words=LocalizedText(
                f"{zh}了卡功能“{function.name.zh}”", f"{en} the card function “{function.name.en}”"
            ),
            system=System.COUNTER if caller.staff_id else System.APP,
            subject=resident_id,
            organisation=caller.organisation,
            disclosed=caller.resident_id != resident_id,
        )


async def _choices(resident_id: str) -> AsyncIterator[FunctionChoice]:
    async for choice in FunctionChoice.find({"resident_id": resident_id}):
        yield choice


def _own(function: CardFunction, choice: FunctionChoice | None) -> OwnFunction:
    if choice is None:
        return OwnFunction(function, function.granted, None)
    return OwnFunction(function, choice.enabled, choice.since)


def _id(resident_id: str, code: str) -> str:
    return f"{resident_id}:{code}"
