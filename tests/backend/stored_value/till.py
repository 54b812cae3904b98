"""A sports centre's till, its courts, and people who store value there."""

from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from backend.app import House
from backend.assertions.evidence import Shown
from backend.assertions.presenting import PresentHolder, Presenting
from backend.bookings.rules import SlotKind
from backend.foundation.access import OPERATOR
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.stored_value.documents import StoredValueAccount, StoredValueEntry
from backend.stored_value.groups import StoredValueGroups
from backend.stored_value.ledger import sums_in
from backend.stored_value.rules import CHANGES, CancelTerm, EntryKind, Sums, ValueGroup
from backend.stored_value.service import CounterWish, StoredValue, StoredValueView
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key
from tests.backend.bookings.hall import STAFF, VENUE, Hall, person, plan

GROUP, PLAN = "sports", f"{VENUE}.court"
COURT = plan(code="court", kind=SlotKind.COURT, title=LocalizedText("羽毛球场", "Court"))
TERMS = (CancelTerm(24 * 60, 100), CancelTerm(2 * 60, 50))


def group(**changed: Any) -> ValueGroup:
    plain: dict[str, Any] = {
        "code": GROUP,
        "name": LocalizedText("赣州体育中心", "Ganzhou Sports Centre"),
        "venues": frozenset({VENUE}),
        "prices": {PLAN: 4_000},
        "terms": TERMS,
    }
    return ValueGroup(**{**plain, **changed})


class Recognised(Presenting):
    """Knows whoever says who they are: these tests are about money, `test_codes` about codes."""

    def __init__(self) -> None:
        """It needs no desk."""

    @override
    async def holder(self, shown: Shown) -> PresentHolder | Refusal:
        return PresentHolder(f"res_{shown.code}", None)

    @override
    async def use(self, holder: PresentHolder, session: Session) -> Refusal | None:
        del holder, session
        return None


@dataclass
class Till:
    """One server's services on a store that others may share."""

    house: House
    clock: ManualClock

    def __post_init__(self) -> None:
        self.value._presenting = Recognised()

    @property
    def value(self) -> StoredValue:
        return self.house.services[StoredValue]

    @property
    def groups(self) -> StoredValueGroups:
        return self.house.services[StoredValueGroups]

    @property
    def hall(self) -> Hall:
        return Hall(self.house, self.clock)

    async def open(self, **changed: Any) -> None:
        assert isinstance(await self.groups.put(OPERATOR, new_key(), group(**changed)), ValueGroup)

    async def top_up(
        self, who: str, fen: int, reference: str = "", key: str = ""
    ) -> StoredValueView | Refusal:
        wish = CounterWish(GROUP, VENUE, fen, Shown(who))
        return await self.value.top_up(STAFF, key or new_key(), wish, reference or new_key()[:20])

    async def spend(self, who: str, fen: int, key: str = "") -> StoredValueView | Refusal:
        wish = CounterWish(GROUP, VENUE, fen, Shown(who))
        return await self.value.spend(STAFF, key or new_key(), wish)

    async def pay(self, who: str, booking: str, key: str = "") -> StoredValueView | Refusal:
        return await self.value.pay(person(who), key or new_key(), GROUP, booking)

    async def take_back(self, who: str, booking: str) -> StoredValueView | Refusal:
        return await self.value.take_back(person(who), new_key(), GROUP, booking)

    async def refund(self, who: str, key: str = "") -> StoredValueView | Refusal:
        return await self.value.refund(person(who), key or new_key(), GROUP)

    async def close(self, key: str = "") -> int | Refusal:
        return await self.groups.close(STAFF, key or new_key(), GROUP, "场馆停业")

    async def sums(self, who: str) -> Sums:
        """Return somebody's sums, after they were checked against every row of the ledger."""
        accounts = StoredValueAccount.get_pymongo_collection()
        row = await accounts.find_one({"resident_id": f"res_{who}", "group": GROUP})
        assert row is not None
        rows = StoredValueEntry.get_pymongo_collection().find({"account": row["_id"]})
        added = dict.fromkeys(("topped_up", "spent", "refunded", "balance"), 0)
        async for entry in rows:
            for name, sign in CHANGES[EntryKind(entry["kind"])].items():
                added[name] += sign * entry["fen"]
        assert sums_in(row) == Sums(**added)
        assert Sums(**added).agree
        return Sums(**added)


async def leave_stored_value(house: House, clock: ManualClock, resident_id: str) -> None:
    """Have a resident store value and spend some: a row of every kind."""
    till = Till(house, clock)
    try:
        await till.open()
        who = resident_id.removeprefix("res_")
        assert isinstance(await till.top_up(who, 9_000), StoredValueView)
        assert isinstance(await till.spend(who, 2_500), StoredValueView)
    finally:
        till.value._presenting = house.services[Presenting]
