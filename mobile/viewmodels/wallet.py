"""The card itself, what it holds, and where it was shown."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.services import Services
from mobile.viewmodels.lines import DayLines, card_state, days, state_icon
from mobile.viewmodels.notices import Notice, passing
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel
from mobile.viewmodels.wallet_lines import (
    Thing,
    booking_thing,
    is_ticket,
    library_thing,
    pass_thing,
    stored_thing,
    subsidy_thing,
    voucher_thing,
)


@dataclass(frozen=True, slots=True)
class WalletState:
    """What is shown; `seen` and `things_seen` say how old it is.

    `things` None before any were ever read; those that are over wait until they are asked for.
    """

    name: str = ""
    region: str = ""
    tail: str = ""
    card_state: str = ""
    card_icon: str = ""
    valid_until: str = ""
    things: tuple[Thing, ...] | None = None
    over: tuple[Thing, ...] = ()
    over_hidden: bool = False
    things_seen: str = ""
    days: tuple[DayLines, ...] = ()
    seen: str = ""
    notices: tuple[Notice, ...] = ()


class WalletModel(ServedModel):
    """Follows the session, and what is booked and held; `opened` shows one thing, by its kind."""

    state = ObjectProperty(WalletState(), rebind=True)

    def __init__(
        self,
        services: Services,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        opened: Mapping[str, Callable[[str], None]],
    ) -> None:
        super().__init__(account, time, preferences)
        self._session = services.session
        self._bookings = services.bookings
        self._passes = services.passes
        self._vouchers = services.vouchers
        self._library = services.library
        self._stored = services.stored_values
        self._subsidies = services.subsidies
        self._ratings = services.ratings
        self._hurry = services.upkeep.hurry
        self._opened = opened
        self._over_shown = False
        held = self._bookings, self._passes, self._vouchers, self._library, self._stored
        for told in (self._session, *held, self._subsidies, self._ratings):
            told.listen(self._show)

    @override
    def open(self) -> None:
        self._over_shown = False
        super().open()

    def hurry(self) -> None:
        """Ask the server now, for the card and for what it holds."""
        self._hurry()
        self.refresh()

    def open_thing(self, kind: str, identifier: str) -> None:
        """Show one thing."""
        self._opened[kind](identifier)

    def show_over(self) -> None:
        """Show those that are over, too."""
        self._over_shown = True
        self._show()

    @override
    def _show(self) -> None:
        now, language = self._time.now(), self._language
        wallet = self._session.front
        if wallet is None:
            self.state = WalletState()
            return
        until = moments.day_and_minute(wallet.certificate.not_after, language)
        things, over = self._things(now)
        self.state = WalletState(
            name=wallet.card.masked_name,
            region=wallet.card.region.in_language(language),
            tail=say(language, "card.tail", tail=wallet.card.number_tail),
            card_state=card_state(wallet.card, language),
            card_icon=state_icon(wallet.card.state),
            valid_until=say(language, "card.valid_until", moment=until),
            things=things,
            over=over if self._over_shown else (),
            over_hidden=bool(over) and not self._over_shown,
            things_seen=self._things_seen(),
            days=days(wallet.visits, now, language, self._ratable()),
            seen=say(language, "card.seen", age=moments.age(wallet.seen_at, now, language)),
            notices=self._notices(),
        )

    def _things(self, now: datetime) -> tuple[tuple[Thing, ...] | None, tuple[Thing, ...]]:
        """Return what can be used, tickets of today first, and what is over."""
        language = self._language
        bookings = self._bookings.known.bookings if self._bookings.known else ()
        passes = self._passes.known.passes if self._passes.known else ()
        vouchers = self._vouchers.known.vouchers if self._vouchers.known else ()
        tickets = sorted(
            (one for one in bookings if is_ticket(one, now)), key=lambda one: one.starts_at
        )
        shelf = self._library.known
        stored = self._stored.known.accounts if self._stored.known else ()
        paid = self._subsidies.known.payments if self._subsidies.known else ()
        good = (
            *(booking_thing(one, now, language) for one in tickets),
            *(pass_thing(one, now, language) for one in passes if one.is_usable(now)),
            *(voucher_thing(one, now, language) for one in vouchers if one.is_open(now)),
            *((library_thing(shelf, now, language),) if shelf and not shelf.is_empty else ()),
            *(stored_thing(one, language) for one in stored if one.is_usable),
            *(subsidy_thing(one, language) for one in paid[:1]),
        )
        over = (
            *(pass_thing(one, now, language) for one in passes if not one.is_usable(now)),
            *(voucher_thing(one, now, language) for one in vouchers if not one.is_open(now)),
            *(stored_thing(one, language) for one in stored if not one.is_usable),
        )
        read = self._passes.known is not None or self._vouchers.known is not None
        return (good if read or good else None), over

    def _ratable(self) -> frozenset[str]:
        """Return the visits that may be rated."""
        return frozenset(one.identifier for one in self._ratings.waiting or ())

    def _things_seen(self) -> str:
        """Return how old the oldest of what is shown is."""
        held = self._bookings, self._passes, self._vouchers, self._library, self._stored
        known = [one.known for one in (*held, self._subsidies)]
        seen = [one.seen_at for one in known if one is not None]
        if not seen:
            return ""
        age = moments.age(min(seen), self._time.now(), self._language)
        return say(self._language, "card.seen", age=age)

    def _notices(self) -> tuple[Notice, ...]:
        """Return what is worth knowing; a lost link is told once."""
        notices = passing(self._session, self._time, self._language)
        told = self._session.link.trouble is not None
        problem = None if told else self._problem()
        return (*notices, problem) if problem else notices

    @override
    async def _read(self) -> Trouble | None:
        read = [self._passes.read, self._vouchers.read, self._bookings.read]
        if self._library.own_in_front:
            read += [self._library.read, self._stored.read, self._ratings.read]
            read.append(self._subsidies.read)
        for trouble in await asyncio.gather(*(one() for one in read)):
            if trouble is not None:
                return trouble
        return None

    @override
    def _may_read(self) -> bool:
        return self._session.wallet is not None or self._session.shown is not None

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()

    def reading(self) -> str:
        """Return the screen in words to be said."""
        language, state = self._preferences.language, self.state
        wallet = self._session.front
        tail = wallet.card.number_tail if wallet else ""
        card = say(language, "wallet.reading", name=state.name, tail=tail, state=state.card_state)
        if state.things:
            named = "；".join(f"{one.name} {one.figure} {one.state}" for one in state.things)
            card = f"{card} {say(language, 'wallet.things.reading', things=named)}"
        if not state.days:
            return f"{card} {say(language, 'visits.empty')}"
        day = state.days[0]
        visit = day.visits[0]
        return f"{card} " + say(
            language,
            "visits.reading",
            venue=visit.venue,
            moment=f"{day.heading} {visit.time}",
            verdict=visit.verdict,
        )
