"""Every collection of the house, and what of them is a person's own data."""

from backend.accounts import personal_data as accounts_data
from backend.accounts.documents import Account, DeviceSession, SmsCode, Staff, Tries
from backend.assertions.documents import ShownCode, StoredItem
from backend.bookings import personal_data as bookings_data
from backend.bookings.documents import (
    Booker,
    BookingNotice,
    PlaceBooking,
    Slot,
    SlotPlan,
    VisitQueue,
)
from backend.cards import personal_data as cards_data
from backend.cards.documents import (
    AttestationRow,
    Card,
    CardEventRow,
    EligibilityReview,
    EnrolmentCode,
    HolderCursor,
    IssuanceDay,
    IssuanceFigure,
    PaperCode,
    StoredPolicy,
    StoredStatusList,
)
from backend.cross_region import personal_data as cross_region_data
from backend.cross_region.documents import (
    AllianceRegion,
    CaseCount,
    CrossRegionCase,
    QualifiedOutlet,
)
from backend.datause.documents import AlertAcknowledgement
from backend.exams import personal_data as exams_data
from backend.exams.documents import ExamRegistration, ExamSeat, StoredExamSession
from backend.foundation.audit import AuditRow
from backend.foundation.audit_chain import AuditLink, ChainHead
from backend.foundation.audit_verify import AuditVerification
from backend.foundation.data_keys import DataKey
from backend.foundation.households import HouseholdMember
from backend.foundation.idempotency import KeptAnswer
from backend.foundation.inbox import InboxCursor, InboxMessage
from backend.foundation.person_keys import PersonKeys
from backend.functions import personal_data as functions_data
from backend.functions.documents import (
    CardTypeViolation,
    FunctionChoice,
    StoredCardType,
    StoredFunction,
    StoredFunctionList,
)
from backend.guides.documents import StoredGuide
from backend.help_requests import personal_data as help_data
from backend.help_requests.documents import HelpRequest
from backend.library import personal_data as library_data
from backend.library.documents import (
    LibraryCopy,
    LibraryFine,
    LibraryHold,
    LibraryLoan,
    LibraryPatron,
    LibraryTitle,
    Sip2Terminal,
    StoredLendingPolicy,
    StoredLibrary,
)
from backend.licences import personal_data as licences_data
from backend.licences.documents import LicenceRequest
from backend.mandates import personal_data as mandates_data
from backend.mandates.documents import Mandate, MandateNotice, MandateParty
from backend.manifests.documents import OfflineRecord, OfflineSetHead
from backend.passes import personal_data as passes_data
from backend.passes.documents import (
    PassAllowance,
    PassStock,
    PassUse,
    StoredPass,
    StoredProduct,
    TrainingVoucher,
    VoucherProgramme,
)
from backend.payout_accounts import personal_data as payout_data
from backend.payout_accounts.documents import PayoutAccount
from backend.readers import personal_data as readers_data
from backend.readers.documents import (
    AdmissionClaim,
    KeyCarrier,
    KeyCarrierEvent,
    Scan,
    ScanConflict,
    ServiceWindow,
    Terminal,
)
from backend.recommendations import personal_data as recommendations_data
from backend.recommendations.documents import RecommendationChoice
from backend.residents import personal_data as residents_data
from backend.residents.documents import (
    EligibilityGround,
    LoadedPopulation,
    RecordMerge,
    RegisterCursor,
    Resident,
    StoredResidentEvent,
)
from backend.rights import personal_data as rights_data
from backend.rights.documents import Closing, ConsentReceipt, CorrectionCase, NoticeReceipt
from backend.safe_checks import personal_data as safe_checks_data
from backend.safe_checks.documents import SafeCheck
from backend.sharing.documents import (
    DataConsumer,
    ImpactAssessment,
    SharingCount,
    StoredAgreement,
    VisitDay,
)
from backend.stored_value import personal_data as stored_value_data
from backend.stored_value.documents import (
    StoredValueAccount,
    StoredValueEntry,
    StoredValueGroup,
)
from backend.subsidies import personal_data as subsidies_data
from backend.subsidies.documents import SubsidyPayment
from backend.surveys import personal_data as surveys_data
from backend.surveys.documents import SatisfactionCount, SurveySlip
from backend.venues.documents import Pilot, RecognitionList, Venue

DOCUMENTS = (
    DataKey,
    PersonKeys,
    Resident,
    RecordMerge,
    EligibilityGround,
    StoredResidentEvent,
    RegisterCursor,
    LoadedPopulation,
    Card,
    CardEventRow,
    EligibilityReview,
    AttestationRow,
    HolderCursor,
    StoredPolicy,
    IssuanceDay,
    IssuanceFigure,
    PaperCode,
    EnrolmentCode,
    StoredStatusList,
    CrossRegionCase,
    AllianceRegion,
    QualifiedOutlet,
    CaseCount,
    StoredFunction,
    FunctionChoice,
    StoredFunctionList,
    StoredCardType,
    CardTypeViolation,
    Venue,
    Pilot,
    SlotPlan,
    RecognitionList,
    Slot,
    PlaceBooking,
    Booker,
    BookingNotice,
    VisitQueue,
    OfflineSetHead,
    OfflineRecord,
    StoredProduct,
    PassStock,
    PassAllowance,
    StoredPass,
    PassUse,
    VoucherProgramme,
    TrainingVoucher,
    StoredExamSession,
    ExamSeat,
    ExamRegistration,
    RecommendationChoice,
    StoredGuide,
    SurveySlip,
    SafeCheck,
    LicenceRequest,
    SatisfactionCount,
    StoredValueGroup,
    StoredValueAccount,
    StoredValueEntry,
    SubsidyPayment,
    StoredLibrary,
    StoredLendingPolicy,
    LibraryTitle,
    LibraryCopy,
    LibraryPatron,
    LibraryLoan,
    LibraryHold,
    LibraryFine,
    Sip2Terminal,
    Terminal,
    KeyCarrier,
    KeyCarrierEvent,
    Scan,
    ScanConflict,
    AdmissionClaim,
    ServiceWindow,
    KeptAnswer,
    Account,
    DeviceSession,
    SmsCode,
    Tries,
    Staff,
    AuditRow,
    AuditLink,
    ChainHead,
    AuditVerification,
    AlertAcknowledgement,
    HouseholdMember,
    NoticeReceipt,
    ConsentReceipt,
    Closing,
    CorrectionCase,
    StoredItem,
    ShownCode,
    DataConsumer,
    StoredAgreement,
    SharingCount,
    ImpactAssessment,
    Mandate,
    MandateParty,
    MandateNotice,
    HelpRequest,
    PayoutAccount,
    VisitDay,
    InboxMessage,
    InboxCursor,
)

PERSONAL_DATA = (
    *residents_data.PERSONAL,
    *cards_data.PERSONAL,
    *cross_region_data.PERSONAL,
    *functions_data.PERSONAL,
    *accounts_data.PERSONAL,
    *mandates_data.PERSONAL,
    *help_data.PERSONAL,
    *payout_data.PERSONAL,
    *bookings_data.PERSONAL,
    *passes_data.PERSONAL,
    *library_data.PERSONAL,
    *stored_value_data.PERSONAL,
    *subsidies_data.PERSONAL,
    *exams_data.PERSONAL,
    *recommendations_data.PERSONAL,
    *surveys_data.PERSONAL,
    *safe_checks_data.PERSONAL,
    *licences_data.PERSONAL,
    *readers_data.PERSONAL,
    *rights_data.PERSONAL,
)
