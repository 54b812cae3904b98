"""S87: who says nothing by the hour is looked after: the emergency contact is told, once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.cards.asking import Asking
from backend.foundation.audit import AuditRow, in_one_write
from backend.foundation.refusals import Refusal
from backend.mandates.documents import MandateNotice
from backend.mandates.rules import MandateFacts, MandateState, ScopeGrant, hears
from backend.mandates.scopes import Scope
from backend.residents.documents import Resident, ResidentStatus
from backend.safe_checks.documents import SafeCheck
from backend.safe_checks.rules import due_after, first_due, wish_of
from backend.safe_checks.service import SafeChecks, SafeCheckView, note_missed
from backend.safe_checks.sweeps import SafeCheckSweeps
from tests.backend.actors import new_key
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative
from tests.backend.residents.officers import Officers

TEN = 10 * 60
MIDNIGHT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
"""The first instant of Monday, 23 November, in the city."""
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
TEN_MINUTES = timedelta(minutes=10)
"""The clock of tests stands at half past: so long before a full hour is always ahead."""


def _by(one: Relative) -> Asking:
    """Return them by their card's phone, whose key outlives sessions."""
    return Asking(one.resident_id, one.resident_id, None)


async def _sweep(family: Family, to: datetime | None = None) -> int:
    if to is not None:
        family.city.clock.advance((to - family.city.clock.now()).total_seconds())
    return await family.city.house.services[SafeCheckSweeps].sweep()


async def _told(one: Relative, code: str) -> int:
    return await MandateNotice.find({"person": one.resident_id, "code": code}).count()


@pytest.fixture
async def two(family: Family) -> tuple[Relative, Relative, str]:
    grandmother, daughter = await family.relative(GRANDMOTHER), await family.relative()
    mandate = await family.mandate(grandmother, daughter, Scope.NOTICE_COPY, Scope.BOOK)
    return grandmother, daughter, mandate


async def _set(one: Relative, *contacts: str, minute: int = TEN) -> Any:
    return await one.do("SetSafeCheck", minute=minute, contacts=list(contacts))


async def _due(one: Relative) -> datetime:
    row = await SafeCheck.get(one.resident_id)
    assert row is not None
    return row.due_at


@pytest.mark.feature("S87")
async def test_a_missed_check_in_tells_the_contact_once_by_name_and_a_word_after_it_too(
    family: Family, two: tuple[Relative, Relative, str]
) -> None:
    grandmother, daughter, mandate = two
    made = await _set(grandmother, mandate)
    assert [one["heard"] for one in made["contacts"]] == [True]
    due = await _due(grandmother)
    await daughter.phone.do("SignOut")
    assert await _sweep(family, due - SECOND) == 0
    assert await _told(daughter, "safe.missed") == 0

    assert await _sweep(family, due) == 1
    assert await _sweep(family) == 0

    assert await _told(daughter, "safe.missed") == 1
    assert await _told(grandmother, "safe.own") == 1
    [sent] = [one for one in await family.sms() if "报平安" in one]  # without the app, by SMS
    assert "钟*明到时间没有报平安" in sent
    assert "停止授权" not in sent

    checks, key = family.city.house.services[SafeChecks], new_key()
    for _ in range(2):
        well = await checks.check_in(_by(grandmother), key)
        assert isinstance(well, SafeCheckView), well
        assert (well.missed_at, well.due_at) == (None, due + timedelta(days=1))
    assert await _told(daughter, "safe.well") == 1


@pytest.mark.feature("S87")
async def test_who_says_it_in_time_is_not_missed_and_each_missed_day_is_told_once(
    family: Family, two: tuple[Relative, Relative, str]
) -> None:
    grandmother, daughter, mandate = two
    await _set(grandmother, mandate)
    due, checks = await _due(grandmother), family.city.house.services[SafeChecks]
    family.city.clock.advance((due - TEN_MINUTES - family.city.clock.now()).total_seconds())
    assert isinstance(await checks.check_in(_by(grandmother), new_key()), SafeCheckView)
    assert await _sweep(family, due + HOUR) == 0
    assert await _sweep(family, due + timedelta(days=3)) == 1, "days without a server are one"
    first = await checks.of(_by(grandmother))
    assert isinstance(first, SafeCheckView), first
    assert first.missed_at == due + timedelta(days=1)
    assert await _sweep(family, due + timedelta(days=4)) == 1
    assert await _told(daughter, "safe.missed") == 2
    since = await checks.of(_by(grandmother))
    assert isinstance(since, SafeCheckView), since
    assert since.missed_at == first.missed_at, "since when nothing was heard, not how lately"


@pytest.mark.feature("S87")
async def test_who_says_it_between_the_look_of_a_sweep_and_its_write_alarms_nobody(
    family: Family, two: tuple[Relative, Relative, str]
) -> None:
    grandmother, daughter, mandate = two
    await _set(grandmother, mandate)
    due, checks = await _due(grandmother), family.city.house.services[SafeChecks]
    family.city.clock.advance((due - family.city.clock.now()).total_seconds())
    assert isinstance(await checks.check_in(_by(grandmother), new_key()), SafeCheckView)
    noted = await in_one_write(lambda session: note_missed(grandmother.resident_id, due, session))
    assert (noted, await _told(daughter, "safe.missed")) == (0, 0)


@pytest.mark.feature("S87", "D7")
async def test_who_may_not_hear_of_it_is_not_told_and_the_elder_learns_that(
    family: Family, two: tuple[Relative, Relative, str]
) -> None:
    grandmother, daughter, mandate = two
    books = await family.mandate(grandmother, await family.relative(), Scope.BOOK)
    for contacts, code in (
        ([books], "safe_check_contact_not_live"),
        ([], "safe_check_contacts"),
        ([mandate, "mnd_nobodys"], "safe_check_contacts"),
    ):
        assert (await _set(grandmother, *contacts))["code"] == code
    assert (await _set(daughter, mandate))["code"] == "safe_check_contacts", "not hers to give"
    assert (await _set(grandmother, mandate, minute=5 * 60))["code"] == "safe_check_time"
    assert (await grandmother.see("SafeCheck"))["code"] == "safe_check_off"
    await _set(grandmother, mandate)
    await grandmother.do("StopMandate", mandate=mandate)
    seen = await grandmother.see("SafeCheck")
    assert [one["heard"] for one in seen["contacts"]] == [False]

    await _sweep(family, await _due(grandmother))

    assert await _told(daughter, "safe.missed") == 0
    [own] = await MandateNotice.find({"code": "safe.own"}).to_list()
    assert "请重新选" in own.words["zh"]


@pytest.mark.feature("S87")
async def test_who_changes_the_hour_after_their_word_of_the_day_alarms_nobody_that_day(
    family: Family, two: tuple[Relative, Relative, str]
) -> None:
    grandmother, daughter, mandate = two
    await _set(grandmother, mandate)
    due, checks = await _due(grandmother), family.city.house.services[SafeChecks]
    family.city.clock.advance((due - TEN_MINUTES - family.city.clock.now()).total_seconds())
    assert isinstance(await checks.check_in(_by(grandmother), new_key()), SafeCheckView)
    wish = wish_of(TEN + 240, [mandate])
    changed = await checks.set(_by(grandmother), new_key(), wish)
    assert isinstance(changed, SafeCheckView), changed
    assert changed.due_at == due + timedelta(days=1, hours=4)
    assert await _sweep(family, due + 5 * HOUR) == 0
    assert await _told(daughter, "safe.missed") == 0
    assert await AuditRow.find({"action": "safe.set"}).count() == 2


@pytest.mark.feature("S87")
async def test_a_record_that_does_not_open_keeps_no_other_family_from_hearing(
    family: Family, two: tuple[Relative, Relative, str], caplog: pytest.LogCaptureFixture
) -> None:
    grandmother, daughter, mandate = two
    await _set(grandmother, mandate)
    due, other = await _due(grandmother), await family.relative()
    missed = SafeCheck(id=other.resident_id, minute=TEN, contacts=[mandate], due_at=due - SECOND)
    await missed.insert()
    await Resident.find({"_id": other.resident_id}).set({"birth_sealed": b"altered"})
    assert await _sweep(family, due) == 1
    assert await _told(daughter, "safe.missed") == 1
    assert "left for the next round" in caplog.text
    assert await _due(other) == due - SECOND, "it is looked at again"


@pytest.mark.feature("S115")
async def test_a_record_whose_word_is_waited_for_is_not_merged(
    family: Family, two: tuple[Relative, Relative, str]
) -> None:
    grandmother, _, mandate = two
    twin = await family.relative(GRANDMOTHER)
    await _set(grandmother, mandate)
    await grandmother.do("StopMandate", mandate=mandate)
    officers = Officers(family.city.house)
    assert await officers.refused(twin.resident_id, grandmother.resident_id) == "merge_safe_check"
    checks = family.city.house.services[SafeChecks]
    assert await checks.stop(_by(grandmother), new_key()) is None
    await officers.merged(twin.resident_id, grandmother.resident_id)


@pytest.mark.feature("D25")
async def test_d25_a_delegate_sees_the_hour_by_the_scope_and_no_other_contact(
    family: Family, two: tuple[Relative, Relative, str]
) -> None:
    grandmother, daughter, mandate = two
    son = await family.relative()
    other = await family.mandate(grandmother, son, Scope.NOTICE_COPY)
    await _set(grandmother, mandate, other)
    daughter.phone.acting_for = mandate
    seen = await daughter.see("SafeCheck")
    assert [one["mandate"] for one in seen["contacts"]] == [mandate]
    document = "mutation M($i: SafeCheckInput!) { checkInSafe(input: $i) { __typename } }"
    wish = {"i": {"idempotencyKey": new_key()}}
    refused = (await daughter.phone.post(document, wish)).json()
    assert refused["errors"][0]["extensions"]["code"] == "not_delegable"
    await grandmother.do("StopMandate", mandate=mandate, scope="NOTICE_COPY")
    assert (await daughter.see("SafeCheck"))["code"] == "mandate_scope_missing"


@pytest.mark.feature("D26")
async def test_d26_the_dead_are_not_waited_for_and_switching_off_forgets_it(
    family: Family, two: tuple[Relative, Relative, str]
) -> None:
    grandmother, daughter, mandate = two
    await _set(grandmother, mandate)
    due = await _due(grandmother)
    await Resident.find({"_id": grandmother.resident_id}).set(
        {"status": ResidentStatus.DECEASED.value}
    )
    await _sweep(family, due)
    assert (await SafeCheck.count(), await _told(daughter, "safe.missed")) == (0, 0)
    son = await family.relative()
    checks = family.city.house.services[SafeChecks]
    assert isinstance(await checks.check_in(_by(son), new_key()), Refusal)
    await SafeCheck(id=son.resident_id, minute=TEN, contacts=[mandate], due_at=due).insert()
    assert await checks.stop(_by(son), new_key()) is None
    assert await SafeCheck.count() == 0


def test_only_a_word_of_the_same_day_counts_for_its_hour() -> None:
    ten = MIDNIGHT + 10 * HOUR
    assert first_due(TEN, MIDNIGHT) == ten
    assert first_due(TEN, ten - SECOND) == ten
    assert first_due(TEN, ten) == ten + 24 * HOUR
    assert due_after(TEN, MIDNIGHT - SECOND) == ten, "the evening before says nothing of the night"
    assert due_after(TEN, MIDNIGHT) == ten + 24 * HOUR
    assert due_after(TEN, ten + 10 * HOUR) == ten + 24 * HOUR
    assert first_due(TEN, MIDNIGHT, said_at=MIDNIGHT - SECOND) == ten
    assert first_due(TEN, MIDNIGHT + SECOND, said_at=MIDNIGHT) == ten + 24 * HOUR


@pytest.mark.parametrize(
    ("minute", "count", "fits"),
    [
        (359, 1, False),
        (360, 1, True),
        (1320, 3, True),
        (1321, 1, False),
        (600, 0, False),
        (600, 4, False),
        (-1, 1, False),
    ],
)
def test_the_hour_and_the_number_of_contacts_have_bounds(
    minute: int, count: int, fits: bool
) -> None:
    wish = wish_of(minute, [f"m{n}" for n in range(count)] * 2)
    assert isinstance(wish, Refusal) is not fits


def test_only_a_mandate_in_force_with_copies_of_notices_hears() -> None:
    def facts(*scopes: ScopeGrant, state: MandateState = MandateState.ACTIVE) -> MandateFacts:
        return MandateFacts("d", state, scopes, MIDNIGHT + HOUR, MIDNIGHT)

    since = ScopeGrant(Scope.NOTICE_COPY, MIDNIGHT)
    assert hears(facts(since), MIDNIGHT)
    assert not hears(facts(since), MIDNIGHT - SECOND)
    assert not hears(facts(since), MIDNIGHT + HOUR)
    assert not hears(facts(ScopeGrant(Scope.NOTICE_COPY, MIDNIGHT, MIDNIGHT)), MIDNIGHT)
    assert not hears(facts(ScopeGrant(Scope.BOOK, MIDNIGHT)), MIDNIGHT)
    assert not hears(facts(since, state=MandateState.ENDED), MIDNIGHT)
