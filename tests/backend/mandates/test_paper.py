"""Codes on paper 纸质当日码 that delegates print for those who have no phone."""

from datetime import timedelta
from typing import Any

import pytest

from backend.cards.documents import PaperCode
from backend.cards.paper_register import is_paper, paper_is_live
from backend.cards.service import Cards
from backend.cards.status_list import StatusLists, build_status_list
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.mandates.documents import MandateNotice
from backend.mandates.representing import who_showed
from backend.mandates.scopes import Scope
from backend.settings import Settings
from shared.identity.age import local_day
from shared.trust.status_list import device_number
from tests.backend.actors import REGION
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative


@pytest.fixture
async def grandmother(family: Family) -> Relative:
    return await family.relative(GRANDMOTHER, card=True)


@pytest.fixture
async def daughter(family: Family) -> Relative:
    return await family.relative()


def today(family: Family, ahead: int = 0) -> str:
    return (local_day(family.city.clock.now()) + timedelta(days=ahead)).isoformat()


async def papers(one: Relative) -> Any:
    return (await one.see("PaperCodes"))["paperCodes"]


async def test_a_delegate_prints_and_voids_what_they_may_show(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    daughter.phone.acting_for = await family.mandate(grandmother, daughter)

    made = await daughter.do("MakePaperCode", day=today(family))

    assert made["paperCode"]["madeBy"] == "DELEGATE"
    told = {"person": grandmother.resident_id, "code": "cards.paper_code_made"}
    assert await MandateNotice.find(told).count() == 1
    [paper] = await PaperCode.find_all().to_list()
    assert await paper_is_live(paper.card_index, paper.serial)
    revoked = await daughter.do("RevokePaperCode", id=made["paperCode"]["id"])
    assert revoked["paperCode"]["live"] is False
    assert not await paper_is_live(paper.card_index, paper.serial)


async def test_without_the_scope_nothing_is_printed_seen_or_voided(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    own = await grandmother.do("MakePaperCode", day=today(family))
    daughter.phone.acting_for = await family.mandate(grandmother, daughter, Scope.BOOK)

    assert await daughter.say("MakePaperCode", day=today(family)) == "mandate_scope_missing"
    assert (await daughter.see("PaperCodes"))["code"] == "mandate_scope_missing"
    ask = await daughter.say("RevokePaperCode", id=own["paperCode"]["id"])
    assert ask == "mandate_scope_missing"
    assert [one["live"] for one in await papers(grandmother)] == [True]


async def test_d25_a_delegate_sees_only_what_was_printed_under_their_mandate(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    own = await grandmother.do("MakePaperCode", day=today(family, 1))
    daughter.phone.acting_for = await family.mandate(grandmother, daughter)
    made = await daughter.do("MakePaperCode", day=today(family))

    assert [one["id"] for one in await papers(daughter)] == [made["paperCode"]["id"]]
    ask = await daughter.say("RevokePaperCode", id=own["paperCode"]["id"])
    assert ask == "paper_code_unknown"
    assert len(await papers(grandmother)) == 2


async def test_a_mandate_of_a_day_prints_nothing_beyond_it(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    daughter.phone.acting_for = await family.mandate(grandmother, daughter, days=1)

    assert await daughter.say("MakePaperCode", day=today(family, 1)) == "paper_past_mandate"
    assert await daughter.say("MakePaperCode", day=today(family)) == "PaperCodeMade"


@pytest.mark.feature("D7")
@pytest.mark.parametrize("how", ["scope", "mandate", "dispute", "printed again"])
async def test_what_ends_a_mandate_voids_what_it_printed(
    family: Family,
    grandmother: Relative,
    daughter: Relative,
    settings: Settings,
    keys: Keys,
    mongod: RunningMongod,
    how: str,
) -> None:
    """Readers with lists, readers online and sets kept for offline, and what the holder sees."""
    mandate = await family.mandate(grandmother, daughter)
    daughter.phone.acting_for = mandate
    made = await daughter.do("MakePaperCode", day=today(family))
    [paper] = await PaperCode.find_all().to_list()
    clock, services = family.city.clock, family.city.house.services
    number = device_number(paper.card_index, paper.serial)

    async def counts() -> list[bool]:
        clock.advance(60)
        lists = await build_status_list(mongod.uri, settings.database, REGION, keys, clock)
        [openers] = await services[Cards].openers([paper.card_index], clock.now())
        seen = {one["id"]: one["live"] for one in await papers(grandmother)}
        return [
            number not in lists.sections.unbound_devices,
            paper.serial in openers.phones,
            await paper_is_live(paper.card_index, paper.serial),
            seen[made["paperCode"]["id"]],
        ]

    assert is_paper(paper.serial)
    assert await counts() == [True] * 4
    assert await who_showed([(paper.card_index, paper.serial)]) == {}, "nobody knows who showed it"
    clock.advance(60)
    assert not await services[StatusLists].is_due()
    if how == "printed again":
        await grandmother.do("MakePaperCode", day=today(family))
    elif how == "dispute":
        await grandmother.do("DisputeMandate", mandate=mandate)
    else:
        scope = {"scope": Scope.CARD_SHOW.value} if how == "scope" else {}
        await grandmother.do("StopMandate", mandate=mandate, **scope)
    assert await services[StatusLists].is_due()
    assert await counts() == [False] * 4
