"""A house on the real store: one database, indexes made once, emptied between tests."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.types import ControllerRouterHandler
from pymongo import monitoring
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)
from typing_extensions import override

from backend.app import House, app_of, graphql_route, make_app
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys, load_keys
from backend.foundation.mongo import Store, open_store
from backend.readers.endpoints import reader_routes
from backend.settings import Settings, read_settings
from backend.stored import DOCUMENTS
from backend.wiring import make_services
from shared.clock import ManualClock, SystemClock
from tests.backend.actors import City
from tests.backend.faults.leaks import Leaks, listening
from tests.support.mongod import mongod

__all__ = ["mongod"]
Command = tuple[str, dict[str, Any]]


@pytest.fixture(scope="session")
def leaks() -> Iterator[Leaks]:
    """Listens to the answers and log lines of the whole run."""
    with listening() as leaks:
        yield leaks


@pytest.fixture(autouse=True)
def no_leaks(leaks: Leaks) -> Iterator[None]:
    """Fails the test in which somebody's number, name or phone came out in clear."""
    leaks.begin()
    yield
    assert leaks.found == []


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of all tests, with the least password work."""
    data_dir = tmp_path_factory.mktemp("backend")
    read = read_settings({"YIKATONG_DATA_DIR": str(data_dir)})
    quick = replace(read.accounts, password_kib=8, password_passes=1, password_lanes=1)
    return replace(read, accounts=quick)


@pytest.fixture(scope="session")
def keys(settings: Settings) -> Keys:
    return load_keys(settings)


@pytest.fixture
def clock() -> ManualClock:
    """Half past an hour of the present day: mongod removes what is old by its own clock."""
    now = SystemClock().now().replace(minute=30, second=0, microsecond=0)
    return ManualClock(now - timedelta(hours=1))


class _Commands(CommandListener):
    """Hands what is sent to the store, name and command, to the test that asks for it."""

    def __init__(self) -> None:
        self.sent: list[Command] | None = None

    @override
    def started(self, event: CommandStartedEvent) -> None:
        if self.sent is not None and event.command_name not in {"endSessions", "getMore"}:
            self.sent.append((event.command_name, dict(event.command)))

    @override
    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to remember."""

    @override
    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to remember."""


_COMMANDS = _Commands()


@pytest.fixture(scope="session")
async def store(mongod: RunningMongod, settings: Settings) -> AsyncIterator[Store]:
    """One connection, documents bound and indexes made once."""
    monitoring.register(_COMMANDS)  # reaches the clients made after it
    store = await open_store(mongod.uri, settings.database, DOCUMENTS)
    yield store
    await store.close()


@pytest.fixture
def sent() -> Iterator[list[Command]]:
    """The commands sent to the store since the test began."""
    sent: list[Command] = []
    _COMMANDS.sent = sent
    yield sent
    _COMMANDS.sent = None


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
