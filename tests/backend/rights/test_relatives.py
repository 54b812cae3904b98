"""What close relatives may ask of a deceased person's data, at a counter (L9, PIPL 49)."""

import json
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from backend.app import House
from backend.foundation.access import Role
from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind
from backend.residents.sandbox import SandboxRegister
from backend.rights.closing_sweep import ClosingSweep
from backend.rights.relative_rules import (
    PAPERS,
    Claim,
    CloseRelative,
    KinshipPaper,
    claim_fault,
)
from shared.clock import ManualClock
from tests.backend.accounts.actors import Employee, People
from tests.backend.actors import id_number, join_household, new_key

DEAD, KIN, PHONE = id_number(sequence="921"), id_number(sequence="922"), "15400000921"


def test_each_paper_shows_the_kinship_it_is_made_for() -> None:
    for relative, paper in product(CloseRelative, KinshipPaper):
        claim = Claim(DEAD, KIN, relative, paper, nothing_arranged=True, interest="继承")
        assert (claim_fault(claim) is None) is (paper in PAPERS[relative])
    assert KinshipPaper.MARRIAGE_CERTIFICATE not in PAPERS[CloseRelative.CHILD]
    assert KinshipPaper.BIRTH_CERTIFICATE not in PAPERS[CloseRelative.SIBLING]


@pytest.fixture
async def clerk(people: People) -> Employee:
    clerk = await people.staff("clerk", Role.OUTLET_CLERK)
    await clerk.sign_in()
    return clerk


@pytest.fixture
async def deceased(people: People, house: House) -> str:
    resident_id = await people.register(DEAD, PHONE)
    house.services[SandboxRegister].report("c1", ChangeKind.DEATH, DEAD)
    await house.services[RegisterFollower].follow()
    return resident_id


@pytest.fixture
async def kin(people: People) -> str:
    return await people.register(KIN)


async def ask(
    clerk: Employee, name: str = "CopyForRelative", more: Any = None, **changed: Any
) -> Any:
    claim = {
        "idempotencyKey": new_key(),
        "number": DEAD,
        "relativeNumber": KIN,
        "relative": "CHILD",
        "paper": "BIRTH_CERTIFICATE",
        "nothingArranged": True,
        "interest": "办理继承",
    }
    answer = await clerk.device.ask(name, claim={**claim, **changed}, **(more or {}))
    return next(iter(answer.values()))


async def rows(house: House, action: str) -> list[Any]:
    found = house.store.database["audit_rows"].find({"action": action})
    return await found.sort("$natural").to_list()


@pytest.mark.feature("L9")
async def test_a_child_gets_the_copy_and_both_records_tell_of_it(
    house: House, clerk: Employee, deceased: str, kin: str, clock: ManualClock
) -> None:
    key = new_key()
    done = await ask(clerk, idempotencyKey=key)

    copy = json.loads(done["copy"])
    [record] = next(one["rows"] for one in copy["records"] if one["code"] == "residents.record")
    assert (copy["resident_id"], record["number"], record["phone"]) == (deceased, DEAD, PHONE)
    of_dead, of_kin = await rows(house, "rights.relative_copied")
    assert (of_dead["subject"], of_dead["origin"], of_kin["subject"]) == (deceased, kin, kin)
    assert of_dead["reason"] == "办理继承"
    assert of_kin["disclosed"] is True
    again = await ask(clerk, idempotencyKey=key)
    assert json.loads(again["copy"])["records"]
    assert len(await rows(house, "rights.relative_copied")) == 2
    clock.advance(301)
    assert (await ask(clerk, idempotencyKey=key))["code"] == "reveal_over"


@pytest.mark.feature("L9")
@pytest.mark.usefixtures("deceased", "kin")
async def test_without_kinship_death_or_interest_nothing_is_told(
    people: People, house: House, clerk: Employee
) -> None:
    living = id_number(sequence="923")
    await people.register(living)
    for changed, code in (
        ({"paper": "MARRIAGE_CERTIFICATE"}, "kinship_paper_unfit"),
        ({"nothingArranged": False}, "deceased_arranged_otherwise"),
        ({"interest": " "}, "audit_reason_form"),
        ({"number": living}, "not_deceased"),
        ({"number": id_number(sequence="929")}, "not_deceased"),
        ({"relativeNumber": id_number(sequence="929")}, "relative_unknown"),
        ({"relativeNumber": DEAD}, "relative_unknown"),
        ({"number": DEAD[:-1]}, "id_number_length"),
    ):
        assert (await ask(clerk, **changed))["code"] == code, changed
    auditor = await people.staff("auditor", Role.AUDITOR, sequence="831")
    await auditor.sign_in()
    assert (await ask(auditor))["code"] == "not_permitted"
    assert await rows(house, "rights.relative_copied") == []


async def test_nobody_serves_their_own_family_and_the_try_raises_an_alert(
    house: House, clerk: Employee, deceased: str, kin: str
) -> None:
    staff = await house.store.database["staff"].find_one({"login": "clerk"})
    assert staff is not None
    for member in (staff["_id"], kin):
        await join_household(member, b"home")

    assert (await ask(clerk))["code"] == "relative_own_household"
    assert (await ask(clerk, "CloseForRelative"))["code"] == "relative_own_household"
    assert deceased
    assert await rows(house, "rights.relative_copied") == []


@pytest.mark.feature("L9")
async def test_a_correction_is_another_clerks_to_decide(
    people: People, house: House, clerk: Employee, deceased: str, kin: str
) -> None:
    wish = {"correction": {"field": "NAME", "value": "钟大明"}}

    done = await ask(clerk, "CorrectForRelative", wish)

    assert done["__typename"] == "RelativeCorrection", done
    case = await house.store.database["corrections"].find_one({"_id": done["id"]})
    assert case is not None
    assert (case["resident_id"], case["state"]) == (deceased, "SUBMITTED")
    other = await people.staff("other", Role.OUTLET_CLERK, sequence="832")
    await other.sign_in()
    wanted = {"id": done["id"], "accept": True, "reason": "已核对户口本"}
    own = await clerk.device.do("DecideCorrection", idempotencyKey=new_key(), **wanted)
    assert own["code"] == "correction_own_submission"
    decided = await other.device.do("DecideCorrection", idempotencyKey=new_key(), **wanted)
    assert decided["correction"]["state"] == "ACCEPTED"
    copied = json.loads((await ask(clerk))["copy"])
    assert "钟大明" in json.dumps(copied, ensure_ascii=False)
    assert kin


@pytest.mark.feature("L9")
async def test_a_deletion_waits_its_time_and_erases(
    house: House, clerk: Employee, deceased: str, kin: str, clock: ManualClock
) -> None:
    done = await ask(clerk, "CloseForRelative")
    assert done["__typename"] == "RelativeClosing", done
    assert (await ask(clerk, "CloseForRelative"))["code"] == "closing_requested"
    assert await house.services[ClosingSweep].run() == 0

    clock.advance(timedelta(days=60).total_seconds())
    assert await house.services[ClosingSweep].run() == 1

    left = await house.store.database["person_keys"].find_one({"_id": deceased})
    assert left is None
    assert await house.store.database["person_keys"].find_one({"_id": kin}) is not None
    clerk.device.access = None
    await clerk.sign_in()
    assert (await ask(clerk))["code"] == "not_deceased"
