"""Borrowing, returning, renewing, waiting, paying and losing, in one network of libraries."""

import pytest

from backend.cards.service import Cards
from backend.foundation.access import OPERATOR
from backend.foundation.audit import AuditRow
from backend.foundation.refusals import Refusal
from backend.library.account import ReaderAccounts
from backend.library.documents import LibraryHold, LibraryLoan
from backend.library.fines import Fines
from backend.library.loans import LoanView
from backend.library.patrons import Patrons
from backend.library.returning import Returning
from backend.library.rules import CopyState, HoldState, LoanState, last_day
from shared.admission.rules import decide
from shared.identity.age import local_day
from tests.backend.actors import id_number, new_key
from tests.backend.library.reading_room import (
    CITY,
    COUNTY,
    DAY,
    STAFF,
    ReadingRoom,
    code,
)
from tests.vectors.admission import cases


@pytest.mark.feature("S57")
async def test_a_book_goes_out_for_thirty_days_is_renewed_once_and_comes_back(
    room: ReadingRoom,
) -> None:
    loan = await room.lent("a", "GZ0001")
    assert (last_day(loan.due_at) - local_day(room.clock.now())).days == 30
    assert code(await room.lend("b", "GZ0001")) == "library_copy_on_loan"
    assert code(await room.lend("a", "GZ0001")) == "library_copy_yours"
    assert code(await room.renew("b", loan)) == "library_loan_unknown"
    renewed = await room.renew("a", loan)
    assert isinstance(renewed, LoanView)
    assert (last_day(renewed.due_at) - last_day(loan.due_at)).days == 30
    assert code(await room.renew("a", loan)) == "library_renewed_out"
    back = await room.given_back("GZ0001")
    assert (back.state, back.fen) == (CopyState.AVAILABLE, 0)
    assert code(await room.renew("a", loan)) == "library_loan_over"
    await room.agree()


@pytest.mark.feature("S57")
async def test_two_books_without_a_deposit_and_more_with_one(room: ReadingRoom) -> None:
    await room.lent("a", "GZ0001")
    await room.lent("a", "GZ0002")
    assert code(await room.lend("a", "GZ0005")) == "library_too_many"

    fines = room.house.services[Fines]
    whose = await room.person("a")
    assert await fines.put_deposit(room.at(), new_key(), whose, 10_000, "D-1") == 10_000
    await room.lent("a", "GZ0005")
    assert (await room.account("a")).limit == 5


@pytest.mark.feature("S57")
async def test_overdue_blocks_and_the_return_itself_unblocks(room: ReadingRoom) -> None:
    await room.lent("a", "GZ0001")
    room.clock.advance(31 * DAY)
    assert code(await room.lend("a", "GZ0002")) == "library_overdue"
    assert code(await room.hold("a", "t_soil")) == "library_overdue"
    account = await room.account("a")
    assert account.blocked is not None
    assert account.blocked.code == "library_overdue"
    back = await room.given_back("GZ0001")
    assert back.fen == 10
    account = await room.account("a")
    assert (account.blocked, account.facts.owed_fen) == (None, 10)
    await room.lent("a", "GZ0002")
    assert code(await room.pay("a", 11)) == "library_amount"
    key = new_key()
    assert await room.pay("a", 10, key=key) == 0
    assert await room.pay("a", 10, key=key) == 0
    assert (await room.account("a")).facts.owed_fen == 0


@pytest.mark.feature("S57")
async def test_who_waited_longest_gets_the_book_and_nobody_renews_past_them(
    room: ReadingRoom,
) -> None:
    loan = await room.lent("a", "GZ0001")
    first, second = await room.held("b", "t_dream"), await room.held("c", "t_dream", COUNTY)
    assert (first.state, first.ahead, second.ahead) == (HoldState.WAITING, 0, 1)
    assert code(await room.hold("b", "t_dream")) == "library_held_already"
    assert code(await room.hold("a", "t_dream")) == "library_held_already"
    assert code(await room.renew("a", loan)) == "library_wanted"
    back = await room.given_back("GZ0001")
    assert back.state is CopyState.ON_SHELF
    [ready] = (await room.account("b")).holds
    assert (ready.state, ready.copy_id) == (HoldState.READY, "GZ0001")
    assert code(await room.lend("c", "GZ0001")) == "library_copy_reserved"
    # Nobody comes for it: it travels to the next, who gets it and nobody else.
    room.clock.advance(5 * DAY)
    assert await room.sweep() >= 1
    assert (await room.account("b")).holds == ()
    assert (await room.copy("GZ0001"))["to"] == COUNTY
    arrived = await room.given_back("GZ0001", COUNTY)
    assert arrived.state is CopyState.ON_SHELF
    await room.lent("c", "GZ0001", COUNTY)
    assert (await room.account("c")).holds == ()
    await room.agree()


async def test_a_hold_keeps_a_copy_from_the_shelves_and_lets_it_go(room: ReadingRoom) -> None:
    hold = await room.held("a", "t_west", COUNTY)
    assert hold.state is HoldState.ASSIGNED
    assert (await room.copy("GZ0003"))["state"] == "REQUESTED"
    assert code(await room.lend("b", "GZ0003", COUNTY)) == "library_copy_reserved"
    ended = await room.cancel("a", hold)
    assert not isinstance(ended, Refusal)
    assert code(await room.cancel("a", hold)) == "library_hold_over"
    assert (await room.copy("GZ0003"))["state"] == "AVAILABLE"
    # Their own hold ends when they take another copy, and the kept one is free again.
    await room.held("a", "t_west", COUNTY)
    await room.lent("a", "GZ0002")
    assert (await room.copy("GZ0003"))["state"] == "AVAILABLE"
    await room.agree()


@pytest.mark.feature("S58")
async def test_lent_in_one_library_returned_in_another_it_travels_home(room: ReadingRoom) -> None:
    await room.lent("a", "GZ0001", CITY)
    back = await room.given_back("GZ0001", COUNTY)
    assert (back.state, back.to, back.home) == (CopyState.IN_TRANSIT, CITY, CITY)
    assert (await room.account("a")).loans == ()
    home = await room.given_back("GZ0001", CITY)
    assert (home.state, home.loan) == (CopyState.AVAILABLE, None)


@pytest.mark.feature("S58")
async def test_a_library_leaves_with_open_loans_and_members_still_take_them_back(
    room: ReadingRoom,
) -> None:
    await room.lent("a", "GZ0004", COUNTY)  # the leaver's own, lent there
    await room.lent("b", "GZ0001", COUNTY)  # a member's, lent there
    hopeless = await room.held("c", "t_soil", CITY)
    going = await room.held("c", "t_dream", COUNTY)
    assert await room.network.leave(OPERATOR, COUNTY) is None
    assert code(await room.network.leave(OPERATOR, COUNTY)) == "library_unknown"
    await room.sweep()
    holds = LibraryHold.get_pymongo_collection()
    for hold in (hopeless, going):
        row = await holds.find_one({"_id": hold.hold_id})
        assert row is not None
        assert (row["state"], row["why"]) == ("CANCELLED", "library_left")
    assert code(await room.lend("c", "GZ0003", CITY)) == "library_copy_not_lent"
    assert code(await room.lend("c", "GZ0005", COUNTY)) == "library_unknown"
    assert code(await room.give_back("GZ0001", COUNTY)) == "library_left_network"
    assert len((await room.account("a")).loans) == 1
    back = await room.given_back("GZ0004", CITY)
    assert (back.state, back.to) == (CopyState.IN_TRANSIT, COUNTY)
    assert (await room.given_back("GZ0004", COUNTY)).state is CopyState.WITHDRAWN
    assert (await room.given_back("GZ0001", CITY)).state is CopyState.AVAILABLE
    await room.agree()


@pytest.mark.feature("S57")
async def test_a_lost_book_is_owed_and_what_is_unpaid_ends_when_it_is_found(
    room: ReadingRoom,
) -> None:
    loan = await room.lent("a", "GZ0001")
    service, key = room.house.services[Returning], new_key()
    for _ in range(2):
        lost = await service.lose(STAFF, key, loan.loan_id)
        assert isinstance(lost, LoanView)
        assert lost.state is LoanState.LOST
    assert code(await service.lose(STAFF, new_key(), loan.loan_id)) == "library_loan_over"
    account = await room.account("a")
    assert (account.facts.owed_fen, account.facts.open_loans) == (6_000, 0)
    assert code(await room.lend("a", "GZ0002")) == "library_owes"
    assert await room.pay("a", 1_500) == 4_500
    assert (await room.given_back("GZ0001")).state is CopyState.AVAILABLE
    assert (await room.account("a")).facts.owed_fen == 0
    await room.lent("a", "GZ0002")


async def test_what_was_read_is_forgotten_unless_the_reader_keeps_it(room: ReadingRoom) -> None:
    accounts = room.house.services[ReaderAccounts]
    keeper = await room.person("keeper")
    assert await accounts.keep_history(await room.acting("keeper"), new_key(), keeper, keep=True)
    for who, barcode in (("a", "GZ0001"), ("keeper", "GZ0002")):
        await room.lent(who, barcode)
        await room.given_back(barcode)
    assert len((await room.account("a")).history) == 1
    room.clock.advance(14 * DAY)
    await room.sweep()
    assert (await room.account("a")).history == ()
    loans = LibraryLoan.get_pymongo_collection()
    assert {row["resident_id"] async for row in loans.find({})} == {"", keeper}
    [kept] = (await room.account("keeper")).history
    assert kept.copy_id == "GZ0002"
    assert not await accounts.keep_history(
        await room.acting("keeper"), new_key(), keeper, keep=False
    )
    assert (await room.account("keeper")).history == ()


async def test_a_librarians_look_at_a_reader_stands_among_the_uses_of_their_data(
    room: ReadingRoom,
) -> None:
    await room.lent("a", "GZ0001")
    accounts = room.house.services[ReaderAccounts]
    seen = await accounts.for_staff(STAFF, room.shown("a"))
    assert not isinstance(seen, Refusal)
    assert [loan.copy_id for loan in seen.loans] == ["GZ0001"]
    [row] = await AuditRow.find({"action": "library.read"}).to_list()
    assert (row.subject, row.disclosed, row.actor["id"]) == (room.people["a"], True, "stf_library")
    rows = await AuditRow.find({"subject": room.people["a"]}).to_list()
    assert not any("红楼梦" in str(one) or "GZ0001" in str(one) for one in rows)


@pytest.mark.feature("S55")
async def test_a_card_of_another_region_opens_the_door_and_not_the_shelves(
    room: ReadingRoom,
) -> None:
    [enters] = [one for one in cases() if one.name == "foreign-card-enters"]
    assert decide(enters.evidence, enters.around, enters.rules).admits
    patrons = room.house.services[Patrons]
    whose = await room.person("a")
    assert await patrons.shown(room.shown("a"), checks_codes=False) == whose
    foreign = "440100D15600000520260001FFFFFFFF"
    assert code(await patrons.shown(foreign, checks_codes=False)) == "library_card_foreign"
    unknown = "360700D15600000520260999FFFFFFFF"
    for text in (unknown, id_number(sequence="901"), "", "E1", "9" * 400, "钟小明"):
        found = await patrons.shown(text, checks_codes=True)
        assert code(found) == "library_patron_unknown", text


async def test_a_reader_is_found_by_number_chip_or_checked_code(room: ReadingRoom) -> None:

    await room.lent("a", "GZ0001")
    whose, patrons = room.people["a"], room.house.services[Patrons]
    number = (await room.account("a")).number
    assert number is not None
    index = (await room.house.services[Cards].indexes([whose]))[whose]
    assert await patrons.shown(number, checks_codes=False) == whose
    assert await patrons.shown(f"E{index}", checks_codes=True) == whose
    assert code(await patrons.shown(f"E{index}", checks_codes=False)) == "library_patron_unknown"


async def test_the_catalogue_is_found_by_hanzi_and_words(room: ReadingRoom) -> None:
    async def found(text: str) -> list[str]:
        return [one.title.code for one in (await room.network.search(text, 10, None)).rows]

    assert await found("红楼") == ["t_dream"]
    assert await found("乡土中国 费孝通") == ["t_soil"]
    assert await found("python NUTSHELL") == ["t_python"]
    assert await found("") == await found("$where: 1") == []
    [west] = (await room.network.search("西游记", 10, None)).rows
    assert (west.copies, west.available_in) == (2, (CITY, COUNTY))


async def test_what_is_asked_twice_happens_once(room: ReadingRoom) -> None:
    lend, back, hold = new_key(), new_key(), new_key()
    first = await room.lend("a", "GZ0001", key=lend)
    assert first == await room.lend("a", "GZ0001", key=lend)
    assert code(await room.lend("a", "GZ0002", key=lend)) == "idempotency_key_reused"
    assert await room.hold("b", "t_dream", key=hold) == await room.hold("b", "t_dream", key=hold)
    assert await room.give_back("GZ0001", key=back) == await room.give_back("GZ0001", key=back)
    # A kept answer lends nothing: the loan it speaks of has ended.
    assert code(await room.lend("a", "GZ0001", key=lend)) == "library_loan_over"
    await room.agree()
