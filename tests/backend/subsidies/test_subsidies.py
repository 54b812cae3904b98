"""S76: departments file payments; their recipients read them and are told of the end, once."""

import asyncio
from functools import partial
from typing import Any

import pytest

from backend.demo_city import seed
from backend.foundation.access import Caller, Role
from backend.foundation.audit import AuditRow, Organisation, in_one_write
from backend.foundation.refusals import Refusal
from backend.mandates.documents import MandateNotice
from backend.mandates.notices import tell
from backend.mandates.scopes import Scope
from backend.residents.documents import Resident, ResidentStatus
from backend.subsidies.demo_payments import PAYMENTS
from backend.subsidies.documents import SubsidyPayment
from backend.subsidies.leaving import SubsidyLeaving
from backend.subsidies.rules import PaymentState, UnpaidReason
from backend.subsidies.service import Filed
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText
from tests.backend.actors import City, new_key
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative
from tests.backend.residents.officers import Officers
from tests.backend.subsidies.paying import OFFICE, OFFICER, filed

APPROVED, SENT, PAID = PaymentState.APPROVED, PaymentState.SENT, PaymentState.PAID
FAILED, RETURNED = PaymentState.FAILED, PaymentState.RETURNED
AT_ONCE, ROUNDS = 6, 3


async def _code(done: Filed | Refusal) -> str:
    assert isinstance(done, Refusal), done
    return done.code


async def _notices(person: str) -> list[MandateNotice]:
    found = MandateNotice.find({"person": person, "code": {"$regex": "^subsidy"}})
    return await found.sort("+at").to_list()


async def _seen(one: Relative, **wish: Any) -> list[Any]:
    page = await one.see("Subsidies", **wish)
    return list(page["nodes"])


@pytest.mark.feature("S76")
async def test_a_payment_is_seen_in_each_state_and_its_arrival_is_told_once_by_sms(
    family: Family, city: City
) -> None:
    elder = await family.relative(GRANDMOTHER)
    house, who = city.house, elder.resident_id
    for state in (APPROVED, SENT):
        assert isinstance(await filed(house, who, state), Filed)
        [seen] = await _seen(elder)
        assert (seen["state"], seen["tail"], seen["amountFen"]) == (state.name, "5341", 27_000)
    assert await _notices(who) == []
    await elder.phone.do("SignOut")  # from now on she has no app
    key = new_key()

    answers = [await filed(house, who, PAID, key=one) for one in (key, key, new_key())]

    assert len(set(map(repr, answers))) == 1
    [notice] = await _notices(who)
    assert "5341" not in repr(notice.words)
    assert notice.words_sealed is not None
    assert b"5341" not in notice.words_sealed
    [sms] = [one for one in await family.sms() if "补贴" in one]
    for part in ("2026年第3季度", "困难残疾人生活补贴", "270.00元", "尾号为5341"):
        assert part in sms
    assert "停止授权" not in sms
    assert GRANDMOTHER not in sms
    assert not [one for one in await family.sms() if "补贴" in one][1:]
    rows = await AuditRow.find({"action": "subsidies.filed", "subject": who}).to_list()
    assert len(rows) == 3, "one a state, each for the recipient to see"
    assert all(row.organisation["code"] == OFFICE.code for row in rows)
    stored = await SubsidyPayment.find_one({"resident_id": who})
    assert stored is not None
    assert b"5341" not in stored.tail_sealed


@pytest.mark.feature("S76")
async def test_a_failed_payment_tells_what_to_do_and_the_next_one_stands_beside_it(
    family: Family, city: City
) -> None:
    elder = await family.relative(GRANDMOTHER, card=True)
    house, who = city.house, elder.resident_id
    await filed(house, who, SENT)
    await filed(house, who, FAILED, reason=UnpaidReason.ACCOUNT_CLOSED)
    [seen] = await _seen(elder)
    assert (seen["state"], seen["correctAccount"]) == ("FAILED", True)
    assert "收款账户" in seen["whatToDo"]["zh"]
    told = (await elder.see("MandateNotices", first=5))["nodes"]
    [words] = [one["words"]["zh"] for one in told if one["code"] == "subsidy.failed"]
    assert "未发放成功" in words
    assert "尾号5341" in words
    assert "更正收款账户" in words

    other_reason = await filed(house, who, FAILED, reason=UnpaidReason.OTHER)
    assert await _code(other_reason) == "subsidy_step", "what was told stays as it was told"
    for back in (APPROVED, SENT, PAID):
        assert await _code(await filed(house, who, back)) == "subsidy_step"
    city.clock.advance(60)
    assert isinstance(await filed(house, who, PAID, reference="2026Q3-0002"), Filed)
    city.clock.advance(60)
    returned: dict[str, Any] = {"reference": "2026Q3-0002", "reason": UnpaidReason.NAME_DIFFERS}
    assert isinstance(await filed(house, who, RETURNED, **returned), Filed)
    assert [one["state"] for one in await _seen(elder)] == ["RETURNED", "FAILED"]
    assert [one.code for one in await _notices(who)] == [
        "subsidy.failed",
        "subsidy.paid",
        "subsidy.returned",
    ]
    page = await elder.see("Subsidies", first=1)
    assert page["pageInfo"]["hasNextPage"]
    [older] = await _seen(elder, first=5, after=page["pageInfo"]["endCursor"])
    assert older["state"] == "FAILED"
    key = new_key()  # both are filed at one instant: the page between them loses neither
    for reference in ("2026Q3-0003", "2026Q3-0004"):
        await filed(house, who, SENT, reference=reference, key=key + reference[-1])
    first = await elder.see("Subsidies", first=1)
    rest = await _seen(elder, first=5, after=first["pageInfo"]["endCursor"])
    assert len({one["id"] for one in (*first["nodes"], *rest)}) == 4


async def test_what_is_filed_anew_with_other_particulars_or_for_nobody_is_refused(
    family: Family, city: City
) -> None:
    elder, other = await family.relative(GRANDMOTHER), await family.relative()
    house, who = city.house, elder.resident_id
    key = new_key()
    assert isinstance(await filed(house, who, SENT, key=key), Filed)
    changes: tuple[dict[str, Any], ...] = (
        *(
            {"tail": "1234"},
            {"amount_fen": 1},
            {"bank": LocalizedText("另一家银行", "Another")},
            {"period": "2026"},
        ),
        {"policy": LocalizedText("高龄津贴", "Old age allowance")},
    )
    for changed in changes:
        assert await _code(await filed(house, who, PAID, **changed)) == "subsidy_differs"
    assert await _code(await filed(house, other.resident_id, PAID)) == "subsidy_differs"
    assert await _code(await filed(house, who, PAID, key=key)) == "idempotency_key_reused"
    key = new_key()
    failed: dict[str, Any] = {"reference": "failed", "reason": UnpaidReason.OTHER}
    assert isinstance(await filed(house, who, FAILED, key=key, **failed), Filed)
    failed |= {"reason": UnpaidReason.ACCOUNT_WRONG}
    reused = await filed(house, who, FAILED, key=key, **failed)
    assert await _code(reused) == "idempotency_key_reused"
    for nobody in ("res_nobody", "", "x" * 500, '{"$ne": 1}'):
        assert await _code(await filed(house, nobody, PAID)) == "subsidy_recipient"
    assert await _code(await filed(house, who, PAID, tail="12345")) == "subsidy_form"
    clerk = Caller(staff_id="stf_clerk", roles=frozenset({Role.OUTLET_CLERK}))
    assert await _code(await filed(house, who, PAID, by=clerk)) == "not_permitted"
    there = Organisation("360700-ny", LocalizedText("市农业农村局", "Agriculture Bureau"))
    another = Caller(staff_id="stf_2", roles=OFFICER.roles, organisation=there)
    assert isinstance(await filed(house, who, PAID, by=another), Filed), "a reference is a payer's"
    seen = [one["payer"]["zh"] for one in await _seen(elder)]
    assert sorted(seen) == ["市农业农村局", "市民政局", "市民政局"]
    assert await _seen(other) == []


@pytest.mark.feature("S76", "D25")
async def test_a_delegate_sees_them_by_the_scope_and_the_look_is_recorded(
    family: Family, city: City
) -> None:
    elder, daughter = await family.relative(GRANDMOTHER), await family.relative()
    son = await family.relative()
    books = await family.mandate(elder, son, Scope.BOOK)
    view = await family.mandate(elder, daughter, Scope.BENEFIT_VIEW)
    await filed(city.house, elder.resident_id, PAID)
    son.phone.acting_for = books
    assert (await son.see("Subsidies"))["code"] == "mandate_scope_missing"
    son.phone.acting_for = view
    assert (await son.see("Subsidies"))["__typename"] == "Refusal", "another's mandate"
    daughter.phone.acting_for = view
    [seen] = await _seen(daughter)
    assert seen["state"] == "PAID"
    looked = await AuditRow.find({"action": "mandates.seen", "mandate": view}).to_list()
    assert [row.subject for row in looked] == [elder.resident_id]
    told = {"person": elder.resident_id, "code": "mandates.seen"}
    assert await MandateNotice.find(told).count() == 1


async def _unguarded(city: City, who: str, reference: str) -> None:
    """Mark as paid and tell, as if a look at the state before the write were enough."""
    rows, now = SubsidyPayment.get_pymongo_collection(), city.clock.now()
    row = await rows.find_one({"reference": reference})
    assert row is not None
    if row["state"] == PAID.value:
        return
    await asyncio.sleep(0)
    await rows.update_one({"_id": row["_id"]}, {"$set": {"state": PAID.value}})
    words = LocalizedText("到账", "Paid")
    notice = random_identifier("race")
    await in_one_write(lambda session: tell(notice, [who], "", "subsidy.paid", words, now, session))


@pytest.mark.feature("S76")
async def test_many_filings_at_once_are_one_payment_and_one_message(
    family: Family, city: City
) -> None:
    elder = await family.relative(GRANDMOTHER)
    house, who = city.house, elder.resident_id
    for number in range(ROUNDS):
        reference = f"race-{number}"
        if number % 2:  # one that goes on, and one that begins at its end
            await filed(house, who, SENT, reference=reference)
        filings = [filed(house, who, PAID, reference=reference) for _ in range(AT_ONCE)]
        done = await asyncio.gather(*filings)
        assert len(set(map(repr, done))) == 1, done
        assert isinstance(done[0], Filed)
        assert await SubsidyPayment.find({"reference": reference}).count() == 1
    assert len(await _notices(who)) == ROUNDS

    await MandateNotice.find({"person": who}).delete()
    await filed(house, who, SENT, reference="unguarded")
    await asyncio.gather(*(_unguarded(city, who, "unguarded") for _ in range(AT_ONCE)))
    assert len(await _notices(who)) > 1, "without the transaction the race is there"


async def test_it_follows_a_merged_record_and_ends_with_the_account(
    family: Family, city: City
) -> None:
    elder, twin = await family.relative(GRANDMOTHER), await family.relative(GRANDMOTHER)
    house, who = city.house, elder.resident_id
    await filed(house, twin.resident_id, SENT)
    officers = Officers(house)
    await officers.decided(await officers.proposed(who, twin.resident_id), accept=True)

    assert isinstance(await filed(house, twin.resident_id, PAID), Filed)

    await elder.phone.renew_session()
    [seen] = await _seen(elder)
    assert seen["state"] == "PAID"
    assert len(await _notices(who)) == 1

    for one in (who, twin.resident_id):
        close = partial(SubsidyLeaving().close_account, one, city.clock.now())
        await in_one_write(close)
    assert await SubsidyPayment.find_all().count() == 0


@pytest.mark.feature("S76")
async def test_what_was_paid_to_who_died_since_comes_back_and_nothing_new_goes_to_them(
    family: Family, city: City
) -> None:
    elder, other = await family.relative(GRANDMOTHER), await family.relative()
    house, who = city.house, elder.resident_id
    for state in (SENT, PAID):
        assert isinstance(await filed(house, who, state), Filed)
    assert isinstance(await filed(house, who, SENT, reference="sent"), Filed)
    died = {"$set": {"status": ResidentStatus.DECEASED.value}}
    await Resident.get_pymongo_collection().update_one({"_id": who}, died)

    back = UnpaidReason.ACCOUNT_CLOSED
    done = await filed(house, who, RETURNED, reason=back)
    assert isinstance(done, Filed), done
    assert isinstance(await filed(house, who, FAILED, reference="sent", reason=back), Filed)

    states = [one.state async for one in SubsidyPayment.find({"resident_id": who})]
    assert sorted(states) == [FAILED.value, RETURNED.value]
    assert [one.code for one in await _notices(who)] == ["subsidy.paid"], "the dead read no more"
    rows = await AuditRow.find({"action": "subsidies.filed", "subject": who}).count()
    assert rows == 5
    for state in (APPROVED, PAID):
        assert await _code(await filed(house, who, state, reference="new")) == "subsidy_recipient"
    assert isinstance(await filed(house, other.resident_id, PAID, reference="others"), Filed)
    assert await _code(await filed(house, who, PAID, reference="others")) == "subsidy_recipient"


async def test_the_demonstration_city_pays_two_people_once(city: City) -> None:
    services, now = city.house.services, city.clock.now()
    await seed(services, now)
    people = await seed(services, now)
    paid = [one.resident_id for one in people[: len(PAYMENTS)]]
    rows = await SubsidyPayment.find_all().to_list()
    assert {one: [row.resident_id for row in rows].count(one) for one in paid} == dict.fromkeys(
        paid, 3
    )
    assert [row.state for row in rows].count(FAILED.value) == 1


async def test_home_shows_the_latest_alone(city: City) -> None:
    holder = await city.holder()
    phone = await city.phone(holder)
    assert (await phone.ask("Home"))["subsidies"]["nodes"] == []
    await filed(city.house, holder.resident_id, PAID)
    city.clock.advance(60)
    await filed(city.house, holder.resident_id, APPROVED, reference="later")
    [latest] = (await phone.ask("Home"))["subsidies"]["nodes"]
    assert (latest["state"], latest["amountFen"]) == ("APPROVED", 27_000)
