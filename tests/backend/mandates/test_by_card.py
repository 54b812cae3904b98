"""A relative's card and PIN at the delegate's own phone: as at an outlet, but nothing sensitive."""

from typing import Any

import pytest

from backend.cards.card_service_frame import Wish
from backend.cards.card_services import CardServices
from backend.cards.commands import COUNTER
from backend.cards.documents import Card
from backend.cards.lifecycle import CardState
from backend.cards.service import Cards
from backend.foundation.refusals import Refusal
from backend.mandates.documents import Mandate, MandateNotice
from backend.mandates.scopes import Channel
from shared.trust.status_list import card_digest
from tests.backend.actors import new_key
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative
from tests.backend.mandates.test_life import PIN

CODE = card_digest(b"the card of a grandmother").hex()


async def with_card(family: Family, birth: str = GRANDMOTHER) -> Relative:
    """Return somebody with a card and a PIN, who has no phone."""
    elder, services = await family.relative(birth, card=True), family.city.house.services
    card_id = await services[Cards].live_card(elder.resident_id)
    assert card_id is not None
    wish = Wish(COUNTER, new_key(), card_in_hand=True)
    assert not isinstance(await services[CardServices].reset_pin(wish, card_id, PIN), Refusal)
    await Card.find({"_id": card_id}).set({"card_digest": bytes.fromhex(CODE)})
    await elder.phone.do("SignOut")
    return elder


def _wish(**changed: Any) -> dict[str, Any]:
    plain = {"relation": "ELDER", "days": 31, "scopes": ["BOOK"], "card": CODE, "pin": PIN}
    return {**plain, **changed}


@pytest.mark.feature("D1", "D5", "S138")
async def test_d1_d5_card_and_pin_at_the_delegates_phone_give_a_mandate_once_and_an_sms(
    family: Family,
) -> None:
    elder, daughter = await with_card(family), await family.relative()
    before, key = len(await family.sms()), new_key()

    first = await daughter.do("GrantMandateByCard", key, **_wish())
    again = await daughter.do("GrantMandateByCard", key, **_wish())

    assert first["mandate"] == again["mandate"]
    assert (first["mandate"]["side"], first["mandate"]["state"]) == ("DELEGATE", "ACTIVE")
    [stored] = await Mandate.find_all().to_list()
    assert (stored.principal, stored.delegate) == (elder.resident_id, daughter.resident_id)
    assert (stored.channel, stored.checker) == (Channel.CARD, "principal")
    assert await MandateNotice.find({"person": elder.resident_id}).count() == 1
    assert len(await family.sms()) == before + 1
    assert PIN not in repr(await family.city.house.store.database["kept_answers"].find().to_list())


@pytest.mark.feature("D5")
async def test_d5_a_card_that_may_be_a_copy_confirms_nothing_sensitive(family: Family) -> None:
    await with_card(family)
    daughter = await family.relative()
    for scope in ("PAY_SMALL", "MEDICAL_VIEW", "STUDENT_VIEW"):
        said = await daughter.say("GrantMandateByCard", **_wish(scopes=["BOOK", scope]))
        assert said == "mandate_card_not_enough"
    assert await Mandate.find_all().count() == 0
    other = await daughter.say("GrantMandateByCard", **_wish(relation="OTHER"))
    assert other == "mandate_views_only"  # as of anybody who only says so (D27)


@pytest.mark.feature("D5")
async def test_d5_a_wrong_pin_and_an_unknown_card_say_the_same_and_tries_run_out(
    family: Family,
) -> None:
    elder, daughter = await with_card(family), await family.relative()
    unknown = card_digest(b"nobody's").hex()
    for wrong in ({"pin": "111222"}, {"card": unknown}, {"card": unknown, "pin": "1"}):
        assert await daughter.say("GrantMandateByCard", **_wish(**wrong)) == "pin_wrong"
    for form in ("", "zz", "00" * 15):
        said = await daughter.say("GrantMandateByCard", **_wish(card=form))
        assert said == "mandate_card_form"
    for _ in range(2):
        assert await daughter.say("GrantMandateByCard", **_wish(card=unknown)) == "pin_wrong"
    assert await daughter.say("GrantMandateByCard", **_wish()) == "too_many_tries"
    family.city.clock.advance(3_600)
    await daughter.phone.renew_session()
    await Card.find({"resident_id": elder.resident_id}).set({"state": CardState.LOST.value})
    assert await daughter.say("GrantMandateByCard", **_wish(pin="111222")) == "pin_wrong"
    assert await daughter.say("GrantMandateByCard", **_wish()) == "card_not_in_use"
