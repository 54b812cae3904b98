"""Acting for family in the app: the pages' order, whose things are shown, and what is kept."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from mobile.core.mandate import (
    DELEGATE,
    PRINCIPAL,
    SENSITIVE,
    FamilySeen,
    Mandate,
    MoneyLimits,
    Principal,
)
from mobile.core.pending import PendingAct
from mobile.ui.gallery.family import mandate_wire, paying, scenes
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Stage
from mobile.viewmodels.family_state import ASK, LENGTH

OLD_LIMITS = {"perActFen": 1, "perDayFen": 1, "perMonthFen": 1}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def _scene(stage: Stage, name: str) -> Callable[[], None]:
    return dict(scenes(stage))[name]


@pytest.mark.feature("D3")
def test_d3_the_smallest_is_chosen_and_each_sensitive_thing_asked_alone(stage: Stage) -> None:
    model = stage.models.family
    _scene(stage, "family")()
    model.do("begin:PRINCIPAL")
    model.choose("ELDER")
    assert model._course.scopes == {"CARD_SHOW", "BOOK"}
    model.do("sensitive")
    titles = []
    for answer in ("", "yes", ""):
        assert model._course.page == ASK
        titles.append(model.state.title)
        model.do(f"allow:{answer}")
    assert len(set(titles)) == len(SENSITIVE)
    assert model._course.page == LENGTH
    assert model._course.scopes == {"CARD_SHOW", "BOOK", SENSITIVE[1]}
    assert [value for value, _ in model.state.choices] == ["1", "31", "182", "365"]


@pytest.mark.feature("D18")
def test_d18_a_band_says_for_whom_until_one_touch_leads_back(stage: Stage) -> None:
    _scene(stage, "acting-code")()
    models = stage.models
    models.code.tick()
    assert models.family.band == "正在为 钟*明 办理"
    assert models.code.state.digits
    assert models.code.state.for_another
    models.place.go("devices")
    assert models.place.name == "family"  # what is one's own is not reached from there
    models.family.switch()
    assert (models.family.band, models.place.name) == ("", "code")
    assert not models.code.state.for_another


def test_a_mandate_that_ended_shows_words_instead_of_a_code(stage: Stage) -> None:
    _scene(stage, "acting-over")()
    stage.models.code.tick()
    assert stage.models.code.state.digits == ""
    blocked = stage.models.code.state.blocked
    assert blocked is not None
    assert blocked.title == "这项代办已结束或暂停"


def test_scopes_stop_one_by_one_or_all_by_one_touch(stage: Stage) -> None:
    _scene(stage, "family-one")()
    state = stage.models.family.state
    assert [one.act for one in state.urgent] == ["stop:"]
    assert [one.act for one in state.acts] == [
        *("stop:CARD_SHOW", "stop:BOOK", "stop:PAY_SMALL", "dispute")
    ]
    stage.models.family.do("open:mnd_a")  # for a delegate, acting comes before giving up
    state = stage.models.family.state
    assert state.urgent == ()
    assert [one.act for one in state.acts] == ["switch:mnd_a", "stop:"]
    _scene(stage, "family-confirm")()
    state = stage.models.family.state
    assert [one.act for one in (*state.urgent, *state.acts)] == ["confirm", "stop:"]


@pytest.mark.feature("D7")
def test_d7_who_may_act_is_stopped_in_three_touches_in_either_mode(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elder: the tile, the line, stop. Standard: the tab of oneself, the row, stop."""
    model, stopped = stage.models.family, list[tuple[str, str]]()

    def stop(scope: str) -> None:
        stopped.append((model._course.mandate, scope))

    monkeypatch.setattr(model, "_stop", stop)
    monkeypatch.setattr(model, "_act", lambda work: work())
    _scene(stage, "family")()
    in_list = [one.act for one in model.state.ways if one.act.startswith("stop_one:")]
    assert in_list == ["stop_one:mnd_c"]  # none for whom one acts oneself, nor for what waits
    model.do(in_list[0])
    _scene(stage, "family")()
    stage.models.preferences.switch_elder()
    assert not any(one.act.startswith("stop_one:") for one in model.state.ways)
    model.do("open:mnd_c")
    model.do(model.state.urgent[0].act)
    assert stopped == [("mnd_c", "")] * 2


@pytest.mark.feature("D21")
def test_d21_the_principal_sets_the_limits_one_amount_a_page_none_below_the_one_before(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, wished = stage.models.family, list[object]()
    monkeypatch.setattr(model, "_limit", wished.append)
    monkeypatch.setattr(model, "_act", lambda work: work())
    _scene(stage, "family-limits")()
    assert "¥50" in model.state.cards[0].said()
    titles = []
    for fen in (2_000, 10_000, 50_000):
        titles.append(model.state.title)
        assert str(fen) in dict(model.state.choices)
        model.choose(str(fen))
    assert len(set(titles)) == 3
    assert wished == [MoneyLimits(2_000, 10_000, 50_000)]

    _scene(stage, "family-limits")()
    model.choose("2000")
    assert min(int(one) for one, _ in model.state.choices) == 2_000
    assert model.step_back()
    model.choose("0")  # nothing an act: there is nothing more to ask
    assert wished[1:] == [MoneyLimits()]


@pytest.mark.feature("D23")
def test_d23_the_principal_chooses_how_to_be_told_of_views(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, wished = stage.models.family, list[object]()
    monkeypatch.setattr(model, "_tell_views", lambda *, daily: wished.append(daily))
    monkeypatch.setattr(model, "_act", lambda work: work())
    _scene(stage, "family-told")()
    assert model.state.chosen == "each"
    model.choose("daily")
    model.choose("each")
    assert wished == [True, False]


def test_what_shows_a_principals_card_is_kept_and_ends_with_the_mandate(stage: Stage) -> None:
    _scene(stage, "family")()
    known = stage.models.family._family.known
    assert known is not None
    again = FamilySeen.of_wire(known.to_wire())
    assert again == known
    [mother, _] = again.principals
    assert mother.certificate is not None
    over = Mandate.of_wire({**mother.mandate.wire, "state": "ENDED"})
    assert mother.with_mandate(over, NOW) == Principal(over, mother.card)
    assert over.side == DELEGATE


def test_an_act_without_an_answer_belongs_to_whom_it_was_for() -> None:
    act = PendingAct("BookPlace", {"slot": "slt_1"}, "act_1", NOW, "mnd_a")
    assert PendingAct.of_wire(act.to_wire()) == act
    assert act.is_of("BookPlace", {"slot": "slt_1"}, "mnd_a")
    assert not act.is_of("BookPlace", {"slot": "slt_1"})


def _facts(stage: Stage) -> list[str]:
    return [fact.text for card in stage.models.family.state.cards for fact in card.facts]


@pytest.mark.feature("D21")
def test_d21_what_was_paid_stands_beside_what_may_be_on_both_sides(stage: Stage) -> None:
    _scene(stage, "family-one")()
    [spent] = [one for one in _facts(stage) if "已花" in one]
    assert spent == "今天已花 ¥35.50，还能花 ¥64.50\n本月已花 ¥120，还能花 ¥380"
    _scene(stage, "family-ward")()  # a delegate's side
    assert spent in _facts(stage)
    old = Mandate.of_wire(paying(mandate_wire("m", DELEGATE, "王*兰")) | {"limits": OLD_LIMITS})
    assert old.spent_today == 0


@pytest.mark.feature("D7")
def test_d7_a_guardian_sees_who_else_acts_and_stops_it_without_taking_it_for_their_own(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, stopped = stage.models.family, list[str]()
    monkeypatch.setattr(model, "_act", lambda work: asyncio.run(work()))
    _scene(stage, "family-one")()
    assert all(one.act != "guarded" for one in model.state.ways)  # nobody's guardian
    _scene(stage, "family-guarded")()
    assert [one.act for one in model.state.acts] == ["stop_guarded:mnd_x"]
    known = model._family.known

    async def stop(mandate: str) -> Mandate:
        stopped.append(mandate)
        return Mandate.of_wire(mandate_wire(mandate, PRINCIPAL, "周*伟", "ENDED"))

    monkeypatch.setattr(model._family, "stop_for_ward", stop)
    model.do("stop_guarded:mnd_x")
    assert stopped == ["mnd_x"]
    assert model.state.acts == ()
    assert model._family.known is known
    assert model.step_back()
    assert [one.act for one in model.state.ways] == ["did", "guarded"]


def test_what_was_done_is_a_card_each_that_names_who_did_it_and_what_was_not_done(
    stage: Stage,
) -> None:
    model = stage.models.family
    _scene(stage, "family-did")()
    booked, unpaid, confirmed = model.state.cards
    assert (booked.title, booked.state) == ("为本人预约了 客家文化城", "")
    assert [fact.text for fact in booked.facts] == ["代办人", "11月22日 周日 14:30"]
    assert (unpaid.state, unpaid.attention) == ("没有办成", True)
    assert confirmed.facts[0].text == "本人或网点"
    assert model.state.facts == ()
    assert "付款。没有办成。谁办的？：代办人" in model.reading()
