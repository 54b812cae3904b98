"""Who is called is reached with the ticket closed, once a call; nothing tells an illness (S39)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend.bookings.queue_calls import (
    CALLED,
    SOON,
    called_copy,
    called_words,
    soon_copy,
    soon_words,
)
from backend.bookings.queue_rules import Settlement
from backend.bookings.queue_serving import QueueNumber
from backend.bookings.rules import SlotKind
from backend.bookings.service import BookingView
from backend.bookings.visit_queues import VisitQueues
from backend.mandates.documents import MandateNotice
from backend.mandates.scopes import Scope
from shared.localized_text import LocalizedText
from tests.backend.actors import City, new_key
from tests.backend.bookings.hall import STAFF, VENUE, Hall, person, plan
from tests.backend.mandates.family import GRANDMOTHER, Family

CLINIC = plan(
    code="oncology", kind=SlotKind.APPOINTMENT, title=LocalizedText("肿瘤科", "Oncology"),
    capacity=9, limit=1,
)  # fmt: skip
DESK = "肿瘤科2"
WHERE = (VENUE, "oncology")


@pytest.fixture
def queues(hall: Hall) -> VisitQueues:
    return hall.house.services[VisitQueues]


@pytest.fixture
def family(city: City) -> Family:
    return Family(city)


async def _waiting(hall: Hall, queues: VisitQueues, *who: str) -> dict[str, BookingView]:
    """Book for each, and check them in in that order."""
    slots = await hall.open(CLINIC)
    booked = {one: await hall.booked(one, slots[0]) for one in who}
    hall.until(slots[0].facts.starts_at - timedelta(minutes=15))
    for one in who:
        await _check_in(queues, one, booked[one])
    return booked


async def _check_in(queues: VisitQueues, who: str, booking: BookingView) -> None:
    done = await queues.check_in(person(who), new_key(), booking.booking_id)
    assert isinstance(done, BookingView), done


async def _call(queues: VisitQueues, number: int | None = None, desk: str = DESK) -> None:
    done = await queues.call(STAFF, new_key(), *WHERE, desk, number)
    assert isinstance(done, QueueNumber), done


async def _told(who: str) -> list[str]:
    found = MandateNotice.get_pymongo_collection().find({"person": f"res_{who}"})
    return [f"{row['code']} {row['words']['zh']}" for row in await found.sort("at", 1).to_list()]


async def _codes(who: str) -> list[str]:
    return sorted(one.split()[0] for one in await _told(who))


@pytest.mark.feature("S39")
async def test_a_call_is_told_once_to_whom_it_calls_and_the_next_three_hear_how_near_they_are(
    hall: Hall, queues: VisitQueues
) -> None:
    await _waiting(hall, queues, "a", "b", "c", "d", "e")
    key = new_key()

    for _ in range(3):  # the same request
        await queues.call(STAFF, key, *WHERE, DESK)

    assert await _told("a") == [f"queue.called {called_words(1).zh}"]
    near = [await _told(one) for one in ("b", "c", "d", "e")]
    assert near == [*([f"queue.soon {soon_words(n, n - 2).zh}"] for n in (2, 3, 4)), []]
    await _call(queues)
    assert await _codes("b") == ["queue.called", "queue.soon"]
    assert await _codes("c") == ["queue.soon"]  # told already
    assert await _told("e") == [f"queue.soon {soon_words(5, 2).zh}"]


async def test_who_is_called_again_is_told_again_and_what_is_refused_tells_nobody(
    hall: Hall, queues: VisitQueues
) -> None:
    booked = await _waiting(hall, queues, "a", "b")
    await _call(queues)
    await _call(queues, 1)  # at the same instant
    assert await _codes("a") == ["queue.called"] * 2
    await queues.settle(STAFF, new_key(), *WHERE, 1, Settlement.MISSED)
    await _check_in(queues, "a", booked["a"])  # comes back by themselves
    await _call(queues, 1)
    assert await _codes("a") == ["queue.called"] * 3
    assert await _codes("b") == ["queue.soon"]

    await queues.call(STAFF, new_key(), *WHERE, DESK, 77)
    await queues.call(STAFF, new_key(), *WHERE, "x" * 13)
    await queues.call(None, new_key(), *WHERE, DESK)

    assert await MandateNotice.get_pymongo_collection().count_documents({}) == 4


async def test_desks_that_call_at_once_tell_each_person_once(
    hall: Hall, queues: VisitQueues
) -> None:
    who = ("a", "b", "c", "d")
    await _waiting(hall, queues, *who)

    await asyncio.gather(*(_call(queues, desk=f"{one}号") for one in range(4)))

    for one in who:
        codes = await _codes(one)
        assert codes.count("queue.called") == 1
        assert codes.count("queue.soon") <= 1


def test_no_words_of_a_notice_name_a_place_and_they_end_without_a_stop() -> None:
    for own, copy in ((called_words(7), called_copy(7)), (soon_words(7, 2), soon_copy(7, 2))):
        for text in (own, copy):
            for words in (text.zh, text.en):
                assert "7" in words
                assert words[-1] not in "。.，;"
    assert "2" in soon_words(7, 2).zh
    assert "下一位" in soon_words(7, 0).zh


@pytest.mark.feature("S39")
async def test_it_goes_by_sms_though_they_have_an_app_and_in_copy_to_who_may_have_copies(
    hall: Hall, queues: VisitQueues, family: Family
) -> None:
    elder, daughter = await family.relative(GRANDMOTHER), await family.relative()
    son = await family.relative()
    await family.mandate(elder, daughter, Scope.NOTICE_COPY)
    await family.mandate(elder, son, Scope.BOOK)
    await family.sms()
    name = elder.resident_id.removeprefix("res_")
    await _waiting(hall, queues, name)
    known = len(await family.sms())
    await _call(queues)

    texts: list[Any] = await family.sms()

    new = texts[: len(texts) - known]
    assert len(new) == 2
    [copy] = [one for one in new if called_copy(1).zh in one]
    [own] = [one for one in new if called_words(1).zh in one]
    assert called_words(1).en in own
    assert "*" in copy  # whose number it is, masked
    for one in new:
        assert not any(word in one for word in ("肿瘤", "Oncology", "博物馆", "网点"))
    assert not {CALLED, SOON} & set(await _codes(son.resident_id.removeprefix("res_")))
    assert len(await family.sms()) == len(texts)  # delivered once
