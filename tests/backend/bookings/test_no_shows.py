"""Who does not come too often books none of that kind for a while, and may be pardoned (S39)."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.bookings.documents import PlaceBooking
from backend.bookings.no_show_pardons import NoShowPardons, PardonWish
from backend.bookings.no_show_rules import paused_until
from backend.bookings.rules import SlotKind
from backend.demo_city import IDENTIFICATION_CODE
from backend.figures import NoShowRule
from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow
from backend.foundation.refusals import Refusal
from backend.settings import StartRefused, read_settings
from shared.clock import LOCAL_ZONE
from tests.backend.actors import City, id_number, new_key
from tests.backend.assertions.test_assertions import Person, person
from tests.backend.bookings.hall import STAFF, VENUE, Hall, code, plan
from tests.backend.residents.officers import Officers

__all__ = ["person"]
RULE = NoShowRule(3, 60, 30)
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
SHOWN = IDENTIFICATION_CODE.hex()


def _days(*ago: float) -> list[datetime]:
    return [NOON - timedelta(days=one) for one in ago]


@pytest.mark.parametrize(
    ("ago", "left"),
    [
        ((), None),
        ((1, 2), None),
        ((0, 1, 2), 30.0),
        ((5, 20, 65), 25.0),  # exactly sixty days from first to last
        ((5, 20, 65.1), None),
        ((29, 40, 50), 1.0),
        ((30, 40, 50), None),
        ((29, 40, 50, 200), 1.0),
        ((-1, 1, 2), None),  # what is ahead was not missed
    ],
)
def test_three_in_sixty_days_rest_thirty_from_the_last(
    ago: tuple[float, ...], left: float | None
) -> None:
    until = paused_until(_days(*ago), RULE, NOON)
    assert until == (None if left is None else NOON + timedelta(days=left))
    assert paused_until(_days(0), NoShowRule(1, 1, 1), NOON) == NOON + timedelta(days=1)


def test_the_city_sets_the_rule_by_kind_and_what_cannot_be_known_is_refused() -> None:
    def figures(text: str) -> object:
        return read_settings({"YIKATONG_BOOKING_NO_SHOWS": text}).bookings.no_shows

    assert figures("VISIT=2/30/7, APPOINTMENT=3/90/90") == {
        "VISIT": NoShowRule(2, 30, 7),
        "APPOINTMENT": NoShowRule(3, 90, 90),
    }
    assert figures("none") == {}
    assert set(read_settings({}).bookings.no_shows) == {"VISIT", "COURT", "APPOINTMENT"}
    for wrong in ("VISIT=0/30/7", "EXAM=3/30/7", "VISIT=3/30", "VISIT=3/99/99", "$where"):
        with pytest.raises(StartRefused, match="YIKATONG_BOOKING_NO_SHOWS"):
            figures(wrong)


async def _misses(hall: Hall, who: str, count: int) -> None:
    """Book so many slots of a day and come to none."""
    slots = await hall.slots()
    for slot in slots[:count]:
        await hall.booked(who, slot)
    hall.until(slots[count - 1].facts.ends_at + timedelta(minutes=1))
    await hall.sweeps.sweep()


@pytest.mark.feature("S39")
async def test_the_third_missed_booking_rests_that_kind_until_staff_pardon_it(
    hall: Hall, person: Person
) -> None:
    court = plan(code="court", kind=SlotKind.COURT, capacity=1, limit=1)
    await hall.open(plan(), court)
    await hall.planning.plan_ahead()
    whose = person.holder.resident_id.removeprefix("res_")
    all_slots = await hall.slots()
    visits = [one for one in all_slots if one.facts.kind is SlotKind.VISIT]
    for slot in visits[:3]:
        await hall.booked(whose, slot)
    await hall.booked("other", visits[0])
    hall.until(visits[2].facts.ends_at + timedelta(minutes=1))
    await hall.sweeps.sweep()
    courts = [one for one in await hall.slots() if one.facts.kind is SlotKind.COURT]
    next_visit = next(one for one in await hall.slots() if one.facts.kind is SlotKind.VISIT)

    refused = await hall.book(whose, next_visit)

    assert isinstance(refused, Refusal)
    assert refused.code == "booking_paused"
    until = (visits[2].facts.ends_at + timedelta(days=30)).astimezone(LOCAL_ZONE)
    assert "60天内有3次" in refused.text.zh
    assert f"{until.month}月{until.day}日 {until:%H:%M}" in refused.text.zh
    assert f"{until:%d %b, %H:%M}" in refused.text.en
    assert code(await hall.book(whose, next_visit, waits=True)) == "booking_paused"
    assert code(await hall.book(whose, courts[0])) == "BookingView"  # another kind
    assert code(await hall.book("other", next_visit)) == "BookingView"

    pardons = hall.house.services[NoShowPardons]
    wish = PardonWish(VENUE, None, SHOWN, "住院，已核对病历")
    assert code(await pardons.pardon(None, new_key(), wish)) == "sign_in_needed"
    assert code(await pardons.pardon(Caller(), new_key(), wish)) == "not_permitted"
    elsewhere = PardonWish(VENUE + 1, None, SHOWN, "住院")
    assert code(await pardons.pardon(STAFF, new_key(), elsewhere)) == "venue_of_others"
    assert code(await pardons.pardon(STAFF, new_key(), PardonWish(VENUE, None, SHOWN, " "))) == (
        "audit_reason_form"
    )
    key = new_key()
    assert [await pardons.pardon(STAFF, key, wish) for _ in range(2)] == [3, 3]
    assert code(await pardons.pardon(STAFF, new_key(), wish)) == "no_show_none"
    assert code(await hall.book(whose, next_visit)) == "BookingView"
    kept = PlaceBooking.get_pymongo_collection().find({"pardoned": {"$exists": True}})
    assert {row["state"] for row in await kept.to_list()} == {"NO_SHOW"}
    [row] = await AuditRow.get_pymongo_collection().find({"action": "bookings.pardoned"}).to_list()
    assert (row["subject"], row["reason"]) == (person.holder.resident_id, "住院，已核对病历")


async def test_the_pause_ends_by_itself(hall: Hall) -> None:
    await hall.open()
    await _misses(hall, "a", 3)
    assert code(await hall.book("a", (await hall.slots())[0])) == "booking_paused"
    hall.clock.advance(30 * 86_400)
    while await hall.planning.plan_ahead():
        pass
    assert code(await hall.book("a", (await hall.slots())[0])) == "BookingView"


@pytest.mark.feature("S39", "S115")
async def test_what_one_record_of_a_person_missed_counts_under_the_others_and_is_pardoned_there(
    hall: Hall, person: Person, city: City
) -> None:
    await hall.open(plan())
    kept, merged = person.holder.resident_id, await city.resident(id_number(sequence="933"))
    slots = await hall.slots()
    for who, slot in ((merged, slots[0]), (merged, slots[1]), (kept, slots[2])):
        await hall.booked(who.removeprefix("res_"), slot)
    await hall.booked("other", slots[0])
    hall.until(slots[2].facts.ends_at + timedelta(minutes=1))
    await hall.sweeps.sweep()
    await hall.planning.plan_ahead()
    officers, [soon, *_] = Officers(hall.house), await hall.slots()
    merge = await officers.merged(kept, merged)

    whose = kept.removeprefix("res_")
    assert code(await hall.book(whose, soon)) == "booking_paused"
    assert code(await hall.book("other", soon)) == "BookingView"
    await officers.unmerged(merge)
    assert code(await hall.book(whose, soon)) == "BookingView", "one missed booking is no three"

    await officers.merged(kept, merged)
    pardons, wish = hall.house.services[NoShowPardons], PardonWish(VENUE, None, SHOWN, "住院")
    assert await pardons.pardon(STAFF, new_key(), wish) == 3
