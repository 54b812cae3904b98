"""Closing an account (L8, L22): withdrawn in time or carried out, everywhere or nowhere."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from backend.app import House
from backend.cards.lifecycle import CardEvent
from backend.datause.service import DataUse
from backend.foundation.access import Caller
from backend.foundation.data_keys import DataKeys
from backend.foundation.keys import Keys
from backend.foundation.mongo import Store
from backend.foundation.person_keys import KeyDestroyed, PersonSealer, sealer_of
from backend.foundation.sealing import OWN_KEY, SealBroken, Sealer
from backend.foundation.suites import NEW_SEALING
from backend.residents.documents import ResidentStatus
from backend.residents.service import NO_BIRTH, Residents
from backend.rights.closing_rules import KEPT_COLLECTIONS, LOOK_AGAIN, ClosingState, kept
from backend.rights.closing_sweep import ClosingSweep
from backend.rights.copies import PersonalCopies, PersonalCopy
from backend.rights.personal_data import LEFT_OUT
from backend.settings import Settings, Suite
from backend.stored import DOCUMENTS, PERSONAL_DATA
from backend.wiring import make_services
from shared.clock import ManualClock
from tests.backend.accounts.actors import PASSWORD, Device, People
from tests.backend.actors import City, id_number, new_key
from tests.backend.rights.test_copies import PHONE, Somebody, copied, held, somebody

COOLING_OFF = timedelta(days=15)
NAMES_OF_RESIDENTS = {"resident_id", "resident_ids", "visitor", "subject", "holder_id"}


async def request(device: Device, key: str | None = None) -> Any:
    return await device.do("RequestClosing", idempotencyKey=key or new_key())


async def withdraw(device: Device, key: str | None = None) -> Any:
    return await device.do("WithdrawClosing", idempotencyKey=key or new_key())


async def terms(device: Device) -> Any:
    return (await device.ask("ClosingTerms"))["closingTerms"]


@pytest.fixture
def suite() -> Suite:
    """What keys are made under; a test may name another."""
    return Suite.INTL


@pytest.fixture
async def house(
    store: Store, settings: Settings, keys: Keys, clock: ManualClock, suite: Suite
) -> AsyncIterator[House]:
    """As everywhere, with keys of the suite."""
    own = replace(settings, custody=replace(settings.custody, suite=suite))
    yield House(store, await make_services(own, store, keys, clock, {}))
    for document in DOCUMENTS:
        await document.get_pymongo_collection().delete_many({})


@pytest.fixture
async def leaver(people: People) -> Somebody:
    """Somebody with something in every collection, who asked for their account to be closed."""
    return await somebody(people, await people.city.terminal(), "901")


def sealer(house: House) -> Sealer:
    return Sealer(house.services[DataKeys].keyring)


async def sweep(house: House, clock: ManualClock, after: timedelta = COOLING_OFF) -> int:
    clock.advance(after.total_seconds())
    return await house.services[ClosingSweep].run()


async def closing(house: House, resident_id: str) -> dict[str, Any]:
    found = await house.store.database["closings"].find_one({"resident_id": resident_id})
    assert found is not None
    return found


async def whole_store(house: House) -> dict[str, list[Any]]:
    """Every document there is, but the moments at which closings are looked at again."""
    database = house.store.database
    found = {}
    for name in await database.list_collection_names():
        rows = await database[name].find({}).sort("_id").to_list()
        found[name] = [{k: v for k, v in row.items() if k != "due_at"} for row in rows]
    return found


async def raw(house: House) -> bytes:
    """The bytes of every collection, as a thief of the data files would see them."""
    found = b""
    for name in await house.store.database.list_collection_names():
        batches: Any = house.store.database[name].find_raw_batches({})
        async for batch in batches:
            found += batch
    return found


def own_values(value: Any, place: tuple[str, str, str]) -> list[tuple[bytes, tuple[str, str, str]]]:
    """Return every value in a document that is sealed under a person's key, with its place."""
    if isinstance(value, dict):
        collection, _, document = place
        return [
            one
            for name, part in value.items()
            for one in own_values(part, (collection, name, document))
        ]
    if isinstance(value, list):
        return [
            one
            for number, part in enumerate(value)
            if isinstance(part, dict)
            for one in own_values(part.get("sealed"), (place[0], f"former_name_{number}", place[2]))
        ]
    is_own = isinstance(value, bytes) and len(value) > 30 and value[1] == OWN_KEY
    return [(value, place)] if is_own and value[2] in {1, 2} else []


async def sealed_values(house: House, ids: set[str]) -> list[tuple[bytes, tuple[str, str, str]]]:
    return [
        one
        for name, rows in (await held(house, ids)).items()
        for row in rows
        for one in own_values(row, (name, "", str(row["_id"])))
    ]


def open_value(own: PersonSealer, sealed: bytes, place: tuple[str, str, str]) -> str:
    collection, field, document = place
    return own.open(sealed, collection=collection, field=field, document=document)


async def test_it_can_be_withdrawn_while_its_time_runs(
    people: People, house: House, clock: ManualClock
) -> None:
    one, key = await people.signed_in(), new_key()
    before = await terms(one)
    assert (before["coolingOffDays"], before["request"]) == (15, None)
    asked = await request(one, key)
    assert asked["__typename"] == "ClosingRequested", asked
    assert (await request(one, key))["request"] == asked["request"]
    assert (await request(one))["code"] == "closing_requested"
    assert (await terms(one))["request"] == asked["request"]
    assert await sweep(house, clock, COOLING_OFF - timedelta(minutes=1)) == 0

    await one.renew_session()
    assert (await withdraw(one))["__typename"] == "ClosingWithdrawn"
    assert (await withdraw(one))["code"] == "closing_unknown"
    assert await sweep(house, clock, timedelta(days=2)) == 0
    await one.renew_session()
    assert (await terms(one))["request"] is None
    assert (await request(one))["__typename"] == "ClosingRequested"
    found = (
        await house.store.database["audit_rows"]
        .find({"action": {"$regex": "^rights.clos"}})
        .sort("$natural")  # they may be of one instant
        .to_list()
    )
    assert [row["action"] for row in found] == [
        "rights.closing_requested",
        "rights.closing_withdrawn",
        "rights.closing_requested",
    ]


async def test_only_what_they_are_told_of_still_names_a_person_who_was_erased(
    leaver: Somebody, people: People, house: House, clock: ManualClock
) -> None:
    """Of every collection that held something of theirs: `test_copies` fills each one there is."""
    ids = {leaver.resident_id, leaver.holder.card_id}
    assert {one.collection for one in PERSONAL_DATA} <= (await held(house, ids)).keys()
    database = house.store.database
    await people.city.served(leaver.holder, CardEvent.CANCEL)
    whose = {"resident_id": leaver.resident_id}
    await database["eligibility_reviews"].insert_one({"_id": "rev_open", **whose, "state": "open"})
    await database["cards"].update_one(whose, {"$set": {"judged": {"1": clock.now()}}})
    paper = await database["paper_codes"].find_one(whose)
    assert paper is not None
    ahead = {"serial": 9, "live": False, "ends_at": clock.now() + 2 * COOLING_OFF}
    await database["paper_codes"].insert_one({**paper, **ahead, "_id": "pap_ahead"})

    assert await sweep(house, clock) == 1

    left = await held(house, ids)
    assert left.keys() == KEPT_COLLECTIONS.keys()
    assert [row["state"] for row in left["eligibility_reviews"]] == ["kept"]
    assert ["judged" in card for card in left["cards"]] == [False]
    # The sheet that readers still have to refuse is nobody's.
    papers = await database["paper_codes"].find({}).to_list()
    assert [(one["_id"], one["resident_id"]) for one in papers] == [("pap_ahead", "")]
    assert set(KEPT_COLLECTIONS.values()) <= set(kept(card_counts=False))


@pytest.mark.usefixtures("house")
async def test_whatever_names_a_resident_is_known_to_closings_and_copies() -> None:
    """A document with a resident in it must be declared, before anything fills it."""
    declared = {one.collection for one in PERSONAL_DATA} | LEFT_OUT.keys()
    naming = {
        document.get_collection_name()
        for document in DOCUMENTS
        if NAMES_OF_RESIDENTS & document.model_fields.keys()
    }
    assert {"cards", "bookings", "function_choices", "scans", "audit_rows"} <= naming
    assert naming <= declared


async def test_nobody_but_the_person_closes_an_account(people: People) -> None:
    stranger = people.device()
    assert (await request(stranger))["code"] == "sign_in_needed"
    assert (await terms(stranger))["code"] == "sign_in_needed"
    assert (await withdraw(stranger))["code"] == "sign_in_needed"


@pytest.mark.feature("L8")
@pytest.mark.parametrize("suite", Suite)
async def test_once_erased_nothing_of_the_person_opens_or_leads_to_them(
    leaver: Somebody, people: People, house: House, clock: ManualClock, suite: Suite
) -> None:
    """No value opens, no index is left, in the whole store; others are untouched."""
    other = await people.signed_in("902")
    residents, ids = house.services[Residents], {leaver.resident_id, leaver.holder.card_id}
    sealed = await sealed_values(house, ids)
    assert {one[0] for one, _ in sealed} == {NEW_SEALING[suite]}
    own = await sealer_of(sealer(house), leaver.resident_id)
    values = {open_value(own, *one) for one in sealed}
    assert {"钟小明", "钟旧名", "钟新名", "户口本上是新名字", PHONE, "D15600901"} <= values
    indexes = [
        residents.number_index(id_number(sequence="901")),
        sealer(house).blind_index(PHONE, purpose="residents.phone"),
        b"h" * 32,
    ]
    before = await raw(house)
    assert all(index in before for index in indexes)
    await people.city.served(leaver.holder, CardEvent.CANCEL)

    assert await sweep(house, clock) == 1

    assert (await closing(house, leaver.resident_id))["state"] == ClosingState.ERASED
    after = await sealer_of(sealer(house), leaver.resident_id)
    for one in sealed:
        with pytest.raises(KeyDestroyed):
            open_value(after, *one)
        with pytest.raises(SealBroken):
            sealer(house).open(one[0], collection=one[1][0], field=one[1][1], document=one[1][2])
    content = await raw(house)
    assert [index for index in indexes if index in content] == []
    assert [value for value in values if value.encode() in content] == []
    assert b"1988-03-12" not in content
    assert await house.store.database["person_keys"].find_one({"_id": leaver.resident_id}) is None
    assert (await copied(await _again(other)))["residents.record"][0]["name"] == "钟小明"


async def _again(device: Device) -> Device:
    await device.renew_session()
    return device


async def test_a_closed_record_breaks_nothing_that_reads_it(
    leaver: Somebody, people: People, house: House, clock: ManualClock
) -> None:
    """The copy says closed, phone and account are as those of nobody, lists go on."""
    await people.city.served(leaver.holder, CardEvent.LIFT_SUSPENSION)
    phone = await people.city.phone(leaver.holder)
    await people.city.served(leaver.holder, CardEvent.CANCEL)
    unknown = await people.device().sign_in(id_number(sequence="777"))
    await sweep(house, clock)

    person = await house.services[Residents].person(leaver.resident_id)
    assert (person.masked_name, person.masked_number, person.birth) == ("*", "", NO_BIRTH)
    assert (person.status, person.present) == (ResidentStatus.CLOSED, False)
    copy = await house.services[PersonalCopies].copy(Caller(resident_id=leaver.resident_id))
    assert isinstance(copy, PersonalCopy)
    assert b'"closed"' in copy.to_json()
    rows = {section.records.code: section.rows for section in copy.sections}
    assert rows.keys() == {records.code for records in PERSONAL_DATA}
    [record], [card] = rows["residents.record"], rows["cards.cards"]
    assert {record[name] for name in ("name", "number", "birth", "phone")} == {None}
    assert (card["number"], card["number_tail"]) == (None, "")
    assert rows["accounts.account"] == rows["cards.attestations"] == []
    assert {one["name"] for one in card["devices"]} == {""}
    page = await house.services[DataUse].uses(leaver.resident_id, 20, None)
    assert page.rows
    for login in (id_number(sequence="901"), PHONE):
        refused = await people.device().sign_in(login, PASSWORD)
        assert (refused["code"], refused["text"]) == (unknown["code"], unknown["text"])
    assert (await phone.renew())["__typename"] == "Refusal"
    assert (await phone.ask("Home"))["card"]["__typename"] == "Refusal"
    assert (await leaver.device.renew_session())["code"] == "session_ended"


async def test_where_a_card_counts_its_record_stays_until_the_card_ends(
    leaver: Somebody, people: People, house: House, clock: ManualClock
) -> None:
    residents, told = house.services[Residents], await terms(leaver.device)
    assert "姓名、曾用名、证件号码、出生日期" in told["kept"][0]["what"]["zh"]
    assert await sweep(house, clock) == 1

    found = await residents.person(leaver.resident_id)
    assert (found.masked_name, found.masked_phone) == ("钟*明", None)
    assert (await closing(house, leaver.resident_id))["state"] == ClosingState.ACCOUNT_CLOSED
    assert await residents.of_login(PHONE) == await residents.of_login(id_number()) == []
    card = await house.store.database["cards"].find_one({"_id": leaver.holder.card_id})
    assert card is not None
    assert {one["state"] for one in card["devices"]} == {"UNBOUND"}
    assert card["changed_at"] == clock.now().replace(microsecond=0)
    with_account = await sealer_of(sealer(house), leaver.resident_id)
    for sealed, place in await sealed_values(house, {leaver.resident_id, leaver.holder.card_id}):
        if sealed[2] == 2:
            with pytest.raises(KeyDestroyed):
                open_value(with_account, sealed, place)
        else:
            open_value(with_account, sealed, place)

    assert await sweep(house, clock, LOOK_AGAIN) == 0
    await people.city.served(leaver.holder, CardEvent.CANCEL)
    assert await sweep(house, clock, LOOK_AGAIN) == 1
    assert (await closing(house, leaver.resident_id))["state"] == ClosingState.ERASED
    assert (await residents.person(leaver.resident_id)).status is ResidentStatus.CLOSED


async def test_whoever_registers_again_has_a_new_record_or_an_account_again(
    leaver: Somebody, people: People, house: House, clock: ManualClock
) -> None:
    number, residents = id_number(sequence="901"), house.services[Residents]
    await sweep(house, clock)
    assert await people.register(number, "13800138999") == leaver.resident_id
    assert await residents.of_login("13800138999") == [leaver.resident_id]
    await people.city.served(leaver.holder, CardEvent.CANCEL)
    assert await sweep(house, clock, LOOK_AGAIN) == 1
    assert (await closing(house, leaver.resident_id))["state"] == ClosingState.REOPENED
    assert (await residents.person(leaver.resident_id)).masked_phone == "138****8999"

    await people.give_password(leaver.resident_id)
    device = people.device()
    await device.sign_in(number)
    assert (await request(device))["__typename"] == "ClosingRequested"
    assert await sweep(house, clock) == 1
    again = await people.register(number, PHONE)
    assert again != leaver.resident_id
    assert (await residents.person(again)).masked_name == "钟*明"
    assert (await residents.person(leaver.resident_id)).status is ResidentStatus.CLOSED


@pytest.mark.usefixtures("leaver")
async def test_a_code_on_its_way_signs_nobody_in_whose_account_is_closed(
    people: People, house: House, clock: ManualClock
) -> None:
    clock.advance((COOLING_OFF - timedelta(minutes=1)).total_seconds())
    device = people.device()
    await device.do("RequestSmsCode", phone=PHONE)
    [text, *_] = await people.inbox()
    assert await sweep(house, clock, timedelta(minutes=1)) == 1
    code = "".join(filter(str.isdigit, text))[:6]
    wish = {"phone": PHONE, "code": code, "deviceName": "手机"}
    answer = await device.do("SignInWithSms", idempotencyKey=new_key(), **wish)
    assert answer["code"] == "sms_code_wrong"


class _Dies:
    """A step that ends the sweep at the n-th call of any step."""

    def __init__(self, step: Any, calls: list[int]) -> None:
        self._step = step
        self._calls = calls

    async def close_account(self, *arguments: Any) -> None:
        await self._count()
        await self._step.close_account(*arguments)

    async def erase(self, *arguments: Any) -> None:
        await self._count()
        await self._step.erase(*arguments)

    async def _count(self) -> None:
        self._calls[0] -= 1
        if self._calls[0] < 0:
            raise OperationFailure("the server ended here")


async def test_what_ends_between_two_steps_leaves_everything_and_is_done_whole_later(
    leaver: Somebody,
    people: People,
    house: House,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At each place between the areas' steps: readable everywhere, and then nowhere."""
    await people.city.served(leaver.holder, CardEvent.CANCEL)
    service = house.services[ClosingSweep]
    steps = service._steps
    clock.advance(COOLING_OFF.total_seconds())
    before = await whole_store(house)
    for place in range(2 * len(steps)):
        calls = [place]
        monkeypatch.setattr(service, "_steps", [_Dies(one, calls) for one in steps])
        assert await service.run() == 0
        assert await whole_store(house) == before, place
        clock.advance(3600)
    monkeypatch.setattr(service, "_steps", [_Dies(one, [99]) for one in steps])
    assert await service.run() == 1
    assert (await house.services[Residents].person(leaver.resident_id)).masked_name == "*"


@pytest.mark.parametrize("guarded", [True, False])
async def test_two_servers_carry_a_closing_out_once(
    leaver: Somebody,
    people: People,
    house: House,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    guarded: bool,
) -> None:
    """The control: without reading the closing again in the transaction it is done twice."""
    await people.city.served(leaver.holder, CardEvent.CANCEL)
    clock.advance(COOLING_OFF.total_seconds())
    service = house.services[ClosingSweep]
    twin = ClosingSweep(service._residents, service._cards, service._steps, clock)
    if not guarded:

        async def stale(_: Any, row: Any, __: Any) -> Any:
            return row

        monkeypatch.setattr(ClosingSweep, "_present", stale)
    both = asyncio.Barrier(2)
    due = ClosingSweep._due

    async def together(self: ClosingSweep, *arguments: Any) -> Any:
        found = await due(self, *arguments)
        await both.wait()
        return found

    monkeypatch.setattr(ClosingSweep, "_due", together)

    done = await asyncio.gather(service.run(), twin.run())

    rows = house.store.database["audit_rows"]
    assert await rows.count_documents({"action": "rights.erased"}) == (1 if guarded else 2)
    assert sum(done) == (1 if guarded else 2)


async def test_a_wait_for_many_cards_costs_a_few_commands(
    city: City, house: House, clock: ManualClock, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    """However many wait for the end of a card, one sweep reads and writes as often."""
    costs = []
    for group in (("91", 2), ("92", 8)):
        prefix, count = group
        for number in range(count):
            holder = await city.holder(f"{prefix}{number}", digest=None)
            await house.store.database["closings"].insert_one(
                {
                    "_id": f"cls_{prefix}{number}",
                    "resident_id": holder.resident_id,
                    "state": ClosingState.ACCOUNT_CLOSED,
                    "requested_at": clock.now(),
                    "effective_at": clock.now(),
                    "due_at": clock.now(),
                }
            )
            await house.store.database["residents"].update_one(
                {"_id": holder.resident_id}, {"$set": {"closed_at": clock.now()}}
            )
        sent.clear()
        assert await house.services[ClosingSweep].run() == 0
        costs.append([name for name, _ in sent])
        clock.advance(60)
    assert costs[0] == costs[1]
    assert len(costs[0]) == 5
