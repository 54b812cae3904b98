"""What the population register reports reaches the record, once."""

import asyncio

import pytest

from backend.app import House
from backend.residents.documents import ResidentEventKind, ResidentStatus
from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind, RegisterDown
from backend.residents.sandbox import SandboxRegister
from backend.residents.service import Residents
from tests.backend.actors import City, id_number


async def _kinds(house: House) -> list[ResidentEventKind]:
    return [one.kind for one in await house.services[RegisterFollower].follow()]


async def test_a_death_marks_the_resident_revokes_nothing_and_is_an_event(
    city: City, house: House
) -> None:
    holder = await city.holder()
    card_before = await house.store.database["cards"].find_one({"_id": holder.card_id})
    house.services[SandboxRegister].report("c1", ChangeKind.DEATH, id_number())

    [event] = await house.services[RegisterFollower].follow()

    assert (event.kind, event.resident_id) == (ResidentEventKind.DECEASED, holder.resident_id)
    person = await house.services[Residents].person(holder.resident_id)
    assert (person.status, person.present) == (ResidentStatus.DECEASED, False)
    card_after = await house.store.database["cards"].find_one({"_id": holder.card_id})
    # What was judged for certificates ends with it, and that is all.
    assert card_before is not None
    assert card_after == card_before | {"facts": 1}
    row = await house.store.database["audit_rows"].find_one(
        {"action": "residents.resident_deceased"}
    )
    assert row is not None
    assert row["subject"] == holder.resident_id


async def test_each_change_is_taken_once_by_whoever_is_first(city: City, house: House) -> None:
    await city.resident()
    house.services[SandboxRegister].report("c1", ChangeKind.DEATH, id_number())
    follower = house.services[RegisterFollower]

    rounds = await asyncio.gather(*(follower.follow() for _ in range(5)))

    assert sum(len(events) for events in rounds) == 1
    assert await follower.follow() == []
    assert await house.store.database["resident_events"].count_documents({}) == 1


async def test_a_death_withdrawn_brings_the_resident_back(city: City, house: House) -> None:
    resident_id = await city.resident()
    register = house.services[SandboxRegister]
    register.report("c1", ChangeKind.DEATH, id_number())
    register.report("c2", ChangeKind.RETURNED, id_number())
    register.report("c3", ChangeKind.DEATH_WITHDRAWN, id_number())

    kinds = [await _kinds(house) for _ in range(4)]

    assert kinds == [[ResidentEventKind.DECEASED], [], [ResidentEventKind.DEATH_WITHDRAWN], []]
    assert (await house.services[Residents].person(resident_id)).present


async def test_a_new_name_keeps_the_old_one_sealed(city: City, house: House) -> None:
    """S115: the former name stays, with its source and until when."""
    resident_id = await city.resident()
    house.services[SandboxRegister].report("c1", ChangeKind.NAME, id_number(), "钟大海")

    assert await _kinds(house) == [ResidentEventKind.RENAMED]

    assert (await house.services[Residents].person(resident_id)).masked_name == "钟*海"
    stored = await house.store.database["residents"].find_one({"_id": resident_id})
    assert stored is not None
    [former] = stored["former_names"]
    assert stored["origins"]["name"]["source"] == "population_register"
    assert former["origin"]["source"] == "document"
    assert "钟小明".encode() not in former["sealed"]


async def test_people_of_other_cities_and_unfit_names_pass_by(city: City, house: House) -> None:
    await city.resident()
    register = house.services[SandboxRegister]
    register.report("c1", ChangeKind.DEATH, id_number(sequence="555"))
    register.report("c2", ChangeKind.NAME, id_number(), "钟\u0000")

    assert await _kinds(house) == []
    assert await _kinds(house) == []
    assert await house.store.database["resident_events"].count_documents({}) == 0


async def test_events_are_read_in_pages(city: City, house: House) -> None:
    register, follower = house.services[SandboxRegister], house.services[RegisterFollower]
    for sequence in ("911", "912", "913"):
        await city.resident(id_number(sequence=sequence))
        register.report(f"c{sequence}", ChangeKind.DEATH, id_number(sequence=sequence))
    await follower.follow()

    first = await follower.events(None, 2)
    rest = await follower.events((first[-1].at, first[-1].event_id), 2)

    assert len(first) == 2
    assert len({one.event_id for one in (*first, *rest)}) == 3


async def test_a_register_that_is_down_is_an_error_of_its_own(house: House) -> None:
    house.services[SandboxRegister].down = True

    with pytest.raises(RegisterDown):
        await house.services[RegisterFollower].follow()
