"""Two regions, each with its own list: what one changed waits for the other, at the gate too."""

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from backend.app import House
from backend.foundation.access import Role
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.venues.service import VenueFacts, Venues
from shared.admission.circumstances import Circumstances, DayRange
from shared.admission.evidence import AgeRange, Evidence, Medium
from shared.admission.holder_conditions import TreatedAsLocal
from shared.admission.mutual_lists import MutualList
from shared.admission.regions import Partner, RegionAgreement, RegionRules
from shared.admission.rules import AdmissionRules, decide
from shared.admission.scene import Scene
from shared.clock import ManualClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.localized_text import LocalizedText
from shared.trust.trust_list import KeyUse, TrustedKey, TrustList
from shared.wire.manifest import read_manifest
from tests.backend.accounts.actors import People
from tests.backend.actors import City, new_key
from tests.backend.bookings.hall import DAY
from tests.backend.cross_region.outlet import GANZHOU, SHANGHAI, Outlet

PATH, LIST = "/cross-region/v1/recognition", "ganzhou-shanghai"
VENUE = 4_321
VISITS = {
    "code": "visits",
    "version": 1,
    "days": {"first": "2026-01-01", "last": None},
    "scenes": ["museum"],
    "ages": None,
}
WIDER = VISITS | {"version": 2, "scenes": ["library", "museum"]}
ELDERS = VISITS | {"code": "elders", "scenes": None, "ages": {"least": 60, "most": None}}


def ours(*items: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return what an officer sends."""
    return {
        "idempotencyKey": new_key(),
        "code": LIST,
        "nameZh": "赣州上海互认清单",
        "nameEn": "Ganzhou and Shanghai",
        "ownRegion": GANZHOU,
        "peerRegion": SHANGHAI,
        "items": [
            {
                "code": one["code"],
                "version": one["version"],
                **one["days"],
                "scenes": one["scenes"],
                "leastAge": one["ages"] and one["ages"]["least"],
            }
            for one in items
        ],
        **changed,
    }


@pytest.fixture
async def outlet(house: House, clock: ManualClock) -> Outlet:
    made = Outlet(house, clock)
    await made.join()
    return made


class Officer:
    """Keeps our side of the list."""

    def __init__(self, city: City) -> None:
        self._city = city

    async def ready(self) -> None:
        self._staff = await People(self._city).staff("officer", Role.DEPARTMENT_OFFICER)
        await self._staff.sign_in()

    async def lists(self, *items: dict[str, Any], **changed: Any) -> dict[str, Any]:
        asked = await self._staff.device.ask("ListRecognition", input=ours(*items, **changed))
        told: dict[str, Any] = asked["listRecognition"]
        return told

    async def sees(self) -> dict[str, Any]:
        told: dict[str, Any] = (await self._staff.device.ask("RecognitionList", code=LIST))[
            "recognitionList"
        ]
        return told


@pytest.fixture
async def officer(city: City) -> Officer:
    made = Officer(city)
    await made.ready()
    return made


def theirs(number: int, *items: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return what the other side's system sends."""
    return {"list": LIST, "serial": number, "items": list(items), **changed}


Gate = Callable[..., Awaitable[str]]


@pytest.fixture
def gate(house: House, keys: Keys, clock: ManualClock) -> Gate:
    return partial(answers, house, keys, clock)


async def answers(house: House, keys: Keys, clock: ManualClock, scene: Scene, age: int = 30) -> str:
    """Return what a gate at `scene` says to a holder from Shanghai, by its signed manifest."""
    listed = RegionAgreement(
        LIST,
        LocalizedText("互认", "Recognition"),
        (Partner(SHANGHAI, DayRange(date(2026, 1, 1))),),
        listed=MutualList(),
    )
    rules = AdmissionRules(
        scene, conditions=(TreatedAsLocal(),), region_rules=RegionRules(GANZHOU, (listed,))
    )
    venues = house.services[Venues]
    await venues.put(VenueFacts(VENUE, LocalizedText("馆", "Hall"), GANZHOU, 1, {}, rules))
    facts = await venues.facts(VENUE)
    assert facts is not None
    now = clock.now()
    text = venues.manifest(facts, now)
    days = (now - DAY, now + DAY)
    lister = TrustedKey(GANZHOU, LIST_KEY_ID, KeyUse.LIST, keys.lists.public, *days)
    manifest = read_manifest(text, TrustList((lister,), *days), GANZHOU, LIST_KEY_ID, now)
    holder = Evidence(Medium.ECODE, SHANGHAI, authenticated=True, ages=AgeRange.exactly(age))
    found = decide(holder, Circumstances(now, VENUE), manifest.rules).answer
    return found.reason.value if found.reason else found.verdict.value


@pytest.mark.feature("S129")
async def test_an_item_changed_on_one_side_waits_and_stays_as_it_was(
    outlet: Outlet, officer: Officer, gate: Gate, city: City
) -> None:
    made = await officer.lists(VISITS)
    assert (made["inForce"], [one["region"] for one in made["pending"]]) == ([], [GANZHOU])
    assert await gate(Scene.MUSEUM) == "local_pending"

    status, told = await outlet.tells(city, PATH, theirs(1, VISITS))
    assert (status, told["in_force"], told["pending"]) == (200, [VISITS], [])
    assert await gate(Scene.MUSEUM) == "admit"
    assert await gate(Scene.LIBRARY) == "not_local"

    assert (await outlet.tells(city, PATH, theirs(2, WIDER)))[0] == 200
    assert await gate(Scene.MUSEUM) == "admit"  # the old version stands
    assert await gate(Scene.LIBRARY) == "local_pending"  # the new one waits for us
    [waits] = (await officer.sees())["pending"]
    assert (waits["region"], waits["item"]["version"]) == (SHANGHAI, 2)

    agreed = await officer.lists(WIDER, ELDERS)
    assert [one["version"] for one in agreed["inForce"]] == [2]
    assert await gate(Scene.LIBRARY) == "admit"
    assert await gate(Scene.TRANSIT, age=60) == "local_pending"

    assert (await outlet.tells(city, PATH, theirs(3)))[0] == 200  # they withdraw all of it
    assert (await officer.sees())["inForce"] == []
    assert await gate(Scene.MUSEUM) == "local_pending"


@pytest.mark.feature("S129")
async def test_what_comes_again_late_or_in_other_words_changes_nothing(
    outlet: Outlet, officer: Officer, city: City, house: House
) -> None:
    wish = ours(VISITS)
    first = await officer.lists(VISITS, **wish)
    assert await officer.lists(VISITS, **wish) == first
    await outlet.tells(city, PATH, theirs(2, WIDER))
    for serial in (2, 1):
        status, told = await outlet.tells(city, PATH, theirs(serial, VISITS))
        assert (status, told["pending"][-1]["item"]["version"]) == (200, 2)
    for serial, item in ((3, VISITS), (4, WIDER | {"scenes": ["museum"]})):
        status, told = await outlet.tells(city, PATH, theirs(serial, item))
        assert (status, told["code"]) == (422, "recognition_version_needed")
    assert (await officer.lists(VISITS | {"ages": ELDERS["ages"]}))["code"] == (
        "recognition_version_needed"
    )
    assert (await officer.lists(WIDER, basedOn=1))["code"] == "recognition_list_changed"
    assert (await officer.lists(WIDER, basedOn=2))["inForce"] != []
    rows = house.store.database["audit_rows"]
    assert await rows.count_documents({"action": "venues.recognition_listed"}) == 2
    assert await rows.count_documents({"action": "venues.recognition_told"}) == 1


WRONG: list[dict[str, Any]] = [
    {"code": "$where"},
    {"nameEn": " "},
    {"ownRegion": 500000},
    {"peerRegion": GANZHOU},
    {"peerRegion": 999999},
    {"items": [{"code": "a", "version": 0, "first": "2026-01-01"}]},
    {"items": [{"code": "a", "version": 1, "first": "2026-01-01", "last": "2025-01-01"}]},
    {"items": [{"code": "a", "version": 1, "first": "2026-01-01", "scenes": ["nowhere"]}]},
    {"items": [{"code": "a", "version": 1, "first": "2026-01-01"}] * 2},
    {"items": [{"code": f"a{n}", "version": 1, "first": "2026-01-01"} for n in range(51)]},
    {"items": [{"code": "$a", "version": 1, "first": "2026-01-01"}]},
    {"items": [{"code": "a", "version": 1, "first": "2026-01-01", "leastAge": -1}]},
]


async def test_a_list_that_is_none_is_refused(officer: Officer) -> None:
    for changed in WRONG:
        assert (await officer.lists(**changed))["code"] == "recognition_list_form", changed
    assert (await officer.sees())["code"] == "recognition_list_unknown"


async def test_only_the_region_itself_says_what_it_lists(
    outlet: Outlet, officer: Officer, city: City, clock: ManualClock
) -> None:
    await officer.lists(VISITS)
    stranger = SoftwareKey.generate(Algorithm.ED25519)
    assert (await outlet.tells(city, PATH, theirs(1, VISITS), stranger))[0] == 403
    for body, status in (
        (theirs(1, VISITS, list="another"), 404),
        (theirs(1, VISITS, list="$where"), 404),
        (theirs(1, VISITS, serial="1"), 400),
        (theirs(1, VISITS, serial=True), 400),
        (theirs(1, VISITS, serial=-1), 400),
        (theirs(1, items={}), 422),
        (theirs(1, items=[[VISITS]]), 422),
        (theirs(1, VISITS | {"more": {"$gt": ""}}), 422),
        (b"[]", 400),
    ):
        assert (await outlet.tells(city, PATH, body))[0] == status, body
    assert (await officer.sees())["inForce"] == []
    await outlet.join(ends_at=clock.now())
    assert (await outlet.tells(city, PATH, theirs(1, VISITS)))[0] == 403
    clerk = await People(city).staff("clerk", Role.OUTLET_CLERK, sequence="802")
    await clerk.sign_in()
    asked = await clerk.device.ask("ListRecognition", input=ours(VISITS))
    assert asked["listRecognition"]["code"] == "not_permitted"
    asked = await clerk.device.ask("RecognitionList", code=LIST)
    assert asked["recognitionList"]["code"] == "not_permitted"
