"""What those who run the library network and its libraries change over GraphQL."""

from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal
from backend.library.importing import CatalogueImports, RowAnswer, RowOutcome
from backend.library.network import Library, LibraryNetwork, policy_in_force
from backend.library.rules import BookRow, DepositLevel, LendingPolicy
from shared.localized_text import LocalizedText

strawberry.enum(RowOutcome, name="LibraryRowOutcome")


@strawberry.type(name="LibraryDepositLevel", description="So many books for so much deposit.")
class DepositLevelAnswer:
    """A step of what a deposit stands for."""

    deposit_fen: int
    books: int


@strawberry.type(name="LibraryTerms", description="The network's terms; money in fen.")
class LibraryTermsAnswer:
    """Terms in force; loans keep the due dates they have."""

    levels: list[DepositLevelAnswer]
    loan_days: int
    renewals: int
    fine_fen: int
    fine_cap_fen: int
    blocked_from_fen: int
    shelf_days: int
    holds: int
    history_days: int


@strawberry.input(name="LibraryDepositLevelInput")
class DepositLevelInput:
    """A step of what a deposit stands for."""

    deposit_fen: int
    books: int


@strawberry.input(name="SetLibraryTermsInput")
class SetLibraryTermsInput:
    """All of the terms; `fineFen` is for a day, `fineCapFen` the most for one loan."""

    levels: list[DepositLevelInput]
    loan_days: int
    renewals: int
    fine_fen: int
    fine_cap_fen: int
    blocked_from_fen: int
    shelf_days: int
    holds: int
    history_days: int


@strawberry.input(name="PutLibraryInput")
class PutLibraryInput:
    """A library; `venue` is the number of the venue it is, whose staff are its librarians."""

    code: str
    name_zh: str
    name_en: str
    region: int
    venue: int


@strawberry.input(name="LibraryBookInput")
class LibraryBookInput:
    """A row of a list: a copy and what it is one of; without `record` the row itself names it."""

    barcode: str
    replacement_fen: int
    name: str
    author: str = ""
    publisher: str = ""
    year: int | None = None
    isbn: str = ""
    class_number: str = ""
    record: str | None = None


@strawberry.input(name="ImportLibraryTitlesInput")
class ImportLibraryTitlesInput:
    """A lot of a library's list, of 200 rows at most; `first` is the number of its first row."""

    idempotency_key: str
    library: str
    first: int = 1
    rows: list[LibraryBookInput]


@strawberry.type(name="LibraryRow")
class LibraryRowAnswer:
    """A row that was refused, by its number in the list."""

    row: int
    refusal: RefusalAnswer


@strawberry.type(name="LibraryImported")
class LibraryImported:
    """What became of a lot; `next` is the number of the row that is due next."""

    stored: int
    unchanged: int
    refused: list[LibraryRowAnswer]
    next: int


@strawberry.type(name="LibraryNetworkChanged")
class LibraryNetworkChanged:
    """How many members there are now."""

    members: int


LibraryTermsResult = Annotated[
    LibraryTermsAnswer | RefusalAnswer, strawberry.union("LibraryTermsResult")
]
LibraryImportResult = Annotated[
    LibraryImported | RefusalAnswer, strawberry.union("LibraryImportResult")
]
LibraryNetworkResult = Annotated[
    LibraryNetworkChanged | RefusalAnswer, strawberry.union("LibraryNetworkResult")
]


@strawberry.type
class LibraryNetworkQueries:
    """Questions about the network itself."""

    @strawberry.field
    async def library_terms(self) -> LibraryTermsAnswer:
        """Answer with the terms in force, before anybody borrows under them."""
        return _terms(await policy_in_force())


@strawberry.type
class LibraryNetworkMutations:
    """What is done to the network, its members and their catalogue."""

    @strawberry.mutation
    async def set_library_terms(
        self,
        info: OperationInfo,
        input: SetLibraryTermsInput,  # noqa: A002 - GraphQL's usual name
    ) -> LibraryTermsResult:
        """Put other terms in force."""
        levels = tuple(DepositLevel(one.deposit_fen, one.books) for one in input.levels)
        policy = LendingPolicy(
            *(levels, input.loan_days, input.renewals, input.fine_fen, input.fine_cap_fen),
            *(input.blocked_from_fen, input.shelf_days, input.holds, input.history_days),
        )
        refused = await info.context.services[LibraryNetwork].set_policy(
            info.context.caller, policy
        )
        return RefusalAnswer.of(refused) if refused else _terms(policy)

    @strawberry.mutation
    async def put_library(
        self,
        info: OperationInfo,
        input: PutLibraryInput,  # noqa: A002 - see above
    ) -> LibraryNetworkResult:
        """Take a library into the network, or change what it is called and where it is."""
        name = LocalizedText(input.name_zh, input.name_en)
        library = Library(input.code, name, input.region, input.venue)
        return await _changed(
            info, await info.context.services[LibraryNetwork].put(info.context.caller, [library])
        )

    @strawberry.mutation
    async def leave_library_network(
        self, info: OperationInfo, library: str
    ) -> LibraryNetworkResult:
        """Let a library leave; what it lent its members take back."""
        return await _changed(
            info, await info.context.services[LibraryNetwork].leave(info.context.caller, library)
        )

    @strawberry.mutation
    async def import_library_titles(
        self,
        info: OperationInfo,
        input: ImportLibraryTitlesInput,  # noqa: A002 - see above
    ) -> LibraryImportResult:
        """Take over a lot of a library's list, each row answered by itself."""
        rows = [
            BookRow(
                *(one.barcode, one.replacement_fen, one.name, one.author, one.publisher),
                *(one.year, one.isbn, one.class_number, one.record),
            )
            for one in input.rows
        ]
        done = await info.context.services[CatalogueImports].take_over(
            info.context.caller, input.idempotency_key, input.library, rows
        )
        return answer_of(done, lambda found: _imported(input, found))


async def _changed(info: OperationInfo, refused: Refusal | None) -> LibraryNetworkResult:
    if refused is not None:
        return RefusalAnswer.of(refused)
    members = await info.context.services[LibraryNetwork].members()
    return LibraryNetworkChanged(members=len(members))


def _imported(asked: ImportLibraryTitlesInput, rows: list[RowAnswer]) -> LibraryImported:
    outcomes = [one.outcome for one in rows]
    return LibraryImported(
        stored=outcomes.count(RowOutcome.STORED),
        unchanged=outcomes.count(RowOutcome.UNCHANGED),
        refused=[
            LibraryRowAnswer(
                row=asked.first + one.row,
                refusal=RefusalAnswer.of(one.refused),
            )
            for one in rows
            if one.refused is not None
        ],
        next=asked.first + len(rows),
    )


def _terms(policy: LendingPolicy) -> LibraryTermsAnswer:
    return LibraryTermsAnswer(
        levels=[
            DepositLevelAnswer(deposit_fen=one.deposit_fen, books=one.books)
            for one in policy.levels
        ],
        loan_days=policy.loan_days,
        renewals=policy.renewals,
        fine_fen=policy.fine_fen,
        fine_cap_fen=policy.fine_cap_fen,
        blocked_from_fen=policy.blocked_from_fen,
        shelf_days=policy.shelf_days,
        holds=policy.holds,
        history_days=policy.history_days,
    )
