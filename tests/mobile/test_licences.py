"""S26 in the app: a desk's request is decided all or nothing, and one's own are kept nowhere."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mobile.core.licence import LicenceRequest, OwnLicences
from mobile.core.trouble import UNREACHABLE
from mobile.ui.gallery.licences import REQUEST, scenes
from mobile.ui.gallery.stage import Stage
from mobile.viewmodels.licences import LIST

_TEXT = {"zh": "机动车驾驶证", "en": "Driving licence"}
WIRE = {
    "id": "lrq_a",
    "desk": {"zh": "住建局", "en": "Housing"},
    "licences": [_TEXT],
    "purpose": "租房",
    "state": "ASKED",
    "askedAt": "2026-11-22T06:30:00+00:00",
    "until": "2099-11-22T06:40:00+00:00",
}
OWN = {
    "__typename": "OwnLicences",
    "askedAt": "2026-11-22T06:30:00+00:00",
    "licences": [
        {
            "name": _TEXT,
            "issuer": {"zh": "交警支队", "en": "Traffic police"},
            "status": "VALID",
            "validFrom": "2021-05-08",
            "validUntil": None,
        }
    ],
}


class Server:
    """Answers what it is told to, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.answers: dict[str, Any] = {
            "LicenceRequests": {"__typename": "LicenceRequestList", "nodes": [WIRE]}
        }

    async def ask(self, operation: str, variables: Any, subject: str = "") -> Any:
        assert subject == "", "nobody decides for another"
        self.asked.append((operation, variables.get("input")))
        answer = self.answers[operation]
        field = operation[:1].lower() + operation[1:]
        return answer if answer is UNREACHABLE else {field: answer}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def server(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(stage.account, "ask", server.ask)
    return server


def _scene(stage: Stage, name: str) -> None:
    scene: Callable[[], None] = dict(scenes(stage))[name]
    scene()


async def _read(model: Any) -> None:
    model._reading.trouble = await model._read()
    model._show()


def _changed(state: str) -> dict[str, Any]:
    return {"__typename": "LicenceRequestChanged", "licenceRequest": WIRE | {"state": state}}


@pytest.mark.feature("S26")
async def test_a_request_says_who_asks_what_for_and_until_when_and_is_decided_as_a_whole(
    stage: Stage, server: Server
) -> None:
    model = stage.models.licences
    _scene(stage, "licences-none")
    assert "现在没有窗口申请" in model.state.lead
    await _read(model)
    [waiting] = model.state.urgent
    assert waiting.text == "住建局等您决定"
    model.do(waiting.act)
    said = model.reading()
    for part in ("谁要看：住建局", "做什么用：租房", "要看哪些：机动车驾驶证", "请在这之前决定："):
        assert part in said
    assert [one.act for one in model.state.acts] == ["agree", "refuse"], "all or nothing"

    server.answers["DecideLicenceRequest"] = UNREACHABLE
    assert await model._decide(agree=True) is UNREACHABLE
    server.answers["DecideLicenceRequest"] = _changed("GRANTED")
    assert await model._decide(agree=True) is None
    model._show()
    first, second = [wish for name, wish in server.asked if name == "DecideLicenceRequest"]
    assert first == second, "sent again it is the same request"
    assert (first["licenceRequest"], first["agree"]) == ("lrq_a", True)
    assert "您已同意，还没有查看" in model.reading()

    [take_back] = model.state.acts
    server.answers["WithdrawLicenceGrant"] = _changed("WITHDRAWN")
    model.do(take_back.act)
    await model._licences.withdraw("lrq_a")
    model._show()
    assert model.state.acts == ()
    assert "您已撤回" in model.reading()
    assert model.step_back()
    assert not model.step_back()
    await model.close()


@pytest.mark.feature("S26")
def test_offline_it_says_that_it_may_not_be_done_and_the_request_stays_open(stage: Stage) -> None:
    model = stage.models.licences
    _scene(stage, "licences-offline")
    assert [one.title for one in model.state.notices] == ["连不上服务器，这次可能没有办成"]
    assert [one.act for one in model.state.acts] == ["agree", "refuse"]


def test_a_request_ends_by_the_clock_and_one_that_is_gone_is_not_decided(stage: Stage) -> None:
    model = stage.models.licences
    _scene(stage, "licences-decide")
    stage.clock.advance(11 * 60)
    model._show()
    assert model.state.acts == ()
    assert "已过期" in model.reading()
    assert REQUEST.standing(REQUEST.until - timedelta(seconds=1)) == "ASKED"
    assert replace(REQUEST, state="USED").standing(REQUEST.until) == "USED"
    _scene(stage, "licences-gone")
    assert (model.state.acts, model.state.cards) == ((), ())


@pytest.mark.feature("S26")
async def test_ones_own_are_asked_by_a_touch_and_kept_nowhere(
    stage: Stage, server: Server, tmp_path: Path
) -> None:
    model = stage.models.licences
    _scene(stage, "licences")
    server.answers["OwnLicences"] = OWN
    assert ("OwnLicences", None) not in server.asked
    model._go("own")
    await _read(model)
    [card] = model.state.cards
    assert (card.title, card.state) == ("机动车驾驶证", "有效")
    assert [fact.text for fact in card.facts] == ["交警支队", "2021年5月8日 起"]
    model._go("own")
    server.answers["OwnLicences"] = UNREACHABLE
    await _read(model)
    assert model.state.cards == ()
    assert [one.act for one in model.state.acts] == ["own"]
    assert "请检查网络后再点一次" in model.reading()
    asked = len(server.asked)
    stage.clock.advance(60)
    model.tick()
    assert len(server.asked) == asked, "no look is made by itself"
    assert "交警支队".encode() not in _kept(tmp_path)
    model.step_back()
    assert (model._page, model._own) == (LIST, None)
    await model.close()


def _kept(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_an_answer_that_comes_after_they_went_back_is_not_shown(
    stage: Stage, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = stage.models.licences
    _scene(stage, "licences")

    async def back(operation: str, variables: Any, subject: str = "") -> Any:
        model.step_back()
        return await server.ask(operation, variables, subject)

    monkeypatch.setattr(stage.account, "ask", back)
    server.answers["OwnLicences"] = OWN
    model._go("own")
    await _read(model)
    assert model._own is None
    assert model.state.cards == ()
    await model.close()


async def test_while_somebody_waits_the_desks_request_comes_by_itself(
    stage: Stage, server: Server
) -> None:
    model = stage.models.licences
    _scene(stage, "licences-none")
    read: list[str] = []
    model.refresh = lambda: read.append("again")  # type: ignore[method-assign]
    model._reading.seen_at = stage.services.time.now()
    model.tick()
    assert read == []
    stage.clock.advance(11)
    model.tick()
    assert read == ["again"]
    assert server.asked == []


@pytest.mark.parametrize("wrong", [{"state": "OPEN"}, {"until": "soon"}, {"licences": None}])
def test_what_is_no_request_is_read_as_none(wrong: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        LicenceRequest.of_wire(WIRE | wrong)
    with pytest.raises((KeyError, TypeError, ValueError)):
        OwnLicences.of_wire({"askedAt": WIRE["askedAt"], "licences": [{"name": _TEXT}]})


def test_nobody_decides_for_another_and_a_sign_out_forgets(stage: Stage) -> None:
    _scene(stage, "licences")
    stage.models.place.acting = True
    stage.models.place.go("licences")
    assert stage.models.place.name == "family"
    stage.models.place.acting = False
    stage.account._drop()
    assert stage.services.licences.requests == ()
    assert not stage.services.licences.was_read
