"""Closing an account 注销账户: asked for, withdrawn while its time runs, carried out by a sweep."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.cards.service import Cards
from backend.figures import RightsPolicy
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import ASCENDING, DESCENDING, DuplicateKeyError, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.rights import deeds
from backend.rights.closing_rules import (
    CLOSING_RUNS,
    ClosingEvent,
    ClosingState,
    KeptRecord,
    decide,
    effective_at,
    erased,
    kept,
)
from backend.rights.documents import Closing
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText

_OwnAct = Callable[[Caller, str, Session], Awaitable[Answer | Refusal]]
_LATEST = [("requested_at", DESCENDING), ("state", ASCENDING)]


@dataclass(frozen=True, slots=True)
class ClosingRequest:
    """A closing that waits: when it was asked for, and when it is carried out."""

    requested_at: datetime
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class ClosingTerms:
    """What a closing would do now, and the one that waits, if one does."""

    erased: Sequence[LocalizedText]
    kept: Sequence[KeptRecord]
    cooling_off_days: int
    request: ClosingRequest | None


class AccountClosings:
    """Takes and withdraws the wishes of residents to close their accounts."""

    def __init__(self, cards: Cards, once: Once, policy: RightsPolicy, clock: Clock) -> None:
        self._cards = cards
        self._once = once
        self._policy = policy
        self._clock = clock

    async def terms(self, caller: Caller | None) -> ClosingTerms | Refusal:
        """Tell the caller what closing their account erases and what it leaves."""
        resident_id = caller.resident_id if caller else None
        refused = may(caller, Act.RIGHTS_EXERCISE, resident_id)
        if refused is not None or resident_id is None:
            return refused or SIGN_IN_NEEDED
        counts = await self._cards.holds_card(resident_id)
        found = await latest(resident_id)
        waits = found is not None and found["state"] == ClosingState.REQUESTED
        return ClosingTerms(
            erased=erased(card_counts=counts),
            kept=kept(card_counts=counts),
            cooling_off_days=self._policy.closing_days,
            request=_request(found) if found is not None and waits else None,
        )

    async def request(
        self, caller: Caller | None, idempotency_key: str
    ) -> ClosingRequest | Refusal:
        """Ask for the caller's account to be closed when the cooling-off time is over."""

        async def act(who: Caller, resident_id: str, session: Session) -> Answer | Refusal:
            now = self._clock.now()
            state = await self._state_of_one_signed_in(resident_id, session)
            outcome = decide(state, ClosingEvent.REQUEST)
            if isinstance(outcome, Refusal):
                return outcome
            at = effective_at(now, self._policy.closing_days)
            closing = Closing(
                id=random_identifier("cls"),
                resident_id=resident_id,
                state=outcome,
                requested_at=now,
                effective_at=at,
                due_at=at,
            )
            try:
                await closing.insert(session=session)
            except DuplicateKeyError:
                return CLOSING_RUNS
            action, words = "rights.closing_requested", deeds.CLOSING_REQUESTED
            await audit.record(deeds.of_caller(who, action, words, resident_id, now), session)
            return {"closing": closing.id}

        answer = await self._once_only(caller, idempotency_key, "request closing", act)
        if isinstance(answer, Refusal):
            return answer
        found = await Closing.get_pymongo_collection().find_one({"_id": answer["closing"]})
        if found is None:
            raise LookupError("no such closing")
        return _request(found)

    async def withdraw(self, caller: Caller | None, idempotency_key: str) -> Refusal | None:
        """Withdraw the caller's wish; the account stays as it is."""

        async def act(who: Caller, resident_id: str, session: Session) -> Answer | Refusal:
            now, found = self._clock.now(), await latest(resident_id, session)
            state = None if found is None else ClosingState(found["state"])
            outcome = decide(state, ClosingEvent.WITHDRAW)
            if found is None or isinstance(outcome, Refusal):
                return outcome if isinstance(outcome, Refusal) else {}
            await settle(found["_id"], outcome, now, session)
            action, words = "rights.closing_withdrawn", deeds.CLOSING_WITHDRAWN
            await audit.record(deeds.of_caller(who, action, words, resident_id, now), session)
            return {"closing": found["_id"]}

        answer = await self._once_only(caller, idempotency_key, "withdraw closing", act)
        return answer if isinstance(answer, Refusal) else None

    async def _state_of_one_signed_in(
        self, resident_id: str, session: Session
    ) -> ClosingState | None:
        """Return where the closing stands of somebody who has an account, or has one again."""
        found = await latest(resident_id, session)
        state = None if found is None else ClosingState(found["state"])
        if found is None or state is not ClosingState.ACCOUNT_CLOSED:
            return state
        await settle(found["_id"], ClosingState.REOPENED, self._clock.now(), session)
        return ClosingState.REOPENED

    async def _once_only(
        self, caller: Caller | None, idempotency_key: str, wish: str, act: _OwnAct
    ) -> Answer | Refusal:
        resident_id = caller.resident_id if caller else None
        refused = may(caller, Act.RIGHTS_EXERCISE, resident_id)
        if refused is not None or caller is None or resident_id is None:
            return refused or SIGN_IN_NEEDED
        return await self._once.perform(
            caller=caller.thumbprint or resident_id,
            key=idempotency_key,
            request={"act": wish, "resident": resident_id},
            now=self._clock.now(),
            act=lambda session: act(caller, resident_id, session),
        )


async def latest(resident_id: str, session: Session | None = None) -> dict[str, Any] | None:
    """Return a resident's latest closing."""
    return await Closing.get_pymongo_collection().find_one(
        {"resident_id": resident_id}, sort=_LATEST, session=session
    )


async def settle(closing_id: str, state: ClosingState, now: datetime, session: Session) -> None:
    """Write that a closing is over."""
    await Closing.get_pymongo_collection().update_one(
        {"_id": closing_id}, {"$set": {"state": state, "settled_at": now}}, session=session
    )


def _request(found: dict[str, Any]) -> ClosingRequest:
    return ClosingRequest(found["requested_at"], found["effective_at"])
