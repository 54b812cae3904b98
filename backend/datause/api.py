"""What people's apps ask about the use of their data."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry.types import Info

from backend.datause.service import DataUse, DataUseFacts
from backend.foundation.answers import LocalizedTextAnswer, OperationRefused
from backend.foundation.operations import OperationContext
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.pages import Page
from backend.foundation.refusals import Refusal


@strawberry.enum(name="DataUseResult")
class DataUseResult(Enum):
    """How a use of somebody's data ended."""

    DONE = "done"
    REFUSED = "refused"


@strawberry.type(name="DataUse", description="`mandate`: by which a delegate had it done.")
class DataUseAnswer:
    """One use, in the fields of Estonia's data tracker."""

    id: strawberry.ID
    logtime: datetime
    action: LocalizedTextAnswer
    receiver_code: str
    receiver_name: LocalizedTextAnswer
    receiver_system: str
    result: DataUseResult
    mandate: strawberry.ID | None


@strawberry.type(name="DataUseConnection", description="A page of uses, newest first.")
class DataUseConnection:
    """A page of uses."""

    nodes: list[DataUseAnswer]
    page_info: PageInfo


@strawberry.type
class DataUseQueries:
    """Questions about the use of the caller's data."""

    @strawberry.field
    async def data_use(
        self,
        info: Info[OperationContext, None],
        first: int = 20,
        after: str | None = None,
        subject: strawberry.ID | None = None,
    ) -> DataUseConnection:
        """Answer with a page of the uses of the caller's data."""
        position = position_of(first, after)
        context = info.context
        page = await context.services[DataUse].page(context.caller, subject, first, position)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        return _connection(page)


def _connection(page: Page[DataUseFacts]) -> DataUseConnection:
    return DataUseConnection(
        nodes=[_answer(use) for use in page.rows],
        page_info=PageInfo.of(page),
    )


def _answer(use: DataUseFacts) -> DataUseAnswer:
    return DataUseAnswer(
        id=strawberry.ID(use.row_id),
        logtime=use.logtime,
        action=LocalizedTextAnswer.of(use.action),
        receiver_code=use.receiver_code,
        receiver_name=LocalizedTextAnswer.of(use.receiver_name),
        receiver_system=use.receiver_system,
        result=DataUseResult.DONE if use.done else DataUseResult.REFUSED,
        mandate=None if use.mandate is None else strawberry.ID(use.mandate),
    )
