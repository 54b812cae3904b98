"""Age band and concession, to the second at which they change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.app import House
from backend.cards.card_writes import PhysicalCard
from backend.cards.commands import COUNTER
from backend.cards.concession import BAND_AGES, Attestation, Category, concession_of
from backend.cards.concessions import Concessions
from backend.cards.rules import CertifiedPhone, plan_claims
from backend.cards.service import Cards
from backend.figures import CardFigures
from backend.foundation.access import Caller
from backend.foundation.refusals import Refusal
from shared.clock import LOCAL_ZONE, ManualClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.certificate import AgeBand, CertificateClaims, ConcessionLevel
from shared.identity.age import birthday_in
from tests.backend.actors import City, Holder, Phone, id_number, new_key
from tests.backend.cards.gate import certificate_in

FIGURES = CardFigures()
KEY = SoftwareKey.generate(Algorithm.ED25519).public
PHONE = CertifiedPhone(360700, 1, 7, 1, KEY)
SECOND = timedelta(seconds=1)


def _claims(birth: date, now: datetime, *words: Attestation) -> CertificateClaims:
    return plan_claims(PHONE, concession_of(birth, words, now), None, FIGURES, now)


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("birth", "midnight", "before", "after"),
    [
        (date(2020, 5, 1), "2026-05-01", AgeBand.UNDER_6, AgeBand.FROM_6_TO_17),
        (date(2008, 5, 1), "2026-05-01", AgeBand.FROM_6_TO_17, AgeBand.ADULT),
        (date(1966, 5, 1), "2026-05-01", AgeBand.ADULT, AgeBand.FROM_60),
        (date(1961, 5, 1), "2026-05-01", AgeBand.FROM_60, AgeBand.FROM_65),
        (date(1956, 5, 1), "2026-05-01", AgeBand.FROM_65, AgeBand.FROM_70),
        # Born on 29 February: in a common year the year is complete on the 28th.
        (date(2008, 2, 29), "2026-02-28", AgeBand.FROM_6_TO_17, AgeBand.ADULT),
        (date(1964, 2, 29), "2024-02-29", AgeBand.ADULT, AgeBand.FROM_60),
        (date(1960, 2, 29), "2025-02-28", AgeBand.FROM_60, AgeBand.FROM_65),
    ],
)
def test_the_band_flips_at_midnight_of_the_birthday_and_no_certificate_outlives_it(
    birth: date, midnight: str, before: AgeBand, after: AgeBand
) -> None:
    flip = _local(midnight)

    for earlier in (SECOND, timedelta(hours=1), timedelta(hours=47, minutes=59)):
        claims = _claims(birth, flip - earlier)
        assert claims.age_band is before
        assert claims.not_after == flip
        assert claims.not_before <= flip - earlier
    assert _claims(birth, flip).age_band is after
    assert _claims(birth, flip).lifetime_hours == 48
    assert _claims(birth, flip - timedelta(hours=49)).lifetime_hours == 48


@given(
    birth=st.dates(date(1920, 1, 1), date(2025, 12, 31)),
    now=st.integers(0, 9 * 365 * 86_400).map(lambda s: _local("2026-01-01") + s * SECOND),
    words=st.lists(
        st.builds(
            Attestation,
            category=st.sampled_from(Category),
            issuer=st.just("x"),
            first_day=st.dates(date(2025, 12, 1), date(2035, 1, 1)),
            last_day=st.none() | st.dates(date(2026, 1, 1), date(2035, 1, 1)),
        ),
        max_size=3,
    ),
)
def test_what_a_certificate_says_is_true_in_each_of_its_hours(
    birth: date, now: datetime, words: list[Attestation]
) -> None:
    claims = _claims(birth, now, *words)

    assert claims.not_before <= now < claims.not_after
    assert 1 <= claims.lifetime_hours <= 48
    hours = range(int((claims.not_after - now).total_seconds() // 3600))
    for moment in (now, *(now + timedelta(hours=h) for h in hours), claims.not_after - SECOND):
        there = concession_of(birth, words, moment)
        assert (there.age_band, there.level) == (claims.age_band, claims.concession)


def test_the_ages_are_those_at_which_the_code_format_changes_its_band() -> None:
    changes = [age for age in range(1, 120) if AgeBand.of_age(age) != AgeBand.of_age(age - 1)]

    assert tuple(changes) == BAND_AGES


def test_the_highest_level_attested_counts_on_its_days_only() -> None:
    student = Attestation(Category.FULL_TIME_STUDENT, "学校", date(2026, 3, 1), date(2026, 6, 30))
    disabled = Attestation(Category.DISABLED, "残联", date(2026, 6, 30))
    words, birth = (student, disabled), date(1990, 1, 1)

    assert concession_of(birth, words, _local("2026-02-28")).level is ConcessionLevel.NONE
    spring = concession_of(birth, words, _local("2026-03-01"))
    assert spring.level is ConcessionLevel.REDUCED
    assert spring.changes_at == _local("2026-06-30")
    summer = concession_of(birth, words, _local("2026-07-01"))
    assert (summer.level, summer.changes_at) == (ConcessionLevel.FREE, _local("2050-01-01"))


async def test_a_phone_gets_what_is_attested_and_the_store_does_not_say_why(
    city: City, house: House
) -> None:
    holder = await city.holder()
    phone = await city.phone(holder)
    word = Attestation(Category.DISABLED, "章贡区残联", date(2020, 1, 1))
    concessions = house.services[Concessions]
    key = new_key()
    first = await concessions.attest(COUNTER, key, holder.resident_id, word)
    assert await concessions.attest(COUNTER, key, holder.resident_id, word) == first

    certificate = certificate_in(await phone.renew())

    assert certificate.claims.concession is ConcessionLevel.FREE
    rows = [row async for row in house.store.database["attestations"].find({})]
    assert len(rows) == 1
    assert "disabled" not in str(rows)
    assert "残联" not in str(rows)
    kept = [row async for row in house.store.database["kept_answers"].find({})]
    assert "disabled" not in str(kept)


async def test_nobody_attests_their_own_concession(city: City, house: House) -> None:
    holder = await city.holder()
    word = Attestation(Category.VETERAN, "自己", date(2020, 1, 1))
    own = Caller(resident_id=holder.resident_id)

    refused = await house.services[Concessions].attest(own, new_key(), holder.resident_id, word)

    assert isinstance(refused, Refusal)
    assert refused.code == "not_permitted"


@pytest.mark.parametrize(
    "word",
    [
        Attestation(Category.VETERAN, "", date(2020, 1, 1)),
        Attestation(Category.VETERAN, "x" * 61, date(2020, 1, 1)),
        Attestation(Category.VETERAN, "a\0b", date(2020, 1, 1)),
        Attestation(Category.VETERAN, "x", date(2020, 1, 2), date(2020, 1, 1)),
        Attestation(Category.VETERAN, "x", date(2020, 1, 2), date.max),
    ],
)
async def test_an_attestation_that_makes_no_sense_is_refused(
    city: City, house: House, word: Attestation
) -> None:
    resident_id = await city.resident()

    refused = await house.services[Concessions].attest(COUNTER, new_key(), resident_id, word)

    assert isinstance(refused, Refusal)
    assert refused.code == "attestation_form"


async def test_a_phone_renews_into_the_new_band_at_midnight(
    city: City, house: House, clock: ManualClock
) -> None:
    """The clock of the whole house is moved over the birthday."""
    tomorrow = clock.now().astimezone(LOCAL_ZONE).date() + timedelta(days=1)
    birth = birthday_in(tomorrow, tomorrow.year - 60)
    resident_id = await city.resident(id_number(birth=f"{birth:%Y%m%d}", sequence="777"))
    phone = await _phone_of(city, house, resident_id, clock)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=LOCAL_ZONE)

    before = certificate_in(await phone.renew())
    assert (before.claims.age_band, before.claims.not_after) == (AgeBand.ADULT, midnight)
    clock.advance((midnight - clock.now() - SECOND).total_seconds())
    assert certificate_in(await phone.renew()).claims.age_band is AgeBand.ADULT
    clock.advance(1)
    after = certificate_in(await phone.renew())

    assert after.claims.age_band is AgeBand.FROM_60
    assert not before.holds_at(clock.now())


async def _phone_of(city: City, house: House, resident_id: str, clock: ManualClock) -> Phone:
    card_id = await house.services[Cards].issue(
        resident_id, PhysicalCard("D15600777", None, 3), clock.now()
    )
    assert isinstance(card_id, str)
    return await city.phone(Holder(resident_id, card_id))
