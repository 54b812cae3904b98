"""A house on the real store: one database, indexes made once, emptied between tests."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import timedelta
from functools import cached_property, partial
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.types import ControllerRouterHandler

from backend.app import House, app_of, graphql_route, make_app
from backend.foundation.keys import Keys
from backend.foundation.mongo import Store
from backend.readers.endpoints import reader_routes
from backend.settings import Settings
from backend.stored import DOCUMENTS
from backend.wiring import make_services
from shared.clock import ManualClock, SystemClock
from tests.backend.actors import City
from tests.backend.faults.leaks import Leaks


def pytest_configure(config: pytest.Config) -> None:
    """Have the store of the run: its documents are bound once in a process, whoever asks for it."""
    config.pluginmanager.import_plugin("tests.support.store")


@pytest.fixture(autouse=True)
def no_leaks(leaks: Leaks) -> Iterator[None]:
    """Fails the test in which somebody's number, name or phone came out in clear."""
    leaks.begin()
    yield
    assert leaks.found == []


@pytest.fixture
def clock() -> ManualClock:
    """Half past an hour of the present day: mongod removes what is old by its own clock."""
    now = SystemClock().now().replace(minute=30, second=0, microsecond=0)
    return ManualClock(now - timedelta(hours=1))


@pytest.fixture
async def house(
    store: Store, settings: Settings, keys: Keys, clock: ManualClock
) -> AsyncIterator[House]:
    yield House(store, await make_services(settings, store, keys, clock, {}))
    for name in await _filled(store):
        await store.database[name].delete_many({})


async def _filled(store: Store) -> list[str]:
    """The collections that hold something, in one question: most tests fill a few of many."""
    names = [document.get_pymongo_collection().name for document in DOCUMENTS]
    asked: list[list[dict[str, Any]]] = [
        [{"$limit": 1}, {"$project": {"_id": {"$literal": name}}}] for name in names
    ]
    others = zip(names[1:], asked[1:], strict=True)
    united = [{"$unionWith": {"coll": name, "pipeline": stages}} for name, stages in others]
    found = await store.database[names[0]].aggregate([*asked[0], *united])
    return [one["_id"] async for one in found]


class _Served:
    """The house's web application, made at the first request: many tests send none.

    Putting all its routes together takes longer than most requests, so those to one address of
    many operations, or of readers, go to an application of these alone.
    """

    def __init__(self, settings: Settings, house: House, keys: Keys, clock: ManualClock) -> None:
        services = house.services
        self._whole = partial(make_app, settings, house, keys, clock)
        self._parts: dict[str, Callable[[], Sequence[ControllerRouterHandler]]] = {
            "graphql": lambda: [graphql_route(settings, services, clock)],
            "readers": lambda: reader_routes(services, keys, clock, settings.region),
        }
        self._app_of = partial(app_of, services=services, clock=clock)
        self._made: dict[str, Litestar] = {}

    @cached_property
    def app(self) -> Litestar:
        return self._whole()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        first = scope.get("path", "").lstrip("/").partition("/")[0]
        if first in self._parts and first not in self._made:
            self._made[first] = self._app_of(self._parts[first]())
        app = self._made[first] if first in self._parts else self.app
        await app(scope, receive, send)


@pytest.fixture
def served(settings: Settings, house: House, keys: Keys, clock: ManualClock) -> _Served:
    return _Served(settings, house, keys, clock)


@pytest.fixture
def app(served: _Served) -> Litestar:
    return served.app


@pytest.fixture
async def city(served: _Served, house: House, clock: ManualClock) -> AsyncIterator[City]:
    # Without the lifespan: what it starts (`keep_fresh`) has tests of its own.
    transport = httpx.ASGITransport(served, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://city") as client:
        yield City(client, house, clock)
