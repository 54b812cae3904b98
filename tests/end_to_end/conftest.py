"""A folder for a city of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder of its own, whose name finds whatever is left running."""
    folder = Path(tempfile.mkdtemp(prefix="yikatong-visit-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
