"""收款账户 in the app: which counts, what is held and stopped, naming one without a word typed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mobile.core.payout_account import Payee, PayoutAccount
from mobile.core.trouble import Trouble
from mobile.ui.gallery.family import scenes as family_scenes
from mobile.ui.gallery.payout import scenes
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Stage

NUMBER = "6217001234560086"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage(tmp_path)

    def act(work: Callable[[], Awaitable[Trouble | None]]) -> None:
        async def run() -> None:
            model._trouble = await work()

        asyncio.run(run())
        model._show()

    model = stage.models.payout
    monkeypatch.setattr(model, "_act", act)
    return stage


@pytest.mark.feature("D22")
def test_d22_a_held_change_shows_from_when_it_counts_and_is_stopped_by_one_touch(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, stopped = stage.models.payout, list[str]()
    dict(scenes(stage))["payout-held"]()
    state = model.state
    assert [one.act for one in state.urgent] == ["stop"]
    assert any("4417" in one for one in state.facts)
    [held] = [one for one in state.facts if "0086" in one]
    assert "起生效" in held
    assert all(NUMBER not in one for one in state.facts)

    async def withdraw() -> PayoutAccount:
        stopped.append("stop")
        return PayoutAccount(model._known.present if model._known else None, None)

    monkeypatch.setattr(model._accounts, "withdraw", withdraw)
    model.do("stop")
    assert stopped == ["stop"]
    assert (model.state.urgent, model.state.notices[0].title) == ((), "已停止更换")


@pytest.mark.feature("D22")
def test_d22_what_was_held_for_72_hours_is_what_counts(stage: Stage) -> None:
    dict(scenes(stage))["payout-held"]()
    stage.clock.advance(71 * 3_600)
    stage.models.payout.tick()
    assert stage.models.payout.state.urgent == ()
    [fact] = stage.models.payout.state.facts
    assert fact.startswith("现在用：中国建设银行")


def test_an_account_is_named_by_touches_alone_and_nothing_typed_stays(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, sent = stage.models.payout, list[tuple[str, str]]()

    async def change(bank: str, number: str) -> PayoutAccount:
        sent.append((bank, number))
        return PayoutAccount(None, Payee(bank, number[-4:], NOW + timedelta(hours=72)))

    monkeypatch.setattr(model._accounts, "change", change)
    dict(scenes(stage))["payout-none"]()
    assert model.state.urgent == ()
    model.do("change")
    model.choose("ccb")
    for digit in NUMBER[:9]:
        model.type_digit(digit)
    model.submit()
    assert model.state.typed is not None  # too short to go on
    for digit in NUMBER[9:]:
        model.type_digit(digit)
    model.submit()
    assert NUMBER[:4] in model.state.facts[0]
    assert NUMBER[:4] not in model.reading()
    model.do("send")
    assert sent == [("中国建设银行", NUMBER)]
    assert model._typed == ""
    assert [one.act for one in model.state.urgent] == ["stop"]


def test_it_is_not_reached_while_acting_for_another(stage: Stage) -> None:
    dict(family_scenes(stage))["acting-code"]()
    stage.models.place.go("payout")
    assert stage.models.place.name == "family"
