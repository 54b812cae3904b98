"""S102 in the app: guides found by a slip or by pinyin, shown with their age, kept sealed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mobile.core.guide import FRESH, MOST_KEPT, GuidesSeen
from mobile.core.preferences import Preferences
from mobile.core.trouble import UNREACHABLE
from mobile.core.venue import Position
from mobile.ports.location.desktop import DesktopLocation
from mobile.services.guides import Guides
from mobile.ui.gallery.guides import AT_HOME, GUIDE, TITLES, scenes
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Stage

LIST = {"__typename": "GuideList", "nodes": [one.to_wire() for one in TITLES]}
WIRE = {"__typename": "Guide", **GUIDE.to_wire()}


class City:
    """Answers without a network, or with what it is told to; remembers what was asked."""

    def __init__(self) -> None:
        self.online = True
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.answers: dict[str, Any] = {"Guides": LIST, "Guide": WIRE}
        self.then: Callable[[], None] = lambda: None

    async def ask(self, operation: str, variables: Mapping[str, Any], *_: object) -> Any:
        self.asked.append((operation, variables))
        self.then()
        if not self.online:
            return UNREACHABLE
        return {operation[:1].lower() + operation[1:]: self.answers[operation]}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def city(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> City:
    city = City()
    monkeypatch.setattr(stage.models.guides._guides._backend, "ask", city.ask)
    return city


def _scene(stage: Stage, name: str) -> None:
    scene: Callable[[], None] = dict(scenes(stage))[name]
    scene()


def _kept(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def _read(model: Any) -> None:
    model._reading.trouble = await model._read()
    model._show()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("gs", ["card_loss"]),
        ("guashi", ["card_loss"]),
        ("挂式", ["card_loss"]),
        ("卡丢了", ["card_loss"]),
        ("lost card", ["card_loss"]),
        ("公共交通", ["function.transit"]),
        ("飞机票", []),
    ],
)
def test_a_guide_is_found_as_a_service_is(stage: Stage, typed: str, found: list[str]) -> None:
    _scene(stage, "guides")
    model = stage.models.guides
    model.query = typed
    assert [one.item for one in model.state.lines or ()] == found
    assert (f"找到 {len(found)} 项" if found else "没有找到") in model.state.told
    assert model.state.told in model.reading()


@pytest.mark.feature("S102")
async def test_a_guide_is_read_by_steps_and_kept_sealed_with_its_age_for_no_network(
    stage: Stage, city: City, tmp_path: Path
) -> None:
    model = stage.models.guides
    _scene(stage, "guides-unread")
    assert model.state.lines is None
    await _read(model)
    model.choose("card_loss")
    await _read(model)
    opened = model.state.opened
    assert opened is not None
    assert [one.heading for one in opened.steps] == ["第1步", "第2步", "第3步"]
    assert [(one.name, one.open) for one in opened.outlets] == [
        ("红旗大道社会保障卡网点", True),
        ("梅林社会保障卡网点", False),
    ]
    for words in ("挂失和补换卡", "谁能办：持卡人本人", "第2步：卡找到了", "现在开门"):
        assert words in model.reading()
    assert opened.reviewed == "市人力资源和社会保障局于 2026年11月10日 复核"
    assert (opened.old, model.state.seen) == ("", "")
    assert "红旗大道".encode() not in _kept(tmp_path)

    city.online = False
    stage.clock.advance(2 * 86_400)
    guides = stage.services.guides
    again = Guides(guides._backend, guides._session, guides._store, guides._time)
    assert again.known == guides.known
    model._guides = again
    model.open()
    model.choose("card_loss")
    await _read(model)
    opened = model.state.opened
    assert opened is not None
    assert [one.state for one in opened.outlets] == ["开没开门，联网后才知道"] * 2
    assert "更新" in model.state.seen
    assert model.state.problem is not None
    model.choose("exams")
    await _read(model)
    assert (model.state.opened, model.state.seen) == (None, ""), "it was never seen"


@pytest.mark.feature("S102")
def test_a_guide_of_more_than_ninety_days_says_so(stage: Stage) -> None:
    _scene(stage, "guide-old")
    opened = stage.models.guides.state.opened
    assert opened is not None
    assert "超过 90 天" in opened.old
    assert opened.old in stage.models.guides.reading()
    edge = replace(GUIDE, reviewed_at=NOW - FRESH)
    assert edge.is_fresh(NOW)
    assert not edge.is_fresh(NOW + timedelta(seconds=1))


def test_for_elders_a_guide_is_one_thing_a_page(stage: Stage) -> None:
    stage.preferences.value = Preferences(elder=True)
    model = stage.models.guides
    _scene(stage, "guide")
    parts = []
    while model.state.next_part:
        parts.append(model.state.part)
        model.go_on()
    assert [*parts, model.state.part] == ["facts", "steps", "outlets"]
    assert "第1步" not in model.reading()
    model.go_on()
    assert model.step_back()
    assert model.state.part == "steps"
    assert "第1步" in model.reading()
    assert model.step_back()
    assert model.step_back()
    assert model.state.chosen == ""
    assert not model.step_back()


def test_a_guide_asked_for_on_its_page_is_shown_alone_and_read_part_by_part(stage: Stage) -> None:
    stage.preferences.value = Preferences(elder=True)
    _scene(stage, "guide")
    stage.models.place.go("card_loss")
    stage.models.show_guide("card_loss")
    model = stage.models.guides
    model.open()
    assert (model.state.chosen, model.state.part) == ("card_loss", "facts")
    assert model.state.opened is not None
    assert not model.state.opened.can_begin, "one comes from there"
    model.go_on()
    assert model.step_back()
    assert not model.step_back()
    assert stage.models.place.back()
    assert stage.models.place.name == "card_loss"


async def test_outlets_come_by_nearness_and_where_the_phone_was_is_not_kept(
    stage: Stage, city: City
) -> None:
    model = stage.models.guides
    _scene(stage, "guide")
    await model._locate()  # a desktop without a position
    assert model.state.no_position is not None
    model._location = DesktopLocation(Position(25.86123, 115.01))
    near = [{**one, "distance": 650.0} for one in WIRE["outlets"]]
    city.answers["Guide"] = {**WIRE, "outlets": near}
    await model._locate()
    await _read(model)
    assert model.state.no_position is None
    assert city.asked[-1][1]["near"] == {"latitude": 25.861, "longitude": 115.01}
    opened = model.state.opened
    assert opened is not None
    assert "650 米" in opened.outlets[0].detail
    known = model._guides.known
    assert known is not None
    assert known.of("card_loss") is not None
    assert "distance" not in str(known.to_wire())


async def test_the_guide_touched_last_is_read_however_slow_the_one_before(
    stage: Stage, city: City
) -> None:
    model = stage.models.guides
    _scene(stage, "guides")
    model.choose("exams")
    city.answers["Guide"] = {"__typename": "Guide", **AT_HOME.to_wire()}

    def touched() -> None:
        city.then = lambda: None
        model.choose("card_loss")
        city.answers["Guide"] = WIRE

    city.then = touched
    await _read(model)
    assert [one[1].get("item") for one in city.asked] == ["exams", "card_loss"]
    assert model.state.title == "挂失和补换卡"


def test_it_leads_to_the_service_and_comes_from_help_and_the_map(stage: Stage) -> None:
    _scene(stage, "guide")
    assert stage.models.place.name == "guides"
    stage.models.guides.do_it()
    assert stage.models.place.name == "card_loss"
    stage.models.services.choose("guides")
    assert stage.models.place.name == "guides"
    assert stage.models.place.back()
    assert stage.models.place.name == "help"


def test_so_many_are_kept_and_those_seen_last() -> None:
    seen = GuidesSeen(TITLES, NOW)
    for number in range(MOST_KEPT + 5):
        seen = seen.with_guide(replace(GUIDE, item=f"item{number}"), NOW)
    seen = seen.with_guide(replace(GUIDE, item="item7"), NOW)
    assert len(seen.guides) == MOST_KEPT
    assert seen.of("item4") is None
    assert seen.guides[-1][0].item == "item7"
    assert GuidesSeen.of_wire(seen.to_wire()).guides[0][0].item == "item5"
