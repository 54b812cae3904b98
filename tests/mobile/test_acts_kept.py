"""Acts that wait for an answer belong to whoever asked for them, and outlive a session's end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from mobile.core.trouble import Trouble
from mobile.ports.secret_box.box import SecretBox
from mobile.services.account import Way
from mobile.services.services import Services, open_services
from mobile.services.transport import open_http
from mobile.services.wallet import WalletStore
from tests.mobile.account_desk import PHONE, PHONE_OF_ANOTHER, SMS_CODE
from tests.mobile.booking_desk import venue
from tests.mobile.card_office import CARD_ID, CODE, CardOffice
from tests.support.ui import Phone

Course = Callable[[Services], Awaitable[None]]


@pytest.fixture
def office_with_a_slot(office: CardOffice) -> CardOffice:
    office.booking.venues = [venue(1, "长征纪念园")]
    office.booking.add_slot("slot", office.clock.now() + timedelta(days=1))
    return office


def live(phone: Phone, course: Course) -> None:
    """Start the app's services, do something, and end."""

    async def run() -> None:
        device = phone.device()
        store = WalletStore(SecretBox(phone.folder, device.cipher))
        services = open_services(store, device, phone.backend_url, open_http)
        try:
            await course(services)
        finally:
            await services.backend.close()

    asyncio.run(run())


async def sign_in(services: Services, phone: str) -> None:
    credentials = {"phone": phone, "code": SMS_CODE}
    assert await services.account.sign_in(Way.SMS, credentials) is None


async def lose(services: Services, office: CardOffice) -> None:
    """Book without hearing what came of it."""
    office.loses_answers = True
    assert isinstance(await services.bookings.place("slot", 1), Trouble)
    office.loses_answers = False
    assert services.bookings.unanswered is not None


async def end(services: Services, office: CardOffice) -> None:
    """Have the session end by itself."""
    office.desk.end_all()
    await services.account.ask("Devices", {})
    assert services.account.ended is not None


@pytest.mark.parametrize("who", [PHONE, PHONE_OF_ANOTHER])
@pytest.mark.parametrize("restarted", [False, True])
def test_an_act_of_who_signed_in_waits_for_them_alone(
    phone: Phone, office_with_a_slot: CardOffice, who: str, *, restarted: bool
) -> None:
    office = office_with_a_slot

    async def before(services: Services) -> None:
        await sign_in(services, PHONE)
        await lose(services, office)
        await end(services, office)
        assert services.bookings.unanswered is None, "nobody is here"
        if not restarted:
            await after(services)

    async def after(services: Services) -> None:
        await sign_in(services, who)
        act = services.bookings.unanswered
        assert (act is not None) == (who == PHONE)
        if act is not None:
            assert act.holder == "res_1"
            assert not isinstance(await services.bookings.send_again(act), Trouble)
        assert len(office.booking.bookings) == 1

    live(phone, before)
    if restarted:
        live(phone, after)


def test_what_was_asked_for_first_is_asked_again_first(
    phone: Phone, office_with_a_slot: CardOffice
) -> None:
    """The order lies on the disk: what comes later may rest on what came before."""
    office = office_with_a_slot
    tomorrow = office.clock.now() + timedelta(days=1)
    slots = ["slot", *(f"slot_{number}" for number in range(3))]
    for slot in slots[1:]:
        office.booking.add_slot(slot, tomorrow)

    async def before(services: Services) -> None:
        await sign_in(services, PHONE)
        office.loses_answers = True
        for slot in (*slots, slots[0]):
            assert isinstance(await services.bookings.place(slot, 1), Trouble)
        office.loses_answers = False

    async def after(services: Services) -> None:
        again = []
        while (act := services.bookings.unanswered) is not None:
            again.append(act.wish["slot"])
            assert not isinstance(await services.bookings.send_again(act), Trouble)
        assert again == slots

    live(phone, before)
    live(phone, after)
    assert len(office.booking.bookings) == len(slots)


def test_who_signs_out_takes_their_acts_along(phone: Phone, office_with_a_slot: CardOffice) -> None:
    async def course(services: Services) -> None:
        await sign_in(services, PHONE)
        await lose(services, office_with_a_slot)
        await services.account.sign_out()
        await sign_in(services, PHONE)
        assert services.bookings.unanswered is None

    live(phone, course)


def test_an_act_of_another_card_is_not_sent_under_this_one(
    phone: Phone, office_with_a_slot: CardOffice
) -> None:
    """A damaged phone that is given away: whoever binds it next is not asked about that act."""
    office = office_with_a_slot

    async def first(services: Services) -> None:
        assert await services.enrolment.submit(CODE) is None
        await lose(services, office)
        act = services.bookings.unanswered
        assert act is not None
        assert act.holder == CARD_ID

    async def second(services: Services) -> None:
        office.codes.add(CODE)
        office.answers.clear()
        office.card_id = "card_of_another"
        assert await services.enrolment.submit(CODE) is None
        assert services.bookings.unanswered is None

    live(phone, first)
    (phone.folder / "wallet.sealed").write_bytes(b"damaged")
    live(phone, second)
