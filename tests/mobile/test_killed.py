"""The app is killed at any moment while acts go out: each is done once, and none is forgotten."""

import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from shared.clock import SystemClock
from tests.mobile.booking_desk import venue
from tests.mobile.card_office import CODE, CardOffice
from tests.support.soak import SOAK

SLOTS, DEATHS = (200, 400) if SOAK else (24, 10)
TAKES = 0.015
"""Seconds for which the office has booked and not answered yet."""


class SlowOffice(CardOffice):
    """Takes its time between booking and answering."""

    @override
    def answer(
        self, headers: tuple[str | None, str | None], path: str, body: bytes
    ) -> tuple[int, bytes]:
        """Answer late."""
        answered = super().answer(headers, path, body)
        time.sleep(TAKES)
        return answered


def _book_all(folder: Path, manner: str) -> tuple[Counter[str], int]:
    """Have an app that is killed again and again book each slot; return what is booked."""
    office = SlowOffice(SystemClock())
    try:
        desk = office.booking
        desk.venues = [venue(1, "长征纪念园")]
        for number in range(SLOTS):
            desk.add_slot(f"slot_{number}", office.clock.now() + timedelta(days=1, hours=number))
        asked = [str(folder), office.url, CODE, str(SLOTS), str(DEATHS), manner]
        done = subprocess.run(
            [sys.executable, "-m", "tests.mobile.killed_app", *asked],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return Counter(one["slot"] for one in desk.bookings), int(done.stdout)
    finally:
        office.close()


@pytest.mark.soak
def test_an_app_that_is_killed_at_any_moment_does_each_act_once(tmp_path: Path) -> None:
    booked, killed = _book_all(tmp_path / "phone", "careful")

    assert killed > DEATHS / 3
    assert booked == {f"slot_{number}": 1 for number in range(SLOTS)}


def test_an_app_that_kept_no_keys_would_book_twice(tmp_path: Path) -> None:
    """The negative control."""
    booked, _ = _book_all(tmp_path / "phone", "careless")

    assert max(booked.values()) > 1


def test_at_whichever_point_of_an_act_the_app_is_killed_it_is_done_once(tmp_path: Path) -> None:
    """Each step of a write to the store, half a file among them, and each end of a request."""
    office, most = CardOffice(SystemClock()), 90
    try:
        office.booking.venues = [venue(1, "长征纪念园")]
        slots = [*(f"slot_{number}" for number in range(most)), "slot_queued"]
        for number, slot in enumerate(slots):
            office.booking.add_slot(slot, office.clock.now() + timedelta(days=1, hours=number))
        done = subprocess.run(
            [sys.executable, "-m", "tests.mobile.killed_points", str(tmp_path), office.url, CODE],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        points = int(done.stdout)
        assert 40 < points < most
        booked = Counter(one["slot"] for one in office.booking.bookings)
        assert booked == dict.fromkeys((*slots[: points + 1], "slot_queued"), 1)
    finally:
        office.close()
