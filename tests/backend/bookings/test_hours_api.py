"""Staff of a venue change when it is open; everybody reads it, and who booked is told."""

from typing import Any

from backend.foundation.access import Role
from shared.identity.age import local_day
from tests.backend.accounts.actors import People
from tests.backend.actors import City, new_key
from tests.backend.bookings.hall import DAY, HERE, VENUE, Hall

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


async def test_staff_change_the_hours_and_who_booked_is_told(city: City, hall: Hall) -> None:
    slots = await hall.open()
    booking = await hall.booked("one", slots[0])
    staff = await People(city).staff("keeper", Role.VENUE_STAFF, place=HERE)
    await staff.sign_in()
    seen = (await staff.device.ask("OpeningCalendar", number=VENUE))["venue"]["openingCalendar"]
    assert seen["week"] == {**{day: ["09:00-17:00"] for day in DAYS}, "holiday": ["09:00-17:00"]}
    tomorrow = local_day(slots[0].facts.starts_at)
    wanted: dict[str, Any] = {
        "week": seen["week"] | {"monday": []},
        "seasons": [{"first": "06-01", "last": "08-31", "week": seen["week"]}],
        "shifts": [{"day": str(tomorrow + 9 * DAY), "runsAs": "HOLIDAY"}],
        "specialDays": [{"day": str(tomorrow), "hours": ["12:00-15:00"]}],
        "lastEntryMinutes": 30,
    }
    wish = {"venue": VENUE, "calendar": wanted, "basedOn": seen["version"]}

    async def change(**more: Any) -> dict[str, Any]:
        asked = {"idempotencyKey": new_key(), **wish, **more}
        answer: dict[str, Any] = (await staff.device.ask("ChangeOpeningCalendar", input=asked))[
            "changeOpeningCalendar"
        ]
        return answer

    assert (await change())["code"] == "calendar_ends_bookings"
    assert (await change(venue=1))["code"] == "venue_of_others"
    changed = await change(endsBookings=True)
    assert changed["placesEnding"] == 1
    await hall.planning.plan_ahead()
    await hall.sweeps.sweep()

    assert await hall.state("one", booking) == "CLOSED"
    now = (await staff.device.ask("OpeningCalendar", number=VENUE))["venue"]["openingCalendar"]
    assert now == seen | {name: wanted[name] for name in wanted} | {"version": changed["version"]}
    assert (await change(endsBookings=True))["code"] == "calendar_changed"
