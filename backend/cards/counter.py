"""The card services at an outlet 网点: a clerk serves whoever stands at the counter.

The clerk names the resident; which of their cards is meant follows from the service.
"""

from dataclasses import dataclass, field

from backend.cards import deeds
from backend.cards import refusals as no
from backend.cards.card_service_frame import CardChange, Wish
from backend.cards.card_services import CardServices
from backend.cards.card_writes import cards_of
from backend.cards.lifecycle import PENDING, SERVICES, Actor, CardEvent, ReplacementReason
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.residents.rules import RESIDENT_UNKNOWN
from backend.residents.standing import status_of
from shared.clock import Clock
from shared.identifiers import is_identifier
from shared.localized_text import LocalizedText

_READ = LocalizedText("柜台查询了社保卡状态", "An outlet looked up how your card stands")


@dataclass(frozen=True, slots=True)
class CounterWish:
    """What a clerk asks for; PINs 社保卡密码 are keyed in by the holder and kept out of `repr`."""

    resident_id: str
    service: CardEvent
    idempotency_key: str
    card_in_hand: bool = False
    reason: ReplacementReason | None = None
    keep_number: bool = False
    present_pin: str = field(default="", repr=False)
    new_pin: str = field(default="", repr=False)


class CardCounter:
    """Serves residents at an outlet."""

    def __init__(self, services: CardServices, refused: RefusedActs, clock: Clock) -> None:
        self._services = services
        self._refused = refused
        self._clock = clock

    async def card(self, caller: Caller | None, resident_id: str) -> str | Refusal:
        """Return the id of a resident's present card, after writing down that it was read."""
        denied = await self._denied(caller, "cards.standing_read", _READ, resident_id)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        if not await _is_known(resident_id):
            return RESIDENT_UNKNOWN
        now = self._clock.now()
        read = deeds.of_caller(caller, "cards.standing_read", _READ, resident_id, now)
        await audit.record_read(read)
        known = await cards_of(resident_id)
        return known[-1].id if known else no.NO_CARD

    async def serve(self, caller: Caller | None, wish: CounterWish) -> CardChange | Refusal:
        """Do a service of an outlet, once per idempotency key."""
        service = SERVICES[wish.service]
        action = f"cards.{wish.service.lower()}"
        words = deeds.words_of(wish.service)
        denied = await self._denied(caller, action, words, wish.resident_id)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        if Actor.OUTLET_CLERK not in service.by:
            return no.SYSTEM_ONLY
        if not await _is_known(wish.resident_id):
            return RESIDENT_UNKNOWN
        asked = Wish(caller, wish.idempotency_key, wish.card_in_hand)
        if wish.service is CardEvent.APPLY:
            return await self._services.apply(asked, wish.resident_id)
        card_id = await _meant(wish)
        if isinstance(card_id, Refusal):
            return card_id
        return await self._serve(asked, card_id, wish)

    async def _serve(self, asked: Wish, card_id: str, wish: CounterWish) -> CardChange | Refusal:
        services = self._services
        match wish.service:
            case CardEvent.ENABLE:
                return await services.enable(asked, card_id)
            case CardEvent.CHANGE_PIN:
                return await services.change_pin(asked, card_id, wish.present_pin, wish.new_pin)
            case CardEvent.RESET_PIN:
                return await services.reset_pin(asked, card_id, wish.new_pin)
            case CardEvent.REPLACE:
                if wish.reason is None:
                    return no.REASON_MISSING
                kept = wish.keep_number
                return await services.replace(asked, card_id, wish.reason, keep_number=kept)
        return await services.serve(asked, card_id, wish.service)

    async def _denied(
        self, caller: Caller | None, action: str, words: LocalizedText, resident_id: str
    ) -> Refusal | None:
        """Return why the caller may not; the try of whoever is signed in is written down."""
        denied = may(caller, Act.CARD_SERVE)
        if denied is not None and caller is not None:
            about = resident_id if await _is_known(resident_id) else None
            now, result = self._clock.now(), audit.refused(denied)
            await self._refused.record(deeds.of_caller(caller, action, words, about, now, result))
        return denied


async def _is_known(resident_id: str) -> bool:
    return is_identifier(resident_id) and await status_of(resident_id) is not None


async def _meant(wish: CounterWish) -> str | Refusal:
    """Return the card a service is about: the one to be collected, or else the present one."""
    known = await cards_of(wish.resident_id)
    if wish.service is CardEvent.ENABLE:
        known = [card for card in known if card.state in PENDING] or known
    return known[-1].id if known else no.NO_CARD
