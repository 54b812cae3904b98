"""Rating a visit: among the visits, the question, which visit, thanks, and what went wrong."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from mobile.core.rating import RatableVisit
from mobile.core.trouble import UNREACHABLE, Trouble, of_act
from mobile.ui.gallery.booking_samples import LIBRARY, MEMORIAL
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from shared.localized_text import LocalizedText

WAITING = (
    RatableVisit("1", MEMORIAL, NOW - timedelta(minutes=4)),
    RatableVisit("3", LIBRARY, NOW - timedelta(days=1, hours=3)),
)
_BEFORE = Trouble(
    "survey_already_rated",
    LocalizedText(
        "这次服务已评价过；同一场馆每月评价一次。",
        "This was rated already; each venue is rated once a month.",
    ),
    LocalizedText("感谢您的评价，不用再评。", "Thank you: nothing more is needed."),
)


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    yield "rate-wallet", _show(stage, WAITING, page="wallet")
    yield "rate-ask", _show(stage, WAITING, chosen="1")
    yield "rate-lost", _show(stage, WAITING, chosen="1", trouble=of_act(UNREACHABLE))
    yield "rate-thanks", _show(stage, WAITING[1:], done=True)
    yield "rate-which", _show(stage, WAITING)
    yield "rate-before", _show(stage, WAITING[1:], trouble=_BEFORE)
    yield "rate-none", _show(stage, ())
    yield "rate-unread", _show(stage, None, trouble=UNREACHABLE)


def _show(
    stage: Stage,
    waiting: tuple[RatableVisit, ...] | None,
    *,
    page: str = "rating",
    chosen: str = "",
    done: bool = False,
    trouble: Trouble | None = None,
) -> Callable[[], None]:
    def show() -> None:
        model = stage.models.rating
        stage.show(stage.wallet, page)
        model.begin(chosen)
        model._ratings._known = waiting
        model._done, model._trouble = done, trouble
        model.tick()
        stage.models.wallet.tick()

    return show
