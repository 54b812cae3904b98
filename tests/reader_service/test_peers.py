"""Readers of one venue tell each other what they saw, whatever the network does to datagrams."""

import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reader_service.doctor.findings import Level, Patient
from reader_service.doctor.peer_checks import check_peers
from reader_service.peers.datagrams import CLOCKS_APART, Dropped, Sealer
from reader_service.peers.exchange import HERE_SOON, Exchange
from reader_service.peers.sightings import (
    LIFETIME,
    MOST_ORIGINS,
    MOST_SIGHTINGS,
    Memory,
    Sighting,
    What,
)
from reader_service.peers.transport import Transport, open_transport
from reader_service.settings import InvalidSettings, PeerSettings, Settings, read_peers
from reader_service.sync.terminal import Terminal, save_terminal
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.reasons import Reason
from shared.trust.trust_list import Untrusted, read_trust_list, sign_statement
from shared.wire.request_proof import thumbprint
from shared.wire.terminal_standing import TYPE, key_number, read_terminal_standing
from tests.reader_service.city import LIST_KEY_ID, NOON, REGION, TERMINAL, City
from tests.reader_service.small_backend import SmallBackend
from tests.reader_service.test_service import START_SECONDS, Service
from tests.reader_service.venue_readers import (
    KEY,
    Lossy,
    Readers,
    by_hosts,
    by_multicast,
    ports,
)
from tests.reader_service.waiting import until
from tests.support.frames import EASY, draw_frame, save_frame

PHONE = (7_000_000, 3)
WALL = 1_800_000_000.0


def _exchange(name: str = "ter_a", key: bytes = KEY) -> Exchange:
    made = Exchange(name)
    made.use({5: key}, 5)
    return made


def _tell(teller: Exchange, now: float, counter: int = 9, what: What = What.SEEN) -> bytes:
    [data] = teller.tell(what, PHONE, counter, 2, (now, now, WALL + now))
    return data


def _heal(teller: Exchange, hearer: Exchange, now: float) -> list[Sighting]:
    """Let one round of HERE, ASK and the answer happen."""
    asks = [
        ask
        for data in teller.tick(now, WALL + now)
        for ask in hearer.hear(data, now, WALL + now).replies
    ]
    answers = [one for ask in asks for one in teller.hear(ask, now, WALL + now).replies]
    return [one for data in answers for one in hearer.hear(data, now, WALL + now).sightings]


def test_a_sighting_is_heard_once_and_is_nothing_to_read_on_the_way() -> None:
    teller, hearer = _exchange(), _exchange("ter_b")
    data = _tell(teller, 100.0)

    [heard] = hearer.hear(data, 100.01, WALL + 100).sightings
    again = hearer.hear(data, 100.02, WALL + 100)

    assert (heard.card_index, heard.device_serial, heard.counter, heard.lane) == (*PHONE, 9, 2)
    assert (again.sightings, again.dropped) == ([], Dropped.REPLAYED)
    assert PHONE[0].to_bytes(4) not in data
    assert teller.hear(data, 100.0, WALL + 100).dropped is Dropped.OWN


def test_a_lost_datagram_heals_by_the_next_comparison() -> None:
    teller, hearer = _exchange(), _exchange("ter_b")
    _tell(teller, 100.0)  # lost

    assert teller.due <= 100.0 + HERE_SOON
    [healed] = _heal(teller, hearer, 100.02)

    assert (healed.counter, healed.age) == (9, 20)
    assert _heal(teller, hearer, 101.0) == []


def test_an_answer_that_gets_lost_too_is_asked_for_again_at_once() -> None:
    teller, hearer = _exchange(), _exchange("ter_b")
    teller.tick(99.999, WALL + 100)
    _tell(teller, 100.0)  # lost, just before a comparison
    here, _ = teller.tick(100.001, WALL + 100)
    [ask] = hearer.hear(here, 100.002, WALL + 100).replies

    assert teller.hear(ask, 100.003, WALL + 100).replies  # lost
    assert teller.due <= 100.003 + HERE_SOON
    assert [one.counter for one in _heal(teller, hearer, 100.02)] == [9]


def test_a_gap_in_the_middle_and_everything_before_a_start_are_asked_for() -> None:
    teller, hearer = _exchange(), _exchange("ter_b")
    told = [_tell(teller, 100.0 + at / 100, counter=at) for at in range(200)]
    for at, data in enumerate(told):
        if at % 3:
            hearer.hear(data, 102.0, WALL + 102)
    late = _exchange("ter_c")

    assert sorted(one.counter for one in _heal(teller, hearer, 102.5)) == list(range(0, 200, 3))
    assert sorted(one.counter for one in _heal(teller, late, 103.0)) == list(range(200))


def test_what_a_reader_saw_that_is_gone_is_told_by_the_others() -> None:
    gone, witness, late = _exchange(), _exchange("ter_b"), _exchange("ter_c")
    witness.hear(_tell(gone, 100.0), 100.0, WALL + 100)

    [healed] = _heal(witness, late, 110.0)

    assert healed.counter == 9
    assert healed.age == 10_000


def test_a_release_that_came_first_is_not_undone_by_what_it_took_back() -> None:
    teller, hearer = _exchange(), _exchange("ter_b")
    seen = _tell(teller, 100.0)
    [released] = hearer.hear(_tell(teller, 101.0, 0, What.RELEASED), 101.0, WALL + 101).sightings

    assert released.what is What.RELEASED
    assert hearer.hear(seen, 101.1, WALL + 101).sightings == []
    [newer] = hearer.hear(_tell(teller, 102.0, 10), 102.0, WALL + 102).sightings
    assert newer.counter == 10


def test_what_is_not_the_venues_own_is_dropped_and_counted() -> None:
    teller, hearer, stranger = _exchange(), _exchange("ter_b"), _exchange(key=bytes(32))
    good = _tell(teller, 100.0)
    dropped: dict[bytes, Dropped] = {
        b"": Dropped.JUNK,
        b"junk": Dropped.JUNK,
        secrets.token_bytes(120): Dropped.JUNK,
        good + bytes(1400): Dropped.JUNK,
        good[:-1]: Dropped.FORGED,
        good[:40] + bytes([good[40] ^ 1]) + good[41:]: Dropped.FORGED,
        good[:31] + b"\xff" + good[32:]: Dropped.FORGED,  # another counter
        _tell(stranger, 100.0): Dropped.FORGED,
    }

    found = {data: hearer.hear(data, 100.0, WALL + 100).dropped for data in dropped}

    assert found == dropped
    assert hearer.counts == {"junk": 4, "forged": 4}
    assert hearer.hear(good, 100.0, WALL + 100).sightings, "none of them stood in its way"


def test_a_recording_is_nothing_to_a_reader_that_was_restarted() -> None:
    data = _tell(_exchange(), 100.0)

    late = _exchange("ter_b").hear(data, 3.0, WALL + 100 + CLOCKS_APART + 1)

    assert late.dropped is Dropped.STALE


@pytest.mark.parametrize("day", [timedelta(days=1), timedelta(days=-1)])
def test_a_reader_whose_clock_jumped_by_a_day_is_not_heard_until_it_is_right(
    day: timedelta,
) -> None:
    teller, hearer = _exchange(), _exchange("ter_b")
    [wrong] = teller.tell(What.SEEN, PHONE, 9, 2, (100.0, 100.0, WALL + day.total_seconds()))

    assert hearer.hear(wrong, 100.0, WALL).dropped is Dropped.STALE
    assert [one.counter for one in _heal(teller, hearer, 100.5)] == [9]


def test_an_authentic_datagram_of_nonsense_is_junk() -> None:
    sealer, hearer = Sealer(), _exchange("ter_b")
    sealer.use({5: KEY}, 5)
    unknown = b"\1" + bytes(20) + b"\7" + bytes(14)
    for body in (b"", b"\1abc", b"\2\0abc", b"\3abc", b"\x09", unknown):
        assert hearer.hear(sealer.seal(body, WALL), 1.0, WALL).dropped is Dropped.JUNK
    assert hearer.held() == 0


def test_keys_turn_by_the_week_without_a_gap() -> None:
    ahead, behind = Exchange("ter_a"), Exchange("ter_b")
    ahead.use({6: KEY, 7: bytes(32)}, 6)
    behind.use({5: bytes(31) + b"\1", 6: KEY}, 6)

    assert behind.hear(_tell(ahead, 1.0), 1.0, WALL).sightings
    ahead.use({6: KEY, 7: bytes(32)}, 7)
    assert behind.hear(_tell(ahead, 2.0), 2.0, WALL).dropped is Dropped.JUNK
    behind.use({6: KEY, 7: bytes(32)}, 7)
    assert [one.counter for one in _heal(ahead, behind, 2.5)] == [9]


def test_the_memory_is_bounded_whatever_comes() -> None:
    memory = Memory()

    def sighting(origin: int, number: int) -> Sighting:
        return Sighting(origin.to_bytes(16), number, What.SEEN, number, 1, 1, 1, 0)

    for origin in range(MOST_ORIGINS + 20):
        memory.take(sighting(origin, 1), 10.0)
    for number in range(MOST_SIGHTINGS * 2):
        memory.take(sighting(1, number), 10.0)

    assert len(memory) == MOST_ORIGINS - 1 + MOST_SIGHTINGS
    assert memory.turned_away == 20
    memory.forget(10.0 + LIFETIME)
    assert len(memory) == 0
    assert memory.spans(50.0) == []


@pytest.fixture
def readers(tmp_path: Path) -> Iterator[Readers]:
    with ExitStack() as stack:
        yield Readers(tmp_path, stack)


@pytest.mark.parametrize("way", [by_hosts, by_multicast], ids=["hosts", "multicast"])
def test_a_copy_at_the_next_reader_is_replayed(
    readers: Readers, way: Callable[[], tuple[PeerSettings, PeerSettings]]
) -> None:
    here, there = (readers.make(at, settings) for at, settings in enumerate(way(), start=1))
    until(here.met)
    code = readers.code()

    assert here.answer(code) == (True, None)
    until(there.remembers)

    copied = there.lane.present_code(code).answer
    assert copied.reason is Reason.REPLAYED
    assert copied.detail["lane"] == 1
    assert here.answer(code) == (True, None), "still before its own lane"


def test_without_sharing_the_copy_is_let_in_at_the_next_reader(readers: Readers) -> None:
    here, there = readers.make(1, None), readers.make(2, None)
    code = readers.code()

    assert here.answer(code) == (True, None)
    assert there.answer(code) == (True, None)


def test_a_copy_is_replayed_though_the_datagram_was_lost(readers: Readers) -> None:
    lossy: list[Lossy] = []

    def losing(network: Transport) -> Transport:
        lossy.append(Lossy(network))
        return lossy[0]

    ours, theirs = by_hosts()
    here, there = readers.make(1, ours, losing), readers.make(2, theirs)
    until(here.met)
    code = readers.code()
    lossy[0].losing = True

    assert here.answer(code) == (True, None)
    until(there.remembers)

    assert lossy[0].lost == 1
    assert there.answer(code) == (False, Reason.REPLAYED)


def test_an_entry_taken_back_at_one_reader_may_be_shown_at_the_next(readers: Readers) -> None:
    here, there = (readers.make(at, one) for at, one in enumerate(by_hosts(), start=1))
    until(here.met)
    code = readers.code()
    answer = here.lane.present_code(code)
    until(there.remembers)

    here.lane.take_back(secrets.token_hex(16), answer.answer_id, "7")
    until(lambda: not there.remembers())

    assert there.answer(code) == (True, None)


def test_a_flood_of_junk_neither_grows_nor_silences_a_reader(readers: Readers) -> None:
    ours, theirs = by_hosts()
    here, there = readers.make(1, ours), readers.make(2, theirs)
    until(here.met)
    assert there.sharing is not None
    with socket.socket(type=socket.SOCK_DGRAM) as flood:
        for size in range(3000):
            flood.sendto(secrets.token_bytes(40 + size % 900), ("127.0.0.1", theirs.port))

    assert here.answer(readers.code()) == (True, None)
    until(there.remembers)
    until(lambda: there.sharing is not None and there.sharing.state.counts.get("junk", 0) > 100)
    # What it says of itself is told from time to time.
    until(lambda: there.sharing is not None and there.sharing.state.held == 1)


def test_the_same_code_let_in_at_both_at_once_is_counted(readers: Readers) -> None:
    ours, theirs = by_hosts()
    here, there = readers.make(1, ours), readers.make(2, None)
    code = readers.code()

    assert here.answer(code) == (True, None)
    assert there.answer(code) == (True, None)
    readers.share(there, open_transport(theirs))
    there.gatekeeper.ledger.still_there((1, 1), 1, 2)

    until(lambda: there.sharing is not None and there.sharing.state.counts.get("both") == 1)
    until(lambda: here.remembers(2))


def test_a_reader_that_ends_says_goodbye_and_one_that_dies_falls_silent() -> None:
    staying, leaving = _exchange("ter_a"), _exchange("ter_b")
    for data in leaving.tick(1.0, WALL + 1):
        staying.hear(data, 1.0, WALL + 1)

    [peer] = staying.peers(2.0)
    assert (peer.terminal_id, peer.there) == ("ter_b", True)
    [silent] = staying.peers(10.0)
    assert not silent.there
    for data in leaving.bye(WALL + 10):
        staying.hear(data, 10.0, WALL + 10)
    assert staying.peers(10.0) == []


def test_a_standing_brings_the_venues_keys_whole_or_is_refused(city: City) -> None:
    trust = read_trust_list(city.trust_list().decode(), city.root.public, NOON)

    def read(text: str) -> dict[int, bytes]:
        standing = read_terminal_standing(text, trust, REGION, LIST_KEY_ID, NOON)
        assert KEY.hex() not in repr(standing)
        assert str(KEY) not in repr(standing)
        return dict(standing.venue_keys)

    assert read(city.terminal_standing(venue_keys={5: KEY}).decode()) == {5: KEY}
    assert read(city.terminal_standing().decode()) == {}
    usual = {"iat": 1, "exp": 4_000_000_000, "terminal": TERMINAL, "blocked": False}
    for wrong in (1, [[5]], [[5, "00"]], [[-1, KEY.hex()]], [["a", KEY.hex()]], [[5, 7]]):
        values: dict[str, Any] = {**usual, "venue_keys": wrong}
        with pytest.raises(Untrusted, match="malformed"):
            read(sign_statement(values, city.list_key, TYPE, {"kid": str(LIST_KEY_ID)}))


@pytest.mark.parametrize(
    "wrong",
    [
        'hosts = ["reader-2:8975"]',
        'hosts = ["192.168.7.12"]',
        'group = "192.168.7.12"',
        'interface = "eth0"',
        "port = 0",
        "key = 1",
    ],
)
def test_an_address_that_is_none_is_named(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "lanes.toml"
    lane = '[[lanes]]\nnumber = 1\ncard_reader = "A"\n'
    path.write_text(f"{lane}[peers]\n{wrong}\n")

    with pytest.raises(InvalidSettings):
        read_peers(path)
    path.write_text(lane)
    assert read_peers(path) == PeerSettings()


def _serve(folder: Path, backend: SmallBackend, key: SoftwareKey, peers: str) -> Service:
    folder.mkdir()
    made = Service(folder, backend)
    save_terminal(Terminal(key, backend.city.enrolment), folder / "terminal.json")
    backend.terminal = thumbprint(key.public)
    with (folder / "lanes.toml").open("a") as lanes:
        lanes.write(f"[peers]\n{peers}\n")
    return made


def test_two_processes_of_one_venue_share_what_they_saw(tmp_path: Path) -> None:
    now = SystemClock().now()
    key, port = SoftwareKey.generate(Algorithm.ED25519), ports(1)[0]
    peers = f'port = {port}\ninterface = "127.0.0.1"'
    with ExitStack() as stack:
        backend = stack.enter_context(SmallBackend(City(now=now)))
        standing = backend.city.terminal_standing(venue_keys={key_number(now): KEY})
        backend.documents["terminal-standing"] = standing
        services = [_serve(tmp_path / name, backend, key, peers) for name in ("a", "b")]
        processes = [stack.enter_context(one.start()) for one in services]
        for process in processes:
            stack.callback(process.kill)
        here, there = services
        for one in services:
            until(lambda one=one: _there(one) == 1, START_SECONDS)  # type: ignore[misc]
        code = backend.city.phone().code(SystemClock().now())
        picture = draw_frame(code, EASY, 2)

        save_frame(picture, here.spool / "one.png")
        until(lambda: _answers(here), START_SECONDS)
        save_frame(picture, there.spool / "copy.png")
        [copied] = until(lambda: _answers(there), START_SECONDS)

        assert [one["verdict"] for one in _answers(here)] == ["admit"]
        assert copied["reason"] == "replayed"
        assert not there.gate.exists()
        settings = Settings(data_dir=there.folder, port=there.port)
        [said] = check_peers(Patient(settings, (), None, SystemClock()))
        assert (said.level, said.text.en) == (Level.FINE, "1 other readers of the venue are heard.")
        for process in processes:
            process.send_signal(signal.SIGTERM)
        logs = [process.communicate(timeout=20)[1] for process in processes]
    assert not any("Traceback" in log or KEY.hex() in log for log in logs)


def _there(service: Service) -> int | None:
    state = service.state()
    return state["peers"]["there"] if state and state["peers"] else None


def _answers(service: Service) -> list[dict[str, Any]]:
    state = service.state()
    return list(state["lanes"][0]["answers"]) if state else []
