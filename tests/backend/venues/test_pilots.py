"""A pilot (S60): measured, promoted by copying what it was run with, kept as history."""

from dataclasses import replace
from typing import Any

import pytest

from backend.app import House
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.refusals import Refusal
from backend.passes.changes import Passes
from backend.venues.catalogue import Catalogue
from backend.venues.ganzhou import CAVES, LIBRARY, LONG_MARCH, MUSEUM, PLACES
from backend.venues.pilots import Pilots
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from tests.backend.accounts.actors import People
from tests.backend.actors import City, new_key
from tests.backend.passes.desk import HALL, Desk
from tests.backend.passes.desk import HERE as AT_THE_HALL

HERE = Organisation(f"venue-{LONG_MARCH}", LocalizedText("纪念园", "Memorial Park"))
STAFF = Caller(staff_id="stf_venue", roles=frozenset({Role.VENUE_STAFF}), organisation=HERE)
TITLE = LocalizedText("示范点", "Model site")


@pytest.fixture
async def pilots(house: House) -> Pilots:
    await house.services[Catalogue].file(PLACES)
    return house.services[Pilots]


async def _accepts(house: House, number: int) -> tuple[int, ...] | None:
    [entry] = await house.services[Catalogue].of_numbers([number])
    assert entry is not None
    return entry.accepts


@pytest.mark.feature("S60")
async def test_promoting_copies_the_configuration_and_keeps_the_history(
    house: House, pilots: Pilots
) -> None:
    pilot = await pilots.begin(STAFF, new_key(), LONG_MARCH, TITLE, ["entry", "guide"])
    assert isinstance(pilot, str)
    for metric in ("visits", "visits", "complaints"):
        assert await pilots.count(pilot, metric) is None
    assert await _accepts(house, LIBRARY) == (360000,)

    assert await pilots.promote(OPERATOR, new_key(), pilot, [LIBRARY, MUSEUM]) is None

    assert await _accepts(house, LIBRARY) is None
    [entry] = await house.services[Catalogue].of_numbers([LIBRARY])
    assert entry is not None
    assert entry.needs_booking
    assert entry.name.zh == "赣州市图书馆"
    [history] = await pilots.of_venue(LONG_MARCH)
    assert (history.state, history.promoted_to) == ("PROMOTED", (LIBRARY, MUSEUM))
    assert history.metrics == {"visits": 2, "complaints": 1}
    assert history.scope == ("entry", "guide")
    again = await pilots.begin(STAFF, new_key(), LONG_MARCH, TITLE, [])
    assert isinstance(again, str)
    assert [one.state for one in await pilots.of_venue(LONG_MARCH)] == ["PROMOTED", "RUNNING"]
    rows = house.store.database["audit_rows"]
    assert await rows.count_documents({"action": {"$regex": "^venues.pilot"}}) == 3


async def test_what_cannot_be_is_refused_and_changes_nothing(house: House, pilots: Pilots) -> None:
    pilot = await pilots.begin(STAFF, new_key(), LONG_MARCH, TITLE, [])
    assert isinstance(pilot, str)
    nobody = Caller(resident_id="res_1")
    for refused, code in (
        (await pilots.begin(STAFF, new_key(), LONG_MARCH, TITLE, []), "pilot_runs"),
        (await pilots.begin(OPERATOR, new_key(), 999, TITLE, []), "venue_unknown"),
        (await pilots.begin(STAFF, new_key(), CAVES, TITLE, []), "venue_of_others"),
        (await pilots.begin(nobody, new_key(), CAVES, TITLE, []), "not_permitted"),
        (await pilots.begin(OPERATOR, new_key(), CAVES, TITLE, ["\0"]), "pilot_form"),
        (await pilots.count(pilot, "$set"), "pilot_form"),
        (await pilots.promote(OPERATOR, new_key(), pilot, [LIBRARY, 999]), "venue_unknown"),
        (await pilots.promote(STAFF, new_key(), pilot, [LIBRARY]), "venue_of_others"),
        (await pilots.promote(STAFF, new_key(), pilot, []), "pilot_form"),
        (await pilots.promote(nobody, new_key(), pilot, [LIBRARY]), "not_permitted"),
    ):
        assert isinstance(refused, Refusal)
        assert refused.code == code
    [still] = await pilots.of_venue(LONG_MARCH)
    assert still.state == "RUNNING"
    assert await _accepts(house, LIBRARY) == (360000,)
    assert await pilots.close(STAFF, new_key(), pilot) is None
    late = await pilots.close(STAFF, new_key(), pilot)
    assert isinstance(late, Refusal)
    assert late.code == "pilot_over"


@pytest.mark.feature("S60")
async def test_a_pilot_is_run_over_the_wire_once_for_each_key(city: City, pilots: Pilots) -> None:
    assert await pilots.of_venue(LONG_MARCH) == []
    people = People(city)
    staff = await people.staff("keeper", Role.VENUE_STAFF, place=HERE)
    admin = await people.staff("root", Role.SYSTEM_ADMINISTRATOR, sequence="802")
    for one in (staff, admin):
        await one.sign_in()

    async def do(name: str, who: Any = staff, key: str = "", **wish: Any) -> Any:
        answer = await who.device.ask(name, input={"idempotencyKey": key or new_key(), **wish})
        [said] = answer.values()
        return said

    wish: dict[str, Any] = {
        "venue": LONG_MARCH,
        "titleZh": "示范点",
        "titleEn": "Model site",
        "scope": ["entry"],
    }
    key = new_key()
    begun = await do("BeginVenuePilot", key=key, **wish)
    assert await do("BeginVenuePilot", key=key, **wish) == begun
    assert (await do("BeginVenuePilot", **wish))["code"] == "pilot_runs"
    assert (await do("BeginVenuePilot", **{**wish, "venue": CAVES}))["code"] == "venue_of_others"
    pilot: dict[str, Any] = {"pilot": begun["pilot"]}
    key = new_key()
    for _ in range(2):
        assert (await do("CountVenuePilot", key=key, **pilot, metric="visits", more=7))[
            "count"
        ] == 7
    assert (await do("CountVenuePilot", **pilot, metric="visits"))["count"] == 8
    assert (await do("CountVenuePilot", **pilot, metric="visits", more=-1))["code"] == "pilot_form"
    assert (await do("CountVenuePilot", pilot="$ne", metric="visits"))["code"] == "pilot_over"
    targets = [LIBRARY, MUSEUM]
    assert (await do("PromoteVenuePilot", **pilot, venues=targets))["code"] == "venue_of_others"
    assert (await do("PromoteVenuePilot", admin, **pilot, venues=[]))["code"] == "pilot_form"
    key = new_key()
    for _ in range(2):
        done = await do("PromoteVenuePilot", admin, key, **pilot, venues=targets)
        assert done["venues"] == 2
    assert (await do("CloseVenuePilot", **pilot))["code"] == "pilot_over"
    assert await _accepts(city.house, LIBRARY) is None
    [seen] = (await staff.device.ask("VenuePilots", venue=LONG_MARCH))["venuePilots"]["pilots"]
    assert (seen["state"], seen["promotedTo"], seen["scope"]) == ("PROMOTED", targets, ["entry"])
    assert seen["metrics"] == [{"name": "visits", "count": 8}]
    others = (await staff.device.ask("VenuePilots", venue=CAVES))["venuePilots"]
    assert others["code"] == "venue_of_others"


@pytest.mark.feature("S60")
async def test_passes_live_on_where_their_pilot_is_closed_early(
    house: House, clock: ManualClock
) -> None:
    desk = Desk(house, clock)
    await desk.open()
    staff = replace(STAFF, organisation=AT_THE_HALL)
    pilots = house.services[Pilots]
    pilot = await pilots.begin(staff, new_key(), HALL, TITLE, ["passes"])
    assert isinstance(pilot, str)
    held = await desk.held("a")
    assert await desk.count(held) == frozenset()

    assert await pilots.close(staff, new_key(), pilot) is None

    assert await desk.count(held, 2) == frozenset()
    assert await desk.counts(held) == (7, 3, 0)
    resident = (await desk.person("a")).resident_id
    page = await house.services[Passes].page(resident, 5, None)
    assert [(one.pass_id, one.state.value) for one in page.rows] == [(held, "VALID")]
    [history] = await pilots.of_venue(HALL)
    assert (history.state, history.promoted_to) == ("CLOSED", ())
