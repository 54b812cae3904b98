"""What can be asked for another person 代办: the fields of the schema, each with its scope.

Whatever is not here refuses a request made under a mandate, and so does whatever is added tomorrow.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.mandates.scopes import Scope
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class Delegable:
    """What a field takes of a mandate; `seen` are the words of a read, which is an act itself."""

    scope: Scope
    seen: LocalizedText | None = None


_BOOKINGS = Delegable(Scope.BOOK, LocalizedText("查看了预约", "Looked at bookings"))
_PASSES = Delegable(Scope.BOOK, LocalizedText("查看了票券", "Looked at passes"))
_PRICE = Delegable(Scope.BOOK, LocalizedText("查询了票价", "Asked what a pass costs"))
_VISITS = Delegable(Scope.BENEFIT_VIEW, LocalizedText("查看了到访记录", "Looked at visits"))
_STANDING = Delegable(Scope.BENEFIT_VIEW, LocalizedText("查看了卡状态", "Looked at the card"))
_STORED = Delegable(Scope.PAY_SMALL, LocalizedText("查看了储值余额", "Looked at stored value"))
_SAFE = Delegable(Scope.NOTICE_COPY, LocalizedText("查看了报平安", "Looked at safe checks"))
_SUBSIDIES = Delegable(Scope.BENEFIT_VIEW, LocalizedText("查看了补贴", "Looked at subsidies"))
_PAY = Delegable(Scope.PAY_SMALL)
_BOOK = Delegable(Scope.BOOK)
_SHOW = Delegable(Scope.CARD_SHOW)
_PAPERS = Delegable(Scope.CARD_SHOW, LocalizedText("查看了纸质码", "Looked at paper codes"))
_HAND_IN = Delegable(Scope.CASE_SUBMIT)
_EXAMS = Delegable(Scope.CASE_SUBMIT, LocalizedText("查看了考试报名", "Looked at examinations"))
_CASES = Delegable(
    Scope.CASE_SUBMIT, LocalizedText("查看了更正申请", "Looked at requests for correction")
)

DELEGABLE: Mapping[str, Delegable] = {
    "bookings": _BOOKINGS,
    **dict.fromkeys(("booking", "comingBookings"), _BOOKINGS),
    **dict.fromkeys(("bookPlace", "joinWaitingList", "leaveWaitingList"), _BOOK),
    **dict.fromkeys(("confirmBooking", "cancelBooking", "rescheduleBooking"), _BOOK),
    "checkInForVisit": _BOOK,
    "passes": _PASSES,
    "quotePass": _PRICE,
    **dict.fromkeys(("takePass", "refundPass"), _BOOK),
    "trainingVouchers": _PASSES,
    **dict.fromkeys(("reserveTrainingVoucher", "releaseTrainingVoucher"), _BOOK),
    **dict.fromkeys(("examOpenings", "examSeats"), _EXAMS),
    **dict.fromkeys(("registerForExam", "withdrawExamRegistration"), _HAND_IN),
    "corrections": _CASES,
    **dict.fromkeys(("requestCorrection", "withdrawCorrection"), _HAND_IN),
    "takeRepresentedCertificate": _SHOW,
    **dict.fromkeys(("makePaperCode", "revokePaperCode"), _SHOW),
    "paperCodes": _PAPERS,
    # These looks are recorded where the consent is checked too, each told by itself.
    "healthRecord": Delegable(Scope.MEDICAL_VIEW),
    "studentRecord": Delegable(Scope.STUDENT_VIEW),
    "carePlan": Delegable(Scope.BENEFIT_VIEW),
    "safeCheck": _SAFE,
    "cardStanding": _STANDING,
    "visits": _VISITS,
    "subsidies": _SUBSIDIES,
    **dict.fromkeys(("storedValue", "courtPayment"), _STORED),
    **dict.fromkeys(("payBooking", "takeBackBookingPayment"), _PAY),
}
OPEN = frozenset(
    {
        *("serverTime", "notices", "slots", "venues", "venue", "passProducts"),
        *("libraries", "libraryTitles", "libraryTerms", "guides", "guide"),
    }
)
"""What is about nobody and says the same to everybody."""
