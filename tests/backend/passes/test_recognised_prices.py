"""A price by what two regions recognise: it holds once the lists of both say so."""

from datetime import date

import pytest

from backend.foundation.access import OPERATOR
from backend.foundation.refusals import Refusal
from backend.passes.products import Quoted
from backend.passes.rules import PassWish, Terms
from backend.venues.recognition import ListState, OwnListing, RecognitionLists
from shared.admission.circumstances import DayRange
from shared.admission.holder_conditions import TreatedAsLocal
from shared.admission.mutual_lists import ListedItem, MutualList
from shared.admission.price_effects import PercentOfPrice
from shared.admission.prices import PriceList, PriceRule, Product
from shared.admission.regions import Partner, RegionAgreement, RegionRules
from shared.admission.scene import Scene
from shared.localized_text import LocalizedText
from tests.backend.actors import REGION, new_key
from tests.backend.passes.desk import Desk, product

SHANGHAI, LIST = 310000, "ganzhou-shanghai"
NAME = LocalizedText("互认", "Recognition")
DAYS = DayRange(date(2026, 1, 1))


@pytest.mark.feature("S129")
async def test_the_price_of_a_pass_follows_the_lists_of_both_sides(desk: Desk) -> None:
    half = PriceRule("local", NAME, (TreatedAsLocal(),), PercentOfPrice(50))
    agreement = RegionAgreement(LIST, NAME, (Partner(REGION, DAYS),), listed=MutualList())
    terms = Terms(
        PriceList((Product("ten", NAME, 1_000),), (half,)),
        Scene.SIGHT,
        RegionRules(SHANGHAI, (agreement,)),
    )
    await desk.open(product(terms=terms))
    holder = await desk.person("one")
    lists = desk.house.services[RecognitionLists]
    items = [ListedItem("sights", 1, DAYS, frozenset({Scene.SIGHT})).to_wire()]

    async def price() -> int:
        quoted = await desk.products.quote(holder.resident_id, PassWish("ten"))
        assert isinstance(quoted, Quoted), quoted
        return quoted.quote.total_fen

    assert await price() == 1_000
    wish = OwnListing(LIST, NAME, REGION, SHANGHAI, items)
    assert isinstance(await lists.list_own(OPERATOR, new_key(), wish), ListState)
    assert await price() == 1_000  # one side alone
    assert not isinstance(await lists.list_theirs(SHANGHAI, LIST, 1, items), Refusal)
    assert await price() == 500
    assert not isinstance(await lists.list_theirs(SHANGHAI, LIST, 2, []), Refusal)
    assert await price() == 1_000
