"""What every paged GraphQL field shares: how a page is asked for, and where the next begins."""

from typing import Protocol

import strawberry

from backend.foundation.answers import OperationRefused
from backend.foundation.operation_limits import MAX_PAGE
from backend.foundation.pages import InvalidCursor, Page, Position
from backend.foundation.refusals import refusal

PAGE_SIZE = refusal(
    "page_size",
    (f"每页应为1至{MAX_PAGE}条。", f"A page has 1 to {MAX_PAGE} rows."),
    ("请更新应用后再试。", "Update the app and try again."),
)
CURSOR_UNKNOWN = refusal(
    "cursor_unknown",
    ("翻页位置无效。", "The page's position is not valid."),
    ("请从第一页重新加载。", "Load the list again from its start."),
)


class Placed(Protocol):
    """A row that knows where it stands in its list."""

    @property
    def position(self) -> Position:
        """Where it stands."""
        ...


@strawberry.type(name="PageInfo")
class PageInfo:
    """Where the next page begins."""

    has_next_page: bool
    end_cursor: str | None

    @classmethod
    def of(cls, page: Page[Placed]) -> "PageInfo":
        """Return where the page after `page` begins."""
        cursor = page.rows[-1].position.to_cursor() if page.rows else None
        return cls(has_next_page=page.has_more, end_cursor=cursor)


def position_of(first: int, after: str | None) -> Position | None:
    """Return where a page of `first` rows begins.

    Raises:
        OperationRefused: no page is that large, or `after` is no cursor of ours.
    """
    if not 1 <= first <= MAX_PAGE:
        raise OperationRefused(PAGE_SIZE)
    try:
        return None if after is None else Position.of_cursor(after)
    except InvalidCursor:
        raise OperationRefused(CURSOR_UNKNOWN) from None
