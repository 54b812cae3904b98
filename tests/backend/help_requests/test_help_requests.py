"""求助: an elder asks, the delegate is told once and answers; against the store."""

import asyncio
from typing import Any

import pytest

from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow
from backend.help_requests import service as help_service
from backend.help_requests.documents import HelpRequest
from backend.help_requests.rules import KEPT, MOST_IN_WINDOW, HelpTopic
from backend.help_requests.service import HelpRequests, HelpRequestView
from backend.mandates.documents import MandateNotice
from backend.mandates.scopes import Scope
from backend.mandates.views import Side
from tests.backend.actors import City, new_key
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative


async def _two(family: Family) -> tuple[Relative, Relative, str]:
    grandmother, daughter = await family.relative(GRANDMOTHER), await family.relative()
    mandate = await family.mandate(grandmother, daughter, Scope.CARD_SHOW, Scope.BOOK)
    return grandmother, daughter, mandate


async def _seen(one: Relative, side: str) -> Any:
    return (await one.see("HelpRequests", side=side))["nodes"]


def _caller(one: Relative) -> Caller:
    """Return them without a session, which would have ended while time passed."""
    return Caller(resident_id=one.resident_id, thumbprint=one.resident_id)


async def _notices(one: Relative, code: str) -> int:
    return await MandateNotice.find({"person": one.resident_id, "code": code}).count()


async def test_an_elder_asks_the_delegate_sees_it_once_and_answers(family: Family) -> None:
    grandmother, daughter, mandate = await _two(family)
    key = new_key()
    asked = await grandmother.do("AskForHelp", key, mandate=mandate, topic="BOOK")
    assert asked["__typename"] == "HelpRequestChanged", asked
    again = await grandmother.do("AskForHelp", key, mandate=mandate, topic="BOOK")
    pressed = await grandmother.do("AskForHelp", mandate=mandate, topic="BOOK")
    request = asked["helpRequest"]["id"]
    assert {again["helpRequest"]["id"], pressed["helpRequest"]["id"]} == {request}
    assert await _notices(daughter, "help.asked") == 1

    [waiting] = await _seen(daughter, "DELEGATE")
    assert (waiting["id"], waiting["topic"], waiting["mandate"]) == (request, "BOOK", mandate)
    assert "*" in waiting["otherName"]

    assert await daughter.say("AnswerHelpRequest", helpRequest=request) == "HelpRequestChanged"
    assert await daughter.say("AnswerHelpRequest", helpRequest=request) == "help_request_unknown"
    assert await _seen(daughter, "DELEGATE") == []
    [answered] = await _seen(grandmother, "PRINCIPAL")
    assert answered["answeredAt"]
    assert await _notices(grandmother, "help.answered") == 1
    rows = await AuditRow.find({"mandate": mandate, "action": {"$regex": "^help"}}).to_list()
    assert sorted(one.action for one in rows) == ["help.answered", "help.asked"]


async def test_who_is_no_live_delegate_is_neither_asked_nor_shown_anything(
    family: Family, city: City
) -> None:
    grandmother, daughter, mandate = await _two(family)
    stranger = await family.relative("19600101")
    ask = {"mandate": mandate, "topic": "SHOW_CODE"}
    assert await stranger.say("AskForHelp", **ask) == "helper_unknown"
    assert await daughter.say("AskForHelp", **ask) == "helper_unknown"  # not the other way round
    asked = await grandmother.do("AskForHelp", **ask)
    request = asked["helpRequest"]["id"]
    for one in (stranger, grandmother):
        assert await one.say("AnswerHelpRequest", helpRequest=request) == "help_request_unknown"
    assert await daughter.say("WithdrawHelpRequest", helpRequest=request) == "help_request_unknown"

    assert await grandmother.say("StopMandate", mandate=mandate) == "MandateChanged"
    assert await _seen(daughter, "DELEGATE") == []
    assert await daughter.say("AnswerHelpRequest", helpRequest=request) == "helper_not_live"
    assert await grandmother.say("AskForHelp", **ask) == "helper_not_live"
    city.clock.advance(KEPT.total_seconds())
    requests = city.house.services[HelpRequests]
    assert await requests.requests(_caller(grandmother), Side.PRINCIPAL) == ()


async def _at_once(one: Relative, mandate: str) -> set[str]:
    """Ask the same thing many times side by side; return the requests made."""
    asks = [one.do("AskForHelp", mandate=mandate, topic="TALK") for _ in range(6)]
    await asyncio.gather(*asks)
    rows = await HelpRequest.find({"mandate": mandate}).to_list()
    return {row.id for row in rows}


async def test_pressed_again_at_once_it_is_one_request_and_without_the_guard_several(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    grandmother, _, mandate = await _two(family)
    assert len(await _at_once(grandmother, mandate)) == 1
    await HelpRequest.find_all().delete()

    async def nothing(*_: object) -> dict[str, Any]:
        return {}

    monkeypatch.setattr(help_service, "touch", nothing)
    assert len(await _at_once(grandmother, mandate)) > 1


async def test_after_some_requests_an_hour_one_has_to_wait(family: Family, city: City) -> None:
    grandmother, _, mandate = await _two(family)
    for _ in range(MOST_IN_WINDOW):
        asked = await grandmother.do("AskForHelp", mandate=mandate, topic="TALK")
        request = asked["helpRequest"]["id"]
        said = await grandmother.say("WithdrawHelpRequest", helpRequest=request)
        assert said == "HelpRequestChanged"
    more = {"mandate": mandate, "topic": "TALK"}
    assert await grandmother.say("AskForHelp", **more) == "help_too_often"
    city.clock.advance(3_600)
    requests = city.house.services[HelpRequests]
    asked = await requests.ask(_caller(grandmother), new_key(), mandate, HelpTopic.TALK)
    assert isinstance(asked, HelpRequestView), asked


async def test_an_sms_of_an_answer_does_not_speak_of_stopping_anything(family: Family) -> None:
    grandmother, daughter, mandate = await _two(family)
    asked = await grandmother.do("AskForHelp", mandate=mandate, topic="BOOK")
    await family.sms()  # both have the app: nothing goes by SMS yet
    await grandmother.phone.do("SignOut")

    await daughter.do("AnswerHelpRequest", helpRequest=asked["helpRequest"]["id"])
    [sent] = await family.sms()

    assert "家人看到了您的求助" in sent
    assert "停止授权" not in sent
    assert "stop" not in sent
    await daughter.do("StopMandate", mandate=mandate)
    assert "停止授权" in (await family.sms())[0]
