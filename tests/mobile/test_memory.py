"""What an app leaves behind when it has ended: nothing."""

import gc
from weakref import ref

from tests.support.ui import UI, Phone, running


async def _open_wallet(ui: UI) -> None:
    ui.app.models.place.go("wallet")


def test_an_app_that_ended_amid_a_fade_is_let_go(enrolled: Phone) -> None:
    """Kivy keeps what is animated alive, and with it every page that hangs on it."""
    with running(enrolled) as ui:
        ui.run(_open_wallet(ui))
        ui.frames(1)
        left = ref(ui.app.root), ref(ui.app.root.page)
        assert ui.app.root.page.opacity < 1
        del ui
    gc.collect()
    assert [one() for one in left] == [None, None]
