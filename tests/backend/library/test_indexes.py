"""No question of the library network reads a whole collection, and none sorts in memory."""

from typing import Any

from backend.app import House
from backend.foundation.access import OPERATOR
from backend.foundation.audit import in_one_write
from backend.foundation.mongo import Session
from backend.library.account import ReaderAccounts
from backend.library.leaving import LibraryLeaving
from backend.library.rules import LendingPolicy
from tests.backend.bookings.test_indexes import EXPLAINED, parts, stages
from tests.backend.library.machine import connected, registered, served
from tests.backend.library.reading_room import CITY, COUNTY, DAY, STAFF, ReadingRoom

Sent = list[tuple[str, dict[str, Any]]]


async def _story(room: ReadingRoom) -> None:
    await room.network.search("西游记", 1, None)
    await room.network.search("红楼", 1, "t_a")
    loan = await room.lent("a", "GZ0001")
    await room.renew("a", loan)
    for who in ("b", "c"):
        await room.held(who, "t_dream")
    await room.held("c", "t_soil")
    room.clock.advance(62 * DAY)
    await room.given_back("GZ0001", COUNTY)
    await room.given_back("GZ0001", CITY)
    room.clock.advance(6 * DAY)
    await room.sweep()
    await room.pay("a", 5)
    await room.account("a")
    await room.house.services[ReaderAccounts].for_staff(STAFF, room.shown("c"))
    await room.lent("c", "GZ0001")
    await room.lent("b", "GZ0002")
    room.clock.advance(20 * DAY)
    await room.network.leave(OPERATOR, COUNTY)
    await room.sweep()
    secret = await registered(room, "desk-1")
    async with served(room) as port:
        machine = await connected(port)
        assert (await machine.sign_in("desk-1", secret)).ok == "1"
        assert await machine.raw(b"9900802.00\r")

    async def leave(session: Session) -> None:
        for who in ("a", "c"):
            await LibraryLeaving().close_account(room.people[who], room.clock.now(), session)
        await LibraryLeaving().erase(room.people["c"], room.clock.now(), session)

    await in_one_write(leave)


async def test_every_query_has_its_index(room: ReadingRoom, house: House, sent: Sent) -> None:
    await _story(room)
    asked: set[str] = set()
    for name, command in [one for one in sent if one[0] in EXPLAINED]:
        collection = command[name]
        if not str(collection).startswith(("library_", "libraries", "sip2_")):
            continue
        asked.add(f"{collection} {name}")
        for part in parts(name, command):
            plan = await house.store.database.command(
                {"explain": part, "verbosity": "queryPlanner"}
            )
            assert not {"COLLSCAN", "SORT"} & stages(plan), part
    assert {
        "libraries find",
        "libraries update",
        "library_titles find",
        "library_titles findAndModify",
        "library_copies find",
        "library_copies update",
        "library_patrons find",
        "library_patrons update",
        "library_patrons delete",
        "library_loans find",
        "library_loans update",
        "library_holds find",
        "library_holds update",
        "library_holds aggregate",
        "library_fines find",
        "library_fines update",
        "sip2_terminals find",
    } <= asked


async def test_what_is_read_of_a_copy_in_hand_has_its_indexes(
    room: ReadingRoom, house: House, sent: Sent
) -> None:
    assert await room.network.set_policy(OPERATOR, LendingPolicy()) is None
    await room.lent("a", "GZ0002")
    await room.held("b", "t_west")
    await room.lent("c", "GZ0001")
    await room.given_back("GZ0001")
    sent.clear()
    await room.lent("c", "GZ0001")
    await room.given_back("GZ0002")

    asked = [command for name, command in sent if name == "aggregate"]
    lend, give_back = [one for one in asked if one["aggregate"] == "library_copies"]
    reader, queue = ["resident_id_1"], ["title_1_state_1_place_1"]
    by_id = ["_id_"]
    for command, used in (
        (lend, [by_id, reader, by_id, by_id, by_id]),
        (give_back, [by_id, reader, by_id, by_id, by_id, queue]),
    ):
        [plain] = parts("aggregate", command)
        told = await house.store.database.command({"explain": plain, "verbosity": "executionStats"})
        joins = [stage for stage in told["stages"] if "$lookup" in stage]
        assert [join["indexesUsed"] for join in joins] == used
        assert sum(int(join["collectionScans"]) for join in joins) == 0


async def test_a_lending_takes_seven_round_trips_and_a_return_nine(
    room: ReadingRoom, sent: Sent
) -> None:
    """Each costs as much as the rule itself: what can be read or written together is."""
    await room.lent("a", "GZ0001")
    await room.given_back("GZ0001")
    sent.clear()
    await room.lent("a", "GZ0001")
    lent = [name for name, _ in sent]
    sent.clear()
    await room.given_back("GZ0001")

    writes = ["update", "update", "insert", "insert", "commitTransaction"]
    assert lent == ["insert", "aggregate", *writes]
    writes = ["findAndModify", "update", "update", "insert", "update", "commitTransaction"]
    assert [name for name, _ in sent] == ["find", "insert", "aggregate", *writes]
