"""The network itself: member libraries, the terms, the catalogue and its copies."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.mongo import Session, UpdateOne
from backend.foundation.pages import Page, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may, may_at
from backend.foundation.refusals import Refusal
from backend.library import refusals as no
from backend.library.deeds import librarian
from backend.library.documents import (
    LibraryCopy,
    LibraryTitle,
    StoredLendingPolicy,
    StoredLibrary,
)
from backend.library.rules import (
    MOST_GRAMS,
    CopyState,
    DepositLevel,
    LendingPolicy,
    grams,
    is_barcode,
    is_library_code,
)
from shared.clock import Clock
from shared.identifiers import is_identifier
from shared.localized_text import LocalizedText

POLICY = "network"
_MOST_TEXT = 200
_LARGEST_REGION, _LARGEST_VENUE = 999_999, 65_535
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Library:
    """A library; `code` is its institution id, also on the wire of machines; `venue` its number."""

    code: str
    name: LocalizedText
    region: int
    venue: int


@dataclass(frozen=True, slots=True)
class Title:
    """A bibliographic record."""

    code: str
    name: str
    author: str
    publisher: str = ""
    year: int | None = None
    isbn: str = ""
    class_number: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy to be put into the network; `replacement_fen` is owed for it when lost."""

    barcode: str
    title: str
    home: str
    replacement_fen: int


@dataclass(frozen=True, slots=True)
class FoundTitle:
    """A title, how many copies members lend, and the libraries where one is on the shelves."""

    title: Title
    copies: int
    available_in: tuple[str, ...]


class LibraryNetwork:
    """Knows members, terms and catalogue."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def put(
        self,
        caller: Caller | None,
        libraries: Sequence[Library] = (),
        titles: Sequence[Title] = (),
        copies: Sequence[Copy] = (),
    ) -> Refusal | None:
        """Describe libraries, titles and copies; what is known already keeps how it stands."""
        refused = may(caller, Act.LIBRARY_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        whole = (
            all(map(_is_whole, libraries))
            and all(is_identifier(one.code) and one.name for one in titles)
            and all(is_barcode(one.barcode) and one.replacement_fen >= 0 for one in copies)
        )
        if not whole:
            return no.RECORD_FORM
        now = self._clock.now()
        for document, writes in (
            (StoredLibrary, [self._library(one) for one in libraries]),
            (LibraryTitle, [title_write(one) for one in titles]),
            (LibraryCopy, [copy_write(one, now) for one in copies]),
        ):
            if writes:
                await document.get_pymongo_collection().bulk_write(writes, ordered=False)
        await audit.record_read(librarian(caller).deed("library.network", None, now))
        return None

    async def leave(self, caller: Caller | None, code: str) -> Refusal | None:
        """Take a library out of the network; what follows for holds the sweep does.

        What was lent stays lent as it was: members take it back for as long as it is out.
        """
        refused = may(caller, Act.LIBRARY_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        now = self._clock.now()
        deed = librarian(caller, code).deed("library.left", None, now)

        async def act(session: Session) -> Refusal | None:
            done = await StoredLibrary.get_pymongo_collection().update_one(
                {"_id": code, "member": True},
                {"$set": {"member": False, "settled": False, "changed_at": now}},
                session=session,
            )
            if done.matched_count == 0:
                return no.LIBRARY_UNKNOWN
            await audit.record(deed, session)
            return None

        return await audit.in_one_write(act) if is_library_code(code) else no.LIBRARY_UNKNOWN

    async def members(self) -> list[Library]:
        """Return the members, by their codes."""
        found = StoredLibrary.get_pymongo_collection().find({"member": True}).sort("_id", 1)
        return [
            Library(row["_id"], LocalizedText(**row["name"]), row["region"], row["venue"])
            async for row in found
        ]

    async def set_policy(self, caller: Caller | None, policy: LendingPolicy) -> Refusal | None:
        """Put other terms in force; loans keep the due dates they have."""
        refused = may(caller, Act.LIBRARY_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        if not policy.sound:
            return no.RECORD_FORM
        now = self._clock.now()
        terms = {"$set": {"terms": asdict(policy), "changed_at": now}}
        deed = librarian(caller).deed("library.terms", None, now)

        async def act(session: Session) -> None:
            await StoredLendingPolicy.get_pymongo_collection().update_one(
                {"_id": POLICY}, terms, upsert=True, session=session
            )
            await audit.record(deed, session)

        await audit.in_one_write(act)
        return None

    async def search(self, text: str, first: int, after: str | None) -> Page[FoundTitle]:
        """Return a page of titles in which every word of `text` stands; `after` is a title."""
        wanted: dict[str, Any] = {"grams": {"$all": grams(text[:_MOST_TEXT])[:MOST_GRAMS]}}
        if not wanted["grams"]["$all"]:
            return Page([], has_more=False)
        if after is not None:
            wanted["_id"] = {"$gt": after}
        found = LibraryTitle.get_pymongo_collection().find(wanted).sort("_id", 1).limit(first + 1)
        page = cut_page([title_in(row) async for row in found], first)
        return Page(await self._with_copies(page.rows), page.has_more)

    async def _with_copies(self, titles: Sequence[Title]) -> list[FoundTitle]:
        lending = [one.code for one in await self.members()]
        rows = LibraryCopy.get_pymongo_collection().find(
            {
                "title": {"$in": [one.code for one in titles]},
                "state": {"$nin": [CopyState.LOST.value, CopyState.WITHDRAWN.value]},
                "home": {"$in": lending},
            },
            {"title": 1, "state": 1, "at": 1},
        )
        copies: dict[str, list[Row]] = {one.code: [] for one in titles}
        async for row in rows:
            copies[row["title"]].append(row)
        return [FoundTitle(one, len(copies[one.code]), _where(copies[one.code])) for one in titles]

    def _library(self, one: Library) -> UpdateOne:
        name = {"zh": one.name.zh, "en": one.name.en}
        new = {"member": True, "settled": True, "changed_at": self._clock.now()}
        return UpdateOne(
            {"_id": one.code},
            {
                "$set": {"name": name, "region": one.region, "venue": one.venue},
                "$setOnInsert": new,
            },
            upsert=True,
        )


async def policy_in_force(session: Session | None = None) -> LendingPolicy:
    """Return the terms in force; the defaults until others are set."""
    found = await StoredLendingPolicy.get_pymongo_collection().find_one(
        {"_id": POLICY}, session=session
    )
    return policy_in(found)


def policy_in(row: Row | None) -> LendingPolicy:
    """Return stored terms; the defaults where there are none."""
    if row is None:
        return LendingPolicy()
    levels = tuple(DepositLevel(**one) for one in row["terms"]["levels"])
    return LendingPolicy(**{**row["terms"], "levels": levels})


async def not_librarian(
    caller: Caller | None,
    libraries: Collection[str] | None = None,
    what: Act = Act.LIBRARY_LEND,
) -> Refusal | None:
    """Return why `caller` may not serve readers at one of `libraries`, or None where they may.

    Without `libraries`, at any member: what a reader owes and has out is the whole network's.
    A library that is named and has left still has its staff: what it lent comes back.
    """
    refused = may(caller, what)
    if refused is not None:
        return refused
    wanted: dict[str, Any] = {"member": True}
    if libraries is not None:
        wanted = {"_id": {"$in": sorted(filter(is_library_code, libraries))}}
    found = StoredLibrary.get_pymongo_collection().find(wanted, {"venue": 1})
    venues = [row["venue"] async for row in found]
    if libraries is not None and not venues:
        return no.LIBRARY_UNKNOWN
    return may_at(caller, what, venues)


async def members_among(codes: Iterable[str], session: Session | None = None) -> frozenset[str]:
    """Return which of some libraries are members."""
    wanted = {"_id": {"$in": sorted({one for one in codes if one})}, "member": True}
    found = StoredLibrary.get_pymongo_collection().find(wanted, {"_id": 1}, session=session)
    return frozenset([row["_id"] async for row in found])


async def titles_of(codes: Iterable[str]) -> dict[str, Title]:
    """Return titles by their codes, in one read."""
    found = LibraryTitle.get_pymongo_collection().find({"_id": {"$in": sorted(set(codes))}})
    return {row["_id"]: title_in(row) async for row in found}


def title_in(row: Row) -> Title:
    """Return a stored title."""
    fields = ("name", "author", "publisher", "year", "isbn", "class_number")
    return Title(row["_id"], **{name: row[name] for name in fields if name in row})


def copy_write(one: Copy, now: datetime) -> UpdateOne:
    """Return the write of a copy; where it is and whom it is lent to stay as they are."""
    new = {"at": one.home, "state": CopyState.AVAILABLE.value, "revision": 0, "changed_at": now}
    facts = {"title": one.title, "home": one.home, "replacement_fen": one.replacement_fen}
    return UpdateOne({"_id": one.barcode}, {"$set": facts, "$setOnInsert": new}, upsert=True)


def _is_whole(one: Library) -> bool:
    names = (one.name.zh, one.name.en)
    return (
        is_library_code(one.code)
        and all(1 <= len(name.strip()) <= _MOST_TEXT and name.isprintable() for name in names)
        and 1 <= one.region <= _LARGEST_REGION
        and 1 <= one.venue <= _LARGEST_VENUE
    )


def title_write(one: Title) -> UpdateOne:
    """Return the write of a title; what is held of it stays."""
    facts = {name: value for name, value in asdict(one).items() if name != "code"}
    facts = {name: value for name, value in facts.items() if value is not None}
    gone = {"$unset": {"year": ""}} if one.year is None else {}
    found_by = grams(f"{one.name} {one.author} {one.isbn}")
    return UpdateOne(
        {"_id": one.code},
        {"$set": {**facts, "grams": found_by}, "$setOnInsert": {"revision": 0, "place": 0}, **gone},
        upsert=True,
    )


def _where(copies: Sequence[Row]) -> tuple[str, ...]:
    return tuple(sorted({row["at"] for row in copies if row["state"] == CopyState.AVAILABLE}))
