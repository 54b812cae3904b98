"""Mandates through outlets, deaths, disputes, time and leaving, on the real store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.cards.card_service_frame import Wish
from backend.cards.card_services import CardServices
from backend.cards.commands import COUNTER
from backend.figures import MandateFigures
from backend.foundation import audit
from backend.foundation.access import Caller, Role
from backend.foundation.audit import AuditRow, Organisation
from backend.foundation.refusals import Refusal
from backend.mandates.acting import Acting, MandateUses, record_act
from backend.mandates.counter import CounterGrant, MandateCounter
from backend.mandates.deeds import of_caller
from backend.mandates.documents import Mandate, MandateNotice, MandateParty
from backend.mandates.granting import Terms
from backend.mandates.leaving import MandateLeaving
from backend.mandates.reach import Delegable
from backend.mandates.rules import Ending, MandateState
from backend.mandates.scopes import DEFAULT_SCOPES, Channel, Evidence, Relation, Scope
from backend.mandates.service import Mandates
from backend.mandates.sweeps import MandateSweeps
from backend.mandates.views import MandateView
from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind
from backend.residents.sandbox import SandboxRegister
from shared.localized_text import LocalizedText
from tests.backend.actors import City, Holder, id_number, new_key

PIN = "190827"
OUTLET = Organisation("360702-01", LocalizedText("章贡区服务网点", "Zhanggong outlet"))
CLERK = Caller(staff_id="stf_c", roles=frozenset({Role.OUTLET_CLERK}), organisation=OUTLET)


async def _person(city: City, birth: str, sequence: str) -> str:
    return await city.resident(id_number(birth, sequence))


async def _with_pin(city: City, sequence: str) -> Holder:
    holder = await city.holder(sequence, digest=None)
    wish = Wish(COUNTER, new_key(), card_in_hand=True)
    done = await city.house.services[CardServices].reset_pin(wish, holder.card_id, PIN)
    assert not isinstance(done, Refusal), done
    return holder


def _grant(principal: str, delegate: str, *scopes: Scope, pin: str = PIN) -> CounterGrant:
    terms = Terms(Relation.ELDER, scopes or DEFAULT_SCOPES, 31)
    return CounterGrant(principal, delegate, terms, Evidence.HOUSEHOLD_BOOKLET, pin)


async def use(city: City, mandate: str, caller: Caller, scope: Scope = Scope.BOOK) -> str:
    """Act once under a mandate; return what became of it."""
    acting = replace(caller, acting_for=mandate)
    found = await city.house.services[MandateUses].acting(acting, Delegable(scope))
    if isinstance(found, Refusal):
        return found.code
    return await _act(city, found)


async def _act(city: City, acting: Acting) -> str:
    deed = of_caller(None, "mandates.notices", acting.principal, city.clock.now())
    done = await audit.in_one_write(lambda session: record_act(deed, acting, session))
    return "done" if done is None else done.code


@pytest.mark.feature("D1", "U15")
@pytest.mark.feature("D5")
async def test_d1_d5_card_and_pin_at_an_outlet_confirm_and_wrong_pins_are_counted(
    city: City,
) -> None:
    holder, daughter = await _with_pin(city, "901"), await _person(city, "19750310", "902")
    counter = city.house.services[MandateCounter]
    wrong = replace(_grant(holder.resident_id, daughter), pin="111222")
    for _ in range(2):
        refused = await counter.grant(CLERK, new_key(), wrong)
        assert getattr(refused, "code", "") == "pin_wrong"
    key, wish = new_key(), _grant(holder.resident_id, daughter, Scope.PAY_SMALL)

    first = await counter.grant(CLERK, key, wish)
    again = await counter.grant(CLERK, key, wish)

    assert isinstance(first, MandateView)
    assert isinstance(again, MandateView)
    assert again.mandate_id == first.mandate_id
    stored = await Mandate.get(first.mandate_id)
    assert stored is not None
    assert (stored.channel, stored.checker) == (Channel.OUTLET, "stf_c")
    assert (stored.principal, stored.delegate) == (holder.resident_id, daughter)
    assert stored.text_hash
    assert stored.starts_at is not None
    assert stored.ends_at == stored.starts_at + timedelta(days=31)
    none = await counter.grant(None, new_key(), wish)
    assert getattr(none, "code", "") == "sign_in_needed"
    caller = Caller(resident_id=daughter)
    assert await use(city, first.mandate_id, caller, Scope.PAY_SMALL) == "mandate_cooling_down"


@pytest.mark.feature("D26")
async def test_d26_a_registered_death_ends_mandates_in_the_same_write(city: City) -> None:
    holder, daughter = await _with_pin(city, "901"), await _person(city, "19750310", "902")
    made = await city.house.services[MandateCounter].grant(
        CLERK, new_key(), _grant(holder.resident_id, daughter)
    )
    assert isinstance(made, MandateView)
    caller = Caller(resident_id=daughter)
    assert await use(city, made.mandate_id, caller) == "done"

    city.house.services[SandboxRegister].report("c1", ChangeKind.DEATH, id_number(sequence="901"))
    await city.house.services[RegisterFollower].follow()

    assert await use(city, made.mandate_id, caller) == "mandate_over"
    stored = await Mandate.get(made.mandate_id)
    assert stored is not None
    assert (stored.state, stored.ended) == (MandateState.ENDED, Ending.DEATH)
    told = await MandateNotice.find({"code": "mandates.ended"}).to_list()
    assert {one.person for one in told} == {holder.resident_id, daughter}


@pytest.mark.feature("D28")
async def test_d28_an_outlet_decides_a_dispute_and_the_log_has_it(city: City) -> None:
    holder = await _with_pin(city, "901")
    counter, mandates = city.house.services[MandateCounter], []
    for sequence in ("902", "903"):
        delegate = await _person(city, "19750310", sequence)
        wish = _grant(holder.resident_id, delegate, Scope.BOOK, Scope.PAY_SMALL)
        made = await counter.grant(CLERK, new_key(), wish)
        assert isinstance(made, MandateView), made
        mandates.append((made.mandate_id, Caller(resident_id=delegate, thumbprint=sequence)))
    city.clock.advance(86_400)
    (first, one), (second, other) = mandates
    principal = Caller(resident_id=holder.resident_id, thumbprint="p")
    await city.house.services[Mandates].dispute(principal, new_key(), first)

    assert await use(city, first, one) == "mandate_disputed"
    assert await use(city, second, other) == "done"
    assert await use(city, second, other, Scope.PAY_SMALL) == "mandate_disputed"
    await counter.settle(CLERK, new_key(), first, "关系不属实", upheld=False)
    assert await use(city, first, one) == "mandate_over"
    assert await use(city, second, other, Scope.PAY_SMALL) == "done"
    stored = await Mandate.get(first)
    assert stored is not None
    assert stored.ended is Ending.FALSE_CLAIM
    assert await AuditRow.find({"mandate": first, "action": "mandates.settled"}).count() == 1


@pytest.mark.feature("D15")
async def test_d15_a_court_ordered_exclusion_ends_and_blocks_with_neutral_words(
    city: City,
) -> None:
    holder, daughter = await _with_pin(city, "901"), await _person(city, "19750310", "902")
    counter = city.house.services[MandateCounter]
    made = await counter.grant(CLERK, new_key(), _grant(holder.resident_id, daughter))
    assert isinstance(made, MandateView)

    await counter.exclude(CLERK, new_key(), holder.resident_id, daughter, "法院裁定")

    assert await use(city, made.mandate_id, Caller(resident_id=daughter)) == "mandate_over"
    again = await counter.grant(CLERK, new_key(), _grant(holder.resident_id, daughter))
    assert isinstance(again, Refusal)
    assert again.code == "mandate_not_possible"
    # Neutral: neither who is refused nor who is told hears of a court, or that it is about them.
    told = await MandateNotice.find({"code": "mandates.stopped"}).to_list()
    assert {one.person for one in told} == {holder.resident_id, daughter}
    said = " ".join([repr(again), *(repr(one.words) for one in told)])
    for word in ("法院", "裁定", "禁止", "不得", "court", "exclu", "order"):
        assert word not in said


@pytest.mark.feature("D31")
@pytest.mark.feature("S90")
async def test_d31_an_agent_acts_for_who_is_there_one_day_and_so_often_a_day(city: City) -> None:
    holder = await _with_pin(city, "901")
    counter, agent = city.house.services[MandateCounter], replace(CLERK, staff_id="stf_agent")
    absent = await counter.assist(agent, new_key(), holder.resident_id, "", ())
    assert getattr(absent, "code", "") == "mandate_consent_needed"
    made = await counter.assist(agent, new_key(), holder.resident_id, PIN, (Scope.BOOK,))
    assert isinstance(made, MandateView), made
    most = MandateFigures().agent_acts_per_day

    said = [await use(city, made.mandate_id, agent) for _ in range(most + 1)]

    assert said == ["done"] * most + ["mandate_daily_cap"]
    assert await use(city, made.mandate_id, CLERK) == "mandate_unknown"  # another agent
    row = await AuditRow.find_one({"mandate": made.mandate_id, "action": "mandates.notices"})
    assert row is not None
    assert (row.actor["id"], row.organisation["code"]) == ("stf_agent", "360702-01")
    city.clock.advance(86_400)
    assert await use(city, made.mandate_id, agent) == "mandate_over"


@pytest.mark.feature("D14", "U13")
async def test_d14_both_are_reminded_once_and_the_mandate_ends_by_itself(city: City) -> None:
    holder, daughter = await _with_pin(city, "901"), await _person(city, "19750310", "902")
    made = await city.house.services[MandateCounter].grant(
        CLERK, new_key(), _grant(holder.resident_id, daughter)
    )
    assert isinstance(made, MandateView)
    sweeps = city.house.services[MandateSweeps]
    for _ in range(32):
        city.clock.advance(86_400)
        await sweeps.sweep()
        await sweeps.sweep()

    told = await MandateNotice.find({"mandate": made.mandate_id}).to_list()
    assert sorted((one.code, one.person) for one in told) == sorted(
        (code, person)
        for code in ("mandates.confirmed", *["mandates.ends_soon"] * 3, "mandates.ended")
        for person in (holder.resident_id, daughter)
    )
    why = {one.person: one.words["zh"] for one in told if one.code == "mandates.ends_soon"}
    assert why[holder.resident_id].startswith("您授权家人代办")
    assert why[daughter].startswith("您替家人代办")
    stored = await Mandate.get(made.mandate_id)
    assert stored is not None
    assert stored.ended is Ending.EXPIRED


@pytest.mark.feature("D14")
async def test_one_mandate_that_breaks_the_sweep_holds_up_nobody_and_has_its_turn_again(
    city: City,
) -> None:
    holder, daughter = await _with_pin(city, "901"), await _person(city, "19750310", "902")
    desk, sweeps = city.house.services[MandateCounter], city.house.services[MandateSweeps]
    made = await desk.grant(CLERK, new_key(), _grant(holder.resident_id, daughter))
    assert isinstance(made, MandateView)
    rows, broken = Mandate.get_pymongo_collection(), "mnd_broken"
    row = await rows.find_one({"_id": made.mandate_id})
    assert row is not None
    first = row["due_at"] - timedelta(seconds=1)
    await rows.insert_one({**row, "_id": broken, "ends_at": "never", "due_at": first})
    city.clock.advance((row["due_at"] - city.clock.now()).total_seconds())

    assert await sweeps.sweep() == 1

    reminded = {"mandate": made.mandate_id, "code": "mandates.ends_soon"}
    assert await MandateNotice.find(reminded).count() == 2
    await rows.update_one({"_id": broken}, {"$set": {"ends_at": row["ends_at"]}})
    assert await sweeps.sweep() == 1, "it was left as it was"


async def test_who_leaves_is_named_by_no_mandate_any_more(city: City) -> None:
    holder, daughter = await _with_pin(city, "901"), await _person(city, "19750310", "902")
    made = await city.house.services[MandateCounter].grant(
        CLERK, new_key(), _grant(holder.resident_id, daughter)
    )
    assert isinstance(made, MandateView)
    gone, now = holder.resident_id, city.clock.now()

    await audit.in_one_write(lambda s: MandateLeaving().close_account(gone, now, s))

    rows = [
        *await Mandate.find_all().to_list(),
        *await MandateParty.find_all().to_list(),
        *await MandateNotice.find_all().to_list(),
    ]
    assert gone not in repr(rows)
    assert daughter in repr(rows)
    assert await use(city, made.mandate_id, Caller(resident_id=daughter)) == "mandate_over"
