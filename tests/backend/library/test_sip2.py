"""Self-service machines over real connections: an independent codec is the other end."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pysip2 import (
    CheckinRequest,
    CheckoutRequest,
    EndPatronSessionRequest,
    FeePaidRequest,
    ItemInformationRequest,
    PatronInformationRequest,
    PatronStatusRequest,
    RenewRequest,
    SCStatusRequest,
)

from backend.foundation.audit import AuditRow
from backend.library import sip2_server
from backend.library.documents import LibraryFine, LibraryLoan
from backend.library.sip2_codec import MAX_LINE, instant
from backend.library.sip2_terminals import Sip2Terminals
from shared.identity.age import local_day
from tests.backend.actors import id_number
from tests.backend.library.machine import (
    OPERATOR,
    Machine,
    Port,
    connected,
    registered,
    served,
    signed_in,
)
from tests.backend.library.reading_room import CITY, COUNTY, DAY, ReadingRoom


@pytest.fixture
async def port(room: ReadingRoom) -> AsyncIterator[Port]:
    async with served(room) as port:
        yield port


class Script:
    """What machines send, with the city's own time."""

    def __init__(self, room: ReadingRoom) -> None:
        self.room = room

    def at(self, when: datetime | None = None) -> str:
        return instant(when or self.room.clock.now())

    def checkout(self, shown: str, item: str, **changed: Any) -> CheckoutRequest:
        plain: dict[str, Any] = {
            "sc_renewal_policy": "N",
            "no_block": "N",
            "transaction_date": self.at(),
            "nb_due_date": self.at(),
            "institution_id": CITY,
            "patron_identifier": shown,
            "item_identifier": item,
            "terminal_password": "",
        }
        return CheckoutRequest(**{**plain, **changed})

    def checkin(self, item: str, **changed: Any) -> CheckinRequest:
        plain: dict[str, Any] = {
            "no_block": "N",
            "transaction_date": self.at(),
            "return_date": self.at(),
            "current_location": "",
            "institution_id": "",
            "item_identifier": item,
            "terminal_password": "",
        }
        return CheckinRequest(**{**plain, **changed})

    def information(self, shown: str, summary: str = " " * 10) -> PatronInformationRequest:
        return PatronInformationRequest(
            language="001",
            transaction_date=self.at(),
            summary=summary,
            institution_id=CITY,
            patron_identifier=shown,
        )


@pytest.fixture
def script(room: ReadingRoom) -> Script:
    return Script(room)


@pytest.mark.feature("S57", "U20")
async def test_a_machine_lends_renews_takes_back_and_takes_money(
    room: ReadingRoom, port: Port, script: Script
) -> None:
    machine = await signed_in(room, port)
    status = await machine.ask(
        SCStatusRequest(status_code="0", max_print_width="080", protocol_version="2.00")
    )
    assert (status.online_status, status.institution_id) == ("Y", CITY)
    await room.person("a")
    shown = room.shown("a")
    lent = await machine.ask(script.checkout(shown, "GZ0001"))
    assert (lent.ok, lent.desensitize, lent.title_identifier) == ("1", "Y", "红楼梦")
    [loan] = (await room.account("a")).loans
    assert lent.due_date == script.at(loan.due_at - timedelta(seconds=1))
    assert lent.due_date.endswith("235959")
    told = await machine.ask(script.information(shown, "  Y       "))
    assert (told.valid_patron, told.charged_items_count) == ("Y", "0001")
    assert told.charged_items == ("GZ0001",)
    assert told.personal_name == "钟*明"
    item = await machine.ask(
        ItemInformationRequest(
            transaction_date=script.at(), institution_id=CITY, item_identifier="GZ0001"
        )
    )
    assert item.circulation_status == "04"
    renewed = await machine.ask(
        RenewRequest(
            third_party_allowed="N",
            no_block="N",
            transaction_date=script.at(),
            nb_due_date=script.at(),
            institution_id=CITY,
            patron_identifier=shown,
            item_identifier="GZ0001",
        )
    )
    assert (renewed.ok, renewed.renewal_ok) == ("1", "Y")
    room.clock.advance(64 * DAY)
    blocked = await machine.ask(
        PatronStatusRequest(
            language="001",
            transaction_date=script.at(),
            institution_id=CITY,
            patron_identifier=shown,
            terminal_password="",
            patron_password="",
        )
    )
    assert blocked.patron_status[0] == blocked.patron_status[6] == "Y"
    assert blocked.screen_message[0] == "Something is overdue, so nothing more is lent."
    refused = await machine.ask(script.checkout(shown, "GZ0002"))
    assert (refused.ok, refused.desensitize) == ("0", "N")
    back = await machine.ask(script.checkin("GZ0001"))
    assert (back.ok, back.resensitize, back.alert, back.permanent_location) == (
        *("1", "Y", "N"),
        CITY,
    )
    owed = (await room.account("a")).facts.owed_fen
    assert owed > 0
    paying = FeePaidRequest(
        transaction_date=script.at(),
        fee_type="01",
        payment_type="00",
        currency_type="CNY",
        fee_amount=f"{owed // 100}.{owed % 100:02}",
        institution_id=CITY,
        patron_identifier=shown,
        transaction_id="POS-77",
    )
    for _ in range(2):
        assert (await machine.ask(paying)).payment_accepted == "Y"
    assert (await room.account("a")).facts.owed_fen == 0
    [fine] = await LibraryFine.find_all().to_list()
    assert (fine.paid_fen, fine.references) == (owed, ["POS-77"])
    ended = await machine.ask(
        EndPatronSessionRequest(
            transaction_date=script.at(), institution_id=CITY, patron_identifier=shown
        )
    )
    assert ended.end_session == "Y"
    read = await AuditRow.find({"action": "library.read"}).to_list()
    assert {(row.actor["id"], row.subject) for row in read} == {("desk-1", room.people["a"])}
    await room.agree()


@pytest.mark.feature("S58")
async def test_lent_at_one_librarys_machine_returned_at_anothers(
    room: ReadingRoom, port: Port, script: Script
) -> None:
    here, there = await signed_in(room, port), await signed_in(room, port, "far-1", COUNTY)
    await room.person("a")
    assert (await here.ask(script.checkout(room.shown("a"), "GZ0001"))).ok == "1"
    back = await there.ask(script.checkin("GZ0001"))
    assert (back.ok, back.alert, back.permanent_location) == ("1", "Y", CITY)
    assert (await room.account("a")).loans == ()
    # A machine speaks for the library it stands in and for no other.
    assert (await there.ask(script.checkin("GZ0002", institution_id=CITY))).ok == "0"


async def test_what_a_machine_sends_again_is_the_same_act(
    room: ReadingRoom, port: Port, script: Script
) -> None:
    machine = await signed_in(room, port)
    for who in ("a", "b"):
        await room.person(who)
    borrowing = script.checkout(room.shown("a"), "GZ0001")
    first = await machine.ask(borrowing)
    room.clock.advance(5)
    again = await (await signed_in(room, port, "desk-1")).ask(borrowing)
    later = await machine.ask(script.checkout(room.shown("a"), "GZ0001"))
    assert first.ok == again.ok == later.ok == "1"
    assert first.due_date == again.due_date == later.due_date
    assert await LibraryLoan.find_all().count() == 1
    # Another machine is another matter: it does not say that it lent what it did not.
    other = await signed_in(room, port, "desk-2")
    assert (await other.ask(script.checkout(room.shown("a"), "GZ0001"))).ok == "0"

    returning = script.checkin("GZ0001")
    for _ in range(2):
        assert (await machine.ask(returning)).ok == "1"
    room.clock.advance(5)
    assert (await other.ask(script.checkout(room.shown("b"), "GZ0001"))).ok == "1"
    # The first repetitions come late: neither loan nor return of what happened since.
    assert (await machine.ask(returning)).ok == "0"
    assert (await machine.ask(borrowing)).ok == "0"
    assert len((await room.account("b")).loans) == 1
    await room.agree()


async def test_what_was_done_offline_is_recorded_past_the_limits(
    room: ReadingRoom, port: Port, script: Script
) -> None:
    machine = await signed_in(room, port)
    await room.lent("a", "GZ0002")
    await room.lent("a", "GZ0005")
    await room.lent("b", "GZ0001")
    then = script.at()
    room.clock.advance(3_600)
    dates = {"transaction_date": then, "nb_due_date": then}
    done = script.checkout(room.shown("a"), "GZ0001", no_block="Y", **dates)
    assert (await machine.ask(done)).ok == "1"
    loans = {one.copy_id: one for one in (await room.account("a")).loans}
    assert script.at(loans["GZ0001"].lent_at) == then
    assert (await room.account("b")).loans == ()
    room.clock.advance(40 * DAY)
    due_at = loans["GZ0001"].due_at
    in_time = script.at(due_at)
    returned = script.checkin("GZ0001", no_block="Y", return_date=in_time)
    assert (await machine.ask(returned)).ok == "1"
    # More than a week ago is more than a machine may say: a week is taken.
    taken = local_day(room.clock.now() - timedelta(days=7))
    late = (taken - local_day(due_at - timedelta(seconds=1))).days
    assert late in {3, 4}  # by whether the hour of lending was past midnight
    assert (await room.account("a")).facts.owed_fen == 10 * late
    await room.agree()


async def test_a_checkout_that_the_machine_could_not_finish_is_undone(
    room: ReadingRoom, port: Port, script: Script
) -> None:
    machine = await signed_in(room, port)
    await room.person("a")
    assert (await machine.ask(script.checkout(room.shown("a"), "GZ0001"))).ok == "1"
    undone = await machine.ask(script.checkout(room.shown("a"), "GZ0001", cancel="Y"))
    assert undone.ok == "0"
    assert (await room.copy("GZ0001"))["state"] == "AVAILABLE"
    await room.lent("b", "GZ0001")
    assert (await machine.ask(script.checkout(room.shown("a"), "GZ0001", cancel="Y"))).ok == "0"
    assert len((await room.account("b")).loans) == 1


@pytest.mark.feature("S55")
async def test_a_foreign_card_and_a_citizen_number_borrow_nothing(
    room: ReadingRoom, port: Port, script: Script
) -> None:
    machine = await signed_in(room, port)
    await room.person("a")
    foreign = "440100D15600000520260001FFFFFFFF"
    for shown in (foreign, id_number(sequence="901"), "E1", '{"$ne": null}', "钟小明"):
        told = await machine.ask(script.information(shown))
        assert told.valid_patron == "N"
        assert (await machine.ask(script.checkout(shown, "GZ0001"))).ok == "0"
    told = await machine.ask(script.information(foreign))
    assert told.screen_message[0] == "A card of another region opens the door, not the shelves."


async def test_lost_lines_are_asked_for_and_sent_again(room: ReadingRoom, port: Port) -> None:
    machine = await signed_in(room, port)
    line = b"9900802.00AY7AZ"
    line += f"{-sum(line) & 0xFFFF:04X}".encode()
    first = await machine.raw(line + b"\r")
    assert first.startswith(b"98")
    room.clock.advance(60)
    assert await machine.raw(line + b"\r") == first
    assert await machine.raw(b"97AZFEF5\r") == first
    assert await machine.raw(line[:-4] + b"0000\r") == b"96AZFEF6\r"
    assert await machine.raw(b"\n" + line + b"\r\n") == first


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sip2_server, "WRONG_SECONDS", 0.0)
    monkeypatch.setattr(sip2_server, "LOGIN_SECONDS", 0.2)


@pytest.mark.usefixtures("hasty")
async def test_nobody_is_answered_who_did_not_sign_in(room: ReadingRoom, port: Port) -> None:
    secret = await registered(room, "desk-1")
    for name, tried in (("desk-1", "x"), ("desk-9", secret), ("", ""), ("$where", secret)):
        machine = await connected(port)
        assert (await machine.sign_in(name, tried)).ok == "0"
        assert await machine.raw(b"9900802.00\r") == b""
    guessing = await connected(port)
    for _ in range(2):
        assert (await guessing.sign_in("desk-1", "wrong")).ok == "0"
    assert await guessing.raw(b"9300CNdesk-1|COwrong|\r") == b""
    silent = await connected(port)
    assert await silent.raw(b"") == b""

    machine = await connected(port)
    assert (await machine.sign_in("desk-1", secret)).ok == "1"
    terminals = room.house.services[Sip2Terminals]
    assert await terminals.block(OPERATOR, "desk-1") is None
    assert await machine.raw(b"9900802.00\r") == b""


async def test_hostile_lines_end_the_conversation_and_leave_no_trace(
    room: ReadingRoom, port: Port, caplog: pytest.LogCaptureFixture
) -> None:
    for hostile in (
        b"\xff\xfe\x00" * 9,
        b"11YN",
        b"63" + b"\0" * 40 + b"AA|",
        b"9" * 1_900,
        b"98" + b"Y" * 40,
        b"23000" + b" " * 18 + "AA\u2028|".encode(),
        b"6" * (MAX_LINE * 3),
    ):
        machine = await signed_in(room, port)
        answers = [await machine.raw(hostile + b"\r") for _ in range(3)]
        assert set(answers) <= {b"96AZFEF6\r", b""}
        assert answers[-1] == b""
    assert not [one for one in caplog.records if one.name == "yikatong.sip2"]
    assert isinstance(await signed_in(room, port), Machine)
