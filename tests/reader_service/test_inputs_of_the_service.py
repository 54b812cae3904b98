"""The lanes file's card adapters and scan guns, wired as the service wires them."""

import os
import pty
import shutil
import subprocess
import tty
from pathlib import Path

import pytest

from reader_service.app import _running_lanes
from reader_service.lane.board import LaneAnswer
from reader_service.settings import read_lanes
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from tests.reader_service.conftest import Venue
from tests.reader_service.test_card_driver import SOURCE, output
from tests.reader_service.waiting import until
from tests.support.pcscd import PcscDaemon
from tests.support.sandbox_psam import SandboxIssuer, SandboxPsam
from tests.support.virtual_card import LaidCard, SocialSecurityCard


def _answers(venue: Venue) -> list[LaneAnswer]:
    return [told for told in venue.told if isinstance(told, LaneAnswer)]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_a_lanes_file_with_every_input_lets_in_by_each_of_them(
    venue: Venue, card_readers: PcscDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = venue.folder
    driver, state = folder / "driver.so", folder / "state"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(driver), str(SOURCE)], check=True)
    state.write_bytes(b"-2")
    monkeypatch.setenv("VENDOR_DRIVER_STATE", str(state))
    gun, line = pty.openpty()
    tty.setraw(line)
    key = "internal = { card_key = 0, usage = 0x28, key = 0x12 }"
    (folder / "lanes.toml").write_text(
        f'[[lanes]]\nnumber = 1\ncards = {{ kind = "driver", library = "{driver}" }}\n'
        f'scanners = [{{ kind = "serial", port = "{os.ttyname(line)}" }}]\n'
        f'[[lanes]]\nnumber = 2\ncard_reader = "Gate 12"\n'
        f'cards = {{ kind = "psam", slot = "Gate 13", {key} }}\n'
    )
    lanes = read_lanes(folder / "lanes.toml")
    card = SandboxIssuer().personalise(SocialSecurityCard(serial="00000009", personal_atr=True))

    with (
        LaidCard(card_readers.reader_socket("Gate 13"), SandboxPsam()),
        _running_lanes(lanes, venue.gatekeeper, venue.board, venue.clock),
    ):
        _show(state, b"OK " + output())
        until(lambda: len(_answers(venue)) == 1)
        os.write(gun, venue.city.phone().code(venue.clock.now()).encode() + b"\r")
        until(lambda: len(_answers(venue)) == 2)
        with LaidCard(card_readers.reader_socket("Gate 12"), card):
            until(lambda: len(_answers(venue)) == 3)
    for end in (gun, line):
        os.close(end)

    told = [(one.lane, one.medium, one.answer.verdict) for one in _answers(venue)]
    assert told == [
        (1, Medium.CARD, Verdict.ADMIT),
        (1, Medium.ECODE, Verdict.ADMIT),
        (2, Medium.CARD, Verdict.ADMIT),
    ]
    proofs = [scan.detail.get("card_proof") for scan in venue.journal.unsent(10)]
    assert proofs == ["authenticated_by_driver", None, "authenticated"]


def _show(state: Path, told: bytes) -> None:
    fresh = state.with_suffix(".new")
    fresh.write_bytes(told)
    fresh.replace(state)
