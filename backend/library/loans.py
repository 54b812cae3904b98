"""Loans as they are stored, read and ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.foundation.mongo import Session
from backend.foundation.pages import Page, Position, cut_page
from backend.library.documents import LibraryFine, LibraryLoan
from backend.library.network import titles_of
from backend.library.patrons import count, patron_of
from backend.library.rules import FineKind, LendingPolicy, LoanState, overdue_fine
from shared.identifiers import random_identifier

NOBODY = ""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LoanView:
    """A loan as its reader sees it."""

    loan_id: str
    resident_id: str
    copy_id: str
    title: str
    name: str
    state: LoanState
    lent_at: datetime
    lent_in: str
    due_at: datetime
    renewals: int
    terminal: str | None
    ended_at: datetime | None = None


async def read_loan(loan_id: str | None, session: Session | None = None) -> Row | None:
    """Return a stored loan."""
    if loan_id is None:
        return None
    return await LibraryLoan.get_pymongo_collection().find_one({"_id": loan_id}, session=session)


async def loan_views(rows: Sequence[Row]) -> list[LoanView]:
    """Return stored loans with the names of what was lent, in one read."""
    titles = await titles_of(row["title"] for row in rows)
    names = {code: title.name for code, title in titles.items()}
    return [loan_view(row, names.get(row["title"], "")) for row in rows]


def loan_view(row: Row, name: str) -> LoanView:
    """Return a stored loan with the name of what was lent."""
    return LoanView(
        loan_id=row["_id"],
        resident_id=row["resident_id"],
        copy_id=row["copy_id"],
        title=row["title"],
        name=name,
        state=LoanState(row["state"]),
        lent_at=row["lent_at"],
        lent_in=row["lent_in"],
        due_at=row["due_at"],
        renewals=row["renewals"],
        terminal=row.get("terminal"),
        ended_at=row.get("ended_at"),
    )


class Borrowings:
    """What a reader borrowed, as far as it is still known whose it was."""

    async def page(self, resident_id: str, first: int, after: Position) -> Page[LoanView]:
        """Return up to `first` loans that follow `after`, the latest lent first."""
        found = (
            LibraryLoan.get_pymongo_collection()
            .find(
                {
                    "resident_id": resident_id,
                    "lent_at": {"$lte": after.at},
                    "$or": [{"lent_at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}],
                }
            )
            .sort([("lent_at", -1), ("_id", -1)])
            .limit(first + 1)
        )
        rows = await found.to_list()
        return cut_page(await loan_views(rows) if rows else (), first)


async def end_loan(
    loan: Row,
    state: LoanState,
    at: datetime,
    library: str,
    policy: LendingPolicy,
    session: Session,
) -> int | None:
    """End an open loan and charge what is late; return the fee, or None where it ended before."""
    whose = loan["resident_id"]
    patron = await patron_of(whose, session) if whose else None
    return await end_loan_of(patron, loan, state, at, library, policy, session)


async def end_loan_of(
    patron: Row | None,
    loan: Row,
    state: LoanState,
    at: datetime,
    library: str,
    policy: LendingPolicy,
    session: Session,
) -> int | None:
    """End a loan as `end_loan` does; `patron` is its reader, if that is known still."""
    whose = loan["resident_id"]
    keeps = patron is not None and patron["keeps_history"] and not patron["leaving"]
    change: dict[str, Any] = {"state": state.value, "ended_at": at, "returned_in": library}
    if not keeps:
        change["forget_at"] = at + timedelta(days=policy.history_days)
    done = await LibraryLoan.get_pymongo_collection().update_one(
        {"_id": loan["_id"], "state": LoanState.OPEN.value}, {"$set": change}, session=session
    )
    if done.matched_count == 0:
        return None
    fen = overdue_fine(loan["due_at"], at, policy)
    if patron is None:
        return 0
    await count(whose, session, open_loans=-1)
    if fen:
        await charge(loan, FineKind.OVERDUE, fen, at, session)
    return fen


async def charge(loan: Row, kind: FineKind, fen: int, at: datetime, session: Session) -> None:
    """Write what a reader owes for a loan, and add it to what they owe in all."""
    fine = LibraryFine(
        id=random_identifier("fin"),
        resident_id=loan["resident_id"],
        loan=loan["_id"],
        kind=kind,
        fen=fen,
        at=at,
        references=[],
    )
    await fine.insert(session=session)
    await count(loan["resident_id"], session, owed_fen=fen)
