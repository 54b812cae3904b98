"""D22: another payout account counts 72 hours after it was named, and all who act are told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.accounts.documents import DeviceSession, SignInMethod
from backend.foundation.audit import AuditRow, in_one_write
from backend.foundation.refusals import Refusal
from backend.mandates.documents import MandateNotice
from backend.payout_accounts.documents import PayoutAccount
from backend.payout_accounts.rules import HOLD, Payee, Version, in_force, payee_of, waiting
from backend.payout_accounts.service import payee_at
from backend.stored_value.documents import StoredValueEntry
from tests.backend.actors import City, document, new_key
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative
from tests.backend.stored_value.till import GROUP, Till

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
FIRST, SECOND = "6222021510001234567", "6217003810009876543"
BANK = "赣州银行"


@pytest.fixture
def family(city: City) -> Family:
    return Family(city)


async def _fresh(one: Relative) -> None:
    """Let the session of a relative be one that an SMS code has just opened."""
    await one.phone.renew_session()
    await DeviceSession.find({"_id": one.phone.session}).set(
        {"method": SignInMethod.SMS_CODE, "started_at": one.phone.clock.now()}
    )


async def _change(one: Relative, number: str, key: str = "") -> Any:
    return await one.do("ChangePayoutAccount", key, bank=BANK, number=number)


async def _waited(family: Family, hours: float, one: Relative) -> Any:
    family.city.clock.advance(hours * 3600)
    await one.phone.renew_session()
    return await one.see("PayoutAccount")


@pytest.mark.feature("D22")
async def test_d22_payments_go_to_the_old_account_until_72_hours_are_over(
    family: Family, city: City, till: Till
) -> None:
    elder = await family.relative(GRANDMOTHER, card=True)
    who = elder.resident_id.removeprefix("res_")
    await till.open()

    async def refunded() -> str | None:
        await till.top_up(who, 100)
        assert (await elder.do("RefundStoredValue", group=GROUP))["__typename"] == (
            "StoredValueChanged"
        )
        last = await StoredValueEntry.find({"kind": "REFUND"}).sort("-at").limit(1).to_list()
        return last[0].payee

    await _fresh(elder)
    first = await _change(elder, FIRST)
    assert (first["present"], first["held"]["tail"]) == (None, "4567")
    assert await refunded() is None  # nothing counts yet: the payment waits
    seen = await _waited(family, 72, elder)
    assert (seen["present"]["tail"], seen["held"]) == ("4567", None)
    old = await refunded()
    assert old is not None

    await _fresh(elder)
    await _change(elder, SECOND)
    city.clock.advance(1)
    assert await refunded() == old
    seen = await _waited(family, 71.9, elder)
    assert (seen["present"]["tail"], seen["held"]["tail"]) == ("4567", "6543")
    assert await refunded() == old
    seen = await _waited(family, 0.1, elder)
    assert (seen["present"]["tail"], seen["held"]) == ("6543", None)
    assert await refunded() not in {None, old}


@pytest.mark.feature("D22")
async def test_d22_the_person_and_every_delegate_is_told_once_and_nobody_else_changes_it(
    family: Family,
) -> None:
    elder, son = await family.relative(GRANDMOTHER), await family.relative()
    daughter, key = await family.relative(), new_key()
    mandate = await family.mandate(elder, daughter)
    await family.mandate(elder, son)
    assert (await _change(elder, FIRST))["code"] == "payout_account_sign_in_again"
    await _fresh(elder)
    assert (await _change(elder, "12"))["code"] == "payout_account_form"
    for _ in range(2):
        assert (await _change(elder, FIRST, key))["held"]["tail"] == "4567"

    told = await MandateNotice.find({"code": "payout.changed"}).to_list()
    everybody = {elder.resident_id, daughter.resident_id, son.resident_id}
    assert sorted(one.person for one in told) == sorted(everybody)
    assert all(tail not in repr(one.words) for one in told for tail in ("4567", BANK))
    rows = await AuditRow.find({"action": "payout.changed"}).to_list()
    assert [row.subject for row in rows] == [elder.resident_id]
    stored = await PayoutAccount.find_one({"resident_id": elder.resident_id})
    assert stored is not None
    assert FIRST.encode() not in stored.number_sealed
    daughter.phone.acting_for = mandate
    wish = {"idempotencyKey": new_key(), "bank": BANK, "number": SECOND}
    refused = await daughter.phone.post(document("ChangePayoutAccount"), {"input": wish})
    assert refused.json()["errors"][0]["extensions"]["code"] == "not_delegable"


@pytest.mark.feature("D22")
async def test_d22_a_change_is_taken_back_or_replaced_while_it_is_held(family: Family) -> None:
    elder = await family.relative(GRANDMOTHER)
    await _fresh(elder)
    await _change(elder, FIRST)
    assert (await elder.do("WithdrawPayoutChange"))["held"] is None
    assert (await elder.do("WithdrawPayoutChange"))["code"] == "payout_account_nothing_waits"
    await _change(elder, FIRST)
    family.city.clock.advance(300)
    assert (await _change(elder, SECOND))["held"]["tail"] == "6543"
    named = {"resident_id": elder.resident_id, "withdrawn_at": None}
    assert await PayoutAccount.find(named).count() == 1  # what was replaced never counts

    seen = await _waited(family, 72, elder)

    assert seen["present"]["tail"] == "6543"
    now, who = family.city.clock.now(), elder.resident_id
    counts = await in_one_write(lambda session: payee_at(who, now, session))
    assert await PayoutAccount.find({"_id": counts, "withdrawn_at": None}).count() == 1
    assert await in_one_write(lambda session: payee_at("res_nobody", now, session)) is None


def test_d22_what_counts_at_an_instant_is_the_last_that_began() -> None:
    old, new = Version("a", NOW - HOLD), Version("b", NOW)
    moment = timedelta(microseconds=1)
    assert in_force([old, new], NOW - moment) == old
    assert waiting([old, new], NOW - moment) == new
    assert in_force([new, old], NOW) == new
    assert waiting([old, new], NOW) is None
    assert in_force([old, Version("b", NOW, withdrawn=True)], NOW) == old
    assert in_force([], NOW) is None
    assert timedelta(hours=72) == HOLD


@pytest.mark.parametrize(
    ("bank", "number", "fits"),
    [
        (BANK, "6222 0215 1000 1234 567", True),
        (BANK, "622202", False),
        ("", FIRST, False),
        ("6222021510001234567", FIRST, False),
        (BANK, FIRST + "\u0661", False),
        (BANK + "\n", FIRST, True),
        ("赣\x00州", FIRST, False),
    ],
)
def test_an_account_is_a_bank_and_its_digits(bank: str, number: str, fits: bool) -> None:
    found = payee_of(bank, number)
    assert isinstance(found, Payee) is fits
    assert isinstance(found, Refusal) is not fits
    assert FIRST not in repr(found)
