"""What every test of the project has at hand."""

import gc
import logging
import os
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

import tests.support.kivy_environment  # noqa: F401, whichever test imports Kivy first

# Half of a program's start is reading its sources, unless what came of it is kept beside them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Both limits go by the machine's clock. On a machine that others keep busy they fail a test that
# found nothing wrong; every other check of Hypothesis's stays on.
settings.register_profile("clockless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clockless")

pytest_plugins = [
    "tests.support.features",
    "tests.support.kv_coverage",
    "tests.support.card_readers",
    "tests.support.browser",
]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Search for no garbage while modules and tests are made, all of which stays to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture(autouse=True, scope="module")
def unsearched() -> None:
    """Search what earlier files left for garbage no more: it is much, and stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def log_as_found(pytestconfig: pytest.Config) -> Iterator[None]:
    """Fail where the whole process's log is turned up: whatever runs after it is slow and grows."""
    yield
    if not pytestconfig.getoption("log_level"):
        root = logging.getLogger()
        hung = [one for one in root.handlers if not type(one).__module__.startswith("_pytest")]
        assert (root.level, hung) == (logging.WARNING, [])
