"""No query of card functions reads a whole collection."""

from datetime import timedelta
from typing import Any

from backend.app import House
from backend.cards.commands import COUNTER
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.foundation.operations import Services
from backend.functions.legacy_cards import LegacyCards
from backend.functions.lists import FunctionLists, Place
from backend.functions.registry import FunctionRegistry
from backend.functions.rules import CardFunction
from backend.functions.service import CardFunctions
from backend.settings import Settings
from tests.backend.actors import REGION, City, new_key
from tests.backend.functions.test_legacy_cards import NEW
from tests.backend.functions.test_rules import TRANSIT_CARD
from tests.backend.test_indexes import EXPLAINED, _stages

OWN = {
    "card_functions",
    "function_choices",
    "function_lists",
    "card_types",
    "card_type_violations",
}


async def test_every_query_has_its_index(
    city: City,
    house: House,
    services: Services,
    transit: CardFunction,
    mongod: RunningMongod,
    settings: Settings,
    keys: Keys,
    sent: list[tuple[str, dict[str, Any]]],
) -> None:
    functions, lists = services[CardFunctions], services[FunctionLists]
    place = Place(mongod.uri, settings.database, REGION)
    holder = await city.holder()
    await services[FunctionRegistry].put(OPERATOR, new_key(), transit)
    await lists.is_due()
    await functions.enable(COUNTER, new_key(), holder.resident_id, "transit")
    await lists.build(place, keys)
    await lists.is_due()
    await functions.disable(COUNTER, new_key(), holder.resident_id, "transit")
    await functions.of(holder.resident_id)
    city.clock.advance(timedelta(minutes=1).total_seconds())
    await lists.build(place, keys)
    await lists.is_due()
    await lists.newest("transit")
    await services[LegacyCards].register(OPERATOR, new_key(), TRANSIT_CARD)
    await services[LegacyCards].register(OPERATOR, new_key(), NEW)
    auditor = Caller(staff_id="stf", roles=frozenset({Role.AUDITOR}))
    await services[LegacyCards].violations(auditor)

    ours = [c for name, c in list(sent) if name in EXPLAINED and c[name] in OWN | {"cards"}]
    assert {next(iter(command.values())) for command in ours} == OWN | {"cards"}
    assert [c for c in ours if "COLLSCAN" in await _stages(house, c)] == []
