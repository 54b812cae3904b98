"""How one card service runs: judged, written and recorded in one transaction, once a wish."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.cards import deeds
from backend.cards import refusals as no
from backend.cards.card_writes import SYSTEM, Happening, card_to_judge, write_event
from backend.cards.decisions import decide
from backend.cards.documents import Card
from backend.cards.lifecycle import Actor, Asked, CardEvent, CardFacts, CardState, ReplacementReason
from backend.figures import CardFigures
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import KEY_FORM, KEY_REUSED, Answer, Once
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.permissions import Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.residents.same_person import same_person
from backend.residents.standing import status_of
from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish for a service: by whom, its idempotency key, and what came with it."""

    caller: Caller
    idempotency_key: str
    card_in_hand: bool = False


@dataclass(frozen=True, slots=True)
class CardChange:
    """What a service led to: the card it is about, or the new one."""

    card_id: str
    state: CardState


Fields = Mapping[str, Any]
Effect = Callable[[Card, Session], Awaitable[Fields | Refusal]]
"""What an event does besides the state: more fields to write, or a refusal that undoes it all."""


class ServiceFrame:
    """What every card service goes through."""

    def __init__(
        self, once: Once, refused: RefusedActs, figures: CardFigures, clock: Clock
    ) -> None:
        self._once = once
        self._refused = refused
        self._figures = figures
        self._clock = clock

    async def _serve(
        self,
        wish: Wish,
        card_id: str,
        event: CardEvent,
        request: Mapping[str, str],
        effect: Effect,
    ) -> CardChange | Refusal:
        async def act(session: Session) -> Answer | Refusal:
            found = await card_to_judge(card_id, session)
            if found is None:
                return no.CARD_UNKNOWN
            card, facts = found
            people = await people_of(wish, card.resident_id, session)
            outcome = self._outcome(wish, event, people, facts)
            if isinstance(outcome, Refusal):
                return outcome
            more = await effect(card, session)
            if isinstance(more, Refusal):
                return more
            what = self._happening(event, outcome, wish)
            try:
                await write_event(card, what, more, session)
            except DuplicateKeyError:
                return no.CARD_IN_USE
            wrong = more.get("pin.wrong", 0) > 0
            deed = deeds.of_service(what, card.resident_id, no.PIN_WRONG if wrong else None)
            await audit.record(deed, session)
            return {"card": card_id, "state": outcome.value, "pin_wrong": wrong}

        return await self._once_only(wish, event, {"card": card_id, **request}, act)

    async def _once_only(
        self,
        wish: Wish,
        event: CardEvent,
        request: Mapping[str, str],
        act: Callable[[Session], Awaitable[Answer | Refusal]],
    ) -> CardChange | Refusal:
        by = wish.caller
        answer = await self._once.perform(
            caller=by.thumbprint or by.staff_id or by.resident_id or by.session_id,
            key=wish.idempotency_key,
            request={"event": event.value, **request},
            now=self._clock.now(),
            act=act,
        )
        if isinstance(answer, Refusal):
            if answer not in (KEY_FORM, KEY_REUSED):
                about = await _resident_in(request)
                deed = deeds.of_event(event, by, about, self._clock.now(), answer)
                await self._refused.record(deed)
            return answer
        if answer.get("pin_wrong"):
            return no.PIN_WRONG
        return CardChange(answer["card"], CardState(answer["state"]))

    def _outcome(
        self,
        wish: Wish,
        event: CardEvent,
        people: Sequence[str],
        facts: CardFacts,
        reason: ReplacementReason | None = None,
    ) -> CardState | Refusal:
        by = actor_of(wish.caller, *people)
        if isinstance(by, Refusal):
            return by
        asked = Asked(event, by, wish.card_in_hand, reason)
        return decide(facts, asked, self._figures, self._clock.now())

    def _happening(self, event: CardEvent, to: CardState, wish: Wish) -> Happening:
        return Happening(event, to, wish.caller, self._clock.now())


def actor_of(caller: Caller, *records: str) -> Actor | Refusal:
    """Return as what a caller asks for a service to the card of a person, by their records."""
    if caller is SYSTEM:
        return Actor.SYSTEM
    if caller.resident_id in records:
        return Actor.HOLDER
    return may(caller, Act.CARD_SERVE) or Actor.OUTLET_CLERK


async def people_of(wish: Wish, resident_id: str, session: Session) -> list[str]:
    """Return the records of a card's holder; more than the card's own are read only if needed."""
    asking = wish.caller.resident_id
    if asking in {None, resident_id}:
        return [resident_id]
    return await same_person(resident_id, session)


async def _resident_in(request: Mapping[str, str]) -> str | None:
    """Return whom a refused request is about; what it names may not exist."""
    if "resident" in request:
        known = await status_of(request["resident"])
        return None if known is None else request["resident"]
    wanted = {"_id": request["card"]}
    found = await Card.get_pymongo_collection().find_one(wanted, {"resident_id": 1})
    return None if found is None else str(found["resident_id"])
