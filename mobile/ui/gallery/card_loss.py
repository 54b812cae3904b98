"""Stopping a lost card."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from mobile.core.card import CardState
from mobile.core.trouble import ACT_UNREACHABLE, Trouble
from mobile.services.card_loss import LossAct
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.card_loss import Step


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    loss = _Loss(stage)
    yield "loss", loss.page(CardState.ACTIVE)
    yield "loss-suspended", loss.page(CardState.SUSPENDED, done=LossAct.SUSPEND)
    yield "loss-lost", loss.page(CardState.LOST, done=LossAct.REPORT)
    yield "loss-expired", loss.page(CardState.EXPIRED)
    yield "loss-offline", loss.page(CardState.ACTIVE, Step.SUSPEND, ACT_UNREACHABLE)
    for step in (Step.SUSPEND, Step.LIFT, Step.REPORT, Step.REPORT_SURE):
        state = CardState.SUSPENDED if step is Step.LIFT else CardState.ACTIVE
        yield f"loss-{step.replace('_', '-')}", loss.page(state, step)
    yield "code-lost", loss.code(CardState.LOST)
    if stage.preferences.value.elder:
        yield "home-suspended", loss.code(CardState.SUSPENDED, "home")


class _Loss:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def page(
        self,
        state: CardState,
        step: Step = Step.CHOOSE,
        trouble: Trouble | None = None,
        done: LossAct | None = None,
    ) -> Callable[[], None]:
        def show() -> None:
            self.code(state)()
            self._stage.models.place.go("card_loss")
            model = self._stage.models.card_loss
            model._step, model._trouble, model._done = step, trouble, done
            model._reading.seen_at = NOW
            model.tick()

        return show

    def code(self, state: CardState, name: str = "code") -> Callable[[], None]:
        card = replace(self._stage.wallet.card, state=state)
        return lambda: self._stage.show(replace(self._stage.wallet, card=card), name)
