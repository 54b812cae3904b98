"""Passes and training vouchers of the demonstration city; prices are invented."""

from datetime import date

from backend.passes.rules import PassKind, PassProduct, Terms
from backend.passes.voucher_rules import Programme
from backend.settings import GANZHOU
from backend.venues.ganzhou import CAVES, CRADLE, LONG_MARCH, MOUNTAIN, SPORTS
from shared.admission.circumstances import DayRange
from shared.admission.evidence import AgeRange
from shared.admission.holder_conditions import AgeWithin, TreatedAsLocal
from shared.admission.price_effects import FREE, PercentOfPrice
from shared.admission.prices import PriceList, PriceRule, Product
from shared.admission.regions import RegionRules
from shared.admission.scene import Scene
from shared.localized_text import LocalizedText

_ALWAYS = DayRange(date(2026, 1, 1))
_NATIONAL_DAY = DayRange(date(2026, 10, 1), date(2026, 10, 7))
_RULES = (
    PriceRule(
        "elder", LocalizedText("70岁及以上免费", "Free from 70"), (AgeWithin(AgeRange(70)),), FREE
    ),
    PriceRule(
        "senior",
        LocalizedText("60岁及以上半价", "Half price from 60"),
        (AgeWithin(AgeRange(60)),),
        PercentOfPrice(50),
    ),
    PriceRule(
        "local",
        LocalizedText("本市社保卡八折", "20% off with the city's card"),
        (TreatedAsLocal(),),
        PercentOfPrice(80),
    ),
)


def _terms(code: str, name: LocalizedText, fen: int, scene: Scene) -> Terms:
    prices = PriceList((Product(code, name, fen),), _RULES)
    return Terms(prices, scene, RegionRules(home=GANZHOU))


_BUNDLE = LocalizedText("赣南红色旅游年卡", "Gannan year pass")
_CAVES = LocalizedText("通天岩门票", "Tongtianyan ticket")
_SPORTS = LocalizedText("体育馆十次卡", "Sports centre, ten entries")
GANZHOU_PRODUCTS = (
    PassProduct(
        "gannan-year",
        PassKind.BUNDLE,
        _BUNDLE,
        frozenset({CAVES, CRADLE, MOUNTAIN, LONG_MARCH}),
        _terms("gannan-year", _BUNDLE, 19_900, Scene.SIGHT),
        _ALWAYS,
        uses=None,
        valid_days=365,
        blackouts=(_NATIONAL_DAY,),
        per_holder=1,
        refund_days=7,
    ),
    PassProduct(
        "caves-day",
        PassKind.SINGLE,
        _CAVES,
        frozenset({CAVES}),
        _terms("caves-day", _CAVES, 5_500, Scene.SIGHT),
        _ALWAYS,
        daily=True,
        quota=3_000,
        refund_days=30,
        personal=False,
    ),
    PassProduct(
        "sports-ten",
        PassKind.USES,
        _SPORTS,
        frozenset({SPORTS}),
        _terms("sports-ten", _SPORTS, 20_000, Scene.SPORTS),
        _ALWAYS,
        uses=10,
        valid_days=180,
        refund_days=30,
        personal=False,
    ),
)
GANZHOU_PROGRAMMES = (
    Programme(
        "skills-2026",
        LocalizedText("2026年职业技能培训券", "Skills training voucher 2026"),
        value_fen=150_000,
        course_types=("electrician", "elder-care", "e-commerce"),
        valid_days=365,
    ),
)
