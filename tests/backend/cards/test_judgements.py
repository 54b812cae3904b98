"""A renewal that reads nothing says what looking everything up would say, or is not given."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.app import House
from backend.cards import certificates, concessions
from backend.cards.certificates import Certificates
from backend.cards.commands import COUNTER
from backend.cards.concession import Attestation, Category, concession_of
from backend.cards.concessions import Concessions
from backend.cards.devices import unbind
from backend.cards.judgements import Judgements, stands
from backend.cards.lifecycle import CardEvent
from backend.cards.policies import EcardPolicies
from backend.cards.policy import DEFAULT
from backend.cards.rules import (
    JUDGED_FOR,
    CertifiedPhone,
    next_claims,
    plan_claims,
    stands_until,
)
from backend.figures import CardFigures
from backend.foundation.access import OPERATOR
from backend.foundation.audit import in_one_write
from backend.foundation.audit_outbox import AuditOutbox
from backend.foundation.gathering import Gathering
from backend.foundation.households import Households
from backend.foundation.sealing import Sealer
from backend.residents.correcting import RecordCorrection
from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind
from backend.residents.rules import PersonField
from backend.residents.sandbox import SandboxRegister
from backend.residents.service import Residents
from backend.rights.closing_sweep import ClosingSweep
from shared.clock import ManualClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.certificate import AgeBand, ConcessionLevel
from tests.backend.actors import City, Holder, Phone, id_number, new_key
from tests.backend.cards.gate import certificate_in

FIGURES = CardFigures()
PHONE = CertifiedPhone(360700, 1, 7, 1, SoftwareKey.generate(Algorithm.ED25519).public)
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DISABLED = Attestation(Category.DISABLED, "章贡区残联", date(2020, 1, 1))
Sent = list[tuple[str, dict[str, Any]]]
_moments = st.integers(0, 400 * 86_400).map(lambda s: BEGIN + timedelta(seconds=s))


@given(
    birth=st.dates(date(1920, 1, 1), date(2026, 1, 1)),
    words=st.lists(
        st.builds(
            Attestation,
            category=st.sampled_from(Category),
            issuer=st.just("x"),
            first_day=st.dates(date(2026, 1, 1), date(2027, 6, 1)),
            last_day=st.none() | st.dates(date(2027, 6, 1), date(2028, 6, 1)),
        ),
        max_size=3,
    ),
    ends=st.none() | _moments,
    judged_at=_moments,
    later=st.integers(0, 40 * 86_400).map(lambda s: timedelta(seconds=s)),
)
def test_while_a_judgement_stands_the_next_certificate_is_what_judging_again_gives(
    birth: date,
    words: list[Attestation],
    ends: datetime | None,
    judged_at: datetime,
    later: timedelta,
) -> None:
    now, before = judged_at + later, concession_of(birth, words, judged_at)
    held = plan_claims(PHONE, before, ends, FIGURES, judged_at)
    claims = next_claims(held, PHONE.issuer_key_id, FIGURES, now)

    if claims.not_after <= stands_until(before, ends, judged_at):
        again = concession_of(birth, words, now)
        assert ends is None or now < ends
        assert claims == plan_claims(PHONE, again, ends, FIGURES, now)


def test_what_stands_ends_with_what_comes_first() -> None:
    child = concession_of(date(2008, 5, 1), [], BEGIN)
    assert child.changes_at is not None
    assert child.changes_at - BEGIN > JUDGED_FOR
    assert stands_until(child, None, BEGIN) == BEGIN + JUDGED_FOR
    near = child.changes_at - 3 * HOUR
    assert stands_until(child, None, near) == child.changes_at
    assert stands_until(child, near + HOUR, near) == near + HOUR


async def test_a_renewal_of_what_stands_is_one_command_by_an_index(
    city: City, house: House, sent: Sent
) -> None:
    phone = await city.phone(await city.holder())
    city.clock.advance(25 * 3600)
    sent.clear()

    answer = await phone.renew()

    assert answer["__typename"] == "RenewedCertificate"
    [(name, command)] = [one for one in sent if one[1].get(one[0]) != "policies"]
    assert (name, command["update"]) == ("update", "cards")
    plain = {"update": "cards", "updates": command["updates"]}
    told = await house.store.database.command({"explain": plain, "verbosity": "executionStats"})
    assert "devices.thumbprint_1" in str(told["queryPlanner"]["winningPlan"])
    assert told["executionStats"]["totalDocsExamined"] == 1


def _looked(sent: Sent) -> bool:
    """Tell whether card and holder were looked up."""
    return any(name == "aggregate" and command[name] == "cards" for name, command in sent)


@pytest.mark.parametrize("other", ["none", "not base64", "another phone's", "an older one", "cut"])
async def test_any_other_certificate_only_costs_a_look(city: City, sent: Sent, other: str) -> None:
    holder = await city.holder()
    stranger, phone = await city.phone(holder), await city.phone(holder)
    assert phone.held is not None
    older = phone.held
    city.clock.advance(3600)
    await phone.renew()
    phone.held = {
        "none": None,
        "not base64": "\0é",
        "another phone's": stranger.held,
        "an older one": older,
        "cut": older[:40],
    }[other]
    sent.clear()

    answer = await phone.renew()

    assert answer["__typename"] == "RenewedCertificate"
    assert _looked(sent)
    sent.clear()
    await phone.renew()
    assert not _looked(sent), "and from then on none"


async def test_a_repeated_request_gets_what_it_got_and_is_recorded_once(
    city: City, house: House
) -> None:
    holder = await city.holder()
    phone, key = await city.phone(holder), new_key()
    for passed in (0, 3600):
        city.clock.advance(passed)
        held, key = phone.held, new_key()
        first = await phone.renew(key)
        for _ in range(2):
            phone.held = held  # the answer was lost on its way
            assert (await phone.renew(key))["certificate"] == first["certificate"]

    await house.services[AuditOutbox].drain()
    renewed = {"action": "cards.certificate_renewed"}
    found = await house.store.database["audit_rows"].find(renewed).to_list()
    assert len(found) == 2
    assert {row["subject"] for row in found} == {holder.resident_id}
    assert {row["actor"]["id"] for row in found} == {holder.resident_id}


async def _attested(city: City, holder: Holder) -> None:
    attest = city.house.services[Concessions].attest
    assert isinstance(await attest(COUNTER, new_key(), holder.resident_id, DISABLED), str)


async def _older(city: City, holder: Holder) -> None:
    residents = city.house.services[Residents]
    sealer: Sealer = residents._sealer
    records, now = RecordCorrection(residents, Households(sealer)), city.clock.now()
    which = PersonField.BIRTH
    await in_one_write(
        lambda session: records.correct(holder.resident_id, which, "1940-01-01", now, session)
    )


async def _died(city: City, _: Holder) -> None:
    register = city.house.services[SandboxRegister]
    register.report(new_key(), ChangeKind.DEATH, id_number(sequence="901"))
    await city.house.services[RegisterFollower].follow()


async def _suspended(city: City, holder: Holder) -> None:
    await city.served(holder, CardEvent.SUSPEND)


async def _lost(city: City, holder: Holder) -> None:
    await city.served(holder, CardEvent.REPORT_LOST)


async def _unbound(city: City, holder: Holder) -> None:
    assert await unbind(holder.card_id, 1, city.clock.now())


async def _left(city: City, holder: Holder) -> None:
    sweep = city.house.services[ClosingSweep]

    async def leave(session: Any) -> None:
        for step in sweep._steps:
            await step.close_account(holder.resident_id, city.clock.now(), session)
            await step.erase(holder.resident_id, city.clock.now(), session)

    await in_one_write(leave)


async def _forbidden(city: City, _: Holder) -> None:
    table = DEFAULT.to_table() | {"ACTIVE": ["SHOW_CODE"]}
    await city.house.services[EcardPolicies].change(OPERATOR, new_key(), table)


Change = Callable[[City, Holder], Awaitable[None]]


@pytest.mark.feature("S21")
@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (_attested, ConcessionLevel.FREE),
        (_older, AgeBand.FROM_70),
        (_died, "holder_not_resident"),
        (_suspended, "card_suspended"),
        (_lost, "card_lost"),
        (_unbound, "device_unbound"),
        (_left, "device_unbound"),
        (_forbidden, "ecard_not_granted"),
    ],
)
async def test_the_next_renewal_follows_whatever_changed(
    city: City, sent: Sent, change: Change, shown: object
) -> None:
    holder = await city.holder()
    phone = await city.phone(holder)
    assert _says(await phone.renew()) == {AgeBand.ADULT, ConcessionLevel.NONE}

    await change(city, holder)
    sent.clear()
    answer = await phone.renew()

    assert shown in _says(answer)
    assert _looked(sent)


def _says(answer: Mapping[str, Any]) -> set[object]:
    if answer["__typename"] == "Refusal":
        return {answer["code"]}
    claims = certificate_in(answer).claims
    return {claims.age_band, claims.concession}


@pytest.mark.parametrize("change", [_attested, _older, _died])
async def test_who_forgets_to_tell_would_leave_old_facts_in_the_next_certificate(
    city: City, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    """The control."""

    async def forgotten(*_: object) -> None: ...

    monkeypatch.setattr(concessions, "facts_changed", forgotten)
    monkeypatch.setattr(Judgements, "facts_changed", forgotten)
    holder = await city.holder()
    phone = await city.phone(holder)

    await change(city, holder)

    assert _says(await phone.renew()) == {AgeBand.ADULT, ConcessionLevel.NONE}


async def test_what_stands_is_judged_again_in_time(city: City, sent: Sent) -> None:
    phone = await city.phone(await city.holder())
    looks = []
    for _ in range(31):
        city.clock.advance(86_400)
        sent.clear()
        assert (await phone.renew())["__typename"] == "RenewedCertificate"
        looks.append(_looked(sent))

    assert looks.index(True) == 28, "the 29th would end after the 30 days"
    assert looks.count(True) == 1


class _Held:
    """Holds what renewals write until it is let go."""

    def __init__(self, house: House) -> None:
        self.ready, self.go_on = asyncio.Event(), asyncio.Event()
        writes: Gathering[Any, bool] = house.services[Certificates]._writes
        self._write = writes._ask
        writes._ask = self._held

    async def _held(self, changes: Sequence[Any]) -> Sequence[bool]:
        self.ready.set()
        await self.go_on.wait()
        return await self._write(changes)


async def _while_renewing(city: City, phone: Phone, change: Awaitable[None]) -> dict[str, Any]:
    """Let something change between a renewal's decision and its write."""
    held = _Held(city.house)
    renewal = asyncio.create_task(phone.renew())
    await held.ready.wait()
    await change
    held.go_on.set()
    answer: dict[str, Any] = await renewal
    return answer


@pytest.mark.parametrize("seen", [False, True], ids=["reading nothing", "judged afresh"])
@pytest.mark.parametrize(
    ("change", "shown"), [(_suspended, "card_suspended"), (_attested, ConcessionLevel.FREE)]
)
async def test_a_change_at_the_same_moment_is_followed(
    city: City, change: Change, shown: object, *, seen: bool
) -> None:
    holder = await city.holder()
    phone = await city.phone(holder)
    phone.held = None if seen else phone.held

    assert shown in _says(await _while_renewing(city, phone, change(city, holder)))


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let conditions look at nothing but the phone."""
    judged = certificates._as_judged

    def phone_of(condition: dict[str, Any]) -> dict[str, Any]:
        return {"devices": condition["devices"]}

    monkeypatch.setattr(certificates, "stands", lambda *known: phone_of(stands(*known)))
    monkeypatch.setattr(certificates, "_as_judged", lambda *known: phone_of(judged(*known)))


@pytest.mark.usefixtures("careless")
@pytest.mark.parametrize("seen", [False, True], ids=["reading nothing", "judged afresh"])
@pytest.mark.parametrize("change", [_suspended, _attested])
async def test_without_the_conditions_old_facts_would_be_signed(
    city: City, change: Change, *, seen: bool
) -> None:
    """The control."""
    holder = await city.holder()
    phone = await city.phone(holder)
    phone.held = None if seen else phone.held

    says = _says(await _while_renewing(city, phone, change(city, holder)))

    assert says == {AgeBand.ADULT, ConcessionLevel.NONE}


async def test_of_many_at_once_each_gets_its_own(city: City, house: House) -> None:
    holders = [await city.holder(sequence, None) for sequence in ("911", "912", "913", "914")]
    phones = [await city.phone(holder) for holder in holders]
    city.clock.advance(3600)
    await _suspended(city, holders[2])

    answers = await asyncio.gather(*(phone.renew() for phone in phones))

    assert _says(answers[2]) == {"card_suspended"}
    given = {_raw(answers[which]) for which in (0, 1, 3)}
    stored = house.store.database["cards"].find({"state": "ACTIVE"})
    assert given == {bytes(card["devices"][0]["certificate"]) async for card in stored}
    await house.services[AuditOutbox].drain()
    renewed = {"action": "cards.certificate_renewed"}
    assert await house.store.database["audit_rows"].count_documents(renewed) == 3


def _raw(answer: Mapping[str, Any]) -> bytes:
    text = answer["certificate"]["certificate"]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_the_app_that_tells_nothing_gets_the_same(city: City, clock: ManualClock) -> None:
    """As apps of before do."""
    phone = await city.phone(await city.holder())
    clock.advance(3600)
    told = certificate_in(await phone.renew())
    phone.held = None

    assert certificate_in(await phone.renew()) == told
