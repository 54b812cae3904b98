"""What people's apps ask of the library network, and do there."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.page_answers import position_of
from backend.foundation.refusals import Refusal
from backend.library.account import ReaderAccount, ReaderAccounts
from backend.library.deeds import reader
from backend.library.fines import FineView
from backend.library.holds import Holds, HoldView
from backend.library.lending import Lending
from backend.library.loans import LoanView
from backend.library.network import FoundTitle, LibraryNetwork
from backend.library.patrons import Patrons
from backend.library.rules import FineKind, HoldState, LoanState, last_day
from shared.identifiers import is_identifier

strawberry.enum(LoanState, name="LibraryLoanState")
strawberry.enum(HoldState, name="LibraryHoldState")
strawberry.enum(FineKind, name="LibraryFineKind")


@strawberry.type(name="Library", description="A library that lends and takes back for all.")
class LibraryAnswer:
    """A member library."""

    code: str
    name: LocalizedTextAnswer
    region: str


@strawberry.type(name="LibraryTitle", description="A title, and where a copy can be had.")
class LibraryTitleAnswer:
    """A title; `availableIn` are libraries' codes."""

    id: strawberry.ID
    name: str
    author: str
    publisher: str
    year: int | None
    isbn: str
    class_number: str
    copies: int
    available_in: list[str]


@strawberry.type(name="LibraryTitleConnection", description="A page of titles.")
class LibraryTitleConnection:
    """A page of titles; `after` takes `endCursor`."""

    nodes: list[LibraryTitleAnswer]
    has_next_page: bool
    end_cursor: str | None


@strawberry.type(name="LibraryLoan", description="A loan; it may be returned on its last day.")
class LibraryLoanAnswer:
    """A loan."""

    id: strawberry.ID
    barcode: str
    title: strawberry.ID
    name: str
    state: LoanState
    lent_at: datetime
    lent_in: str
    last_day: date
    renewals: int
    ended_at: datetime | None


@strawberry.type(name="LibraryHold", description="A hold; `ahead` so many wait before.")
class LibraryHoldAnswer:
    """A hold."""

    id: strawberry.ID
    title: strawberry.ID
    name: str
    pickup: str
    state: HoldState
    placed_at: datetime
    ahead: int
    shelf_until: datetime | None
    why: str | None


@strawberry.type(name="LibraryFine", description="What is owed for a loan.")
class LibraryFineAnswer:
    """A fine."""

    id: strawberry.ID
    loan: strawberry.ID
    kind: FineKind
    fen: int
    paid_fen: int
    at: datetime


@strawberry.type(name="LibraryAccount", description="A reader; no number before the first loan.")
class LibraryAccountAnswer:
    """A reader as they stand; `blocked` says why nothing is lent."""

    number: str | None
    limit: int
    owed_fen: int
    deposit_fen: int
    blocked: RefusalAnswer | None
    keeps_history: bool
    loans: list[LibraryLoanAnswer]
    holds: list[LibraryHoldAnswer]
    fines: list[LibraryFineAnswer]
    history: list[LibraryLoanAnswer]


@strawberry.type(name="LibraryLoanChanged")
class LibraryLoanChanged:
    """A loan that was made or changed."""

    loan: LibraryLoanAnswer
    server_time: datetime


@strawberry.type(name="LibraryHoldChanged")
class LibraryHoldChanged:
    """A hold that was placed or ended."""

    hold: LibraryHoldAnswer
    server_time: datetime


@strawberry.type(name="LibraryHistoryKept")
class LibraryHistoryKept:
    """Whether history is kept from now on."""

    keeps_history: bool


@strawberry.input(name="LibraryLoanInput")
class LibraryLoanInput:
    """Which loan."""

    idempotency_key: str
    loan: strawberry.ID


@strawberry.input(name="PlaceLibraryHoldInput")
class PlaceLibraryHoldInput:
    """Which title, to be picked up where."""

    idempotency_key: str
    title: strawberry.ID
    pickup: str


@strawberry.input(name="LibraryHoldInput")
class LibraryHoldInput:
    """Which hold."""

    idempotency_key: str
    hold: strawberry.ID


@strawberry.input(name="KeepLibraryHistoryInput")
class KeepLibraryHistoryInput:
    """Whether what was returned stays in one's own list; false forgets it at once."""

    idempotency_key: str
    keep: bool


LibraryAccountResult = Annotated[
    LibraryAccountAnswer | RefusalAnswer, strawberry.union("LibraryAccountResult")
]
LibraryLoanResult = Annotated[
    LibraryLoanChanged | RefusalAnswer, strawberry.union("LibraryLoanResult")
]
LibraryHoldResult = Annotated[
    LibraryHoldChanged | RefusalAnswer, strawberry.union("LibraryHoldResult")
]
LibraryHistoryResult = Annotated[
    LibraryHistoryKept | RefusalAnswer, strawberry.union("LibraryHistoryResult")
]


@strawberry.type
class LibraryQueries:
    """Questions about libraries."""

    @strawberry.field
    async def libraries(self, info: OperationInfo) -> list[LibraryAnswer]:
        """Answer with the network's members."""
        return [
            LibraryAnswer(
                code=one.code, name=LocalizedTextAnswer.of(one.name), region=f"{one.region:06}"
            )
            for one in await info.context.services[LibraryNetwork].members()
        ]

    @strawberry.field
    async def library_titles(
        self, info: OperationInfo, text: str, first: int = 20, after: str | None = None
    ) -> LibraryTitleConnection:
        """Answer with titles in which all words of `text` stand; `after` is an `endCursor`."""
        position_of(first, None)
        place = after if after is not None and is_identifier(after) else None
        page = await info.context.services[LibraryNetwork].search(text, first, place)
        nodes = list(map(_title, page.rows))
        end = str(nodes[-1].id) if nodes else None
        return LibraryTitleConnection(nodes=nodes, has_next_page=page.has_more, end_cursor=end)

    @strawberry.field
    async def library_account(self, info: OperationInfo) -> LibraryAccountResult:
        """Answer with what the caller has out, waits for and owes."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        return account_answer(await info.context.services[ReaderAccounts].own(asking.resident_id))


@strawberry.type
class LibraryMutations:
    """What readers do."""

    @strawberry.mutation
    async def renew_library_loan(
        self,
        info: OperationInfo,
        input: LibraryLoanInput,  # noqa: A002 - GraphQL's usual name
    ) -> LibraryLoanResult:
        """Renew a loan of the caller's that nobody waits for."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        renewed = await info.context.services[Lending].renew(
            reader(asking), input.idempotency_key, input.loan, asking.resident_id
        )
        return loan_changed(info, renewed)

    @strawberry.mutation
    async def place_library_hold(
        self,
        info: OperationInfo,
        input: PlaceLibraryHoldInput,  # noqa: A002 - see above
    ) -> LibraryHoldResult:
        """Wait for a title, to be picked up at a member library."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        refused = await info.context.services[Patrons].refusal_of(asking.card)
        if refused is not None:
            return RefusalAnswer.of(refused)
        held = await info.context.services[Holds].place(
            reader(asking), input.idempotency_key, asking.resident_id, input.title, input.pickup
        )
        return _hold_changed(info, held)

    @strawberry.mutation
    async def cancel_library_hold(
        self,
        info: OperationInfo,
        input: LibraryHoldInput,  # noqa: A002 - see above
    ) -> LibraryHoldResult:
        """Wait no longer."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        ended = await info.context.services[Holds].cancel(
            reader(asking), input.idempotency_key, input.hold, asking.resident_id
        )
        return _hold_changed(info, ended)

    @strawberry.mutation
    async def keep_library_history(
        self,
        info: OperationInfo,
        input: KeepLibraryHistoryInput,  # noqa: A002 - see above
    ) -> LibraryHistoryResult:
        """Choose whether what was read stays in one's own list."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        kept = await info.context.services[ReaderAccounts].keep_history(
            reader(asking), input.idempotency_key, asking.resident_id, keep=input.keep
        )
        return answer_of(kept, lambda keeps: LibraryHistoryKept(keeps_history=keeps))


def loan_changed(info: OperationInfo, found: LoanView | Refusal) -> LibraryLoanResult:
    """Return a loan that was made or changed, or why not."""
    now = info.context.clock.now()
    return answer_of(found, lambda one: LibraryLoanChanged(loan=_loan(one), server_time=now))


def account_answer(account: ReaderAccount) -> LibraryAccountAnswer:
    """Return a reader's account as an answer."""
    why = account.blocked
    return LibraryAccountAnswer(
        number=account.number,
        limit=account.limit,
        owed_fen=account.facts.owed_fen,
        deposit_fen=account.facts.deposit_fen,
        blocked=None if why is None else RefusalAnswer.of(why),
        keeps_history=account.keeps_history,
        loans=list(map(_loan, account.loans)),
        holds=list(map(_hold, account.holds)),
        fines=list(map(_fine, account.fines)),
        history=list(map(_loan, account.history)),
    )


def _hold_changed(info: OperationInfo, found: HoldView | Refusal) -> LibraryHoldResult:
    now = info.context.clock.now()
    return answer_of(found, lambda one: LibraryHoldChanged(hold=_hold(one), server_time=now))


def _title(one: FoundTitle) -> LibraryTitleAnswer:
    title = one.title
    return LibraryTitleAnswer(
        id=strawberry.ID(title.code),
        name=title.name,
        author=title.author,
        publisher=title.publisher,
        year=title.year,
        isbn=title.isbn,
        class_number=title.class_number,
        copies=one.copies,
        available_in=list(one.available_in),
    )


def _loan(one: LoanView) -> LibraryLoanAnswer:
    return LibraryLoanAnswer(
        id=strawberry.ID(one.loan_id),
        barcode=one.copy_id,
        title=strawberry.ID(one.title),
        name=one.name,
        state=one.state,
        lent_at=one.lent_at,
        lent_in=one.lent_in,
        last_day=last_day(one.due_at),
        renewals=one.renewals,
        ended_at=one.ended_at,
    )


def _hold(one: HoldView) -> LibraryHoldAnswer:
    return LibraryHoldAnswer(
        id=strawberry.ID(one.hold_id),
        title=strawberry.ID(one.title),
        name=one.name,
        pickup=one.pickup,
        state=one.state,
        placed_at=one.placed_at,
        ahead=one.ahead,
        shelf_until=one.shelf_until,
        why=one.why,
    )


def _fine(one: FineView) -> LibraryFineAnswer:
    return LibraryFineAnswer(
        id=strawberry.ID(one.fine_id),
        loan=strawberry.ID(one.loan_id),
        kind=one.kind,
        fen=one.fen,
        paid_fen=one.paid_fen,
        at=one.at,
    )
