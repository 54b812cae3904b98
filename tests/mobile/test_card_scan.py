"""A relative's card on a real PC/SC reader, its PIN, and the mandate that comes of them."""

import asyncio
from pathlib import Path

import pytest

from mobile.core.card_reading import NotACard, read_digest
from mobile.core.mandate import DELEGATE, Mandate
from mobile.core.trouble import Trouble
from mobile.ports.card_reader import NoCard
from mobile.ports.card_reader.desktop import PcscCardReader
from mobile.services.card_scanning import CardScanning
from mobile.ui.gallery.family import mandate_wire, scenes
from mobile.ui.gallery.stage import Stage
from shared.trust.status_list import card_digest
from tests.support.pcscd import PcscDaemon
from tests.support.virtual_card import LaidCard, SocialSecurityCard, TransitCard

GATE = "Gate 9"


def _scan(reader: PcscCardReader) -> str | Trouble:
    return asyncio.run(CardScanning(reader).digest())


@pytest.mark.feature("S138")
@pytest.mark.parametrize("version", ["1.00", "2.00", "3.00"])
def test_a_card_of_every_generation_is_read_by_pcsc(card_readers: PcscDaemon, version: str) -> None:
    card = SocialSecurityCard(version)
    with LaidCard(card_readers.reader_socket(GATE), card):
        found = _scan(PcscCardReader(GATE, seconds=5))
    assert found == card_digest(card.identification_code).hex()


def test_no_card_and_another_card_are_refused_in_words(card_readers: PcscDaemon) -> None:
    nothing = _scan(PcscCardReader(GATE, seconds=0))
    assert isinstance(nothing, Trouble)
    assert "no card" in nothing.text.en
    with LaidCard(card_readers.reader_socket(GATE), TransitCard()):
        other = _scan(PcscCardReader(GATE, seconds=5))
    assert isinstance(other, Trouble)
    assert "no social security card" in other.text.en
    missing = _scan(PcscCardReader("Nowhere", seconds=0))
    assert isinstance(missing, Trouble)
    assert "no reader" in missing.text.en


@pytest.mark.parametrize("answer", [b"", b"\x90", b"\x90\x00", b"\x61\x10", b"\x01\x02\x90\x00"])
def test_whatever_a_card_answers_is_a_digest_or_no_card(answer: bytes) -> None:
    with pytest.raises(NotACard):
        read_digest(lambda _: answer)


class _Card:
    def __init__(self, *digests: str) -> None:
        self._digests = list(digests)

    async def read(self) -> str:
        if not self._digests:
            raise NoCard("no card")
        return self._digests.pop(0)


@pytest.mark.feature("D5")
def test_d5_the_delegate_reads_the_card_and_its_holder_keys_in_the_pin_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(tmp_path)
    model, asked = stage.models.family, list[tuple[object, ...]]()
    monkeypatch.setattr(model, "_act", lambda work: asyncio.run(work()))

    async def grant(*wish: object) -> Mandate | Trouble:
        asked.append(wish)
        words = Mandate.of_wire(mandate_wire("m", DELEGATE, "")).delegate_is
        if len(asked) == 1:
            return Trouble("pin_wrong", words, words)
        return Mandate.of_wire(mandate_wire("mnd_n", DELEGATE, "王*兰"))

    monkeypatch.setattr(model._family, "grant_by_card", grant)
    model._cards = CardScanning(_Card("ab" * 16))
    dict(scenes(stage))["family-offer"]()
    assert [one.act for one in model.state.acts] == ["make", "go:card"]
    model.do("go:card")
    model.do("read_card")
    for digit in "1908271":
        model.type_digit(digit)
    assert model.state.typed == "●●● ●●●"
    assert "190827" not in model.reading()
    model.do("send_pin")
    assert asked == [("ab" * 16, "190827", "ELDER", ("CARD_SHOW", "BOOK"), 31)]
    assert model.state.typed == ""  # a wrong one is keyed in anew
    for digit in "190827":
        model.type_digit(digit)
    model.do("send_pin")
    assert (model._course.card, model._course.typed) == ("", "")
    assert model._course.mandate == "mnd_n"
    dict(scenes(stage))["family-length"]()  # who is acted for shows an invitation instead
    assert [one.act for one in model.state.acts] == ["make"]
