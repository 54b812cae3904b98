"""领票: what is given out, what it costs, a yes; and passes that others hand on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from kivy.properties import ObjectProperty, StringProperty
from typing_extensions import override

from mobile.core.passes import Pass, PassProduct, PassQuote, PassWish
from mobile.core.pending import PendingAct
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.core.venue import Venue
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.passes import ACCEPT, Passes
from mobile.viewmodels.notices import Notice, unanswered
from mobile.viewmodels.pass_lines import product_line
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said
from mobile.viewmodels.shop_state import (
    DAYS_SHOWN,
    ShopState,
    Step,
    Wanted,
    product_view,
    take_question,
)
from shared.identity.age import local_day

_BEFORE = {
    Step.PRODUCT: Step.LIST,
    Step.SURE: Step.PRODUCT,
    Step.DONE: Step.LIST,
    Step.ACCEPT: Step.LIST,
}


class ShopModel(ServedModel):
    """Begins with all products, or with those of a venue; `shown` opens the pass that was taken."""

    state = ObjectProperty(ShopState(), rebind=True)
    line = StringProperty()

    def __init__(
        self,
        passes: Passes,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        shown: Callable[[str], None],
    ) -> None:
        super().__init__(account, time, preferences)
        self._passes = passes
        self._shown = shown
        self._venue: Venue | None = None
        self._products: tuple[PassProduct, ...] | None = None
        self._step = Step.LIST
        self._wanted: Wanted | None = None
        self._taken: Pass | None = None
        self._accepted = False
        passes.listen(self._show)

    def begin(self, venue: Venue | None = None) -> None:
        """Show what is given out: at `venue`, or anywhere."""
        if self._busy:
            return
        if venue != self._venue:
            self._products = None
            self._reading.forget()
        self._venue, self._taken = venue, None
        self._go(Step.LIST)

    def choose(self, code: str) -> None:
        """Choose a product that was shown."""
        found = [one for one in self._products or () if one.code == code]
        if found:
            self._wanted = Wanted(found[0], PassWish(code), None, 0)
            self._go(Step.PRODUCT)
            self._reading.start()

    def choose_day(self, day: str) -> None:
        """Choose the day of a ticket."""
        if self._wanted is not None:
            self._want(replace(self._wanted.wish, day=date.fromisoformat(day)))

    def other_days(self) -> None:
        """Show the days that follow, or the first ones again."""
        if self._wanted is not None:
            count, first = len(self._wanted.product.good_days(self._today())), 0
            if self._wanted.first_day + DAYS_SHOWN < count:
                first = self._wanted.first_day + DAYS_SHOWN
            self._wanted = replace(self._wanted, first_day=first)
            self._show()

    def less(self) -> None:
        """One less."""
        self._count(-1)

    def more(self) -> None:
        """One more."""
        self._count(1)

    def ask_take(self) -> None:
        """Ask whether it is to be taken."""
        if self._wanted is not None and self._wanted.quote is not None:
            self._go(Step.SURE)

    def yes(self) -> None:
        """Take it."""
        wanted = self._wanted
        if wanted is not None:
            self._act(lambda: self._take(wanted.wish))

    def no(self) -> None:
        """Take it not."""
        self.step_back()

    def ask_invitation(self) -> None:
        """Ask for the code of a pass that somebody hands on."""
        self.line = ""
        self._go(Step.ACCEPT)

    def accept(self) -> None:
        """Accept that pass."""
        invitation = "".join(self.line.split())
        if invitation:
            self._act(lambda: self._accept(invitation))

    def send_again(self) -> None:
        """Ask again what became of a wish whose answer was lost."""
        act = self._passes.unanswered
        if act is not None:
            self._act(lambda: self._send_again(act))

    def let_be(self) -> None:
        """Ask no more about it."""
        act = self._passes.unanswered
        if act is not None and not self._busy:
            self._passes.let_be(act)

    def show_taken(self) -> None:
        """Go on to the pass that was taken."""
        if self._taken is not None:
            self._shown(self._taken.identifier)

    def step_back(self) -> bool:
        """Go to what was asked before; False at the first."""
        if self._busy:
            return True
        before = _BEFORE.get(self._step)
        if before is not None:
            self._go(before)
        return before is not None

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state: ShopState = self.state
        language, notice = self._language, state.problem or state.done
        if state.question:
            words = state.question.reading()
        elif state.product:
            words = state.product.reading(language)
        elif state.step == Step.ACCEPT:
            words = say(language, "shop.accept.title")
        else:
            names = "；".join(one.name for one in (*(state.bundles or ()), *(state.singles or ())))
            words = say(language, "shop.reading", names=names or say(language, "shop.none"))
        return f"{said(notice)} {words}" if notice else words

    @override
    def _show(self) -> None:
        now, language, wanted = self._time.now(), self._language, self._wanted
        read = self._products is not None
        several = [one for one in self._products or () if len(one.places) > 1]
        alone = [one for one in self._products or () if len(one.places) <= 1]
        lost = self._passes.unanswered if self._step is Step.LIST else None
        unread = self._reading.trouble is not None
        self.state = ShopState(
            step=self._step,
            title=self._title(),
            bundles=tuple(product_line(one, language) for one in several) if read else None,
            singles=tuple(product_line(one, language) for one in alone) if read else None,
            loading=self._reading.going_on and not read,
            product=product_view(wanted, now, self._today(), language, unread=unread)
            if self._step is Step.PRODUCT and wanted
            else None,
            question=take_question(wanted, now, language, busy=self._busy)
            if self._step is Step.SURE and wanted
            else None,
            done=self._done() if self._step is Step.DONE else None,
            unanswered=unanswered(lost, now, language),
            busy=self._busy,
            problem=self._problem(),
        )

    def _title(self) -> str:
        if self._venue is None:
            return say(self._language, "shop.title")
        venue = self._venue.name.in_language(self._language)
        return say(self._language, "shop.at", venue=venue)

    def _done(self) -> Notice:
        key = "shop.accepted" if self._accepted else "shop.done"
        title, body = say(self._language, key), say(self._language, f"{key}.next")
        return Notice("check", title, body, attention=False)

    def _today(self) -> date:
        return local_day(self._time.now())

    def _count(self, more: int) -> None:
        if self._wanted is not None:
            wish, most = self._wanted.wish, self._wanted.product.most
            self._want(replace(wish, quantity=min(most, max(1, wish.quantity + more))))

    def _want(self, wish: PassWish) -> None:
        if self._wanted is not None and wish != self._wanted.wish and not self._busy:
            self._wanted = replace(self._wanted, wish=wish, quote=None)
            self._trouble = None
            self._reading.start()
            self._show()

    def _go(self, step: Step) -> None:
        self._step, self._trouble = step, None
        self._show()

    def _have(self, held: Pass | Trouble, *, accepted: bool) -> Trouble | None:
        if isinstance(held, Trouble):
            return held
        self._taken, self._accepted, self._step = held, accepted, Step.DONE
        return None

    async def _take(self, wish: PassWish) -> Trouble | None:
        return self._have(await self._passes.take(wish), accepted=False)

    async def _accept(self, invitation: str) -> Trouble | None:
        return self._have(await self._passes.accept(invitation), accepted=True)

    async def _send_again(self, act: PendingAct) -> Trouble | None:
        return self._have(await self._passes.send_again(act), accepted=act.operation == ACCEPT)

    @override
    async def _read(self) -> Trouble | None:
        if self._step in {Step.PRODUCT, Step.SURE}:
            return await self._read_quote()
        venue = self._venue
        products = await self._passes.products(venue.number if venue else None)
        if isinstance(products, Trouble):
            return products
        if self._venue == venue:
            self._products = products
        return await self._read_quote()

    async def _read_quote(self) -> Trouble | None:
        """Read the price of what is wanted, until it is the price of what is wanted by then."""
        while (wanted := self._wanted) is not None and wanted.quote is None:
            if wanted.product.daily and wanted.wish.day is None:
                return None
            quote = await self._passes.quote(wanted.wish)
            if self._wanted is None or self._wanted.wish != wanted.wish:
                continue
            if not isinstance(quote, PassQuote):
                return quote
            self._wanted = replace(self._wanted, quote=quote)
        return None

    @override
    def _may_read(self) -> bool:
        return self._passes.may_ask

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()
