"""A desk that gives out passes and vouchers, and people with cards who hold them."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from backend.app import House
from backend.cards.asking import Asking
from backend.cards.card_writes import PhysicalCard
from backend.cards.lifecycle import CardState
from backend.cards.service import Cards
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import Organisation, in_one_write
from backend.foundation.entitlements import EntryFlag
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.passes.changes import Passes
from backend.passes.documents import StoredPass, TrainingVoucher
from backend.passes.entries import PassEntries
from backend.passes.issuing import PassIssuing
from backend.passes.products import PassProducts
from backend.passes.rules import PassKind, PassProduct, PassWish, Terms
from backend.passes.transfers import PassTransfers
from backend.passes.views import PassView
from backend.passes.voucher_records import VoucherView
from backend.passes.voucher_rules import Course, Programme
from backend.passes.vouchers import TrainingVouchers
from backend.residents.service import Residents
from backend.venues.catalogue import Catalogue
from shared.admission.circumstances import DayRange
from shared.admission.prices import PriceList, Product
from shared.clock import ManualClock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from tests.backend.actors import REGION, id_number, new_key
from tests.backend.bookings.hall import entry

HALL, GARDEN = 77, 78
HERE = Organisation(f"venue-{HALL}", LocalizedText("陶瓷博物馆", "Ceramics Museum"))
ELSEWHERE = Organisation("venue-79", LocalizedText("其他场馆", "Another venue"))
VENUE_STAFF = Caller(staff_id="stf_venue", roles=frozenset({Role.VENUE_STAFF}), organisation=HERE)
COLLEAGUE = replace(VENUE_STAFF, staff_id="stf_elsewhere", organisation=ELSEWHERE)
OFFICER = Caller(staff_id="stf_officer", roles=frozenset({Role.DEPARTMENT_OFFICER}))
OUTSIDER = Caller(staff_id="stf_other", roles=frozenset({Role.OUTLET_CLERK}))
ALWAYS = DayRange(date(2020, 1, 1))


def product(code: str = "ten", price_fen: int = 0, **changed: Any) -> PassProduct:
    """Return a product: ten uses of the hall for a year, for nothing, handed on as one likes."""
    name = LocalizedText("十次卡", "Ten entries")
    plain: dict[str, Any] = {
        "kind": PassKind.USES,
        "name": name,
        "venues": frozenset({HALL}),
        "terms": Terms(PriceList((Product(code, name, price_fen),))),
        "on_sale": ALWAYS,
        "uses": 10,
        "valid_days": 365,
        "refund_days": 30,
        "per_holder": 5,
        "personal": False,
    }
    return PassProduct(code, **{**plain, **changed})


def programme(**changed: Any) -> Programme:
    plain: dict[str, Any] = {
        "code": "skills",
        "name": LocalizedText("技能提升培训券", "Skills voucher"),
        "value_fen": 120_000,
        "course_types": ("electrician", "nursing"),
        "valid_days": 180,
        "hold_days": 7,
    }
    return Programme(**{**plain, **changed})


@dataclass
class Desk:
    """One server's services on a store that others may share."""

    house: House
    clock: ManualClock
    people: dict[str, str] = field(default_factory=dict)

    @property
    def passes(self) -> Passes:
        return self.house.services[Passes]

    @property
    def products(self) -> PassProducts:
        return self.house.services[PassProducts]

    @property
    def transfers(self) -> PassTransfers:
        return self.house.services[PassTransfers]

    @property
    def vouchers(self) -> TrainingVouchers:
        return self.house.services[TrainingVouchers]

    @property
    def today(self) -> date:
        return local_day(self.clock.now())

    async def open(self, *products: PassProduct) -> None:
        """File the venues and describe products."""
        places = [entry(HALL), entry(GARDEN)]
        await self.house.services[Catalogue].file(places)
        assert await self.products.put(OPERATOR, products or (product(),)) is None

    async def run(self, *programmes: Programme) -> None:
        await self.house.services[Catalogue].file([entry(HALL)])
        assert await self.vouchers.put(OFFICER, programmes or (programme(),)) is None

    async def person(self, who: str, birth: str = "19880312") -> Asking:
        """Return somebody with a card, made the first time they are named."""
        if who not in self.people:
            sequence = f"{901 + len(self.people)}"
            services, now = self.house.services, self.clock.now()
            made = await services[Residents].register(
                id_number(birth, sequence), "钟小明", REGION, now
            )
            assert not isinstance(made, Refusal)
            card = PhysicalCard(f"D15600{sequence}", None, 3)
            issued = await services[Cards].issue(made.resident_id, card, now)
            assert isinstance(issued, str), issued
            self.people[who] = made.resident_id
        return Asking(self.people[who], f"thumbprint {who}", CardState.ACTIVE)

    async def take(
        self, who: str, code: str = "ten", key: str = "", **wish: Any
    ) -> PassView | Refusal:
        return await self.house.services[PassIssuing].take(
            await self.person(who), key or new_key(), PassWish(code, **wish)
        )

    async def held(self, who: str, code: str = "ten", **wish: Any) -> str:
        """Take a pass, which must succeed, and return its id."""
        taken = await self.take(who, code, **wish)
        assert isinstance(taken, PassView), taken
        return taken.pass_id

    async def issue(
        self, who: str, code: str = "ten", reference: str = "R-1", key: str = "", **wish: Any
    ) -> PassView | Refusal:
        whose = (await self.person(who)).resident_id
        return await self.house.services[PassIssuing].issue(
            VENUE_STAFF, key or new_key(), whose, PassWish(code, **wish), reference
        )

    async def count(
        self, pass_id: str, persons: int = 1, scan: str = "", at: datetime | None = None
    ) -> AbstractSet[EntryFlag] | None:
        """Count an entry as a scan's transaction does."""

        async def act(session: Session) -> AbstractSet[EntryFlag] | None:
            entries, when = self.house.services[PassEntries], at or self.clock.now()
            return await entries.count(session, pass_id, persons, when, scan or new_key())

        return await in_one_write(act)

    async def refund(self, who: str, pass_id: str, key: str = "") -> PassView | Refusal:
        return await self.passes.refund(await self.person(who), key or new_key(), pass_id)

    async def hand_on(self, giver: str, taker: str, pass_id: str) -> PassView | Refusal:
        offered = await self.transfers.offer(await self.person(giver), new_key(), pass_id)
        if isinstance(offered, Refusal):
            return offered
        return await self.transfers.accept(await self.person(taker), new_key(), offered.invitation)

    async def row(self, pass_id: str) -> Mapping[str, Any]:
        passes = StoredPass.get_pymongo_collection()
        found: Mapping[str, Any] | None = await passes.find_one({"_id": pass_id})
        assert found is not None
        return found

    async def counts(self, pass_id: str) -> tuple[int | None, int, int]:
        """Return what is left, used and over of a pass, after the sum has been checked."""
        row = await self.row(pass_id)
        left = row.get("left")
        assert left is None or (left >= 0 and left + row["used"] == row["uses"])
        return left, row["used"], row["over"]

    async def voucher(self, who: str, code: str = "skills") -> str:
        """Issue a voucher, which must succeed, and return its id."""
        whose = (await self.person(who)).resident_id
        issued = await self.vouchers.issue(OFFICER, new_key(), whose, code)
        assert isinstance(issued, VoucherView), issued
        return issued.voucher_id

    def course(self, name: str = "E-2026-1", **changed: Any) -> Course:
        plain: dict[str, Any] = {
            "course_type": "electrician",
            "course": name,
            "provider": HALL,
            "starts_on": self.today + timedelta(days=10),
        }
        return Course(**{**plain, **changed})

    async def reserve(
        self, who: str, voucher: str, key: str = "", **changed: Any
    ) -> VoucherView | Refusal:
        asking = await self.person(who)
        course = self.course(**changed)
        return await self.vouchers.reserve(asking, key or new_key(), voucher, course)

    async def stored_voucher(self, voucher: str) -> Mapping[str, Any]:
        vouchers = TrainingVoucher.get_pymongo_collection()
        found: Mapping[str, Any] | None = await vouchers.find_one({"_id": voucher})
        assert found is not None
        return found

    def later(self, **time: int) -> None:
        self.clock.advance(timedelta(**time).total_seconds())


def code(answer: object) -> str:
    """Return what a refusal is called, or what there is instead."""
    return answer.code if isinstance(answer, Refusal) else type(answer).__name__


async def leave_a_pass(house: House, clock: ManualClock, resident_id: str) -> None:
    """Have a resident hold and use a pass and a voucher: a row of every kind."""
    desk = Desk(house, clock)
    await desk.open(product())
    await desk.run()
    issued = await house.services[PassIssuing].issue(
        VENUE_STAFF, new_key(), resident_id, PassWish("ten"), ""
    )
    assert isinstance(issued, PassView), issued
    assert await desk.count(issued.pass_id) == frozenset()
    given = await desk.vouchers.issue(OFFICER, new_key(), resident_id, "skills")
    assert isinstance(given, VoucherView), given
