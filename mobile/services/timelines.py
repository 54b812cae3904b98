"""Asking what the resident did with the card, page by page; the newest are kept as last seen."""

from collections.abc import Callable
from dataclasses import dataclass

from mobile.core.timeline import TimelinePage, TimelineRow, TimelineSeen, as_file
from mobile.core.trouble import Trouble
from mobile.ports.documents import Documents, NotSaved
from mobile.services.answers import read_result
from mobile.services.city_time import CityTime
from mobile.services.copies import not_saved
from mobile.services.holder import Holder
from mobile.services.remembered import Remembered
from mobile.services.wallet import WalletStore
from shared.clock import LOCAL_ZONE
from shared.localized_text import Language

PAGE = 20
_EXPORT_PAGE, _EXPORT_PAGES = 50, 40


@dataclass(frozen=True, slots=True)
class Saved:
    """A file: where it is (empty where its owner chose no place), its rows, and whether all."""

    place: str
    rows: int
    whole: bool


class Timelines(Remembered[TimelineSeen]):
    """Reads pages, newest first; the first page of every kind is `known` without a network."""

    def __init__(
        self, holder: Holder, store: WalletStore, time: CityTime, documents: Documents
    ) -> None:
        super().__init__(holder, store.timeline(), store.save_timeline, store.forget_timeline)
        self._time = time
        self._documents = documents

    async def read(
        self, category: str = "", after: str | None = None, first: int = PAGE
    ) -> TimelinePage | Trouble:
        """Return the page of one category that follows `after`; "" is every category."""
        wish = {"first": first, "after": after, "categories": [category] if category else None}
        page = read_result(
            await self._holder.ask("Timeline", wish), "timeline", TimelinePage.of_wire
        )
        if isinstance(page, TimelinePage) and not category and after is None:
            self._keep(TimelineSeen(page.rows, self._time.now()))
        return page

    async def save(
        self, category: str, language: Language, told: Callable[[int], None]
    ) -> Saved | Trouble:
        """Read a category to its end, 2,000 rows at most, and save them as a table.

        `told` hears how many rows came so far. Nothing is saved of what was read in part.
        """
        rows: list[TimelineRow] = []
        after: str | None = None
        for _ in range(_EXPORT_PAGES):
            page = await self.read(category, after, _EXPORT_PAGE)
            if isinstance(page, Trouble):
                return page
            rows += page.rows
            after = page.more
            told(len(rows))
            if after is None:
                break
        name = f"yikatong-{self._time.now().astimezone(LOCAL_ZONE):%Y%m%d-%H%M}.csv"
        content = as_file(rows, language)
        try:
            place = await self._documents.save(name, "text/csv", content)
        except NotSaved as error:
            return not_saved(error.reason)
        return Saved(place, len(rows), whole=after is None)
