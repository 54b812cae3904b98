"""The libraries from the app and from a counter, over the wire."""

from typing import Any

import pytest

from backend.foundation.access import Role
from backend.foundation.audit import Organisation
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, Phone, new_key
from tests.backend.library.reading_room import CITY, COUNTY, HERE, THERE


async def _do(phone: Phone, operation: str, **wish: Any) -> Any:
    answer = await phone.ask(operation, input={"idempotencyKey": new_key(), **wish})
    [member] = answer.values()
    return member


async def _desk(people: People, login: str, sequence: str, place: Organisation) -> Device:
    librarian = await people.staff(login, Role.VENUE_STAFF, sequence=sequence, place=place)
    assert (await librarian.sign_in())["__typename"] == "SessionTokens"
    return librarian.device


@pytest.mark.usefixtures("room")
@pytest.mark.feature("S57")
async def test_a_reader_in_the_app_and_a_librarian_at_the_counter(city: City) -> None:
    people = People(city)
    device = await people.signed_in("901")
    await city.holder("901")
    desk = await _desk(people, "librarian", "801", HERE)
    colleague = await _desk(people, "colleague", "802", THERE)
    libraries = (await device.ask("Libraries"))["libraries"]
    assert [one["code"] for one in libraries] == [CITY, COUNTY]
    found = (await device.ask("LibraryTitles", text="西游"))["libraryTitles"]
    assert [one["id"] for one in found["nodes"]] == ["t_west"]
    assert (await device.ask("LibraryAccount"))["libraryAccount"]["number"] is None

    held = await _do(device, "PlaceLibraryHold", title="t_west", pickup=CITY)
    assert held["hold"]["state"] == "ASSIGNED"
    account = (await device.ask("LibraryAccount"))["libraryAccount"]
    shown = account["number"]
    assert (account["limit"], len(account["holds"])) == (2, 1)
    ended = await _do(device, "CancelLibraryHold", hold=held["hold"]["id"])
    assert ended["hold"]["state"] == "CANCELLED"

    wish = {"library": CITY, "shown": shown, "barcode": "GZ0001"}
    assert (await _do(device, "LendLibraryCopy", **wish))["code"] == "not_permitted"
    lent = await _do(desk, "LendLibraryCopy", **wish)
    assert lent["loan"]["name"] == "红楼梦"
    renewed = await _do(device, "RenewLibraryLoan", loan=lent["loan"]["id"])
    assert renewed["loan"]["renewals"] == 1
    seen = (await desk.ask("LibraryReader", shown=shown))["libraryReader"]
    assert [one["barcode"] for one in seen["loans"]] == ["GZ0001"]
    lost = await _do(desk, "LoseLibraryLoan", loan=lent["loan"]["id"])
    assert lost["loan"]["state"] == "LOST"
    paid = await _do(desk, "PayLibraryFines", shown=shown, fen=6_000, reference="R-9")
    assert paid["fen"] == 0
    wish = {"library": COUNTY, "barcode": "GZ0001"}
    assert (await _do(desk, "TakeBackLibraryCopy", **wish))["code"] == "venue_of_others"
    back = await _do(colleague, "TakeBackLibraryCopy", **wish)
    assert (back["state"], back["to"]) == ("IN_TRANSIT", CITY)
    deposit = await _do(desk, "PutLibraryDeposit", shown=shown, fen=10_000, reference="D-1")
    assert deposit["fen"] == 10_000
    kept = await _do(device, "KeepLibraryHistory", keep=True)
    assert kept["keepsHistory"] is True
    uses = (await device.ask("DataUse"))["dataUse"]["nodes"]
    assert {"查阅了借阅情况", "借书", "登记图书遗失"} <= {use["action"]["zh"] for use in uses}
