"""The account one is paid to: none, one that counts, a change that is held, and naming one."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from mobile.core.payout_account import Payee, PayoutAccount
from mobile.core.trouble import Trouble
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.payout import CHECK, NUMBER, SIGN_IN_AGAIN
from shared.localized_text import LocalizedText

_NOW = Payee("中国邮政储蓄银行", "4417", NOW - timedelta(days=90))
_TOO_OLD = Trouble(
    SIGN_IN_AGAIN,
    LocalizedText(
        "为了您的资金安全，请先用短信验证码重新登录。",
        "For your money's safety, sign in anew by a code by SMS first.",
    ),
    LocalizedText("登录后10分钟内可以变更。", "You can change it within ten minutes of that."),
)
_HELD = Payee("中国建设银行", "0086", NOW + timedelta(hours=70))


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""

    def seen(present: Payee | None, held: Payee | None = None) -> Callable[[], None]:
        def show() -> None:
            stage.show_signed_in("code")
            stage.models.place.go("payout")
            stage.models.payout.open()
            stage.models.payout._known = PayoutAccount(present, held)
            stage.models.payout._show()

        return show

    def naming(page: str) -> None:
        seen(_NOW)()
        model = stage.models.payout
        model.do("change")
        if page in {NUMBER, CHECK}:
            model.choose("ccb")
            model._typed = "6217001234560086"
        model._page = page
        model._show()

    yield "payout", seen(_NOW)
    yield "payout-none", seen(None)
    yield "payout-held", seen(_NOW, _HELD)
    yield "payout-bank", lambda: naming("bank")
    yield "payout-number", lambda: naming(NUMBER)

    def too_old() -> None:
        naming(CHECK)
        stage.models.payout._trouble = _TOO_OLD
        stage.models.payout._show()

    yield "payout-check", lambda: naming(CHECK)
    yield "payout-sign-in", too_old
