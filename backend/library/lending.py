"""Lending 借书 and renewing 续借: each once, with its guard in the write."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from backend.foundation import audit
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.library import copies
from backend.library import refusals as no
from backend.library.copies import lock_title, read_copy, release
from backend.library.deeds import Acting
from backend.library.documents import LibraryHold, LibraryLoan, LibraryPatron
from backend.library.in_hand import InHand, in_hand
from backend.library.loans import LoanView, end_loan, loan_view, loan_views, read_loan
from backend.library.network import policy_in_force
from backend.library.patrons import Patrons, facts_of, patron_of
from backend.library.rules import (
    OPEN_HOLDS,
    CopyState,
    HoldState,
    LendingPolicy,
    LoanFacts,
    LoanState,
    OfflineDeed,
    due_from,
    is_barcode,
    offline_due,
    refusal_to_lend,
    refusal_to_renew,
    renewed_due,
)
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.identity.age import local_day

Row = Mapping[str, Any]


class Lending:
    """Lends copies and renews loans."""

    def __init__(self, patrons: Patrons, once: Once, clock: Clock) -> None:
        self._patrons = patrons
        self._once = once
        self._clock = clock

    async def lend(
        self,
        acting: Acting,
        key: str,
        resident_id: str,
        barcode: str,
        offline: OfflineDeed | None = None,
    ) -> LoanView | Refusal:
        """Lend a copy to a resident whose card was found good.

        A machine that asks again for what it lent this reader gets the same loan, whatever its key.
        `offline`: it did so while there was no network; that is recorded past every limit.
        """
        if not is_barcode(barcode):
            return no.COPY_UNKNOWN
        now, written = self._clock.now(), dict[str, LoanView]()
        loan_id = random_identifier("lon")

        async def act(session: Session) -> Answer | Refusal:
            seen = await in_hand(barcode, acting.library, session, resident_id)
            if seen is None:
                return no.COPY_UNKNOWN
            loan = await self._lend(acting, loan_id, resident_id, seen, offline, now, session)
            if isinstance(loan, Refusal):
                return loan
            written[loan["_id"]] = loan_view(loan, seen.name)
            return {"loan": loan["_id"]}

        request = {"act": "library lend", "resident": resident_id, "copy": barcode}
        done = await self._done(acting, key, request, act, now, loan_id, written)
        if done is not no.PATRON_UNKNOWN:
            return done
        await self._patrons.open(resident_id, acting)  # it is the first time; nobody else is asked
        return await self._done(acting, key, request, act, now, loan_id, written)

    async def renew(
        self, acting: Acting, key: str, loan_id: str, resident_id: str | None
    ) -> LoanView | Refusal:
        """Renew a loan; `resident_id`: it must be theirs (None at a counter)."""
        if not is_identifier(loan_id):
            return no.LOAN_UNKNOWN  # nor may it be kept as the likely answer
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            loan = await read_loan(loan_id, session)
            if loan is None or resident_id not in {None, loan["resident_id"]}:
                return no.LOAN_UNKNOWN
            return await self._renew(acting, loan, now, session)

        request = {"act": "library renew", "loan": loan_id, "resident": str(resident_id)}
        return await self._done(acting, key, request, act, now, loan_id)

    async def _done(
        self,
        acting: Acting,
        key: str,
        request: Mapping[str, str],
        act: Any,
        now: datetime,
        loan_id: str,
        written: Mapping[str, LoanView] | None = None,
    ) -> LoanView | Refusal:
        """Do it once and return the loan, most probably `loan_id`.

        What `act` has `written` just now is not read again.
        """
        done = await self._once.perform(
            caller=acting.once,
            key=key,
            request=request,
            now=now,
            act=act,
            likely={"loan": loan_id},
        )
        if isinstance(done, Refusal):
            return done
        if written and done["loan"] in written:
            return written[done["loan"]]
        row = await read_loan(done["loan"])
        # A kept answer of a loan that ended since is no loan: nothing may leave the desk for it.
        if row is None or row["state"] != LoanState.OPEN:
            return no.LOAN_OVER
        return (await loan_views([row]))[0]

    async def _lend(
        self,
        acting: Acting,
        loan_id: str,
        resident_id: str,
        seen: InHand,
        offline: OfflineDeed | None,
        now: datetime,
        session: Session,
    ) -> Row | Refusal:
        """Return the loan that was made, or that this machine had made before."""
        copy, loan, patron, policy = seen.copy, seen.loan, seen.patron, seen.policy
        if loan is not None and loan["resident_id"] == resident_id:
            again = acting.terminal is not None and loan.get("terminal") == acting.terminal
            return loan if again else no.COPY_YOURS
        if patron is None:
            return no.PATRON_UNKNOWN
        # Copies of one title leave side by side: only what stands in its queue needs the title.
        queued = patron["open_holds"] > 0 or copy.get("hold") is not None
        if queued or offline is not None:
            await lock_title(copy["title"], session)
        refused = _not_lent(copy, acting.library, seen.members)
        if refused is None and offline is None:
            held = refusal_to_lend(await facts_of(patron, now, session), policy)
            refused = held or await _taken(copy, resident_id, session)
        if refused is not None:
            return refused
        if loan is not None and offline is not None:
            # It was in the machine's hands, so it had come back.
            await end_loan(loan, LoanState.RETURNED, offline.at, acting.library, policy, session)
        return await self._write(acting, loan_id, copy, patron, offline, policy, now, session)

    async def _write(
        self,
        acting: Acting,
        loan_id: str,
        copy: Row,
        patron: Row,
        offline: OfflineDeed | None,
        policy: LendingPolicy,
        now: datetime,
        session: Session,
    ) -> Row | Refusal:
        whose = patron["resident_id"]
        due = due_from(local_day(now), policy) if offline is None else offline_due(offline, policy)
        ended = 0
        if patron["open_holds"] > 0:  # counted in the reader's own document, which this writes
            ended = await _fulfil(whose, copy, policy, now, session)
        if copy.get("hold") is not None:
            await _give_up(copy, whose, now, session)
        moved = await copies.move(
            copy, CopyState.ON_LOAN, now, session, at=acting.library, loan=loan_id,
            last_loan=loan_id,
        )  # fmt: skip
        counted = await LibraryPatron.get_pymongo_collection().update_one(
            limit_guard(patron, None if offline else policy.books(patron["deposit_fen"])),
            {"$inc": {"open_loans": 1, "open_holds": -ended}},
            session=session,
        )
        if not moved or counted.matched_count == 0:
            return no.BUSY
        loan = {
            "_id": loan_id,
            "resident_id": whose,
            "copy_id": copy["_id"],
            "title": copy["title"],
            "state": LoanState.OPEN.value,
            "lent_at": now if offline is None else offline.at,
            "lent_in": acting.library,
            "due_at": due,
            "renewals": 0,
            "offline": offline is not None,
            **({} if acting.terminal is None else {"terminal": acting.terminal}),
        }
        await LibraryLoan.get_pymongo_collection().insert_one(loan, session=session)
        await audit.record(acting.deed("library.lent", whose, now), session)
        return loan

    async def _renew(
        self, acting: Acting, loan: Row, now: datetime, session: Session
    ) -> Answer | Refusal:
        if loan["state"] != LoanState.OPEN:
            return no.LOAN_OVER
        await lock_title(loan["title"], session)
        policy = await policy_in_force(session)
        patron = await patron_of(loan["resident_id"], session)
        if patron is None:
            return no.LOAN_UNKNOWN
        holds = LibraryHold.get_pymongo_collection()
        waiting = {"title": loan["title"], "state": HoldState.WAITING.value}
        wanted = await holds.find_one(waiting, {"_id": 1}, session=session) is not None
        facts = LoanFacts(loan["due_at"], loan["renewals"], wanted)
        refused = refusal_to_renew(facts, await facts_of(patron, now, session), policy)
        if refused is not None:
            return refused
        renewed = {"due_at": renewed_due(loan["due_at"], policy)}
        done = await LibraryLoan.get_pymongo_collection().update_one(
            {"_id": loan["_id"], "state": LoanState.OPEN.value, "renewals": loan["renewals"]},
            {"$set": renewed, "$inc": {"renewals": 1}},
            session=session,
        )
        if done.matched_count == 0:
            return no.BUSY
        await audit.record(acting.deed("library.renewed", loan["resident_id"], now), session)
        return {"loan": loan["_id"]}


def limit_guard(patron: Row, limit: int | None) -> dict[str, Any]:
    """Match a reader only while they may have another book."""
    guard: dict[str, Any] = {"_id": patron["_id"]}
    return guard if limit is None else {**guard, "open_loans": {"$lt": limit}}


def _not_lent(copy: Row, library: str, members: frozenset[str]) -> Refusal | None:
    """Return why this copy cannot leave from this library, whoever wants it."""
    if library not in members:
        return no.LIBRARY_UNKNOWN
    gone = copy["state"] in {CopyState.LOST, CopyState.WITHDRAWN}
    return no.COPY_NOT_LENT if gone or copy["home"] not in members else None


async def _taken(copy: Row, resident_id: str, session: Session) -> Refusal | None:
    """Return that somebody else has the copy, or that it is kept for them."""
    if copy["state"] == CopyState.ON_LOAN:
        return no.COPY_ON_LOAN
    if copy.get("hold") is None:
        return None
    wanted = {"_id": copy["hold"]}
    hold = await LibraryHold.get_pymongo_collection().find_one(wanted, session=session)
    theirs = hold is not None and hold["resident_id"] == resident_id
    return None if theirs else no.COPY_RESERVED


async def _fulfil(
    resident_id: str, copy: Row, policy: LendingPolicy, now: datetime, session: Session
) -> int:
    """End the reader's own hold on the title, and let another copy go that was kept for it."""
    holds = LibraryHold.get_pymongo_collection()
    open_ = {"$in": sorted(OPEN_HOLDS)}
    wanted = {"title": copy["title"], "state": open_, "resident_id": resident_id}
    hold = await holds.find_one(wanted, session=session)
    if hold is None:
        return 0
    fulfilled = {
        "state": HoldState.FULFILLED.value,
        "changed_at": now,
        "forget_at": now + timedelta(days=policy.history_days),
    }
    await holds.update_one(
        {"_id": hold["_id"]},
        {"$set": fulfilled, "$unset": {"shelf_until": ""}},
        session=session,
    )
    other = hold.get("copy_id")
    kept = await read_copy(other, session) if other not in {None, copy["_id"]} else None
    if kept is not None and kept.get("hold") == hold["_id"]:
        await release(kept, policy, now, session)
    return 1


async def _give_up(copy: Row, resident_id: str, now: datetime, session: Session) -> None:
    """A machine lent offline what was kept for somebody: they wait again, in their old place."""
    await LibraryHold.get_pymongo_collection().update_one(
        {
            "_id": copy["hold"],
            "resident_id": {"$ne": resident_id},
            "state": {"$in": [HoldState.ASSIGNED.value, HoldState.READY.value]},
        },
        {
            "$set": {"state": HoldState.WAITING.value, "changed_at": now},
            "$unset": {"copy_id": "", "shelf_until": ""},
        },
        session=session,
    )
