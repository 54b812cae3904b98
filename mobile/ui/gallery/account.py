"""The pages of the account: signing in, phones, who used my data."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from mobile.core.account import SentCode
from mobile.core.data_use import DataUse
from mobile.core.paper_code import PaperCode
from mobile.core.trouble import UNREACHABLE, Trouble, not_removed
from mobile.ui.gallery.samples import (
    LOCKED,
    NOW,
    PAPERS,
    PHONES,
    SESSION_ENDED,
    SMS_CODE_WRONG,
    USES,
)
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.me import STORED
from mobile.viewmodels.place import LICENCES
from mobile.viewmodels.registration import Step as RegistrationStep
from mobile.viewmodels.sign_in import Step


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    account = _Account(stage)
    for step in Step:
        yield f"sign-in-{step}", account.signing_in(step)
    yield "sign-in-locked", account.signing_in(Step.PASSWORD, LOCKED)
    for registering in RegistrationStep:
        yield f"register-{registering}", account.registering(registering)
    yield "register-refused", account.registering(RegistrationStep.CODE, SMS_CODE_WRONG)
    yield "sign-in-ended", account.session_ended
    yield "sign-in-for", account.on_the_way
    yield "me-not-removed", account.not_removed
    yield "me-signed-in", lambda: stage.show_signed_in("me")
    yield "devices", account.devices()
    yield "devices-unbinding", account.devices(asking=2)
    yield "devices-offline", account.devices(trouble=UNREACHABLE)
    yield "paper", account.papers(PAPERS)
    yield "paper-revoking", account.papers(PAPERS, asking="pap_1")
    yield "paper-saved", account.papers(PAPERS, place="下载/yikatong-2026-11-22.pdf")
    yield "paper-empty-offline", account.papers(None, trouble=UNREACHABLE)
    yield "data-use", account.data_use(USES)
    yield "data-use-empty", account.data_use(())
    yield "data-use-offline", account.data_use(None, UNREACHABLE)


class _Account:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def signing_in(self, step: Step, trouble: Trouble | None = None) -> Callable[[], None]:
        """Return what shows a step of the sign-in, in the middle of typing."""

        def show() -> None:
            self._stage.show(self._stage.wallet, "sign_in")
            model = self._stage.models.sign_in
            model._sent = SentCode(NOW + timedelta(minutes=5), NOW + timedelta(seconds=42))
            model._typed = {Step.PHONE: "13800138000", Step.CODE: "246", Step.NUMBER: "3607021990"}
            model._step, model._problem = step, None
            model.password = "correct horse" if step is Step.PASSWORD else ""
            if trouble is not None:
                model._fail(trouble)
            model.tick()

        return show

    def registering(
        self, step: RegistrationStep, trouble: Trouble | None = None
    ) -> Callable[[], None]:
        """Return what shows a step of the registration, in the middle of typing."""

        def show() -> None:
            self._stage.show(self._stage.wallet, "sign_in")
            self._stage.models.place.register()
            model = self._stage.models.register
            model._typed = {"number": "3607021990", "phone": "13800138000", "code": "246"}
            model._sent = SentCode(NOW + timedelta(minutes=5), NOW + timedelta(seconds=42))
            model.line, model._agreed, model._picture = "欧阳晓明", True, bytes(81_000)
            model._go(step)
            model._trouble = trouble
            model.tick()

        return show

    def session_ended(self) -> None:
        self.signing_in(Step.PHONE)()
        self._stage.account.ended = SESSION_ENDED
        self._stage.models.sign_in.tick()

    def on_the_way(self) -> None:
        self.signing_in(Step.PHONE)()
        self._stage.models.place.go(LICENCES)

    def not_removed(self) -> None:
        self._stage.show_signed_in("me")
        model = self._stage.models.me
        model.open_section(STORED)
        model._trouble = not_removed("Permission denied")
        model._show()

    def devices(
        self, asking: int | None = None, trouble: Trouble | None = None
    ) -> Callable[[], None]:
        def show() -> None:
            model = self._stage.models.devices
            self._stage.show_signed_in("devices")
            model._known, model._asking, model._trouble = PHONES, asking, trouble
            model._reading.seen_at = NOW
            model._chosen = asking
            model.tick()

        return show

    def papers(
        self,
        known: tuple[PaperCode, ...] | None,
        asking: str = "",
        place: str = "",
        trouble: Trouble | None = None,
    ) -> Callable[[], None]:
        def show() -> None:
            model = self._stage.models.paper
            self._stage.show_signed_in("paper")
            model._known, model._asking, model._trouble = known, asking, trouble
            model._done = ("paper.done", place) if place else None
            model._reading.trouble = None
            model.tick()

        return show

    def data_use(
        self, uses: tuple[DataUse, ...] | None, trouble: Trouble | None = None
    ) -> Callable[[], None]:
        def show() -> None:
            model = self._stage.models.data_use
            self._stage.show_signed_in("data_use")
            model._known, model._next = uses, "next" if uses else None
            model._reading.seen_at = NOW if uses is not None else None
            model._reading.trouble = trouble
            model.tick()

        return show
