"""A library's list taken over lot by lot, and the network's terms, over the wire."""

from typing import Any

import pytest

from backend.foundation.access import Role
from backend.foundation.audit import Organisation
from backend.library.rules import BookRow, LendingPolicy, book_fault, is_isbn, title_code
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, new_key
from tests.backend.library.reading_room import CITY, COUNTY, HERE, THERE, ReadingRoom


async def _staff(
    city: City, login: str, role: Role, place: Organisation = HERE, sequence: str = "801"
) -> Device:
    staff = await People(city).staff(login, role, sequence=sequence, place=place)
    assert (await staff.sign_in())["__typename"] == "SessionTokens"
    return staff.device


def _book(barcode: str, name: str = "活着", **more: Any) -> dict[str, Any]:
    return {"barcode": barcode, "replacementFen": 3_000, "name": name, "author": "余华", **more}


async def _take_over(device: Device, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    wish = {"idempotencyKey": new_key(), "library": CITY, "first": 1, "rows": list(rows), **more}
    answer: dict[str, Any] = (await device.ask("ImportLibraryTitles", input=wish))[
        "importLibraryTitles"
    ]
    return answer


async def test_rows_are_answered_one_by_one_and_a_lot_sent_again_changes_nothing(
    city: City, room: ReadingRoom
) -> None:
    device = await _staff(city, "librarian", Role.VENUE_STAFF)
    rows = (
        _book("GZ1001", isbn="9787506365437"),
        _book("GZ1001", "另一本"),
        _book("no", "活着"),
        _book("GZ1002", "  "),
        _book("GZ1003", isbn="9787506365438"),
        _book("GZ1004", replacementFen=-1),
        _book("GZ0003", "西游记"),  # a copy of the county's
        _book("GZ1005", "西游", record="t_west"),  # a title of both, called otherwise
        _book("GZ1006", isbn="9787506365437"),
    )
    key = new_key()
    done = await _take_over(device, *rows, idempotencyKey=key, first=101)

    assert (done["stored"], done["unchanged"], done["next"]) == (2, 0, 110)
    assert [(one["row"], one["refusal"]["code"]) for one in done["refused"]] == [
        (102, "library_barcode_twice"),
        (103, "library_barcode_form"),
        (104, "library_title_form"),
        (105, "library_isbn_form"),
        (106, "library_price_form"),
        (107, "library_copy_of_others"),
        (108, "library_title_differs"),
    ]
    assert await _take_over(device, *rows, idempotencyKey=key, first=101) == done
    again = await _take_over(device, *rows)
    assert (again["stored"], again["unchanged"]) == (0, 2)
    database = room.house.store.database
    assert await database["library_titles"].count_documents({"name": "活着"}) == 1
    deeds = await database["audit_rows"].count_documents({"action": "library.catalogue"})
    assert deeds == 2
    found = (await device.ask("LibraryTitles", text="活着"))["libraryTitles"]["nodes"]
    assert [one["copies"] for one in found] == [2]
    await room.lent("a", "GZ1001")
    dearer = await _take_over(device, _book("GZ1001", isbn="9787506365437", replacementFen=9))
    assert dearer["stored"] == 1
    copy = await database["library_copies"].find_one({"_id": "GZ1001"})
    assert copy is not None
    assert (copy["state"], copy["replacement_fen"]) == ("ON_LOAN", 9)


async def test_only_a_librarys_own_staff_take_its_list_over(city: City, room: ReadingRoom) -> None:
    other = await _staff(city, "colleague", Role.VENUE_STAFF, THERE)
    assert (await _take_over(other, _book("GZ1001")))["code"] == "venue_of_others"
    assert (await _take_over(other, _book("GZ1001"), library="NO-SUCH"))["code"] == (
        "library_unknown"
    )
    own = await _take_over(other, _book("GZ1001"), library=COUNTY)
    assert own["stored"] == 1
    assert (await _take_over(other, library=COUNTY))["code"] == "library_lot_size"
    many = [_book(f"GZ{count:05}") for count in range(201)]
    assert (await _take_over(other, *many, library=COUNTY))["code"] == "library_lot_size"
    assert await room.house.store.database["library_copies"].count_documents({}) == 6


async def test_administrators_set_terms_and_members_over_the_wire(
    city: City, room: ReadingRoom
) -> None:
    assert len(await room.network.members()) == 2
    admin = await _staff(city, "root", Role.SYSTEM_ADMINISTRATOR)
    terms = (await admin.ask("LibraryTerms"))["libraryTerms"]
    assert (terms["loanDays"], terms["levels"][0]["books"]) == (30, 2)
    stricter = {**terms, "loanDays": 14, "fineFen": 20}
    done = (await admin.ask("SetLibraryTerms", input=stricter))["setLibraryTerms"]
    assert done["loanDays"] == 14
    assert (await city.stranger().ask("LibraryTerms"))["libraryTerms"] == stricter
    some_wrong: list[dict[str, Any]] = [{"loanDays": 0}, {"levels": []}, {"fineFen": -1}]
    for wrong in (*some_wrong, {"loanDays": 2**31 - 1}):
        refused = (await admin.ask("SetLibraryTerms", input={**terms, **wrong}))["setLibraryTerms"]
        assert refused["code"] == "library_record_form", wrong
    west = {"code": "GZ-WEST", "nameZh": "西馆", "nameEn": "West", "region": 360703, "venue": 33}
    assert (await admin.ask("PutLibrary", input=west))["putLibrary"]["members"] == 3
    for bad in ({"code": "$ne"}, {"nameZh": " "}, {"venue": 0}):
        answer = (await admin.ask("PutLibrary", input={**west, **bad}))["putLibrary"]
        assert answer["code"] == "library_record_form", bad
    left = (await admin.ask("LeaveLibraryNetwork", library="GZ-WEST"))["leaveLibraryNetwork"]
    assert left["members"] == 2
    again = (await admin.ask("LeaveLibraryNetwork", library="GZ-WEST"))["leaveLibraryNetwork"]
    assert again["code"] == "library_unknown"


@pytest.mark.parametrize(
    ("isbn", "right"),
    [
        ("9787020002207", True),
        ("978-7-02-000220-7", True),
        ("9787020002208", False),
        ("702000220X", True),
        ("080442957X", True),
        ("0804429570", False),
        ("97870200022", False),
        ("9-7-8-7-0-2-0-0-0-2-2-0-7", False),
    ],
)
def test_an_isbn_has_its_check_digit(isbn: str, right: bool) -> None:
    assert is_isbn(isbn) is right


def test_the_same_row_names_the_same_title_and_its_record_where_it_has_one() -> None:
    row = BookRow("GZ1001", 1, "活着", "余华")
    assert title_code(row) == title_code(BookRow("GZ1002", 5, "活着", "余华"))
    assert title_code(BookRow("GZ1001", 1, "活着", "余华", record="b_1")) == "b_1"
    assert book_fault(row) is None
    assert LendingPolicy().sound
