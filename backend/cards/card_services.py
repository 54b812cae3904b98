"""The ten card services 社保卡十项服务, done: each a transaction around `decisions.decide`.

Whoever asks sends an idempotency key; a repeated wish is answered as the first time.
"""

import secrets

from backend.cards import deeds
from backend.cards import refusals as no
from backend.cards.card_service_frame import CardChange, Fields, ServiceFrame, Wish, people_of
from backend.cards.card_writes import (
    MAX_CARD_INDEX,
    SYSTEM,
    PhysicalCard,
    card_to_judge,
    cards_of,
    facts_of,
    make_card,
    on_the_way_beside,
    superseded_by,
    write_event,
)
from backend.cards.documents import Card, Device
from backend.cards.lifecycle import (
    EXPIRABLE,
    NEWEST_GENERATION,
    CardEvent,
    CardFacts,
    CardState,
    ReplacementReason,
)
from backend.cards.pin import PinTries, pin_of
from backend.cards.rules import DeviceState, expiry_of
from backend.figures import CardFigures
from backend.foundation import audit
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.person_keys import PersonSealer, sealer_of
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.foundation.sealing import Sealer
from backend.residents.documents import ResidentStatus
from backend.residents.eligibility import holding
from backend.residents.rules import RESIDENT_UNKNOWN
from backend.residents.same_person import same_person
from backend.residents.standing import status_of
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.identity.card_number import InvalidCardNumber, parse_card_number
from shared.identity.masking import card_tail

_COLLECTION = "cards"


class CardServices(ServiceFrame):
    """Serves holders, outlets and the house itself."""

    def __init__(
        self,
        once: Once,
        refused: RefusedActs,
        sealer: Sealer,
        region: int,
        figures: CardFigures,
        clock: Clock,
    ) -> None:
        super().__init__(once, refused, figures, clock)
        self._sealer = sealer
        self._region = region

    async def apply(self, wish: Wish, resident_id: str) -> CardChange | Refusal:
        """申领: have a first card made, or another one after a cancelled one."""

        async def act(session: Session) -> Answer | Refusal:
            # A new card is always the kept record's, so that one index holds 一人一卡.
            people = await same_person(resident_id, session)
            known = await cards_of(people[0], session)
            status = await status_of(people[0], session)
            died = status is ResidentStatus.DECEASED
            facts = facts_of(known[-1], status) if known else CardFacts(None, holder_died=died)
            outcome = self._outcome(wish, CardEvent.APPLY, people, facts)
            if isinstance(outcome, Refusal):
                return outcome
            if status is None:
                return RESIDENT_UNKNOWN
            if not await holding(people, self._clock.now(), session):
                return no.NO_GROUND
            version = 1 + max((card.version for card in known), default=0)
            card = self._new_card(people[0], version, random_identifier("acc"))
            return await self._order(card, wish, CardEvent.APPLY, session)

        return await self._once_only(wish, CardEvent.APPLY, {"resident": resident_id}, act)

    async def replace(
        self, wish: Wish, card_id: str, reason: ReplacementReason, *, keep_number: bool
    ) -> CardChange | Refusal:
        """补卡, 换卡: have a new card made; the old one stays as it is until that is enabled.

        The account is kept either way, with `keep_number` (保号换卡) the printed number too.
        """

        async def act(session: Session) -> Answer | Refusal:
            found = await card_to_judge(card_id, session)
            if found is None:
                return no.CARD_UNKNOWN
            (old, facts), event = found, CardEvent.REPLACE
            people = await people_of(wish, old.resident_id, session)
            outcome = self._outcome(wish, event, people, facts, reason)
            if isinstance(outcome, Refusal):
                return outcome
            await write_event(old, self._happening(event, outcome, wish), {}, session)
            card = self._new_card(old.resident_id, old.version + 1, old.account_reference)
            card.account_active, card.replaces = old.account_active, old.id
            if keep_number and old.number_sealed is not None:
                own = await sealer_of(self._sealer, old.resident_id, session)
                card.number_sealed = _seal(own, _open(own, old), card.id)
                card.number_tail, card.number_kept = old.number_tail, True
            return await self._order(card, wish, event, session)

        request = {"card": card_id, "reason": reason.value, "keep": str(keep_number)}
        return await self._once_only(wish, CardEvent.REPLACE, request, act)

    async def produced(
        self, wish: Wish, card_id: str, physical: PhysicalCard
    ) -> CardChange | Refusal:
        """制卡完成: the maker names the physical card, which waits sealed for its holder."""
        number = parse_card_number(physical.number)
        if isinstance(number, InvalidCardNumber):
            return no.NUMBER_FORM

        async def effect(card: Card, session: Session) -> Fields | Refusal:
            own = await sealer_of(self._sealer, card.resident_id, session)
            if card.number_kept and _open(own, card) != number:
                return no.NUMBER_NOT_KEPT
            digest = {} if physical.digest is None else {"card_digest": physical.digest}
            return {
                "number_sealed": _seal(own, number, card.id),
                "number_tail": card_tail(number),
                "generation": physical.generation,
                **digest,
            }

        request = {"digest": (physical.digest or b"").hex(), "tail": card_tail(number)}
        return await self._serve(wish, card_id, CardEvent.PRODUCED, request, effect)

    async def enable(self, wish: Wish, card_id: str) -> CardChange | Refusal:
        """启用: from this moment the card counts, and those before it are inert (S10).

        The holder's phones move to it; their next certificate names it.
        """

        async def effect(card: Card, session: Session) -> Fields:
            now = self._clock.now()
            phones = await self._supersede(card, session)
            moved = [one.model_dump(exclude_none=True) for one in phones]
            return {
                "issued_at": now,
                "expires_at": expiry_of(now, self._figures),
                "devices": moved,
            }

        return await self._serve(wish, card_id, CardEvent.ENABLE, {}, effect)

    async def serve(self, wish: Wish, card_id: str, event: CardEvent) -> CardChange | Refusal:
        """Do a service that asks for nothing more: 激活, 临时挂失, 解挂, 正式挂失, 注销 …."""

        async def effect(card: Card, session: Session) -> Fields:
            if event is CardEvent.CANCEL:
                # Nobody may later enable a card that was on its way to the holder.
                cancelled = self._happening(event, CardState.CANCELLED, wish)
                for other in await on_the_way_beside(card, session):
                    await write_event(other, cancelled, {}, session)
            return {"account_active": True} if event is CardEvent.ACTIVATE_ACCOUNT else {}

        return await self._serve(wish, card_id, event, {}, effect)

    async def change_pin(
        self, wish: Wish, card_id: str, present: str, new: str
    ) -> CardChange | Refusal:
        """密码修改, by the present PIN; a wrong one is counted, and the count stays."""
        chosen = pin_of(new)
        if isinstance(chosen, Refusal):
            return chosen
        old, fresh = self._pin_check(card_id, present), self._pin_check(card_id, chosen)

        async def effect(card: Card, _: Session) -> Fields:
            right = card.pin.check == old
            tries = _tries(card).after(right=right)
            return {"pin.wrong": tries.wrong, **({"pin.check": fresh} if right else {})}

        request = {"present": old.hex(), "new": fresh.hex()}
        return await self._serve(wish, card_id, CardEvent.CHANGE_PIN, request, effect)

    async def reset_pin(self, wish: Wish, card_id: str, new: str) -> CardChange | Refusal:
        """密码重置: set a PIN without the present one, which also unlocks it."""
        chosen = pin_of(new)
        if isinstance(chosen, Refusal):
            return chosen
        fresh = self._pin_check(card_id, chosen)

        async def effect(card: Card, _: Session) -> Fields:
            tries = _tries(card).after_reset(self._figures)
            return {"pin": {"check": fresh, "wrong": tries.wrong, "unlocks": tries.unlocks}}

        return await self._serve(wish, card_id, CardEvent.RESET_PIN, {"new": fresh.hex()}, effect)

    async def expire(self, limit: int = 500) -> int:
        """到期: expire up to `limit` cards whose date is over and return how many (a batch)."""
        over = {"expires_at": {"$lte": self._clock.now()}, "state": {"$in": list(EXPIRABLE)}}
        found = Card.get_pymongo_collection().find(over, {"_id": 1}).limit(limit)
        expired = 0
        async for card in found:
            # A card expires once: its id is the key, so a run that died is simply run again.
            done = await self.serve(
                Wish(SYSTEM, f"expire {card['_id']}"), card["_id"], CardEvent.EXPIRE
            )
            expired += not isinstance(done, Refusal)
        return expired

    async def _order(
        self, card: Card, wish: Wish, event: CardEvent, session: Session
    ) -> Answer | Refusal:
        what = self._happening(event, card.state, wish)
        try:
            await make_card(card, what, session)
        except DuplicateKeyError:
            return no.CARD_IN_PRODUCTION
        await audit.record(deeds.of_service(what, card.resident_id), session)
        return {"card": card.id, "state": card.state.value}

    def _new_card(self, resident_id: str, version: int, account_reference: str) -> Card:
        now = self._clock.now()
        return Card(
            id=random_identifier("card"),
            resident_id=resident_id,
            region=self._region,
            card_index=secrets.randbelow(MAX_CARD_INDEX),
            generation=NEWEST_GENERATION,
            version=version,
            state=CardState.IN_PRODUCTION,
            account_reference=account_reference,
            devices=[],
            issued_at=now,
            changed_at=now,
        )

    async def _supersede(self, card: Card, session: Session) -> list[Device]:
        """Make the holder's earlier cards inert; return the phones that move on."""
        phones: list[Device] = []
        for old in await superseded_by(card, session):
            facts = facts_of(old)
            wish = Wish(SYSTEM, "")
            outcome = self._outcome(wish, CardEvent.SUPERSEDE, [old.resident_id], facts)
            if isinstance(outcome, Refusal):
                continue
            gone = [one for one in old.devices if one.state is DeviceState.UNBOUND]
            phones += [one for one in old.devices if one.state is not DeviceState.UNBOUND]
            kept = {"devices": [one.model_dump(exclude_none=True) for one in gone]}
            what = self._happening(CardEvent.SUPERSEDE, outcome, wish)
            await write_event(old, what, kept, session)
        return [one.on_a_new_card(serial) for serial, one in enumerate(phones, 1)]

    def _pin_check(self, card_id: str, pin: str) -> bytes:
        return self._sealer.blind_index(pin, purpose=f"cards.pin.{card_id}")


def _seal(own: PersonSealer, number: str, card_id: str) -> bytes:
    return own.seal(number, collection=_COLLECTION, field="number_sealed", document=card_id)


def _open(own: PersonSealer, card: Card) -> str:
    if card.number_sealed is None:
        return ""
    return own.open(
        card.number_sealed, collection=_COLLECTION, field="number_sealed", document=card.id
    )


def _tries(card: Card) -> PinTries:
    return PinTries(card.pin.wrong, card.pin.unlocks)
