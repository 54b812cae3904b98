"""Taking back 还书 at any member library, and what is lost 遗失; each once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.turns import Turns
from backend.library import refusals as no
from backend.library.copies import lock_title, move, read_copy, settle_known
from backend.library.deeds import Acting, librarian
from backend.library.documents import LibraryFine
from backend.library.in_hand import InHand, in_hand
from backend.library.loans import (
    LoanView,
    charge,
    end_loan,
    end_loan_of,
    loan_views,
    read_loan,
)
from backend.library.network import not_librarian, policy_in_force, titles_of
from backend.library.patrons import count
from backend.library.rules import CopyState, FineKind, LendingPolicy, LoanState, is_barcode
from shared.clock import Clock
from shared.identifiers import is_identifier

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Returned:
    """A copy in hand at a library and where it goes; `fen` is the fee that its loan came to.

    `loan` ended with it, if it was out; whose it was is told nobody.
    """

    barcode: str
    name: str
    state: CopyState
    to: str | None
    home: str
    loan: str | None
    fen: int


class Returning:
    """Takes copies back."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock
        self._titles = Turns()

    async def take_back(
        self, acting: Acting, key: str, barcode: str, at: datetime | None = None
    ) -> Returned | Refusal:
        """Take a copy in hand: end its loan, if it is out, and tell where it goes now.

        `at`: a machine took it back then, while there was no network.
        """
        if not is_barcode(barcode):
            return no.COPY_UNKNOWN
        now, seen = self._clock.now(), list[tuple[Answer | Refusal, InHand]]()

        async def act(session: Session) -> Answer | Refusal:
            known = await in_hand(barcode, acting.library, session)
            if known is None:
                return no.COPY_UNKNOWN
            answer = await self._take_back(acting, known, now, at or now, session)
            seen.append((answer, known))
            return answer

        copy = await read_copy(barcode)
        loan = None if copy is None else copy.get("loan")
        likely = {"state": CopyState.AVAILABLE.value, "to": None, "loan": loan, "fen": 0}
        # Each of a title's copies writes on the title: a sorter's full of them one after another.
        async with self._titles.at(copy["title"] if copy else ""):
            done = await self._once.perform(
                caller=acting.once,
                key=key,
                request={"act": "library return", "copy": barcode},
                now=now,
                act=act,
                likely=likely,
            )
        if isinstance(done, Refusal):
            return done
        if seen and seen[-1][0] is done:  # this very act's: what it read still stands
            return _returned(seen[-1][1].copy, seen[-1][1].name, done)
        return await _returned_before(barcode, done)

    async def lose(
        self, caller: Caller | None, key: str, loan_id: str, fen: int | None = None
    ) -> LoanView | Refusal:
        """Record a lost book: its loan ends and what it costs is owed (`fen`, else its price).

        Staff of the library that lent it may, and of the one it belongs to.
        """
        refused = may(caller, Act.LIBRARY_LEND) or await _not_whose_loss(caller, loan_id)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        if fen is not None and fen < 0:
            return no.LOAN_UNKNOWN
        acting, now = librarian(caller), self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            loan = await read_loan(loan_id, session)
            if loan is None:
                return no.LOAN_UNKNOWN
            await lock_title(loan["title"], session)
            copy = await read_copy(loan["copy_id"], session)
            policy = await policy_in_force(session)
            ended = await end_loan(loan, LoanState.LOST, now, "", policy, session)
            if copy is None or ended is None:
                return no.LOAN_OVER
            await move(copy, CopyState.LOST, now, session)
            price = copy["replacement_fen"] if fen is None else fen
            if price and loan["resident_id"]:
                await charge(loan, FineKind.LOST, price, now, session)
            await audit.record(acting.deed("library.lost", loan["resident_id"], now), session)
            return {}

        request = {"act": "library lost", "loan": loan_id, "fen": str(fen)}
        done = await self._once.perform(
            caller=acting.once, key=key, request=request, now=now, act=act
        )
        row = await read_loan(loan_id)
        if isinstance(done, Refusal) or row is None:
            return done if isinstance(done, Refusal) else no.LOAN_UNKNOWN
        return (await loan_views([row]))[0]

    async def _take_back(
        self, acting: Acting, seen: InHand, now: datetime, at: datetime, session: Session
    ) -> Answer | Refusal:
        copy, loan, policy, here = seen.copy, seen.loan, seen.policy, acting.library
        # What was read before it is as it is here, or all of this is done again.
        if await lock_title(copy["title"], session) is None:
            return no.COPY_UNKNOWN
        if here not in seen.members and copy["home"] != here:
            return no.TAKE_HOME
        fen = 0
        if loan is not None:
            # Not before it was lent: a machine's clock may be wrong.
            when = max(min(at, now), loan["lent_at"])
            ended = await end_loan_of(
                seen.patron, loan, LoanState.RETURNED, when, here, policy, session
            )
            if ended is None:
                return no.BUSY
            fen = ended
            await audit.record(acting.deed("library.returned", loan["resident_id"], now), session)
        elif copy["state"] == CopyState.LOST:
            await _found_again(copy, now, policy, session)
        lends = copy["home"] in seen.members
        way = await settle_known(copy, here, seen.waiting, policy, now, session, lends=lends)
        if way is None:
            return no.BUSY
        ended_loan = None if loan is None else loan["_id"]
        return {"state": way.state.value, "to": way.to, "loan": ended_loan, "fen": fen}


async def _not_whose_loss(caller: Caller | None, loan_id: str) -> Refusal | None:
    """Return why `caller` may not record a loan's book as lost: neither their loan nor book."""
    loan = await read_loan(loan_id) if is_identifier(loan_id) else None
    if loan is None:
        return no.LOAN_UNKNOWN
    copy = await read_copy(loan["copy_id"])
    home = [] if copy is None else [copy["home"]]
    return await not_librarian(caller, [loan["lent_in"], *home])


async def _found_again(copy: Row, now: datetime, policy: LendingPolicy, session: Session) -> None:
    """Take off what is still unpaid of a lost book that was found; what was paid stays paid."""
    if copy.get("last_loan") is None:
        return
    fines = LibraryFine.get_pymongo_collection()
    due = {"loan": copy["last_loan"], "kind": FineKind.LOST.value, "open": True}
    fine = await fines.find_one(due, session=session)
    if fine is None:
        return
    forget_at = now + timedelta(days=policy.history_days)
    await fines.update_one(
        {"_id": fine["_id"], "open": True},
        {"$set": {"open": False, "fen": fine["paid_fen"], "forget_at": forget_at}},
        session=session,
    )
    await count(fine["resident_id"], session, owed_fen=fine["paid_fen"] - fine["fen"])


async def _returned_before(barcode: str, done: Answer) -> Returned | Refusal:
    copy = await read_copy(barcode)
    # A kept answer of a copy that went out since says nothing of the one in hand now.
    if copy is None or copy["state"] == CopyState.ON_LOAN:
        return no.BUSY
    title = (await titles_of([copy["title"]])).get(copy["title"])
    return _returned(copy, "" if title is None else title.name, done)


def _returned(copy: Row, name: str, done: Answer) -> Returned:
    return Returned(
        barcode=copy["_id"],
        name=name,
        state=CopyState(done["state"]),
        to=done["to"],
        home=copy["home"],
        loan=done["loan"],
        fen=done["fen"],
    )
