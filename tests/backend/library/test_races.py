"""The last copy and the next in the queue, wanted by many at once; and what guards are for."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from backend.app import House
from backend.foundation.access import OPERATOR
from backend.foundation.idempotency import Act, Answer, Once
from backend.foundation.keys import Keys
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.library import copies, lending, returning
from backend.library import holds as placing
from backend.library.documents import LibraryCopy, LibraryHold, LibraryLoan
from backend.library.network import Copy
from backend.library.rules import HoldState
from backend.settings import Settings
from backend.wiring import make_services
from tests.backend.actors import new_key
from tests.backend.library.reading_room import CITY, ReadingRoom, code
from tests.support.soak import SOAK

READERS = 40 if SOAK else 6
ROUNDS = 20 if SOAK else 1


@pytest.fixture
async def servers(room: ReadingRoom, settings: Settings, keys: Keys) -> Sequence[ReadingRoom]:
    store = room.house.store
    services = await make_services(settings, store, keys, room.clock, {})
    return room, ReadingRoom(House(store, services), room.clock, room.people)


@pytest.fixture
def without_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let acts run without the transaction that would order them: the guards stand alone."""

    async def perform(self: Once, *, act: Act, **_: Any) -> Answer | Refusal:
        async with self._store.client.start_session() as session:
            return await act(session)

    monkeypatch.setattr(Once, "perform", perform)


async def _readers(room: ReadingRoom) -> list[str]:
    names = [f"r{n}" for n in range(READERS)]
    for who in names:
        await room.person(who)
        await room.account(who)
    return names


@pytest.mark.feature("S57")
async def test_of_many_who_want_the_last_copy_one_gets_it(servers: Sequence[ReadingRoom]) -> None:
    names = await _readers(servers[0])
    answers = await asyncio.gather(
        *(servers[n % 2].lend(who, "GZ0001") for n, who in enumerate(names))
    )
    assert Counter(map(code, answers)) == {"LoanView": 1, "library_copy_on_loan": READERS - 1}
    await servers[0].agree()


@pytest.mark.usefixtures("without_transactions")
@pytest.mark.parametrize("guarded", [True, False])
async def test_the_copy_is_kept_by_the_write_and_by_nothing_else(
    room: ReadingRoom, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(copies, "copy_guard", lambda copy: {"_id": copy["_id"]})
    names = await _readers(room)
    await asyncio.gather(*(room.lend(who, "GZ0001") for who in names))
    out = await LibraryLoan.find({"copy_id": "GZ0001", "state": "OPEN"}).count()
    assert out == 1 if guarded else out > 1


async def test_one_reader_at_many_desks_keeps_to_the_limit(servers: Sequence[ReadingRoom]) -> None:
    more = [Copy(f"GZ9{n:03}", "t_soil", CITY, 100) for n in range(6)]
    assert await servers[0].network.put(OPERATOR, copies=more) is None
    await servers[0].person("a")
    answers = await asyncio.gather(
        *(servers[n % 2].lend("a", one.barcode) for n, one in enumerate(more))
    )
    assert Counter(map(code, answers)) == {"LoanView": 2, "library_too_many": 4}
    await servers[0].agree()


@pytest.mark.usefixtures("without_transactions")
@pytest.mark.parametrize("guarded", [True, False])
async def test_the_limit_is_kept_by_the_write_and_by_nothing_else(
    room: ReadingRoom, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(lending, "limit_guard", lambda patron, _: {"_id": patron["_id"]})
    more = [Copy(f"GZ9{n:03}", "t_soil", CITY, 100) for n in range(6)]
    assert await room.network.put(OPERATOR, copies=more) is None
    await room.person("a")
    await asyncio.gather(*(room.lend("a", one.barcode) for one in more))
    out = await LibraryLoan.find({"state": "OPEN"}).count()
    assert out == 2 if guarded else out > 2


@pytest.mark.feature("S57")
async def test_copies_that_come_back_at_once_go_to_those_who_waited_longest(
    servers: Sequence[ReadingRoom],
) -> None:
    room = servers[0]
    for turn in range(ROUNDS):
        waiting = [f"w{turn}.{n}" for n in range(3)]
        await room.lent("a", "GZ0002")
        await room.lent("b", "GZ0003")
        holds = [await room.held(who, "t_west") for who in waiting]
        await asyncio.gather(servers[0].given_back("GZ0002"), servers[1].given_back("GZ0003"))
        assert [await _state(hold.hold_id) for hold in holds] == ["READY", "READY", "WAITING"]
        # The reader who waits and the copy that is let go meet, whoever is first.
        await asyncio.gather(
            servers[0].cancel(waiting[0], holds[0]), servers[1].cancel(waiting[1], holds[1])
        )
        assert await _state(holds[2].hold_id) == "READY"
        await servers[0].cancel(waiting[2], holds[2])
        await room.agree()


@pytest.mark.usefixtures("without_transactions")
@pytest.mark.parametrize("guarded", [True, False])
async def test_one_hold_has_one_copy_by_its_write_and_by_nothing_else(
    servers: Sequence[ReadingRoom], guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(copies, "hold_guard", lambda hold: {"_id": hold["_id"]})
    monkeypatch.setattr(copies, "_first_waiting", _late(copies._first_waiting))
    room = servers[0]
    await room.lent("a", "GZ0002")
    await room.lent("b", "GZ0003")
    hold = await room.held("w", "t_west")
    # Two servers: in one, a title's copies come back one after another.
    await asyncio.gather(room.give_back("GZ0002"), servers[1].give_back("GZ0003"))
    kept = await LibraryCopy.find({"hold": hold.hold_id}).count()
    assert kept == (1 if guarded else 2)


@pytest.mark.parametrize("locked", [True, False])
async def test_a_hold_placed_while_the_last_copy_comes_back_is_not_forgotten(
    servers: Sequence[ReadingRoom], locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sees the world before the other: without the lock the hold waits for ever."""
    if not locked:

        async def lock_title(
            title: str, session: Session, *, place: bool = False
        ) -> Mapping[str, Any]:
            del session
            return {"_id": title, "place": int(place)}

        for module in (placing, returning):
            monkeypatch.setattr(module, "lock_title", lock_title)
    monkeypatch.setattr(placing, "lendable", _late(placing.lendable))
    await servers[0].lent("a", "GZ0001")
    await servers[0].person("w")
    hold, _ = await asyncio.gather(servers[0].held("w", "t_dream"), servers[1].given_back("GZ0001"))
    assert (await _state(hold.hold_id) == HoldState.WAITING) is not locked


async def test_a_request_sent_many_times_at_once_is_one_loan(
    servers: Sequence[ReadingRoom],
) -> None:
    await servers[0].person("a")
    key = new_key()
    answers = await asyncio.gather(
        *(servers[n % 2].lend("a", "GZ0001", key=key) for n in range(READERS))
    )
    assert {code(one) for one in answers} == {"LoanView"}
    assert await LibraryLoan.find_all().count() == 1


def _late(found: Any) -> Any:
    async def late(*given: Any) -> Any:
        hold = await found(*given)
        await asyncio.sleep(0.05)
        return hold

    return late


async def _state(hold_id: str) -> str:
    found = await LibraryHold.get_pymongo_collection().find_one({"_id": hold_id})
    assert found is not None
    return str(found["state"])


async def test_copies_of_one_title_are_lent_side_by_side_and_the_queue_keeps_them_apart(
    servers: Sequence[ReadingRoom], monkeypatch: pytest.MonkeyPatch
) -> None:
    room, names = servers[0], await _readers(servers[0])
    more = [Copy(f"GZ8{n:03}", "t_soil", CITY, 100) for n in range(READERS)]
    assert await room.network.put(OPERATOR, copies=more) is None
    locked = list[str]()

    async def counted(title: str, session: Session, *, place: bool = False) -> Mapping[str, Any]:
        locked.append(title)
        found = await copies.lock_title(title, session, place=place)
        assert found is not None
        return found

    monkeypatch.setattr(lending, "lock_title", counted)
    answers = await asyncio.gather(
        *(servers[n % 2].lend(who, more[n].barcode) for n, who in enumerate(names))
    )
    assert Counter(map(code, answers)) == {"LoanView": READERS}
    assert locked == []
    await room.agree()


async def test_a_hold_and_a_loan_that_want_one_copy_at_once_never_both_have_it(
    servers: Sequence[ReadingRoom],
) -> None:
    await servers[1].person("w")
    await servers[0].person("a")
    held, lent = await asyncio.gather(
        servers[1].held("w", "t_dream"), servers[0].lend("a", "GZ0001")
    )
    state = await _state(held.hold_id)
    assert (code(lent), state) in {
        ("LoanView", HoldState.WAITING),
        ("library_copy_reserved", HoldState.READY),
    }
    await servers[0].agree()
