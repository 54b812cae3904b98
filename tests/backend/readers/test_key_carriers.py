"""S16: the inventory of key carriers, and what a lost one does to its terminals."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from backend.app import House
from backend.foundation.access import Caller, Role
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.foundation.pages import Position
from backend.foundation.refusals import Refusal
from backend.readers.key_carrier_rules import (
    MOVES,
    TABLE,
    Carrier,
    CarrierEvent,
    CarrierKind,
    CarrierState,
    after,
)
from backend.readers.key_carriers import KeyCarriers, Move, NewCarrier
from backend.settings import Settings
from shared.admission.answer import Verdict
from shared.clock import ManualClock
from shared.ecode.reasons import Reason
from tests.backend.accounts.actors import People
from tests.backend.actors import City, new_key
from tests.backend.cards.gate import certificate_in
from tests.backend.lane import VenueLane, venue_lane
from tests.backend.test_indexes import EXPLAINED, _stages

OFFICER = Caller(staff_id="stf_officer", roles=frozenset({Role.SECURITY_OFFICER}))
KEEPER = Caller(staff_id="stf_keeper", roles=frozenset({Role.VENUE_STAFF}))
OTHER = Caller(staff_id="stf_other", roles=frozenset({Role.VENUE_STAFF}))
CLERK = Caller(staff_id="stf_clerk", roles=frozenset({Role.OUTLET_CLERK}))
PSAM = NewCarrier(CarrierKind.PSAM, "PSAM-0001", 3, "市局保险柜")


@pytest.fixture
def carriers(house: House) -> KeyCarriers:
    return house.services[KeyCarriers]


@pytest.fixture
async def lane(
    city: City,
    app: Litestar,
    settings: Settings,
    keys: Keys,
    mongod: RunningMongod,
    tmp_path: Path,
) -> AsyncIterator[VenueLane]:
    """The real reader of a venue."""
    await city.venue(1)
    async with venue_lane(city, app, settings, keys, mongod.uri, tmp_path) as made:
        yield made


@pytest.fixture
def people(city: City) -> People:
    return People(city)


def _code(answer: object) -> str:
    return answer.code if isinstance(answer, Refusal) else "done"


async def _registered(carriers: KeyCarriers, new: NewCarrier = PSAM) -> Carrier:
    made = await carriers.register(OFFICER, new_key(), new)
    assert isinstance(made, Carrier), made
    return made


async def _moved(carriers: KeyCarriers, carrier: Carrier, *moves: Move) -> Carrier:
    for move in moves:
        done = await carriers.move(OFFICER, new_key(), carrier.carrier_id, move)
        assert isinstance(done, Carrier), done
        carrier = done
    return carrier


def _carrier(state: CarrierState, **changed: Any) -> Carrier:
    usual: dict[str, Any] = {
        "carrier_id": "kc_a",
        "kind": CarrierKind.PSAM,
        "serial": "1",
        "key_version": 1,
        "custodian": "stf_keeper",
        "location": "x",
        "state": state,
        "terminals": (),
        "changed_at": None,
        "revision": 0,
    }
    return Carrier(**{**usual, **changed})


@pytest.mark.parametrize("event", CarrierEvent)
@pytest.mark.parametrize("state", CarrierState)
def test_every_event_is_answered_in_every_state(event: CarrierEvent, state: CarrierState) -> None:
    carrier = _carrier(state, offered_to="stf_keeper")

    outcome = after(carrier, event, KEEPER)

    assert outcome is TABLE[event][state]
    if isinstance(outcome, Refusal):
        assert outcome.next_step.zh
        assert outcome.next_step.en


@pytest.mark.parametrize("event", [event for event in MOVES if event is not CarrierEvent.ISSUE])
@pytest.mark.parametrize("state", [CarrierState.LOST, CarrierState.DESTROYED])
def test_what_is_lost_or_destroyed_never_comes_back(
    event: CarrierEvent, state: CarrierState
) -> None:
    outcome = after(_carrier(state), event, KEEPER)

    destroyed = (event, state) == (CarrierEvent.DESTROY, CarrierState.LOST)
    assert (outcome is CarrierState.DESTROYED) is destroyed


def test_only_the_custodian_moves_it_and_the_officer_reports_and_destroys() -> None:
    carrier = _carrier(CarrierState.ISSUED)

    for event in (CarrierEvent.RETURN, CarrierEvent.INSTALL, CarrierEvent.OFFER):
        assert _code(after(carrier, event, OTHER)) == "not_the_custodian"
        assert _code(after(carrier, event, OFFICER)) == "not_the_custodian"
    assert after(carrier, CarrierEvent.REPORT_LOST, OFFICER) is CarrierState.LOST
    assert after(carrier, CarrierEvent.DESTROY, OFFICER) is CarrierState.DESTROYED
    assert _code(after(carrier, CarrierEvent.REPORT_LOST, OTHER)) == "not_the_custodian"


@pytest.mark.feature("S16")
async def test_a_lost_carrier_blocks_its_terminals_at_their_next_heartbeat(
    city: City, carriers: KeyCarriers, lane: VenueLane, clock: ManualClock, house: House
) -> None:
    """From the officer's report to the real lane's answer, and back when the block is lifted."""
    holder, phone = await city.holder(), city.stranger()
    certificate = certificate_in(await phone.enrol(await city.code(holder)))
    beside = await city.terminal(2)  # a terminal that this carrier was never in
    terminal = lane.enrolment.terminal_id
    install = Move(CarrierEvent.INSTALL, (terminal,), "1号通道")
    carrier = await _moved(carriers, await _registered(carriers), Move(CarrierEvent.ISSUE), install)
    assert (carrier.state, carrier.terminals) == (CarrierState.INSTALLED, (terminal,))
    assert await lane.refresh()
    assert lane.show(phone, certificate).answer.verdict.opens

    clock.advance(60)
    await _moved(carriers, carrier, Move(CarrierEvent.REPORT_LOST))
    assert lane.show(phone, certificate).answer.verdict.opens  # it has not heard yet
    clock.advance(60)
    assert await lane.refresh()

    answer = lane.show(phone, certificate).answer
    assert (answer.verdict, answer.reason) == (Verdict.SYSTEM, Reason.TERMINAL_BLOCKED)
    fault = lane.page().everything()["lists_fault"]
    assert fault["headline"] == {"zh": "本机已被停用", "en": "This reader is blocked"}
    assert len(lane.gate.openings) == 2
    assert await lane.refresh()  # its journal still comes up
    assert await house.store.database["scans"].count_documents({"reason": "terminal_blocked"}) == 1
    others = await house.store.database["terminals"].find({"blocked": True}).to_list()
    assert [row["_id"] for row in others] == [terminal]
    assert (await beside.send("GET", "/readers/v1/terminal-standing")).status_code == 200

    clock.advance(60)
    lifted = await carriers.lift_block(OFFICER, new_key(), terminal, "已换新卡并核对")
    assert lifted == terminal
    assert await lane.refresh()
    clock.advance(60)
    assert lane.show(phone, certificate).answer.verdict.opens


async def test_a_hand_over_counts_when_both_have_confirmed_it(
    carriers: KeyCarriers, house: House
) -> None:
    carrier = await _registered(carriers)
    one = carrier.carrier_id

    assert _code(await carriers.accept(KEEPER, new_key(), one)) == "key_carrier_not_offered"
    offered = await carriers.offer(OFFICER, new_key(), one, "stf_keeper")
    assert isinstance(offered, Carrier)
    assert (offered.custodian, offered.offered_to) == ("stf_officer", "stf_keeper")
    assert _code(await carriers.accept(OTHER, new_key(), one)) == "key_carrier_not_offered"
    moved = await carriers.move(KEEPER, new_key(), one, Move(CarrierEvent.ISSUE))
    assert _code(moved) == "not_the_custodian"  # offered is not taken over

    key = new_key()
    taken = await carriers.accept(KEEPER, key, one)
    assert isinstance(taken, Carrier)
    assert (taken.custodian, taken.offered_to) == ("stf_keeper", None)
    assert await carriers.accept(KEEPER, key, one) == taken  # the same wish again
    assert _code(await carriers.accept(KEEPER, new_key(), one)) == "key_carrier_not_offered"

    events = house.store.database["key_carrier_events"]
    chain = await events.find({"carrier_id": one}).sort("revision").to_list()
    assert [(e["revision"], e["event"], e["custodian"], e["actor_id"]) for e in chain] == [
        (0, "register", "stf_officer", "stf_officer"),
        (1, "offer", "stf_officer", "stf_officer"),
        (2, "accept", "stf_keeper", "stf_keeper"),
    ]
    rows = await house.store.database["audit_rows"].find({"origin": one}).to_list()
    assert [row["action"] for row in rows] == [
        "readers.key_carrier_register",
        "readers.key_carrier_offer",
        "readers.key_carrier_accept",
    ]


async def test_whatever_happens_in_between_ends_an_offer(carriers: KeyCarriers) -> None:
    carrier = await _registered(carriers)
    await carriers.offer(OFFICER, new_key(), carrier.carrier_id, "stf_keeper")
    await _moved(carriers, carrier, Move(CarrierEvent.REPORT_LOST))

    refused = await carriers.accept(KEEPER, new_key(), carrier.carrier_id)

    assert _code(refused) == "key_carrier_lost"


async def test_of_two_who_move_it_at_once_one_is_refused(
    carriers: KeyCarriers, house: House
) -> None:
    carrier = await _registered(carriers)
    move = Move(CarrierEvent.ISSUE)

    answers = await asyncio.gather(
        *(carriers.move(OFFICER, new_key(), carrier.carrier_id, move) for _ in range(4))
    )

    assert sorted(map(_code, answers)) == ["done"] + ["key_carrier_not_in_stock"] * 3
    count = await house.store.database["key_carrier_events"].count_documents({"event": "issue"})
    assert count == 1


@pytest.mark.parametrize(
    "new",
    [
        NewCarrier(CarrierKind.SAM, "", 1, "x"),
        NewCarrier(CarrierKind.SAM, "a\0b", 1, "x"),
        NewCarrier(CarrierKind.SAM, "x" * 65, 1, "x"),
        NewCarrier(CarrierKind.SAM, "a", 0, "x"),
        NewCarrier(CarrierKind.SAM, "a", 256, "x"),
        NewCarrier(CarrierKind.SAM, "a", 1, "\ud800"),
    ],
)
async def test_a_carrier_of_another_form_is_refused(carriers: KeyCarriers, new: NewCarrier) -> None:
    assert _code(await carriers.register(OFFICER, new_key(), new)) == "key_carrier_form"


@pytest.mark.parametrize(
    ("move", "code"),
    [
        (Move(CarrierEvent.REGISTER), "key_carrier_form"),
        (Move(CarrierEvent.ACCEPT), "key_carrier_form"),
        (Move(CarrierEvent.ISSUE, ("trm_x",)), "key_carrier_form"),
        (Move(CarrierEvent.ISSUE, (), "\n"), "key_carrier_form"),
        (Move(CarrierEvent.INSTALL), "key_carrier_terminals"),
        (Move(CarrierEvent.INSTALL, ("trm_nobody",)), "key_carrier_terminals"),
        (Move(CarrierEvent.INSTALL, ("{'$ne': ''}",)), "key_carrier_terminals"),
    ],
)
async def test_a_move_of_another_form_is_refused(
    carriers: KeyCarriers, move: Move, code: str
) -> None:
    carrier = await _registered(carriers)
    if move.event is CarrierEvent.INSTALL:
        await _moved(carriers, carrier, Move(CarrierEvent.ISSUE))

    assert _code(await carriers.move(OFFICER, new_key(), carrier.carrier_id, move)) == code


async def test_who_may_what(carriers: KeyCarriers) -> None:
    carrier = await _registered(carriers)
    one, move = carrier.carrier_id, Move(CarrierEvent.ISSUE)

    assert _code(await carriers.register(OFFICER, new_key(), PSAM)) == "key_carrier_known"
    assert _code(await carriers.register(KEEPER, new_key(), PSAM)) == "not_permitted"
    for caller, code in ((None, "sign_in_needed"), (CLERK, "not_permitted")):
        assert _code(await carriers.move(caller, new_key(), one, move)) == code
        assert _code(await carriers.page(caller, None, 5, None)) == code
        assert _code(await carriers.lift_block(caller, new_key(), "trm", "x")) == code
    assert _code(await carriers.move(OFFICER, new_key(), "kc_x", move)) == "key_carrier_unknown"
    lifted = await carriers.lift_block(OFFICER, new_key(), "trm_x", "查明")
    assert _code(lifted) == "terminal_not_blocked"
    assert _code(await carriers.lift_block(OFFICER, new_key(), "trm", "")) == "audit_reason_form"


async def test_staff_do_it_signed_in(people: People) -> None:
    first = await people.staff("officer.an", Role.SECURITY_OFFICER, sequence="801")
    employee = await people.staff("officer.bao", Role.SECURITY_OFFICER, sequence="802")
    await first.sign_in()
    await employee.sign_in()
    made = await first.device.do(
        "RegisterKeyCarrier",
        idempotencyKey=new_key(),
        kind="PSAM",
        serial="PSAM-7",
        keyVersion=2,
        location="保险柜",
    )
    one = made["carrier"]["id"]
    offered = await first.device.do(
        "OfferKeyCarrier", idempotencyKey=new_key(), id=one, to=employee.staff_id
    )
    assert offered["carrier"]["offeredTo"] == employee.staff_id
    taken = await employee.device.do("AcceptKeyCarrier", idempotencyKey=new_key(), id=one)
    assert taken["carrier"]["custodian"] == employee.staff_id
    lost = await employee.device.do(
        "MoveKeyCarrier", idempotencyKey=new_key(), id=one, event="REPORT_LOST"
    )
    assert lost["carrier"]["state"] == "LOST"
    page = (await employee.device.ask("KeyCarriers", first=5, state="LOST"))["keyCarriers"]
    assert [node["serial"] for node in page["nodes"]] == ["PSAM-7"]
    lifted = await employee.device.do(
        "LiftTerminalBlock", idempotencyKey=new_key(), terminal="trm_x", reason="查明"
    )
    assert lifted["code"] == "terminal_not_blocked"


async def test_pages_follow_one_another_and_every_query_has_its_index(
    carriers: KeyCarriers,
    city: City,
    house: House,
    clock: ManualClock,
    sent: list[tuple[str, dict[str, Any]]],
) -> None:
    await city.terminal(1)
    [terminal] = await house.store.database["terminals"].distinct("_id")
    made = []
    for number in range(3):
        made.append(await _registered(carriers, NewCarrier(CarrierKind.HSM, f"H-{number}", 1, "x")))
        clock.advance(1)
    carrier = made[-1]
    sent.clear()
    install = Move(CarrierEvent.INSTALL, (terminal,))
    await _moved(carriers, carrier, Move(CarrierEvent.ISSUE), install)
    await _moved(carriers, carrier, Move(CarrierEvent.REPORT_LOST))
    await carriers.lift_block(OFFICER, new_key(), terminal, "查明")
    serials: list[str] = []
    position = None
    while True:
        page = await carriers.page(OFFICER, None, 1, position)
        assert not isinstance(page, Refusal)
        serials += [one.serial for one in page.rows]
        if not page.has_more:
            break
        position = Position(page.rows[-1].changed_at, page.rows[-1].carrier_id)
    await carriers.page(OFFICER, CarrierState.LOST, 5, position)

    assert serials == ["H-2", "H-1", "H-0"]
    own = {"key_carriers", "terminals"}
    ours = [c for name, c in list(sent) if name in EXPLAINED and c[name] in own]
    assert {next(iter(command.values())) for command in ours} == own
    assert [c for c in ours if "COLLSCAN" in await _stages(house, c)] == []
