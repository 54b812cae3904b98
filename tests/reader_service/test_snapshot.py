"""What the reader keeps of the lists: verified, newest, and back after a restart."""

import secrets
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reader_service.snapshot import Kind, Snapshot
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.verify import CardStatus
from shared.trust.list_update import ListUpdate, encode_list_update
from shared.trust.status_list import (
    SignedStatusList,
    StatusList,
    StatusSections,
    device_number,
    encode_status_list,
)
from shared.trust.trust_list import (
    KeyUse,
    TrustedKey,
    TrustList,
    Untrusted,
    read_trust_list,
    sign_trust_list,
)
from tests.reader_service.city import LIST_KEY_ID, NOON, OPEN_RULES, REGION, City


@pytest.fixture
def snapshot(tmp_path: Path, city: City) -> Snapshot:
    made = Snapshot(tmp_path / "snapshot.sqlite", city.enrolment)
    city.fill(made)
    return made


def test_a_restart_brings_everything_back_with_its_etag_and_age(
    snapshot: Snapshot, tmp_path: Path, city: City
) -> None:
    snapshot.confirm(Kind.MANIFEST, NOON + timedelta(hours=1))

    again = Snapshot(tmp_path / "snapshot.sqlite", city.enrolment)

    assert again.lists.manifest == snapshot.lists.manifest
    assert again.lists.trust is not None
    assert again.lists.status is not None
    assert again.held[Kind.TRUST_LIST].etag == '"t1"'
    assert again.held[Kind.MANIFEST].confirmed_at == NOON + timedelta(hours=1)


@pytest.mark.usefixtures("snapshot")
def test_lists_that_ran_out_while_offline_are_still_known_to_be_genuine(
    tmp_path: Path, city: City
) -> None:
    again = Snapshot(tmp_path / "snapshot.sqlite", city.enrolment)

    assert again.lists.status is not None
    assert again.lists.status.valid_until == NOON + timedelta(hours=72)
    assert not again.unusable


@pytest.mark.usefixtures("snapshot")
def test_a_list_changed_on_the_disk_is_not_used(tmp_path: Path, city: City) -> None:
    path = tmp_path / "snapshot.sqlite"
    with sqlite3.connect(path) as connection:
        [(body,)] = connection.execute("SELECT body FROM documents WHERE kind = 'status-list'")
        changed = body[:30] + bytes([body[30] ^ 1]) + body[31:]
        connection.execute("UPDATE documents SET body = ? WHERE kind = 'status-list'", (changed,))
    connection.close()

    again = Snapshot(path, city.enrolment)

    assert again.lists.status is None
    assert again.unusable == {Kind.STATUS_LIST: "unreadable"}


def test_statuses_are_told_apart(snapshot: Snapshot, city: City) -> None:
    serial = 3
    sections = {
        "revoked": [10, 4_000_000_000],
        "suspended": [20],
        "unbound_devices": [device_number(30, serial)],
    }
    snapshot.offer(Kind.STATUS_LIST, city.status_list(epoch=2, sections=sections), None, NOON)

    def status(card_index: int, region: int = 360700) -> CardStatus:
        return snapshot.status(region, card_index, serial)

    assert status(10) is status(4_000_000_000) is CardStatus.REVOKED
    assert status(20) is CardStatus.SUSPENDED
    assert status(30) is CardStatus.DEVICE_UNBOUND
    assert status(31) is CardStatus.ACTIVE
    assert status(10, region=110000) is CardStatus.ACTIVE


def test_a_random_list_is_answered_exactly(snapshot: Snapshot, city: City) -> None:
    revoked = sorted({secrets.randbits(32) for _ in range(3000)})
    snapshot.offer(
        Kind.STATUS_LIST, city.status_list(epoch=2, sections={"revoked": revoked}), None, NOON
    )

    asked = revoked[::7] + [secrets.randbits(32) for _ in range(3000)]
    known = set(revoked)
    for card_index in asked:
        expected = CardStatus.REVOKED if card_index in known else CardStatus.ACTIVE
        assert snapshot.status(360700, card_index, 1) is expected


def _forged(city: City) -> bytes:
    return city.status_list(epoch=5, key=SoftwareKey.generate(Algorithm.ED25519))


def _forged_trust(city: City) -> bytes:
    trust = read_trust_list(city.trust_list().decode(), city.root.public, city.now)
    return sign_trust_list(trust, SoftwareKey.generate(Algorithm.ED25519)).encode()


def _part(city: City) -> bytes:
    until = NOON + timedelta(hours=72)
    made = StatusList(REGION, 2, 1, NOON, until, StatusSections())
    return encode_status_list(made, city.list_key, LIST_KEY_ID)


EARLIER = NOON - timedelta(hours=2)
BAD_OFFERS = {
    "forged status list": (Kind.STATUS_LIST, _forged, "forged"),
    "older status list": (Kind.STATUS_LIST, lambda city: city.status_list(epoch=0), "older"),
    "status list of another city": (
        Kind.STATUS_LIST,
        lambda city: city.status_list(epoch=2, region=360100),
        "unknown_key",
    ),
    "expired status list": (
        Kind.STATUS_LIST,
        lambda city: city.status_list(epoch=2, hours=0),
        "expired",
    ),
    "status list cut short": (
        Kind.STATUS_LIST,
        lambda city: city.status_list(epoch=2)[:40],
        "malformed",
    ),
    "forged trust list": (Kind.TRUST_LIST, _forged_trust, "forged"),
    "older trust list": (
        Kind.TRUST_LIST,
        lambda city: city.trust_list(issued_at=EARLIER),
        "older",
    ),
    "nonsense as trust list": (Kind.TRUST_LIST, lambda _: b"\xff<html>", "malformed"),
    "older rules": (Kind.MANIFEST, lambda city: city.manifest(issued_at=EARLIER), "older"),
    "rules of another venue": (
        Kind.MANIFEST,
        lambda city: city.manifest(venue=8),
        "not_for_this_reader",
    ),
    "standing of another reader": (
        Kind.TERMINAL_STANDING,
        lambda city: city.terminal_standing(terminal="trm_other"),
        "not_for_this_reader",
    ),
    "what changed of a status list": (Kind.STATUS_LIST, _part, "not_for_this_reader"),
}


@pytest.mark.parametrize("name", BAD_OFFERS)
def test_a_bad_offer_is_refused_and_the_old_one_stays(
    snapshot: Snapshot, city: City, name: str
) -> None:
    kind, make, code = BAD_OFFERS[name]
    before, held = snapshot.lists, dict(snapshot.held)

    with pytest.raises(Untrusted) as caught:
        snapshot.offer(kind, make(city), '"new"', NOON + timedelta(minutes=1))

    assert caught.value.code == code
    assert snapshot.lists == before
    assert snapshot.held == held


def test_lists_of_a_trusted_neighbour_are_not_this_venues(snapshot: Snapshot, city: City) -> None:
    trust, neighbour = snapshot.lists.trust, 360100
    assert trust is not None
    key, end = city.list_key.public, NOON + timedelta(days=365)
    theirs = TrustedKey(neighbour, LIST_KEY_ID, KeyUse.LIST, key, NOON, end)
    both = TrustList((*trust.keys, theirs), NOON, NOON + timedelta(days=30))
    snapshot.offer(Kind.TRUST_LIST, sign_trust_list(both, city.root).encode(), None, NOON)
    asks = replace(OPEN_RULES, required_function="transit")
    snapshot.offer(Kind.MANIFEST, city.manifest(asks), None, NOON)
    before = snapshot.lists

    offers = {
        Kind.STATUS_LIST: city.status_list(epoch=2, region=neighbour),
        Kind.FUNCTION_LIST: city.function_list(region=neighbour),
    }
    for kind, body in offers.items():
        with pytest.raises(Untrusted, match="not_for_this_reader"):
            snapshot.offer(kind, body, None, NOON)
    times = (NOON, NOON + timedelta(hours=12), NOON - timedelta(days=2))
    update = encode_list_update(ListUpdate(neighbour, *times, [5]), city.list_key, LIST_KEY_ID)
    with pytest.raises(Untrusted, match="not_for_this_reader"):
        snapshot.offer_update(update, NOON)

    assert snapshot.lists == before


def test_nothing_is_believed_before_a_trust_list(tmp_path: Path, city: City) -> None:
    empty = Snapshot(tmp_path / "other.sqlite", city.enrolment)

    with pytest.raises(Untrusted, match="unknown_key"):
        empty.offer(Kind.STATUS_LIST, city.status_list(), None, NOON)


def test_a_disk_that_cannot_be_written_costs_only_the_memory_after_a_restart(
    snapshot: Snapshot, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "_open", _unwritable)
    snapshot.offer(
        Kind.STATUS_LIST, city.status_list(epoch=2, sections={"revoked": [5]}), '"s2"', NOON
    )

    assert snapshot.status(360700, 5, 1) is CardStatus.REVOKED


def _unwritable() -> sqlite3.Connection:
    raise sqlite3.OperationalError("database or disk is full")


def test_a_restart_answers_the_same_from_the_prepared_list_without_unpacking_it(
    snapshot: Snapshot, tmp_path: Path, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    sections = {
        "revoked": [10, 4_000_000_000],
        "suspended": [20],
        "unbound_devices": [device_number(30, 3)],
        "revoked_cards": [2**63 + 5],
        "suspended_cards": [7],
    }
    snapshot.offer(Kind.STATUS_LIST, city.status_list(epoch=2, sections=sections), None, NOON)
    monkeypatch.setattr(SignedStatusList, "unpacked", lambda _: pytest.fail("unpacked"))

    again = Snapshot(tmp_path / "snapshot.sqlite", city.enrolment)

    for asked in (10, 20, 30, 31, 4_000_000_000):
        assert again.status(360700, asked, 3) is snapshot.status(360700, asked, 3)
    status = again.lists.status
    assert status is not None
    assert status.card_status((2**63 + 5).to_bytes(8)) is CardStatus.REVOKED
    assert status.card_status((7).to_bytes(8)) is CardStatus.SUSPENDED


@pytest.mark.parametrize("found", [None, b"", b"junk", b"YKS1" + bytes(60)])
def test_a_prepared_list_that_is_not_of_the_signed_one_is_made_again(
    snapshot: Snapshot, tmp_path: Path, city: City, found: bytes | None
) -> None:
    path = tmp_path / "snapshot.sqlite"
    snapshot.offer(
        Kind.STATUS_LIST, city.status_list(epoch=2, sections={"revoked": [10]}), None, NOON
    )
    with sqlite3.connect(path) as connection:
        [(earlier,)] = connection.execute("SELECT body FROM prepared")
    snapshot.offer(
        Kind.STATUS_LIST, city.status_list(epoch=3, sections={"revoked": [11]}), None, NOON
    )
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE prepared SET body = ?", (earlier if found is None else found,))
    connection.close()

    again = Snapshot(path, city.enrolment)

    assert again.status(360700, 11, 1) is CardStatus.REVOKED
    assert again.status(360700, 10, 1) is CardStatus.ACTIVE
