"""Asking what the resident did with the card, page by page."""

from mobile.core.timeline import TimelinePage
from mobile.core.trouble import Trouble
from mobile.services.answers import read_result
from mobile.services.holder import Holder

PAGE = 20


class Timelines:
    """Reads pages, newest first."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder

    async def read(self, category: str = "", after: str | None = None) -> TimelinePage | Trouble:
        """Return the page of one category that follows `after`; "" is every category."""
        wish = {"first": PAGE, "after": after, "categories": [category] if category else None}
        return read_result(
            await self._holder.ask("Timeline", wish), "timeline", TimelinePage.of_wire
        )
