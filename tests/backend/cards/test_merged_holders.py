"""A card stands under one record; what any record of its holder says reaches it (S115)."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from backend.app import House
from backend.cards import concessions
from backend.cards.commands import COUNTER
from backend.cards.concession import Attestation, Category
from backend.cards.concessions import Concessions
from backend.cards.eligibility_reviews import EligibilityReviews
from backend.cards.holder_evidence import HolderEvidence
from backend.cards.holder_following import HolderFollower
from backend.cards.judgements import Judgements, facts_changed
from backend.foundation.audit import in_one_write
from backend.foundation.households import Households
from backend.foundation.mongo import Session
from backend.residents.correcting import RecordCorrection
from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind
from backend.residents.rules import PersonField
from backend.residents.sandbox import SandboxRegister
from backend.residents.service import Residents
from shared.admission.evidence import Evidence
from shared.ecode.certificate import AgeBand, ConcessionLevel
from tests.backend.accounts.actors import People
from tests.backend.actors import City, Holder, Phone, id_number, new_key
from tests.backend.cards.gate import certificate_in
from tests.backend.residents.officers import Officers

OLD, NEW = id_number(sequence="941"), id_number(sequence="942")
DISABLED = Attestation(Category.DISABLED, "章贡区残联", date(2020, 1, 1))


@pytest.fixture
def officers(house: House) -> Officers:
    return Officers(house)


@pytest.fixture
async def kept(people: People) -> str:
    """The record of the present number, without a card."""
    return await people.register(NEW)


@pytest.fixture
async def holder(people: People) -> Holder:
    """The record of the number of before, with the card."""
    return await people.card_of(await people.register(OLD), "941")


@pytest.fixture
async def phone(city: City, holder: Holder) -> Phone:
    return await city.phone(holder)


@pytest.fixture
def people(city: City) -> People:
    return People(city)


async def _attest(city: City, resident_id: str) -> None:
    done = await city.house.services[Concessions].attest(COUNTER, new_key(), resident_id, DISABLED)
    assert isinstance(done, str), done


def _shown(answer: Mapping[str, Any]) -> tuple[AgeBand, ConcessionLevel]:
    claims = certificate_in(dict(answer)).claims
    return claims.age_band, claims.concession


@pytest.mark.feature("S115")
@pytest.mark.parametrize("first", ["attested", "merged"])
async def test_a_concession_recorded_under_the_kept_record_reaches_the_card_and_leaves_with_it(
    city: City, officers: Officers, kept: str, holder: Holder, phone: Phone, first: str
) -> None:
    assert _shown(await phone.renew()) == (AgeBand.ADULT, ConcessionLevel.NONE)
    if first == "attested":
        await _attest(city, kept)
        merge_id = await officers.merged(kept, holder.resident_id)
    else:
        merge_id = await officers.merged(kept, holder.resident_id)
        await phone.renew()  # so that something is judged that has to end
        await _attest(city, kept)

    assert _shown(await phone.renew()) == (AgeBand.ADULT, ConcessionLevel.FREE)
    for record in (kept, holder.resident_id):
        evidence = await city.house.services[HolderEvidence].of(record)
        assert isinstance(evidence, Evidence), evidence
        assert evidence.concession is ConcessionLevel.FREE

    await officers.unmerged(merge_id)
    assert _shown(await phone.renew()) == (AgeBand.ADULT, ConcessionLevel.NONE)


async def test_so_does_one_recorded_under_the_merged_record_a_card_under_the_kept_one(
    city: City, officers: Officers, people: People, holder: Holder, phone: Phone
) -> None:
    other = await people.register(NEW)
    await _attest(city, other)
    await officers.merged(holder.resident_id, other)

    assert _shown(await phone.renew()) == (AgeBand.ADULT, ConcessionLevel.FREE)


async def test_the_age_is_that_of_the_kept_record(
    city: City, officers: Officers, kept: str, holder: Holder, phone: Phone
) -> None:
    await officers.merged(kept, holder.resident_id)
    await phone.renew()
    residents, now = city.house.services[Residents], city.clock.now()
    records = RecordCorrection(residents, Households(residents._sealer))

    await in_one_write(
        lambda session: records.correct(kept, PersonField.BIRTH, "1940-01-01", now, session)
    )

    assert _shown(await phone.renew())[0] is AgeBand.FROM_70


@pytest.mark.feature("S115")
async def test_a_death_reported_under_the_present_number_stops_the_card_of_before(
    city: City, officers: Officers, kept: str, holder: Holder, phone: Phone
) -> None:
    await officers.merged(kept, holder.resident_id)
    services = city.house.services
    services[SandboxRegister].report("c1", ChangeKind.DEATH, NEW)
    await services[RegisterFollower].follow()

    # Before the card's own part is done, and after.
    assert (await phone.renew())["code"] == "holder_not_resident"
    await services[HolderFollower].follow()
    card = await city.house.store.database["cards"].find_one({"_id": holder.card_id})
    assert card is not None
    assert card["stopped_by_death"]
    assert {one["state"] for one in card["devices"]} == {"UNBOUND"}


async def test_who_moves_away_by_the_present_number_gets_a_review_of_the_card_of_before(
    city: City, officers: Officers, kept: str, holder: Holder
) -> None:
    await officers.merged(kept, holder.resident_id)
    reviews, database = city.house.services[EligibilityReviews], city.house.store.database

    async def opened(session: Session) -> int:
        return await reviews._open([kept], session)

    assert await in_one_write(opened) == 1
    assert [row["resident_id"] async for row in database["eligibility_reviews"].find({})] == [kept]

    async def cancelled(session: Session) -> object:
        return await reviews._cancel(COUNTER, kept, session)

    assert await in_one_write(cancelled) is None
    card = await database["cards"].find_one({"_id": holder.card_id})
    assert card is not None
    assert card["state"] == "CANCELLED"


async def _attested_while_merging(city: City, kept: str, holder: Holder, phone: Phone) -> Any:
    """Have an attestation wait before its end, for a merge and a renewal that come meanwhile."""
    begun, go_on, told = asyncio.Event(), asyncio.Event(), facts_changed

    async def slowly(resident_ids: Sequence[str], session: Session) -> None:
        await told(resident_ids, session)
        begun.set()
        await go_on.wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(concessions, "facts_changed", slowly)
        attested = asyncio.create_task(_attest(city, kept))
        await begun.wait()
        merged = asyncio.create_task(Officers(city.house).merged(kept, holder.resident_id))
        await asyncio.wait({merged}, timeout=0.4)
        await phone.renew()
        go_on.set()
        await asyncio.gather(attested, merged)
    return await phone.renew()


async def test_a_merge_at_the_same_moment_loses_no_concession(
    city: City, kept: str, holder: Holder, phone: Phone
) -> None:
    answer = await _attested_while_merging(city, kept, holder, phone)

    assert _shown(answer) == (AgeBand.ADULT, ConcessionLevel.FREE)


async def test_without_the_hold_it_would(
    city: City, kept: str, holder: Holder, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""

    async def let_go(*_: object) -> None:
        """Hold nothing."""

    monkeypatch.setattr(concessions, "hold", let_go)

    answer = await _attested_while_merging(city, kept, holder, phone)

    assert _shown(answer) == (AgeBand.ADULT, ConcessionLevel.NONE)


async def test_who_forgets_to_tell_would_leave_the_card_as_it_was(
    city: City,
    officers: Officers,
    kept: str,
    holder: Holder,
    phone: Phone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control."""

    async def forgotten(*_: object) -> None: ...

    monkeypatch.setattr(concessions, "facts_changed", forgotten)
    monkeypatch.setattr(Judgements, "facts_changed", forgotten)
    await officers.merged(kept, holder.resident_id)
    await _attest(city, kept)

    assert _shown(await phone.renew()) == (AgeBand.ADULT, ConcessionLevel.NONE)
