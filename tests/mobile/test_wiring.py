"""Buttons, keys and lines of pages that no story of the other tests touches: what a page's rules
name for them is there, and is set off by a hand.

The pages stand as in the gallery, where nothing is asked of a server. Which parts of the rules a
run met in all, and which it did not, `tests/support/kv_coverage.py` says.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kivy.core.window import Window
from kivy.uix.textinput import TextInput

from mobile.core.preferences import Preferences
from mobile.viewmodels.served import ServedModel
from tests.support import kv_coverage
from tests.support.kv_coverage import Part, met
from tests.support.ui import UI, Phone, no_network, running

ENTER = 13
EVENTS = (
    *("on_release", "on_choose", "on_digit", "on_delete", "on_clear", "on_enter"),
    *("on_no", "on_again", "on_let_be", "text"),
)
STANDARD: dict[str, tuple[str, ...]] = {
    "wallet>pass": ("place.go('wallet')",),
    "wallet>voucher": ("place.go('wallet')",),
    "code-reminder>rights": ("notices.open_reminder()",),
    "venues-none": ("venues.line = self.text",),
    "enrol": (
        "enrol.clear()",
        "preferences.choose_language(",
        "place.go('help')",
    ),
    "code": ("place.go('paper')",),
    "wallet": ("place.go('timeline')",),
    "me": (
        "preferences.choose_text_scale(float(args[1]))",
        "place.go('family')",
        "place.go('payout')",
    ),
    "challenge": (
        "challenge.clear()",
        "challenge.delete()",
    ),
    "timeline": ("place.go('data_copy')",),
    "sign-in-phone": ("sign_in.delete()",),
    "sign-in-code": ("sign_in.step_back()",),
    "sign-in-password": ("sign_in.submit()",),
    "register-number": ("on_delete: root.model.delete()",),
    "register-name": ("on_enter: root.model.submit()",),
    "devices": (
        "place.go('card_loss')",
        "place.go('paper')",
    ),
    "paper-revoking": ("paper.keep()",),
    "loss": ("place.go('devices')",),
    "bookings-unanswered": ("bookings.let_be()",),
    "venues": (
        "venues.find()",
        "venues.read_more()",
    ),
    "venue": ("venues.show_passes()",),
    "book-slot": (
        "book.choose_day(root.line.day)",
        "book.other_days()",
    ),
    "book-full": (
        "book.wait()",
        "book.choose_again()",
    ),
    "book-lapsed": ("book.choose_again()",),
    "move-sure": ("book.no()",),
    "wallet-things": ("wallet.show_over()",),
    "pass-refund": ("passes.no()",),
    "pass-invitation": ("passes.copied()",),
    "shop-unanswered": ("shop.let_be()",),
    "shop-product-day": (
        "shop.choose_day(args[1])",
        "shop.other_days()",
    ),
    "shop-sure": ("shop.no()",),
    "shop-accept": ("shop.accept()",),
    "voucher-unanswered": (
        "voucher.send_again()",
        "voucher.let_be()",
    ),
    "voucher-step-provider": ("voucher.submit()",),
    "voucher-step-sure": ("voucher.no()",),
    "family": ("app.root.page.model.do(root.line.act)",),
    "family-relation": ("on_choose: root.model.choose(args[1])",),
    "family-pin": (
        "on_clear: root.model.clear()",
        "on_delete: root.model.delete()",
        "on_digit: root.model.type_digit(args[1])",
    ),
    "acting-code": ("family.switch()",),
    "help-wanted": (
        "help_wanted.go()",
        "help_wanted.put_off()",
    ),
    "library-unanswered": ("library.let_be()",),
    "stored-unanswered": ("stored_value.let_be()",),
    "subsidies": ("subsidies.read_older()",),
    "subsidies-home": ("place.go('subsidies')",),
    "payment-unanswered": ("payment.let_be()",),
    "rate-thanks": ("rating.begin()",),
    "guides>help": ("place.go('guides')",),
    "guides": ("guides.query = self.text",),
    "guides-offline": ("guides.choose(root.line.item)",),
    "guide-outlets": ("guides.find_near()",),
    "guide-at-home": ("guides.do_it()",),
    "exams-unanswered": ("exams.let_be()",),
    "records": ("records.choose(root.line.code)",),
    "records-health": ("app.go_back()",),
    "records-consent": ("place.go('consents')",),
}
ELDER: dict[str, tuple[str, ...]] = {
    "guide": ("guides.go_on()",),
    "home": (
        "place.go('help')",
        "place.go('family')",
        "place.go('me')",
    ),
    "subsidies-home": ("place.go('subsidies')",),
    "home-today": ("wallet.open_thing(",),
    "devices": ("devices.choose(root.line.serial)",),
    "loss": ("card_loss.choose('report')",),
    "copy": ("data_copy.show_other()",),
    "bookings": ("bookings.show_past()",),
    "ticket": ("bookings.show_list()",),
    "venues-filter": ("venues.find()",),
    "venues": ("venues.begin()",),
    "venue": ("venues.step_back()",),
    "book-day": (
        "book.choose_day(root.line.day)",
        "book.other_days()",
    ),
    "book-slot": ("book.choose_again()",),
    "book-count": ("book.choose_again()",),
    "shop-product-paid": ("shop.step_back()",),
}
"""What rules say, by the scene in which it can be set off; after `>` the page to go to."""


class Stand:
    """The gallery's app in a test's hand."""

    def __init__(self, phone: Phone) -> None:
        from mobile.ui.gallery import SCENES  # noqa: PLC0415, needs a window
        from mobile.ui.gallery.stage import Stage  # noqa: PLC0415
        from mobile.ui.shell import Shell  # noqa: PLC0415

        class Begun(Shell):
            """An app without services to begin or to end."""

            begun = True

            async def close(self) -> None:
                """Have nothing to end."""

        self._scenes = SCENES
        self.stage = Stage(phone.folder)
        self.stage.services.backend._open_transport = no_network
        self.app = Begun(self.stage.models, phone.screen, phone.speech)
        phone.__dict__["app"] = lambda **_: self.app

    def scene(self, ui: UI, name: str, *, elder: bool) -> None:
        """Bring the app to a scene of the gallery."""

        async def bring() -> None:
            for model in self.stage.models:
                if isinstance(model, ServedModel):
                    model._busy = False  # an act of the scene before, which went nowhere
            self.stage.preferences.value = Preferences(elder=elder)
            scenes = chain.from_iterable(scenes(self.stage) for scenes in self._scenes)
            scene, _, page = name.partition(">")
            next(prepare for one, prepare in scenes if one == scene)()
            if page:
                self.stage.models.place.go(page)

        ui.run(bring())
        ui.frames(3)
        ui.later(0.2)


def _parts(ui: UI, named: str) -> Iterator[tuple[Part, Any]]:
    """Yield what a page's rules do for a hand on it and name so, with the widget it is done to."""
    for widget in ui.widgets():
        for event in EVENTS:
            if widget.disabled or not (widget.is_event_type(event) or hasattr(widget, event)):
                continue
            for _, given, *_rest in widget.get_property_observers(event, args=True):
                for rule in given or ():
                    file = getattr(getattr(rule, "ctx", None), "filename", None)
                    if file and named in _lines(file)[rule.line]:
                        yield (file, rule.line + 1), widget


@cache
def _lines(file: str) -> Sequence[str]:
    return Path(file).read_text("utf-8").splitlines()


def _set_off(ui: UI, widget: Any) -> None:
    """Do what sets a widget off: write a line to its end, or touch it."""
    if isinstance(widget, TextInput):
        ui.touch(widget)
        ui.write("图")

        async def enter() -> None:
            Window.dispatch("on_key_down", ENTER, 0, None, [])

        ui.run(enter())
        ui.frames(2)
    else:
        ui.touch(widget)


def _hands(widget: Any) -> list[Any]:
    """Return what of a widget a hand can use, itself or what is in it."""
    from mobile.ui.widgets.aimed import Aimed  # noqa: PLC0415, needs a window

    found = [one for one in widget.walk(restrict=True) if isinstance(one, Aimed | TextInput)]
    return [one for one in found if not one.disabled]


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
def test_what_a_page_names_for_a_hand_is_there(phone: Phone, elder: bool) -> None:
    stand = Stand(phone)
    done: set[Part] = set()
    with running(phone) as ui:
        for scene, names in (ELDER if elder else STANDARD).items():
            for named in names:
                stand.scene(ui, scene, elder=elder)
                parts = sorted({part for part, _ in _parts(ui, named)} - done)
                assert parts, f"{scene} has nothing for {named!r}"
                for part in parts:
                    done.add(part)
                    met.discard(part)
                    _try_hands(ui, stand, scene, named, part, elder=elder)
                    assert part in met, f"nothing on {scene} sets {named!r} off"


def _try_hands(ui: UI, stand: Stand, scene: str, named: str, part: Part, *, elder: bool) -> None:
    """Use what a hand can use of the widget that a part is of, until the part is met."""
    tried = 0
    while part not in met:
        stand.scene(ui, scene, elder=elder)
        hands = _hands(next(one for other, one in _parts(ui, named) if other == part))
        tried += 1
        if tried > len(hands):
            return
        _set_off(ui, hands[-tried])  # what goes on stands before what does not


@pytest.mark.parametrize(
    ("asked", "whole", "missed", "ends"),
    [
        (True, False, True, pytest.ExitCode.TESTS_FAILED),
        (True, False, False, pytest.ExitCode.OK),
        (False, True, True, pytest.ExitCode.TESTS_FAILED),
        (False, True, False, pytest.ExitCode.OK),
        (False, False, True, pytest.ExitCode.OK),
    ],
)
def test_a_run_that_is_asked_fails_for_what_it_did_not_meet(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    asked: bool,
    whole: bool,
    missed: bool,
    ends: int,
) -> None:
    page = next(Path("mobile").resolve().rglob("*.kv"))
    monkeypatch.setenv("YIKATONG_KV", "1" if asked else "")
    monkeypatch.setattr(kv_coverage, "REPORT", tmp_path / "kv.json")
    monkeypatch.setattr(kv_coverage, "ran_whole_suite", lambda _: whole)
    monkeypatch.setattr(kv_coverage, "all_parts", lambda: {(str(page), 1)} if missed else set())
    session: Any = SimpleNamespace(config=SimpleNamespace(), exitstatus=pytest.ExitCode.OK)
    kv_coverage.KvCoverage().pytest_sessionfinish(session, pytest.ExitCode.OK)
    assert session.exitstatus == ends
