"""A relative's card and PIN before the delegate's phone 扫亲属实体卡: a mandate without an outlet.

The phone reads the card's 识别码 alone, which a copy would say too, so what is sensitive still
takes the principal's own app or an outlet. Whoever has no app is told by SMS like of any mandate.
"""

from dataclasses import dataclass, field
from typing import Any

from backend.figures import MandateFigures
from backend.foundation.access import Caller
from backend.foundation.households import of_same_household
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.wrong_tries import WrongTries
from backend.mandates import refusals as no
from backend.mandates.confirming import Confirmation, confirm, worded
from backend.mandates.counter import HolderPins
from backend.mandates.documents import Mandate
from backend.mandates.granting import Terms
from backend.mandates.rules import MandateState
from backend.mandates.scopes import Channel, Evidence
from backend.mandates.views import MandateView, MandateViews
from backend.residents.service import Residents
from shared.clock import Clock
from shared.identifiers import random_identifier

WRONG_TRIES = 5
WRONG_TRIES_SECONDS = 3_600.0
"""Few an hour for one delegate: else one could try one PIN on many cards."""
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class CardGrant:
    """What a delegate asks for; `card` is the digest of the card's 识别码, in hex."""

    terms: Terms
    card: str = field(repr=False)
    pin: str = field(repr=False)


class MandatesByCard:
    """Serves the delegate, whose phone a card was held to."""

    def __init__(
        self,
        views: MandateViews,
        residents: Residents,
        cards: HolderPins,
        once: Once,
        figures: MandateFigures,
        clock: Clock,
    ) -> None:
        self._views = views
        self._residents = residents
        self._cards = cards
        self._once = once
        self._figures = figures
        self._clock = clock
        self._tries = WrongTries(clock, limit=WRONG_TRIES, seconds=WRONG_TRIES_SECONDS)

    async def grant(
        self, caller: Caller | None, key: str, wish: CardGrant | Refusal
    ) -> MandateView | Refusal:
        """Make and confirm a mandate for the caller, by the principal's card and PIN."""
        person = caller.resident_id if caller else None
        refused = may(caller, Act.MANDATE_MANAGE, person)
        if caller is None or person is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        if isinstance(wish, Refusal):
            return wish
        # The PIN is no part of what is remembered: a repeated request is known without it.
        request = {
            "act": "mandate by card",
            "resident": person,
            "terms": repr(wish.terms),
            "card": wish.card,
        }
        asks = caller.thumbprint
        done = await self._once.answered(caller=asks, key=key, request=request)
        if done is None:
            principal = await self._holder(person, wish)
            if isinstance(principal, Refusal):
                return principal

            async def act(session: Session) -> Answer | Refusal:
                return await self._granted(caller, principal, person, wish.terms, session)

            done = await self._once.perform(
                caller=asks, key=key, request=request, now=self._clock.now(), act=act
            )
        return (
            done if isinstance(done, Refusal) else await self._views.view(done["mandate"], person)
        )

    async def _holder(self, person: str, wish: CardGrant) -> str | Refusal:
        """Return whose card and PIN they are; every look counts, and a right one is given back."""
        digest = _digest(wish.card)
        if digest is None:
            return no.CARD_FORM
        if not self._tries.take(person):
            return no.TOO_MANY_CARDS
        found = await self._cards.holder_by(digest, wish.pin)
        if not isinstance(found, Refusal):
            self._tries.give_back(person)
        return found

    async def _granted(
        self, by: Caller, principal: str, delegate: str, terms: Terms, session: Session
    ) -> Answer | Refusal:
        now = self._clock.now()
        same = bool(await of_same_household(principal, [delegate], session))
        evidence = Evidence.HOUSEHOLD_REGISTER if same else Evidence.SELF_DECLARED
        row: dict[str, Any] = {
            "_id": random_identifier("mnd"),
            "principal": principal,
            "delegate": delegate,
            **worded(terms),
            "state": MandateState.TAKEN.value,
            "offered_by": delegate,
            "offered_at": now,
            "evidence": evidence.value,
        }
        await Mandate.get_pymongo_collection().insert_one(row, session=session)
        checker = "register" if same else "principal"
        how = Confirmation(by, Channel.CARD, evidence, checker, now)
        refused = await confirm(row, how, self._residents, self._figures, session)
        return refused or {"mandate": row["_id"]}


def _digest(text: str) -> bytes | None:
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        return None
    return digest if len(digest) == _DIGEST_BYTES and text.isascii() else None
