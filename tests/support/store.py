"""The store of a whole run: one mongod, one connection, and who listens to both.

Documents are bound to a connection for the whole process. So these fixtures are a plugin's, one
for all folders of tests: with a store of its own, each folder would unbind the others'.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pymongo import monitoring
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)
from typing_extensions import override

from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys, load_keys
from backend.foundation.mongo import Store, open_store
from backend.settings import Settings, read_settings
from backend.stored import DOCUMENTS
from tests.backend.faults.leaks import Leaks, listening
from tests.support.mongod import mongod

__all__ = ["mongod"]
Command = tuple[str, dict[str, Any]]


@pytest.fixture(scope="session")
def leaks() -> Iterator[Leaks]:
    """Listens to the answers and log lines of the whole run."""
    with listening() as leaks:
        yield leaks


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
