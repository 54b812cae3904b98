"""The ten services on the real store: from application to cancellation, and the swaps between."""

from datetime import timedelta
from typing import Any

import pytest

from backend.app import House
from backend.cards.card_service_frame import CardChange, Wish
from backend.cards.card_services import CardServices
from backend.cards.card_writes import SYSTEM, PhysicalCard
from backend.cards.commands import COUNTER
from backend.cards.devices import unbind
from backend.cards.lifecycle import CardEvent, CardState, ReplacementReason
from backend.cards.service import Cards
from backend.foundation.access import Caller, Role
from backend.foundation.refusals import Refusal
from backend.settings import Settings
from shared.clock import ManualClock
from shared.ecode.verify import CardStatus
from shared.trust.status_list import card_digest
from tests.backend.actors import DIGEST, City, Holder, id_number, new_key
from tests.backend.cards.gate import Gate, certificate_in

NEW_DIGEST = card_digest(b"a third-generation card")
NEW_CARD = PhysicalCard("D15609999", NEW_DIGEST, 3)


def at_outlet() -> Wish:
    return Wish(COUNTER, new_key(), card_in_hand=True)


def by_house() -> Wish:
    return Wish(SYSTEM, new_key())


def done(answer: CardChange | Refusal) -> str:
    assert isinstance(answer, CardChange), answer
    return answer.card_id


def code_of(answer: CardChange | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


async def stored(house: House, card_id: str) -> dict[str, Any]:
    card = await house.store.database["cards"].find_one({"_id": card_id})
    assert card is not None
    return card


async def events(house: House, card_id: str) -> list[tuple[str, str]]:
    found = house.store.database["card_events"].find({"card_id": card_id}).sort("revision", 1)
    return [(row["event"], row["after"]) async for row in found]


async def new_card(
    services: CardServices,
    holder: Holder,
    reason: ReplacementReason = ReplacementReason.DAMAGED,
    *,
    keep_number: bool = False,
    physical: PhysicalCard = NEW_CARD,
) -> str:
    """Have a card replaced up to the point where the new one waits at the outlet."""
    card_id = done(
        await services.replace(at_outlet(), holder.card_id, reason, keep_number=keep_number)
    )
    done(await services.produced(by_house(), card_id, physical))
    return card_id


@pytest.mark.feature("S9")
async def test_a_first_card_from_application_to_cancellation(
    city: City, house: House, services: CardServices, clock: ManualClock
) -> None:
    resident_id = await city.resident()
    card_id = done(await services.apply(Wish(COUNTER, new_key()), resident_id))
    done(await services.produced(by_house(), card_id, NEW_CARD))
    done(await services.enable(at_outlet(), card_id))
    done(await services.reset_pin(at_outlet(), card_id, "927461"))
    done(await services.change_pin(at_outlet(), card_id, "927461", "705312"))
    await city.served(
        card_id,
        CardEvent.ACTIVATE_ACCOUNT,
        CardEvent.CHANGE_DETAILS,
        CardEvent.SUSPEND,
        CardEvent.LIFT_SUSPENSION,
        CardEvent.REPORT_LOST,
        CardEvent.CANCEL,
    )

    assert await events(house, card_id) == [
        ("APPLY", "IN_PRODUCTION"),
        ("PRODUCED", "AWAITING_COLLECTION"),
        ("ENABLE", "ACTIVE"),
        ("RESET_PIN", "ACTIVE"),
        ("CHANGE_PIN", "ACTIVE"),
        ("ACTIVATE_ACCOUNT", "ACTIVE"),
        ("CHANGE_DETAILS", "ACTIVE"),
        ("SUSPEND", "SUSPENDED"),
        ("LIFT_SUSPENSION", "ACTIVE"),
        ("REPORT_LOST", "LOST"),
        ("CANCEL", "CANCELLED"),
    ]
    card = await stored(house, card_id)
    assert (card["state"], card["account_active"]) == ("CANCELLED", True)
    assert (card["expires_at"] - clock.now()).days in range(3650, 3654)


@pytest.mark.feature("S9")
async def test_after_a_formal_loss_nothing_lifts_it(city: City) -> None:
    holder = await city.holder()
    await city.served(holder, CardEvent.SUSPEND, CardEvent.REPORT_LOST)

    refused = await city.serve(holder, CardEvent.LIFT_SUSPENSION)

    assert isinstance(refused, Refusal)
    assert refused.code == "loss_is_final"


async def test_a_repeated_wish_is_answered_as_the_first_time(city: City, house: House) -> None:
    holder, key = await city.holder(), new_key()
    first = await city.serve(holder, CardEvent.SUSPEND, key)
    await city.served(holder, CardEvent.LIFT_SUSPENSION)

    again = await city.serve(holder, CardEvent.SUSPEND, key)

    assert again == first
    assert (await stored(house, holder.card_id))["state"] == "ACTIVE"
    assert len(await events(house, holder.card_id)) == 2


async def test_one_key_is_not_two_wishes(city: City) -> None:
    holder, key = await city.holder(), new_key()
    await city.serve(holder, CardEvent.SUSPEND, key)

    other = await city.serve(holder, CardEvent.REPORT_LOST, key)

    assert isinstance(other, Refusal)
    assert other.code == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        (Caller(resident_id="res_somebody_else"), "not_permitted"),
        (Caller(staff_id="stf_a", roles=frozenset({Role.AUDITOR})), "not_permitted"),
        (Caller(staff_id="stf_b", roles=frozenset({Role.VENUE_STAFF})), "not_permitted"),
        (Caller(session_id="system"), "not_permitted"),
    ],
)
async def test_who_has_no_post_for_it_is_refused(
    city: City, house: House, services: CardServices, caller: Caller, code: str
) -> None:
    holder = await city.holder()

    answer = await services.serve(Wish(caller, new_key()), holder.card_id, CardEvent.SUSPEND)

    assert code_of(answer) == code
    assert await events(house, holder.card_id) == []


@pytest.mark.feature("S14")
async def test_a_person_gets_no_second_card(city: City, services: CardServices) -> None:
    holder = await city.holder()

    assert code_of(await services.apply(at_outlet(), holder.resident_id)) == "card_exists"
    new = await new_card(services, holder)
    again = await services.replace(
        at_outlet(), holder.card_id, ReplacementReason.DAMAGED, keep_number=False
    )
    assert code_of(again) == "card_in_production"
    done(await services.enable(at_outlet(), new))
    assert code_of(await services.apply(at_outlet(), holder.resident_id)) == "card_exists"


@pytest.mark.feature("S10")
async def test_the_new_card_makes_the_old_one_inert_within_one_list_refresh(
    city: City, services: CardServices, gate: Gate, clock: ManualClock
) -> None:
    holder = await city.holder()
    phone = city.stranger()
    before = certificate_in(await phone.enrol(await city.code(holder)))
    new = await new_card(services, holder)
    clock.advance(60)
    await gate.refresh()
    # Both cards can be presented: the new one is not enabled, and the old one still counts.
    assert gate.answer(phone, before) == "admit"
    assert gate.card(DIGEST) is CardStatus.ACTIVE

    done(await services.enable(at_outlet(), new))
    await gate.refresh()

    assert gate.answer(phone, before) == "card_revoked"
    assert gate.card(DIGEST) is CardStatus.REVOKED
    assert gate.card(NEW_DIGEST) is CardStatus.ACTIVE
    after = certificate_in(await phone.renew())
    assert gate.answer(phone, after) == "admit"
    assert after.claims.card_index != before.claims.card_index
    assert code_of(await city.serve(holder, CardEvent.LIFT_SUSPENSION)) == "card_replaced"


@pytest.mark.feature("S10")
async def test_a_second_generation_card_is_replaced_by_a_third(
    city: City, house: House, services: CardServices, clock: ManualClock
) -> None:
    resident_id = await city.resident(id_number(sequence="777"))
    physical = PhysicalCard("D15600777", None, 2)
    card_id = await house.services[Cards].issue(resident_id, physical, clock.now())
    assert isinstance(card_id, str)
    own = Wish(Caller(resident_id=resident_id, thumbprint="phone"), new_key())

    new = done(
        await services.replace(own, card_id, ReplacementReason.GENERATION, keep_number=False)
    )
    done(await services.produced(by_house(), new, NEW_CARD))
    done(await services.enable(at_outlet(), new))

    assert (await stored(house, card_id))["state"] == "REPLACED"
    assert (await stored(house, new))["generation"] == 3
    assert await house.services[Cards].live_card(resident_id) == new


async def _account(house: House, resident_id: str) -> tuple[str, bool]:
    """Return where payments to a resident go, and whether that account is active."""
    present = await house.services[Cards].present_card(resident_id)
    assert isinstance(present, str)
    card = await stored(house, present)
    return card["account_reference"], card["account_active"]


@pytest.mark.feature("S11")
async def test_a_new_card_keeps_number_and_account_and_changes_its_serial(
    city: City, house: House, services: CardServices
) -> None:
    holder = await city.holder()
    await city.served(holder, CardEvent.ACTIVATE_ACCOUNT)
    reached = [await _account(house, holder.resident_id)]
    same_number = PhysicalCard("D15600901", NEW_DIGEST, 3)
    new = await new_card(services, holder, keep_number=True, physical=same_number)
    reached.append(await _account(house, holder.resident_id))
    done(await services.enable(at_outlet(), new))
    reached.append(await _account(house, holder.resident_id))

    assert len(set(reached)) == 1
    assert reached[0][1]
    old_card, new_card_ = await stored(house, holder.card_id), await stored(house, new)
    assert old_card["number_tail"] == new_card_["number_tail"] == "0901"
    assert old_card["number_sealed"] != new_card_["number_sealed"]
    assert (old_card["version"], new_card_["version"]) == (1, 2)
    assert old_card["card_digest"] != new_card_["card_digest"]


@pytest.mark.feature("S11")
async def test_a_card_made_with_another_number_than_the_kept_one_is_refused(
    city: City, house: House, services: CardServices
) -> None:
    holder = await city.holder()
    reason = ReplacementReason.DAMAGED
    new = done(await services.replace(at_outlet(), holder.card_id, reason, keep_number=True))

    assert code_of(await services.produced(by_house(), new, NEW_CARD)) == "number_not_kept"
    assert (await stored(house, new))["state"] == "IN_PRODUCTION"


async def test_a_physical_card_already_known_is_not_taken_for_another(
    city: City, services: CardServices
) -> None:
    holder = await city.holder()
    reason = ReplacementReason.DAMAGED
    new = done(await services.replace(at_outlet(), holder.card_id, reason, keep_number=False))

    known = PhysicalCard("D15600902", DIGEST, 3)
    assert code_of(await services.produced(by_house(), new, known)) == "card_digest_in_use"


async def test_a_card_lost_on_its_way_is_made_again_and_the_first_ends_with_it(
    city: City, house: House, services: CardServices
) -> None:
    holder = await city.holder()
    lost = await new_card(services, holder)
    await city.served(lost, CardEvent.REPORT_LOST)
    assert (await stored(house, holder.card_id))["state"] == "ACTIVE"

    other = PhysicalCard("D15608888", card_digest(b"another"), 3)
    third = await new_card(services, Holder(holder.resident_id, lost), physical=other)
    done(await services.enable(at_outlet(), third))

    assert (await stored(house, holder.card_id))["state"] == "REPLACED"
    assert (await stored(house, lost))["state"] == "REPLACED"
    assert await house.services[Cards].live_card(holder.resident_id) == third


async def test_cancelling_stops_the_card_on_its_way(
    city: City, house: House, services: CardServices
) -> None:
    holder = await city.holder()
    new = await new_card(services, holder)

    await city.served(holder, CardEvent.CANCEL)

    assert (await stored(house, new))["state"] == "CANCELLED"
    assert code_of(await services.enable(at_outlet(), new)) == "card_cancelled"


async def test_a_replaced_holders_unbound_phone_stays_unbound(
    city: City, house: House, services: CardServices, gate: Gate, clock: ManualClock
) -> None:
    holder = await city.holder()
    lost, kept = await city.phone(holder), await city.phone(holder)
    await unbind(holder.card_id, 1, clock.now())
    new = await new_card(services, holder)
    done(await services.enable(at_outlet(), new))
    await gate.refresh()

    assert (await lost.renew())["code"] == "device_unbound"
    assert gate.answer(kept, certificate_in(await kept.renew())) == "admit"
    assert [d["name"] for d in (await stored(house, new))["devices"]] == ["手机"]


class TestPin:
    async def test_wrong_pins_lock_it_and_a_reset_unlocks_it(
        self, city: City, house: House, services: CardServices, settings: Settings
    ) -> None:
        holder = await city.holder()
        done(await services.reset_pin(at_outlet(), holder.card_id, "927461"))
        for _ in range(settings.cards.pin_tries):
            wrong = await services.change_pin(at_outlet(), holder.card_id, "000001", "705312")
            assert code_of(wrong) == "pin_wrong"

        right = await services.change_pin(at_outlet(), holder.card_id, "927461", "705312")
        assert code_of(right) == "pin_locked"
        done(await services.reset_pin(at_outlet(), holder.card_id, "184629"))
        done(await services.change_pin(at_outlet(), holder.card_id, "184629", "705312"))
        pin = (await stored(house, holder.card_id))["pin"]
        assert (pin["wrong"], pin["unlocks"]) == (0, 1)
        assert b"705312" not in pin["check"]

    async def test_a_repeated_wrong_try_is_counted_once(
        self, city: City, house: House, services: CardServices
    ) -> None:
        holder = await city.holder()
        done(await services.reset_pin(at_outlet(), holder.card_id, "927461"))
        wish = at_outlet()

        answers = [
            code_of(await services.change_pin(wish, holder.card_id, "000001", "705312"))
            for _ in range(3)
        ]

        assert answers == ["pin_wrong"] * 3
        assert (await stored(house, holder.card_id))["pin"]["wrong"] == 1

    async def test_a_right_pin_forgets_the_wrong_ones(
        self, city: City, house: House, services: CardServices
    ) -> None:
        holder = await city.holder()
        done(await services.reset_pin(at_outlet(), holder.card_id, "927461"))
        await services.change_pin(at_outlet(), holder.card_id, "000001", "705312")
        done(await services.change_pin(at_outlet(), holder.card_id, "927461", "705312"))

        assert (await stored(house, holder.card_id))["pin"]["wrong"] == 0

    async def test_after_ten_unlocks_the_card_is_replaced(
        self, city: City, services: CardServices, settings: Settings
    ) -> None:
        holder = await city.holder()
        done(await services.reset_pin(at_outlet(), holder.card_id, "927461"))
        answers: list[CardChange | Refusal] = []
        for _ in range(settings.cards.pin_unlocks + 1):
            for _ in range(settings.cards.pin_tries):
                await services.change_pin(at_outlet(), holder.card_id, "000001", "705312")
            answers.append(await services.reset_pin(at_outlet(), holder.card_id, "927461"))

        assert [isinstance(answer, CardChange) for answer in answers] == [True] * 10 + [False]
        assert code_of(answers[-1]) == "pin_worn_out"

    @pytest.mark.parametrize(
        "pin", ["12345", "1234567", "111111", "123456", "654321", "12a456", ""]
    )
    async def test_a_pin_that_is_easily_guessed_is_refused(
        self, city: City, services: CardServices, pin: str
    ) -> None:
        holder = await city.holder()

        assert code_of(await services.reset_pin(at_outlet(), holder.card_id, pin)) == "pin_form"


class TestExpiry:
    async def test_the_batch_expires_what_is_over_and_the_gate_learns_it(
        self, city: City, house: House, services: CardServices, gate: Gate, clock: ManualClock
    ) -> None:
        holder, fresh = await city.holder(), await city.holder("955", digest=None)
        soon = {"$set": {"expires_at": clock.now()}}
        await house.store.database["cards"].update_one({"_id": holder.card_id}, soon)

        assert await services.expire() == 1
        assert await services.expire() == 0
        clock.advance(1)
        await gate.refresh()

        assert (await stored(house, holder.card_id))["state"] == CardState.EXPIRED
        assert (await stored(house, fresh.card_id))["state"] == CardState.ACTIVE
        assert gate.card(DIGEST) is CardStatus.REVOKED

    async def test_a_card_past_its_date_gives_no_certificate_before_the_batch(
        self, city: City, house: House, clock: ManualClock
    ) -> None:
        holder = await city.holder()
        phone = await city.phone(holder)
        soon = {"$set": {"expires_at": clock.now()}}
        await house.store.database["cards"].update_one({"_id": holder.card_id}, soon)

        assert (await phone.renew())["code"] == "card_expired"

    async def test_a_certificate_does_not_outlive_its_card(
        self, city: City, house: House, clock: ManualClock
    ) -> None:
        holder = await city.holder()
        phone = await city.phone(holder)
        end = clock.now().replace(minute=0) + timedelta(hours=5)
        soon = {"$set": {"expires_at": end}}
        await house.store.database["cards"].update_one({"_id": holder.card_id}, soon)

        certificate = certificate_in(await phone.renew())

        assert certificate.claims.not_after == end
