"""Titles and copies of one library, taken over from its list lot by lot.

Each row is answered by itself: stored, the same as before, or refused with what is wrong. A lot is
one write, once per key; sent again under another key its rows are answered as unchanged, so a list
that broke off is simply sent again.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act
from backend.foundation.refusals import Refusal
from backend.library import refusals as no
from backend.library.deeds import librarian
from backend.library.documents import LibraryCopy, LibraryTitle
from backend.library.network import (
    Copy,
    Row,
    Title,
    copy_write,
    not_librarian,
    title_in,
    title_write,
)
from backend.library.rules import BookRow, book_fault, title_code
from shared.clock import Clock

MOST_ROWS = 200
"""Of one lot: what one write holds without keeping others waiting."""
_TRIES = 3


class RowOutcome(StrEnum):
    """What became of a row."""

    STORED = "STORED"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """A row's answer; `row` counts from 0 in its lot."""

    row: int
    outcome: RowOutcome
    refused: Refusal | None = None


class CatalogueImports:
    """Takes lists of books over for libraries."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def take_over(
        self, caller: Caller | None, key: str, library: str, rows: Sequence[BookRow]
    ) -> list[RowAnswer] | Refusal:
        """Store a lot of a library's list, and answer its rows one by one."""
        refused = await not_librarian(caller, [library], Act.LIBRARY_CATALOGUE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        by, now = caller, self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            if not 1 <= len(rows) <= MOST_ROWS:
                return no.LOT_SIZE
            codes = await self._store(library, rows, session)
            deed = librarian(by, library).deed("library.catalogue", None, now)
            await audit.record(deed, session)
            return {"rows": codes}

        lot = json.dumps([asdict(one) for one in rows], sort_keys=True)
        request = {"act": "import titles", "library": library, "rows": lot}
        for _ in range(_TRIES):
            try:
                done = await self._once.perform(
                    caller=by.staff_id or "operator", key=key, request=request, now=now, act=act
                )
            except DuplicateKeyError:
                continue  # another library took the same barcode at this moment: it has it now
            return done if isinstance(done, Refusal) else _answers(done["rows"])
        return no.BUSY

    async def _store(self, library: str, rows: Sequence[BookRow], session: Session) -> list[str]:
        """Write what is right and new; return what became of each row, refusals by their names."""
        now = self._clock.now()
        sound = [row for row in rows if book_fault(row) is None]
        codes = [title_code(row) for row in sound]
        copies = await _known(LibraryCopy, [row.barcode for row in sound], session)
        known = await _known(LibraryTitle, codes, session)
        shared = await _of_others(library, codes, session)
        titles = {code: title_in(row) for code, row in known.items()}
        told, seen = [], set[str]()
        new_titles, new_copies = dict[str, Title](), list[Copy]()
        for row in rows:
            fault = _fault(row, seen, copies.get(row.barcode), library)
            if fault is not None:
                told.append(fault.code)
                continue
            seen.add(row.barcode)
            title, copy = _title(row), _copy(row, library)
            differs = titles.get(title.code) != title
            if differs and (title.code in shared or title.code in new_titles):
                told.append(no.TITLE_DIFFERS.code)
                continue
            if differs:
                titles[title.code] = new_titles[title.code] = title
            same = _is_same(copies.get(row.barcode), copy)
            if not same:
                new_copies.append(copy)
            told.append((RowOutcome.STORED if differs or not same else RowOutcome.UNCHANGED).value)
        for document, writes in (
            (LibraryTitle, [title_write(one) for one in new_titles.values()]),
            (LibraryCopy, [copy_write(one, now) for one in new_copies]),
        ):
            if writes:
                await document.get_pymongo_collection().bulk_write(writes, session=session)
        return told


def _title(row: BookRow) -> Title:
    return Title(
        *(title_code(row), row.name, row.author, row.publisher),
        *(row.year, row.isbn, row.class_number),
    )


def _copy(row: BookRow, library: str) -> Copy:
    return Copy(row.barcode, title_code(row), library, row.replacement_fen)


def _fault(row: BookRow, seen: Collection[str], known: Row | None, library: str) -> Refusal | None:
    fault = book_fault(row)
    if fault is not None:
        return fault
    if row.barcode in seen:
        return no.BARCODE_TWICE
    return no.COPY_OF_OTHERS if known is not None and known["home"] != library else None


def _is_same(known: Row | None, copy: Copy) -> bool:
    facts = ("title", "home", "replacement_fen")
    return known is not None and all(known[name] == getattr(copy, name) for name in facts)


async def _known(
    document: type[LibraryCopy | LibraryTitle], ids: Sequence[str], session: Session
) -> dict[str, Row]:
    collection = document.get_pymongo_collection()
    found = collection.find({"_id": {"$in": sorted(set(ids))}}, session=session)
    return {row["_id"]: row async for row in found}


async def _of_others(library: str, titles: Sequence[str], session: Session) -> frozenset[str]:
    """Return the titles of which another library has a copy too: theirs is the word as well."""
    elsewhere = {"title": {"$in": sorted(set(titles))}, "home": {"$ne": library}}
    found = LibraryCopy.get_pymongo_collection().find(elsewhere, {"title": 1}, session=session)
    return frozenset([row["title"] async for row in found])


def _answers(codes: Sequence[str]) -> list[RowAnswer]:
    outcomes = {one.value for one in RowOutcome}
    return [
        RowAnswer(place, RowOutcome(code))
        if code in outcomes
        else RowAnswer(place, RowOutcome.REFUSED, no.OF_ROWS[code])
        for place, code in enumerate(codes)
    ]
