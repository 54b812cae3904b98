"""Recommendations: off, on, too little to tell, and on the start screen."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from mobile.core.recommendation import RecommendationsSeen, RecommendedVenue
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.ui.gallery.booking_samples import LIBRARY, MEMORIAL, SPORTS
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from shared.localized_text import LocalizedText

_ALL = LocalizedText("全市推荐", "Recommended to everybody")
_BOOKS = LocalizedText("您近三个月去过图书馆7次", "You visited libraries 7× in three months")
_NAMES = (LIBRARY, MEMORIAL, SPORTS)
OFF = RecommendationsSeen(
    False,
    "EVERYBODY",
    tuple(RecommendedVenue(number, name, _ALL) for number, name in enumerate(_NAMES, 1)),
    NOW,
)
ON = replace(
    OFF,
    personalised=True,
    basis="OWN_VISITS",
    venues=(RecommendedVenue(1, LIBRARY, _BOOKS), *OFF.venues[1:]),
)
_FEW = replace(OFF, personalised=True, basis="TOO_LITTLE")


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    old = replace(ON, seen_at=NOW - timedelta(days=2))
    yield "recommend-off", _show(stage, OFF)
    yield "recommend-on", _show(stage, ON, done="recommend.done.on")
    yield "recommend-few", _show(stage, _FEW)
    yield "recommend-offline", _show(stage, old, trouble=UNREACHABLE)
    yield "recommend-unread", _show(stage, None, trouble=UNREACHABLE)
    yield "recommend-home", _home(stage)
    yield "recommend-gone", _show(stage, OFF, done="recommend.done.off")


def _show(
    stage: Stage,
    seen: RecommendationsSeen | None,
    *,
    done: str = "",
    trouble: Trouble | None = None,
) -> Callable[[], None]:
    def show() -> None:
        model = stage.models.recommendations
        stage.show_signed_in("recommendations")
        model._recommendations._own = seen
        model._done, model._trouble = done, trouble
        model.tick()

    return show


def _home(stage: Stage) -> Callable[[], None]:
    def show() -> None:
        model = stage.models.recommendations
        stage.show(stage.wallet, "code")
        stage.models.place.go_home()
        model._recommendations._own = ON
        model.tick()

    return show
