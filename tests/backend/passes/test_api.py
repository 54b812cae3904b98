"""Passes and vouchers from the app and from a counter, over the wire."""

from typing import Any

from backend.foundation.access import Role
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, Phone, new_key
from tests.backend.passes.desk import HALL, HERE, Desk, product


async def _do(phone: Phone, operation: str, **wish: Any) -> Any:
    answer = await phone.ask(operation, input={"idempotencyKey": new_key(), **wish})
    [member] = answer.values()
    return member


async def _staff(city: City, login: str, role: Role, sequence: str = "801") -> Device:
    staff = await People(city).staff(login, role, sequence=sequence, place=HERE)
    assert (await staff.sign_in())["__typename"] == "SessionTokens"
    return staff.device


async def test_a_phone_takes_hands_on_and_gives_back(city: City, desk: Desk) -> None:
    await desk.open(product(), product("paid", price_fen=5_000, personal=True))
    phone = await city.phone(await city.holder("901", digest=None))
    other = await city.phone(await city.holder("902", digest=None))
    shown = (await phone.ask("PassProducts", venue=HALL))["passProducts"]
    assert [(one["code"], one["uses"], one["personal"]) for one in shown] == [
        ("paid", 10, True), ("ten", 10, False),
    ]  # fmt: skip
    quoted = (await phone.ask("QuotePass", product="paid"))["quotePass"]
    assert (quoted["totalFen"], [line["fen"] for line in quoted["lines"]]) == (5_000, [5_000])
    assert (await _do(phone, "TakePass", product="paid"))["code"] == "pass_costs"

    taken = await _do(phone, "TakePass", product="ten", quantity=2)
    held = taken["pass"]
    assert (held["state"], held["left"], held["paidFen"]) == ("VALID", 20, 0)
    kept = await _do(phone, "TransferPass", **{"pass": held["id"]})
    assert kept["pass"]["offeredUntil"] is not None
    assert (await _do(phone, "WithdrawPassTransfer", **{"pass": held["id"]}))["pass"][
        "offeredUntil"
    ] is None
    offered = await _do(phone, "TransferPass", **{"pass": held["id"]})
    stolen = await _do(other, "AcceptPass", invitation=kept["invitation"])
    assert stolen["code"] == "pass_invitation_unknown"
    accepted = await _do(other, "AcceptPass", invitation=offered["invitation"])
    assert accepted["pass"]["id"] == held["id"]
    assert (await phone.ask("Passes"))["passes"]["nodes"] == []
    assert (await _do(phone, "RefundPass", **{"pass": held["id"]}))["code"] == "pass_unknown"
    back = await _do(other, "RefundPass", **{"pass": held["id"]})
    assert back["pass"]["state"] == "REFUNDED"
    page = (await other.ask("Passes", first=1))["passes"]
    assert [one["state"] for one in page["nodes"]] == ["REFUNDED"]
    rest = (await other.ask("Passes", after=page["pageInfo"]["endCursor"]))["passes"]
    assert rest["nodes"] == []


async def test_a_counter_issues_what_was_paid_and_the_person_finds_that(
    city: City, desk: Desk
) -> None:
    await desk.open(product(price_fen=5_000))
    people = People(city)
    device = await people.signed_in("901")
    holder = await city.holder("901", digest=None)
    staff = await _staff(city, "gatekeeper", Role.VENUE_STAFF)
    wish = {"resident": holder.resident_id, "product": "ten"}
    assert (await _do(staff, "IssuePass", **wish))["code"] == "pass_reference"
    issued = await _do(staff, "IssuePass", **wish, reference="R-7")
    assert (issued["pass"]["paidFen"], issued["pass"]["reference"]) == (5_000, "R-7")
    revoked = await _do(staff, "RevokePass", **{"pass": issued["pass"]["id"]}, reason="重复发放")
    assert revoked["pass"]["state"] == "REVOKED"
    uses = (await device.ask("DataUse"))["dataUse"]["nodes"]
    told = {use["action"]["zh"] for use in uses}
    assert {"在柜台发了一张票", "撤销了一张票"} <= told
    assert (await staff.ask("Passes"))["passes"]["code"] == "sign_in_needed"


async def test_a_voucher_goes_from_department_to_holder_to_provider_and_back(
    city: City, desk: Desk
) -> None:
    await desk.run()
    holder = await city.holder("901", digest=None)
    phone = await city.phone(holder)
    officer = await _staff(city, "officer", Role.DEPARTMENT_OFFICER)
    school = await _staff(city, "school", Role.VENUE_STAFF, "802")
    wish = {"resident": holder.resident_id, "programme": "skills"}
    issued = await _do(officer, "IssueTrainingVoucher", **wish)
    own = {"voucher": issued["voucher"]["id"]}
    assert (await _do(officer, "IssueTrainingVoucher", **wish))["code"] == "voucher_held"
    seat = {"courseType": "nursing", "course": "N-1", "provider": HALL}
    begins = desk.course().starts_on.isoformat()
    reserved = await _do(phone, "ReserveTrainingVoucher", **own, **seat, startsOn=begins)
    assert reserved["voucher"]["course"]["course"] == "N-1"
    released = await _do(phone, "ReleaseTrainingVoucher", **own)
    assert released["voucher"]["state"] == "AVAILABLE"
    await _do(phone, "ReserveTrainingVoucher", **own, **seat, startsOn=begins)
    confirmed = await _do(school, "ConfirmTrainingVoucher", **own, course="N-1")
    assert confirmed["voucher"]["state"] == "CONFIRMED"
    assert (await _do(phone, "ReleaseTrainingVoucher", **own))["code"] == "voucher_confirmed"
    settled = await _do(officer, "SettleTrainingVoucher", **own, attended=36, planned=40)
    assert settled["voucher"]["settlement"]["fen"] == 108_000
    revoked = await _do(officer, "RevokeTrainingVoucher", **own, reason="重复")
    assert revoked["code"] == "voucher_settled"
    assert (await _do(school, "WithdrawTrainingVoucher", **own))["code"] == "voucher_settled"
    mine = (await phone.ask("TrainingVouchers"))["trainingVouchers"]["vouchers"]
    assert [one["state"] for one in mine] == ["SETTLED"]
