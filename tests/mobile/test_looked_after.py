"""S44, S63, S87 in the app: records by a touch, kept nowhere; one touch a day says one is well."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mobile.core.official_record import KINDS
from mobile.core.trouble import UNREACHABLE
from mobile.ui.gallery.looked_after import CHECK, scenes
from mobile.ui.gallery.stage import Stage

WIRE = {
    "__typename": "OfficialRecord",
    "source": {"zh": "市卫健委", "en": "Health commission"},
    "askedAt": "2026-11-22T06:30:00+00:00",
    "sections": [
        {
            "title": {"zh": "疫苗接种", "en": "Vaccinations"},
            "lines": [
                {
                    "name": {"zh": "乙肝疫苗", "en": "Hepatitis B"},
                    "value": {"zh": "水南", "en": "Shuinan"},
                    "day": "2025-03-01",
                }
            ],
        },
        {"title": {"zh": "以前", "en": "Before"}, "lines": []},
    ],
}
CHECK_WIRE = {
    "__typename": "SafeCheck",
    "minute": 600,
    "contacts": [{"mandate": "mnd_a", "maskedName": "李*华", "heard": True}],
    "dueAt": "2026-11-23T02:00:00+00:00",
    "checkedAt": None,
    "missedAt": None,
}


class Server:
    """Answers what it is told to, and remembers what was asked for whom."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.keys: list[str] = []
        self.answers: dict[str, Any] = {}

    async def ask(self, operation: str, variables: Any, subject: str = "") -> Any:
        self.asked.append((operation, subject))
        self.keys.append(variables.get("input", {}).get("idempotencyKey", ""))
        field = operation[:1].lower() + operation[1:]
        return {field: self.answers[operation]}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def server(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(stage.account, "ask", server.ask)
    monkeypatch.setattr(stage.models.safe_check._checks._holder, "ask", server.ask)
    return server


def _scene(stage: Stage, name: str) -> None:
    scene: Callable[[], None] = dict(scenes(stage))[name]
    scene()


@pytest.mark.feature("S44", "S63")
async def test_nothing_is_asked_before_a_touch_and_nothing_stays(
    stage: Stage, server: Server, tmp_path: Path
) -> None:
    model = stage.models.records
    _scene(stage, "records")
    model.tick()
    await _read(model)
    assert server.asked == []
    server.answers["HealthRecord"] = WIRE
    model.choose("health")
    await _read(model)
    assert server.asked == [("HealthRecord", "")]
    panels = model.state.panels
    assert panels is not None
    doses, before = panels
    assert [(one.name, one.value, one.day) for one in doses.lines] == [
        ("乙肝疫苗", "水南", "2025年3月1日")
    ]
    assert before.empty == "没有记录"
    assert "乙肝疫苗" in model.reading()
    assert model.step_back()
    assert model.state.panels is None
    assert not model.step_back()
    assert "乙肝".encode() not in _kept(tmp_path)
    stage.clock.advance(60)
    model.tick()
    assert len(server.asked) == 1, "no look is made by itself"


def _kept(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def _read(model: Any) -> None:
    if model._may_read():
        model._reading.trouble = await model._read()
        model._show()


@pytest.mark.feature("S44", "D18", "D25")
async def test_d18_a_delegate_sees_what_is_allowed_under_the_banner_and_it_goes_with_the_switch(
    stage: Stage, server: Server
) -> None:
    model = stage.models.records
    _scene(stage, "acting-records")
    assert stage.models.family.band
    assert stage.models.place.name == "records"
    assert model.state.panels
    model.step_back()
    assert [one.code for one in model.state.kinds] == ["health"], "one scope, one kind"
    model.choose("student")
    assert model.state.chosen == ""
    model.choose("health")
    server.answers["HealthRecord"] = WIRE
    await _read(model)
    assert server.asked == [("HealthRecord", "mnd_a")]
    stage.services.family.switch("")
    assert (model.state.panels, model.state.chosen) == (None, "")
    assert [one.code for one in model.state.kinds] == list(KINDS)


async def test_an_answer_about_somebody_who_is_not_in_front_any_more_is_not_shown(
    stage: Stage, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = stage.models.records
    _scene(stage, "acting-records")
    model.step_back()

    async def switched(operation: str, variables: Any, subject: str = "") -> Any:
        stage.services.family.switch("")
        return await server.ask(operation, variables, subject)

    monkeypatch.setattr(stage.account, "ask", switched)
    server.answers["HealthRecord"] = WIRE
    model.choose("health")
    await _read(model)
    assert model.state.panels is None


def test_a_missing_consent_leads_to_where_it_is_explained_and_only_ones_own(stage: Stage) -> None:
    model = stage.models.records
    _scene(stage, "records-consent")
    assert model.state.asks_consent
    _scene(stage, "records-offline")
    assert not model.state.asks_consent
    _scene(stage, "acting-records")
    model._record = None
    model._reading.trouble = replace(UNREACHABLE, code="consent_needed")
    model._show()
    assert not model.state.asks_consent


@pytest.mark.feature("S87")
async def test_one_touch_says_one_is_well_once_however_often_it_is_sent(
    stage: Stage, server: Server
) -> None:
    model = stage.models.safe_check
    _scene(stage, "safe-check-missed")
    assert "已经告诉家人" in model.state.notices[0].title
    assert [one.act for one in model.state.urgent] == ["well"]
    well = dict(CHECK_WIRE, checkedAt=stage.clock.now().isoformat())
    server.answers["CheckInSafe"] = None
    await model._well()
    await model._well()
    server.answers["CheckInSafe"] = well
    await model._well()
    await model._well()
    model._show()
    assert len(set(server.keys[:3])) == 1
    assert server.keys[3] != server.keys[0]
    assert model.state.cards[0].facts[0].text == "11月22日 周日 14:30"
    assert [one.title for one in model.state.notices] == ["已报平安"]


@pytest.mark.feature("S87")
async def test_an_hour_and_family_who_get_notices_switch_it_on(
    stage: Stage, server: Server
) -> None:
    model = stage.models.safe_check
    _scene(stage, "safe-check-off")
    model.do("set")
    assert model.state.stepped
    model.choose("10")
    assert model.state.acts == (), "nobody is chosen yet"
    [way] = model.state.ways
    model.do(way.act)
    server.answers["SetSafeCheck"] = CHECK_WIRE
    await model._keep()
    model._show()
    assert "没有按，告诉谁？：李*华" in model.reading()
    model.do("set")
    assert "mnd_a" in model._chosen
    model.do(way.act)
    assert "mnd_a" not in model._chosen
    assert model.step_back()
    assert not model.step_back()
    _scene(stage, "safe-check-nobody")
    [invite] = model.state.acts
    model.do(invite.act)
    assert stage.models.place.name == "family"


def test_a_contact_who_hears_nothing_is_named_and_a_past_hour_is_said(stage: Stage) -> None:
    model = stage.models.safe_check
    _scene(stage, "safe-check")
    deaf = replace(CHECK.contacts[0], heard=False)
    past = stage.clock.now() - timedelta(seconds=1)
    model._checks.known = replace(CHECK, contacts=(deaf,), due_at=past)
    model._show()
    assert "有人现在收不到通知" in model.reading()
    assert "李*华（收不到通知）" in model.reading()
    assert "已经告诉家人" in model.reading()


@pytest.mark.feature("S87", "D25")
async def test_a_delegate_sees_the_last_word_and_what_is_missed_and_says_nothing_for_another(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, server = stage.models.safe_check, Server()
    monkeypatch.setattr(stage.account, "ask", server.ask)
    _scene(stage, "acting-safe-check-off")
    assert model.state.lead == "没有开启每日报平安。"
    server.answers["SafeCheck"] = dict(CHECK_WIRE, checkedAt="2026-11-22T01:00:00+00:00")
    await _read(model)
    assert server.asked == [("SafeCheck", "mnd_a")], "the family is not read again"
    assert "最近一次报平安：11月22日 周日 09:00" in model.reading(), model.state
    assert "没有漏报" in model.reading()
    assert (model.state.urgent, model.state.acts, model.state.ways) == ((), (), ())
    stage.clock.advance(24 * 3_600)
    model._show()
    assert "没有漏报" in model.reading(), "what was read before the hour does not tell of after it"
    server.answers["SafeCheck"] = dict(CHECK_WIRE, missedAt="2026-11-23T02:00:00+00:00")
    await _read(model)
    assert "请打个电话" in model.reading()
    assert model.state.notices[0].attention
    assert model.state.cards[0].facts[0].text == "还没有报过平安"
    stage.services.family.switch("")
    assert model._checks.known is None, "hers is not one's own"
    assert model.state.title == "每日报平安"


def test_nobody_chooses_for_another_whom_to_tell(stage: Stage) -> None:
    model = stage.models.safe_check
    _scene(stage, "safe-check-whom")
    assert model.state.stepped
    _scene(stage, "acting-safe-check")
    assert (model.state.stepped, model.state.ways, model.state.acts) == (False, (), ())
    assert model.state.title == "家人的平安"


def test_coming_back_to_the_page_shows_nobodys_record_and_makes_no_look(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, begun = stage.models.records, list[str]()
    monkeypatch.setattr(model._reading, "start", lambda: begun.append("look"))
    _scene(stage, "records-offline")
    begun.clear()
    model._reading.tried_at = stage.services.time.now()
    stage.clock.advance(600)
    model.tick()
    assert begun == [], "what failed is asked again by a touch alone"
    assert "返回后再点一次" in model.reading(), "and says so"
    _scene(stage, "records-health")
    begun.clear()
    model.open()
    assert (model.state.panels, model.state.chosen, begun) == (None, "", [])
