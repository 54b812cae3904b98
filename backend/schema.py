"""The areas' GraphQL put together; its text is kept in `schema.graphql`."""

from datetime import datetime
from functools import cache
from pathlib import Path

import strawberry

from backend.accounts.api import AccountMutations, AccountQueries
from backend.accounts.registration_api import RegistrationMutations
from backend.accounts.staff_api import StaffMutations, StaffQueries
from backend.assertions.api import AssertionMutations, AssertionQueries
from backend.bookings.api import BookingMutations, BookingQueries
from backend.bookings.hours_api import VenueHoursMutations
from backend.bookings.layout_api import VenueLayoutMutations
from backend.bookings.plans_api import SlotPlanMutations, SlotPlanQueries
from backend.bookings.queue_api import VisitQueueMutations, VisitQueueQueries
from backend.bookings.slots_api import SlotQueries
from backend.cards.api import CardMutations, CardQueries, OperationInfo
from backend.cards.counter_api import CardCounterMutations, CardCounterQueries
from backend.cards.devices_api import DeviceMutations, DeviceQueries
from backend.cards.eligibility_api import EligibilityMutations, EligibilityQueries
from backend.cards.face_api import CardFaceQueries
from backend.cards.paper_api import PaperCodeMutations, PaperCodeQueries
from backend.cards.representation_api import RepresentationMutations
from backend.cards.services_api import CardServiceMutations, CardServiceQueries
from backend.cross_region.api import CrossRegionMutations, CrossRegionQueries
from backend.datause.api import DataUseQueries
from backend.datause.oversight_api import OversightMutations, OversightQueries
from backend.exams.api import ExamMutations, ExamQueries
from backend.exams.registration_api import (
    ExamRegistrationMutations,
    ExamRegistrationQueries,
)
from backend.foundation.first_looks import FirstLooks
from backend.foundation.operations import GuardedSchema, guarded_schema, read_documents
from backend.functions.api import FunctionMutations, FunctionQueries
from backend.guides.api import GuideMutations, GuideQueries
from backend.help_requests.api import HelpRequestMutations, HelpRequestQueries
from backend.library.api import LibraryMutations, LibraryQueries
from backend.library.network_api import LibraryNetworkMutations, LibraryNetworkQueries
from backend.library.staff_api import LibraryStaffMutations, LibraryStaffQueries
from backend.licences.api import LicenceMutations, LicenceQueries
from backend.mandates.api import MandateMutations, MandateQueries
from backend.mandates.counter_api import MandateCounterMutations
from backend.mandates.doorstep_api import DoorstepMutations, DoorstepQueries
from backend.mandates.reach import DELEGABLE, OPEN
from backend.official_records.api import OfficialRecordQueries
from backend.passes.api import PassMutations, PassQueries
from backend.passes.staff_api import PassStaffMutations
from backend.passes.vouchers_api import VoucherMutations, VoucherQueries
from backend.payout_accounts.api import PayoutAccountMutations, PayoutAccountQueries
from backend.readers.api import VisitQueries
from backend.readers.carried_journals_api import CarriedJournalMutations
from backend.readers.conflicts_api import ScanConflictMutations, ScanConflictQueries
from backend.readers.fleet_api import FleetMutations, FleetQueries
from backend.readers.flow_api import FlowQueries
from backend.readers.key_carriers_api import KeyCarrierMutations, KeyCarrierQueries
from backend.readers.lane_codes_api import LaneCodeMutations
from backend.readers.windows_api import WindowMutations, WindowQueries
from backend.recommendations.api import RecommendationMutations, RecommendationQueries
from backend.residents.api import ResidentMutations, ResidentQueries
from backend.residents.merging_api import RecordMergeMutations, RecordMergeQueries
from backend.rights.api import RightsMutations, RightsQueries
from backend.rights.closing_api import ClosingMutations, ClosingQueries
from backend.rights.corrections_api import CorrectionMutations, CorrectionQueries
from backend.rights.counter_consents_api import CounterConsentMutations, CounterConsentQueries
from backend.rights.relatives_api import RelativeMutations
from backend.rights.source_conflicts_api import SourceConflictMutations, SourceConflictQueries
from backend.safe_checks.api import SafeCheckMutations, SafeCheckQueries
from backend.sharing.api import SharingMutations, SharingQueries
from backend.sharing.assessments_api import AssessmentMutations, AssessmentQueries
from backend.sharing.statistics_api import StatisticsQueries
from backend.stored_value.api import StoredValueMutations, StoredValueQueries
from backend.stored_value.payments_api import CourtPaymentQueries
from backend.subsidies.api import SubsidyMutations, SubsidyQueries
from backend.surveys.api import SurveyMutations, SurveyQueries
from backend.timeline.api import TimelineQueries
from backend.venues.api import VenueQueries
from backend.venues.pilots_api import PilotMutations, PilotQueries
from backend.venues.recognition_api import RecognitionMutations, RecognitionQueries

SCHEMA_FILE = Path(__file__).with_name("schema.graphql")
OPERATIONS = Path(__file__).parent.parent / "shared" / "wire" / "operations"


@strawberry.type
class Query(
    AccountQueries,
    AssessmentQueries,
    AssertionQueries,
    BookingQueries,
    CardCounterQueries,
    CardFaceQueries,
    CardQueries,
    CardServiceQueries,
    ClosingQueries,
    CorrectionQueries,
    CrossRegionQueries,
    DataUseQueries,
    DeviceQueries,
    EligibilityQueries,
    ExamQueries,
    ExamRegistrationQueries,
    FleetQueries,
    WindowQueries,
    FlowQueries,
    FunctionQueries,
    GuideQueries,
    HelpRequestQueries,
    PayoutAccountQueries,
    LibraryQueries,
    LibraryNetworkQueries,
    LibraryStaffQueries,
    LicenceQueries,
    MandateQueries,
    DoorstepQueries,
    OfficialRecordQueries,
    OversightQueries,
    PaperCodeQueries,
    PassQueries,
    PilotQueries,
    RecognitionQueries,
    RecordMergeQueries,
    ResidentQueries,
    KeyCarrierQueries,
    RightsQueries,
    CounterConsentQueries,
    SafeCheckQueries,
    ScanConflictQueries,
    SharingQueries,
    SlotQueries,
    SlotPlanQueries,
    SourceConflictQueries,
    StaffQueries,
    StatisticsQueries,
    StoredValueQueries,
    CourtPaymentQueries,
    SubsidyQueries,
    SurveyQueries,
    TimelineQueries,
    RecommendationQueries,
    VenueQueries,
    VoucherQueries,
    VisitQueries,
    VisitQueueQueries,
):
    """What apps can ask."""

    @strawberry.field
    def server_time(self, info: OperationInfo) -> datetime:
        """Answer with the server's present time, by which a phone learns its clock's error."""
        return info.context.clock.now()


@strawberry.type
class Mutation(
    AccountMutations,
    AssessmentMutations,
    AssertionMutations,
    BookingMutations,
    CardCounterMutations,
    CardMutations,
    CardServiceMutations,
    ClosingMutations,
    CorrectionMutations,
    RelativeMutations,
    CrossRegionMutations,
    DeviceMutations,
    EligibilityMutations,
    ExamMutations,
    ExamRegistrationMutations,
    RecommendationMutations,
    SurveyMutations,
    FleetMutations,
    LaneCodeMutations,
    WindowMutations,
    CarriedJournalMutations,
    FunctionMutations,
    GuideMutations,
    HelpRequestMutations,
    PayoutAccountMutations,
    KeyCarrierMutations,
    LibraryMutations,
    LibraryNetworkMutations,
    LibraryStaffMutations,
    LicenceMutations,
    MandateCounterMutations,
    DoorstepMutations,
    MandateMutations,
    OversightMutations,
    PaperCodeMutations,
    PassMutations,
    PilotMutations,
    RecognitionMutations,
    PassStaffMutations,
    RegistrationMutations,
    RepresentationMutations,
    RecordMergeMutations,
    ResidentMutations,
    RightsMutations,
    CounterConsentMutations,
    SafeCheckMutations,
    ScanConflictMutations,
    SharingMutations,
    SourceConflictMutations,
    StaffMutations,
    StoredValueMutations,
    SubsidyMutations,
    VenueHoursMutations,
    VenueLayoutMutations,
    SlotPlanMutations,
    VoucherMutations,
    VisitQueueMutations,
):
    """What apps can do."""


@cache  # putting it together costs more than most tests of it
def make_schema(*, production: bool) -> GuardedSchema:
    """Return the schema; in production it takes the app's own operations only."""
    return guarded_schema(
        Query, Mutation, _documents(), DELEGABLE.keys() | OPEN, production=production
    )


@cache
def first_looks() -> FirstLooks:
    """Return what tells which operations look at a mandate before they act."""
    recorded = {name for name, one in DELEGABLE.items() if one.seen is not None}
    return FirstLooks(_documents().values(), recorded | OPEN)


@cache
def _documents() -> dict[str, str]:
    return read_documents(sorted(OPERATIONS.glob("*.graphql")))


def schema_text() -> str:
    """Return the schema in the schema language, as it is kept in `SCHEMA_FILE`."""
    return make_schema(production=False).as_str() + "\n"
