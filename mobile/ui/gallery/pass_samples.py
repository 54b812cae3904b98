"""Made-up passes, products and vouchers."""

from dataclasses import replace
from datetime import date, timedelta

from mobile.core.passes import (
    Pass,
    PassProduct,
    PassQuote,
    PassState,
    Place,
    PriceLine,
)
from mobile.core.pending import PendingAct
from mobile.core.trouble import Trouble
from mobile.core.vouchers import Course, Settlement, Voucher, VoucherState
from mobile.ui.gallery.booking_samples import MEMORIAL, SPORTS
from mobile.ui.gallery.samples import NOW
from shared.admission.circumstances import DayRange
from shared.localized_text import LocalizedText

_PARK = Place(1, MEMORIAL)
_CAVES = Place(2, LocalizedText("通天岩风景区", "Tongtianyan"))
_CRADLE = Place(4, LocalizedText("共和国摇篮景区", "Cradle of the Republic"))
_MOUNTAIN = Place(5, LocalizedText("三百山风景区", "Sanbai Mountain"))
_COURT = Place(3, SPORTS)
_SPRING = DayRange(date(2027, 2, 6), date(2027, 2, 12))
_BUNDLE_NAME = LocalizedText("赣南红色旅游年卡", "Gannan year pass")
_TEN_NAME = LocalizedText("体育馆十次卡", "Sports centre, ten entries")
_CAVES_NAME = LocalizedText("通天岩门票", "Tongtianyan ticket")

YEAR = Pass(
    "year",
    "BUNDLE",
    _BUNDLE_NAME,
    PassState.VALID,
    (_PARK, _CAVES, _CRADLE, _MOUNTAIN),
    DayRange(date(2026, 11, 1), date(2027, 10, 31)),
    (_SPRING,),
    None,
    None,
    3,
    0,
    personal=True,
    quantity=1,
    paid_fen=15_920,
    refund_until=date(2026, 11, 8),
    offered_until=None,
)
TEN = Pass(
    "ten",
    "USES",
    _TEN_NAME,
    PassState.VALID,
    (_COURT,),
    DayRange(date(2026, 11, 20), date(2027, 5, 18)),
    (),
    10,
    10,
    0,
    0,
    personal=False,
    quantity=1,
    paid_fen=0,
    refund_until=date(2026, 12, 20),
    offered_until=None,
)
OFFERED = replace(TEN, identifier="offered", offered_until=NOW + timedelta(hours=71))
RESTING = replace(
    YEAR, identifier="resting", blackouts=(DayRange(date(2026, 11, 21), date(2026, 11, 23)),)
)
USED_UP = replace(TEN, identifier="used", state=PassState.USED_UP, left=0, used=10, over=1)
INVITATION = "inv_7Kq2mWc9TzR4bXh8YpLs3D"

AVAILABLE = Voucher(
    "voucher",
    LocalizedText("2026年职业技能培训券", "Skills training voucher 2026"),
    VoucherState.AVAILABLE,
    150_000,
    ("electrician", "elder-care", "e-commerce"),
    DayRange(date(2026, 9, 1), date(2027, 8, 31)),
    80,
    None,
    None,
    None,
    None,
)
_SCHOOL = Place(6, LocalizedText("赣州技师学院", "Ganzhou Technician College"))
RESERVED = replace(
    AVAILABLE,
    identifier="reserved",
    state=VoucherState.RESERVED,
    course=Course("elder-care", "HL-2026-12", 6, date(2026, 12, 7)),
    place=_SCHOOL,
    held_until=NOW + timedelta(days=5),
)
CONFIRMED = replace(RESERVED, identifier="confirmed", state=VoucherState.CONFIRMED, held_until=None)
SETTLED = replace(
    CONFIRMED,
    identifier="settled",
    state=VoucherState.SETTLED,
    settlement=Settlement(38, 40, 142_500, NOW - timedelta(days=3)),
)
UNPAID = replace(
    SETTLED, identifier="unpaid", settlement=Settlement(20, 40, 0, NOW - timedelta(days=3))
)

BUNDLE = PassProduct(
    "gannan-year",
    "BUNDLE",
    _BUNDLE_NAME,
    (_PARK, _CAVES, _CRADLE, _MOUNTAIN),
    None,
    365,
    None,
    (_SPRING,),
    daily=False,
    per_holder=1,
    refund_days=7,
    personal=True,
)
CAVES = PassProduct(
    "caves-day",
    "SINGLE",
    _CAVES_NAME,
    (_CAVES,),
    1,
    None,
    None,
    (),
    daily=True,
    per_holder=5,
    refund_days=30,
    personal=False,
)
PRODUCTS = (
    BUNDLE,
    CAVES,
    PassProduct(
        "sports-ten",
        "USES",
        _TEN_NAME,
        (_COURT,),
        10,
        180,
        None,
        (),
        daily=False,
        per_holder=5,
        refund_days=30,
        personal=False,
    ),
)
_LOCAL = LocalizedText("本市社保卡八折", "20% off with the city's card")
PAID = PassQuote((PriceLine(_BUNDLE_NAME, 19_900), PriceLine(_LOCAL, -3_980)), 15_920)
_ELDER = LocalizedText("70岁及以上免费", "Free from 70")
_WITH = LocalizedText("同行人（原价）", "Companions, at the full price")
FREE = PassQuote((PriceLine(_CAVES_NAME, 5_500), PriceLine(_ELDER, -5_500)), 0)
FAMILY = PassQuote((*FREE.lines, PriceLine(_WITH, 11_000)), 11_000)
SOLD_OUT = Trouble(
    "pass_sold_out",
    LocalizedText("余量不足。", "Not so many are left."),
    LocalizedText(
        "请减少数量，或选择其他日期或票种。", "Take fewer, or choose another day or product."
    ),
)
LOST_TAKE = PendingAct("TakePass", {"product": "caves-day"}, "key", NOW - timedelta(minutes=12))
LOST_COURSE = PendingAct(
    "ReserveTrainingVoucher", {"voucher": "voucher"}, "key", NOW - timedelta(minutes=12)
)
