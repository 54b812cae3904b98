"""The roll of who registered: masked, page by page, and known to everybody on it."""

from dataclasses import replace

from backend.app import House
from backend.exams import rules
from backend.exams.documents import ExamRegistration
from backend.exams.leaving import ExamLeaving
from backend.exams.records import SeatView
from backend.exams.registration import ExamRegistrations
from backend.exams.registration_rules import RegistrationState
from backend.exams.roll import ExamRoll, Roll
from backend.exams.seating import ExamSeating
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow
from backend.foundation.mongo import Session
from backend.foundation.pages import Position
from backend.foundation.permissions import NOT_PERMITTED
from backend.foundation.refusals import Refusal
from shared.clock import ManualClock
from tests.backend.actors import City, new_key
from tests.backend.bookings.hall import code
from tests.backend.bookings.test_indexes import EXPLAINED, parts, stages
from tests.backend.exams.hall import DOOR, OFFICER, open_session
from tests.backend.exams.test_registration import people


async def test_a_department_reads_who_registered_masked_and_everybody_on_it_reads_of_that(
    city: City, house: House, clock: ManualClock, sent: list[tuple[str, dict[str, object]]]
) -> None:
    desk, roll = house.services[ExamRegistrations], house.services[ExamRoll]
    await open_session(house, clock)
    who = await people(city, 4)
    for one in who:
        await desk.register(one, new_key(), "civil-1")
        clock.advance(1)
    await desk.withdraw(who[1], new_key(), "civil-1")

    async def page(after: Position | None = None, caller: Caller = OFFICER) -> Roll:
        found = await roll.page(caller, "civil-1", 2, after)
        assert isinstance(found, Roll), found
        return found

    first = await page()
    rest = await page(first.page.rows[-1].position)
    assert (first.registered, first.page.has_more, rest.page.has_more) == (3, True, False)
    entries = [*first.page.rows, *rest.page.rows]
    assert len({one.registration_id for one in entries}) == len(entries) == 3
    assert all("*" in one.masked_name and "*" in one.masked_number for one in entries)
    read = await AuditRow.get_pymongo_collection().find({"action": "exams.listed"}).to_list()
    assert sorted(row["subject"] for row in read) == sorted(
        one.resident_id for one in who if one is not who[1]
    )

    stranger = replace(OFFICER, organisation=replace(OFFICER.organisation, code="360700-zj"))
    refused = await roll.page(stranger, "civil-1", 2, None)
    assert refused == rules.SESSION_OF_OTHERS
    assert code(await roll.page(DOOR, "civil-1", 2, None)) == NOT_PERMITTED.code
    assert code(await roll.page(None, "civil-1", 2, None)) == "sign_in_needed"
    assert await roll.page(OFFICER, "$where", 2, None) == rules.SESSION_UNKNOWN

    given = await house.services[ExamSeating].assign(
        OFFICER, new_key(), "civil-1", who[0].resident_id, 1
    )
    assert isinstance(given, SeatView), given
    assert {one.state for one in (await page()).page.rows} == set(RegistrationState) - {
        RegistrationState.WITHDRAWN
    }

    async def leave(transaction: Session) -> None:
        await ExamLeaving().close_account(who[0].resident_id, clock.now(), transaction)

    await audit.in_one_write(leave)
    left = await page()
    assert (left.registered, len(left.page.rows)) == (2, 2), "who left stands on no roll"
    again = await desk.register(who[1], new_key(), "civil-1")
    assert not isinstance(again, Refusal), again
    on_roll = {"session": "civil-1", "state": {"$ne": "WITHDRAWN"}, "resident_id": {"$ne": ""}}
    counted = await ExamRegistration.get_pymongo_collection().count_documents(on_roll)
    sent.clear()
    assert (await page()).registered == counted == 3
    counts = [one for one in sent if one[1].get("aggregate") == "exam_registrations"]
    assert not counts, "no page counts the whole roll"
    asked = [one for one in sent if one[0] in EXPLAINED]
    for name, command in asked:
        if command[name] != "exam_registrations":
            continue
        for part in parts(name, command):
            plan = await house.store.database.command(
                {"explain": part, "verbosity": "queryPlanner"}
            )
            assert not {"COLLSCAN", "SORT"} & stages(plan), part
