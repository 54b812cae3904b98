"""What somebody has of the libraries: all of it, a section, a book, and what goes wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from mobile.core.library import ShelfSeen
from mobile.core.pending import PendingAct
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.ui.gallery import library_samples as made
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.library_lines import HOLDS, LOANS


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    old = replace(made.SHELF, seen_at=NOW - timedelta(days=2))
    yield "library", _show(stage, made.SHELF)
    yield "library-loans", _show(stage, made.SHELF, LOANS)
    yield "library-blocked", _show(stage, made.BLOCKED)
    yield "library-offline", _show(stage, old, trouble=UNREACHABLE)
    yield "library-none", _show(stage, made.EMPTY)
    yield "library-unread", _show(stage, None)
    yield "library-unanswered", _show(stage, made.SHELF, lost=made.LOST_RENEWAL)
    yield "library-loan", _show(stage, made.SHELF, LOANS, "soon")
    yield "library-loan-wanted", _show(stage, made.SHELF, LOANS, "soon", trouble=made.WANTED)
    yield "library-loan-renewed", _show(stage, made.SHELF, LOANS, "renewed", done=True)
    yield "library-hold", _show(stage, made.SHELF, HOLDS, "waiting")
    yield "library-hold-cancel", _show(stage, made.SHELF, HOLDS, "waiting", asking=True)


def _show(
    stage: Stage,
    shelf: ShelfSeen | None,
    section: str = "",
    opened: str = "",
    *,
    asking: bool = False,
    done: bool = False,
    trouble: Trouble | None = None,
    lost: PendingAct | None = None,
) -> Callable[[], None]:
    def show() -> None:
        model = stage.models.library
        stage.show(stage.wallet, "library")
        model._library._own = shelf
        model._library._pending._acts = (lost,) if lost else ()
        model.open()
        model._section, model._opened, model._asking = section, opened, asking
        model._trouble = trouble
        model._done = ("library.renewed", made.RENEWED) if done else None
        model.tick()

    return show
