"""How the library network is stored.

A title's `revision` moves with whatever touches its copies or its queue: of two such acts at once
one is done again on what the other left. `place` numbers its holds, first come first served.
"""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.library.rules import CopyState, FineKind, HoldState, LoanState


class StoredLibrary(Document):
    """A library of the network; its id is its institution code. `member`: it has not left.

    `venue` is the number of the venue it is; that venue's staff are its librarians.
    """

    id: str  # type: ignore[assignment]  # a text of our own
    name: dict[str, str]
    region: int
    venue: int
    member: bool
    settled: bool = True  # what followed from its leaving is done
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "libraries"
        indexes: ClassVar = [
            IndexModel([("member", ASCENDING), ("_id", ASCENDING)]),
            IndexModel("settled", name="unsettled", partialFilterExpression={"settled": False}),
        ]


class StoredLendingPolicy(Document):
    """The network's terms, as data."""

    id: str  # type: ignore[assignment]  # a text of our own
    terms: dict[str, Any]
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "library_policies"


class LibraryTitle(Document):
    """A bibliographic record; `grams` is what it is found by."""

    id: str  # type: ignore[assignment]  # a text of our own
    name: str
    author: str
    publisher: str = ""
    year: int | None = None
    isbn: str = ""
    class_number: str = ""
    grams: list[str]
    revision: int = 0
    place: int = 0

    class Settings:
        """Where it is stored."""

        name = "library_titles"
        keep_nulls = False
        indexes: ClassVar = [IndexModel([("grams", ASCENDING), ("_id", ASCENDING)])]


class LibraryCopy(Document):
    """A copy; its id is its barcode. `at`: where it is, or was last in hand; `to`: whither.

    `loan` and `hold` name what it is out for or kept for.
    """

    id: str  # type: ignore[assignment]  # a text of our own
    title: str
    home: str
    at: str
    state: CopyState
    replacement_fen: int
    to: str | None = None
    loan: str | None = None
    last_loan: str | None = None
    hold: str | None = None
    revision: int = 0
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "library_copies"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("title", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("home", ASCENDING), ("hold", ASCENDING)]),
        ]


class LibraryPatron(Document):
    """A reader; `number` is the reader number that machines may be shown instead of the card."""

    id: str  # type: ignore[assignment]  # a random text
    resident_id: str
    number: str
    deposit_fen: int = 0
    open_loans: int = 0
    open_holds: int = 0
    owed_fen: int = 0
    keeps_history: bool = False
    leaving: bool = False
    opened_at: datetime

    class Settings:
        """Where it is stored."""

        name = "library_patrons"
        indexes: ClassVar = [
            IndexModel("resident_id", unique=True),
            IndexModel("number", unique=True),
        ]


class LibraryLoan(Document):
    """A loan; `resident_id` is empty once it is forgotten whose it was (`forget_at`)."""

    id: str  # type: ignore[assignment]  # a random text
    resident_id: str
    copy_id: str
    title: str
    state: LoanState
    lent_at: datetime
    lent_in: str
    due_at: datetime
    renewals: int = 0
    terminal: str | None = None
    offline: bool = False
    ended_at: datetime | None = None
    returned_in: str | None = None
    forget_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "library_loans"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("resident_id", ASCENDING), ("state", ASCENDING), ("due_at", ASCENDING)]),
            IndexModel([("resident_id", ASCENDING), ("lent_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel(
                "forget_at",
                name="to_forget",
                partialFilterExpression={"forget_at": {"$exists": True}},
            ),
        ]


class LibraryHold(Document):
    """A hold on a title, the `place`-th of its queue."""

    id: str  # type: ignore[assignment]  # a random text
    resident_id: str
    title: str
    pickup: str
    place: int
    state: HoldState
    placed_at: datetime
    changed_at: datetime
    copy_id: str | None = None
    shelf_until: datetime | None = None
    why: str | None = None
    forget_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "library_holds"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("title", ASCENDING), ("state", ASCENDING), ("place", ASCENDING)]),
            IndexModel(
                [("resident_id", ASCENDING), ("placed_at", DESCENDING), ("_id", DESCENDING)]
            ),
            IndexModel([("pickup", ASCENDING), ("state", ASCENDING)]),
            IndexModel(
                "shelf_until",
                name="on_shelf",
                partialFilterExpression={"shelf_until": {"$exists": True}},
            ),
            # What somebody wanted to read is forgotten like what they read.
            IndexModel("forget_at", expireAfterSeconds=0),
        ]


class LibraryFine(Document):
    """What a reader owes or owed; once paid, forgotten like the loan it was for."""

    id: str  # type: ignore[assignment]  # a random text
    resident_id: str
    loan: str
    kind: FineKind
    fen: int
    paid_fen: int = 0
    open: bool = True
    at: datetime
    references: list[str]
    forget_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "library_fines"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("resident_id", ASCENDING), ("open", ASCENDING), ("at", ASCENDING)]),
            IndexModel("loan"),
            IndexModel(
                "forget_at",
                name="fines_to_forget",
                partialFilterExpression={"forget_at": {"$exists": True}},
            ),
        ]


class Sip2Terminal(Document):
    """A self-service machine; its id is its login name, `secret` a hash of what it was given.

    `checks_codes`: it checks the e-card's code itself, so what it says of it is taken.
    """

    id: str  # type: ignore[assignment]  # a text of our own
    library: str
    secret: bytes
    checks_codes: bool = False
    blocked: bool = False
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "sip2_terminals"
