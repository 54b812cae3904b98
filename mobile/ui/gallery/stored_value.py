"""Stored value: an account with its movements, one that ended, and taking the balance out."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from mobile.core.booking import BookingsSeen
from mobile.core.pending import PendingAct
from mobile.core.stored_value import Movement, StoredAccount, StoredValueSeen
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.ui.gallery.booking_samples import BOOKINGS, SPORTS
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from shared.localized_text import LocalizedText

_CLUB = LocalizedText("章江游泳馆", "Zhangjiang Swimming Hall")
_SPORTS = StoredAccount("sports", SPORTS, True, 126_000, 150_000, 24_000, 0)
_ENDED = StoredAccount("club", _CLUB, False, 4_500, 20_000, 15_500, 0)
_ROWS = (
    Movement("GIVE_BACK", 3_000, 126_000, NOW - timedelta(hours=3), BOOKINGS[0].identifier),
    Movement("SPEND", 6_000, 123_000, NOW - timedelta(days=1), BOOKINGS[0].identifier),
    Movement("SPEND", 21_000, 129_000, NOW - timedelta(days=6), ""),
    Movement("TOP_UP", 150_000, 150_000, NOW - timedelta(days=400), ""),
)
STORED = StoredValueSeen((_SPORTS, _ENDED), {"sports": _ROWS, "club": ()}, NOW)
_LOST = PendingAct("RefundStoredValue", {"group": "club"}, "key", NOW - timedelta(minutes=12))


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    unread = replace(STORED, movements={}, seen_at=NOW - timedelta(days=2))
    yield "wallet-stored", _wallet(stage)
    yield "stored", _show(stage)
    yield "stored-ended", _show(stage, "club")
    yield "stored-offline", _show(stage, seen=unread, trouble=UNREACHABLE)
    yield "stored-refund", _show(stage, "club", asking=True)
    yield "stored-unanswered", _show(stage, "club", lost=_LOST)
    yield "stored-refunded", _show(stage, seen=_taken_out(), done=True)


def _taken_out() -> StoredValueSeen:
    row = Movement("REFUND", 126_000, 0, NOW, "")
    left = STORED.with_account(replace(_SPORTS, balance_fen=0, refunded_fen=126_000))
    return left.with_movements("sports", (row, *_ROWS))


def _wallet(stage: Stage) -> Callable[[], None]:
    def show() -> None:
        stage.show(stage.wallet, "wallet")
        model = stage.models.wallet
        model._passes._own = model._vouchers._own = model._bookings._own = None
        model._library._own = None
        model._stored._own = STORED
        model.tick()

    return show


def _show(
    stage: Stage,
    group: str = "sports",
    *,
    seen: StoredValueSeen = STORED,
    asking: bool = False,
    done: bool = False,
    trouble: Trouble | None = None,
    lost: PendingAct | None = None,
) -> Callable[[], None]:
    def show() -> None:
        model = stage.models.stored_value
        stage.show(stage.wallet, "wallet")
        model._stored._own = seen
        model._bookings._own = BookingsSeen(BOOKINGS, NOW)
        model._stored._pending._acts = (lost,) if lost else ()
        model.begin(group)
        stage.models.place.go("stored_value")
        model._asking, model._done, model._trouble = asking, done, trouble
        model.tick()

    return show
