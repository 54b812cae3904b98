"""What librarians do at a counter."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal
from backend.library.account import ReaderAccounts
from backend.library.api import (
    LibraryAccountResult,
    LibraryLoanResult,
    account_answer,
    loan_changed,
)
from backend.library.counter import LibraryCounter
from backend.library.returning import Returned, Returning
from backend.library.rules import CopyState

strawberry.enum(CopyState, name="LibraryCopyState")


@strawberry.type(name="LibraryReturned", description="A copy in hand, and where it goes.")
class LibraryReturned:
    """A copy that was taken back; `to` is a library's code while it travels."""

    barcode: str
    name: str
    state: CopyState
    to: str | None
    home: str
    was_lent: bool
    fen: int
    server_time: datetime


@strawberry.type(name="LibraryOwed")
class LibraryOwed:
    """What is still owed, or the deposit left, after a payment."""

    fen: int


@strawberry.input(name="LendLibraryCopyInput")
class LendLibraryCopyInput:
    """`shown`: reader number, the chip's identification code, or E and the e-card's index."""

    idempotency_key: str
    library: str
    shown: str
    barcode: str


@strawberry.input(name="TakeBackLibraryCopyInput")
class TakeBackLibraryCopyInput:
    """Which copy, at which library."""

    idempotency_key: str
    library: str
    barcode: str


@strawberry.input(name="LoseLibraryLoanInput")
class LoseLibraryLoanInput:
    """Which loan's book is lost; `fen` where another sum than the copy's price is due."""

    idempotency_key: str
    loan: strawberry.ID
    fen: int | None = None


@strawberry.input(name="LibraryMoneyInput")
class LibraryMoneyInput:
    """Money of whoever was shown as above; `reference` is the receipt's number."""

    idempotency_key: str
    shown: str
    fen: int
    reference: str


LibraryReturnResult = Annotated[
    LibraryReturned | RefusalAnswer, strawberry.union("LibraryReturnResult")
]
LibraryMoneyResult = Annotated[LibraryOwed | RefusalAnswer, strawberry.union("LibraryMoneyResult")]


@strawberry.type
class LibraryStaffQueries:
    """Questions of librarians."""

    @strawberry.field
    async def library_reader(self, info: OperationInfo, shown: str) -> LibraryAccountResult:
        """Answer with a reader's account; they find that it was read."""
        service = info.context.services[ReaderAccounts]
        return answer_of(await service.for_staff(info.context.caller, shown), account_answer)


@strawberry.type
class LibraryStaffMutations:
    """What librarians do."""

    @strawberry.mutation
    async def lend_library_copy(
        self,
        info: OperationInfo,
        input: LendLibraryCopyInput,  # noqa: A002 - GraphQL's usual name
    ) -> LibraryLoanResult:
        """Lend a copy to whoever shows a card."""
        lent = await info.context.services[LibraryCounter].lend(
            info.context.caller, input.idempotency_key, input.library, input.shown, input.barcode
        )
        return loan_changed(info, lent)

    @strawberry.mutation
    async def take_back_library_copy(
        self,
        info: OperationInfo,
        input: TakeBackLibraryCopyInput,  # noqa: A002 - see above
    ) -> LibraryReturnResult:
        """Take a copy back, and tell where it goes."""
        back = await info.context.services[LibraryCounter].take_back(
            info.context.caller, input.idempotency_key, input.library, input.barcode
        )
        return answer_of(back, lambda found: _returned(info, found))

    @strawberry.mutation
    async def lose_library_loan(
        self,
        info: OperationInfo,
        input: LoseLibraryLoanInput,  # noqa: A002 - see above
    ) -> LibraryLoanResult:
        """Record that a book is lost."""
        lost = await info.context.services[Returning].lose(
            info.context.caller, input.idempotency_key, input.loan, input.fen
        )
        return loan_changed(info, lost)

    @strawberry.mutation
    async def pay_library_fines(
        self,
        info: OperationInfo,
        input: LibraryMoneyInput,  # noqa: A002 - see above
    ) -> LibraryMoneyResult:
        """Note what was paid at the counter."""
        left = await info.context.services[LibraryCounter].pay(
            *(info.context.caller, input.idempotency_key, input.shown),
            *(input.fen, input.reference),
        )
        return _owed(left)

    @strawberry.mutation
    async def put_library_deposit(
        self,
        info: OperationInfo,
        input: LibraryMoneyInput,  # noqa: A002 - see above
    ) -> LibraryMoneyResult:
        """Note the deposit that a reader leaves from now on."""
        left = await info.context.services[LibraryCounter].put_deposit(
            *(info.context.caller, input.idempotency_key, input.shown),
            *(input.fen, input.reference),
        )
        return _owed(left)


def _owed(found: int | Refusal) -> LibraryOwed | RefusalAnswer:
    return RefusalAnswer.of(found) if isinstance(found, Refusal) else LibraryOwed(fen=found)


def _returned(info: OperationInfo, found: Returned) -> LibraryReturned:
    return LibraryReturned(
        barcode=found.barcode,
        name=found.name,
        state=found.state,
        to=found.to,
        home=found.home,
        was_lent=found.loan is not None,
        fen=found.fen,
        server_time=info.context.clock.now(),
    )
