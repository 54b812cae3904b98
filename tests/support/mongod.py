"""The fixture `mongod`: one real mongod for the whole run, on data of its own."""

from collections.abc import Iterator

import pytest

from backend.foundation.embedded_mongod import RunningMongod, embedded_mongod
from backend.settings import read_settings

# Short group commits: dropping and creating collections waits for them.
_FLAGS = ("--journalCommitInterval", "5")


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMongod]:
    """Start it, and stop it with the run."""
    data_dir = tmp_path_factory.mktemp("mongod")
    settings = read_settings({"YIKATONG_DATA_DIR": str(data_dir)})
    with embedded_mongod(settings, _FLAGS) as running:
        yield running
