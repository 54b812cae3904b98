"""Two records of one person become one, and two again (S115)."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from typing_extensions import override

from backend.accounts.sessions import Sessions
from backend.app import House
from backend.cards.lifecycle import CardEvent
from backend.cards.service import Cards
from backend.foundation.access import Caller, Role
from backend.foundation.idempotency import Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.residents.merging import MergeFacts, MergeObstacle, RecordMerging
from backend.residents.registration import Application, RealNameRegistration
from backend.residents.same_person import people_behind, same_person, surviving
from backend.residents.sandbox import SandboxRegister
from backend.residents.service import Registration
from backend.rights.closing_sweep import ClosingSweep
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, id_number, join_household, new_key
from tests.backend.residents.officers import FIRST, SECOND, WHY, Officers

OLD, NEW = id_number(sequence="921"), id_number(sequence="922")
PHONE = "13970700921"
AHEAD, OVER = datetime(2999, 1, 1, tzinfo=UTC), datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture
def officers(house: House) -> Officers:
    return Officers(house)


@pytest.fixture
def people(city: City) -> People:
    return People(city)


@pytest.fixture
async def kept(people: People) -> str:
    """The record of the present number, without a card."""
    return await people.register(NEW, PHONE)


@pytest.fixture
async def merged(people: People) -> str:
    """The record of the number of before, with an account, a card and its phone."""
    resident_id = await people.register(OLD, PHONE)
    await people.give_password(resident_id)
    await people.city.phone(await people.card_of(resident_id, "921"))
    return resident_id


async def _signed_in(people: People, number: str) -> Device:
    device = people.device()
    answer = await device.sign_in(number)
    assert answer["__typename"] == "SessionTokens", answer
    return device


@pytest.mark.feature("S115")
async def test_a_merge_that_is_undone_leaves_the_store_as_it_was(
    officers: Officers, kept: str, merged: str
) -> None:
    before = await officers.stored()

    merge_id = await officers.merged(kept, merged)
    between = await officers.stored()
    await officers.unmerged(merge_id)

    assert await officers.stored() == before
    # Between, one field of one document was another: nothing was copied or rewritten.
    [changed] = [name for name, rows in between.items() if rows != before[name]]
    assert changed == "residents"
    pointed = {row["_id"]: row.pop("merged_into", None) for row in between["residents"]}
    assert pointed == {kept: None, merged: kept}
    assert between["residents"] == before["residents"]


@pytest.mark.feature("S115")
async def test_card_and_account_of_the_merged_record_follow_by_reference(
    officers: Officers, people: People, house: House, kept: str, merged: str
) -> None:
    cards = house.services[Cards]
    card = await cards.present_card(merged)
    assert isinstance(await cards.present_card(kept), Refusal)
    merge_id = await officers.merged(kept, merged)

    assert await cards.present_card(kept) == card == await cards.live_card(kept)
    assert await cards.holds_card(kept)
    device = await _signed_in(people, OLD)  # the password is the merged record's
    standing = (await device.ask("CardStanding"))["cardStanding"]
    assert standing["state"] == "ACTIVE"
    lost = await device.do("ReportCardLost", idempotencyKey=new_key())
    assert lost["standing"]["state"] == "LOST", lost
    assert (await device.ask("CrossRegionCases"))["crossRegionCases"]["nodes"] == []

    await officers.unmerged(merge_id)
    answer = await device.post("{ cardStanding { __typename } }")
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")
    assert isinstance(await cards.present_card(kept), Refusal)
    assert await cards.present_card(merged) == card


async def test_who_is_merged_is_found_by_either_number_as_the_kept_record(
    officers: Officers, city: City, people: People, kept: str, merged: str
) -> None:
    await officers.merged(kept, merged)
    clerk = await people.staff("liu.yun", Role.OUTLET_CLERK)
    await clerk.sign_in()

    found = []
    for wish in ({"number": OLD}, {"number": NEW}, {"phone": PHONE}):
        nodes = (await clerk.device.ask("FindResidents", **wish))["findResidents"]["nodes"]
        found.append([one["id"] for one in nodes])
    assert found == [[kept]] * 3
    city.house.services[SandboxRegister]._people[OLD] = {"number": OLD, "name": "钟小明"}
    again = await city.house.services[RealNameRegistration].at_counter(
        FIRST, new_key(), Application(OLD, "钟小明", None)
    )
    assert isinstance(again, Registration)
    assert (again.existed, again.resident_id) == (True, kept)


async def test_the_new_card_of_a_merged_person_is_the_only_one(
    officers: Officers, people: People, house: House, kept: str, merged: str
) -> None:
    """一人一卡 over both records: another is made when none counts, for the kept record."""
    await officers.merged(kept, merged)
    clerk = await people.staff("liu.yun", Role.OUTLET_CLERK)
    await clerk.sign_in()

    async def serve(whom: str, service: str) -> Any:
        wish = {"residentId": whom, "service": service, "cardInHand": True}
        return await clerk.device.do("ServeAtCounter", idempotencyKey=new_key(), **wish)

    assert (await serve(kept, "APPLY"))["code"] == "card_exists"
    assert (await serve(kept, "CANCEL"))["standing"]["state"] == "CANCELLED"
    assert (await serve(merged, "APPLY"))["standing"]["state"] == "IN_PRODUCTION"
    assert (await serve(kept, "APPLY"))["__typename"] == "Refusal"
    cards = await house.store.database["cards"].find({}).sort("version").to_list()
    assert [(one["resident_id"], one["version"]) for one in cards] == [(merged, 1), (kept, 2)]


@pytest.mark.feature("S115")
async def test_the_person_sees_who_merged_their_records_and_why(
    officers: Officers, people: People, kept: str, merged: str
) -> None:
    await officers.unmerged(await officers.merged(kept, merged))
    await officers.merged(kept, merged)
    device = await _signed_in(people, OLD)

    uses = (await device.ask("DataUse", first=20))["dataUse"]["nodes"]

    words = [one["action"]["zh"] for one in uses]
    for said in ("提出合并您的两条登记记录，等待复核", "合并了您的两条登记记录"):
        assert words.count(said) == 4  # each record's own, twice
    assert words.count("撤销了您的登记记录合并") == 2
    copy = (await device.send("GET", "/rights/v1/copy.json")).json()
    rows = {one["code"]: one["rows"] for one in copy["records"]}
    assert {one["number"] for one in rows["residents.record"]} == {OLD, NEW}
    assert [one["state"] for one in rows["cards.cards"]] == ["ACTIVE"]
    assert sorted(one["state"] for one in rows["residents.merges"]) == ["MERGED", "UNMERGED"]


async def test_it_takes_a_second_officer(officers: Officers, kept: str, merged: str) -> None:
    merge_id, merging = await officers.proposed(kept, merged), officers.merging

    alone = await merging.decide(FIRST, new_key(), merge_id, WHY, accept=True)
    assert isinstance(alone, Refusal)
    assert (alone.code, await same_person(kept)) == ("merge_same_officer", [kept])
    await officers.decided(merge_id)
    undone = await merging.propose_unmerge(SECOND, new_key(), merge_id, WHY)
    assert isinstance(undone, MergeFacts)
    alone = await merging.decide(SECOND, new_key(), merge_id, WHY, accept=True)
    assert isinstance(alone, Refusal)
    assert (alone.code, await same_person(merged)) == ("merge_same_officer", [kept, merged])


async def test_only_clerks_and_officers_merge_and_nobody_their_own_family(
    officers: Officers, house: House, kept: str, merged: str
) -> None:
    merging = officers.merging
    for caller in (None, Caller(resident_id=kept), Caller(staff_id="s", roles=frozenset())):
        refused = await merging.propose(caller, new_key(), kept, merged, WHY)
        assert isinstance(refused, Refusal)
        assert refused.code in {"sign_in_needed", "not_permitted"}
    await join_household(merged, b"h" * 32)
    await join_household("stf_first", b"h" * 32)
    assert await officers.refused(kept, merged) == "own_household"
    alerts = {"alert": "own_household", "subject": merged}
    assert await house.store.database["audit_rows"].count_documents(alerts) == 1


async def test_what_is_refused(
    officers: Officers, people: People, house: House, kept: str, merged: str
) -> None:
    third = await people.register(id_number(sequence="923"))
    assert await officers.refused(kept, kept) == "merge_same_record"
    assert await officers.refused(kept, "res_nobody") == "resident_unknown"
    assert await officers.refused('{"$ne": null}', merged) == "resident_unknown"
    number = await officers.merging.propose(FIRST, new_key(), kept, merged, f"同一人{OLD}")
    assert isinstance(number, Refusal)
    assert number.code == "audit_reason_form"
    await people.card_of(third, "923")
    assert await officers.refused(third, merged) == "merge_two_cards"
    await officers.proposed(kept, merged)
    assert await officers.refused(kept, merged) == "merge_under_way"
    unknown = await officers.merging.decide(SECOND, new_key(), "mrg_none", WHY, accept=True)
    assert isinstance(unknown, Refusal)
    assert unknown.code == "merge_unknown"
    database = house.store.database
    await database["residents"].update_one({"_id": third}, {"$set": {"status": "deceased"}})
    assert await officers.refused(kept, third) == "merge_status_differs"


async def test_what_changed_since_it_was_proposed_is_looked_at_again(
    officers: Officers, people: People, kept: str, merged: str
) -> None:
    merge_id = await officers.proposed(kept, merged)
    await people.card_of(kept, "922")

    refused = await officers.merging.decide(SECOND, new_key(), merge_id, WHY, accept=True)

    assert isinstance(refused, Refusal)
    assert (refused.code, await same_person(kept)) == ("merge_two_cards", [kept])


async def test_records_point_in_a_star_and_never_in_a_chain(
    officers: Officers, people: People, kept: str, merged: str
) -> None:
    third, fourth = [await people.register(id_number(sequence=f"92{n}")) for n in (3, 4)]
    await officers.merged(kept, merged)
    await officers.merged(kept, third)

    assert await officers.refused(merged, fourth) == "merge_record_merged"
    assert await officers.refused(fourth, merged) == "merge_record_merged"
    assert await officers.refused(fourth, kept) == "merge_record_merged"
    family = [kept, *sorted([merged, third])]
    assert [await same_person(one) for one in (kept, merged, third)] == [family] * 3
    assert await people_behind([merged, fourth]) == {merged: family, fourth: [fourth]}
    assert [await surviving(one) for one in (merged, fourth, "res_none")] == [
        *(kept, fourth, "res_none")
    ]


class _Meeting(MergeObstacle):
    """Has two decisions pass their checks before either writes."""

    def __init__(self) -> None:
        self._barrier, self._arrived = asyncio.Barrier(2), 0

    @override
    async def against(self, kept: str, merged: str, session: Session) -> Refusal | None:
        self._arrived += 1
        if self._arrived <= 2:  # the store has the one that conflicts check again
            await self._barrier.wait()
        return None


async def _at_once(
    officers: Officers, city: City, house: House, *pairs: tuple[str, str]
) -> list[MergeFacts | Refusal]:
    ids = [await officers.proposed(*pair) for pair in pairs]
    services = house.services
    merging = RecordMerging((_Meeting(),), services[Sessions], (), Once(house.store), city.clock)
    return await asyncio.gather(
        *(merging.decide(SECOND, new_key(), one, WHY, accept=True) for one in ids)
    )


async def test_two_merges_at_once_make_no_chain(
    officers: Officers, people: People, city: City, house: House, kept: str, merged: str
) -> None:
    """One makes the middle record a part, the other gives it a part of its own."""
    third = await people.register(id_number(sequence="923"))

    decided = await _at_once(officers, city, house, (kept, third), (third, merged))

    refusals = [one.code for one in decided if isinstance(one, Refusal)]
    assert refusals == ["merge_record_merged"]


async def test_without_the_hold_they_would_make_one(
    officers: Officers,
    people: People,
    city: City,
    house: House,
    kept: str,
    merged: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: the race is there, and the hold is what ends it."""

    async def let_go(*_: object) -> None:
        """Hold nothing."""

    monkeypatch.setattr("backend.residents.merging.hold", let_go)
    third = await people.register(id_number(sequence="923"))

    # The middle record is written by one and only read by the other.
    decided = await _at_once(officers, city, house, (kept, third), (third, merged))

    assert all(isinstance(one, MergeFacts) for one in decided)
    assert [await surviving(one) for one in (merged, third)] == [third, kept]


async def test_what_came_twice_is_done_once(officers: Officers, kept: str, merged: str) -> None:
    key = new_key()

    answers = [await officers.merging.propose(FIRST, key, kept, merged, WHY) for _ in range(2)]

    assert answers[0] == answers[1]
    assert isinstance(answers[0], MergeFacts)


async def test_the_second_officer_finds_what_waits(people: People, kept: str, merged: str) -> None:
    clerk = await people.staff("liu.yun", Role.OUTLET_CLERK)
    await clerk.sign_in()
    wish = {"keptId": kept, "mergedId": merged, "reason": WHY}
    asked = await clerk.device.do("ProposeMerge", idempotencyKey=new_key(), **wish)
    assert asked["merge"]["state"] == "PROPOSED", asked
    officer = await people.staff("xie.yu", Role.DEPARTMENT_OFFICER, sequence="802")
    await officer.sign_in()

    [waits] = (await officer.device.ask("RecordMerges"))["recordMerges"]["nodes"]
    assert waits == asked["merge"]
    decided = {"id": waits["id"], "accept": True, "reason": "同意"}
    done = await officer.device.do("DecideMerge", idempotencyKey=new_key(), **decided)
    assert done["merge"]["state"] == "MERGED", done
    assert (await officer.device.ask("RecordMerges"))["recordMerges"]["nodes"] == []
    back = {"id": waits["id"], "reason": "并非同一人"}
    undo = await officer.device.do("ProposeUnmerge", idempotencyKey=new_key(), **back)
    assert undo["merge"]["state"] == "UNMERGE_PROPOSED", undo
    assert await same_person(kept) == [kept, merged]


async def test_whoever_leaves_leaves_with_all_their_records(
    officers: Officers, people: People, city: City, house: House, kept: str, merged: str
) -> None:
    await officers.merged(kept, merged)
    device = await _signed_in(people, OLD)
    assert (await device.do("RequestClosing", idempotencyKey=new_key()))[
        "__typename"
    ] == "ClosingRequested"
    card_id = await house.services[Cards].present_card(kept)
    assert isinstance(card_id, str)
    await city.served(card_id, CardEvent.CANCEL)
    city.clock.advance(15 * 86400)

    assert await house.services[ClosingSweep].run() == 1

    database = house.store.database
    left = await database["residents"].find({"_id": {"$in": [kept, merged]}}).to_list()
    assert [row["status"] for row in left] == ["closed"] * 2
    assert await database["person_keys"].count_documents({"_id": {"$in": [kept, merged]}}) == 0
    assert await database["record_merges"].count_documents({}) == 0


@pytest.mark.feature("S115")
async def test_the_phone_of_the_merged_card_speaks_for_the_kept_record(
    officers: Officers, house: House, kept: str, merged: str
) -> None:
    cards = house.services[Cards]
    card = await house.store.database["cards"].find_one({"resident_id": merged})
    assert card is not None
    [phone] = card["devices"]
    before = await cards.of_phones([phone["thumbprint"]])
    assert await cards.indexes([kept]) == {}
    merge_id = await officers.merged(kept, merged)

    [speaks] = await cards.of_phones([phone["thumbprint"]])
    assert speaks is not None
    assert (speaks.resident_id, speaks.card_id) == (kept, card["_id"])
    # What is booked or chosen by the kept record is found at the gate by the merged one's card.
    assert await cards.indexes([kept]) == {kept: card["card_index"]}
    assert await cards.live_numbers([kept]) == await cards.live_numbers([merged]) != []

    await officers.unmerged(merge_id)
    assert await cards.of_phones([phone["thumbprint"]]) == before
    assert await cards.indexes([kept]) == {}


@pytest.mark.feature("S115")
@pytest.mark.parametrize(
    ("collection", "row", "code"),
    [
        ("bookings", {"state": "CONFIRMED", "ends_at": AHEAD}, "merge_bookings_ahead"),
        ("bookings", {"state": "WAITING", "ends_at": AHEAD}, "merge_bookings_ahead"),
        ("bookings", {"state": "CANCELLED", "ends_at": AHEAD}, None),
        ("bookings", {"state": "CONFIRMED", "ends_at": OVER}, None),
        ("passes", {"state": "ACTIVE", "last": "2999-01-01", "left": 1}, "merge_passes_valid"),
        ("passes", {"state": "ACTIVE", "last": "2999-01-01"}, "merge_passes_valid"),
        ("passes", {"state": "ACTIVE", "last": "2999-01-01", "left": 0}, None),
        ("passes", {"state": "ACTIVE", "last": "2001-01-01", "left": 1}, None),
        ("training_vouchers", {"state": "ISSUED", "last": "2999-01-01"}, "merge_vouchers_open"),
        ("training_vouchers", {"state": "RESERVED", "last": "2001-01-01"}, "merge_vouchers_open"),
        ("training_vouchers", {"state": "ISSUED", "last": "2001-01-01"}, None),
        ("library_patrons", {"open_loans": 0, "owed_fen": 50}, "merge_library_open"),
        ("library_patrons", {"open_loans": 0, "owed_fen": 0}, None),
    ],
)
async def test_what_cannot_follow_a_merge_is_named(
    officers: Officers,
    people: People,
    house: House,
    collection: str,
    row: dict[str, Any],
    code: str | None,
) -> None:
    """Of the record to be merged; what the kept one has stays with it."""
    one = await people.register(NEW, PHONE)
    other = await people.register(OLD, PHONE)
    rows = house.store.database[collection]
    await rows.insert_one({"_id": "row_1", "resident_id": other, **row})

    if code is None:
        assert await officers.proposed(one, other)
    else:
        assert await officers.refused(one, other) == code
        assert await officers.proposed(other, one)


@pytest.mark.parametrize("side", ["principal", "delegate"])
async def test_a_mandate_that_stands_keeps_a_record_from_being_merged(
    officers: Officers, people: People, house: House, side: str
) -> None:
    one = await people.register(NEW, PHONE)
    other = await people.register(OLD, PHONE)
    rows = house.store.database["mandates"]
    await rows.insert_one({"_id": "row_1", side: other, "state": "ACTIVE"})
    assert await officers.refused(one, other) == "merge_mandates_stand"

    await rows.update_one({"_id": "row_1"}, {"$set": {"state": "ENDED"}})
    assert await officers.proposed(one, other)
