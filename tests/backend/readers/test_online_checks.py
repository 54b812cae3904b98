"""Online checks: what the backend alone knows decides, and two gates at once admit once."""

import asyncio
import json
import secrets
from dataclasses import replace
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, WriteConcernError, WriteError
from pymongo.write_concern import WriteConcern

from backend.bookings.rules import BookingState
from backend.demo_city import VENUES
from backend.foundation import one_trip
from backend.foundation.one_trip import insert_if_new
from backend.foundation.pooled_command import command_once
from backend.passes.rules import PassState
from backend.readers import online_checks
from backend.readers.documents import AdmissionClaim, TerminalState
from backend.readers.online_checks import OnlineChecks
from backend.venues.service import Venues
from shared.admission.condition import Condition
from shared.admission.entitlement_conditions import BookingHeld, PassHeld
from shared.admission.evidence import Evidence, Medium
from shared.admission.time_conditions import EntriesToday, NotFull
from shared.ecode.reasons import Reason
from shared.wire.admission_check import AdmissionAnswer, AdmissionCheck, InvalidCheck
from tests.backend.actors import DIGEST, REGION, City, Holder, Terminal
from tests.backend.readers.gates import GATES, Gates

CHECKS = "/readers/v1/checks"


async def _ask_for(city: City, *conditions: Condition) -> None:
    rules = replace(VENUES[0].rules, conditions=conditions, ask_online=True)
    await city.house.services[Venues].put(replace(VENUES[0], rules=rules))


def _card(**changed: Any) -> AdmissionCheck:
    shown = Evidence(Medium.CARD, REGION, authenticated=True)
    check = AdmissionCheck(secrets.token_hex(16), 1, shown, card_digest=DIGEST.hex())
    return replace(check, **changed)


async def _answer(city: City, asked: AdmissionCheck, gate: int = 0) -> AdmissionAnswer:
    found = await city.house.services[OnlineChecks].answer(GATES[gate], asked)
    assert isinstance(found, AdmissionAnswer)
    return found


@pytest.fixture
async def holder(city: City) -> Holder:
    return await city.holder()


@pytest.fixture(autouse=True)
async def _enrolled(city: City) -> None:
    """Have the gates' readers stand in the register, as those that ask over HTTP do."""
    await city.house.store.database["terminals"].insert_many(
        [
            {
                "_id": gate.terminal_id, "venue_number": gate.venue_number, "name": "门岗",
                "state": TerminalState.ENROLLED, "token_hash": gate.terminal_id.encode(),
                "thumbprint": gate.terminal_id,
            }
            for gate in GATES
        ]
    )  # fmt: skip


async def _booked(gates: Gates, holder: Holder, quantity: int = 1) -> str:
    name = holder.resident_id.removeprefix("res_")
    return await gates.booking(name, quantity)


async def test_a_booking_of_this_minute_admits_as_often_as_it_is_for(
    gates: Gates, city: City, holder: Holder
) -> None:
    await _ask_for(city, BookingHeld())
    before = await _answer(city, _card())
    booking = await _booked(gates, holder, 3)

    two, again = _card(party=2), _card(party=2)
    first = await _answer(city, two)
    repeated = await _answer(city, two)
    rest = await _answer(city, again)
    none_left = await _answer(city, _card())

    assert before.answer.reason is Reason.BOOKING_NEEDED
    assert (first.admits, first.counted_on) == (2, (booking,))
    assert repeated == first
    assert rest.admits == 1  # of a party of two
    assert none_left.answer.reason is Reason.ALREADY_USED
    assert await gates.entered(booking) == 0  # a check counts nothing


async def test_of_gates_that_ask_at_once_one_admits_and_without_claims_all_do(
    gates: Gates, city: City, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _ask_for(city, PassHeld())
    name = holder.resident_id.removeprefix("res_")
    await gates.ticket(name, venues=[1])

    answers = await asyncio.gather(*(_answer(city, _card()) for _ in range(8)))
    assert sorted(one.admits for one in answers) == [0] * 7 + [1]

    await AdmissionClaim.get_pymongo_collection().delete_many({})

    async def nothing(*_: Any) -> list[Any]:
        return []

    monkeypatch.setattr(online_checks, "_pending", nothing)
    unguarded = await asyncio.gather(*(_answer(city, _card()) for _ in range(8)))
    assert [one.admits for one in unguarded] == [1] * 8


async def test_a_helpdesk_s_enquiry_keeps_no_place_and_knows_of_those_kept(
    gates: Gates, city: City, holder: Holder
) -> None:
    await _ask_for(city, PassHeld())
    await gates.ticket(holder.resident_id.removeprefix("res_"), venues=[1])

    before = [await _answer(city, _card(enquiry=True)) for _ in range(3)]
    assert [one.admits for one in before] == [1, 1, 1]
    assert await AdmissionClaim.get_pymongo_collection().count_documents({}) == 0
    assert (await _answer(city, _card(), 0)).admits == 1
    after = await _answer(city, _card(enquiry=True))
    assert (after.admits, after.answer.reason) == (0, Reason.PASS_USED_UP)


async def test_what_another_gate_let_in_counts_here_until_it_is_annulled_or_never_came(
    gates: Gates, city: City, holder: Holder
) -> None:
    await _ask_for(city, EntriesToday(1))
    asked = _card()
    assert (await _answer(city, asked)).admits == 1
    refused = await _answer(city, _card())
    assert refused.answer.reason is Reason.ENTRIES_USED_UP
    # Nobody came through: after a while the claim is over.
    city.clock.advance(online_checks.CLAIM_LASTS.total_seconds() + 1)
    assert (await _answer(city, _card())).admits == 1

    city.clock.advance(online_checks.CLAIM_LASTS.total_seconds() + 1)
    index = await city.card_index(holder)
    entry = gates.entry(9, scan_id=asked.check_id, card_index=index)
    await gates.book(0, entry)
    assert not (await _answer(city, _card())).admits
    await gates.book(0, gates.annulment(entry, 0.5))
    assert (await _answer(city, _card())).admits == 1


async def test_a_card_stopped_this_minute_is_refused_and_the_full_house_counted(
    gates: Gates, city: City, holder: Holder
) -> None:
    await _ask_for(city, NotFull(1))
    assert (await _answer(city, _card())).admits == 1
    await gates.book(0, gates.entry(9))
    city.clock.advance(120)
    assert (await _answer(city, _card())).answer.reason is Reason.AREA_FULL

    cards = city.house.store.database["cards"]
    await cards.update_one({"_id": holder.card_id}, {"$set": {"state": "SUSPENDED"}})
    assert (await _answer(city, _card())).answer.reason is Reason.CARD_SUSPENDED


async def test_a_check_over_http_is_signed_by_an_unblocked_reader_and_read_strictly(
    city: City, holder: Holder
) -> None:
    assert holder.card_id  # the card that is asked about
    terminal: Terminal = await city.terminal()
    asked = _card()
    heard = await terminal.send("POST", CHECKS, _json(asked.to_wire()))
    assert heard.status_code == 200, heard.text
    assert AdmissionAnswer.of_wire(heard.json()).to_wire() == heard.json()
    assert AdmissionCheck.of_wire(asked.to_wire()) == asked

    for wrong in (
        {"party": 0},
        {"party": 10**6},
        {"check_id": "x"},
        {"medium": "paper"},
        {"card_digest": {"$ne": None}},
        {"card_digest": None},
        {"ages": {"least": 9, "most": 3}},
        {"more": 1},
    ):
        with pytest.raises(InvalidCheck):
            AdmissionCheck.of_wire({**asked.to_wire(), **wrong})
        refused = await terminal.send("POST", CHECKS, _json({**asked.to_wire(), **wrong}))
        assert refused.status_code == 400, wrong
    assert (await city.client.post(CHECKS, json=asked.to_wire())).status_code == 401
    await city.house.store.database["terminals"].update_many({}, {"$set": {"blocked": True}})
    blocked = await terminal.send("POST", CHECKS, _json(asked.to_wire()))
    assert (blocked.status_code, blocked.json()["code"]) == (403, "terminal_blocked")
    # The card's row is what a terminal is read beside; without one it is read by itself.
    shown = Evidence(Medium.ECODE, REGION, authenticated=True)
    other = AdmissionCheck(secrets.token_hex(16), 1, shown, 1, 99, 1)
    blocked = await terminal.send("POST", CHECKS, _json(other.to_wire()))
    assert (blocked.status_code, blocked.json()["code"]) == (403, "terminal_blocked")
    await city.house.store.database["terminals"].update_many({}, {"$set": {"state": "WIPED"}})
    wiped = await terminal.send("POST", CHECKS, _json(asked.to_wire()))
    assert (wiped.status_code, wiped.json()["code"]) == (403, "terminal_unknown")


async def test_what_is_held_elsewhere_or_no_more_admits_nobody(
    gates: Gates, city: City, holder: Holder
) -> None:
    name = holder.resident_id.removeprefix("res_")
    await _ask_for(city, BookingHeld())
    await gates.booking(name, id="bkg_elsewhere", venue=2)
    await gates.booking(name, id="bkg_ended", state=BookingState.CANCELLED)
    await gates.booking("somebody_else")
    assert (await _answer(city, _card())).answer.reason is Reason.BOOKING_NEEDED

    await _ask_for(city, PassHeld())
    city.clock.advance(3)  # a venue's rules rest for two seconds
    await gates.ticket(name, id="pas_elsewhere", venues=[2])
    await gates.ticket(name, id="pas_refunded", state=PassState.REFUNDED)
    assert (await _answer(city, _card())).answer.reason is Reason.PASS_NEEDED
    await gates.ticket(name, id="pas_good")
    assert (await _answer(city, _card())).counted_on == ("pas_good",)


async def test_entries_count_at_their_venue_and_a_check_asked_again_not_against_itself(
    gates: Gates, city: City, holder: Holder
) -> None:
    await _ask_for(city, EntriesToday(1))
    index = await city.card_index(holder)
    await gates.book(1, gates.entry(9, card_index=index))  # at another venue
    asked = _card()
    first = await _answer(city, asked)
    assert first.admits == 1

    await gates.book(0, gates.entry(9.5, scan_id=asked.check_id, card_index=index))
    assert await _answer(city, asked) == first
    assert (await _answer(city, _card())).answer.reason is Reason.ENTRIES_USED_UP


async def test_another_regions_card_of_the_same_number_is_nobody_of_ours(
    gates: Gates, city: City, holder: Holder
) -> None:
    await _ask_for(city, BookingHeld())
    await _booked(gates, holder)
    index = await city.card_index(holder)
    # Of ours it is known that no such phone shows it; of another's nothing is.
    known = {REGION: Reason.DEVICE_UNBOUND, REGION + 1: Reason.BOOKING_NEEDED}
    for region, reason in known.items():
        shown = Evidence(Medium.ECODE, region, authenticated=True)
        asked = AdmissionCheck(secrets.token_hex(16), 1, shown, 1, index, 1)
        assert (await _answer(city, asked)).answer.reason is reason, region


async def test_the_one_read_of_a_check_looks_up_each_part_by_an_index(
    gates: Gates, city: City, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _ask_for(city, BookingHeld(), PassHeld(), EntriesToday(3))
    await _booked(gates, holder)
    asked: list[Any] = []

    async def noted(database: Any, sent: Any, options: Any) -> Any:
        if "aggregate" in sent:
            asked.append((sent["aggregate"], sent["pipeline"]))
        return await command_once(database, sent, options)

    monkeypatch.setattr(one_trip, "command_once", noted)
    await _answer(city, _card())
    [(name, pipeline)] = asked
    plan = await city.house.store.database.command(
        "explain",
        {"aggregate": name, "pipeline": pipeline, "cursor": {}},
        verbosity="executionStats",
    )
    looked_up = [stage for stage in plan["stages"] if "$lookup" in stage]
    assert [stage["$lookup"]["from"] for stage in looked_up] == [
        "terminals",
        "scans",
        "bookings",
        "passes",
    ]
    assert all(stage["collectionScans"] == 0 for stage in looked_up), looked_up
    assert "COLLSCAN" not in str(plan["stages"][0])


async def test_a_check_whose_answers_are_lost_on_the_way_is_still_one_claim(
    gates: Gates, city: City, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _ask_for(city, BookingHeld())
    booking = await _booked(gates, holder)
    lost = list[str]()

    async def cut(database: Any, sent: Any, options: Any) -> Any:
        """Have the connection break after the store did what it was sent."""
        answer = await command_once(database, sent, options)
        if next(iter(sent)) not in lost:
            lost.append(next(iter(sent)))
            raise AutoReconnect("cut")
        return answer

    monkeypatch.setattr(one_trip, "command_once", cut)
    asked = _card()
    assert (await _answer(city, asked)).counted_on == (booking,)
    assert lost == ["aggregate", "insert"]
    [kept] = await AdmissionClaim.get_pymongo_collection().find({}).to_list()
    assert [one["check"] for one in kept["claims"]] == [asked.check_id]
    assert (await _answer(city, _card())).answer.reason is Reason.ALREADY_USED


async def test_what_the_store_says_against_a_claim_is_not_taken_for_another_ones(
    city: City,
) -> None:
    claims = AdmissionClaim.get_pymongo_collection()
    row = {"_id": "1.x", "revision": 1, "claims": [], "expires_at": city.clock.now()}
    assert await insert_if_new(claims, row)
    assert not await insert_if_new(claims, row)
    with pytest.raises(WriteError):
        await insert_if_new(claims, {"_id": ["no id is a list"]})
    unmet = claims.with_options(write_concern=WriteConcern(w=7, wtimeout=1))
    with pytest.raises(WriteConcernError):
        await insert_if_new(unmet, {**row, "_id": "1.y"})


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
