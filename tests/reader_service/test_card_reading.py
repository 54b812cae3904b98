"""Reading a card: through the real pcscd, and directly where no reader matters."""

import contextlib
import logging
import queue
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_service.card_reading import ReadCard, RefusedCard, Wanted, read_card, refused_by
from reader_service.devices.card_channel import (
    CardBusy,
    CardError,
    CardMute,
    CardReaderDown,
    CardRemoved,
    CardTalksNonsense,
    exchange,
)
from reader_service.devices.pcsc import CardReader
from reader_service.devices.pcsc_watcher import CardWatcher
from shared.cardfile.records import CardVersion
from shared.ecode.reasons import Reason
from tests.support.pcscd import PcscDaemon
from tests.support.virtual_card import (
    Card,
    Fault,
    FaultKind,
    Holder,
    LaidCard,
    OtherCard,
    SocialSecurityCard,
    TransitCard,
    Transport,
)

EVERYTHING = Wanted.CARD_NUMBER | Wanted.HOLDER_NAME
READER = "Gate 7"
PERSONAL = ("36070219580312402X", "钟秀英", "D58009678", "360700d156", "360700D156", "19580312")


class Counted:
    """Counts the APDUs on their way to a card in this process."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.commands: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        return exchange(self._send, command)

    def _send(self, command: bytes) -> bytes:
        self.commands.append(command)
        return self.card.answer(command)


def directly(card: Card, wanted: Wanted = Wanted.NOTHING_MORE) -> ReadCard | RefusedCard:
    return read_card(Counted(card).transmit, wanted)


def through_pcsc(reader: CardReader, wanted: Wanted) -> ReadCard | RefusedCard:
    """What a lane does at a tap."""
    try:
        with reader.open_card() as card:
            return read_card(card.transmit, wanted)
    except CardError as error:
        return refused_by(error)


Tap = Callable[..., ReadCard | RefusedCard]


@pytest.fixture(scope="module")
def tap(card_readers: PcscDaemon) -> Iterator[Tap]:
    """Lay a card on the reader, read it when the watcher sees it, and take it away."""
    events: queue.Queue[str] = queue.Queue()
    reader = CardReader(READER)
    watcher = CardWatcher([READER], lambda event: events.put(event.kind))
    watcher.start()
    assert events.get(timeout=5) == "up"

    def tap_card(
        card: Card, fault: Fault | None = None, wanted: Wanted = EVERYTHING
    ) -> ReadCard | RefusedCard:
        with LaidCard(card_readers.reader_socket(READER), card, fault):
            assert events.get(timeout=5) == "inserted"
            read = through_pcsc(reader, wanted)
        assert events.get(timeout=5) == "removed"
        return read

    yield tap_card
    watcher.stop()
    reader.close()


@pytest.mark.parametrize("transport", list(Transport))
@pytest.mark.parametrize("version", list(CardVersion))
def test_a_card_of_each_generation_is_read(
    tap: Tap, version: CardVersion, transport: Transport
) -> None:
    card = SocialSecurityCard(version, transport=transport)

    read = tap(card)

    assert isinstance(read, ReadCard)
    assert read.identification_code.raw == card.identification_code
    assert read.identification_code.division == 360700
    assert read.version is version
    assert read.expires_on == date(2036, 11, 21)
    assert read.card_number == "D58009678"
    assert read.holder_name == (None if version is CardVersion.V3 else "钟秀英")


def test_a_card_that_was_only_read_is_never_authenticated(tap: Tap) -> None:
    read = tap(SocialSecurityCard())

    assert isinstance(read, ReadCard)
    assert not read.authenticated


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("䶮㛃", "1.00"),
        ("𬱖", "2.00"),
        ("买买提·艾合买提·A吾拉木江·买提", "2.00"),
        ("欧阳𬱖", "2.00"),
    ],
)
def test_rare_and_long_names_come_through(tap: Tap, name: str, version: str) -> None:
    read = tap(SocialSecurityCard(version, holder=Holder(name=name)))

    assert isinstance(read, ReadCard)
    assert read.holder_name == name


def test_a_card_of_another_kind_is_refused_as_such(tap: Tap) -> None:
    read = tap(OtherCard())

    assert isinstance(read, RefusedCard)
    assert read.reason is Reason.UNKNOWN_CARD_TYPE


@pytest.mark.parametrize(
    ("kind", "zh", "en"),
    [
        (1, "普通卡", "ordinary card"),
        (2, "学生卡", "student card"),
        (3, "老人卡", "senior card"),
        (5, "军人卡", "military card"),
        (9, "其他卡种", "another kind of card"),
    ],
)
def test_a_transit_card_is_shown_masked_and_not_taken(
    tap: Tap, kind: int, zh: str, en: str
) -> None:
    read = tap(TransitCard(kind))

    assert isinstance(read, RefusedCard)
    assert read.reason is Reason.TRANSIT_CARD
    assert read.note is not None
    assert read.note.zh == (
        f"交通联合卡 · 卡号尾号 7984 · {zh} · 有效期至 2040-03-12 · 余额 ¥12.34"
    )
    assert f" · {en} · valid until 2040-03-12 · balance ¥12.34" in read.note.en
    assert "7984" not in repr(read)


def test_what_a_transit_card_does_not_tell_is_left_out() -> None:
    card = TransitCard(balance_fen=0x80000000 + 50)
    card.files = {0x15: b"\xff" * 30}

    read = directly(card)

    assert isinstance(read, RefusedCard)
    assert read.note is not None
    assert read.note.zh == "交通联合卡 · 余额 ¥0.50"


@pytest.mark.parametrize("after", range(5))
def test_a_transit_card_torn_out_is_a_card_removed(tap: Tap, after: int) -> None:
    read = tap(TransitCard(), Fault(FaultKind.REMOVED, after))

    assert isinstance(read, RefusedCard)
    assert read.reason is Reason.CARD_REMOVED


@pytest.mark.parametrize("after", range(9))
@pytest.mark.parametrize("version", ["2.00", "3.00"])
def test_a_card_torn_out_after_any_command_is_removed_and_never_half_read(
    tap: Tap, version: str, after: int
) -> None:
    card = SocialSecurityCard(version)
    whole = Counted(card)
    read_card(whole.transmit, EVERYTHING)
    card.power()

    read = tap(card, Fault(FaultKind.REMOVED, after))

    if after < len(whole.commands):
        assert isinstance(read, RefusedCard)
        assert read.reason is Reason.CARD_REMOVED
    else:
        assert isinstance(read, ReadCard)


def test_the_torn_cards_above_cover_every_command() -> None:
    counts = []
    for version in ("2.00", "3.00"):
        counted = Counted(SocialSecurityCard(version))
        read_card(counted.transmit, EVERYTHING)
        counts.append(len(counted.commands))

    assert counts == [9, 6]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(FaultKind.MUTE, 2), Reason.CARD_MUTE),
        (Fault(FaultKind.COMMUNICATION_ERROR, 3), Reason.CARD_UNREADABLE),
        (Fault(FaultKind.GARBAGE, 3, b"\x13\x37"), Reason.CARD_UNREADABLE),
        (Fault(FaultKind.GARBAGE, 3, b"\xff" * 200 + b"\x90\x00"), Reason.CARD_UNREADABLE),
        (Fault(FaultKind.GARBAGE, 3, b"\x42"), Reason.CARD_UNREADABLE),
    ],
)
def test_a_failing_card_is_refused_and_the_next_one_is_read(
    tap: Tap, fault: Fault, reason: Reason
) -> None:
    refused = tap(SocialSecurityCard(), fault)
    following = tap(SocialSecurityCard(serial="00000002"))

    assert isinstance(refused, RefusedCard)
    assert refused.reason is reason
    assert isinstance(following, ReadCard)
    assert following.identification_code.serial == bytes.fromhex("00000002")


@pytest.mark.usefixtures("card_readers")
def test_no_card_on_the_reader_is_a_card_removed() -> None:
    with contextlib.closing(CardReader(READER)) as reader:
        read = through_pcsc(reader, EVERYTHING)

    assert isinstance(read, RefusedCard)
    assert read.reason is Reason.CARD_REMOVED


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (CardRemoved(), Reason.CARD_REMOVED),
        (CardMute(), Reason.CARD_MUTE),
        (CardTalksNonsense(), Reason.CARD_UNREADABLE),
        (CardBusy(), Reason.CARD_UNREADABLE),
        (CardReaderDown(), Reason.READER_SERVICE_DOWN),
    ],
)
def test_every_error_of_the_device_has_its_reason(error: CardError, reason: Reason) -> None:
    assert refused_by(error).reason is reason


def test_only_what_is_asked_for_is_read() -> None:
    counted = Counted(SocialSecurityCard("2.00"))
    read = read_card(counted.transmit)

    tags = [command[2] for command in counted.commands if command[1] == 0xB2]
    assert tags == [0x03, 0x01, 0x06]
    assert len(counted.commands) == 5
    assert isinstance(read, ReadCard)
    assert (read.card_number, read.holder_name) == (None, None)


def test_the_holders_file_of_a_third_generation_card_is_not_even_asked_for() -> None:
    counted = Counted(SocialSecurityCard("3.00"))
    read_card(counted.transmit, EVERYTHING)

    assert not [command for command in counted.commands if command.endswith(b"\xef\x06")]


def test_a_version_of_the_future_is_a_card_of_unknown_type() -> None:
    read = directly(SocialSecurityCard("4.00"))

    assert isinstance(read, RefusedCard)
    assert read.reason is Reason.UNKNOWN_CARD_TYPE


def test_a_card_without_an_expiry_date_says_none() -> None:
    read = directly(SocialSecurityCard(expires_on="FFFFFFFF"))

    assert isinstance(read, ReadCard)
    assert read.expires_on is None


@pytest.mark.parametrize("tag", [0x01, 0x03, 0x06, 0x07, 0x09, 0x4E])
def test_a_missing_or_malformed_record_makes_the_card_unreadable_and_is_named(tag: int) -> None:
    for spoil in ("remove", "shorten"):
        card = SocialSecurityCard("2.00")
        file = card.files[0xEF05 if tag < 8 else 0xEF06]
        if spoil == "remove":
            del file[tag]
        else:
            file[tag] = file[tag][:-1]

        read = directly(card, EVERYTHING)

        assert isinstance(read, RefusedCard)
        assert read.reason is Reason.CARD_UNREADABLE
        assert f"record {tag:02X}" in read.cause


def test_nothing_personal_is_logged_or_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    results: list[object] = [directly(SocialSecurityCard("2.00"), EVERYTHING)]
    for tag in (0x01, 0x06, 0x07, 0x09):
        card = SocialSecurityCard("2.00")
        card.files[0xEF05 if tag < 8 else 0xEF06][tag] += b"!"
        results.append(directly(card, EVERYTHING))

    shown = caplog.text + repr(results)
    assert not [value for value in PERSONAL if value in shown]


@given(st.lists(st.binary(max_size=60), max_size=12))
def test_whatever_a_card_answers_the_result_is_a_card_or_a_refusal(answers: list[bytes]) -> None:
    remaining = iter(answers)

    def transmit(command: bytes) -> bytes:
        del command
        answer = next(remaining, None)
        if answer is None:
            raise CardRemoved
        return answer

    def followed(command: bytes) -> bytes:
        return exchange(transmit, command)

    assert isinstance(read_card(followed, EVERYTHING), ReadCard | RefusedCard)
