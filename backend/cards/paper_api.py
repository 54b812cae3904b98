"""How a code on paper 纸质当日码 is asked for, by holders, those who act for them, and clerks."""

import base64
from datetime import date, datetime
from functools import partial
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, holder_asking
from backend.cards.documents import PaperMaker
from backend.cards.paper_codes import PaperCodes, PaperFacts, Sheet
from backend.foundation.answers import RefusalAnswer
from backend.foundation.printing import Printer
from backend.foundation.refusals import Refusal

strawberry.enum(PaperMaker)


@strawberry.type(name="PaperCode", description="A card's code on paper for one local day.")
class PaperCodeAnswer:
    """A code on paper; it counts while it is `live` and not `over`."""

    id: strawberry.ID
    day: date
    made_at: datetime
    made_by: PaperMaker
    ends_at: datetime
    live: bool
    over: bool

    @classmethod
    def of(cls, facts: PaperFacts) -> "PaperCodeAnswer":
        """Return a code on paper as an answer."""
        return cls(
            id=strawberry.ID(facts.id),
            day=facts.day,
            made_at=facts.made_at,
            made_by=facts.made_by,
            ends_at=facts.ends_at,
            live=facts.live,
            over=facts.over,
        )


@strawberry.type(name="PaperCodeMade")
class PaperCodeMade:
    """A code that was put on paper; `pdf` is base64 of the sheet to print."""

    paper_code: PaperCodeAnswer
    pdf: str


@strawberry.type(name="PaperCodeList")
class PaperCodeList:
    """A card's codes on paper, the latest first."""

    paper_codes: list[PaperCodeAnswer]


@strawberry.type(name="PaperCodeRevoked")
class PaperCodeRevoked:
    """A code on paper that counts no more."""

    paper_code: PaperCodeAnswer


@strawberry.input(name="MakePaperCodeInput")
class MakePaperCodeInput:
    """For which local day."""

    idempotency_key: str
    day: date


@strawberry.input(name="PaperCodeAtCounterInput")
class PaperCodeAtCounterInput:
    """For whom and which day, and that the clerk compared the person with their document."""

    idempotency_key: str
    resident_id: strawberry.ID
    day: date
    document_checked: bool


@strawberry.input(name="RevokePaperCodeInput")
class RevokePaperCodeInput:
    """Which, by the id that `paperCodes` gives."""

    idempotency_key: str
    id: strawberry.ID


PaperCodesResult = Annotated[PaperCodeList | RefusalAnswer, strawberry.union("PaperCodesResult")]
MakePaperCodeResult = Annotated[
    PaperCodeMade | RefusalAnswer, strawberry.union("MakePaperCodeResult")
]
RevokePaperCodeResult = Annotated[
    PaperCodeRevoked | RefusalAnswer, strawberry.union("RevokePaperCodeResult")
]


@strawberry.type
class PaperCodeQueries:
    """Questions about codes on paper."""

    @strawberry.field
    async def paper_codes(self, info: OperationInfo) -> PaperCodesResult:
        """Answer with the asking holder's codes on paper."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        found = await info.context.services[PaperCodes].of(asking)
        return PaperCodeList(paper_codes=[PaperCodeAnswer.of(one) for one in found])


@strawberry.type
class PaperCodeMutations:
    """Putting codes on paper, and taking them back."""

    @strawberry.mutation
    async def make_paper_code(
        self,
        info: OperationInfo,
        input: MakePaperCodeInput,  # noqa: A002 - GraphQL's usual name
    ) -> MakePaperCodeResult:
        """Put the asking holder's code on paper; a print voids the one before of the day."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        papers = info.context.services[PaperCodes]
        return await _printed(info, await papers.make(asking, input.idempotency_key, input.day))

    @strawberry.mutation
    async def make_paper_code_at_counter(
        self,
        info: OperationInfo,
        input: PaperCodeAtCounterInput,  # noqa: A002 - see above
    ) -> MakePaperCodeResult:
        """Put the code of whoever stands at the counter on paper: for clerks."""
        sheet = await info.context.services[PaperCodes].make_at_counter(
            info.context.caller,
            input.idempotency_key,
            input.resident_id,
            input.day,
            document_checked=input.document_checked,
        )
        return await _printed(info, sheet)

    @strawberry.mutation
    async def revoke_paper_code(
        self,
        info: OperationInfo,
        input: RevokePaperCodeInput,  # noqa: A002 - see above
    ) -> RevokePaperCodeResult:
        """Let no reader take a paper any more."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        papers = info.context.services[PaperCodes]
        found = await papers.revoke(asking, input.idempotency_key, input.id)
        if isinstance(found, Refusal):
            return RefusalAnswer.of(found)
        return PaperCodeRevoked(paper_code=PaperCodeAnswer.of(found))


async def _printed(info: OperationInfo, sheet: Sheet | Refusal) -> PaperCodeMade | RefusalAnswer:
    if isinstance(sheet, Refusal):
        return RefusalAnswer.of(sheet)
    # fpdf2 takes as long to import as all the rest, and most servers print nothing.
    from backend.cards.paper_sheet import print_sheet  # noqa: PLC0415

    pdf = await info.context.services[Printer].print(partial(print_sheet, sheet))
    return PaperCodeMade(
        paper_code=PaperCodeAnswer.of(sheet.facts), pdf=base64.b64encode(pdf).decode()
    )
