"""Who closes their account leaves no booking behind, and no place lost."""

from backend.bookings.leaving import BookingLeaving
from backend.foundation.audit import in_one_write
from backend.foundation.mongo import Session
from backend.settings import BookingFigures
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
