"""What staff do with a journal that they carried out of a reader without a network."""

import base64
import binascii
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.foundation.answers import RefusalAnswer
from backend.foundation.refusals import Refusal
from backend.readers.carried_journals import CarriedJournals


@strawberry.input(name="TakeJournalInput")
class TakeJournalInput:
    """The file as the reader wrote it, in base64; larger ones go by the command `take-journal`."""

    file: str


@strawberry.type(name="JournalTaken")
class JournalTaken:
    """How many scans were booked, and the file of receipts to carry back, in base64."""

    terminal: strawberry.ID
    recorded: int
    duplicate: int
    rejected: int
    receipts: str


TakeJournalResult = Annotated[JournalTaken | RefusalAnswer, strawberry.union("TakeJournalResult")]


@strawberry.type
class CarriedJournalMutations:
    """What staff bring."""

    @strawberry.mutation
    async def take_journal(
        self,
        info: OperationInfo,
        input: TakeJournalInput,  # noqa: A002 - GraphQL's usual name
    ) -> TakeJournalResult:
        """导入离线记录: for staff of the reader's venue, and administrators."""
        try:
            data = base64.b64decode(input.file, validate=True)
        except (binascii.Error, ValueError):
            data = b""  # Who is not heard is told so first.
        journals, caller = info.context.services[CarriedJournals], info.context.caller
        taken = await journals.bring(caller, data)
        if isinstance(taken, Refusal):
            return RefusalAnswer.of(taken)
        return JournalTaken(
            terminal=strawberry.ID(taken.terminal_id),
            recorded=taken.recorded,
            duplicate=taken.duplicate,
            rejected=taken.rejected,
            receipts=base64.b64encode(taken.receipts).decode(),
        )
