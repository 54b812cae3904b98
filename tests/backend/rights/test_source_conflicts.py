"""Sources that say different things of a person (S115): kept, shown, settled."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from backend.app import House
from backend.foundation.access import Caller, Role
from backend.foundation.refusals import Refusal
from backend.residents.field_ledger import FieldLedger
from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind
from backend.residents.registration import Application, RealNameRegistration
from backend.residents.rules import PersonField
from backend.residents.sandbox import SandboxRegister
from backend.residents.service import Registration, Residents
from backend.residents.statements import Statement, Statements
from shared.clock import ManualClock
from tests.backend.accounts.actors import Employee, People
from tests.backend.actors import REGION, City, id_number, join_household, new_key
from tests.backend.rights.test_copies import copied

NUMBER, PHONE, OTHER = id_number(sequence="901"), "13970700901", "13970700999"
CLERK = Caller(staff_id="stf_clerk", roles=frozenset({Role.OUTLET_CLERK}))


@pytest.fixture
async def clerk(people: People) -> Employee:
    clerk = await people.staff("clerk", Role.OUTLET_CLERK)
    await clerk.sign_in()
    return clerk


async def _again(house: House, name: str, phone: str | None) -> Registration:
    """Somebody comes to a counter again with a document; the register confirms what it says."""
    house.services[SandboxRegister]._people[NUMBER] = {"number": NUMBER, "name": name}
    done = await house.services[RealNameRegistration].at_counter(
        CLERK, new_key(), Application(NUMBER, name, phone, REGION)
    )
    assert isinstance(done, Registration), done
    return done


async def _renamed(house: House, name: str, change_id: str = "c1") -> None:
    house.services[SandboxRegister].report(change_id, ChangeKind.NAME, NUMBER, name)
    await house.services[RegisterFollower].follow()


async def _ledger(house: House, resident_id: str) -> FieldLedger:
    residents = house.services[Residents]
    found = await residents.stored(resident_id)
    assert found is not None
    return FieldLedger(residents, found)


async def _waiting(clerk: Employee) -> list[Any]:
    answer = await clerk.device.ask("SourceConflicts")
    return list(answer["sourceConflicts"]["nodes"])


async def _settle(clerk: Employee, conflict: Any, *, adopt: bool, key: str | None = None) -> Any:
    return await clerk.device.do(
        "SettleSourceConflict",
        idempotencyKey=key or new_key(),
        residentId=conflict["residentId"],
        field=conflict["field"],
        source=conflict["other"]["source"],
        saidAt=conflict["other"]["at"],
        adopt=adopt,
        reason="已核对证件",
    )


@pytest.mark.feature("S115")
async def test_a_losing_value_is_kept_sealed_shown_and_settled_by_a_clerk(
    people: People, house: House, clerk: Employee, clock: ManualClock
) -> None:
    resident_id = await people.register(NUMBER, PHONE)
    clock.advance(60)
    await _renamed(house, "钟大海")
    clock.advance(60)
    done = await _again(house, "钟小明", None)
    assert done.differs == (PersonField.NAME,)

    row = await house.store.database["residents"].find_one({"_id": resident_id})
    assert row is not None
    [stated] = row["stated"]
    assert (stated["field"], stated["origin"]["source"]) == ("name", "document")
    assert "钟小明".encode() not in stated["sealed"]
    [conflict] = await _waiting(clerk)
    assert (conflict["standing"]["masked"], conflict["other"]["masked"]) == ("钟*海", "钟*明")
    assert (conflict["standing"]["source"], conflict["other"]["source"]) == (
        "POPULATION_REGISTER",
        "DOCUMENT",
    )

    key = new_key()
    settled = await _settle(clerk, conflict, adopt=True, key=key)
    assert settled["__typename"] == "SourceConflictSettled", settled
    assert (await _settle(clerk, conflict, adopt=True, key=key))["settledAt"] == settled[
        "settledAt"
    ]
    assert (await _settle(clerk, conflict, adopt=False))["code"] == "source_conflict_unknown"
    assert await _waiting(clerk) == []
    ledger = await _ledger(house, resident_id)
    standing = ledger.standing(PersonField.NAME)
    assert standing is not None
    assert (standing.value, standing.source) == ("钟小明", "correction")
    assert {word.value for word in ledger.others(PersonField.NAME)} == {"钟大海", "钟小明"}
    assert await _acts(house, resident_id) == {
        "rights.source_conflict_read",
        "rights.source_conflict_settled",
    }


async def _acts(house: House, resident_id: str) -> set[str]:
    """What the log tells the person of it."""
    told = {"subject": resident_id, "action": {"$regex": "source_conflict"}, "disclosed": True}
    return set(await house.store.database["audit_rows"].distinct("action", told))


async def test_a_phone_said_at_a_counter_signs_nobody_in_and_is_kept_or_not(
    people: People, house: House, clerk: Employee, clock: ManualClock
) -> None:
    resident_id = await people.register(NUMBER, PHONE)
    clock.advance(60)
    assert (await _again(house, "钟小明", OTHER)).differs == (PersonField.PHONE,)

    residents = house.services[Residents]
    assert await residents.of_login(OTHER) == []
    [conflict] = await _waiting(clerk)
    assert (conflict["field"], conflict["other"]["source"]) == ("PHONE", "COUNTER")
    assert (await _settle(clerk, conflict, adopt=True))["code"] == "source_conflict_phone"
    kept = await _settle(clerk, conflict, adopt=False)
    assert kept["__typename"] == "SourceConflictSettled", kept
    assert await _waiting(clerk) == []
    assert await residents.of_login(PHONE) == [resident_id]
    assert await residents.of_login(OTHER) == []


async def test_the_bureaus_words_arrive_in_any_order_and_twice(
    house: House, clock: ManualClock
) -> None:
    """On the store as in the rules: whatever comes first, the record says the same."""
    now = clock.now()
    said = [
        ("钟大海", now - timedelta(days=3)),
        ("钟小海", now - timedelta(days=2)),
        ("钟中海", now - timedelta(days=1)),
    ]
    outcomes = set()
    for place, order in enumerate(permutations(said)):
        number = id_number(sequence=f"{810 + place}")
        done = await house.services[Residents].register(number, "钟小明", REGION, now)
        assert isinstance(done, Registration)
        for name, at in [*order, *order]:
            statement = Statement(number, PersonField.NAME, name, at)
            assert not isinstance(await house.services[Statements].take_over(statement), Refusal)
        ledger = await _ledger(house, done.resident_id)
        standing = ledger.standing(PersonField.NAME)
        assert standing is not None
        outcomes.add((standing, *ledger.others(PersonField.NAME)))

    [outcome] = outcomes
    assert [word.value for word in outcome] == ["钟小明", "钟中海"]


@pytest.mark.parametrize(
    ("which", "value", "ahead", "code"),
    [
        (PersonField.PHONE, OTHER, 0, "statement_form"),
        (PersonField.NAME, "钟1", 0, "statement_form"),
        (PersonField.BIRTH, "19880312", 0, None),
        (PersonField.BIRTH, "2999-01-01", 0, "statement_form"),
        (PersonField.NAME, "钟大海", 1, "statement_form"),
        (PersonField.NAME, "钟大海", 0, "resident_unknown"),
    ],
)
async def test_a_line_that_cannot_be_taken_is_refused(
    house: House, clock: ManualClock, which: PersonField, value: str, ahead: int, code: str | None
) -> None:
    at = clock.now() + timedelta(days=ahead)
    done = await house.services[Statements].take_over(Statement(NUMBER, which, value, at))

    assert isinstance(done, Refusal)
    assert done.code == (code or "resident_unknown")
    assert NUMBER not in repr(Statement(NUMBER, which, value, at))


async def test_a_birth_date_adopted_reaches_the_certificate_and_the_own_copy(
    people: People, house: House, city: City, clerk: Employee, clock: ManualClock
) -> None:
    one = await people.signed_in("901")
    [resident_id] = await house.services[Residents].of_login(NUMBER)
    phone = await city.phone(await people.card_of(resident_id, "901"))
    band = (await phone.ask("Home"))["card"]["ageBand"]
    clock.advance(60)
    statement = Statement(NUMBER, PersonField.BIRTH, "1950-01-02", clock.now())
    assert await house.services[Statements].take_over(statement) is True

    [told] = (await copied(one))["residents.record"]
    [stated] = told["stated"]
    assert (stated["value"], stated["in_conflict"]) == ("1950-01-02", True)
    [conflict] = await _waiting(clerk)
    assert conflict["other"]["masked"] == "1950-**-**"
    done = await _settle(clerk, conflict, adopt=True)
    assert done["__typename"] == "SourceConflictSettled", done
    await phone.renew()
    assert (await phone.ask("Home"))["card"]["ageBand"] != band


async def test_nobody_settles_their_own_household(
    people: People, house: House, clerk: Employee, clock: ManualClock
) -> None:
    resident_id = await people.register(NUMBER, PHONE)
    clock.advance(60)
    await _again(house, "钟小明", OTHER)
    [conflict] = await _waiting(clerk)
    for member in (resident_id, clerk.staff_id):
        await join_household(member, b"h" * 32)

    assert (await _settle(clerk, conflict, adopt=False))["code"] == "own_household"
