"""Unmasking: permitted, reasoned, written down, and no more than was asked for (S4, L1, L22)."""

import pytest

from backend.app import House
from backend.foundation.access import Caller, Role
from backend.foundation.refusals import Refusal
from backend.residents.rules import PersonField
from backend.residents.unmasking import Revealed, Unmasking
from tests.backend.actors import City, id_number, new_key

CLERK = Caller(staff_id="staff_1", roles=frozenset({Role.OUTLET_CLERK}))


async def _code(house: House, caller: Caller | None, of: str, fields: list[str], why: str) -> str:
    answer = await house.services[Unmasking].reveal(caller, new_key(), of, fields, why)
    assert isinstance(answer, Refusal)
    return answer.code


@pytest.mark.feature("L1", "L22")
async def test_a_clerk_sees_what_was_asked_for_and_the_resident_finds_out(
    city: City, house: House
) -> None:
    resident_id = await city.resident()

    answer = await house.services[Unmasking].reveal(
        CLERK, new_key(), resident_id, ["name"], "核对证件"
    )

    assert isinstance(answer, Revealed)
    assert answer.values == {PersonField.NAME: "钟小明"}
    assert "钟" not in repr(answer)
    [row] = (
        await house.store.database["audit_rows"].find({"action": "residents.unmasked"}).to_list()
    )
    assert (row["subject"], row["reason"], row["disclosed"]) == (resident_id, "核对证件", True)
    assert "姓名" in row["words"]["zh"]
    assert "钟小明" not in str(row)


async def test_residents_see_their_own_without_a_reason(city: City, house: House) -> None:
    resident_id = await city.resident()
    own = Caller(resident_id=resident_id)

    answer = await house.services[Unmasking].reveal(
        own, new_key(), resident_id, ["number", "phone"], ""
    )

    assert isinstance(answer, Revealed)
    assert answer.values == {PersonField.NUMBER: id_number(), PersonField.PHONE: None}


@pytest.mark.parametrize("role", [None, Role.VENUE_STAFF, Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR])
async def test_other_posts_see_nothing_and_the_try_is_written_down(
    city: City, house: House, role: Role | None
) -> None:
    resident_id = await city.resident()
    caller = Caller(staff_id="staff_2", roles=frozenset({role} if role else ()))

    assert await _code(house, caller, resident_id, ["name"], "好奇") == "not_permitted"

    row = await house.store.database["audit_rows"].find_one({"actor.id": "staff_2"})
    assert row is not None
    assert row["result"] == "refused:not_permitted"


async def test_another_resident_and_nobody_see_nothing(city: City, house: House) -> None:
    resident_id = await city.resident()
    other = Caller(resident_id="res_other")

    assert await _code(house, other, resident_id, ["name"], "x") == "not_permitted"
    assert await _code(house, None, resident_id, ["name"], "x") == "sign_in_needed"


@pytest.mark.parametrize(
    ("fields", "reason", "code"),
    [
        (["name"], "", "audit_reason_form"),
        (["name"], "x" * 201, "audit_reason_form"),
        (["name"], id_number(), "audit_reason_form"),
        ([], "核对", "field_not_declared"),
        (["name", "status"], "核对", "field_not_declared"),
        (["number_index"], "核对", "field_not_declared"),
        (["$where"], "核对", "field_not_declared"),
    ],
)
async def test_without_a_reason_or_a_declared_field_nothing_is_read(
    city: City, house: House, fields: list[str], reason: str, code: str
) -> None:
    resident_id = await city.resident()

    assert await _code(house, CLERK, resident_id, fields, reason) == code


async def test_an_unknown_resident_is_said_to_be_one(house: House) -> None:
    assert await _code(house, CLERK, "res_none", ["name"], "核对") == "resident_unknown"


async def test_where_the_row_cannot_be_written_nothing_is_shown(
    city: City, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident_id = await city.resident()

    async def broken(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("backend.residents.unmasking.record_read", broken)
    with pytest.raises(ConnectionError):
        await house.services[Unmasking].reveal(CLERK, new_key(), resident_id, ["name"], "核对")
