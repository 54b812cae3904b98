"""What every test of the project has at hand."""

import gc

import pytest

import tests.support.kivy_environment  # noqa: F401, whichever test imports Kivy first

pytest_plugins = [
    "tests.support.features",
    "tests.support.kv_coverage",
    "tests.support.card_readers",
    "tests.support.browser",
]


@pytest.fixture(autouse=True, scope="module")
def unsearched() -> None:
    """Search what earlier files left for garbage no more: it is much, and stays to the end."""
    gc.collect()
    gc.freeze()
