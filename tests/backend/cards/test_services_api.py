"""The services a holder has from home, as the app asks for them."""

import pytest

from backend.cards.card_service_frame import CardChange
from backend.cards.lifecycle import CardEvent
from tests.backend.actors import City, new_key
from tests.backend.cards.conftest import SignedIn


def _services(standing: dict[str, list[dict[str, str]]]) -> set[str]:
    return {service["service"] for service in standing["availableServices"]}


@pytest.mark.feature("S9")
async def test_a_holder_suspends_lifts_and_reports_the_card_lost(signed_in: SignedIn) -> None:
    phone = signed_in.device
    standing = (await phone.ask("CardStanding"))["cardStanding"]
    assert standing["stateWords"] == {"zh": "正常", "en": "In use"}
    assert _services(standing) == {"SUSPEND", "REPORT_LOST"}
    assert {one["action"] for one in standing["allowedActions"]} >= {"SHOW_CODE", "PAY"}

    suspended = (await phone.do("SuspendCard", idempotencyKey=new_key()))["standing"]
    assert suspended["state"] == "SUSPENDED"
    assert _services(suspended) == {"LIFT_SUSPENSION", "REPORT_LOST"}
    assert suspended["allowedActions"] == []
    lifted = (await phone.do("LiftSuspension", idempotencyKey=new_key()))["standing"]
    assert {"__typename": "CardStanding", **lifted} == standing
    lost = (await phone.do("ReportCardLost", idempotencyKey=new_key()))["standing"]
    assert (lost["state"], _services(lost)) == ("LOST", {"REPLACE"})
    assert (await phone.do("LiftSuspension", idempotencyKey=new_key()))["code"] == "loss_is_final"
    replaced = await phone.do(
        "ReplaceCard", idempotencyKey=new_key(), reason="LOST", keepNumber=True
    )
    assert replaced["__typename"] == "CardServed"
    again = await phone.do("ReplaceCard", idempotencyKey=new_key(), reason="LOST", keepNumber=True)
    assert again["code"] == "card_in_production"


async def test_a_phone_that_is_not_signed_in_may_suspend_and_nothing_more(city: City) -> None:
    phone = await city.phone(await city.holder())

    suspended = await phone.ask("SuspendCard", input={"idempotencyKey": new_key()})
    assert suspended["suspendCard"]["standing"]["state"] == "SUSPENDED"
    for operation in ("LiftSuspension", "ReportCardLost"):
        [answer] = (await phone.ask(operation, input={"idempotencyKey": new_key()})).values()
        assert answer["code"] == "sign_in_needed"


async def test_a_strange_phone_suspends_nothing(city: City) -> None:
    await city.holder()

    answer = await city.stranger().ask("SuspendCard", input={"idempotencyKey": new_key()})

    assert answer["suspendCard"]["code"] == "device_unknown"


async def test_the_holders_card_is_meant_whatever_the_phone_is_bound_to(
    signed_in: SignedIn, city: City
) -> None:
    """Signed in on a phone that speaks for another's card: the account decides."""
    other = await city.holder("955", digest=None)
    await signed_in.device.enrol(await city.code(other))

    await signed_in.device.do("SuspendCard", idempotencyKey=new_key())

    assert isinstance(await city.serve(other, CardEvent.SUSPEND), CardChange)  # it was in use
    mine = (await signed_in.device.ask("CardStanding"))["cardStanding"]
    assert mine["state"] == "SUSPENDED"


@pytest.mark.feature("S9")
async def test_no_card_is_lifted_or_ended_on_a_phone_that_shows_another(
    signed_in: SignedIn, city: City
) -> None:
    """Neither the card of who is signed in nor the one the phone shows changes."""
    other = await city.holder("955", digest=None)
    phone = signed_in.device
    await phone.do("SuspendCard", idempotencyKey=new_key())
    await phone.enrol(await city.code(other))

    reason = {"reason": "LOST", "keepNumber": True}
    for operation, more in (
        ("LiftSuspension", {}),
        ("ReportCardLost", {}),
        ("ReplaceCard", reason),
    ):
        answer = await phone.do(operation, idempotencyKey=new_key(), **more)
        assert answer["code"] == "card_of_another", operation

    assert (await phone.ask("CardStanding"))["cardStanding"]["state"] == "SUSPENDED"
    assert isinstance(await city.serve(other, CardEvent.SUSPEND), CardChange)  # it was in use


async def test_a_standing_names_its_card_as_the_phone_knows_it(
    signed_in: SignedIn, city: City
) -> None:
    """So that an app sees that a service of its account was not done on the card it shows."""
    other = await city.holder("955", digest=None)
    phone = signed_in.device
    mine = (await phone.ask("CardStanding"))["cardStanding"]["card"]
    await phone.enrol(await city.code(other))

    shown = (await phone.ask("Home"))["card"]["id"]
    suspended = (await phone.do("SuspendCard", idempotencyKey=new_key()))["standing"]

    assert suspended["card"] == mine != shown
