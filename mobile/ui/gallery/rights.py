"""The rights over one's own data."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from mobile.core.account import SentCode
from mobile.core.closing import ClosingRequest
from mobile.core.correction import Correction
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.ui.gallery.rights_samples import (
    CLOSING_REQUEST,
    CLOSING_TERMS,
    COPIES_TOO_OFTEN,
    CORRECTIONS,
    NOTICES_READ,
    PURPOSES,
    RECEIPTS,
)
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.closing import Step as ClosingStep


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    rights = _Rights(stage)
    yield "rights", lambda: stage.show_signed_in("rights")
    yield "notices", rights.notices()
    yield "notices-open", rights.notices("ecard")
    yield "notices-before-use", rights.notices("platform", before_use=True)
    yield "code-reminder", rights.reminder
    yield "consents", rights.consents()
    yield "consents-give", rights.consents("health_records")
    yield "consents-given", rights.consents("health_records", done="consents.done.given")
    yield "consents-withdrawn", rights.consents("face_check", done="consents.done.withdrawn")
    yield "consents-offline", rights.consents(trouble=UNREACHABLE)
    yield "corrections", rights.corrections(CORRECTIONS)
    yield "corrections-empty", rights.corrections(())
    yield "corrections-one", rights.corrections(CORRECTIONS, chosen=CORRECTIONS[0].identifier)
    yield "corrections-field", rights.corrections((), "field", "NAME")
    yield "corrections-name", rights.corrections((), "NAME")
    yield "corrections-birth", rights.corrections((), "BIRTH")
    yield "corrections-why", rights.corrections((), "why", "BIRTH")
    yield "corrections-code", rights.corrections((), "CODE", "PHONE")
    yield "copy", rights.copy()
    yield "copy-coming", rights.copy(come=96_000)
    yield "copy-saved", rights.copy(place="下载/yikatong-20261122-1430.pdf")
    yield "copy-refused", rights.copy(trouble=COPIES_TOO_OFTEN)
    yield "closing", rights.closing()
    yield "closing-ask", rights.closing(ClosingStep.ASK)
    yield "closing-sure", rights.closing(ClosingStep.SURE)
    yield "closing-runs", rights.closing(request=CLOSING_REQUEST)
    yield "closing-withdrawn", rights.closing(withdrawn=True)
    rights.forget()


class _Rights:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._nothing_read = stage.models.notices._notices.known

    def notices(self, code: str = "", *, before_use: bool = False) -> Callable[[], None]:
        def show() -> None:
            model = self._stage.models.notices
            self._know_notices()
            self._stage.show(self._stage.wallet, "notices")
            model._waiting = _nobody_waits() if before_use else None
            model.open_notice(code)

        return show

    def reminder(self) -> None:
        self._know_notices()
        self._stage.show(self._stage.wallet, "code")
        self._stage.models.notices.tick()

    def forget(self) -> None:
        self._stage.models.notices._notices.known = self._nothing_read
        self._stage.models.notices.tick()

    def consents(
        self, code: str = "", done: str = "", trouble: Trouble | None = None
    ) -> Callable[[], None]:
        def show() -> None:
            self.forget()
            model = self._stage.models.consents
            self._stage.show_signed_in("consents")
            given = done != "consents.done.withdrawn"
            model._known = tuple(
                replace(one, consented=given and bool(done)) if one.code == code else one
                for one in PURPOSES
            )
            model._receipts = RECEIPTS
            if trouble is not None:
                model._known, model._receipts = None, ()
            model._reading.seen_at = NOW - timedelta(minutes=1) if trouble is None else None
            model._reading.trouble = trouble
            model.open_purpose(code)
            model._done = done
            model.tick()

        return show

    def copy(
        self, come: int = 0, place: str = "", trouble: Trouble | None = None
    ) -> Callable[[], None]:
        def show() -> None:
            model = self._stage.models.data_copy
            self._stage.show_signed_in("data_copy")
            model._busy, model._come, model._total = bool(come), come, 240_000
            model._place, model._trouble = place, trouble
            model.tick()

        return show

    def corrections(
        self, known: tuple[Correction, ...], step: str = "list", which: str = "", chosen: str = ""
    ) -> Callable[[], None]:
        def show() -> None:
            model = self._stage.models.corrections
            self._stage.show_signed_in("corrections")
            model._known, model._which, model._why = known, which, "typo"
            model._chosen = chosen
            model._typed = {"BIRTH": "196501", "NUMBER": "", "PHONE": "13900139000", "CODE": "24"}
            model._sent = SentCode(NOW + timedelta(minutes=5), NOW + timedelta(seconds=42))
            model.line = "欧阳晓明"
            model._go(step)

        return show

    def closing(
        self,
        step: ClosingStep = ClosingStep.TERMS,
        request: ClosingRequest | None = None,
        *,
        withdrawn: bool = False,
    ) -> Callable[[], None]:
        def show() -> None:
            model = self._stage.models.closing
            self._stage.show_signed_in("closing")
            model._known = replace(CLOSING_TERMS, request=request)
            model._step, model._withdrawn = step, withdrawn
            model.tick()

        return show

    def _know_notices(self) -> None:
        self._stage.models.notices._notices.known = NOTICES_READ


def _nobody_waits() -> asyncio.Future[bool]:
    loop = asyncio.new_event_loop()
    loop.close()
    return loop.create_future()
