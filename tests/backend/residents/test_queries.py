"""Every query of this area finds its documents by an index, and none by reading a collection."""

from collections.abc import Mapping
from typing import Any

import pytest

from backend.app import House
from backend.foundation.access import Caller, Role
from backend.foundation.data_keys import DataKeys
from backend.foundation.person_keys import rewrap_keys
from backend.foundation.sealing import Sealer, SealingKey
from backend.foundation.suites import SealingAlgorithm
from backend.residents.following import RegisterFollower
from backend.residents.loading import PopulationLoading, Progress
from backend.residents.register import ChangeKind
from backend.residents.registration import Application, RealNameRegistration
from backend.residents.sandbox import SandboxRegister
from backend.residents.service import Registration, Residents
from backend.residents.unmasking import Unmasking
from tests.backend.actors import REGION, id_number, new_key
from tests.backend.residents.test_registration import apply

CLERK = Caller(staff_id="staff_1", roles=frozenset({Role.OUTLET_CLERK}))
PHONE = "15400000901"
OWN = {
    "residents",
    "person_keys",
    "register_cursors",
    "resident_events",
    "loaded_populations",
    "data_keys",
}
EXPLAINED = {"find", "aggregate", "update", "findAndModify"}
PLAIN = {"lsid", "$db", "$clusterTime", "txnNumber", "startTransaction", "autocommit"}
BY_INDEX = {"IXSCAN", "EXPRESS_IXSCAN", "IDHACK", "EXPRESS_IDHACK"}


async def _story(house: House) -> None:
    """Everything this area does, in a city of some thousand."""
    services = house.services
    begun = await services[PopulationLoading].begin(3000, 7)
    assert isinstance(begun, Progress)
    async for _ in services[PopulationLoading].load(begun, 7):
        pass
    one = Application(id_number(), "钟小明", PHONE, REGION)
    registration = services[RealNameRegistration]
    await apply(house, one)
    await registration.at_counter(CLERK, new_key(), one)
    await registration.at_counter(CLERK, new_key(), one)
    [resident_id] = await services[Residents].of_login(id_number())
    await services[Residents].of_login(PHONE)
    await services[Residents].person(resident_id)
    await services[Unmasking].reveal(CLERK, new_key(), resident_id, ["name"], "核对证件")
    services[SandboxRegister].report("c1", ChangeKind.DEATH, id_number())
    [event] = await services[RegisterFollower].follow()
    await services[RegisterFollower].events((event.at, event.event_id), 10)
    await services[Residents].persons([resident_id])
    await services[DataKeys].refresh()
    later = services[DataKeys].keyring
    later.take(dict.fromkeys([2], SealingKey(SealingAlgorithm.AES_256_GCM, bytes(32))), 2)
    await rewrap_keys(Sealer(later))


async def test_each_query_has_its_index(
    house: House, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    await _story(house)
    asked = [
        (name, command)
        for name, command in list(sent)
        if name in EXPLAINED and command[name] in OWN
    ]

    plans = [(name, command[name], await _stages(house, command)) for name, command in asked]

    assert {collection for _, collection, _ in plans} == OWN
    assert [plan for plan in plans if not plan[2] & BY_INDEX or "COLLSCAN" in plan[2]] == []


@pytest.mark.feature("L19", "L24", "S121")
async def test_at_rest_nothing_of_a_registration_can_be_read(house: House) -> None:
    """L19, L24: raw bytes of every collection, as a thief of the data files would see them."""
    services = house.services
    one = Application(id_number(), "钟小明", PHONE, REGION)
    assert isinstance(await apply(house, one, b"sandbox face: smile 901"), Registration)
    services[SandboxRegister].report("c1", ChangeKind.NAME, id_number(), "钟大海")
    await services[RegisterFollower].follow()

    raw = b""
    for collection in await house.store.database.list_collection_names():
        batches: Any = house.store.database[collection].find_raw_batches({})
        async for batch in batches:
            raw += batch

    assert b"resident_renamed" in raw
    for secret in (id_number(), PHONE, "钟小明", "钟大海", "1988-03-12", "sandbox face"):
        assert secret.encode() not in raw


async def _stages(house: House, command: Mapping[str, Any]) -> set[str]:
    plain = {name: value for name, value in command.items() if name not in {*PLAIN, "readConcern"}}
    if "updates" in plain:
        plain["updates"] = plain["updates"][:1]  # mongod explains one at a time; all are alike
    plan = await house.store.database.command({"explain": plain, "verbosity": "queryPlanner"})
    return _winning(plan)


def _winning(plan: Any) -> set[str]:
    if isinstance(plan, list):
        return set().union(*map(_winning, plan)) if plan else set()
    if not isinstance(plan, dict):
        return set()
    own = {plan["stage"]} if isinstance(plan.get("stage"), str) else set()
    below = (value for name, value in plan.items() if name not in {"rejectedPlans", "command"})
    return own.union(*map(_winning, below))
