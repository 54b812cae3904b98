"""Who closes their account leaves no booking behind, and no place lost."""

from backend.bookings.documents import BookingNotice, PlaceBooking, Slot
from backend.bookings.leaving import BookingLeaving
from backend.bookings.sweeps import discrepancies
from backend.figures import BookingFigures
from backend.foundation.audit import in_one_write
from backend.foundation.mongo import Session
from backend.readers.documents import SCANS_KEPT
from tests.backend.bookings.hall import Hall, plan


async def test_who_leaves_gives_back_what_is_ahead_and_is_forgotten(hall: Hall) -> None:
    first, *_ = await hall.open(plan(capacity=2))
    await hall.booked("leaver", first, 2)
    hall.until(first.facts.ends_at)
    await hall.sweeps.sweep()
    later = (await hall.slots())[0]
    await hall.booked("leaver", later, 2)
    waiting = await hall.wait("other", later, 2)
    leaving = BookingLeaving(BookingFigures())

    async def leave(session: Session) -> None:
        await leaving.close_account("res_leaver", hall.clock.now(), session)

    await in_one_write(leave)

    assert await hall.state("other", waiting) == "OFFERED"
    assert await hall.counts(later) == (0, 2, 0)
    assert await hall.counts(first) == (0, 2, 0)
    database = hall.house.store.database
    for name in ("bookings", "bookers", "booking_notices"):
        async for row in database[name].find({}):
            assert "res_leaver" not in str(row), name


async def test_where_somebody_was_is_kept_as_long_as_the_scans_of_it(hall: Hall) -> None:
    for document, field in ((Slot, "ends_at"), (PlaceBooking, "ends_at"), (BookingNotice, "at")):
        indexes = await document.get_pymongo_collection().index_information()
        assert indexes["kept"]["key"] == [(field, 1)]
        assert indexes["kept"]["expireAfterSeconds"] == SCANS_KEPT.total_seconds()
    # What is about to go is no discrepancy: a slot and its bookings do not go in one moment.
    await hall.open()
    slot = (await hall.slots())[0].facts.slot_id
    change = {"$set": {"taken": 1}}
    await Slot.get_pymongo_collection().update_one({"_id": slot}, change)
    assert await discrepancies(9) == [slot]
    old = {"$set": {"ends_at": hall.clock.now() - SCANS_KEPT}}
    await Slot.get_pymongo_collection().update_one({"_id": slot}, old)
    assert await discrepancies(9) == []
