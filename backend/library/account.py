"""What a reader has out, waits for and owes: for themselves, and for a librarian on the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.library.deeds import Acting, librarian
from backend.library.documents import LibraryFine, LibraryHold, LibraryLoan, LibraryPatron
from backend.library.fines import FineView, fines_of
from backend.library.holds import HoldView, hold_views
from backend.library.loans import NOBODY, LoanView, loan_views
from backend.library.network import not_librarian, policy_in_force
from backend.library.patrons import Patrons, facts_of, patron_of
from backend.library.rules import OPEN_HOLDS, LendingPolicy, LoanState, PatronFacts, blocked
from shared.clock import Clock

MOST = 50
"""Rows of a list; what is out and waited for is fewer by the terms."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReaderAccount:
    """A reader as they stand; `number` is None for who has never borrowed."""

    resident_id: str
    number: str | None
    limit: int
    facts: PatronFacts
    blocked: Refusal | None
    keeps_history: bool
    loans: tuple[LoanView, ...] = ()
    holds: tuple[HoldView, ...] = ()
    fines: tuple[FineView, ...] = ()
    history: tuple[LoanView, ...] = ()


class ReaderAccounts:
    """Reads readers' accounts, and keeps or drops their history as they wish."""

    def __init__(self, patrons: Patrons, once: Once, clock: Clock) -> None:
        self._patrons = patrons
        self._once = once
        self._clock = clock

    async def own(self, resident_id: str) -> ReaderAccount:
        """Return a resident's own account, with the history they keep."""
        patron = await patron_of(resident_id)
        return await self._account(resident_id, patron, with_history=True)

    async def for_staff(self, caller: Caller | None, shown: str) -> ReaderAccount | Refusal:
        """Return the account of whoever's card or number a librarian was shown, on the record.

        Staff of any member library may. It says what is out, waited for and owed, and nothing of
        what was read before.
        """
        refused = await not_librarian(caller)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        whose = await self._patrons.shown(shown, checks_codes=True)
        if isinstance(whose, Refusal):
            return whose
        now = self._clock.now()
        await audit.record_read(librarian(caller).deed("library.read", whose, now))
        patron = await patron_of(whose)
        return await self._account(whose, patron, with_history=False)

    async def for_machine(self, acting: Acting, resident_id: str) -> ReaderAccount:
        """Return the account of whoever stands at a machine; recorded once a reader and day."""
        now = self._clock.now()
        deed = acting.deed("library.read", resident_id, now)
        await audit.record_once(deed, f"{acting.terminal}\0{resident_id}\0{now:%Y%m%d}")
        patron = await patron_of(resident_id)
        return await self._account(resident_id, patron, with_history=False)

    async def keep_history(
        self, acting: Acting, key: str, whose: str, *, keep: bool
    ) -> bool | Refusal:
        """Keep what a reader had out from now on, or forget at once what was kept."""
        await self._patrons.open(whose, acting)
        now = self._clock.now()

        async def act(session: Session) -> Answer:
            await LibraryPatron.get_pymongo_collection().update_one(
                {"resident_id": whose}, {"$set": {"keeps_history": keep}}, session=session
            )
            if not keep:
                await forget_loans(whose, session)
            await audit.record(acting.deed("library.history", whose, now), session)
            return {}

        request = {"act": "library history", "resident": whose, "keep": str(keep)}
        done = await self._once.perform(
            caller=acting.once, key=key, request=request, now=now, act=act
        )
        return done if isinstance(done, Refusal) else keep

    async def _account(
        self, whose: str, patron: Row | None, *, with_history: bool
    ) -> ReaderAccount:
        policy: LendingPolicy = await policy_in_force()
        if patron is None:
            nothing = PatronFacts(0, 0, 0, 0, overdue=False)
            return ReaderAccount(whose, None, policy.books(0), nothing, None, keeps_history=False)
        loans = LibraryLoan.get_pymongo_collection()
        out = {"resident_id": whose, "state": LoanState.OPEN.value}
        rows = await loans.find(out).sort("due_at", 1).limit(MOST).to_list()
        past: list[Row] = []
        if with_history:
            known = loans.find({"resident_id": whose}).sort([("lent_at", -1), ("_id", -1)])
            recent = await known.limit(MOST).to_list()
            past = [one for one in recent if one["state"] != LoanState.OPEN]
        views = await loan_views([*rows, *past])
        waits = {"resident_id": whose, "state": {"$in": sorted(OPEN_HOLDS)}}
        holds = LibraryHold.get_pymongo_collection().find(waits).sort("placed_at", -1).limit(MOST)
        facts = await facts_of(patron, self._clock.now())
        return ReaderAccount(
            resident_id=whose,
            number=patron["number"],
            limit=policy.books(patron["deposit_fen"]),
            facts=facts,
            blocked=blocked(facts, policy),
            keeps_history=patron["keeps_history"],
            loans=tuple(views[: len(rows)]),
            holds=tuple(await hold_views(await holds.to_list())),
            fines=tuple(await fines_of(whose, MOST)),
            history=tuple(views[len(rows) :]),
        )


async def forget_loans(resident_id: str, session: Session) -> None:
    """Forget whose the loans were that ended; what is owed for one stands in its fine."""
    over = [LoanState.RETURNED.value, LoanState.LOST.value]
    ended = {"resident_id": resident_id, "state": {"$in": over}}
    await LibraryLoan.get_pymongo_collection().update_many(
        ended, {"$set": {"resident_id": NOBODY}, "$unset": {"forget_at": ""}}, session=session
    )


async def forget_fines(resident_id: str, session: Session) -> None:
    """Forget whose the fines were that are paid."""
    await LibraryFine.get_pymongo_collection().update_many(
        {"resident_id": resident_id, "open": False},
        {"$set": {"resident_id": NOBODY}, "$unset": {"forget_at": ""}},
        session=session,
    )
