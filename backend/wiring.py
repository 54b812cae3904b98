"""Settings, keys and an open store become the areas' services.

An area with many has them put together by its own `assembly.py`.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache

from backend.accounts.assembly import account_services
from backend.accounts.leaving import AccountLeaving
from backend.accounts.sessions import Sessions
from backend.accounts.sms import SandboxSms
from backend.accounts.sms_codes import SmsCodes
from backend.accounts.tries import TryLimits
from backend.assertions.assembly import assertion_services
from backend.assertions.at_desks import ShownAtDesks
from backend.assertions.at_doors import ShownAtDoors
from backend.assertions.evidence import EvidenceDesk
from backend.assertions.presenting import Presenting
from backend.bookings.assembly import booking_services
from backend.bookings.expected import ExpectedBookings
from backend.bookings.leaving import BookingLeaving
from backend.bookings.merging import no_bookings_ahead
from backend.bookings.notices import BookingNoticeDelivery
from backend.bookings.service import Bookings
from backend.bookings.slots import Slots
from backend.cards.activation_codes import ActivationCodes
from backend.cards.card_history import CardHistory
from backend.cards.card_population import CardPopulation
from backend.cards.card_services import CardServices
from backend.cards.certificates import Certificates
from backend.cards.concessions import Concessions
from backend.cards.counter import CardCounter
from backend.cards.devices import Devices
from backend.cards.documents import (
    Card,
)
from backend.cards.eligibility_reviews import EligibilityReviews
from backend.cards.enrolment import Enrolment
from backend.cards.holder_evidence import HolderEvidence
from backend.cards.holder_following import HolderFollower
from backend.cards.holder_pin import HolderPin
from backend.cards.issuance import Issuance
from backend.cards.judgements import Judgements
from backend.cards.leaving import CardLeaving
from backend.cards.merging import OneCard
from backend.cards.opener_changes import OpenerChanges
from backend.cards.paper_codes import PaperCodes
from backend.cards.policies import EcardPolicies
from backend.cards.representation import Representation
from backend.cards.service import Cards
from backend.cards.status_list import StatusLists
from backend.cross_region.assembly import cross_region_services
from backend.cross_region.leaving import CrossRegionLeaving
from backend.datause.breaches import Breaches
from backend.datause.oversight import Oversight
from backend.datause.service import DataUse
from backend.exams.leaving import ExamLeaving
from backend.exams.merging import no_exams_ahead
from backend.exams.registration import ExamRegistrations
from backend.exams.roll import ExamRoll
from backend.exams.seating import ExamSeating
from backend.exams.service import Exams
from backend.exams.sittings import ExamSittings
from backend.foundation.access_token import AccessTokens
from backend.foundation.audit_chain import Sequencer
from backend.foundation.audit_outbox import AuditOutbox
from backend.foundation.audit_watch import AuditWatch
from backend.foundation.custody import open_kms
from backend.foundation.data_catalogue import CatalogueItem, data_catalogue
from backend.foundation.data_keys import open_data_keys
from backend.foundation.households import Households
from backend.foundation.idempotency import Once
from backend.foundation.inbox import Inbox
from backend.foundation.keys import Keys
from backend.foundation.mongo import Store
from backend.foundation.operations import Services
from backend.foundation.printing import Printer
from backend.foundation.refused_acts import RefusedActs
from backend.foundation.sealing import Sealer
from backend.functions.assembly import function_services
from backend.functions.leaving import FunctionLeaving
from backend.functions.merging import NoFunctionChosen
from backend.functions.registry import FunctionRegistry
from backend.guides.service import Guides
from backend.help_requests.leaving import HelpLeaving
from backend.help_requests.service import HelpRequests
from backend.house_data import HOUSE_DATA
from backend.library.assembly import library_services
from backend.library.leaving import LibraryLeaving
from backend.library.loans import Borrowings
from backend.library.merging import nothing_at_the_library
from backend.licences.leaving import LicenceLeaving
from backend.licences.look_up import LicenceLookUp
from backend.licences.merging import no_licence_requests
from backend.licences.registry import NoLicenceRegistry
from backend.licences.sandbox import SandboxLicenceRegistry
from backend.licences.service import LicenceRequests
from backend.mandates.assembly import mandate_services
from backend.mandates.doorstep import Doorstep
from backend.mandates.leaving import MandateLeaving
from backend.mandates.merging import no_mandates
from backend.mandates.sweeps import MandateDepartures
from backend.manifests.service import OfflineSets
from backend.official_records.registers import NoRecordSources
from backend.official_records.sandbox import SandboxRecordSources
from backend.official_records.service import OfficialRecords
from backend.passes.assembly import pass_services
from backend.passes.changes import Passes
from backend.passes.entries import PassEntitlements
from backend.passes.leaving import PassLeaving
from backend.passes.merging import nothing_to_use
from backend.payout_accounts.leaving import PayoutLeaving
from backend.payout_accounts.service import PayoutAccounts
from backend.readers.assembly import scan_services
from backend.readers.data_use import SCANS
from backend.readers.fleet import Fleet
from backend.readers.flow import Flow
from backend.readers.key_carriers import KeyCarriers
from backend.readers.look_up import LookUps
from backend.readers.service import Terminals
from backend.readers.visits import Visits
from backend.readers.windows import Windows
from backend.recommendations.leaving import RecommendationLeaving
from backend.recommendations.service import Recommending
from backend.residents.eligibility import Grounds
from backend.residents.face_check import FaceCheck, NoFaceCheck
from backend.residents.finding import ResidentSearch
from backend.residents.following import RegisterFollower
from backend.residents.household_marks import HouseholdMarks
from backend.residents.leaving import ResidentLeaving
from backend.residents.loading import PopulationLoading
from backend.residents.merging import MergeObstacle, RecordMerging
from backend.residents.register import NoRegister
from backend.residents.registration import RealNameRegistration, ResidentFaceCheck
from backend.residents.sandbox import SandboxRegister
from backend.residents.service import Residents
from backend.residents.statements import Statements
from backend.residents.unmasking import Unmasking
from backend.rights.closing import AccountClosings
from backend.rights.closing_sweep import ClosingSweep
from backend.rights.consents import Consents
from backend.rights.copies import PersonalCopies
from backend.rights.copy_printer import CopyPrinter
from backend.rights.correction_cases import CorrectionCases
from backend.rights.corrections import Corrections
from backend.rights.counter_consents import CounterConsents
from backend.rights.leaving import RightsLeaving
from backend.rights.merging import NoClosing
from backend.rights.notices import Notices
from backend.rights.relatives import RelativesRights
from backend.rights.source_conflicts import SourceConflicts
from backend.rights.texts import read_texts
from backend.safe_checks.leaving import SafeCheckLeaving
from backend.safe_checks.merging import no_safe_check
from backend.safe_checks.service import SafeChecks
from backend.safe_checks.sweeps import SafeCheckSweeps
from backend.settings import Settings
from backend.sharing.assembly import sharing_services
from backend.sharing.visit_statistics import VisitStatistics
from backend.stored import DOCUMENTS, PERSONAL_DATA
from backend.stored_value.court_payments import CourtPayments
from backend.stored_value.court_returns import CourtReturns
from backend.stored_value.groups import StoredValueGroups
from backend.stored_value.leaving import StoredValueLeaving
from backend.stored_value.merging import nothing_stored
from backend.stored_value.service import StoredValue
from backend.subsidies.leaving import SubsidyLeaving
from backend.subsidies.service import Subsidies
from backend.surveys.leaving import SurveyLeaving
from backend.surveys.service import Surveys
from backend.timeline.service import Timeline
from backend.venues.calendars import Calendars
from backend.venues.catalogue import Catalogue
from backend.venues.service import Venues
from shared.clock import Clock


async def make_services(
    settings: Settings, store: Store, keys: Keys, clock: Clock, environ: Mapping[str, str]
) -> Services:
    """Return the areas' services on an open store; `environ` is for programs the server starts."""
    custody = settings.custody
    data_keys = await open_data_keys(open_kms(settings), custody.suite, keys.inherited, clock)
    sealer = Sealer(data_keys.keyring)
    judges = [Judgements()]
    residents = Residents(sealer, settings.registration.longest_name, judges)
    venues = Venues(keys)
    figures, once, refused = settings.cards, Once(store), RefusedActs()
    # The outside world: production has neither register nor face check until the city connects its.
    outside = NoRegister() if settings.production else SandboxRegister()
    faces: FaceCheck = (
        NoFaceCheck() if settings.production else ResidentFaceCheck(residents, outside)
    )
    sources = NoRecordSources() if settings.production else SandboxRecordSources(clock)
    registry = NoLicenceRegistry() if settings.production else SandboxLicenceRegistry()
    texts = read_texts()
    consents = Consents(texts, once, clock)
    cards = Cards(sealer, settings.region, settings.region_name_en, figures)
    services = CardServices(once, refused, sealer, settings.region, figures, clock)
    counter = CardCounter(services, refused, clock)
    policies, concessions = EcardPolicies(once, refused, clock), Concessions(once, sealer, clock)
    outbox = AuditOutbox(Card)
    certificates = Certificates(residents, concessions, policies, keys, figures, outbox, clock)
    enrolment = Enrolment(residents, once, certificates, policies, sealer, figures, clock)
    representation = Representation(cards, certificates, once, clock)
    households, limits = Households(sealer), TryLimits(sealer, settings.accounts, clock)
    tokens = AccessTokens(keys.tokens, timedelta(seconds=settings.accounts.access_seconds))
    sessions = Sessions(tokens, sealer, residents, clock)
    obstacles = _merge_obstacles(cards, once, clock)
    merging = RecordMerging(obstacles, sessions, judges, once, clock)
    registration = RealNameRegistration(
        residents, outside, outside, households, once, settings.region, clock
    )
    made_up_cards = CardPopulation(store, settings.region, figures)
    accounts = account_services(settings, sealer, residents, registration, sessions, once, clock)
    # No gateway of an operator is connected yet: in production nothing goes by SMS.
    gateway = None if settings.production else Services(*accounts)[SandboxSms]
    evidence = HolderEvidence(residents, concessions, clock)
    desk = EvidenceDesk(cards, keys, sealer, settings.region)
    presenting = Presenting(desk, residents, clock)
    pins = HolderPin(sealer, figures)
    mandates = mandate_services(settings, residents, sessions, gateway, pins, once, clock)
    booking = booking_services(
        *(settings, store, policies, ExamSittings(), ShownAtDesks(presenting), once, clock)
    )
    leaving = (
        AccountLeaving(residents, sessions, Services(*accounts)[SmsCodes]),
        BookingLeaving(settings.bookings),
        PassLeaving(),
        LibraryLeaving(),
        StoredValueLeaving(),
        SubsidyLeaving(),
        ExamLeaving(),
        RecommendationLeaving(),
        SurveyLeaving(),
        SafeCheckLeaving(),
        LicenceLeaving(),
        MandateLeaving(),
        HelpLeaving(),
        PayoutLeaving(),
        CardLeaving(),
        CrossRegionLeaving(),
        FunctionLeaving(),
        RightsLeaving(),
        ResidentLeaving(),  # the keys last: the steps before may still have to read
    )
    return Services(
        data_keys,
        residents,
        registration,
        RegisterFollower(
            *(residents, outside, MandateDepartures(sessions, clock), households, clock)
        ),
        ResidentSearch(residents, limits, clock),
        merging,
        Unmasking(residents, limits, once, clock),
        HouseholdMarks(residents, households, once, clock),
        PopulationLoading(residents, made_up_cards, clock),
        *([] if settings.production else [outside, sources, registry]),
        venues,
        cards,
        services,
        counter,
        *cross_region_services(settings, residents, counter, once, refused, clock),
        Issuance(once, clock),
        policies,
        concessions,
        certificates,
        enrolment,
        representation,
        outbox,
        HolderFollower(figures, clock),
        ActivationCodes(once, refused, sealer, clock),
        PaperCodes(certificates, residents, once, refused, sealer, figures, clock),
        Printer(),
        Devices(once, enrolment, certificates, faces, consents, refused, clock),
        StatusLists(clock, environ),
        *function_services(cards, once, clock, environ),
        terminals := Terminals(venues, keys, sealer, settings.region, clock),
        Fleet(terminals, Calendars(clock), once, clock),
        OfflineSets(
            (ExpectedBookings(cards), PassEntitlements(cards)),
            *(cards, OpenerChanges(), store, keys, settings.region, clock),
        ),
        KeyCarriers(once, clock),
        Windows(once, clock),
        Grounds(once, sealer, clock),
        EligibilityReviews(once, figures, clock),
        *scan_services(cards, venues, terminals, keys, once, clock),
        LookUps(
            ExpectedBookings(cards),
            *(venues, residents, TryLimits(sealer, settings.accounts, clock), clock),
        ),
        Visits(),
        sequencer := Sequencer(clock),
        AuditWatch(sequencer, clock),
        DataUse(SCANS),
        Oversight(once, clock),
        Breaches(clock),
        consents,
        *booking,
        BookingNoticeDelivery(gateway, sessions, residents, clock),
        *pass_services(cards, evidence, policies, once, clock),
        *library_services(settings, cards, residents, policies, once, clock),
        Notices(texts, once, clock),
        copies := PersonalCopies(store, sealer, limits, settings.rights, clock, PERSONAL_DATA),
        CounterConsents(consents, residents, pins, once, settings.mandates, clock),
        CopyPrinter(),
        AccountClosings(cards, once, settings.rights, clock),
        ClosingSweep(residents, cards, leaving, clock),
        corrections := Corrections(residents, sealer, once, clock),
        RelativesRights(residents, copies, corrections, limits, settings.rights, once, clock),
        CorrectionCases(residents, cards, limits, sealer, once, clock),
        SourceConflicts(residents, cards, once, clock),
        Statements(residents, clock),
        sessions,
        *accounts,
        *mandates,
        Doorstep(Services(*mandates), ShownAtDoors(presenting), sealer, once, clock),
        HelpRequests(residents, once, clock),
        PayoutAccounts(sessions, sealer, once, clock),
        *assertion_services(settings, desk, residents, sealer, once, refused, clock),
        presenting,
        Exams(presenting, faces, refused, once, settings.region, clock),
        ExamSeating(cards, once, clock),
        ExamRegistrations(evidence, policies, once, clock),
        ExamRoll(residents, clock),
        StoredValueGroups(once, clock),
        CourtReturns(clock),
        _timeline(Services(*booking), once, clock),
        Recommending(Services(*booking)[Catalogue], Visits(), once, clock),
        Surveys(Visits(), once, clock),
        SafeChecks(residents, once, clock),
        SafeCheckSweeps(residents, clock),
        OfficialRecords(sources, residents, consents, settings.mandates, clock),
        look_up := LicenceLookUp(registry, residents, clock),
        LicenceRequests(look_up, presenting, limits, refused, once, settings.licences, clock),
        StoredValue(presenting, Services(*booking)[Bookings], policies, once, clock),
        Subsidies(residents, sealer, once, clock),
        CourtPayments(Services(*booking)[Bookings], policies, clock),
        *sharing_services(
            *(_catalogue(), Inbox(store), cards, residents, consents, once, refused, clock)
        ),
        VisitStatistics(Flow(venues, clock), clock),
        Guides(FunctionRegistry(once, clock), Services(*booking)[Catalogue], once, clock),
    )


def _merge_obstacles(cards: Cards, once: Once, clock: Clock) -> tuple[MergeObstacle, ...]:
    """Return what each area says against two records becoming one."""
    return (
        OneCard(cards),
        NoClosing(),
        no_bookings_ahead(clock),
        *nothing_to_use(clock),
        nothing_at_the_library(clock),
        nothing_stored(clock),
        *no_exams_ahead(clock),
        no_licence_requests(clock),
        no_safe_check(clock),
        *no_mandates(clock),
        NoFunctionChosen(FunctionRegistry(once, clock)),
    )


@cache
def _catalogue() -> tuple[CatalogueItem, ...]:
    return tuple(data_catalogue(DOCUMENTS, PERSONAL_DATA, HOUSE_DATA))


def _timeline(booking: Services, once: Once, clock: Clock) -> Timeline:
    return Timeline(
        Visits(),
        booking[Bookings],
        Passes(once, clock),
        CardHistory(),
        Borrowings(),
        booking[Slots],
        booking[Catalogue],
        clock,
    )
