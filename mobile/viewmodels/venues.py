"""找场馆: by name, near, open now, without steps; and all about one of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from kivy.properties import ObjectProperty, StringProperty
from typing_extensions import override

from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.core.venue import Position, Venue, VenuePage, VenueWish
from mobile.ports.location import Location, NoPosition
from mobile.services.account import Account
from mobile.services.background import Background
from mobile.services.city_time import CityTime
from mobile.services.venues import Venues
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.reading import Reading
from mobile.viewmodels.served import ServedModel, said
from mobile.viewmodels.venue_lines import VenueLine, VenueView, venue_line, venue_view

if TYPE_CHECKING:
    from shared.admission.answer import Answer


@dataclass(frozen=True, slots=True)
class VenuesState:
    """What is shown: a venue, else what was found, else (in 长辈版 at first) what to look for.

    `lines` None before anything was ever found; `known` says that they are of an earlier search.
    """

    filtering: bool = False
    near: bool = False
    open_now: bool = False
    wheelchair: bool = False
    lines: tuple[VenueLine, ...] | None = None
    known: bool = False
    more: bool = False
    loading: bool = False
    opened: VenueView | None = None
    seen: str = ""
    problem: Notice | None = None


class VenuesModel(ServedModel):
    """Searches again whenever another wish is made; `book` is called with the venue to book at."""

    state = ObjectProperty(VenuesState(), rebind=True)
    line = StringProperty()

    def __init__(
        self,
        venues: Venues,
        location: Location,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        book: Callable[[Venue], None],
        passes_of: Callable[[Venue], None],
        entry: "Callable[[Venue], Answer | None]",
    ) -> None:
        super().__init__(account, time, preferences)
        self._venues = venues
        self._location = location
        self._book = book
        self._passes_of = passes_of
        self._entry = entry
        self._wish = VenueWish()
        self._found: tuple[Venue, ...] | None = None
        self._next: str | None = None
        self._older = Reading(self._read_older, time, self._show)
        self._locating = Background()
        self._no_position = False
        self._filtering = True
        self._opened: Venue | None = None

    @override
    def refresh(self) -> None:
        if self._is_filtering():
            self._show()
        else:
            super().refresh()

    def begin(self) -> None:
        """Look for something new."""
        self._filtering, self._opened = True, None
        self._show()

    def find(self) -> None:
        """Search for what was asked."""
        self._filtering = False
        self._wish = replace(self._wish, text=self.line)
        self._search()

    def toggle_open(self) -> None:
        """Look for what is open now, or for all again."""
        self._change(replace(self._wish, open_now=not self._wish.open_now))

    def toggle_wheelchair(self) -> None:
        """Look for what can be entered without steps, or for all again."""
        self._change(replace(self._wish, wheelchair=not self._wish.wheelchair))

    def toggle_near(self) -> None:
        """Look for what is near, or anywhere again."""
        if self._wish.near is not None:
            self._change(replace(self._wish, near=None))
        elif not self._locating.busy:
            self._no_position = False
            self._locating.start(self._locate)

    def read_more(self) -> None:
        """Read the page that follows those shown."""
        if self._next is not None and not self._reading.going_on:
            self._older.start()
            self._show()

    def open_venue(self, number: int) -> None:
        """Show all about one venue."""
        venues = self._shown()
        self._opened = next((one for one in venues if one.number == number), None)
        self._search()

    def book(self) -> None:
        """Book at the opened venue."""
        if self._opened is not None:
            self._book(self._opened)

    def show_passes(self) -> None:
        """Show which passes there are for the opened venue."""
        if self._opened is not None:
            self._passes_of(self._opened)

    def step_back(self) -> bool:
        """Go to what was shown before; False at the first."""
        if self._opened is not None:
            self._opened = None
        elif self._preferences.value.elder and not self._filtering:
            self._filtering = True
        else:
            return False
        self._show()
        return True

    @override
    async def close(self) -> None:
        await super().close()
        await self._older.close()
        await self._locating.close()

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state, language = self.state, self._language
        view = state.opened
        if view:
            words = say(
                language,
                "venue.reading",
                name=view.line.name,
                state=view.line.state,
                hours=view.hours,
                booking=view.booking,
            )
        elif state.filtering:
            words = say(language, "venues.reading.filter")
        elif state.lines:
            names = "；".join(f"{line.name} {line.state}" for line in state.lines)
            words = say(language, "venues.reading", names=names)
        else:
            words = say(language, "venues.none") + say(language, "venues.none.next")
        return f"{said(state.problem)} {words}" if state.problem else words

    @override
    def _show(self) -> None:
        now, language = self._time.now(), self._language
        shown = self._shown()
        reads = self._reading.going_on or self._older.going_on
        known = self._found is None and bool(shown)
        self.state = VenuesState(
            filtering=self._is_filtering() and self._opened is None,
            near=self._wish.near is not None,
            open_now=self._wish.open_now,
            wheelchair=self._wish.wheelchair,
            lines=tuple(venue_line(one, now, language, fresh=not known) for one in shown)
            if shown or self._found is not None
            else None,
            known=known,
            more=self._next is not None,
            loading=reads and (self._found is None or self._older.going_on),
            opened=venue_view(
                *(self._opened, now, language),
                fresh=self._opened_fresh(),
                entry=self._entry(self._opened),
            )
            if self._opened
            else None,
            seen=self._seen(),
            problem=self._problem() or self._position_problem(),
        )

    @override
    def _seen_at(self) -> datetime | None:
        known = self._venues.known
        return None if self._reading.trouble is None or known is None else known.seen_at

    def _shown(self) -> tuple[Venue, ...]:
        """Return what was found, or without a network what was found last."""
        if self._found is not None:
            return self._found
        return self._venues.known.venues if self._venues.known else ()

    def _opened_fresh(self) -> bool:
        """Tell whether the opened venue was read in this run."""
        opened = self._opened
        return opened is not None and (opened.openings is not None or self._found is not None)

    def _is_filtering(self) -> bool:
        return self._filtering and self._preferences.value.elder

    def _position_problem(self) -> Notice | None:
        if not self._no_position:
            return None
        title, body = (say(self._language, f"venues.no_position{end}") for end in ("", ".next"))
        return Notice("near", title, body)

    def _change(self, wish: VenueWish) -> None:
        self._wish, self._no_position = wish, False
        if self._is_filtering():
            self._show()
        else:
            self._search()

    def _search(self) -> None:
        self._trouble = None
        if self._opened is None:
            self._next = None
        self._reading.start()
        self._show()

    async def _locate(self) -> None:
        try:
            near: Position | None = await self._location.find()
        except NoPosition:
            near, self._no_position = None, True
            self._show()
            return
        self._change(replace(self._wish, near=near))

    @override
    async def _read(self) -> Trouble | None:
        opened = self._opened
        if opened is not None:
            venue = await self._venues.venue(opened.number)
            if isinstance(venue, Trouble):
                return venue
            if self._opened is opened:
                self._opened = replace(venue, distance=opened.distance)
            return None
        while True:
            wish = self._wish
            page = await self._venues.search(wish)
            if wish == self._wish:
                return self._take(page)

    def _take(self, page: VenuePage | Trouble) -> Trouble | None:
        if isinstance(page, Trouble):
            return page
        self._found, self._next = page.venues, page.more
        return None

    async def _read_older(self) -> Trouble | None:
        wish, found = self._wish, self._found
        page = await self._venues.search(wish, self._next)
        if isinstance(page, Trouble):
            return page
        if self._found is found and found is not None:  # not searched anew meanwhile
            self._found, self._next = found + page.venues, page.more
        return None

    @override
    def _may_read(self) -> bool:
        return True

    @override
    def _follow(self) -> None:
        """Keep what is shown: venues are the same for everybody."""
        self._show()
