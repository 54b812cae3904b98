"""Who closes their account leaves what is out and owed, and nothing of what they read."""

from backend.foundation.audit import in_one_write
from backend.foundation.mongo import Session
from backend.library.documents import LibraryFine, LibraryHold, LibraryLoan, LibraryPatron
from backend.library.leaving import LibraryLeaving
from tests.backend.library.reading_room import DAY, ReadingRoom, code

COLLECTIONS = (LibraryLoan, LibraryHold, LibraryFine, LibraryPatron)


async def _named(whose: str) -> set[str]:
    return {
        document.get_pymongo_collection().name
        for document in COLLECTIONS
        if await document.find({"resident_id": whose}).count()
    }


async def test_what_is_out_stays_theirs_until_it_is_back_and_no_longer(room: ReadingRoom) -> None:
    await room.lent("a", "GZ0002")
    await room.given_back("GZ0002")
    await room.lent("a", "GZ0001")
    await room.held("a", "t_soil")
    whose = room.people["a"]

    async def close(session: Session) -> None:
        await LibraryLeaving().close_account(whose, room.clock.now(), session)

    await in_one_write(close)
    assert await _named(whose) == {"library_loans", "library_patrons"}
    assert await LibraryLoan.find({"resident_id": whose}).count() == 1
    assert (await room.copy("GZ0004"))["state"] == "AVAILABLE"
    assert code(await room.lend("a", "GZ0005")) == "library_patron_leaving"
    await room.given_back("GZ0001")
    room.clock.advance(15 * DAY)
    await room.sweep()
    assert await _named(whose) == set()


async def test_with_the_record_everything_is_forgotten_and_the_book_still_comes_back(
    room: ReadingRoom,
) -> None:
    await room.lent("a", "GZ0001")
    whose = room.people["a"]

    async def erase(session: Session) -> None:
        await LibraryLeaving().close_account(whose, room.clock.now(), session)
        await LibraryLeaving().erase(whose, room.clock.now(), session)

    await in_one_write(erase)
    assert await _named(whose) == set()
    room.clock.advance(60 * DAY)
    assert (await room.given_back("GZ0001")).fen == 0
    assert (await room.copy("GZ0001"))["state"] == "AVAILABLE"
