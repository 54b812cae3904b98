"""What Hypothesis is told for every test of the project."""

from hypothesis import HealthCheck, settings


def test_no_test_fails_by_the_machines_clock_and_every_other_check_stays_on() -> None:
    assert settings().deadline is None
    assert tuple(settings().suppress_health_check) == (HealthCheck.too_slow,)
