"""The pages of every day: binding, code, card, settings."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from mobile.core.card import CardState
from mobile.core.trouble import UNREACHABLE
from mobile.ui.gallery.samples import WRONG_CODE, certificate_of
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.notices import notice_of


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    everyday = _Everyday(stage)
    yield "enrol", everyday.first_start
    yield "enrol-wrong", everyday.wrong_code
    if stage.preferences.value.elder:
        yield "home", everyday.page("home")
    for name in ("code", "wallet", "me", "help"):
        yield name, everyday.page(name)
    yield "code-offline", everyday.offline
    yield "code-ending", everyday.ending
    yield "code-ended", everyday.ended
    yield "code-suspended", everyday.suspended
    yield "wallet-empty", everyday.without_visits
    yield "me-removing", everyday.removing


class _Everyday:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def first_start(self) -> None:
        self._stage.session.forget()
        self._stage.models.enrol.clear()

    def wrong_code(self) -> None:
        self.first_start()
        model = self._stage.models.enrol
        model.fill("3141592653")
        notice = notice_of(WRONG_CODE, self._stage.preferences.language)
        model.state = replace(model.state, problem=notice)

    def page(self, name: str) -> Callable[[], None]:
        return lambda: self._stage.show(self._stage.wallet, name)

    def without_visits(self) -> None:
        self._stage.show(replace(self._stage.wallet, visits=()), "wallet")

    def offline(self) -> None:
        self.page("code")()
        self._stage.session.lost(UNREACHABLE)

    def suspended(self) -> None:
        card = replace(self._stage.wallet.card, state=CardState.SUSPENDED)
        self._stage.show(replace(self._stage.wallet, card=card), "code")

    def ending(self) -> None:
        self._aged(44)
        self._stage.session.lost(UNREACHABLE)

    def ended(self) -> None:
        self._aged(49)

    def removing(self) -> None:
        self.page("me")()
        self._stage.models.me.ask_forget()

    def _aged(self, hours: int) -> None:
        certificate = certificate_of(self._stage.key, hours)
        self._stage.show(replace(self._stage.wallet, certificate=certificate), "code")
