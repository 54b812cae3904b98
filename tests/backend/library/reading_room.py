"""Two libraries of one network, a small catalogue, and people with cards who borrow from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from backend.app import House
from backend.cards.card_writes import PhysicalCard
from backend.cards.service import Cards
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import Actor, ActorKind, Organisation, System
from backend.foundation.refusals import Refusal
from backend.library.account import ReaderAccount, ReaderAccounts
from backend.library.deeds import Acting, librarian
from backend.library.documents import LibraryCopy, LibraryHold, LibraryLoan, LibraryPatron
from backend.library.fines import Fines
from backend.library.holds import Holds, HoldView
from backend.library.lending import Lending
from backend.library.loans import LoanView
from backend.library.network import Copy, Library, LibraryNetwork, Title
from backend.library.returning import Returned, Returning
from backend.library.sweeps import LibrarySweeps
from backend.residents.service import Residents
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from shared.trust.status_list import card_digest
from tests.backend.actors import REGION, id_number, new_key

CITY, COUNTY = "GZ-CITY", "GZ-COUNTY"
HERE = Organisation("venue-31", LocalizedText("赣州市图书馆", "Ganzhou Library"))
THERE = Organisation("venue-32", LocalizedText("赣县区图书馆", "Ganxian Library"))
STAFF = Caller(staff_id="stf_library", roles=frozenset({Role.VENUE_STAFF}), organisation=HERE)
COLLEAGUE = replace(STAFF, staff_id="stf_county", organisation=THERE)
DAY = 86_400
TITLES = (
    Title("t_dream", "红楼梦", "曹雪芹", "人民文学出版社", 2008, "9787020002207", "I242.4"),
    Title("t_west", "西游记", "吴承恩", year=2010),
    Title("t_soil", "乡土中国", "费孝通", year=2013),
    Title("t_python", "Python in a Nutshell", "Alex Martelli", year=2023),
)
COPIES = (
    Copy("GZ0001", "t_dream", CITY, 6_000),
    Copy("GZ0002", "t_west", CITY, 4_000),
    Copy("GZ0003", "t_west", COUNTY, 4_000),
    Copy("GZ0004", "t_soil", COUNTY, 3_000),
    Copy("GZ0005", "t_python", CITY, 12_000),
)


def chip(sequence: str) -> bytes:
    """Return the identification code of somebody's physical card."""
    return bytes.fromhex(f"360700D15600000520260{sequence}FFFFFFFF")


def code(found: object) -> str:
    return found.code if isinstance(found, Refusal) else type(found).__name__


@dataclass
class ReadingRoom:
    """One server's services on a store that others may share."""

    house: House
    clock: ManualClock
    people: dict[str, str] = field(default_factory=dict)

    @property
    def network(self) -> LibraryNetwork:
        return self.house.services[LibraryNetwork]

    async def furnish(self) -> None:
        libraries = (
            Library(CITY, HERE.name, REGION, 31),
            Library(COUNTY, THERE.name, 360704, 32),
        )
        assert await self.network.put(OPERATOR, libraries, TITLES, COPIES) is None

    async def person(self, who: str) -> str:
        """Return somebody with a card, made the first time they are named."""
        if who not in self.people:
            sequence = f"{901 + len(self.people)}"
            services, now = self.house.services, self.clock.now()
            made = await services[Residents].register(
                id_number(sequence=sequence), "钟小明", REGION, now
            )
            assert not isinstance(made, Refusal)
            card = PhysicalCard(f"D15600{sequence}", card_digest(chip(sequence)), 3)
            issued = await services[Cards].issue(made.resident_id, card, now)
            assert isinstance(issued, str), issued
            self.people[who] = made.resident_id
        return self.people[who]

    def shown(self, who: str) -> str:
        """Return what a card reader takes from somebody's card."""
        return chip(f"{901 + list(self.people).index(who)}").hex().upper()

    def at(self, library: str = CITY) -> Acting:
        return librarian(STAFF, library)

    async def acting(self, who: str) -> Acting:
        actor = Actor(ActorKind.RESIDENT, await self.person(who))
        return Acting(f"thumbprint {who}", actor, System.APP)

    async def lend(
        self, who: str, barcode: str, library: str = CITY, key: str = ""
    ) -> LoanView | Refusal:
        whose = await self.person(who)
        service = self.house.services[Lending]
        return await service.lend(self.at(library), key or new_key(), whose, barcode)

    async def lent(self, who: str, barcode: str, library: str = CITY) -> LoanView:
        loan = await self.lend(who, barcode, library)
        assert isinstance(loan, LoanView), loan
        return loan

    async def give_back(
        self, barcode: str, library: str = CITY, key: str = ""
    ) -> Returned | Refusal:
        service = self.house.services[Returning]
        return await service.take_back(self.at(library), key or new_key(), barcode)

    async def given_back(self, barcode: str, library: str = CITY) -> Returned:
        back = await self.give_back(barcode, library)
        assert isinstance(back, Returned), back
        return back

    async def renew(self, who: str, loan: LoanView, key: str = "") -> LoanView | Refusal:
        acting, whose = await self.acting(who), await self.person(who)
        return await self.house.services[Lending].renew(
            acting, key or new_key(), loan.loan_id, whose
        )

    async def hold(
        self, who: str, title: str, pickup: str = CITY, key: str = ""
    ) -> HoldView | Refusal:
        acting, whose = await self.acting(who), await self.person(who)
        return await self.house.services[Holds].place(
            acting, key or new_key(), whose, title, pickup
        )

    async def held(self, who: str, title: str, pickup: str = CITY) -> HoldView:
        hold = await self.hold(who, title, pickup)
        assert isinstance(hold, HoldView), hold
        return hold

    async def cancel(self, who: str, hold: HoldView) -> HoldView | Refusal:
        acting, whose = await self.acting(who), await self.person(who)
        return await self.house.services[Holds].cancel(acting, new_key(), hold.hold_id, whose)

    async def pay(self, who: str, fen: int, reference: str = "R-1", key: str = "") -> int | Refusal:
        service = self.house.services[Fines]
        return await service.pay(
            self.at(), key or new_key(), await self.person(who), fen, reference
        )

    async def account(self, who: str) -> ReaderAccount:
        return await self.house.services[ReaderAccounts].own(await self.person(who))

    async def sweep(self) -> int:
        return await self.house.services[LibrarySweeps].sweep()

    async def copy(self, barcode: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] | None = await LibraryCopy.get_pymongo_collection().find_one(
            {"_id": barcode}
        )
        assert found is not None
        return found

    async def agree(self) -> None:
        """Check that what readers are counted with is what is stored of them."""
        loans, holds = LibraryLoan.get_pymongo_collection(), LibraryHold.get_pymongo_collection()
        async for patron in LibraryPatron.get_pymongo_collection().find({}):
            own = {"resident_id": patron["resident_id"]}
            out = await loans.count_documents({**own, "state": "OPEN"})
            waits = {"$in": ["WAITING", "ASSIGNED", "READY"]}
            assert out == patron["open_loans"]
            assert await holds.count_documents({**own, "state": waits}) == patron["open_holds"]
        async for one in LibraryCopy.get_pymongo_collection().find({}):
            out = await loans.count_documents({"copy_id": one["_id"], "state": "OPEN"})
            assert out == (1 if one["state"] == "ON_LOAN" else 0)


async def leave_a_book(house: House, clock: ManualClock, resident_id: str, sequence: str) -> None:
    """Have a resident borrow, lose, owe and wait: a row of every kind."""
    room = ReadingRoom(house, clock, {resident_id: resident_id})
    await room.furnish()
    copies = [Copy(f"L{sequence}-{n}", title, CITY, 50) for n, title in enumerate(_THREE)]
    assert await room.network.put(OPERATOR, copies=copies) is None
    await room.lent(resident_id, copies[0].barcode)
    lost = await room.lent(resident_id, copies[1].barcode)
    gone = await house.services[Returning].lose(STAFF, new_key(), lost.loan_id)
    assert isinstance(gone, LoanView), gone
    await room.held(resident_id, copies[2].title)


_THREE = ("t_west", "t_python", "t_soil")
