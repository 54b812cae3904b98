"""A delegate pays a court for the principal from what the principal stored (D21)."""

from collections.abc import Mapping
from typing import Any

import pytest

from backend.foundation.audit import AuditRow
from backend.mandates.documents import Mandate, MandateNotice
from backend.mandates.scopes import Scope
from backend.stored_value.rules import Sums
from tests.backend.actors import City, document, new_key
from tests.backend.mandates.family import GRANDMOTHER, Family
from tests.backend.stored_value.till import COURT, GROUP, Till

PRICE, DAY = 4_000, 86_400
LIMITS: Mapping[str, Any] = {"perActFen": PRICE, "perDayFen": PRICE, "perMonthFen": 3 * PRICE}


def _said(answer: Mapping[str, Any]) -> str:
    return str(answer.get("code") or answer["__typename"])


@pytest.mark.feature("D21")
@pytest.mark.feature("D23")
async def test_d21_a_delegate_pays_for_the_principal_within_the_limits_once_and_is_told(
    city: City, till: Till
) -> None:
    family = Family(city)
    elder, younger = await family.relative(GRANDMOTHER, card=True), await family.relative()
    who = elder.resident_id.removeprefix("res_")
    await till.open()
    await till.top_up(who, 3 * PRICE)
    mandate = await family.mandate(elder, younger, Scope.BOOK, Scope.PAY_SMALL)
    younger.phone.acting_for = mandate
    early = await younger.say("PayBooking", group=GROUP, booking="bkg_none")
    city.clock.advance(DAY)
    younger.phone.acting_for = ""
    for relative in (elder, younger):
        await relative.phone.renew_session()
    younger.phone.acting_for = mandate
    slots = await till.hall.open(COURT)
    courts = [await till.hall.booked(who, slots[number]) for number in (1, 3)]
    one, other = [{"group": GROUP, "booking": court.booking_id} for court in courts]

    assert early == "mandate_cooling_down"
    assert await younger.say("PayBooking", **one) == "mandate_over_limit"
    assert (await till.sums(who)).spent == 0  # refused, the payment is undone with its row
    assert await AuditRow.find({"mandate": mandate, "action": "stored_value.paid"}).count() == 0
    await elder.do("LimitMandate", mandate=mandate, **LIMITS)
    key = new_key()
    said = [_said(await younger.do("PayBooking", key, **one)) for _ in range(2)]
    said.append(await younger.say("PayBooking", **other))  # the day's limit is gone
    seen = await younger.see("StoredValue")

    assert said == ["StoredValueChanged", "StoredValueChanged", "mandate_over_limit"]
    assert [account["balanceFen"] for account in seen["accounts"]] == [2 * PRICE]
    assert await till.sums(who) == Sums(topped_up=3 * PRICE, spent=PRICE, balance=2 * PRICE)
    stored = await Mandate.get(mandate)
    assert stored is not None
    assert stored.spent is not None
    assert stored.spent.day_fen == PRICE
    paid = await AuditRow.find({"mandate": mandate, "action": "stored_value.paid"}).to_list()
    assert [(row.actor["id"], row.subject) for row in paid] == [
        (younger.resident_id, elder.resident_id)
    ]
    told = await MandateNotice.find({"mandate": mandate, "code": "stored_value.paid"}).to_list()
    assert [notice.person for notice in told] == [elder.resident_id]
    wish = {"idempotencyKey": new_key(), "group": GROUP}
    refused = await younger.phone.post(document("RefundStoredValue"), {"input": wish})
    assert refused.json()["errors"][0]["extensions"]["code"] == "not_delegable"
