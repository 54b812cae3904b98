"""Acting for another person: who may do what for whom, and what both sides and the log then say."""

import json
from typing import Any

import pytest

from backend.accounts.sessions import Sessions
from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow
from backend.mandates.acting import Acting, MandateUses
from backend.mandates.documents import MandateNotice
from backend.mandates.reach import Delegable
from backend.mandates.scopes import Scope
from backend.schema import first_looks
from shared.identity.age import local_day
from shared.wire.request_proof import HEADER, ProvenKey, sign_request, thumbprint
from tests.backend.actors import JSON, document, new_key
from tests.backend.bookings.hall import DAY, VENUE, Hall, plan
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative


@pytest.fixture
async def hall(family: Family) -> Hall:
    hall = Hall(family.city.house, family.city.clock)
    await hall.open(plan(capacity=4))
    return hall


@pytest.fixture
async def grandmother(family: Family) -> Relative:
    return await family.relative(GRANDMOTHER, card=True)


@pytest.fixture
async def daughter(family: Family) -> Relative:
    return await family.relative(card=True)


async def _slot(one: Relative) -> str:
    day = (local_day(one.phone.clock.now()) + DAY).isoformat()
    answer = await one.phone.ask("Slots", venue=VENUE, **{"from": day, "to": day})
    return str(answer["slots"]["slots"][0]["id"])


async def _rows(mandate: str) -> list[AuditRow]:
    return await AuditRow.find(AuditRow.mandate == mandate).sort("at", "_id").to_list()


async def _notices(person: Relative, code: str) -> list[MandateNotice]:
    return await MandateNotice.find({"person": person.resident_id, "code": code}).to_list()


@pytest.mark.feature("D2")
@pytest.mark.feature("D23")
@pytest.mark.feature("D24")
@pytest.mark.usefixtures("hall")
async def test_d2_d23_d24_a_booking_for_another_names_both_and_is_told_once(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    mandate = await family.mandate(grandmother, daughter)
    daughter.phone.acting_for = mandate
    key, slot = new_key(), await _slot(daughter)

    booked = await daughter.do("BookPlace", key, slot=slot, quantity=1)
    again = await daughter.do("BookPlace", key, slot=slot, quantity=1)

    assert booked["booking"]["id"] == again["booking"]["id"]

    rows = [row for row in await _rows(mandate) if row.action == "bookings.placed"]
    assert [(row.actor["id"], row.subject) for row in rows] == [
        (daughter.resident_id, grandmother.resident_id)
    ]
    assert len(await _notices(grandmother, "bookings.placed")) == 1
    assert await _notices(daughter, "bookings.placed") == []
    own = (await grandmother.see("Bookings"))["nodes"]
    assert [one["id"] for one in own] == [booked["booking"]["id"]]
    acts = (await grandmother.see("MandateActs", mandate=mandate))["nodes"]
    assert {one["action"] for one in acts if one["byDelegate"]} == {
        "bookings.placed",
        "mandates.taken",
    }
    used = (await grandmother.phone.ask("DataUse"))["dataUse"]["nodes"]
    assert [one["receiverCode"] for one in used].count(mandate) == 1
    daughter.phone.acting_for = ""
    assert (await daughter.see("Bookings"))["nodes"] == []


@pytest.mark.feature("D7")
@pytest.mark.feature("D9")
@pytest.mark.usefixtures("hall")
async def test_d7_d9_a_stopped_mandate_is_refused_at_the_next_act_of_the_same_session(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    mandate = await family.mandate(grandmother, daughter)
    daughter.phone.acting_for, key = mandate, new_key()
    wish: dict[str, Any] = {"slot": await _slot(daughter), "quantity": 1}
    booked = await daughter.do("BookPlace", key, **wish)

    stopped = await grandmother.do("StopMandate", mandate=mandate)

    assert (stopped["mandate"]["state"], stopped["mandate"]["ended"]) == ("ENDED", "BY_PRINCIPAL")
    confirm = {"booking": booked["booking"]["id"]}
    assert await daughter.say("ConfirmBooking", **confirm) == "mandate_over"
    assert await daughter.say("BookPlace", key, **wish) == "mandate_over"  # also what was granted
    assert (await daughter.see("Bookings"))["code"] == "mandate_over"
    assert (await grandmother.see("Booking", id=confirm["booking"]))["state"] == "HELD"


@pytest.mark.feature("D8")
@pytest.mark.usefixtures("hall")
async def test_d8_stopping_one_scope_leaves_the_others_and_the_last_one_ends_it(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    mandate = await family.mandate(grandmother, daughter, Scope.BOOK, Scope.BENEFIT_VIEW)
    daughter.phone.acting_for = mandate

    await grandmother.do("StopMandate", mandate=mandate, scope="BENEFIT_VIEW")

    assert (await daughter.see("CardStanding"))["code"] == "mandate_scope_missing"
    assert (await daughter.see("Bookings"))["nodes"] == []
    daughter.phone.acting_for = ""
    given_up = await daughter.do("StopMandate", mandate=mandate, scope="BOOK")
    assert given_up["mandate"]["ended"] == "BY_DELEGATE"


@pytest.mark.feature("D12")
async def test_d12_a_delegate_cannot_pass_a_mandate_on(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    every = [one for one in Scope if one is not Scope.PAY_SMALL]
    mandate = await family.mandate(grandmother, daughter, *every)
    daughter.phone.acting_for = mandate
    body = {"idempotencyKey": new_key(), "side": "PRINCIPAL", "relation": "ELDER", "days": 1}
    document = (
        "mutation M($input: InviteMandateInput!) { inviteMandate(input: $input) { __typename } }"
    )

    refused = (await daughter.phone.post(document, {"input": body})).json()

    assert refused["errors"][0]["extensions"]["code"] == "not_delegable"


async def test_a_captured_request_cannot_be_pointed_at_somebody_else(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    """The mandate stands in the signed proof: no header or query beside it can change it."""
    mandate = await family.mandate(grandmother, daughter)
    phone, body = daughter.phone, b'{"query": "{ bookings { __typename } }"}'
    proof = sign_request(phone.key, "POST", "/graphql", body, phone.clock.now())
    bound = sign_request(phone.key, "POST", "/graphql", body, phone.clock.now(), mandate)
    head, _, signature = proof.split(".")
    spliced = f"{head}.{bound.split('.')[1]}.{signature}"
    headers = {**JSON, HEADER: spliced, "Authorization": f"DPoP {phone.access}"}

    answer = await phone.client.post("/graphql", content=body, headers=headers)

    assert (answer.status_code, answer.json()["cause"]) == (401, "forged")


async def test_only_the_delegate_signed_in_as_self_can_use_a_mandate(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    mandate, other = await family.mandate(grandmother, daughter), await family.relative()
    for one in (other, grandmother):
        one.phone.acting_for = mandate
        assert (await one.see("Bookings"))["code"] == "mandate_unknown"
    other.phone.acting_for = mandate[:-3] + "zzz"
    assert (await other.see("Bookings"))["code"] == "mandate_unknown"
    daughter.phone.acting_for, daughter.phone.access = mandate, None
    assert (await daughter.see("Bookings"))["code"] == "sign_in_needed"


@pytest.mark.feature("D25")
async def test_d25_a_delegate_sees_no_other_delegate(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    son = await family.relative()
    first = await family.mandate(grandmother, daughter)
    second = await family.mandate(grandmother, son)

    seen = (await son.see("Mandates", side="DELEGATE"))["nodes"]

    assert [one["id"] for one in seen] == [second]
    assert (await son.see("MandateActs", mandate=first))["code"] == "mandate_unknown"
    assert await son.say("StopMandate", mandate=first) == "mandate_unknown"
    son.phone.acting_for = second
    query = {"query": "{ mandates(side: PRINCIPAL) { __typename } }"}
    refused = (await son.phone.post(query["query"])).json()
    assert refused["errors"][0]["extensions"]["code"] == "not_delegable"
    both = (await grandmother.see("Mandates", side="PRINCIPAL"))["nodes"]
    assert {one["id"] for one in both} == {first, second}


@pytest.mark.feature("D23")
async def test_d23_views_are_told_one_by_one_or_once_a_day_by_choice(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    mandate = await family.mandate(grandmother, daughter)
    daughter.phone.acting_for = mandate
    for _ in range(2):
        await daughter.see("Bookings")
    assert len(await _notices(grandmother, "mandates.seen")) == 2
    await grandmother.do("SetMandateViewNotices", mandate=mandate, daily=True)
    for _ in range(3):
        await daughter.see("Bookings")
    told = await _notices(grandmother, "mandates.seen")
    assert sorted(one.times for one in told) == [1, 1, 3]
    assert len([row for row in await _rows(mandate) if row.action == "mandates.seen"]) == 5


@pytest.mark.feature("D23")
@pytest.mark.usefixtures("hall")
async def test_d23_who_has_no_app_is_told_by_sms_and_only_once(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    mandate = await family.mandate(grandmother, daughter)
    assert await family.sms() == []  # both are signed in: the app tells them
    await grandmother.phone.do("SignOut")
    daughter.phone.acting_for = mandate
    await daughter.do("BookPlace", slot=await _slot(daughter), quantity=1)

    sent = await family.sms()

    assert len(sent) == 1
    assert "代办人钟*明为您预约了名额" in sent[0]
    assert await family.sms() == sent
    # A server that died after sending hands it over again; the gateway knows it.
    await MandateNotice.find({"channel": "sms"}).set({"sms_at": family.city.clock.now()})
    assert await family.sms() == sent


@pytest.mark.feature("D9")
async def test_d9_a_mandate_read_with_the_session_serves_one_act_and_the_next_reads_anew(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    mandate, phone = await family.mandate(grandmother, daughter), daughter.phone
    services = family.city.house.services
    sessions, uses, wanted = services[Sessions], services[MandateUses], Delegable(Scope.BOOK)

    async def asking(acting_for: str) -> Caller:
        public = phone.key.public
        proven = ProvenKey(public, thumbprint(public), acting_for)
        caller = await sessions.caller(str(phone.access), proven)
        assert isinstance(caller, Caller), caller
        return caller

    caller = await asking(mandate)
    assert [one["_id"] for one in caller.mandates_read] == [mandate]
    assert (await asking("")).mandates_read == []
    proven = ProvenKey(phone.key.public, thumbprint(phone.key.public), mandate)
    later = await sessions.caller(str(phone.access), proven, looks_first=False)
    assert isinstance(later, Caller)
    assert later.mandates_read == []  # its looks are checked in their write; an act reads it then
    for none in ("mnd_" + "a" * 26, "$_id", "\0", "x" * 500):
        assert (await asking(none)).mandates_read == [], none
    assert isinstance(await uses.acting(caller, wanted), Acting)

    await grandmother.do("StopMandate", mandate=mandate)

    for refused in (
        await uses.acting(caller, wanted),
        await uses.acting(later, wanted),
        await uses.acting(await asking(mandate), wanted),
    ):
        assert getattr(refused, "code", "") == "mandate_over"
    son = await family.relative()
    proven = ProvenKey(son.phone.key.public, thumbprint(son.phone.key.public), mandate)
    other = await sessions.caller(str(son.phone.access), proven)
    assert isinstance(other, Caller)
    assert getattr(await uses.acting(other, wanted), "code", "") == "mandate_unknown"


def test_d9_a_mandate_is_read_with_the_session_where_an_act_looks_at_it_and_not_for_a_look() -> (
    None
):
    def likely(operation: str) -> bool:
        body = {"operationName": operation, "query": document(operation), "variables": {}}
        return first_looks().likely(json.dumps(body).encode())

    assert not likely("Bookings")
    assert not likely("Visits")
    assert likely("BookPlace")
    assert likely("HealthRecord")  # that look is recorded with the consent's
    for unknown in (
        b"",
        b"{}",
        b"\xff",
        b'{"query": "query Strange { bookings }"}',
        b'{"query": 7}',
    ):
        assert first_looks().likely(unknown), unknown
    # Whatever a body says of itself, it only decides when the mandate is read.
    assert not first_looks().likely(b'{"query": "query Bookings { storedValue }"}')
