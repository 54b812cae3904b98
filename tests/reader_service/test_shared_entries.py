"""Anti-passback 反潜回 over the readers of one venue: entries and exits are everybody's at once."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reader_service.lane.entries import Entries
from reader_service.passed import Passed, Way
from reader_service.peers.datagrams import MOST_BYTES
from reader_service.peers.exchange import HERE_SOON, Exchange
from reader_service.peers.passages import HOURS, PassageMemory, pack, unpack
from reader_service.peers.transport import Transport, open_transport
from shared.admission.answer import Verdict
from shared.admission.condition import Condition
from shared.admission.time_conditions import NotInside, Passback, SinceLastEntry
from shared.ecode.reasons import Reason
from shared.wire.scans import Direction
from tests.reader_service.city import OPEN_RULES, Phone
from tests.reader_service.venue_readers import KEY, Cut, Reader, Readers, by_hosts
from tests.reader_service.waiting import until

WALL = 1_800_000_000.0
HARD = NotInside(Passback.HARD)


def _exchange(name: str) -> Exchange:
    made = Exchange(name)
    made.use({5: KEY}, 5)
    return made


def _passed(seconds: float = WALL, way: Way = Way.IN, holder: str = "360700:7") -> Passed:
    return Passed(secrets.token_hex(16), holder, way, int(seconds * 1000), 0)


def _talk(one: Exchange, other: Exchange, now: float) -> list[Passed]:
    """Let both compare once and answer each other; return what `other` learnt."""
    learnt, speaker, hearer = list[Passed](), one, other
    said = one.tick(now, WALL + now)
    while said:
        heard = [hearer.hear(data, now, WALL + now) for data in said]
        if hearer is other:
            learnt += [passed for part in heard for passed in part.passed]
        said = [data for part in heard for data in part.replies]
        assert all(len(data) <= MOST_BYTES for data in said)
        speaker, hearer = hearer, speaker
    return learnt


def test_what_is_told_is_read_as_it_was_and_junk_is_nothing() -> None:
    card = Passed("0123456789abcdef" * 2, "fedcba9876543210" * 2, Way.OUT, 1_800_000_000_123, 9)
    code = replace(card, holder="360700:4294967295", way=Way.TAKEN_BACK)

    assert unpack(pack(card) + pack(code)) == [card, code]
    for wrong in (pack(card)[:-1], pack(card)[:16] + b"\7" + pack(card)[17:]):
        with pytest.raises(ValueError, match=r"cut|not a valid"):
            unpack(wrong)


def test_an_entry_whose_datagram_is_lost_is_known_after_the_next_comparison() -> None:
    teller, hearer = _exchange("ter_a"), _exchange("ter_b")
    entry = _passed(WALL + 100)
    assert teller.tell_passed(entry, 100.0, WALL + 100), "lost"

    assert teller.due <= 100.0 + HERE_SOON
    assert [one.scan_id for one in _talk(teller, hearer, 100.0 + HERE_SOON)] == [entry.scan_id]
    assert _talk(teller, hearer, 101.0) == []


def test_two_that_were_cut_off_hold_the_same_after_they_meet_again() -> None:
    """Thousands at each side, some at both: a whole day heals without being told twice."""
    here, there = _exchange("ter_a"), _exchange("ter_b")
    both = [_passed(WALL - 60 * at) for at in range(200)]
    for side in (here, there):
        own = [_passed(WALL - 20 * at - 7, Way.OUT) for at in range(1500)]
        for one in (*both, *own):
            side.tell_passed(one, 0.0, WALL)

    rounds, learnt = 0, 0
    while here.passages.memory.hours(WALL) != there.passages.memory.hours(WALL):
        learnt += len(_talk(here, there, rounds * 0.02)) + len(_talk(there, here, rounds * 0.02))
        rounds += 1
        assert rounds < 60

    assert len(here.passages.memory) == 200 + 2 * 1500
    assert learnt == 2 * 1500


def test_a_reader_that_was_restarted_learns_the_day_from_whoever_holds_it() -> None:
    gone, witness, late = (_exchange(f"ter_{name}") for name in "abc")
    entry = _passed(WALL)
    for data in gone.tell_passed(entry, 0.0, WALL):
        witness.hear(data, 0.0, WALL)

    [healed] = _talk(witness, late, 3600.0)

    assert healed == replace(entry, age=3_600_000)


def test_the_memory_is_bounded_in_time_and_number() -> None:
    memory = PassageMemory(most=50)

    assert not memory.take(_passed(WALL - (HOURS + 1) * 3600), 0.0, WALL)
    assert not memory.take(_passed(WALL + 120), 0.0, WALL), "of a clock that is wrong"
    taken = [memory.take(_passed(WALL - 3600 * (at % 3)), 0.0, WALL) for at in range(120)]
    assert len(memory) <= 50
    assert taken.count(True) >= 50, "the oldest hours went for the newer"
    memory.forget(WALL + (HOURS + 2) * 3600)
    assert len(memory) == 0


def test_what_is_taken_back_stays_so_in_whatever_order_it_is_told() -> None:
    at = datetime.fromtimestamp(WALL, UTC)
    entry = _passed(at.timestamp())
    taken = replace(entry, way=Way.TAKEN_BACK)
    for order in ((entry, taken), (taken, entry), (taken, entry, entry, taken)):
        entries = Entries()
        for one in order:
            entries.take(one, at)
        assert entries.of(entry.holder, at).last is None
        assert [one.way for one, _ in entries.passages()] == [Way.TAKEN_BACK]


@pytest.fixture
def readers(tmp_path: Path) -> Iterator[Readers]:
    with ExitStack() as stack:
        yield Readers(tmp_path, stack)


def _venue(readers: Readers, condition: Condition) -> tuple[Reader, Reader, list[Cut]]:
    """An entrance and a reader for both ways, which have met."""
    readers.rules = replace(OPEN_RULES, conditions=(condition,))
    cuts = list[Cut]()

    def cut(network: Transport) -> Transport:
        cuts.append(Cut(network))
        return cuts[-1]

    ours, theirs = by_hosts()
    here = readers.make(1, ours, cut)
    there = readers.make(2, theirs, cut, "both")
    until(lambda: here.met() and there.met() and here.gatekeeper.ledger.exits_known)
    return here, there, cuts


def _shown(readers: Readers, reader: Reader, phone: Phone) -> tuple[Verdict, Reason | None]:
    readers.clock.skip(6)
    answer = reader.lane.present_code(phone.code(readers.clock.now())).answer
    return answer.verdict, answer.reason


def _known(readers: Readers, reader: Reader, phone: Phone, *, inside: bool) -> None:
    claims, entries = phone.certificate.claims, reader.gatekeeper.ledger.entries
    name = f"{claims.region}:{claims.card_index}"
    until(lambda: entries.of(name, readers.clock.now()).inside is inside)


ADMITTED = (Verdict.ADMIT, None)
INSIDE = (Verdict.REFUSE, Reason.ALREADY_INSIDE)


def test_hard_who_came_in_at_one_gate_is_inside_for_the_next_until_they_go_out(
    readers: Readers,
) -> None:
    here, there, _ = _venue(readers, HARD)
    phone, other = readers.city.phone(), readers.city.phone()

    assert _shown(readers, here, phone) == ADMITTED
    _known(readers, there, phone, inside=True)
    assert _shown(readers, there, phone) == INSIDE
    assert _shown(readers, there, other) == ADMITTED
    there.lane.turn(Direction.OUT)
    assert _shown(readers, there, phone)[0] is Verdict.ADMIT
    _known(readers, here, phone, inside=False)
    assert _shown(readers, here, phone) == ADMITTED


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (NotInside(Passback.SOFT), (Verdict.LOOK, Reason.ALREADY_INSIDE)),
        (SinceLastEntry(30), (Verdict.REFUSE, Reason.TOO_SOON)),
    ],
    ids=["soft", "timed"],
)
def test_soft_and_timed_hold_over_the_gates(
    readers: Readers, condition: Condition, said: tuple[Verdict, Reason]
) -> None:
    here, there, _ = _venue(readers, condition)
    phone = readers.city.phone()

    assert _shown(readers, here, phone) == ADMITTED
    _known(readers, there, phone, inside=True)

    assert _shown(readers, there, phone) == said


def test_an_entry_that_was_taken_back_at_one_gate_keeps_nobody_out_at_the_next(
    readers: Readers,
) -> None:
    here, there, _ = _venue(readers, HARD)
    phone = readers.city.phone()
    readers.clock.skip(6)
    entry = here.lane.present_code(phone.code(readers.clock.now()))
    _known(readers, there, phone, inside=True)

    here.lane.take_back(secrets.token_hex(16), entry.answer_id, "gate")
    _known(readers, there, phone, inside=False)

    assert _shown(readers, there, phone) == ADMITTED


def test_cut_off_both_let_in_and_once_they_meet_again_both_know(readers: Readers) -> None:
    here, there, cuts = _venue(readers, HARD)
    phone, late = readers.city.phone(), readers.city.phone()
    for cut in cuts:
        cut.cut = True

    assert _shown(readers, here, phone) == ADMITTED
    assert _shown(readers, there, phone) == ADMITTED, "nothing told it otherwise"
    assert _shown(readers, there, late) == ADMITTED
    for cut in cuts:
        cut.cut = False
    _known(readers, here, late, inside=True)

    assert _shown(readers, here, late) == INSIDE
    assert _shown(readers, here, phone) == INSIDE


def test_a_reader_that_starts_late_or_again_knows_who_is_inside(readers: Readers) -> None:
    here, there, _ = _venue(readers, HARD)
    early, before = readers.city.phone(), readers.city.phone()
    assert _shown(readers, here, early) == ADMITTED
    assert _shown(readers, there, before) == ADMITTED
    _known(readers, there, early, inside=True)
    assert there.sharing is not None
    there.sharing.close()

    again = readers.make(2, None, direction="both")
    readers.share(again, open_transport(readers.settings[2]))
    _known(readers, again, early, inside=True)

    assert _shown(readers, again, early) == INSIDE
    assert _shown(readers, again, before) == INSIDE, "by its own journal"


def test_where_nobody_counts_exits_nobody_is_held_to_be_inside(readers: Readers) -> None:
    readers.rules = replace(OPEN_RULES, conditions=(HARD,))
    here, there = (readers.make(at, one) for at, one in enumerate(by_hosts(), start=1))
    until(lambda: here.met() and there.met())
    phone = readers.city.phone()

    assert _shown(readers, here, phone) == ADMITTED
    _known(readers, there, phone, inside=True)

    assert _shown(readers, there, phone) == ADMITTED
