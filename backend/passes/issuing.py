"""Giving out passes: free to whom the rules make them free, or paid at a counter, each once.

There is no payment in the app yet: what costs its taker something is issued by staff, who note the
reference of what was paid. The price is that of the same quote in both cases.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.cards.asking import Asking
from backend.cards.policies import EcardPolicies
from backend.cards.policy import EcardAction
from backend.cards.refusals import NO_CARD
from backend.foundation.access import Caller
from backend.foundation.audit import Deed
from backend.foundation.idempotency import Act as Work
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import ReturnDocument, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may, may_at
from backend.foundation.refusals import Refusal
from backend.mandates.acting import Acting, record_act
from backend.passes import deeds
from backend.passes import refusals as no
from backend.passes.documents import PassAllowance, PassStock, StoredPass
from backend.passes.products import PassProducts, Quoted
from backend.passes.rules import (
    PassProduct,
    PassState,
    PassWish,
    days_of,
    is_reference,
    refund_until,
    uses_of,
)
from backend.passes.views import PassView, read, view
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.identity.age import local_day


@dataclass(frozen=True, slots=True)
class _Order:
    """For whom what is written, and the row of who did it; `reference` where it was paid."""

    resident_id: str
    wish: PassWish
    deed: Deed
    reference: str | None = None
    acting: Acting | None = None


class PassIssuing:
    """Gives out passes."""

    def __init__(
        self, products: PassProducts, policies: EcardPolicies, once: Once, clock: Clock
    ) -> None:
        self._products = products
        self._policies = policies
        self._once = once
        self._clock = clock

    async def take(self, asking: Asking, key: str, wish: PassWish) -> PassView | Refusal:
        """Give the card holder who asks what costs them nothing by its rules."""
        now = self._clock.now()
        deed = deeds.of_holder("passes.taken", asking.resident_id, now, asking.origin)
        order = _Order(asking.resident_id, wish, deed, acting=asking.acting)

        async def refused() -> Refusal | None:
            if asking.card is None:
                return NO_CARD
            return (await self._policies.present()).refusal(asking.card, EcardAction.BOOK)

        async def act(session: Session) -> Answer | Refusal:
            return await refused() or await self._write(order, session)

        return await self._given(asking.thumbprint, key, order, act)

    async def issue(
        self, caller: Caller | None, key: str, resident_id: str, wish: PassWish, reference: str
    ) -> PassView | Refusal:
        """Give a resident a pass at a counter; `reference` names the receipt where it costs."""
        refused = may(caller, Act.PASS_ISSUE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        if not is_identifier(resident_id):
            return NO_CARD
        deed = deeds.of_staff(caller, "passes.issued", resident_id, self._clock.now())
        order = _Order(resident_id, wish, deed, reference)

        async def act(session: Session) -> Answer | Refusal:
            product = await self._products.of(wish.product, session)
            if isinstance(product, Refusal):
                return product
            elsewhere = may_at(caller, Act.PASS_ISSUE, product.venues)
            return elsewhere or await self._write(order, session)

        return await self._given(caller.staff_id or "operator", key, order, act)

    async def _given(self, caller: str, key: str, order: _Order, act: Work) -> PassView | Refusal:
        wish, now = order.wish, self._clock.now()
        await self._prepare(wish)
        done = await self._once.perform(
            caller=caller,
            key=key,
            request={
                "act": "pass",
                "resident": order.resident_id,
                "product": wish.product,
                "quantity": str(wish.quantity),
                "day": str(wish.day),
                "reference": str(order.reference),
            },
            now=now,
            act=act,
        )
        if isinstance(done, Refusal):
            return done
        row = await read(done["pass"])
        return no.PASS_UNKNOWN if row is None else view(row, now)

    async def _prepare(self, wish: PassWish) -> None:
        """Make the count of a stock before the transaction that takes from it."""
        product = await self._products.of(wish.product)
        if isinstance(product, Refusal) or product.quota is None:
            return
        if not isinstance(days_of(product, local_day(self._clock.now()), wish.day), Refusal):
            await PassStock.get_pymongo_collection().update_one(
                {"_id": stock_id(wish)}, {"$setOnInsert": {"taken": 0}}, upsert=True
            )

    async def _write(self, order: _Order, session: Session) -> Answer | Refusal:
        wish, now = order.wish, self._clock.now()
        quoted = await self._products.quote(order.resident_id, wish, session)
        if isinstance(quoted, Refusal):
            return quoted
        product, today = quoted.product, local_day(now)
        days = days_of(product, today, wish.day)
        if isinstance(days, Refusal):
            return days
        refused = _unpaid(quoted, order.reference) or await _taken(order, product, session)
        if refused is not None:
            return refused
        last, until = days.last or days.first, refund_until(product, today, days)
        row = _row(order, quoted, now) | {
            "first": days.first.isoformat(),
            "last": last.isoformat(),
            **({} if until is None else {"refund_until": until.isoformat()}),
        }
        await StoredPass.get_pymongo_collection().insert_one(row, session=session)
        refused = await record_act(order.deed, order.acting, session)
        return refused or {"pass": row["_id"]}


def stock_id(wish: PassWish) -> str:
    """Return what a wish is taken from: a product's stock, or that of one of its days."""
    return wish.product if wish.day is None else f"{wish.product}.{wish.day.isoformat()}"


def stock_guard(stock: str, quantity: int, quota: int) -> dict[str, Any]:
    """Return the condition under which so many are given out of a stock."""
    return {"_id": stock, "taken": {"$lte": quota - quantity}}


def allowance_id(resident_id: str, product: str) -> str:
    """Return the id of how many of a product a resident took."""
    return f"{resident_id}.{product}"


def _unpaid(quoted: Quoted, reference: str | None) -> Refusal | None:
    if not quoted.quote.total_fen:
        return None
    if reference is None:
        return no.costs(quoted.quote.total_fen)
    return None if is_reference(reference) else no.REFERENCE_FORM


async def _taken(order: _Order, product: PassProduct, session: Session) -> Refusal | None:
    """Count what is taken against the stock and against what one person may have."""
    wish = order.wish
    if product.quota is not None:
        done = await PassStock.get_pymongo_collection().update_one(
            stock_guard(stock_id(wish), wish.quantity, product.quota),
            {"$inc": {"taken": wish.quantity}},
            session=session,
        )
        if done.matched_count == 0:
            return no.SOLD_OUT
    allowance = await PassAllowance.get_pymongo_collection().find_one_and_update(
        {"_id": allowance_id(order.resident_id, product.code)},
        {
            "$inc": {"taken": wish.quantity},
            "$setOnInsert": {"resident_id": order.resident_id},
        },
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    over = allowance is not None and allowance["taken"] > product.per_holder
    return no.too_many(product.per_holder) if over else None


def _row(order: _Order, quoted: Quoted, now: datetime) -> dict[str, Any]:
    product, wish = quoted.product, order.wish
    uses = uses_of(product, wish.quantity)
    paid = quoted.quote.total_fen
    fields = {
        "_id": random_identifier("pas"),
        "resident_id": order.resident_id,
        "product": product.code,
        "kind": product.kind.value,
        "name": {"zh": product.name.zh, "en": product.name.en},
        "venues": sorted(product.venues),
        "uses": uses,
        "left": uses,
        "used": 0,
        "over": 0,
        "blackouts": [days.to_wire() for days in product.blackouts],
        "personal": product.personal,
        "quantity": wish.quantity,
        "stock": stock_id(wish),
        "state": PassState.ACTIVE.value,
        "lines": [
            {"rule": line.rule, "zh": line.words.zh, "en": line.words.en, "fen": line.fen}
            for line in quoted.quote.lines
        ],
        "paid_fen": paid,
        "reference": order.reference if paid else None,
        "issued_at": now,
        "held_since": now,
        "changed_at": now,
    }
    return {name: value for name, value in fields.items() if value is not None}
