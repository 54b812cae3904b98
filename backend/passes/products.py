"""Products as data: described by those who run venues, found by venue, priced for one holder."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.cards.holder_evidence import HolderEvidence
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.mongo import ReplaceOne, Session
from backend.foundation.permissions import Act, may, may_at
from backend.foundation.refusals import Refusal
from backend.passes import deeds
from backend.passes import refusals as no
from backend.passes.documents import StoredProduct
from backend.passes.rules import (
    PassKind,
    PassProduct,
    PassWish,
    Terms,
    is_code,
    priced,
    product_fault,
    refusal_to_take,
)
from backend.venues.catalogue import Catalogue
from backend.venues.recognition import regions_by_lists_of_both
from backend.venues.rules import VENUE_UNKNOWN
from shared.admission.circumstances import Circumstances, DayRange
from shared.admission.condition import Case
from shared.admission.prices import PriceList, Quote
from shared.admission.regions import RegionRules
from shared.admission.scene import Scene
from shared.clock import Clock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

MOST_PRODUCTS = 100
"""Products in one answer."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Quoted:
    """A product with its price for one holder."""

    product: PassProduct
    quote: Quote


class PassProducts:
    """Keeps products and quotes them."""

    def __init__(self, catalogue: Catalogue, evidence: HolderEvidence, clock: Clock) -> None:
        self._catalogue = catalogue
        self._evidence = evidence
        self._clock = clock

    async def put(self, caller: Caller | None, products: Iterable[PassProduct]) -> Refusal | None:
        """Add products or change them; passes that are held stay as they were taken."""
        described = list(products)
        refused = may(caller, Act.VENUE_MANAGE)
        if caller is None or refused is not None:
            return refused
        faults = [fault for one in described if (fault := product_fault(one))]
        if faults:
            return faults[0]
        venues = sorted({venue for one in described for venue in one.venues})
        elsewhere = [
            no_entry for one in venues if (no_entry := may_at(caller, Act.VENUE_MANAGE, (one,)))
        ]
        if elsewhere:
            return elsewhere[0]  # a bundle for venues of others is the administrators' to describe
        if None in await self._catalogue.of_numbers(venues):
            return VENUE_UNKNOWN
        now = self._clock.now()
        changes = [
            ReplaceOne({"_id": one.code}, {**_stored(one), "changed_at": now}, upsert=True)
            for one in described
        ]

        async def act(session: Session) -> None:
            await StoredProduct.get_pymongo_collection().bulk_write(changes, session=session)
            await audit.record(deeds.of_staff(caller, "passes.product", None, now), session)

        if changes:
            await audit.in_one_write(act)
        return None

    async def of(self, code: str, session: Session | None = None) -> PassProduct | Refusal:
        """Return a product by its code."""
        if not is_code(code):
            return no.PRODUCT_UNKNOWN
        row = await StoredProduct.get_pymongo_collection().find_one({"_id": code}, session=session)
        return no.PRODUCT_UNKNOWN if row is None else product_in(row)

    async def given_out(self, venue: int | None = None) -> list[PassProduct]:
        """Return what is given out today, by code: good at a venue, or anywhere."""
        wanted = {} if venue is None else {"venues": venue}
        found = StoredProduct.get_pymongo_collection().find(wanted).sort("_id", 1)
        rows = await found.limit(MOST_PRODUCTS).to_list()
        today = local_day(self._clock.now())
        return [
            one for one in map(product_in, rows) if not one.closed and one.on_sale.covers(today)
        ]

    async def quote(
        self, resident_id: str, wish: PassWish, session: Session | None = None
    ) -> Quoted | Refusal:
        """Return what a product costs a resident now, line by line; nothing is kept by it."""
        product = await self.of(wish.product, session)
        if isinstance(product, Refusal):
            return product
        now = self._clock.now()
        refused = refusal_to_take(product, wish, local_day(now))
        if refused is not None:
            return refused
        evidence = await self._evidence.of(resident_id, session)
        if isinstance(evidence, Refusal):
            return evidence
        terms = product.terms
        around = Circumstances(now=now, venue=min(product.venues))
        regions = await regions_by_lists_of_both(terms.regions)
        case = Case(evidence, around, terms.scene, regions, local_day(now))
        return Quoted(product, priced(terms.prices.quote(product.code, case), wish.quantity))


def product_in(row: Row) -> PassProduct:
    """Return a product as stored."""
    terms, season = row["terms"], row.get("season")
    return PassProduct(
        code=row["_id"],
        kind=PassKind(row["kind"]),
        name=LocalizedText(**row["name"]),
        venues=frozenset(row["venues"]),
        terms=Terms(
            PriceList.of_wire(terms["prices"]),
            Scene.of_wire(terms["scene"]),
            RegionRules.of_wire(terms["regions"]),
        ),
        on_sale=DayRange.of_wire(row["on_sale"]),
        uses=row.get("uses"),
        valid_days=row.get("valid_days"),
        season=None if season is None else DayRange.of_wire(season),
        blackouts=tuple(map(DayRange.of_wire, row["blackouts"])),
        daily=row["daily"],
        quota=row.get("quota"),
        per_holder=row["per_holder"],
        refund_days=row.get("refund_days"),
        personal=row["personal"],
        closed=row["closed"],
    )


def _stored(product: PassProduct) -> dict[str, Any]:
    terms = product.terms
    fields = {
        "_id": product.code,
        "kind": product.kind.value,
        "name": {"zh": product.name.zh, "en": product.name.en},
        "venues": sorted(product.venues),
        "terms": {
            "prices": terms.prices.to_wire(),
            "scene": terms.scene.to_wire(),
            "regions": terms.regions.to_wire(),
        },
        "on_sale": product.on_sale.to_wire(),
        "uses": product.uses,
        "valid_days": product.valid_days,
        "season": product.season and product.season.to_wire(),
        "blackouts": [days.to_wire() for days in product.blackouts],
        "daily": product.daily,
        "quota": product.quota,
        "per_holder": product.per_holder,
        "refund_days": product.refund_days,
        "personal": product.personal,
        "closed": product.closed,
    }
    return {name: value for name, value in fields.items() if value is not None}
