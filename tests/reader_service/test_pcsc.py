"""Card readers over a real pcscd."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from smartcard import scard

from reader_service.devices.card_channel import (
    CardBusy,
    CardError,
    CardEvent,
    CardEventKind,
    CardMute,
    CardReaderDown,
    CardRemoved,
    CardTalksNonsense,
)
from reader_service.devices.pcsc import CardReader, PcscCard
from reader_service.devices.pcsc_service import Slot
from reader_service.devices.pcsc_watcher import CardWatcher
from shared.cardfile.commands import (
    SOCIAL_SECURITY_ENVIRONMENT,
    ElementaryFile,
    read_record,
    select_application,
    select_file,
)
from tests.support.card_readers import MUTE_SECONDS
from tests.support.pcscd import PcscDaemon
from tests.support.virtual_card import (
    Card,
    Fault,
    FaultKind,
    LaidCard,
    SocialSecurityCard,
    Transport,
)

pytestmark = pytest.mark.usefixtures("card_readers")

INSERTED, REMOVED = CardEventKind.INSERTED, CardEventKind.REMOVED
SWAPPED, DOWN, UP = CardEventKind.SWAPPED, CardEventKind.DOWN, CardEventKind.UP

Lay = Callable[..., LaidCard]


class Watch:
    """A running watcher and what it has told."""

    def __init__(self, *readers: str) -> None:
        self.events: queue.Queue[CardEvent] = queue.Queue()
        self.watcher = CardWatcher(readers, self.events.put)
        self.watcher.start()
        self.expect(*[UP] * len(readers))

    def expect(self, *kinds: CardEventKind, seconds: float = 5) -> list[CardEvent]:
        """Take as many events as named and check their kinds."""
        events = [self.events.get(timeout=seconds) for _ in kinds]

        assert [event.kind for event in events] == list(kinds)
        return events

    def expect_silence(self, seconds: float = 0.1) -> None:
        with pytest.raises(queue.Empty):
            self.events.get(timeout=seconds)


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch("Gate 1", "Gate 2")
    yield watch
    watch.watcher.stop()


@pytest.fixture
def lay(card_readers: PcscDaemon) -> Iterator[Lay]:
    """Lay a card on a reader; whatever lies there at the end is taken away."""
    laid: list[LaidCard] = []

    def lay_card(card: Card, fault: Fault | None = None, reader: str = "Gate 1") -> LaidCard:
        laid.append(LaidCard(card_readers.reader_socket(reader), card, fault))
        return laid[-1]

    yield lay_card
    for card in laid:
        card.remove()


def record_of_serial(serial: str) -> bytes:
    return bytes.fromhex(f"0110360700D156000005{serial}FFFFFFFF9000")


@contextlib.contextmanager
def open_card(reader: str) -> Iterator[PcscCard]:
    """One tap with a reader of its own."""
    with contextlib.closing(CardReader(reader)) as opened, opened.open_card() as card:
        yield card


def read_identification_code(reader: str = "Gate 1") -> bytes:
    with open_card(reader) as card:
        card.transmit(select_application(SOCIAL_SECURITY_ENVIRONMENT))
        card.transmit(select_file(ElementaryFile.ISSUER))
        return card.transmit(read_record(0x01))


def test_a_card_is_seen_to_come_and_to_go(watch: Watch, lay: Lay) -> None:
    card = lay(SocialSecurityCard())
    assert watch.expect(INSERTED) == [CardEvent("Gate 1", INSERTED)]

    card.remove()
    assert watch.expect(REMOVED) == [CardEvent("Gate 1", REMOVED)]


def test_each_reader_tells_under_its_own_name(watch: Watch, lay: Lay) -> None:
    lay(SocialSecurityCard(), reader="Gate 2")

    assert watch.expect(INSERTED) == [CardEvent("Gate 2", INSERTED)]
    watch.expect_silence()


def test_a_card_that_lies_there_already_is_told_at_the_start(lay: Lay) -> None:
    lay(SocialSecurityCard(), reader="Gate 3")
    early = Watch("Gate 3")

    early.expect(INSERTED)
    early.watcher.stop()


def test_reading_a_card_is_no_event(watch: Watch, lay: Lay) -> None:
    lay(SocialSecurityCard())
    watch.expect(INSERTED)

    for _ in range(3):
        read_identification_code()

    watch.expect_silence()


@pytest.mark.parametrize("gap", [0.0, 0.005, 0.02])
def test_a_fast_swap_between_cards_of_one_atr_is_always_seen(
    watch: Watch, lay: Lay, gap: float
) -> None:
    cards = [SocialSecurityCard(serial=f"{number:08d}") for number in range(1, 21)]
    assert len({card.atr for card in cards}) == 1
    lying = lay(cards[0])
    watch.expect(INSERTED)

    for number, card in enumerate(cards[1:], start=2):
        lying.remove()
        time.sleep(gap)
        lying = lay(card)
        event = watch.events.get(timeout=5).kind
        if event is REMOVED:
            event = watch.events.get(timeout=5).kind
            assert event is INSERTED
        else:
            assert event is SWAPPED

        assert read_identification_code() == record_of_serial(f"{number:08d}")
    watch.expect_silence()


class BusyWatch:
    """A watcher that is held up in its first event of one kind until `go_on`."""

    def __init__(self, kind: CardEventKind) -> None:
        self.events: list[CardEventKind] = []
        self.inserted, self.held, self.go_on, self.done = (threading.Event() for _ in range(4))
        self._kind = kind
        self.watcher = CardWatcher(["Gate 6"], self._on_event)
        self.watcher.start()

    def _on_event(self, event: CardEvent) -> None:
        self.events.append(event.kind)
        if event.kind is INSERTED:
            self.inserted.set()
        if event.kind is self._kind and not self.held.is_set():
            self.held.set()
            self.go_on.wait(60)
            self.events.clear()
        elif self.held.is_set():
            self.done.set()


def test_a_swap_that_the_watcher_was_too_busy_to_see_is_told_as_one(lay: Lay) -> None:
    watch = BusyWatch(INSERTED)
    first = lay(SocialSecurityCard(serial="00000001"), reader="Gate 6")
    assert watch.held.wait(30)
    first.remove()
    wait_until_empty("Gate 6")  # the service looks only now and then
    lay(SocialSecurityCard(serial="00000002"), reader="Gate 6")
    read_when_there("Gate 6", "00000002")
    watch.go_on.set()
    assert watch.done.wait(30)
    watch.watcher.stop()

    assert watch.events == [SWAPPED]


def test_a_card_that_came_and_went_unseen_is_told_both_ways(lay: Lay) -> None:
    watch = BusyWatch(REMOVED)
    first = lay(SocialSecurityCard(serial="00000001"), reader="Gate 6")
    assert watch.inserted.wait(5)
    first.remove()
    assert watch.held.wait(30)
    brief = lay(SocialSecurityCard(serial="00000002"), reader="Gate 6")
    read_when_there("Gate 6", "00000002")
    brief.remove()
    wait_until_empty("Gate 6")
    watch.go_on.set()
    assert watch.done.wait(30)
    watch.watcher.stop()

    assert watch.events == [INSERTED, REMOVED]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (0x0000_0022, 0x0001_0022, []),  # the service counted the insertion after it showed it
        (0x0001_0022, 0x0003_0022, [SWAPPED]),
        (0x0000_0022, 0x0003_0022, [SWAPPED]),
        (0xFFFF_0022, 0x0001_0022, [SWAPPED]),  # the count begins again
        (0x0001_0012, 0x0002_0012, []),
        (0x0002_0012, 0x0004_0012, [INSERTED, REMOVED]),
    ],
)
def test_one_event_more_is_no_swap_and_two_are(
    before: int, after: int, told: list[CardEventKind]
) -> None:
    events: list[CardEvent] = []
    watcher = CardWatcher(["Gate 1"], events.append)

    watcher._compare("Gate 1", Slot(before), Slot(after))

    assert [event.kind for event in events] == told


def read_when_there(reader: str, serial: str) -> None:
    """Wait for a card without a watcher."""
    for _ in range(500):
        try:
            if read_identification_code(reader) == record_of_serial(serial):
                return
        except CardRemoved:
            time.sleep(0.005)
    pytest.fail("the card was never there")


def wait_until_empty(reader: str) -> None:
    for _ in range(500):
        try:
            read_identification_code(reader)
        except CardRemoved:
            return
        time.sleep(0.005)
    pytest.fail("the card never left")


def test_a_connection_never_answers_as_the_card_that_came_after(watch: Watch, lay: Lay) -> None:
    first = lay(SocialSecurityCard(serial="00000001"))
    watch.expect(INSERTED)

    with open_card("Gate 1") as connection:
        connection.transmit(select_application(SOCIAL_SECURITY_ENVIRONMENT))
        first.remove()
        lay(SocialSecurityCard(serial="00000002"))
        for _ in range(3):
            with pytest.raises(CardRemoved):
                connection.transmit(select_file(ElementaryFile.ISSUER))

    assert read_identification_code() == record_of_serial("00000002")


def test_each_tap_begins_with_a_card_that_has_forgotten_the_last(watch: Watch, lay: Lay) -> None:
    lay(SocialSecurityCard())
    watch.expect(INSERTED)
    read_identification_code()

    with open_card("Gate 1") as card:
        assert card.transmit(read_record(0x01)) == b"\x69\x85"


def test_a_t0_card_is_read_through_61xx_and_6cxx(watch: Watch, lay: Lay) -> None:
    lay(SocialSecurityCard("2.00", transport=Transport.T0))
    watch.expect(INSERTED)

    with open_card("Gate 1") as card:
        selected = card.transmit(select_application(SOCIAL_SECURITY_ENVIRONMENT))
        card.transmit(select_file(ElementaryFile.ISSUER))

        assert selected == b"\x6f\x11\x84\x0f" + SOCIAL_SECURITY_ENVIRONMENT + b"\x90\x00"
        assert card.transmit(read_record(0x03)) == b"\x03\x042.00\x90\x00"


@pytest.mark.parametrize(
    ("transport", "protocol"),
    [
        (Transport.T0, scard.SCARD_PROTOCOL_T0),
        (Transport.T1, scard.SCARD_PROTOCOL_T1),
    ],
    ids=["T=0", "T=1"],
)
def test_a_card_of_one_protocol_is_spoken_to_in_it(
    watch: Watch, lay: Lay, transport: Transport, protocol: int
) -> None:
    """The service refuses the other one; the card says by its ATR which it knows."""
    lying = SocialSecurityCard("3.00", transport=transport)
    lay(lying)
    watch.expect(INSERTED)

    with open_card("Gate 1") as card:
        _, _, _, agreed, atr = scard.SCardStatus(card._handle)
        selected = card.transmit(select_application(SOCIAL_SECURITY_ENVIRONMENT))
        card.transmit(select_file(ElementaryFile.ISSUER))
        version = card.transmit(read_record(0x03))
        other = {scard.SCARD_PROTOCOL_T0, scard.SCARD_PROTOCOL_T1} - {protocol}
        pci = {
            scard.SCARD_PROTOCOL_T0: scard.SCARD_PCI_T0,
            scard.SCARD_PROTOCOL_T1: scard.SCARD_PCI_T1,
        }
        refused, _ = scard.SCardTransmit(card._handle, pci[other.pop()], [0, 0xA4, 0, 0])

    assert (agreed, bytes(atr)) == (protocol, lying.atr)
    assert selected.endswith(SOCIAL_SECURITY_ENVIRONMENT + b"\x90\x00")
    assert version == b"\x03\x043.00\x90\x00"
    assert refused == scard.SCARD_E_PROTO_MISMATCH


def test_without_a_card_there_is_nothing_to_open() -> None:
    with pytest.raises(CardRemoved), open_card("Gate 2"):
        pass


def test_an_unknown_reader_is_named_with_those_there_are() -> None:
    with pytest.raises(CardReaderDown, match=r"Gate 99.*Gate 1 00 00"), open_card("Gate 99"):
        pass


def test_a_beginning_that_fits_two_readers_opens_neither() -> None:
    with pytest.raises(CardReaderDown, match="several readers"), open_card("Gate"):
        pass


def test_a_card_held_by_another_is_busy(watch: Watch, lay: Lay) -> None:
    lay(SocialSecurityCard())
    watch.expect(INSERTED)

    with open_card("Gate 1"), pytest.raises(CardBusy), open_card("Gate 1"):
        pass


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(FaultKind.MUTE), CardMute),
        (Fault(FaultKind.COMMUNICATION_ERROR), CardTalksNonsense),
        (Fault(FaultKind.GARBAGE, garbage=b"\x90"), CardTalksNonsense),
        (Fault(FaultKind.GARBAGE, garbage=b"\x61\x10"), CardTalksNonsense),
        (Fault(FaultKind.REMOVED), CardRemoved),
    ],
)
def test_each_fault_of_a_card_has_its_own_error(
    watch: Watch, lay: Lay, fault: Fault, error: type[CardError]
) -> None:
    lay(SocialSecurityCard(), fault)
    watch.expect(INSERTED)

    with pytest.raises(error), open_card("Gate 1") as card:
        card.transmit(select_application(SOCIAL_SECURITY_ENVIRONMENT))


def test_a_card_without_an_answer_to_reset_is_mute(watch: Watch, lay: Lay) -> None:
    lay(SocialSecurityCard(), Fault(FaultKind.MUTE, after=-1))
    watch.expect(INSERTED)

    with pytest.raises(CardMute), open_card("Gate 1"):
        pass


def test_an_answer_that_comes_too_late_is_never_taken_for_the_next(watch: Watch, lay: Lay) -> None:
    card = SocialSecurityCard()
    lay(card, Fault(FaultKind.LATE, after=2, seconds=MUTE_SECONDS + 0.1))
    watch.expect(INSERTED)

    with open_card("Gate 1") as connection:
        connection.transmit(select_application(SOCIAL_SECURITY_ENVIRONMENT))
        connection.transmit(select_file(ElementaryFile.ISSUER))
        with pytest.raises(CardMute):
            connection.transmit(read_record(0x01))
        with pytest.raises(CardError):
            connection.transmit(read_record(0x06))


def test_a_mute_card_on_one_reader_does_not_hold_up_another(watch: Watch, lay: Lay) -> None:
    lay(SocialSecurityCard(), Fault(FaultKind.MUTE))
    lay(SocialSecurityCard(), reader="Gate 2")
    watch.expect(INSERTED, INSERTED)
    errors: list[CardError] = []

    def tap_the_mute_card() -> None:
        try:
            read_identification_code("Gate 1")
        except CardError as error:
            errors.append(error)

    mute = threading.Thread(target=tap_the_mute_card)
    mute.start()
    began = time.monotonic()
    for _ in range(10):
        read_identification_code("Gate 2")
    took = time.monotonic() - began
    still_silent = mute.is_alive()
    mute.join()

    assert still_silent
    assert took < 1
    assert [type(error) for error in errors] == [CardMute]


@pytest.mark.parametrize(
    "kind", [FaultKind.REMOVED, FaultKind.COMMUNICATION_ERROR, FaultKind.GARBAGE]
)
def test_the_reader_goes_on_after_a_fault(watch: Watch, lay: Lay, kind: FaultKind) -> None:
    bad = lay(SocialSecurityCard(), Fault(kind, after=1, garbage=b"\x90"))
    watch.expect(INSERTED)
    with pytest.raises(CardError):
        read_identification_code()
    bad.remove()
    watch.expect(REMOVED)

    lay(SocialSecurityCard())
    watch.expect(INSERTED)
    assert read_identification_code() == record_of_serial("00000001")


def test_a_killed_service_is_told_and_its_return_too(
    card_readers: PcscDaemon, watch: Watch, lay: Lay
) -> None:
    for _ in range(2):
        card_readers.kill()
        down = watch.expect(DOWN, DOWN)
        assert {event.reader for event in down} == {"Gate 1", "Gate 2"}
        assert all("service" in event.cause for event in down)
        with pytest.raises(CardReaderDown), open_card("Gate 1"):
            pass
        watch.expect_silence()

        card_readers.start()
        assert {event.reader for event in watch.expect(UP, UP)} == {"Gate 1", "Gate 2"}
        card = lay(SocialSecurityCard())
        watch.expect(INSERTED)
        assert read_identification_code() == record_of_serial("00000001")
        card.remove()
        watch.expect(REMOVED)


def test_a_reader_kept_over_a_restart_reads_the_next_card(
    card_readers: PcscDaemon, lay: Lay
) -> None:
    with contextlib.closing(CardReader("Gate 1")) as reader:
        for _ in range(2):
            watch = Watch("Gate 1")
            card = lay(SocialSecurityCard())
            watch.expect(INSERTED)
            with reader.open_card() as opened:
                assert opened.transmit(read_record(0x01)) == b"\x69\x85"
            card.remove()
            watch.expect(REMOVED)
            watch.watcher.stop()
            card_readers.kill()
            with pytest.raises(CardReaderDown), reader.open_card():
                pass
            card_readers.start()


def test_a_connection_of_before_the_restart_is_down(
    card_readers: PcscDaemon, watch: Watch, lay: Lay
) -> None:
    lay(SocialSecurityCard())
    watch.expect(INSERTED)

    with open_card("Gate 1") as card:
        card_readers.kill()
        with pytest.raises(CardReaderDown):
            card.transmit(select_application(SOCIAL_SECURITY_ENVIRONMENT))
    card_readers.start()
    watch.expect(DOWN, DOWN, UP, UP)


def test_a_reader_that_is_not_there_is_down_and_the_others_work(lay: Lay) -> None:
    events: queue.Queue[CardEvent] = queue.Queue()
    watcher = CardWatcher(["Gate 5", "Gate 99"], events.put)
    watcher.start()
    first = {event.reader: event for event in (events.get(timeout=5), events.get(timeout=5))}
    lay(SocialSecurityCard(), reader="Gate 5")
    third = events.get(timeout=5)
    watcher.stop()

    assert first["Gate 5"].kind is UP
    assert first["Gate 99"].kind is DOWN
    assert "Gate 99" in first["Gate 99"].cause
    assert third == CardEvent("Gate 5", INSERTED)


def test_sixteen_readers_are_watched_at_once(card_readers: PcscDaemon, lay: Lay) -> None:
    watch = Watch(*card_readers.readers)
    for reader in card_readers.readers:
        lay(SocialSecurityCard(), reader=reader)
    inserted = watch.expect(*[INSERTED] * 16)
    watch.watcher.stop()

    assert {event.reader for event in inserted} == set(card_readers.readers)


def test_a_seventeenth_reader_is_refused_with_the_next_step() -> None:
    with pytest.raises(ValueError, match=r"最多接16个.*at most 16") as caught:
        CardWatcher([f"Gate {number}" for number in range(17)], print)

    assert "another host" in str(caught.value)


def test_a_watcher_stops_at_once() -> None:
    watch = Watch("Gate 4")
    time.sleep(0.05)
    began = time.monotonic()
    watch.watcher.stop()

    assert time.monotonic() - began < 0.5


def test_a_readers_socket_is_for_its_owner_alone(card_readers: PcscDaemon) -> None:
    socket: Path = card_readers.reader_socket("Gate 1")

    assert socket.stat().st_mode & 0o777 == 0o600
