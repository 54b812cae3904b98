"""Who has no app hears by SMS of a closed slot, and everybody of an offer, once (issue 4)."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from backend.accounts.sessions import Sessions
from backend.bookings.documents import BookingNotice
from backend.bookings.notices import AT_ONCE, LEASE, OLD, BookingNoticeDelivery
from backend.bookings.rules import SlotKind
from backend.bookings.service import BookingView
from backend.bookings.slots import ShownSlot
from backend.residents.service import Residents
from shared.clock import LOCAL_ZONE
from shared.localized_text import LocalizedText
from tests.backend.accounts.actors import People
from tests.backend.actors import City, id_number, new_key
from tests.backend.bookings.hall import STAFF, VENUE, Hall, plan
from tests.backend.mandates.family import Family

WHY = LocalizedText("肿瘤科医生停诊", "No oncologist")
CLINIC = plan(
    code="oncology", kind=SlotKind.APPOINTMENT, title=LocalizedText("肿瘤科", "Oncology"),
    capacity=9, limit=1,
)  # fmt: skip


@dataclass
class Gateway:
    """A gateway that sends whatever it is handed, as often as it is."""

    refuses: str = ""
    error: type[Exception] = ConnectionError
    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, phone: str, text: str, reference: str = "") -> None:
        await asyncio.sleep(0)
        if self.refuses and phone.endswith(self.refuses):
            raise self.error
        assert reference
        self.sent.append((phone, text))

    @property
    def phones(self) -> list[str]:
        return sorted(phone for phone, _ in self.sent)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def delivery(hall: Hall, gateway: Gateway) -> BookingNoticeDelivery:
    return _sender(hall, gateway)


def _sender(hall: Hall, gateway: Gateway | None) -> BookingNoticeDelivery:
    services = hall.house.services
    return BookingNoticeDelivery(gateway, services[Sessions], services[Residents], hall.clock)


def _phone(number: int) -> str:
    return f"139707{number:05}"


async def _people(city: City, many: int) -> list[str]:
    """Register people with phones and no sign-in; return them as the hall names them."""
    people = People(city)
    ids = [
        await people.register(id_number(sequence=f"{one:03}"), _phone(one)) for one in range(many)
    ]
    return [one.removeprefix("res_") for one in ids]


async def _close(hall: Hall, slot: ShownSlot) -> None:
    at = slot.facts.starts_at
    done = await hall.hours.close_slots(STAFF, new_key(), VENUE, at, at + timedelta(minutes=1), WHY)
    assert done == 1
    await hall.sweeps.sweep()


async def _closed(hall: Hall, city: City, many: int) -> list[str]:
    """Have people book a slot that the venue closes then."""
    who = await _people(city, many)
    slot, *_ = await hall.open(plan(capacity=many))
    for one in who:
        await hall.booked(one, slot)
    await _close(hall, slot)
    return who


async def _rows() -> list[dict[str, Any]]:
    return await BookingNotice.get_pymongo_collection().find({}).to_list()


async def test_of_a_closed_slot_forty_people_are_told_once_by_two_senders_at_once(
    hall: Hall, city: City, gateway: Gateway, delivery: BookingNoticeDelivery
) -> None:
    await _closed(hall, city, 40)
    other = _sender(hall, gateway)

    done = await asyncio.gather(delivery.deliver(), other.deliver())
    assert sum(done) == 40
    hall.clock.advance(86_400)
    assert await delivery.deliver() == await other.deliver() == 0

    assert gateway.phones == [_phone(one) for one in range(40)]
    assert {row["channel"] for row in await _rows()} == {"sms"}
    assert all("delivered_at" in row and "sms_at" not in row for row in await _rows())


async def test_without_the_claim_two_senders_tell_twice(
    hall: Hall, city: City, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test before."""
    await _closed(hall, city, 4)

    async def anybody(*_: object) -> bool:
        return True

    monkeypatch.setattr(BookingNoticeDelivery, "_claimed", anybody)
    await asyncio.gather(*(_sender(hall, gateway).deliver() for _ in range(2)))

    assert len(gateway.sent) > 4


@pytest.mark.parametrize("error", [ConnectionError, ValueError])
async def test_a_gateway_that_fails_gets_it_again_later_and_the_others_do_not_wait(
    hall: Hall,
    city: City,
    gateway: Gateway,
    delivery: BookingNoticeDelivery,
    error: type[Exception],
) -> None:
    await _closed(hall, city, 3)
    gateway.refuses, gateway.error = _phone(0), error

    for _ in range(2):  # rounds follow one another
        try:
            await delivery.deliver()
        except ConnectionError:
            assert error is ConnectionError
    assert gateway.phones == [_phone(1), _phone(2)]
    [kept] = [row for row in await _rows() if "sms_at" in row]
    assert kept["sms_at"] == (hall.clock.now() + LEASE).replace(tzinfo=kept["sms_at"].tzinfo)
    assert "delivered_at" not in kept

    hall.clock.advance(600)
    try:
        await delivery.deliver()
    except ConnectionError:
        assert error is ConnectionError
    gateway.refuses = ""
    hall.clock.advance(599)  # left alone as long again
    assert await delivery.deliver() == 0
    hall.clock.advance(1)
    assert await delivery.deliver() == 1
    assert gateway.phones == [_phone(one) for one in range(3)]


async def test_an_offer_goes_to_who_has_an_app_too_and_names_no_department(
    hall: Hall, city: City, gateway: Gateway, delivery: BookingNoticeDelivery
) -> None:
    family = Family(city)
    signed_in = (await family.relative()).resident_id.removeprefix("res_")
    nobody = (await city.resident(id_number(sequence="950"))).removeprefix("res_")  # has no phone
    clinic = plan(
        code="oncology", kind=SlotKind.APPOINTMENT, title=CLINIC.title, capacity=1, limit=1
    )
    slot, *_ = await hall.open(clinic)
    held = await hall.booked(nobody, slot)
    waiting = await hall.wait(signed_in, slot)
    await hall.cancel(nobody, held)

    assert await delivery.deliver() == 1
    [(_, offer)] = gateway.sent
    found = await hall.bookings.own(f"res_{signed_in}", waiting.booking_id)
    assert isinstance(found, BookingView)
    assert found.expires_at is not None
    until = found.expires_at.astimezone(LOCAL_ZONE)
    assert f"{until:%H:%M}前确认" in offer
    assert "confirm by" in offer
    hall.until(found.expires_at)
    await hall.sweeps.sweep()
    await hall.booked(nobody, slot)
    await _close(hall, slot)
    assert await delivery.deliver() == 2
    channels = {(row["resident_id"], row["code"]): row["channel"] for row in await _rows()}
    assert channels == {
        (f"res_{signed_in}", "booking_offered"): "sms",
        (f"res_{signed_in}", "booking_offer_missed"): "app",
        (f"res_{nobody}", "booking_closed"): "none",
    }
    assert len(gateway.sent) == 1
    assert not any(word in offer for word in ("肿瘤", "ncolog", "博物馆", "Museum"))


async def test_a_closed_appointment_is_told_without_its_reason(
    hall: Hall, city: City, gateway: Gateway, delivery: BookingNoticeDelivery
) -> None:
    [who] = await _people(city, 1)
    slot, *_ = await hall.open(CLINIC)
    await hall.booked(who, slot)
    await _close(hall, slot)
    await delivery.deliver()

    [(_, text)] = gateway.sent
    begins = slot.facts.starts_at.astimezone(LOCAL_ZONE)
    assert f"{begins.month}月{begins.day}日{begins:%H:%M}" in text
    assert not any(word in text for word in ("肿瘤", "ncolog", "博物馆", "Museum", "医"))


async def test_old_news_is_no_message_and_rows_from_before_are_left_alone(
    hall: Hall, city: City, gateway: Gateway, delivery: BookingNoticeDelivery
) -> None:
    await _closed(hall, city, 2)
    notices = BookingNotice.get_pymongo_collection()
    first, second = await _rows()
    await notices.update_one({"_id": first["_id"]}, {"$unset": {"sms_at": ""}})
    hall.clock.advance(OLD.total_seconds() + 1)

    assert await delivery.deliver() == 1

    assert gateway.sent == []
    after = {row["_id"]: row for row in await _rows()}
    assert after[second["_id"]]["channel"] == "none"
    assert not {"channel", "delivered_at"} & after[first["_id"]].keys()


async def test_a_broken_row_in_front_of_a_whole_batch_holds_up_nobody(
    hall: Hall, city: City, gateway: Gateway, delivery: BookingNoticeDelivery
) -> None:
    await _closed(hall, city, 1)
    notices, now = BookingNotice.get_pymongo_collection(), hall.clock.now()
    broken = [{"_id": f"broken{n}", "sms_at": now - LEASE} for n in range(AT_ONCE)]
    await notices.insert_many(broken)
    assert await delivery.deliver() == 0
    assert gateway.sent == []
    await delivery.deliver()
    assert gateway.phones == [_phone(0)]
