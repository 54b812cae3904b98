"""What is seen of principals without a network: kept sealed, aged, wiped with the mandate."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mobile.core.booking import BookingsSeen
from mobile.core.mandate import FamilySeen, Mandate
from mobile.services.services import Services
from mobile.ui.gallery.family import scenes
from mobile.ui.gallery.samples import NOW, TOKENS
from mobile.ui.gallery.stage import Stage


@pytest.fixture
def phone(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    dict(scenes(stage))["family"]()
    stage.account._store.save_tokens(TOKENS)
    family = stage.services.family
    assert family.known is not None
    family._keep(family.known)
    return stage


def _restarted(phone: Stage, folder: Path) -> Services:
    """Return the services of the app started again, without a network."""
    del phone
    return Stage(folder).services


def _bookings(services: Services) -> BookingsSeen | None:
    return services.bookings.known


@pytest.mark.feature("U7")
def test_a_restart_without_a_network_still_shows_the_principals_code_and_bookings(
    phone: Stage, tmp_path: Path
) -> None:
    phone.services.family.switch("mnd_a")
    seen = BookingsSeen((), NOW - timedelta(hours=2))
    phone.services.bookings._keep(seen)

    again = _restarted(phone, tmp_path)
    assert again.account.signed_in
    assert _bookings(again) is None  # one's own
    again.family.switch("mnd_a")
    assert again.session.code_at(NOW) is not None
    assert _bookings(again) == seen  # with its age
    again.family.switch("")
    assert _bookings(again) is None


def test_nothing_of_a_principal_lies_open_on_the_disk(phone: Stage, tmp_path: Path) -> None:
    phone.services.family.switch("mnd_a")
    phone.services.bookings._keep(BookingsSeen((), NOW))
    assert (tmp_path / "bookings_of_others.sealed").exists()
    assert not [one for one in tmp_path.glob("*.sealed") if b"mnd_a" in one.read_bytes()]


def test_when_the_mandate_ends_what_was_kept_is_wiped_even_without_a_network(
    phone: Stage, tmp_path: Path
) -> None:
    services = phone.services
    services.family.switch("mnd_a")
    services.bookings._keep(BookingsSeen((), NOW))
    kept = tmp_path / "bookings_of_others.sealed"
    assert kept.exists()

    clock = phone.clock
    clock.advance(32 * 86_400)
    known = services.family.known
    assert known is not None
    services.family._note_ends(known)
    assert not kept.exists()
    assert services.bookings.known is None
    ended = services.family.known
    assert ended is not None
    assert all(one.certificate is None for one in ended.principals)
    assert services.session.code_at(clock.now()) is None


def test_when_the_server_tells_of_a_stop_the_next_start_finds_nothing(
    phone: Stage, tmp_path: Path
) -> None:
    services = phone.services
    services.family.switch("mnd_a")
    services.bookings._keep(BookingsSeen((), NOW))
    known = services.family.known
    assert known is not None
    [mother, son] = known.principals
    over = Mandate.of_wire({**mother.mandate.wire, "state": "ENDED"})
    services.family._keep(replace(known, principals=(mother.with_mandate(over, NOW), son)))
    assert not (tmp_path / "bookings_of_others.sealed").exists()
    again = _restarted(phone, tmp_path)
    again.family.switch("mnd_a")
    assert again.session.code_at(NOW) is None
    assert isinstance(again.family.known, FamilySeen)
