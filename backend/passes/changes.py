"""What becomes of a pass: given back, revoked, read; each once, each with its audit row."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from backend.cards.asking import Asking
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may, may_at
from backend.foundation.refusals import Refusal
from backend.mandates.acting import Acting, record_act
from backend.passes import deeds
from backend.passes import refusals as no
from backend.passes.documents import PassAllowance, PassStock, StoredPass
from backend.passes.issuing import allowance_id
from backend.passes.rules import PassState, refusal_to_refund
from backend.passes.views import PassView, facts_in, read, view
from shared.clock import Clock
from shared.identifiers import is_identifier

Row = Mapping[str, Any]
Work = Callable[[Row, Session], Awaitable[Refusal | None]]


class Passes:
    """Reads passes and ends them."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def page(self, resident_id: str, first: int, after: Position | None) -> Page[PassView]:
        """Return a page of a resident's own passes, the newest first."""
        wanted: dict[str, Any] = {"resident_id": resident_id}
        if after is not None:
            wanted["issued_at"] = {"$lte": after.at}
            wanted["$or"] = [{"issued_at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        order = [("issued_at", DESCENDING), ("_id", DESCENDING)]
        found = StoredPass.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        now = self._clock.now()
        return cut_page([view(row, now) async for row in found], first)

    async def refund(self, asking: Asking, key: str, pass_id: str) -> PassView | Refusal:
        """Give back the caller's own unused pass; what it was taken from has it again."""
        now = self._clock.now()
        deed = deeds.of_holder("passes.refunded", asking.resident_id, now, asking.origin)

        async def work(row: Row, session: Session) -> Refusal | None:
            if row["resident_id"] != asking.resident_id:
                return no.PASS_UNKNOWN  # that somebody else has one is nobody's business
            refused = refusal_to_refund(facts_in(row), now, at_counter=False)
            return refused or await give_back(row, deed, now, session, asking.acting)

        return await self._changed(asking.thumbprint, key, "refund", pass_id, work)

    async def refund_at_counter(
        self, caller: Caller | None, key: str, pass_id: str
    ) -> PassView | Refusal:
        """Give back an unused pass at a counter, which pays back what was paid there."""
        refused = may(caller, Act.PASS_ISSUE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        now = self._clock.now()

        async def work(row: Row, session: Session) -> Refusal | None:
            deed = deeds.of_staff(caller, "passes.refunded", row["resident_id"], now)
            refused = may_at(caller, Act.PASS_ISSUE, row["venues"])
            refused = refused or refusal_to_refund(facts_in(row), now, at_counter=True)
            return refused or await give_back(row, deed, now, session)

        return await self._changed(caller.staff_id or "operator", key, "refund", pass_id, work)

    async def revoke(
        self, caller: Caller | None, key: str, pass_id: str, reason: str
    ) -> PassView | Refusal:
        """End a pass that should not be; entries that lanes report from now on are flagged."""
        refused = may(caller, Act.PASS_REVOKE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        why, now = audit.reason_of(reason), self._clock.now()
        if isinstance(why, Refusal):
            return why

        async def work(row: Row, session: Session) -> Refusal | None:
            refused = may_at(caller, Act.PASS_REVOKE, row["venues"])
            if refused is not None:
                return refused
            if row["state"] != PassState.ACTIVE:
                return no.PASS_OVER
            ended = {"state": PassState.REVOKED.value, "ended_at": now, "changed_at": now}
            done = await StoredPass.get_pymongo_collection().update_one(
                {"_id": row["_id"], "state": PassState.ACTIVE.value},
                {"$set": ended, "$unset": {"invitation": ""}},
                session=session,
            )
            if done.matched_count == 0:
                return no.PASS_OVER
            deed = deeds.of_staff(caller, "passes.revoked", row["resident_id"], now, why)
            await audit.record(deed, session)
            return None

        what = f"revoke: {why}"
        return await self._changed(caller.staff_id or "operator", key, what, pass_id, work)

    async def _changed(
        self, caller: str, key: str, what: str, pass_id: str, work: Work
    ) -> PassView | Refusal:
        if not is_identifier(pass_id):
            return no.PASS_UNKNOWN

        async def act(session: Session) -> Answer | Refusal:
            row = await read(pass_id, session)
            return no.PASS_UNKNOWN if row is None else await work(row, session) or {}

        done = await self._once.perform(
            caller=caller,
            key=key,
            request={"act": f"pass: {what}", "pass": pass_id},
            now=self._clock.now(),
            act=act,
        )
        if isinstance(done, Refusal):
            return done
        row = await read(pass_id)
        return no.PASS_UNKNOWN if row is None else view(row, self._clock.now())


async def give_back(
    row: Row, deed: audit.Deed, now: datetime, session: Session, acting: Acting | None = None
) -> Refusal | None:
    """End an unused pass in a transaction; what it was taken from has it again."""
    ended = {"state": PassState.REFUNDED.value, "ended_at": now, "changed_at": now}
    done = await StoredPass.get_pymongo_collection().update_one(
        refund_guard(row),
        {"$set": ended, "$unset": {"invitation": ""}},
        session=session,
    )
    if done.matched_count == 0:
        return no.PASS_USED
    quantity = row["quantity"]
    await PassStock.get_pymongo_collection().update_one(
        {"_id": row["stock"], "taken": {"$gte": quantity}},
        {"$inc": {"taken": -quantity}},
        session=session,
    )
    if row["held_since"] == row["issued_at"]:  # handed on, it counts for who took it
        await PassAllowance.get_pymongo_collection().update_one(
            {"_id": allowance_id(row["resident_id"], row["product"])},
            {"$inc": {"taken": -quantity}},
            session=session,
        )
    return await record_act(deed, acting, session)


def refund_guard(row: Row) -> dict[str, Any]:
    """Return the condition under which a pass is given back: still its holder's, and unused."""
    return {
        "_id": row["_id"],
        "resident_id": row["resident_id"],
        "state": PassState.ACTIVE.value,
        "used": 0,
        "over": 0,
    }
