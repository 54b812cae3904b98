"""What an act on a copy asks first, all of it in one read.

Read one by one it costs server and store several times as much. Each row is as the transaction has
it, whichever of them it was read with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.foundation.mongo import Session
from backend.library.documents import (
    LibraryCopy,
    LibraryHold,
    LibraryLoan,
    LibraryPatron,
    LibraryTitle,
    StoredLendingPolicy,
    StoredLibrary,
)
from backend.library.network import POLICY, policy_in
from backend.library.rules import HoldState, LendingPolicy

_LOAN, _PATRON, _TITLE, _POLICY = "its_loan", "its_patron", "its_title", "terms_in_force"
_LIBRARIES, _MEMBERS, _WAITING = "libraries", "members", "waiting"
_BESIDE = (_LOAN, _PATRON, _TITLE, _POLICY, _LIBRARIES, _MEMBERS, _WAITING)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InHand:
    """A copy and what decides about it.

    `loan` is what it is out for, `patron` the reader asked about, else the loan's; `members` are
    those of its home and the library it is at that have not left; `waiting` waited longest for it.
    """

    copy: Row
    name: str
    loan: Row | None
    patron: Row | None
    policy: LendingPolicy
    members: frozenset[str]
    waiting: Row | None


async def in_hand(
    barcode: str, here: str, session: Session, resident_id: str | None = None
) -> InHand | None:
    """Return a copy in hand at the library `here`; `resident_id` wants to borrow it."""
    stages: list[Row] = [
        {"$match": {"_id": barcode}},
        {"$set": {_LIBRARIES: ["$home", here]}},
        _beside(LibraryLoan, "loan", "_id", _LOAN),
        _whose(resident_id),
        _beside(LibraryTitle, "title", "_id", _TITLE, {"$project": {"name": 1}}),
        _beside(StoredLibrary, _LIBRARIES, "_id", _MEMBERS, {"$match": {"member": True}}),
        _lookup(StoredLendingPolicy, _POLICY, {"$match": {"_id": POLICY}}),
        *([] if resident_id is not None else [_queue()]),
    ]
    found = await LibraryCopy.get_pymongo_collection().aggregate(stages, session=session)
    rows = await found.to_list()
    if not rows:
        return None
    row = rows[0]
    title = _only(row, _TITLE)
    return InHand(
        copy={name: value for name, value in row.items() if name not in _BESIDE},
        name="" if title is None else title["name"],
        loan=_only(row, _LOAN),
        patron=_only(row, _PATRON),
        policy=policy_in(_only(row, _POLICY)),
        members=frozenset(one["_id"] for one in row[_MEMBERS]),
        waiting=_only(row, _WAITING),
    )


def _whose(resident_id: str | None) -> Row:
    if resident_id is None:
        return _beside(LibraryPatron, f"{_LOAN}.resident_id", "resident_id", _PATRON)
    return _lookup(LibraryPatron, _PATRON, {"$match": {"resident_id": resident_id}})


def _queue() -> Row:
    first = ({"$match": {"state": HoldState.WAITING.value}}, {"$sort": {"place": 1}}, {"$limit": 1})
    return _beside(LibraryHold, "title", "title", _WAITING, *first)


def _beside(document: Any, local: str, foreign: str, name: str, *stages: Row) -> Row:
    lookup = _lookup(document, name, *stages)["$lookup"]
    return {"$lookup": {**lookup, "localField": local, "foreignField": foreign}}


def _lookup(document: Any, name: str, *stages: Row) -> Row:
    return {
        "$lookup": {"from": document.get_collection_name(), "pipeline": list(stages), "as": name}
    }


def _only(row: Row, name: str) -> Row | None:
    return next(iter(row.get(name, ())), None)
