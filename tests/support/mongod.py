"""The fixture `mongod`: one real mongod for the whole run, on data of its own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest

from backend.foundation.embedded_mongod import RunningMongod, embedded_mongod
from backend.settings import read_settings

# Short group commits: dropping and creating collections waits for them.
_FLAGS = ("--journalCommitInterval", "5")
_MEMORY = Path("/dev/shm")  # noqa: S108, a folder of its own is made there
_PREFIX = "yikatong-store-"
_NEEDED_MIB = 2048


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMongod]:
    """Start it, and stop it with the run."""
    with _data_dir(tmp_path_factory) as data_dir:
        settings = read_settings({"YIKATONG_DATA_DIR": str(data_dir)})
        with embedded_mongod(settings, _FLAGS) as running:
            yield running


@contextmanager
def _data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory where there is room: what makes each write wait there is no disk.

    How the store does with a disk, and without one, has tests with folders of their own.
    """
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _NEEDED_MIB * 2**20:
        yield tmp_path_factory.mktemp("mongod")
        return
    _remove_left_behind()
    folder = Path(mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_MEMORY))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left_behind() -> None:
    """Remove the folders of runs that were killed."""
    for folder in _MEMORY.glob(f"{_PREFIX}*"):
        process = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path("/proc", process).exists():
            shutil.rmtree(folder, ignore_errors=True)
