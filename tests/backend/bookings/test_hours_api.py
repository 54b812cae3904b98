"""Staff of a venue change when it is open; everybody reads it, and who booked is told."""

from typing import Any

from backend.foundation.access import Role
from backend.venues.service import Venues
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


async def test_staff_lay_out_their_venue_and_readers_get_it(city: City, hall: Hall) -> None:
    await hall.open()
    staff = await People(city).staff("keeper", Role.VENUE_STAFF, place=HERE)
    await staff.sign_in()
    main = {"code": "main", "nameZh": "主展厅", "nameEn": "Main hall", "capacity": 200}
    cave = main | {"code": "cave", "nameZh": "洞窟", "nameEn": "Cave", "capacity": 20}
    lane = {"number": 1, "nameZh": "东门", "nameEn": "East gate", "area": "cave"}
    wish = {"idempotencyKey": new_key(), "venue": VENUE, "capacity": 250}

    async def change(**more: Any) -> Any:
        asked = {**wish, "areas": [main, cave], "lanes": [lane], **more}
        return (await staff.device.ask("ChangeVenueLayout", input=asked))["changeVenueLayout"]

    done = await change()
    assert (done["areas"], done["lanes"]) == (2, 1)
    assert await change() == done
    rows = city.house.store.database["audit_rows"]
    assert await rows.count_documents({"action": "venues.layout_changed"}) == 1
    assert (await change(capacity=300))["code"] == "idempotency_key_reused"
    for more, code in (
        ({"venue": 1}, "venue_of_others"),
        ({"capacity": 0}, "venue_layout_form"),
        ({"capacity": 199}, "venue_layout_form"),
        ({"areas": [main, main]}, "venue_layout_form"),
        ({"areas": [main]}, "venue_layout_form"),  # the lane leads into the other
        ({"areas": [main, cave | {"code": "a.b"}]}, "venue_layout_form"),
        ({"areas": [main, cave | {"nameEn": " "}]}, "venue_layout_form"),
        ({"lanes": [lane, lane]}, "venue_layout_form"),
        ({"lanes": [lane | {"number": 65_536}]}, "venue_layout_form"),
        ({"areas": [cave]}, "venue_area_planned"),
    ):
        assert (await change(idempotencyKey=new_key(), **more))["code"] == code, more
    seen = (await staff.device.ask("Venue", number=VENUE))["venue"]
    assert (seen["capacity"], [one["code"] for one in seen["areas"]]) == (250, ["main", "cave"])
    facts = await city.house.services[Venues].facts(VENUE)
    assert facts is not None
    assert (facts.lanes[1].zh, facts.lane_areas) == ("东门", {1: "cave"})
