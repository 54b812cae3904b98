"""Settings, keys and an open store become the areas' services."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache

from backend.accounts.leaving import AccountLeaving
from backend.accounts.own_password import OwnPassword
from backend.accounts.own_second_factor import OwnSecondFactor
from backend.accounts.passwords import Passwords
from backend.accounts.phone_change import PhoneChange
from backend.accounts.registration import SelfRegistration
from backend.accounts.sessions import Sessions
from backend.accounts.sign_in import SignIn
from backend.accounts.sms import SandboxSms, SmsOutbox
from backend.accounts.sms_codes import SmsCodes
from backend.accounts.staff import StaffAccounts
from backend.accounts.staff_rights import StaffRights
from backend.accounts.staff_sign_in import StaffSignIn
from backend.accounts.tries import TryLimits
from backend.assertions.evidence import EvidenceDesk
from backend.assertions.items import IdentityItems
from backend.assertions.presenting import Presenting
from backend.assertions.service import IdentityAssertions
from backend.bookings.changes import BookingChanges
from backend.bookings.entries import BookingEntries
from backend.bookings.expected import ExpectedBookings
from backend.bookings.leaving import BookingLeaving
from backend.bookings.merging import no_bookings_ahead
from backend.bookings.placing import PlacingDesk
from backend.bookings.planning import SlotPlanning
from backend.bookings.service import Bookings
from backend.bookings.slots import Slots
from backend.bookings.sweeps import BookingSweeps
from backend.bookings.venue_hours import VenueHours
from backend.bookings.venue_layout import VenueLayouts
from backend.cards.activation_codes import ActivationCodes
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
from backend.cards.policies import EcardPolicies
from backend.cards.representation import Representation
from backend.cards.service import Cards
from backend.cards.status_list import StatusLists
from backend.cross_region.alliance import Alliance
from backend.cross_region.cases import CrossRegionCases
from backend.cross_region.incoming import IncomingCases
from backend.cross_region.issuing_region import NoIssuingRegion
from backend.cross_region.leaving import CrossRegionLeaving
from backend.cross_region.routing import CaseRouting
from backend.cross_region.sandbox import SandboxRegions
from backend.datause.breaches import Breaches
from backend.datause.oversight import Oversight
from backend.datause.service import DataUse
from backend.exams.leaving import ExamLeaving
from backend.exams.merging import no_exams_ahead
from backend.exams.service import Exams
from backend.foundation.access_token import AccessTokens
from backend.foundation.audit_chain import Sequencer
from backend.foundation.audit_outbox import AuditOutbox
from backend.foundation.audit_watch import AuditWatch
from backend.foundation.custody import open_kms
from backend.foundation.data_catalogue import CatalogueItem, data_catalogue, sensitive_items
from backend.foundation.data_keys import open_data_keys
from backend.foundation.entitlements import Entitlements
from backend.foundation.households import Households
from backend.foundation.idempotency import Once
from backend.foundation.inbox import Inbox
from backend.foundation.keys import Keys
from backend.foundation.mongo import Store
from backend.foundation.operations import Services
from backend.foundation.refused_acts import RefusedActs
from backend.foundation.sealing import Sealer
from backend.functions.leaving import FunctionLeaving
from backend.functions.legacy_cards import LegacyCards
from backend.functions.lists import FunctionLists
from backend.functions.merging import NoFunctionChosen
from backend.functions.registry import FunctionRegistry
from backend.functions.service import CardFunctions
from backend.help_requests.leaving import HelpLeaving
from backend.help_requests.service import HelpRequests
from backend.house_data import HOUSE_DATA
from backend.library.account import ReaderAccounts
from backend.library.counter import LibraryCounter
from backend.library.fines import Fines
from backend.library.holds import Holds
from backend.library.importing import CatalogueImports
from backend.library.leaving import LibraryLeaving
from backend.library.lending import Lending
from backend.library.merging import nothing_at_the_library
from backend.library.network import LibraryNetwork
from backend.library.patrons import Patrons
from backend.library.returning import Returning
from backend.library.sip2_desk import Sip2Desk
from backend.library.sip2_server import Sip2Server
from backend.library.sip2_terminals import Sip2Terminals
from backend.library.sweeps import LibrarySweeps
from backend.mandates.acting import MandateUses
from backend.mandates.counter import MandateCounter
from backend.mandates.guarding import Guarding
from backend.mandates.leaving import MandateLeaving
from backend.mandates.merging import no_mandates
from backend.mandates.notices import NoticeDelivery
from backend.mandates.service import Mandates
from backend.mandates.sweeps import MandateDepartures, MandateSweeps
from backend.mandates.views import MandateViews
from backend.manifests.service import OfflineSets
from backend.passes.changes import Passes
from backend.passes.closure_refunds import ClosureRefunds
from backend.passes.entries import PassEntitlements, PassEntries
from backend.passes.issuing import PassIssuing
from backend.passes.leaving import PassLeaving
from backend.passes.merging import nothing_to_use
from backend.passes.products import PassProducts
from backend.passes.transfers import PassTransfers
from backend.passes.vouchers import TrainingVouchers
from backend.payout_accounts.leaving import PayoutLeaving
from backend.payout_accounts.service import PayoutAccounts
from backend.readers.booking import Booking
from backend.readers.carried_journals import CarriedJournals
from backend.readers.conflict_report import ConflictReport
from backend.readers.conflicts import ConflictFinder
from backend.readers.data_use import SCANS
from backend.readers.fleet import Fleet
from backend.readers.flow import Flow
from backend.readers.key_carriers import KeyCarriers
from backend.readers.look_up import LookUps
from backend.readers.online_checks import OnlineChecks
from backend.readers.receipts import Receipts
from backend.readers.service import Terminals
from backend.readers.settling import Settling
from backend.readers.visits import Visits
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
from backend.rights.leaving import RightsLeaving
from backend.rights.merging import NoClosing
from backend.rights.notices import Notices
from backend.rights.relatives import RelativesRights
from backend.rights.source_conflicts import SourceConflicts
from backend.rights.texts import read_texts
from backend.settings import Settings
from backend.sharing.agreements import Agreements
from backend.sharing.assessments import ImpactAssessments
from backend.sharing.consumers import Consumers
from backend.sharing.evidence import Evidence
from backend.sharing.exchange import Exchange
from backend.sharing.messages import ConsumerMessages
from backend.sharing.visit_statistics import VisitStatistics
from backend.stored import DOCUMENTS, PERSONAL_DATA
from backend.stored_value.court_returns import CourtReturns
from backend.stored_value.groups import StoredValueGroups
from backend.stored_value.leaving import StoredValueLeaving
from backend.stored_value.merging import nothing_stored
from backend.stored_value.service import StoredValue
from backend.timeline.service import Timeline
from backend.venues.calendars import Calendars
from backend.venues.catalogue import Catalogue
from backend.venues.pilots import Pilots
from backend.venues.service import Venues
from shared.admission.entitlement_conditions import BookingHeld, PassHeld
from shared.clock import Clock


async def make_services(
    settings: Settings, store: Store, keys: Keys, clock: Clock, environ: Mapping[str, str]
) -> Services:
    """Return the areas' services on an open store; `environ` is for programs the server starts."""
    custody = settings.custody
    data_keys = await open_data_keys(open_kms(settings), custody.suite, keys.inherited, clock)
    sealer = Sealer(data_keys.keyring)
    residents = Residents(sealer, settings.registration.longest_name, [Judgements()])
    venues = Venues(keys)
    figures, once, refused = settings.cards, Once(store), RefusedActs()
    # The outside world: production has neither register nor face check until the city connects its.
    outside = NoRegister() if settings.production else SandboxRegister()
    faces: FaceCheck = (
        NoFaceCheck() if settings.production else ResidentFaceCheck(residents, outside)
    )
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
    merging = RecordMerging(_merge_obstacles(cards, once, clock), sessions, once, clock)
    registration = RealNameRegistration(
        residents, outside, outside, households, once, settings.region, clock
    )
    made_up_cards = CardPopulation(store, settings.region, figures)
    accounts = _account_services(settings, sealer, residents, registration, sessions, once, clock)
    evidence = HolderEvidence(residents, concessions, clock)
    desk = EvidenceDesk(cards, keys, sealer, settings.region)
    presenting = Presenting(desk, residents, clock)
    booking = _booking_services(settings, store, policies, once, clock)
    leaving = (
        AccountLeaving(residents, sessions, Services(*accounts)[SmsCodes]),
        BookingLeaving(settings.bookings),
        PassLeaving(),
        LibraryLeaving(),
        StoredValueLeaving(),
        ExamLeaving(),
        RecommendationLeaving(),
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
        *([] if settings.production else [outside]),
        venues,
        cards,
        services,
        counter,
        *_cross_region_services(settings, residents, counter, once, refused, clock),
        Issuance(once, clock),
        policies,
        concessions,
        certificates,
        enrolment,
        representation,
        outbox,
        HolderFollower(figures, clock),
        ActivationCodes(once, refused, sealer, clock),
        Devices(once, enrolment, certificates, faces, consents, refused, clock),
        StatusLists(clock, environ),
        *_function_services(cards, once, clock, environ),
        terminals := Terminals(venues, keys, sealer, settings.region),
        Fleet(terminals, once, clock),
        OfflineSets(
            (ExpectedBookings(cards), PassEntitlements(cards)),
            *(cards, OpenerChanges(), store, keys, settings.region, clock),
        ),
        KeyCarriers(once, clock),
        Grounds(once, sealer, clock),
        EligibilityReviews(once, figures, clock),
        *_scan_services(cards, venues, terminals, keys, once, clock),
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
        *_pass_services(cards, evidence, policies, once, clock),
        *_library_services(settings, cards, residents, policies, once, clock),
        Notices(texts, once, clock),
        copies := PersonalCopies(store, sealer, limits, settings.rights, clock, PERSONAL_DATA),
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
        *_mandate_services(settings, residents, sessions, accounts, sealer, once, clock),
        *_assertion_services(settings, desk, residents, sealer, once, refused, clock),
        presenting,
        Exams(cards, presenting, faces, refused, once, settings.region, clock),
        StoredValueGroups(once, clock),
        CourtReturns(clock),
        _timeline(Services(*booking), once, clock),
        Recommending(Services(*booking)[Catalogue], Visits(), once, clock),
        StoredValue(presenting, Services(*booking)[Bookings], policies, once, clock),
        *_sharing_services(Inbox(store), cards, venues, residents, consents, once, refused, clock),
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
        no_exams_ahead(clock),
        *no_mandates(clock),
        NoFunctionChosen(FunctionRegistry(once, clock)),
    )


def _assertion_services(
    settings: Settings,
    desk: EvidenceDesk,
    residents: Residents,
    sealer: Sealer,
    once: Once,
    refused: RefusedActs,
    clock: Clock,
) -> list[object]:
    items, limits = IdentityItems(once, clock), TryLimits(sealer, settings.accounts, clock)
    return [
        items,
        IdentityAssertions(items, desk, residents, limits, refused, once, sealer, clock),
    ]


def _cross_region_services(
    settings: Settings,
    residents: Residents,
    counter: CardCounter,
    once: Once,
    refused: RefusedActs,
    clock: Clock,
) -> list[object]:
    # Production reaches no other region until the city connects one.
    sandbox = None if settings.production else SandboxRegions()
    return [
        Alliance(once, settings.region, clock),
        CrossRegionCases(once, refused, settings.region, clock),
        CaseRouting(residents, sandbox or NoIssuingRegion(), clock),
        IncomingCases(residents, counter, settings.region, clock),
        *([sandbox] if sandbox else []),
    ]


@cache
def _catalogue() -> tuple[CatalogueItem, ...]:
    return tuple(data_catalogue(DOCUMENTS, PERSONAL_DATA, HOUSE_DATA))


def _sharing_services(
    inbox: Inbox,
    cards: Cards,
    venues: Venues,
    residents: Residents,
    consents: Consents,
    once: Once,
    refused: RefusedActs,
    clock: Clock,
) -> list[object]:
    catalogue = _catalogue()
    consumers = Consumers(once, refused, clock)
    assessments = ImpactAssessments(once, clock, frozenset(one.name for one in catalogue))
    agreements = Agreements(
        once, clock, consumers, assessments, sensitive_items(catalogue), consents.recipients
    )
    exchange = Exchange(agreements, residents, cards, consents, refused, once, clock)
    statistics = VisitStatistics(Flow(venues, clock), clock)
    messages = ConsumerMessages(inbox, agreements, clock)
    evidence = Evidence(agreements, assessments, consents.texts, catalogue, clock)
    return [consumers, assessments, agreements, exchange, messages, statistics, evidence]


def _mandate_services(
    settings: Settings,
    residents: Residents,
    sessions: Sessions,
    accounts: list[object],
    sealer: Sealer,
    once: Once,
    clock: Clock,
) -> list[object]:
    figures, views = settings.mandates, MandateViews(residents, clock)
    # No gateway of an operator is connected yet: in production nothing goes by SMS.
    gateway = None if settings.production else Services(*accounts)[SandboxSms]
    pins = HolderPin(sealer, settings.cards)
    return [
        views,
        Mandates(views, residents, once, figures, clock),
        MandateCounter(views, residents, pins, once, figures, clock),
        Guarding(views, clock),
        MandateUses(figures, clock),
        MandateSweeps(clock),
        HelpRequests(residents, once, clock),
        PayoutAccounts(sessions, sealer, once, clock),
        NoticeDelivery(gateway, sessions, residents, clock),
    ]


def _function_services(
    cards: Cards, once: Once, clock: Clock, environ: Mapping[str, str]
) -> list[object]:
    registry = FunctionRegistry(once, clock)
    return [
        registry,
        CardFunctions(registry, cards, once, clock),
        FunctionLists(registry, cards, clock, environ),
        LegacyCards(registry, once, clock),
    ]


def _scan_services(
    cards: Cards, venues: Venues, terminals: Terminals, keys: Keys, once: Once, clock: Clock
) -> list[object]:
    counters = (BookingEntries(), PassEntries(clock))
    conflicts = ConflictFinder(counters, venues, clock)
    settling = Settling(counters, conflicts, clock)
    sources: dict[str, Entitlements] = {
        BookingHeld.kind: ExpectedBookings(cards),
        PassHeld.kind: PassEntitlements(cards),
    }
    return [
        settling,
        booking := Booking(cards, venues, settling, conflicts),
        receipts := Receipts(keys),
        CarriedJournals(terminals, booking, receipts, keys, clock),
        ConflictReport(once, clock),
        flow := Flow(venues, clock),
        OnlineChecks(sources, cards, venues, flow, clock),
    ]


def _account_services(
    settings: Settings,
    sealer: Sealer,
    residents: Residents,
    registration: RealNameRegistration,
    sessions: Sessions,
    once: Once,
    clock: Clock,
) -> list[object]:
    policy = settings.accounts
    passwords, limits = Passwords(policy), TryLimits(sealer, policy, clock)
    # No gateway of an operator is connected yet: in production no code is sent.
    sandbox = None if settings.production else SandboxSms(clock)
    outbox = SmsOutbox(sandbox)
    codes = SmsCodes(residents, limits, sealer, outbox, policy, clock)
    return [
        codes,
        SignIn(residents, sessions, once, passwords, limits, codes, policy, clock),
        SelfRegistration(registration, sessions, codes, outbox, limits, once, policy, clock),
        PhoneChange(residents, codes, outbox, limits, once, clock),
        OwnPassword(residents, sessions, passwords, limits, clock),
        StaffAccounts(passwords, Households(sealer), once, sealer, clock),
        StaffRights(sessions, limits, once, sealer, clock),
        OwnSecondFactor(sessions, passwords, limits, once, sealer, clock),
        StaffSignIn(sessions, once, passwords, limits, sealer, policy, clock),
        *([sandbox] if sandbox else []),
    ]


def _timeline(booking: Services, once: Once, clock: Clock) -> Timeline:
    return Timeline(
        Visits(),
        booking[Bookings],
        Passes(once, clock),
        booking[Slots],
        booking[Catalogue],
        clock,
    )


def _booking_services(
    settings: Settings, store: Store, policies: EcardPolicies, once: Once, clock: Clock
) -> list[object]:
    figures, calendars, slots = settings.bookings, Calendars(clock), Slots(clock)
    changes = BookingChanges(once, slots, figures, clock)
    desk = PlacingDesk(store, slots, figures, clock)
    return [
        calendars,
        Catalogue(clock),
        Pilots(once, clock),
        slots,
        SlotPlanning(calendars, figures, clock),
        VenueHours(calendars, once, clock),
        VenueLayouts(once, clock),
        Bookings(desk, changes, policies, clock),
        BookingSweeps(figures, clock),
    ]


def _pass_services(
    cards: Cards, evidence: HolderEvidence, policies: EcardPolicies, once: Once, clock: Clock
) -> list[object]:
    catalogue = Catalogue(clock)
    products = PassProducts(catalogue, evidence, clock)
    return [
        evidence,
        products,
        PassIssuing(products, policies, once, clock),
        Passes(once, clock),
        ClosureRefunds(once, clock),
        PassTransfers(policies, once, clock),
        PassEntries(clock),
        PassEntitlements(cards),
        TrainingVouchers(cards, catalogue, policies, once, clock),
    ]


def _library_services(
    settings: Settings,
    cards: Cards,
    residents: Residents,
    policies: EcardPolicies,
    once: Once,
    clock: Clock,
) -> list[object]:
    patrons = Patrons(cards, policies, settings.region, clock)
    lending, returning = Lending(patrons, once, clock), Returning(once, clock)
    fines, accounts = Fines(patrons, once, clock), ReaderAccounts(patrons, once, clock)
    terminals = Sip2Terminals(clock)
    desk = Sip2Desk(patrons, accounts, lending, returning, fines, residents, clock)
    return [
        terminals,
        Sip2Server(desk, terminals, settings.sip2.machines),
        desk,
        LibraryNetwork(clock),
        CatalogueImports(once, clock),
        patrons,
        lending,
        returning,
        fines,
        LibraryCounter(patrons, lending, returning, fines),
        Holds(patrons, once, clock),
        accounts,
        LibrarySweeps(clock),
    ]
