"""The ledger: a row and the sums of its account in one transaction, or neither."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.foundation.mongo import ReturnDocument, Session
from backend.foundation.refusals import Refusal
from backend.payout_accounts.service import payee_at
from backend.stored_value import refusals as no
from backend.stored_value.documents import (
    StoredValueAccount,
    StoredValueEntry,
    StoredValueGroup,
)
from backend.stored_value.rules import (
    CHANGES,
    CancelTerm,
    EntryKind,
    GroupState,
    Sums,
    ValueGroup,
    after,
    is_code,
)
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Posting:
    """An entry to be written: `by` is who does it, by the id this house knows them by."""

    kind: EntryKind
    fen: int
    at: datetime
    by: str
    venue: int | None = None
    booking: str | None = None
    reference: str | None = None


async def post(account: Row, posting: Posting, session: Session) -> int | Refusal:
    """Write an entry and change its account's sums; return the balance then, or why it is not."""
    changed = after(sums_in(account), posting.kind, posting.fen)
    if isinstance(changed, Refusal):
        return changed
    signs = CHANGES[posting.kind]
    written = {
        "$inc": {name: sign * posting.fen for name, sign in signs.items()},
        "$set": {"changed_at": posting.at},
    }
    accounts = StoredValueAccount.get_pymongo_collection()
    done = await accounts.find_one_and_update(
        guard(account, posting), written, return_document=ReturnDocument.AFTER, session=session
    )
    if done is None:
        return no.too_little(account["balance"])
    left: int = done["balance"]
    refund = posting.kind is EntryKind.REFUND
    entry = {
        "_id": random_identifier("sve"),
        "account": account["_id"],
        "resident_id": account["resident_id"],
        "group": account["group"],
        "kind": posting.kind.value,
        "fen": posting.fen,
        "after": left,
        "at": posting.at,
        "by": posting.by,
        "venue": posting.venue,
        "booking": posting.booking,
        "reference": posting.reference,
        "payee": await payee_at(account["resident_id"], posting.at, session) if refund else None,
    }
    known = {name: value for name, value in entry.items() if value is not None}
    await StoredValueEntry.get_pymongo_collection().insert_one(known, session=session)
    return left


def guard(account: Row, posting: Posting) -> dict[str, Any]:
    """Match an account only while what is taken from it is there."""
    least = posting.fen if CHANGES[posting.kind]["balance"] < 0 else 0
    return {"_id": account["_id"], "balance": {"$gte": least}}


async def account_of(resident_id: str, group: str, session: Session | None = None) -> Row | None:
    """Return what somebody has stored with a group."""
    wanted = {"resident_id": resident_id, "group": group}
    return await StoredValueAccount.get_pymongo_collection().find_one(wanted, session=session)


async def opened(resident_id: str, group: str, at: datetime, session: Session) -> Row:
    """Return somebody's account with a group, made if it is their first."""
    found = await account_of(resident_id, group, session)
    if found is not None:
        return found
    made = {
        "_id": random_identifier("sva"),
        "resident_id": resident_id,
        "group": group,
        **dict.fromkeys(("topped_up", "spent", "refunded", "balance"), 0),
        "opened_at": at,
        "changed_at": at,
    }
    await StoredValueAccount.get_pymongo_collection().insert_one(made, session=session)
    return made


async def paid_with(booking: str, kind: EntryKind, session: Session) -> Row | None:
    """Return the entry of a kind that is about a booking."""
    entries = StoredValueEntry.get_pymongo_collection()
    return await entries.find_one({"booking": booking, "kind": kind.value}, session=session)


async def topped_up_by(group: str, reference: str, session: Session) -> bool:
    """Tell whether a receipt was topped up already."""
    entries = StoredValueEntry.get_pymongo_collection()
    wanted = {"group": group, "reference": reference}
    return await entries.find_one(wanted, {"_id": 1}, session=session) is not None


async def group_of(code: str, session: Session | None = None) -> ValueGroup | Refusal:
    """Return a group of venues by its code."""
    if not is_code(code):
        return no.GROUP_UNKNOWN
    groups = StoredValueGroup.get_pymongo_collection()
    found = await groups.find_one({"_id": code}, session=session)
    return no.GROUP_UNKNOWN if found is None else group_in(found)


def sums_in(account: Row) -> Sums:
    """Return the sums of a stored account."""
    names = ("topped_up", "spent", "refunded", "balance")
    return Sums(**{name: account[name] for name in names})


def group_in(row: Row) -> ValueGroup:
    """Return a stored group."""
    return ValueGroup(
        code=row["_id"],
        name=LocalizedText(**row["name"]),
        venues=frozenset(row["venues"]),
        prices={one["plan"]: one["fen"] for one in row["prices"]},
        terms=tuple(CancelTerm(**one) for one in row["terms"]),
        state=GroupState(row["state"]),
    )
