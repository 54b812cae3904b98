"""The audit log: one row a deed, with the act or not at all, and no personal value in any."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from backend.app import House
from backend.cards.card_service_frame import Wish
from backend.cards.card_services import CardServices
from backend.cards.card_writes import SYSTEM
from backend.cards.commands import COUNTER
from backend.cards.lifecycle import CardEvent
from backend.cards.service import Cards
from backend.datause.service import DataUse
from backend.foundation import audit
from backend.foundation.audit import (
    OK,
    REASON_FORM,
    Actor,
    ActorKind,
    Alert,
    AuditRow,
    Deed,
    Organisation,
    PersonalDataInRow,
    System,
)
from backend.foundation.audit_chain import AuditLink
from backend.foundation.audit_outbox import AuditOutbox
from backend.foundation.mongo import Session
from backend.foundation.pages import Position
from backend.foundation.refusals import Refusal
from backend.readers.service import Terminals
from backend.stored import DOCUMENTS
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from tests.backend.actors import City, Holder, id_number, join_household, new_key, scan

Rows = list[dict[str, Any]]
NUMBER = id_number()
RETENTION = timedelta(days=180)  # L16: six months at least


async def rows(house: House) -> Rows:
    await house.services[AuditOutbox].drain()  # the server does it on and on
    return await house.store.database["audit_rows"].find().sort("_id").to_list()


async def new_rows(house: House, known: Rows) -> Rows:
    seen = {row["_id"] for row in known}
    return [row for row in await rows(house) if row["_id"] not in seen]


async def test_each_act_leaves_one_row(city: City, house: House) -> None:
    """Every act on cards, phones and terminals, in the order of a card's life."""
    await city.venue()
    services = house.services
    wishes = services[CardServices]
    holder = Holder(await city.resident(), "")
    told: list[tuple[str, str, str | None, str]] = []
    before = await rows(house)

    async def one_row(step: Any) -> Any:
        nonlocal before
        answer = await step
        assert not isinstance(answer, Refusal), answer
        added = await new_rows(house, before)
        before = await rows(house)
        assert len(added) == 1, [row["action"] for row in added]
        told.append(
            (
                added[0]["action"],
                added[0]["actor"]["kind"],
                added[0].get("subject"),
                added[0]["result"],
            )
        )
        return answer

    applied = await one_row(wishes.apply(Wish(COUNTER, new_key(), True), holder.resident_id))
    await one_row(wishes.serve(Wish(COUNTER, new_key(), True), applied.card_id, CardEvent.CANCEL))
    holder = await one_row(_issue(city, holder))
    phone = city.stranger()
    code = await one_row(city.code(holder))
    await one_row(phone.enrol(code))
    key = new_key()
    await one_row(phone.renew(key))
    for event in (CardEvent.SUSPEND, CardEvent.LIFT_SUSPENSION, CardEvent.REPORT_LOST):
        await one_row(wishes.serve(Wish(COUNTER, new_key(), True), holder.card_id, event))
    token = await one_row(city.token())
    terminal = await _terminal(city)
    await one_row(terminal.enrol(token))

    subject = holder.resident_id
    assert told == [
        ("cards.apply", "staff", subject, OK),
        ("cards.cancel", "staff", subject, OK),
        ("cards.taken_over", "system", subject, OK),
        ("cards.activation_code_made", "system", subject, OK),
        ("cards.device_enrolled", "resident", subject, OK),
        ("cards.certificate_renewed", "resident", subject, OK),
        ("cards.suspend", "staff", subject, OK),
        ("cards.lift_suspension", "staff", subject, OK),
        ("cards.report_lost", "staff", subject, OK),
        ("readers.terminal_invited", "system", None, OK),
        ("readers.terminal_enrolled", "terminal", None, OK),
    ]


async def _issue(city: City, holder: Holder) -> Holder:
    from backend.cards.card_writes import PhysicalCard  # noqa: PLC0415

    physical = PhysicalCard("D15600901", None, 3)
    card_id = await city.house.services[Cards].issue(holder.resident_id, physical, city.clock.now())
    assert isinstance(card_id, str)
    return Holder(holder.resident_id, card_id)


async def _terminal(city: City) -> Any:
    from tests.backend.actors import Terminal  # noqa: PLC0415

    return Terminal(city.client, city.clock)


async def test_a_repeated_request_leaves_no_second_row(city: City, house: House) -> None:
    holder = await city.holder()
    phone, key = await city.phone(holder), new_key()
    await phone.renew(key)
    before = await rows(house)

    await phone.renew(key)

    assert await new_rows(house, before) == []


async def test_a_refused_act_leaves_no_row_that_says_it_was_done(city: City, house: House) -> None:
    holder = await city.holder()
    wishes, done = house.services[CardServices], "cards.lift_suspension"

    refused = await wishes.serve(
        Wish(COUNTER, new_key(), True), holder.card_id, CardEvent.LIFT_SUSPENSION
    )

    assert isinstance(refused, Refusal)
    results = [row["result"] for row in await rows(house) if row["action"] == done]
    assert results == ["refused:card_not_suspended"]


class _Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("point", ["before the row", "after the row"])
async def test_a_crash_leaves_neither_the_act_nor_its_row(
    city: City, house: House, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Act and row are one transaction: whichever comes last, its absence undoes the other."""
    holder = await city.holder()
    before = await rows(house)
    record = audit.record

    async def dies(deed: Deed, session: Session) -> None:
        if point == "after the row":
            await record(deed, session)
        raise _Killed

    monkeypatch.setattr(audit, "record", dies)
    wishes = house.services[CardServices]
    with pytest.raises(_Killed):
        await wishes.serve(Wish(COUNTER, new_key()), holder.card_id, CardEvent.SUSPEND)

    card = await house.store.database["cards"].find_one({"_id": holder.card_id})
    assert card is not None
    assert card["state"] == "ACTIVE"
    assert await new_rows(house, before) == []
    monkeypatch.undo()
    await wishes.serve(Wish(COUNTER, new_key()), holder.card_id, CardEvent.SUSPEND)
    assert len(await new_rows(house, before)) == 1


async def test_a_row_beside_the_transaction_would_be_noticed(
    city: City, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above: a row written beside it tells of no deed."""
    holder = await city.holder()
    before = await rows(house)

    async def careless(deed: Deed, _: Session) -> None:
        await audit.record_read(deed)
        raise _Killed

    monkeypatch.setattr(audit, "record", careless)
    with pytest.raises(_Killed):
        await house.services[CardServices].serve(
            Wish(COUNTER, new_key()), holder.card_id, CardEvent.SUSPEND
        )

    assert len(await new_rows(house, before)) == 1


async def test_no_certificate_is_renewed_without_its_row(
    city: City, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A renewal and its row are one write: killed at once after it, the row is there."""
    holder = await city.holder()
    phone, key = await city.phone(holder), new_key()
    before = await rows(house)

    def dies(_: AuditOutbox) -> None:
        raise _Killed

    monkeypatch.setattr(AuditOutbox, "wake", dies)
    with pytest.raises(_Killed):
        await phone.renew(key)
    monkeypatch.undo()
    [row] = await new_rows(house, before)
    assert row["action"] == "cards.certificate_renewed"

    assert (await phone.renew(key))["__typename"] == "RenewedCertificate"
    assert len(await new_rows(house, before)) == 1


@pytest.mark.feature("L32")
async def test_no_row_holds_a_number_a_name_or_a_phone(city: City, house: House) -> None:
    """Of residents registered with all three, through a whole story (L32)."""
    name, holder = "钟小明", await city.holder()
    phone = await city.phone(holder)
    await phone.renew()
    terminal = await city.terminal()
    await terminal.upload(scan(city.clock.now()))
    await house.services[Terminals].invite(1, "门岗", city.clock.now())

    text = json.dumps(await rows(house), default=str, ensure_ascii=False)

    assert len(await rows(house)) > 3
    assert name not in text
    assert "手机A" not in text
    assert not audit.holds_personal_number(re.sub(r"[\"',:{}\[\]]", " ", text))
    assert id_number(sequence="901") not in text


@pytest.mark.feature("L32")
@pytest.mark.parametrize(
    "changed",
    [
        {"words": LocalizedText(f"查看{NUMBER}", "Looked")},
        {"words": LocalizedText("查看", f"Looked at {NUMBER.lower()}")},
        {"words": LocalizedText("电话13800138000", "Looked")},
        {"reason": f"本人{NUMBER}来电"},
        {"reason": "+86 13912345678"},
        {"origin": "13800138000"},
        {"actor": Actor(ActorKind.STAFF, "13800138000")},
        {"organisation": Organisation("x", LocalizedText(NUMBER, "x"))},
    ],
)
async def test_a_row_with_a_number_or_a_phone_is_not_written(
    house: House, clock: ManualClock, changed: dict[str, Any]
) -> None:
    plain: dict[str, Any] = {
        "at": clock.now(),
        "actor": Actor(ActorKind.STAFF, "stf_one"),
        "action": "test.looked",
        "words": LocalizedText("查看", "Looked"),
        "system": System.COUNTER,
    }
    with pytest.raises(PersonalDataInRow):
        await audit.record_read(Deed(**{**plain, **changed}))

    assert await rows(house) == []
    await audit.record_read(Deed(**plain))
    assert len(await rows(house)) == 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("本人来窗口核对", "本人来窗口核对"),
        ("  案件 2026-0113 ", "案件 2026-0113"),
        ("订单 138001380001234", "订单 138001380001234"),
        ("", None),
        ("   ", None),
        ("长" * 201, None),
        ("行\n行", None),
        ("\0", None),
        (NUMBER, None),
        ("call 13800138000", None),
    ],
)
def test_a_reason_is_plain_and_holds_no_number(text: str, kept: str | None) -> None:
    assert audit.reason_of(text) == (REASON_FORM if kept is None else kept)


@pytest.mark.feature("L16", "S121")
@pytest.mark.usefixtures("house")
async def test_rows_are_kept_for_180_days_at_least() -> None:
    """L16: no index removes rows or links; one that did would have to leave them six months."""
    for document in (AuditRow, AuditLink):
        indexes = await document.get_pymongo_collection().index_information()
        ends = [
            timedelta(seconds=index["expireAfterSeconds"])
            for index in indexes.values()
            if "expireAfterSeconds" in index
        ]
        assert all(end >= RETENTION for end in ends)
    assert {AuditRow, AuditLink} <= set(DOCUMENTS)


async def test_the_house_itself_is_an_actor_of_its_own(city: City, house: House) -> None:
    holder, before = await city.holder(), await rows(house)
    wish = Wish(SYSTEM, new_key())

    await house.services[CardServices].serve(wish, holder.card_id, CardEvent.CANCEL)

    [row] = await new_rows(house, before)
    assert row["actor"] == {"kind": "system", "id": "cards"}
    assert row["system"] == "batch"


@pytest.mark.feature("L31")
async def test_staff_who_read_their_own_household_raise_an_alert(
    house: House, clock: ManualClock
) -> None:
    """L31; whoever is read finds the read, and not the suspicion."""
    for member, household in (("stf_one", b"a"), ("res_kin", b"a"), ("res_other", b"b")):
        await join_household(member, household)
    for subject in ("res_kin", "res_other", "res_unknown"):
        await audit.record_read(_looked(clock, subject))
        clock.advance(1)

    found = await audit.alerts(Alert.OWN_HOUSEHOLD, 10, None)

    [alert] = found.rows
    assert (alert["actor"]["id"], alert["subject"]) == ("stf_one", "res_kin")
    assert alert["disclosed"] is False
    shown = await house.services[DataUse].uses("res_kin", 10, None)
    assert [use.action.en for use in shown.rows] == ["Looked"]
    assert len(await rows(house)) == 4


@pytest.mark.usefixtures("house")
async def test_alerts_come_in_pages_newest_first(clock: ManualClock) -> None:
    await join_household("stf_one", b"a")
    await join_household("res_kin", b"a")
    for _ in range(5):
        await audit.record_read(_looked(clock, "res_kin"))
        clock.advance(1)

    first = await audit.alerts(Alert.OWN_HOUSEHOLD, 3, None)
    last = first.rows[-1]
    second = await audit.alerts(Alert.OWN_HOUSEHOLD, 3, Position(last["at"], last["_id"]))

    every = [row["at"] for row in (*first.rows, *second.rows)]
    assert (first.has_more, second.has_more, len(every)) == (True, False, 5)
    assert every == sorted(every, reverse=True)


def _looked(clock: ManualClock, subject: str) -> Deed:
    words = LocalizedText("查看", "Looked")
    actor = Actor(ActorKind.STAFF, "stf_one")
    return Deed(clock.now(), actor, "test.looked", words, System.COUNTER, subject)
