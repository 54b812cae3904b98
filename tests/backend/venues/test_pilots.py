"""A pilot (S60): measured, promoted by copying what it was run with, kept as history."""

import pytest

from backend.app import House
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.refusals import Refusal
from backend.venues.catalogue import Catalogue
from backend.venues.ganzhou import CAVES, LIBRARY, LONG_MARCH, MUSEUM, PLACES
from backend.venues.pilots import Pilots
from shared.localized_text import LocalizedText

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
    pilot = await pilots.begin(STAFF, LONG_MARCH, TITLE, ["entry", "guide"])
    assert isinstance(pilot, str)
    for metric in ("visits", "visits", "complaints"):
        assert await pilots.count(pilot, metric) is None
    assert await _accepts(house, LIBRARY) == (360000,)

    assert await pilots.promote(OPERATOR, pilot, [LIBRARY, MUSEUM]) is None

    assert await _accepts(house, LIBRARY) is None
    [entry] = await house.services[Catalogue].of_numbers([LIBRARY])
    assert entry is not None
    assert entry.needs_booking
    assert entry.name.zh == "赣州市图书馆"
    [history] = await pilots.of_venue(LONG_MARCH)
    assert (history.state, history.promoted_to) == ("PROMOTED", (LIBRARY, MUSEUM))
    assert history.metrics == {"visits": 2, "complaints": 1}
    assert history.scope == ("entry", "guide")
    again = await pilots.begin(STAFF, LONG_MARCH, TITLE, [])
    assert isinstance(again, str)
    assert [one.state for one in await pilots.of_venue(LONG_MARCH)] == ["PROMOTED", "RUNNING"]
    rows = house.store.database["audit_rows"]
    assert await rows.count_documents({"action": {"$regex": "^venues.pilot"}}) == 3


async def test_what_cannot_be_is_refused_and_changes_nothing(house: House, pilots: Pilots) -> None:
    pilot = await pilots.begin(STAFF, LONG_MARCH, TITLE, [])
    assert isinstance(pilot, str)
    nobody = Caller(resident_id="res_1")
    for refused, code in (
        (await pilots.begin(STAFF, LONG_MARCH, TITLE, []), "pilot_runs"),
        (await pilots.begin(OPERATOR, 999, TITLE, []), "venue_unknown"),
        (await pilots.begin(STAFF, CAVES, TITLE, []), "venue_of_others"),
        (await pilots.begin(nobody, CAVES, TITLE, []), "not_permitted"),
        (await pilots.begin(OPERATOR, CAVES, TITLE, ["\0"]), "pilot_form"),
        (await pilots.count(pilot, "$set"), "pilot_form"),
        (await pilots.promote(OPERATOR, pilot, [LIBRARY, 999]), "venue_unknown"),
        (await pilots.promote(STAFF, pilot, [LIBRARY]), "venue_of_others"),
        (await pilots.promote(STAFF, pilot, []), "pilot_form"),
        (await pilots.promote(nobody, pilot, [LIBRARY]), "not_permitted"),
    ):
        assert isinstance(refused, Refusal)
        assert refused.code == code
    [still] = await pilots.of_venue(LONG_MARCH)
    assert still.state == "RUNNING"
    assert await _accepts(house, LIBRARY) == (360000,)
    assert await pilots.close(STAFF, pilot) is None
    late = await pilots.close(STAFF, pilot)
    assert isinstance(late, Refusal)
    assert late.code == "pilot_over"
