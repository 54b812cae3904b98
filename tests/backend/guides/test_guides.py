"""Publishing, reviewing and reading guides; the command that finds what is wanting (S102)."""

import argparse
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from backend.app import House
from backend.demo_city import FUNCTIONS
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.refusals import Refusal
from backend.functions.registry import FunctionRegistry
from backend.functions.rules import FunctionStatus
from backend.guides.commands import guides as command
from backend.guides.commands import seed_guides
from backend.guides.guide_files import DEMO_FILE
from backend.guides.rules import FRESH, GUIDE_FORM, MOST_AT_ONCE, GapKind, Guide, Step
from backend.guides.service import Guides, GuideWish
from mobile.core.guide import Guide as AppGuide
from mobile.core.guide import read_titles
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from shared.wire.published_services import PUBLISHED_SERVICES
from tests.backend.actors import City, new_key

BUREAU = Organisation("360700-rsj", LocalizedText("市人社局", "The bureau"))
OFFICER = Caller(
    staff_id="stf_rsj", roles=frozenset({Role.DEPARTMENT_OFFICER}), organisation=BUREAU
)
OTHER = replace(OFFICER, staff_id="stf_x", organisation=replace(BUREAU, code="360700-jy"))
TEXT = LocalizedText("免费", "Free")
GUIDE = Guide("code", TEXT, TEXT, TEXT, TEXT, TEXT, (Step(TEXT, "qrcode"),))


@pytest.fixture
def guides(house: House) -> Guides:
    return house.services[Guides]


@pytest.mark.feature("S102")
async def test_every_published_item_has_a_guide_of_ninety_days_or_the_command_names_it(
    house: House, guides: Guides, clock: ManualClock
) -> None:
    registry = house.services[FunctionRegistry]
    assert isinstance(await command(house.services, _options("check")), Refusal)
    for function in FUNCTIONS:
        assert not isinstance(await registry.put(OPERATOR, new_key(), function), Refusal)
    assert await seed_guides(house.services) is None

    said = await command(house.services, _options("check"))
    count = len(PUBLISHED_SERVICES) + len(FUNCTIONS)
    assert isinstance(said, str)
    assert said.startswith(f"{count} ")
    clock.advance(FRESH.total_seconds() - 1)
    assert await seed_guides(house.services) is None  # twice changes nothing
    known = await guides.of("exams")
    assert not isinstance(known, Refusal)
    assert known.version == 1
    assert await command(house.services, _options("review", item=["exams"])) is not None
    clock.advance(2)

    refused = await command(house.services, _options("check"))
    assert isinstance(refused, Refusal)
    assert "exams" not in refused.text.zh
    assert "card_loss（" in refused.text.zh
    assert "function.transit（" in refused.text.zh
    found = await guides.gaps(OFFICER)
    assert not isinstance(found, Refusal)
    assert len(found) == count - 1
    assert {one.kind for one in found} == {GapKind.OUTDATED}
    published = await command(house.services, _options("publish", file=DEMO_FILE))
    assert isinstance(published, str)
    assert "code 2" in published.splitlines()
    assert isinstance(await command(house.services, _options("check")), str)

    suspended = replace(FUNCTIONS[0], status=FunctionStatus.CLOSED)
    assert not isinstance(await registry.put(OPERATOR, new_key(), suspended), Refusal)
    assert await guides.of("function.transit") == await guides.of("nothing")


async def test_too_many_guides_in_a_file_are_refused_before_any_is_looked_up(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def asked(*_: object) -> None:
        pytest.fail("it was looked up")

    monkeypatch.setattr(Guides, "of", asked)
    rows = "\n".join(f'{name} = ["字", "A"]' for name in ("title", "who", "bring", "cost", "takes"))
    tables = [f"[x{one}]\n{rows}\nsteps = []\n" for one in range(MOST_AT_ONCE + 1)]
    file = tmp_path / "guides.toml"
    file.write_text("".join(tables), encoding="utf-8")
    assert await command(house.services, _options("publish", file=file)) == GUIDE_FORM


async def test_a_repeated_wish_is_done_once_and_each_deed_is_a_row(
    house: House, guides: Guides, clock: ManualClock
) -> None:
    key = new_key()
    first = await guides.publish(OFFICER, key, [GuideWish(GUIDE)])
    assert first == {"code": 1} == await guides.publish(OFFICER, key, [GuideWish(GUIDE)])
    clock.advance(60)
    key = new_key()
    held = await guides.review(OFFICER, key, "code", 1)
    clock.advance(60)
    assert (
        held == await guides.review(OFFICER, key, "code", 1) == clock.now() - timedelta(minutes=1)
    )
    known = await guides.of("code")
    assert not isinstance(known, Refusal)
    assert (known.reviewed_at, known.owner, known.guide) == (held, BUREAU, GUIDE)
    rows = house.store.database["audit_rows"].find({"action": {"$regex": "^guides[.]"}})
    assert [(row["action"], row["actor"]["id"]) async for row in rows.sort("at")] == [
        ("guides.published", "stf_rsj"),
        ("guides.reviewed", "stf_rsj"),
    ]


async def test_what_cannot_be_is_refused_and_changes_nothing(guides: Guides) -> None:
    assert not isinstance(await guides.publish(OFFICER, new_key(), [GuideWish(GUIDE)]), Refusal)
    nobody, clerk = (
        Caller(resident_id="res_1"),
        Caller(staff_id="stf_c", roles=frozenset({Role.OUTLET_CLERK})),
    )
    again = GuideWish(GUIDE, 1)
    unknown = GuideWish(replace(GUIDE, item="nothing"))
    nowhere = GuideWish(replace(GUIDE, outlets=(999,)), 1)
    for caller, wishes, code in (
        (None, [again], "sign_in_needed"),
        (nobody, [again], "not_permitted"),
        (clerk, [again], "not_permitted"),
        (OTHER, [again], "guide_of_another_department"),
        (OFFICER, [GuideWish(GUIDE)], "guide_changed"),
        (OFFICER, [again, again], "guide_form"),
        (OFFICER, [], "guide_form"),
        (OFFICER, [GuideWish(replace(GUIDE, steps=()), 1)], "guide_form"),
        (OFFICER, [again, unknown], "guide_item_unknown"),
        (OFFICER, [nowhere], "guide_outlet_unknown"),
        (OFFICER, [GuideWish(replace(GUIDE, outlets=(2**64,)), 1)], "guide_outlet_unknown"),
        (OFFICER, [GuideWish(replace(GUIDE, outlets=(-1,)), 1)], "guide_outlet_unknown"),
        (OFFICER, [GuideWish(replace(GUIDE, title=LocalizedText("\ud800", "x")), 1)], "guide_form"),
        (OFFICER, [GuideWish(GUIDE, 2**64)], "guide_changed"),
    ):
        refused = await guides.publish(caller, new_key(), wishes)
        assert isinstance(refused, Refusal)
        assert refused.code == code, code
    for caller, item, version, code in (
        (nobody, "code", 1, "not_permitted"),
        (OTHER, "code", 1, "guide_of_another_department"),
        (OFFICER, "code", 2, "guide_changed"),
        (OFFICER, "exams", 1, "guide_unknown"),
        (OFFICER, "\ud800", 1, "guide_unknown"),
    ):
        held = await guides.review(caller, new_key(), item, version)
        assert isinstance(held, Refusal)
        assert held.code == code
    known = await guides.of("code")
    assert not isinstance(known, Refusal)
    assert known.version == 1
    assert [one.item for one in await guides.titles()] == ["code"]


@pytest.mark.feature("S102")
async def test_anybody_reads_guides_and_finds_the_nearest_outlet_first(
    house: House, city: City
) -> None:
    assert await seed_guides(house.services) is None
    anybody = city.stranger()
    listed = (await anybody.ask("Guides"))["guides"]["nodes"]
    assert [one["item"] for one in listed] == list(PUBLISHED_SERVICES)
    usual = (await anybody.ask("Guide", item="card_loss"))["guide"]
    assert [one["number"] for one in usual["outlets"]] == [31, 32, 33]
    assert usual["version"] == 1
    told = AppGuide.of_wire(usual)
    assert (told.item, len(told.steps), told.outlets[0].address) == (
        "card_loss",
        4,
        LocalizedText("章贡区章江新区", "Zhangjiang New District"),
    )
    assert AppGuide.of_wire(told.to_wire()) == told
    assert [one.item for one in read_titles({"nodes": listed})] == list(PUBLISHED_SERVICES)
    assert usual["steps"][0]["icon"] == "card-off"
    near = {"latitude": 25.86, "longitude": 115.01}
    nearest = (await anybody.ask("Guide", item="card_loss", near=near))["guide"]["outlets"]
    assert [one["number"] for one in nearest] == [33, 32, 31]
    assert nearest[0]["distance"] == pytest.approx(222, abs=2)
    nowhere = {"latitude": 91, "longitude": 0}
    refused = (await anybody.ask("Guide", item="card_loss", near=nowhere))["guide"]
    assert refused["code"] == "position_form"
    assert (await anybody.ask("Guide", item="nothing"))["guide"]["code"] == "guide_unknown"


def _options(work: str, **more: object) -> argparse.Namespace:
    return argparse.Namespace(work=work, **more)
