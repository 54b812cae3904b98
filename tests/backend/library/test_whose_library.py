"""Librarians serve at their own library, and only its network's know what a reader has out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from backend.foundation.access import OPERATOR, Caller
from backend.foundation.audit import AuditRow, Organisation
from backend.library.account import ReaderAccounts
from backend.library.counter import LibraryCounter
from backend.library.demo_catalogue import LIBRARIES
from backend.library.loans import LoanView
from backend.library.network import Copy, LibraryNetwork
from backend.library.returning import Returning
from backend.library.rules import LendingPolicy
from backend.library.sip2_terminals import Sip2Terminals
from backend.venues.ganzhou import PLACES
from backend.venues.rules import VenueKind
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key
from tests.backend.library.reading_room import (
    CITY,
    COLLEAGUE,
    COUNTY,
    STAFF,
    ReadingRoom,
    code,
)

MUSEUM = Organisation("venue-33", LocalizedText("博物馆", "A museum"))
CURATOR = replace(STAFF, staff_id="stf_museum", organisation=MUSEUM)


@dataclass
class Desk:
    """What is asked at the city library's counter, about a reader with one of its books."""

    room: ReadingRoom
    loan: LoanView

    @property
    def shown(self) -> str:
        return self.room.shown("a")

    @property
    def counter(self) -> LibraryCounter:
        return self.room.house.services[LibraryCounter]

    async def lend(self, caller: Caller | None) -> object:
        return await self.counter.lend(caller, new_key(), CITY, self.shown, "GZ0002")

    async def take_back(self, caller: Caller | None) -> object:
        return await self.counter.take_back(caller, new_key(), CITY, "GZ0001")

    async def lose(self, caller: Caller | None) -> object:
        service = self.room.house.services[Returning]
        return await service.lose(caller, new_key(), self.loan.loan_id)

    async def pay(self, caller: Caller | None) -> object:
        return await self.counter.pay(caller, new_key(), self.shown, 10, "R-1")

    async def put_deposit(self, caller: Caller | None) -> object:
        return await self.counter.put_deposit(caller, new_key(), self.shown, 100, "D-1")

    async def read(self, caller: Caller | None) -> object:
        return await self.room.house.services[ReaderAccounts].for_staff(caller, self.shown)


@pytest.fixture
async def desk(room: ReadingRoom) -> Desk:
    return Desk(room, await room.lent("a", "GZ0001"))


@pytest.mark.parametrize(
    ("act", "done", "of_any_member"),
    [
        (Desk.lend, "LoanView", False),
        (Desk.take_back, "Returned", False),
        (Desk.lose, "LoanView", False),
        (Desk.pay, "library_amount", True),  # they owe nothing: it was heard
        (Desk.put_deposit, "int", True),
        (Desk.read, "ReaderAccount", True),
    ],
)
async def test_another_venues_staff_are_refused(
    desk: Desk,
    act: Callable[[Desk, Caller | None], Awaitable[object]],
    done: str,
    *,
    of_any_member: bool,
) -> None:
    before = await AuditRow.find_all().count()
    assert code(await act(desk, None)) == "sign_in_needed"
    assert code(await act(desk, OPERATOR)) == "not_permitted"
    assert code(await act(desk, CURATOR)) == "venue_of_others"
    if not of_any_member:
        assert code(await act(desk, COLLEAGUE)) == "venue_of_others"
    assert [one.copy_id for one in (await desk.room.account("a")).loans] == ["GZ0001"]
    assert await AuditRow.find_all().count() == before
    assert code(await act(desk, COLLEAGUE if of_any_member else STAFF)) == done


async def test_a_loss_is_recorded_where_it_was_lent_or_belongs(room: ReadingRoom) -> None:
    service = room.house.services[Returning]
    # Both are the county's, lent in the city.
    for who, barcode, caller in (("a", "GZ0003", COLLEAGUE), ("b", "GZ0004", STAFF)):
        loan = await room.lent(who, barcode, CITY)
        assert code(await service.lose(CURATOR, new_key(), loan.loan_id)) == "venue_of_others"
        assert code(await service.lose(caller, new_key(), loan.loan_id)) == "LoanView"


async def test_a_library_that_left_takes_its_own_back_and_reads_no_account(desk: Desk) -> None:
    await desk.room.lent("b", "GZ0004", COUNTY)
    assert await desk.room.network.leave(OPERATOR, COUNTY) is None
    assert code(await desk.read(COLLEAGUE)) == "venue_of_others"
    back = await desk.counter.take_back(COLLEAGUE, new_key(), COUNTY, "GZ0004")
    assert code(back) == "Returned"


async def test_an_unknown_library_is_nobodys(desk: Desk) -> None:
    for unknown in ("NOWHERE", "", "\ud800", "$ne"):
        found = await desk.counter.take_back(STAFF, new_key(), unknown, "GZ0001")
        assert code(found) == "library_unknown", unknown


async def test_terms_catalogue_and_machines_are_the_administrators(room: ReadingRoom) -> None:
    network, machines = room.house.services[LibraryNetwork], room.house.services[Sip2Terminals]
    more = [Copy("GZ0009", "t_dream", CITY, 1)]
    for refused in (
        await network.put(STAFF, copies=more),
        await network.set_policy(STAFF, LendingPolicy()),
        await network.leave(STAFF, CITY),
        await machines.register(STAFF, "desk-1", CITY, checks_codes=False),
        await machines.block(STAFF, "desk-1"),
    ):
        assert code(refused) == "not_permitted"


def test_each_library_of_the_demonstration_city_is_a_venue_of_its_own() -> None:
    libraries = {(one.number, one.name) for one in PLACES if one.kind is VenueKind.LIBRARY}
    assert {(one.venue, one.name) for one in LIBRARIES} == libraries
