"""S15 from end to end: the holder's choice at the phone, the answer of the real reader's lane."""

from dataclasses import replace

import pytest

from backend.demo_city import IDENTIFICATION_CODE
from backend.foundation.access import OPERATOR
from backend.foundation.operations import Services
from backend.functions.registry import FunctionRegistry
from backend.functions.rules import CardFunction, FunctionStatus
from reader_service.card_reading import ReadCard
from shared.cardfile.identification_code import IdentificationCode
from shared.cardfile.records import CardVersion
from shared.clock import ManualClock
from shared.ecode.reasons import Reason
from tests.backend.accounts.actors import People
from tests.backend.actors import City, new_key
from tests.backend.cards.gate import certificate_in
from tests.backend.lane import VenueLane

CARD = ReadCard(IdentificationCode(IDENTIFICATION_CODE), CardVersion.V3, None)


@pytest.mark.feature("S15")
async def test_a_function_counts_at_the_lane_from_the_next_refresh_on_and_offline(
    people: People,
    city: City,
    lane: VenueLane,
    services: Services,
    open_transit: CardFunction,
    clock: ManualClock,
) -> None:
    phone = await people.signed_in("901")
    holder = await city.holder("901")
    enrolled = await phone.enrol(await city.code(holder))
    certificate = certificate_in(enrolled)
    assert await lane.refresh(), lane.sync.state

    refused = lane.show(phone, certificate).answer
    assert refused.reason is Reason.FUNCTION_DISABLED
    assert lane.tap(CARD).answer.reason is Reason.FUNCTION_DISABLED

    for _ in range(2):  # twice with keys of their own, and one of them repeated
        key = new_key()
        for _ in range(2):
            done = await phone.do("EnableFunction", idempotencyKey=key, function="transit")
            assert done["function"]["enabled"] is True
    clock.advance(60)
    assert lane.show(phone, certificate).answer.reason is Reason.FUNCTION_DISABLED  # still offline
    assert await lane.refresh()
    clock.advance(60)
    assert lane.show(phone, certificate).answer.reason is None
    assert lane.tap(CARD).answer.verdict.opens

    await phone.do("DisableFunction", idempotencyKey=new_key(), function="transit")
    clock.advance(60)
    assert await lane.refresh()
    clock.advance(60)
    assert lane.show(phone, certificate).answer.reason is Reason.FUNCTION_DISABLED
    assert lane.tap(CARD).answer.reason is Reason.FUNCTION_DISABLED
    visits = (await phone.ask("Visits", first=10))["visits"]["nodes"]
    reasons = {visit["reason"]["zh"] for visit in visits if visit["reason"]}
    assert "您的卡还没有开通这里使用的功能" in reasons  # the holder reads it too

    closed = replace(open_transit, status=FunctionStatus.CLOSED)
    await services[FunctionRegistry].put(OPERATOR, new_key(), closed)
    done = await phone.do("EnableFunction", idempotencyKey=new_key(), function="transit")
    assert done["code"] == "function_closed"
    clock.advance(60)
    assert await lane.refresh()
    clock.advance(60)
    assert lane.show(phone, certificate).answer.reason is Reason.FUNCTION_CLOSED


async def test_a_venue_that_asks_for_none_gets_no_list(city: City) -> None:
    terminal = await city.terminal(1)

    answer = await terminal.send("GET", "/readers/v1/function-list")

    assert (answer.status_code, answer.json()["code"]) == (404, "function_not_asked")


async def test_before_the_list_is_built_the_reader_is_told_so(lane: VenueLane) -> None:
    assert not await lane.sync.round()

    assert lane.sync.state.problem is not None
    assert lane.sync.state.problem.code == "status_list_not_ready"
