"""Lists and rules that come by a file: whole or not at all, for this reader, never older."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from reader_service import __main__ as program
from reader_service.snapshot import Kind
from reader_service.sync.terminal import Terminal, save_terminal
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.trust.trust_list import Untrusted
from shared.wire.carried_journal import encode_receipts, open_journal, read_journal
from shared.wire.scan_receipt import (
    JournalPart,
    SignedReceipt,
    sign_scan_receipt,
    upload_digest,
)
from shared.wire.scans import ReceiptOutcome, ScanReceipt
from shared.wire.venue_bundle import VenueBundle, encode_bundle
from tests.reader_service.city import LIST_KEY_ID, TERMINAL, VENUE, City
from tests.reader_service.conftest import VenueMaker


def _bundle(city: City) -> VenueBundle:
    parts = {
        "trust-list": city.trust_list(),
        "terminal-standing": city.terminal_standing(),
        "manifest": city.manifest(),
        "status-list": city.status_list(),
    }
    return VenueBundle(TERMINAL, VENUE, parts, city.now, city.now + timedelta(days=3))


def _file(city: City, key: SoftwareKey | None = None, **changed: object) -> bytes:
    bundle = replace(_bundle(city), **changed)  # type: ignore[arg-type]
    return encode_bundle(bundle, key or city.list_key, LIST_KEY_ID)


def test_a_reader_that_never_had_a_network_admits_by_a_file(make_venue: VenueMaker) -> None:
    venue = make_venue()

    venue.snapshot.offer_bundle(_file(venue.city), venue.clock.now())

    code = venue.city.phone().code(venue.clock.now())
    assert venue.lanes[1].present_code(code).answer.verdict.opens
    again = make_venue()
    code = again.city.phone().code(again.clock.now())
    assert again.lanes[1].present_code(code).answer.verdict.opens


def _foreign_terminal(city: City) -> bytes:
    return _file(city, terminal_id="ter_other")


def _foreign_venue(city: City) -> bytes:
    return _file(city, venue_number=VENUE + 1)


def _stranger(city: City) -> bytes:
    return _file(city, SoftwareKey.generate(Algorithm.ED25519))


def _part_of_another_venue(city: City) -> bytes:
    parts = {**_bundle(city).parts, "manifest": city.manifest(venue=VENUE + 1)}
    return _file(city, parts=parts)


def _changed(city: City) -> bytes:
    made = bytearray(_file(city))
    made[-1] ^= 1
    return bytes(made)


def _older_status(city: City) -> bytes:
    return _file(city, parts={**_bundle(city).parts, "status-list": city.status_list(epoch=4)})


def _cut(city: City) -> bytes:
    return _file(city)[:-5]


def _swapped(city: City) -> bytes:
    """A file with another genuine manifest put in the place of its own."""
    own, other = (city.manifest(issued_at=city.now + timedelta(seconds=one)) for one in (0, 1))
    assert len(own) == len(other)
    return _file(city).replace(own, other)


def _longer(city: City) -> bytes:
    return _file(city) + b"more"


def _broken_offline_set(city: City) -> bytes:
    return _file(
        city,
        parts={
            **_bundle(city).parts,
            "status-list": city.status_list(epoch=6),
            "offline-set": b"junk",
        },
    )


def _nothing(_: City) -> bytes:
    return b""


@pytest.mark.parametrize(
    ("offered", "code"),
    [
        (_foreign_terminal, "not_for_this_reader"),
        (_foreign_venue, "not_for_this_reader"),
        (_stranger, "forged"),
        (_part_of_another_venue, "not_for_this_reader"),
        (_changed, "forged"),
        (_older_status, "older"),
        (_cut, "forged"),
        (_nothing, "malformed"),
        (_swapped, "forged"),
        (_longer, "malformed"),
        (_broken_offline_set, "malformed"),
    ],
)
def test_a_file_that_is_not_to_be_believed_changes_nothing(
    make_venue: VenueMaker, offered: Callable[[City], bytes], code: str
) -> None:
    venue = make_venue()
    venue.city.fill(venue.snapshot)
    venue.snapshot.offer(Kind.STATUS_LIST, venue.city.status_list(epoch=5), None, venue.city.now)
    lists, held = venue.snapshot.lists, dict(venue.snapshot.held)
    venue.city.now += timedelta(minutes=1)

    with pytest.raises(Untrusted) as caught:
        venue.snapshot.offer_bundle(offered(venue.city), venue.city.now)

    assert caught.value.code == code
    assert venue.snapshot.lists is lists
    assert venue.snapshot.held == held
    again = make_venue().snapshot
    assert again.held == held
    assert again.unusable == {}


def test_an_older_file_is_refused_after_a_newer_one(make_venue: VenueMaker) -> None:
    venue = make_venue()
    old = _file(venue.city)
    venue.city.now += timedelta(hours=2)
    venue.snapshot.offer_bundle(_file(venue.city), venue.city.now)

    with pytest.raises(Untrusted, match="older"):
        venue.snapshot.offer_bundle(old, venue.city.now)


def test_the_command_brings_it_in_and_a_running_service_notices(
    make_venue: VenueMaker,
    city: City,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    city.now = SystemClock().now()
    running = make_venue().snapshot
    terminal = Terminal(SoftwareKey.generate(Algorithm.ED25519), city.enrolment)
    save_terminal(terminal, tmp_path / "terminal.json")
    brought, foreign = tmp_path / "bundle", tmp_path / "foreign"
    brought.write_bytes(_file(city))
    foreign.write_bytes(_foreign_venue(city))
    monkeypatch.setenv("YIKATONG_READER_DATA_DIR", str(tmp_path))

    assert program.main(["take-in", str(foreign)]) == 1
    assert "不是给本馆的" in capsys.readouterr().err
    assert program.main(["take-in", str(brought)]) == 0

    assert not running.held
    running.take_what_came()
    assert running.held.keys() >= {Kind.STATUS_LIST, Kind.MANIFEST}
    assert running.lists.manifest is not None


def _receipts(city: City, uploads: list[Any], signer: SoftwareKey, **changed: str) -> bytes:
    """What a backend answers: each row booked; `changed` is said otherwise."""
    signed = []
    for upload in uploads:
        part, rows = JournalPart.of_wire(upload["journal"]), upload["scans"]
        outcomes = [ScanReceipt(row["scan_id"], ReceiptOutcome.RECORDED) for row in rows]
        told = tuple(zip(part.numbers, outcomes, strict=True))
        digest, until = upload_digest(part.numbers, rows), city.now + timedelta(days=90)
        receipt = SignedReceipt(TERMINAL, part.request, digest, told, city.now, until)
        said = replace(receipt, **changed)  # type: ignore[arg-type]
        signed.append(sign_scan_receipt(said, signer, LIST_KEY_ID))
    return encode_receipts(signed)


def test_the_commands_carry_the_journal_out_and_take_its_receipts_in(
    make_venue: VenueMaker,
    city: City,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    city.now = SystemClock().now()
    venue = make_venue()
    city.fill(venue.snapshot)
    venue.lanes[1].present_code(city.phone().code(city.now))
    terminal = Terminal(SoftwareKey.generate(Algorithm.ED25519), city.enrolment)
    save_terminal(terminal, tmp_path / "terminal.json")
    monkeypatch.setenv("YIKATONG_READER_DATA_DIR", str(tmp_path))
    out, back = tmp_path / "out.ykj", tmp_path / "back.ykr"

    assert program.main(["journal", "carry-out", str(out)]) == 1
    assert "离线更新文件" in capsys.readouterr().err
    region = X25519PrivateKey.generate()
    city.now += timedelta(seconds=1)
    standing = city.terminal_standing(journal_key=region.public_key().public_bytes_raw())
    venue.snapshot.offer(Kind.TERMINAL_STANDING, standing, None, city.now)
    assert program.main(["journal", "carry-out", str(out)]) == 0
    carried = read_journal(out.read_bytes())
    assert (carried.key, carried.terminal_id) == (terminal.key.public, TERMINAL)
    uploads = open_journal(carried, region)

    for signer, said in (
        (SoftwareKey.generate(Algorithm.ED25519), {}),
        (city.list_key, {"terminal_id": "ter_other"}),
        (city.list_key, {"request": "0" * 32}),
        (city.list_key, {"digest": "0" * 64}),
    ):
        back.write_bytes(_receipts(city, uploads, signer, **said))
        assert program.main(["take-in", str(back)]) == 1, said
        assert "回执不可信" in capsys.readouterr().err
        assert venue.journal.count_unsent() == 1
    back.write_bytes(_receipts(city, uploads, city.list_key))
    assert program.main(["take-in", str(back)]) == 0
    assert program.main(["take-in", str(back)]) == 0
    assert venue.journal.count_unsent() == 0
