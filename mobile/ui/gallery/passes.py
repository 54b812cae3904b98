"""The wallet's stack, a pass, taking one, and training vouchers."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from mobile.core.booking import BookingsSeen
from mobile.core.passes import Pass, PassesSeen, PassProduct, PassQuote, PassWish
from mobile.core.pending import PendingAct
from mobile.core.trouble import ACT_UNREACHABLE, UNREACHABLE, Trouble
from mobile.core.vouchers import Voucher, VouchersSeen
from mobile.ui.gallery import pass_samples as made
from mobile.ui.gallery.booking_samples import BOOKINGS, VENUES
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.shop_state import Step, Wanted
from mobile.viewmodels.voucher import Step as Asked

_PASSES = (made.YEAR, made.TEN, made.USED_UP)
_VOUCHERS = (made.AVAILABLE, made.SETTLED)


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    holding, taking = _Holding(stage), _Taking(stage)
    yield "wallet-things", holding.wallet()
    yield "wallet-things-over", holding.wallet(over=True)
    yield "wallet-things-none", holding.wallet((), ())
    yield "wallet-things-offline", holding.wallet(lost=UNREACHABLE)
    for held in (made.YEAR, made.TEN, made.RESTING, made.USED_UP):
        yield f"pass-{held.identifier}", holding.one(held)
    yield "pass-refund", holding.one(made.TEN, asking="refund")
    yield "pass-hand-on", holding.one(made.TEN, asking="hand_on")
    yield "pass-offered", holding.one(made.OFFERED)
    yield "pass-invitation", holding.one(made.OFFERED, invitation=made.INVITATION)
    yield "pass-lost-answer", holding.one(made.TEN, trouble=ACT_UNREACHABLE)
    yield "shop", taking.step(Step.LIST)
    yield "shop-none", taking.step(Step.LIST, products=())
    yield "shop-venue", taking.step(Step.LIST, venue=True)
    yield "shop-unanswered", taking.step(Step.LIST, lost=made.LOST_TAKE)
    yield "shop-product-paid", taking.step(Step.PRODUCT, made.BUNDLE, made.PAID)
    yield "shop-product-day", taking.step(Step.PRODUCT, made.CAVES)
    yield "shop-product-free", taking.step(Step.PRODUCT, made.CAVES, made.FREE, day=True)
    yield "shop-product-family", taking.step(Step.PRODUCT, made.CAVES, made.FAMILY, day=True)
    yield "shop-sure", taking.step(Step.SURE, made.CAVES, made.FREE, day=True)
    yield (
        "shop-refused",
        taking.step(Step.SURE, made.CAVES, made.FREE, day=True, trouble=made.SOLD_OUT),
    )
    yield "shop-done", taking.step(Step.DONE)
    yield "shop-accept", taking.step(Step.ACCEPT)
    for voucher in (made.AVAILABLE, made.RESERVED, made.CONFIRMED, made.SETTLED, made.UNPAID):
        yield f"voucher-{voucher.identifier}", holding.voucher(voucher)
    yield "voucher-unanswered", holding.voucher(made.AVAILABLE, lost=made.LOST_COURSE)
    for asked in Asked:
        if asked is not Asked.VIEW:
            shown = made.RESERVED if asked is Asked.RELEASE else made.AVAILABLE
            yield f"voucher-step-{asked}", holding.voucher(shown, asked)


class _Holding:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def wallet(
        self,
        passes: tuple[Pass, ...] = _PASSES,
        vouchers: tuple[Voucher, ...] = _VOUCHERS,
        *,
        over: bool = False,
        lost: Trouble | None = None,
    ) -> Callable[[], None]:
        """Return what shows the wallet."""

        def show() -> None:
            # First the page: whose card it is takes along what was read for another.
            self._stage.show(self._stage.wallet, "wallet")
            model, seen = self._stage.models.wallet, NOW - timedelta(hours=3 if lost else 0)
            model._passes._own = PassesSeen(passes, seen)
            model._vouchers._own = VouchersSeen(vouchers, seen)
            model._bookings._own = BookingsSeen(BOOKINGS if passes else (), seen)
            if lost is not None:
                self._stage.session.lost(lost)
            model._over_shown = over
            model.tick()

        return show

    def one(
        self,
        held: Pass,
        *,
        asking: str = "",
        invitation: str = "",
        trouble: Trouble | None = None,
    ) -> Callable[[], None]:
        """Return what shows a pass."""

        def show() -> None:
            self.wallet((held,))()
            model = self._stage.models.passes
            model.begin(held.identifier)
            self._stage.models.place.go("pass")
            model._asking, model._invitation, model._trouble = asking, invitation, trouble
            model.tick()

        return show

    def voucher(
        self, voucher: Voucher, step: Asked = Asked.VIEW, lost: PendingAct | None = None
    ) -> Callable[[], None]:
        """Return what shows a voucher, or what is asked of a course."""

        def show() -> None:
            self.wallet((), (voucher,))()
            model = self._stage.models.voucher
            model.begin(voucher.identifier)
            model._type, model._number = "elder-care", "HL-2026-12"
            model._found, model._provider = VENUES, VENUES[0]
            model._starts_on, model._step = date(2026, 12, 7), step
            model._vouchers._pending._acts = (lost,) if lost else ()
            self._stage.models.place.go("voucher")
            model.tick()

        return show


class _Taking:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def step(
        self,
        step: Step,
        product: PassProduct | None = None,
        quote: PassQuote | None = None,
        *,
        products: tuple[PassProduct, ...] = made.PRODUCTS,
        day: bool = False,
        venue: bool = False,
        lost: PendingAct | None = None,
        trouble: Trouble | None = None,
    ) -> Callable[[], None]:
        """Return what shows a step of taking a pass."""

        def show() -> None:
            self._stage.show(self._stage.wallet, "wallet")
            model = self._stage.models.shop
            model.begin(VENUES[0] if venue else None)
            self._stage.models.place.go("shop")
            model._products, model._step, model._trouble = products, step, trouble
            if product is not None:
                wish = PassWish(
                    product.code,
                    3 if quote is made.FAMILY else 1,
                    date(2026, 11, 28) if day else None,
                )
                model._wanted = Wanted(product, wish, quote, 0)
            model._passes._pending._acts = (lost,) if lost else ()
            model.tick()

        return show
