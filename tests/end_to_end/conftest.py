"""A folder for a city of its own, or a house on the real store as the backend's tests have it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backend.conftest import (
    app,
    city,
    clock,
    house,
    no_leaks,
    pytest_configure,
    served,
)

__all__ = ["app", "city", "clock", "house", "no_leaks", "pytest_configure", "served"]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder of its own, whose name finds whatever is left running."""
    folder = Path(tempfile.mkdtemp(prefix="yikatong-visit-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
