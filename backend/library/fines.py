"""What readers owe 欠费 and pay, and their deposits; money in fen, each receipt once.

There is no payment in the app yet: a counter or a machine takes the money and says by which
receipt. The oldest is paid first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.foundation import audit
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.library import refusals as no
from backend.library.deeds import Acting
from backend.library.documents import LibraryFine, LibraryPatron
from backend.library.network import policy_in_force
from backend.library.patrons import Patrons, patron_of
from backend.library.rules import FineKind, LendingPolicy, is_reference
from shared.clock import Clock

MOST_FEN = 10_000_000
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FineView:
    """What is or was owed for one loan."""

    fine_id: str
    loan_id: str
    kind: FineKind
    fen: int
    paid_fen: int
    open: bool
    at: datetime


class Fines:
    """Takes what is paid."""

    def __init__(self, patrons: Patrons, once: Once, clock: Clock) -> None:
        self._patrons = patrons
        self._once = once
        self._clock = clock

    async def pay(
        self, acting: Acting, key: str, resident_id: str, fen: int, reference: str
    ) -> int | Refusal:
        """Note a payment of at most what is owed; return what is still owed."""
        if not is_reference(reference):
            return no.REFERENCE_FORM
        if not 0 < fen <= MOST_FEN:
            return no.AMOUNT_FORM
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            done = await LibraryPatron.get_pymongo_collection().update_one(
                {"resident_id": resident_id, "owed_fen": {"$gte": fen}},
                {"$inc": {"owed_fen": -fen}},
                session=session,
            )
            if done.matched_count == 0:
                return no.AMOUNT_FORM
            policy = await policy_in_force(session)
            await _settle(resident_id, fen, reference, policy, now, session)
            await audit.record(acting.deed("library.paid", resident_id, now), session)
            patron = await patron_of(resident_id, session)
            return {"owed": 0 if patron is None else patron["owed_fen"]}

        request = {
            "act": "library pay",
            "resident": resident_id,
            "fen": str(fen),
            "reference": reference,
        }
        done = await self._once.perform(
            caller=acting.once, key=key, request=request, now=now, act=act
        )
        return done if isinstance(done, Refusal) else int(done["owed"])

    async def put_deposit(
        self, acting: Acting, key: str, resident_id: str, fen: int, reference: str
    ) -> int | Refusal:
        """Note what deposit a reader leaves from now on, 0 where it was paid back."""
        if not is_reference(reference):
            return no.REFERENCE_FORM
        if not 0 <= fen <= MOST_FEN:
            return no.AMOUNT_FORM
        now = self._clock.now()
        await self._patrons.open(resident_id, acting)

        async def act(session: Session) -> Answer | Refusal:
            await LibraryPatron.get_pymongo_collection().update_one(
                {"resident_id": resident_id}, {"$set": {"deposit_fen": fen}}, session=session
            )
            await audit.record(acting.deed("library.deposit", resident_id, now), session)
            return {"fen": fen}

        request = {"act": "library deposit", "resident": resident_id, "fen": str(fen)}
        done = await self._once.perform(
            caller=acting.once, key=key, request=request, now=now, act=act
        )
        return done if isinstance(done, Refusal) else fen


async def fines_of(resident_id: str, most: int) -> list[FineView]:
    """Return what a resident owes, the oldest first."""
    own = {"resident_id": resident_id, "open": True}
    found = LibraryFine.get_pymongo_collection().find(own).sort("at", 1).limit(most)
    return [
        FineView(
            fine_id=row["_id"],
            loan_id=row["loan"],
            kind=FineKind(row["kind"]),
            fen=row["fen"],
            paid_fen=row["paid_fen"],
            open=row["open"],
            at=row["at"],
        )
        async for row in found
    ]


async def _settle(
    resident_id: str,
    fen: int,
    reference: str,
    policy: LendingPolicy,
    now: datetime,
    session: Session,
) -> None:
    """Put a payment to what is owed, the oldest first."""
    fines = LibraryFine.get_pymongo_collection()
    own = {"resident_id": resident_id, "open": True}
    for fine in await fines.find(own, session=session).sort("at", 1).to_list():
        part = min(fen, fine["fen"] - fine["paid_fen"])
        if part == 0:
            return
        fen -= part
        change: dict[str, Any] = {"$inc": {"paid_fen": part}, "$push": {"references": reference}}
        if fine["paid_fen"] + part == fine["fen"]:
            forget_at = now + timedelta(days=policy.history_days)
            change["$set"] = {"open": False, "forget_at": forget_at}
        await fines.update_one({"_id": fine["_id"]}, change, session=session)
