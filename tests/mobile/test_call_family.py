"""求助 in the app: three touches from the tile to the call, one from the call to the page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.ports.dialler import NoDialler
from mobile.ui.gallery.calling import scenes
from mobile.ui.gallery.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def _scene(stage: Stage, name: str) -> None:
    scene: Callable[[], None] = dict(scenes(stage))[name]
    scene()


class _Telephone:
    def __init__(self) -> None:
        self.dialled: list[str] = []

    def dial(self, number: str) -> None:
        self.dialled.append(number)


def test_an_elder_touches_a_name_and_a_need_and_only_what_was_allowed_is_offered(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, asked = stage.models.call_family, list[tuple[str, str]]()
    _scene(stage, "call-family")
    assert [one.act for one in model.state.ways] == ["who:mnd_a", "who:mnd_b"]
    model.do("who:mnd_b")
    offered = [one for one, _ in model.state.choices]
    assert offered == ["SHOW_CODE", "BOOK", "PASSES", "TALK"]
    monkeypatch.setattr(model, "_act", lambda work: work())
    monkeypatch.setattr(model, "_ask", lambda topic: asked.append((model._mandate, topic)))
    model.choose("BOOK")
    assert asked == [("mnd_b", "BOOK")]
    assert model.step_back()
    assert not model.step_back()


def test_with_nobody_to_ask_the_way_leads_to_an_invitation(stage: Stage) -> None:
    _scene(stage, "call-family-nobody")
    [invite] = stage.models.call_family.state.acts
    stage.models.call_family.do(invite.act)
    assert stage.models.place.name == "family"


def test_a_number_typed_here_is_dialled_or_shown_where_nothing_makes_calls(
    stage: Stage, tmp_path: Path
) -> None:
    model, telephone = stage.models.call_family, _Telephone()
    _scene(stage, "call-family-need")
    model.do("dial")  # a desktop has no telephone
    assert [one.body for one in model.state.notices] == ["13800138000"]
    with pytest.raises(NoDialler):
        model._dialler.dial("1")
    model._dialler = telephone
    model.do("dial")
    assert telephone.dialled == ["13800138000"]

    model.do("number")
    model.clear()
    for digit in "07978123456":
        model.key(digit)
    model.key("enter")
    model.do("dial")
    assert telephone.dialled[1:] == ["07978123456"]
    sealed = (tmp_path / "contacts.sealed").read_bytes()
    assert b"07978123456" not in sealed
    assert Stage(tmp_path).services.contacts.number("mnd_a") == "07978123456"


@pytest.mark.feature("D18")
def test_one_touch_on_a_call_acts_for_who_asks_on_the_right_page(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _scene(stage, "help-wanted")
    models = stage.models
    assert models.help_wanted.words == "王*兰 向您求助：替我预约"
    monkeypatch.setattr(models.help_wanted, "_work", stage.idle())
    models.help_wanted.go()
    assert models.place.name == "venues"
    assert models.family.band
    assert models.help_wanted.words == ""


async def test_an_answer_that_could_not_be_sent_leaves_the_call_waiting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _scene(stage, "help-wanted")
    help_requests = stage.services.help_requests
    [waiting] = help_requests.waiting
    said: list[Any] = [UNREACHABLE]

    async def ask(operation: str, variables: Any) -> Any:
        sent.append((operation, variables["input"]["idempotencyKey"]))
        return said[0]

    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(stage.account, "ask", ask)
    assert isinstance(await help_requests.answer(waiting.identifier), Trouble)
    assert help_requests.waiting == (waiting,)
    assert isinstance(await help_requests.answer(waiting.identifier), Trouble)
    assert len(set(sent)) == 1  # the same request again, under its own key


def test_put_off_the_call_is_out_of_the_way_and_who_asks_still_waits(stage: Stage) -> None:
    _scene(stage, "help-wanted-no-more")
    assert stage.models.help_wanted.words == ""
    assert stage.services.help_requests.waiting


def test_help_leads_to_a_person_by_one_touch(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    model, telephone = stage.models.help, _Telephone()
    assert model.reading().startswith("打 12333，问人工。")
    model.call()
    assert [one.title for one in model.notices] == ["请用电话拨 12333"]
    stage.preferences.choose_language("en")
    assert [one.title for one in model.notices] == ["Please dial 12333 on a telephone"]
    model.open()
    assert model.notices == ()
    monkeypatch.setattr(model, "_dialler", telephone)
    model.call()
    assert (telephone.dialled, model.notices) == (["12333"], ())
