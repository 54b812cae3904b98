"""The pages of every day: binding, code, card, settings."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from mobile.core.card import CardState
from mobile.core.trouble import UNREACHABLE
from mobile.ui.gallery.booking_samples import CONFIRMED, HELD
from mobile.ui.gallery.samples import TIMELINE, WRONG_CODE, certificate_of
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.me import ACCOUNT, LOOK, PHONE, STORED
from mobile.viewmodels.notices import notice_of


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    everyday = _Everyday(stage)
    yield "enrol", everyday.first_start
    yield "enrol-wrong", everyday.wrong_code
    if stage.preferences.value.elder:
        yield "home", everyday.page("home")
        yield "home-today", everyday.today_at_home
    for name in ("code", "wallet", "me", "help"):
        yield name, everyday.page(name)
    yield "code-today", everyday.today
    yield "code-eye", everyday.eye
    yield "code-challenge", everyday.challenged
    yield "challenge", everyday.challenge
    yield "code-offline", everyday.offline
    yield "code-ending", everyday.ending
    yield "code-ended", everyday.ended
    yield "code-suspended", everyday.suspended
    yield "wallet-empty", everyday.without_visits
    yield "me-removing", everyday.removing
    yield "timeline", everyday.timeline
    yield "services", everyday.search("")
    yield "services-found", everyday.search("gausi")
    yield "services-none", everyday.search("养老金")
    if stage.preferences.value.elder:
        for section in (LOOK, PHONE, STORED):
            yield f"me-{section}", everyday.section(section)
        yield "services-realm", everyday.realm


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
        def show() -> None:
            self._stage.show(self._stage.wallet, name)
            self._stage.models.code.mask()
            self._stage.models.me.open_section(ACCOUNT)

        return show

    def today(self) -> None:
        self.page("code")()
        self._stage.show(replace(self._stage.wallet, coming=(CONFIRMED, HELD)), "code")

    def today_at_home(self) -> None:
        self.page("home")()
        self._stage.show(replace(self._stage.wallet, coming=(CONFIRMED,)), "home")

    def timeline(self) -> None:
        self.page("timeline")()
        model = self._stage.models.timeline
        model._known, model._next = TIMELINE, "older"
        model._show()

    def eye(self) -> None:
        self.page("code")()
        eye = self._stage.models.code._eye
        eye._name, eye._until = "欧阳晓明", eye._time.reading().steady + 27
        self._stage.models.code.tick()

    def challenge(self) -> None:
        self.page("challenge")()
        for digit in "0483":
            self._stage.models.challenge.type_digit(digit)

    def challenged(self) -> None:
        self.page("code")()
        self._stage.models.code.answer_challenge("048392")

    def search(self, query: str) -> Callable[[], None]:
        def show() -> None:
            self.page("services")()
            self._stage.models.services.begin()
            self._stage.models.services.query = query

        return show

    def realm(self) -> None:
        self.page("services")()
        self._stage.models.services.begin()
        self._stage.models.services.open_realm("done")

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
        self._stage.models.me.open_section(STORED)
        self._stage.models.me.ask_forget()

    def section(self, name: str) -> Callable[[], None]:
        def show() -> None:
            self.page("me")()
            self._stage.models.me.open_section(name)

        return show

    def _aged(self, hours: int) -> None:
        certificate = certificate_of(self._stage.key, hours)
        self._stage.show(replace(self._stage.wallet, certificate=certificate), "code")
