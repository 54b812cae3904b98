"""What a delegate pays for the principal, against the limits that the principal set (D21)."""

import asyncio
from datetime import date
from typing import Any

import pytest

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow
from backend.foundation.refusals import Refusal
from backend.mandates.acting import MandateUses, record_act
from backend.mandates.deeds import of_caller
from backend.mandates.documents import Mandate, MandateNotice
from backend.mandates.paying import Payment, record_payment
from backend.mandates.reach import Delegable
from backend.mandates.rules import spent_in
from backend.mandates.scopes import Scope
from backend.mandates.views import MandateViews
from tests.backend.actors import City
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative

ACTION = "mandates.limits"  # stands for a payment of an area above
DAY = 86_400


class Purse:
    """A delegate who pays under a mandate."""

    def __init__(self, city: City, mandate: str, delegate: str) -> None:
        self.city, self.mandate = city, mandate
        self.caller = Caller(resident_id=delegate, thumbprint="d", acting_for=mandate)

    async def pay(self, fen: int, to: str | None = None, scope: Scope = Scope.PAY_SMALL) -> str:
        acting = await self.city.house.services[MandateUses].acting(self.caller, Delegable(scope))
        if isinstance(acting, Refusal):
            return acting.code
        deed = of_caller(None, ACTION, acting.principal, self.city.clock.now())
        payment = Payment(fen, to)
        done = await audit.in_one_write(lambda s: record_payment(deed, payment, acting, s))
        return "paid" if done is None else done.code

    async def unguarded(self, fen: int) -> str:
        """Pay as if it were enough to look at the sums before."""
        acting = await self.city.house.services[MandateUses].acting(
            self.caller, Delegable(Scope.PAY_SMALL)
        )
        assert not isinstance(acting, Refusal)
        stored = await Mandate.get(self.mandate)
        assert stored is not None
        if (stored.spent.day_fen if stored.spent else 0) + fen > stored.limits.per_day:
            return "mandate_over_limit"
        deed = of_caller(None, ACTION, acting.principal, self.city.clock.now())
        await audit.in_one_write(lambda s: record_act(deed, acting, s))
        return "paid"


@pytest.fixture
async def people(family: Family) -> tuple[Relative, Relative]:
    return await family.relative(GRANDMOTHER), await family.relative()


async def _purse(family: Family, people: tuple[Relative, Relative], *limits: int) -> Purse:
    elder, younger = people
    mandate = await family.mandate(elder, younger, Scope.BOOK, Scope.PAY_SMALL)
    if limits:
        wish: dict[str, Any] = dict(
            zip(("perActFen", "perDayFen", "perMonthFen"), limits, strict=True)
        )
        await elder.do("LimitMandate", mandate=mandate, **wish)
    family.city.clock.advance(DAY)  # money begins a day after the confirmation
    return Purse(family.city, mandate, younger.resident_id)


@pytest.mark.feature("D21")
async def test_d21_nothing_is_paid_until_the_principal_sets_a_limit(
    family: Family, people: tuple[Relative, Relative]
) -> None:
    purse = await _purse(family, people)

    assert await purse.pay(1) == "mandate_over_limit"
    assert await AuditRow.find({"mandate": purse.mandate, "action": ACTION}).count() == 0
    assert await MandateNotice.find({"mandate": purse.mandate, "code": ACTION}).count() == 0


@pytest.mark.feature("D21")
@pytest.mark.feature("D23")
async def test_d21_d23_each_limit_holds_for_its_time_and_each_payment_is_told_once(
    family: Family, people: tuple[Relative, Relative]
) -> None:
    purse = await _purse(family, people, 300, 500, 900)
    refused = "mandate_over_limit"

    first_day = [await purse.pay(fen) for fen in (301, 0, -5, 300, 201, 200, 1)]
    family.city.clock.advance(DAY)
    second_day = [await purse.pay(fen) for fen in (300, 101, 100, 1)]
    family.city.clock.advance(35 * DAY)

    assert first_day == [refused, refused, refused, "paid", refused, "paid", refused]
    assert second_day == ["paid", refused, "paid", refused]  # the month's limit
    told = await MandateNotice.find({"mandate": purse.mandate, "code": ACTION}).to_list()
    assert [one.person for one in told] == [people[0].resident_id] * 4
    delegate = {"mandate": purse.mandate, "actor.id": people[1].resident_id, "action": ACTION}
    assert await AuditRow.find(delegate).count() == 4
    assert await purse.pay(1) == "mandate_over"


@pytest.mark.feature("D21")
async def test_d21_never_to_the_delegates_own_account_nor_by_another_scope(
    family: Family, people: tuple[Relative, Relative]
) -> None:
    purse, (elder, younger) = await _purse(family, people, 300, 500, 900), people

    assert await purse.pay(1, younger.resident_id) == "mandate_own_account"
    assert await purse.pay(1, scope=Scope.BOOK) == "mandate_scope_missing"
    assert await purse.pay(1, elder.resident_id) == "paid"

    views = family.city.house.services[MandateViews]
    seen = await views.view(purse.mandate, elder.resident_id)
    assert not isinstance(seen, Refusal)
    assert (seen.spent_today, seen.spent_this_month) == (1, 1)


@pytest.mark.feature("D21")
async def test_d21_payments_at_once_take_a_limit_once_and_a_look_before_would_not(
    family: Family, people: tuple[Relative, Relative]
) -> None:
    purse = await _purse(family, people, 300, 500, 900)

    said = await asyncio.gather(*(purse.pay(300) for _ in range(5)))
    looked = await asyncio.gather(*(purse.unguarded(100) for _ in range(5)))

    assert sorted(said) == ["mandate_over_limit"] * 4 + ["paid"]
    assert looked.count("paid") > 2  # of 500, 300 were gone


def test_d21_sums_count_for_their_day_and_month_only() -> None:
    spent: dict[str, Any] = {"day": "2028-02-29", "day_fen": 5, "month_fen": 9}
    assert spent_in(None, date(2028, 2, 29)) == (0, 0)
    assert spent_in(spent, date(2028, 2, 29)) == (5, 9)
    assert spent_in({**spent, "day": "2028-02-28"}, date(2028, 2, 29)) == (0, 9)
    assert spent_in(spent, date(2028, 3, 1)) == (0, 0)
    assert spent_in(spent, date(2029, 2, 28)) == (0, 0)
