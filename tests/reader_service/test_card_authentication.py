"""Cards proven by a PSAM: internal and external authentication over the real PC/SC."""

import contextlib
import logging
from collections.abc import Iterator

import pytest

from reader_service.card_authentication import (
    AuthenticationKey,
    CardAuthenticator,
    CardProof,
    CardUnproven,
    Diversifier,
)
from reader_service.card_reading import (
    Authentication,
    CardSource,
    ReadCard,
    RefusedCard,
    Wanted,
    read_card,
)
from reader_service.card_sources import open_sources
from reader_service.device_settings import IssuerKey, PsamCards
from reader_service.devices.card_channel import CardError, CardRemoved, exchange
from reader_service.devices.pcsc import CardReader
from reader_service.devices.psam import PsamSlot
from reader_service.devices.security_module import SecurityModuleLost
from reader_service.settings import LaneSettings
from shared.cardfile.psam import (
    PsamKey,
    derive_process_key,
    encipher,
)
from shared.ecode.reasons import Reason
from tests.reader_service.waiting import until
from tests.support.pcscd import PcscDaemon
from tests.support.sandbox_psam import (
    EXTERNAL,
    EXTERNAL_KEY,
    EXTERNAL_USAGE,
    INTERNAL,
    INTERNAL_KEY,
    INTERNAL_USAGE,
    TERMINAL_NUMBER,
    SandboxIssuer,
    SandboxPsam,
)
from tests.support.virtual_card import (
    Card,
    Fault,
    FaultKind,
    LaidCard,
    SocialSecurityCard,
    Transport,
)

READER, SLOT = "Gate 8", "Gate 9"
KEYS = PsamCards(
    SLOT,
    IssuerKey(INTERNAL, INTERNAL_USAGE, INTERNAL_KEY),
    IssuerKey(EXTERNAL, EXTERNAL_USAGE, EXTERNAL_KEY),
)


def genuine(
    version: str = "3.00", serial: str = "00000001", transport: Transport = Transport.CONTACTLESS
) -> SocialSecurityCard:
    card = SocialSecurityCard(version, serial=serial, transport=transport, personal_atr=True)
    return SandboxIssuer().personalise(card)


def copy_of(card: SocialSecurityCard) -> SocialSecurityCard:
    """All that can be read, on a chip with a key of somebody else's."""
    serial = card.identification_code[8:12].hex()
    forged = SocialSecurityCard(card.version, serial=serial, personal_atr=True)
    return SandboxIssuer("a forger").personalise(forged)


class SoftModule:
    """The sandbox PSAM's program without a slot, for what needs no reader."""

    number = TERMINAL_NUMBER

    def __init__(self) -> None:
        self._psam = SandboxPsam()
        self._psam.answer(bytes.fromhex("00A4040006D15600000590"))

    def cryptogram(self, key: PsamKey, diversifiers: bytes, factor: bytes, data: bytes) -> bytes:
        exchange(self._psam.answer, derive_process_key(key, diversifiers, factor))
        return exchange(self._psam.answer, encipher(data))[:-2]


def soft_authenticator() -> CardAuthenticator:
    internal = AuthenticationKey(INTERNAL, PsamKey(INTERNAL_USAGE, INTERNAL_KEY))
    external = AuthenticationKey(EXTERNAL, PsamKey(EXTERNAL_USAGE, EXTERNAL_KEY))
    return CardAuthenticator(SoftModule(), internal, external)


@pytest.fixture
def psam(card_readers: PcscDaemon) -> Iterator[LaidCard]:
    with LaidCard(card_readers.reader_socket(SLOT), SandboxPsam()) as laid:
        _wait_for_card(SLOT)
        yield laid
    _wait_until_empty(SLOT)


@pytest.fixture
def source(card_readers: PcscDaemon) -> Iterator[CardSource]:
    assert {READER, SLOT} <= set(card_readers.readers)
    opened = open_sources([LaneSettings(1, card_reader=READER, cards=KEYS)])[READER]
    with contextlib.closing(opened):
        yield opened


def _wait_for_card(reader: str) -> None:
    def there() -> bool:
        with contextlib.closing(CardReader(reader)) as opened:
            try:
                with opened.open_card():
                    return True
            except CardError:
                return False

    until(there)


def _wait_until_empty(reader: str) -> None:
    def empty() -> bool:
        with contextlib.closing(CardReader(reader)) as opened:
            try:
                with opened.open_card():
                    return False
            except CardRemoved:
                return True
            except CardError:
                return False

    until(empty)


def tap(
    card_readers: PcscDaemon,
    source: CardSource,
    card: Card,
    wanted: Wanted = Wanted.NOTHING_MORE,
) -> ReadCard | RefusedCard:
    with LaidCard(card_readers.reader_socket(READER), card):
        _wait_for_card(READER)
        try:
            return source.read(wanted)
        finally:
            source.release()


@pytest.mark.usefixtures("psam")
@pytest.mark.parametrize("transport", list(Transport))
@pytest.mark.parametrize("version", ["1.00", "2.00", "3.00"])
def test_a_card_that_holds_its_issuers_key_is_authenticated(
    card_readers: PcscDaemon, source: CardSource, version: str, transport: Transport
) -> None:
    read = tap(card_readers, source, genuine(version, transport=transport), Wanted.HOLDER_NAME)

    assert isinstance(read, ReadCard)
    assert read.proof is CardProof.CHALLENGE
    assert read.terminal_number == TERMINAL_NUMBER
    assert read.holder_name == "钟秀英"  # of a 3.00 card too: the terminal proved itself


@pytest.mark.usefixtures("psam")
def test_a_copy_of_all_that_can_be_read_is_refused(
    card_readers: PcscDaemon, source: CardSource
) -> None:
    read = tap(card_readers, source, copy_of(genuine()))

    assert isinstance(read, RefusedCard)
    assert read.reason is Reason.CARD_FORGED


@pytest.mark.usefixtures("psam")
def test_a_card_without_the_key_stays_unproven_and_no_fault_of_the_reader(
    card_readers: PcscDaemon, source: CardSource
) -> None:
    read = tap(card_readers, source, SocialSecurityCard(personal_atr=True))

    assert isinstance(read, ReadCard)
    assert (read.authenticated, read.unproven_because) == (False, None)


def test_without_the_psam_cards_are_read_unproven_and_with_it_again_proven(
    card_readers: PcscDaemon, source: CardSource
) -> None:
    assert source.fault() is Reason.SECURITY_MODULE_LOST
    unproven = tap(card_readers, source, genuine(), Wanted.HOLDER_NAME)
    assert isinstance(unproven, ReadCard)
    assert not unproven.authenticated
    assert unproven.unproven_because is Reason.SECURITY_MODULE_LOST
    assert unproven.holder_name is None

    for _ in range(2):  # pulled and put in again
        with LaidCard(card_readers.reader_socket(SLOT), SandboxPsam()):
            until(lambda: source.fault() is None)
            proven = tap(card_readers, source, genuine())
            assert isinstance(proven, ReadCard)
            assert proven.authenticated


@pytest.mark.usefixtures("psam")
def test_a_psam_of_another_issuer_lets_no_card_pass_as_proven(
    card_readers: PcscDaemon, source: CardSource
) -> None:
    other = SandboxIssuer("another city").personalise(SocialSecurityCard(personal_atr=True))

    read = tap(card_readers, source, other)

    assert isinstance(read, RefusedCard)


def test_a_module_without_the_key_is_lost_and_says_why(card_readers: PcscDaemon) -> None:
    slot = PsamSlot(SLOT)
    with LaidCard(card_readers.reader_socket(SLOT), SandboxPsam()), contextlib.closing(slot):
        _wait_for_card(SLOT)
        with pytest.raises(SecurityModuleLost, match="BFDE: no such key"):
            slot.cryptogram(PsamKey(0x27, 0x01), bytes(8), bytes(8), bytes(8))


def test_one_psam_serves_two_lanes(card_readers: PcscDaemon) -> None:
    sources = open_sources(
        LaneSettings(number, card_reader=f"Gate {number}", cards=KEYS) for number in (7, 8)
    )
    with contextlib.ExitStack() as stack:
        for one in sources.values():
            stack.enter_context(contextlib.closing(one))
        psam = SandboxPsam()
        stack.enter_context(LaidCard(card_readers.reader_socket(SLOT), psam))
        _wait_for_card(SLOT)
        for serial, reader in enumerate(("Gate 7", "Gate 8", "Gate 7")):
            card = genuine(serial=f"{serial:08d}")
            with LaidCard(card_readers.reader_socket(reader), card):
                _wait_for_card(reader)
                read = sources[reader].read()
                sources[reader].release()
                assert isinstance(read, ReadCard)
                assert read.authenticated
    # Opened once: it is not powered off between taps.
    assert sum(command[:2] == b"\x00\xb0" for command in psam.commands) == 1


WHOLE_TAP = 9 + 3  # the commands of reading, and three of proving both sides


class Swapped:
    """A card that is another from its n-th command on; quietly, as some readers let it happen."""

    def __init__(self, first: Card, second: Card, after: int, *, powered: bool) -> None:
        self._cards = [first] * after + [second] * 100
        self._answered = 0
        for card in (first, second):
            card.power()
        if powered:  # as if the second had been selected before: the worst that could come
            second.answer(bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF"))
            second.answer(bytes.fromhex("00A4000002EF05"))

    def transmit(self, command: bytes) -> bytes:
        def once(one: bytes) -> bytes:
            answer = self._cards[self._answered].answer(one)
            self._answered += 1
            return answer

        return exchange(once, command)


@pytest.mark.parametrize("powered", [False, True])
@pytest.mark.parametrize("after", range(WHOLE_TAP + 1))
def test_a_swap_that_no_reader_saw_is_never_taken_for_one_person(after: int, powered: bool) -> None:
    first, second = genuine(serial="00000001"), genuine(serial="00000002")
    first.files[0xEF06][0x09] = "甲".encode("gb18030").ljust(30, b"\0")
    second.files[0xEF06][0x09] = "乙".encode("gb18030").ljust(30, b"\0")
    authentication = Authentication(soft_authenticator(), first.atr)
    swapped = Swapped(first, second, after, powered=powered)

    read = read_card(swapped.transmit, Wanted.CARD_NUMBER | Wanted.HOLDER_NAME, authentication)

    if isinstance(read, ReadCard) and read.authenticated:
        serial = int(read.identification_code.serial.hex())
        assert read.holder_name in {None, {1: "甲", 2: "乙"}[serial]}


@pytest.mark.usefixtures("psam")
@pytest.mark.parametrize("after", range(WHOLE_TAP + 1))
def test_a_swap_after_any_command_is_seen_over_pcsc(
    card_readers: PcscDaemon, source: CardSource, after: int
) -> None:
    socket = card_readers.reader_socket(READER)
    first = LaidCard(socket, genuine(serial="00000001"), Fault(FaultKind.REMOVED, after))
    _wait_for_card(READER)
    second: list[LaidCard] = []
    first.on_end = lambda: second.append(LaidCard(socket, genuine(serial="00000002")))
    try:
        read = source.read(Wanted.CARD_NUMBER | Wanted.HOLDER_NAME)
        if isinstance(read, ReadCard):
            assert (after, read.identification_code.serial.hex()) == (WHOLE_TAP, "00000001")
            assert (read.proof, read.holder_name) == (CardProof.CHALLENGE, "钟秀英")
        else:
            assert read.reason is Reason.CARD_REMOVED
            assert after < WHOLE_TAP
    finally:
        first.remove()
        for card in second:
            card.remove()


def test_an_answer_to_reset_too_short_for_a_diversifier_leaves_the_card_unproven() -> None:
    card = SandboxIssuer().personalise(genuine())
    read = read_card(
        lambda command: exchange(card.answer, command),
        authentication=Authentication(soft_authenticator(), SocialSecurityCard().atr),
    )

    assert isinstance(read, ReadCard)
    assert not read.authenticated
    with pytest.raises(CardUnproven):
        Diversifier.LAST_EIGHT.of(b"\x3b\x00")


def test_nothing_of_the_challenge_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    card = genuine()
    for one in (card, copy_of(card)):
        read_card(
            lambda command, card=one: exchange(card.answer, command),  # type: ignore[misc]
            Wanted.HOLDER_NAME,
            Authentication(soft_authenticator(), card.atr),
        )

    assert "钟秀英" not in caplog.text
    assert card.identification_code.hex() not in caplog.text.lower()
