"""No query reads a whole collection: every command of a full story is explained by mongod."""

from collections.abc import Mapping
from typing import Any

from backend.app import House
from backend.cards.devices import unbind
from backend.cards.lifecycle import CardEvent
from backend.cards.service import Cards
from backend.cards.status_list import StatusLists, build_status_list
from backend.demo_city import seed
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.readers.booking import Booking
from backend.settings import Settings
from tests.backend.actors import REGION, City, code_scan, id_number, scan

EXPLAINED = {"find", "aggregate", "update", "findAndModify", "delete", "distinct", "count"}
UNEXPLAINED = {
    # Writes without a filter, and what manages sessions.
    "insert",
    "commitTransaction",
    "abortTransaction",
}
WITHOUT = {
    "lsid",
    "$db",
    "$clusterTime",
    "txnNumber",
    "startTransaction",
    "autocommit",
    "readConcern",
}


async def _story(
    city: City, house: House, mongod: RunningMongod, settings: Settings, keys: Keys
) -> None:
    """Everything the backend does, once."""
    clock, services = city.clock, house.services
    await seed(services, clock.now())
    await city.resident(id_number())
    await city.resident(id_number())
    holder = await city.holder("955", digest=None)
    phone, lost = await city.phone(holder), await city.phone(holder)
    await phone.renew()
    await phone.enrol(await city.code(holder))  # a key in use
    await unbind(holder.card_id, 2, clock.now())
    await lost.renew()
    index = await city.card_index(holder)
    one, other = await city.terminal(1), await city.terminal(2)
    await one.enrol("tok_none")
    twice = code_scan(clock.now(), index)
    await one.upload(twice, scan(clock.now()), code_scan(clock.now(), index, 9))
    await one.upload(twice, code_scan(clock.now(), index, 7, lane=2))
    await other.upload(twice)
    await one.send("GET", "/readers/v1/manifest")
    await services[Booking].two_gates(10)
    page = (await phone.ask("Visits", first=1))["visits"]
    await phone.ask("Visits", first=1, after=page["pageInfo"]["endCursor"])
    await phone.ask("Home")
    await services[StatusLists].is_due()
    await city.served(holder, CardEvent.SUSPEND)
    await build_status_list(mongod.uri, settings.database, REGION, keys, clock)
    await services[StatusLists].is_due()
    await services[StatusLists].newest()
    await services[Cards].live_card(holder.resident_id)


async def test_every_query_has_its_index(
    city: City,
    house: House,
    mongod: RunningMongod,
    settings: Settings,
    keys: Keys,
    sent: list[tuple[str, dict[str, Any]]],
) -> None:
    await _story(city, house, mongod, settings, keys)
    recorded = [(name, command) for name, command in sent if name != "explain"]

    assert {name for name, _ in recorded} <= EXPLAINED | UNEXPLAINED
    explained = [
        (name, command, await _stages(house, command))
        for name, command in recorded
        if name in EXPLAINED
    ]
    scans = [
        (name, command[name], command.get("filter"))
        for name, command, stages in explained
        if "COLLSCAN" in stages
    ]
    assert scans == []
    assert {command[name] for name, command, _ in explained} == {
        "residents",
        "attestations",
        "cards",
        "enrolment_codes",
        "kept_answers",
        "policies",
        "status_lists",
        "terminals",
        "scans",
        "venues",
    }


async def test_a_query_without_an_index_would_be_noticed(house: House) -> None:
    stages = await _stages(house, {"find": "residents", "filter": {"region": 1}})

    assert "COLLSCAN" in stages


async def _stages(house: House, command: Mapping[str, Any]) -> set[str]:
    """Return the stages of the plan mongod chose."""
    plain = {name: value for name, value in command.items() if name not in WITHOUT}
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
