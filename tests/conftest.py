"""What every test of the project has at hand."""

pytest_plugins = ["tests.support.features", "tests.support.card_readers", "tests.support.browser"]
