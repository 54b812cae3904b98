"""Who reaches which field of the schema: declared here for each, and asked by everybody.

The schema is walked: a field without a line here fails, and so does an id that a resident can send
and nobody declared. A screen may hide a field; this is what its service says.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLUnionType

from backend.bookings.documents import PlaceBooking
from backend.cards.documents import Card, PaperCode
from backend.foundation.access import Role
from backend.help_requests.documents import HelpRequest
from backend.help_requests.rules import HelpTopic
from backend.licences.documents import LicenceRequest
from backend.mandates.counter import CounterGrant, MandateCounter
from backend.mandates.documents import Mandate
from backend.mandates.granting import Terms
from backend.mandates.scopes import Evidence, Relation, Scope
from backend.mandates.views import MandateView
from shared.identity.age import local_day
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, Holder, code_scan, id_number, new_key
from tests.backend.bookings.hall import DAY, VENUE, Hall, plan
from tests.backend.faults.schema_walk import Known, Operation, named_type, operations, put
from tests.backend.library.reading_room import ReadingRoom
from tests.backend.licences.window import open_request
from tests.backend.mandates.test_life import CLERK as CLERK_CALLER
from tests.backend.passes.desk import Desk

NOBODY, STRANGER, PHONE, RESIDENT = "nobody", "a stranger's key", "the card's phone", "a resident"
"""Without a proof; with a key nobody knows; by the key of a card's phone; signed in on it."""
ALL = frozenset({NOBODY, STRANGER, PHONE, RESIDENT, *Role})
PROVEN = ALL - {NOBODY}
STAFF = frozenset(Role)
SIGNED_IN = STAFF | {RESIDENT}
OWN = frozenset({RESIDENT})
ON_THE_CARD = frozenset({PHONE, RESIDENT})
CLERK = frozenset({Role.OUTLET_CLERK})
COUNTER = CLERK | {Role.DEPARTMENT_OFFICER}
ADMINISTRATOR = frozenset({Role.SYSTEM_ADMINISTRATOR})
SECURITY = frozenset({Role.SECURITY_OFFICER})
AUDITOR = frozenset({Role.AUDITOR})
DEPARTMENT = frozenset({Role.DEPARTMENT_OFFICER})
CUSTODIANS = SECURITY | ADMINISTRATOR | {Role.VENUE_STAFF}

REACH: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("serverTime", "notices", "slots", "venues", "venue", "passProducts"), ALL),
    **dict.fromkeys(("libraries", "libraryTitles", "libraryTerms", "guides", "guide"), ALL),
    **dict.fromkeys(("guideGaps", "publishGuide", "reviewGuide"), ADMINISTRATOR | DEPARTMENT),
    **dict.fromkeys(
        (
            *("signInWithPassword", "requestSmsCode", "signInWithSms", "signInStaff"),
            *("refreshSession", "enrolDevice", "requestRegistrationCode", "register"),
        ),
        PROVEN,
    ),
    **dict.fromkeys(("sessions", "endSession", "setPassword", "signOut"), SIGNED_IN),
    **dict.fromkeys(
        (
            *("card", "cardFace", "cardStanding", "cardFunctions", "visits", "attendance"),
            "attendanceVenues",
            *(
                "renewCertificate",
                "suspendCard",
                "bookings",
                "comingBookings",
                "timeline",
                "recommendations",
                "bookPlace",
                "joinWaitingList",
                "confirmBooking",
            ),
            *("cancelBooking", "leaveWaitingList", "rescheduleBooking", "checkInForVisit"),
            *("quotePass", "passes", "takePass", "transferPass", "withdrawPassTransfer"),
            *("acceptPass", "trainingVouchers", "reserveTrainingVoucher"),
            "releaseTrainingVoucher",
            *(
                "storedValue",
                "storedValueEntries",
                "payBooking",
                "takeBackBookingPayment",
                "courtPayment",
            ),
            *("refundStoredValue", "examSeats", "examOpenings"),
            *("registerForExam", "withdrawExamRegistration"),
            *("libraryAccount", "renewLibraryLoan", "placeLibraryHold", "cancelLibraryHold"),
            "keepLibraryHistory",
            *("paperCodes", "makePaperCode", "revokePaperCode"),
            *("ratableVisits", "rateVisit"),
            "subsidies",
            *("safeCheck", "setSafeCheck", "checkInSafe", "stopSafeCheck"),
        ),
        ON_THE_CARD,
    ),
    **dict.fromkeys(("booking", "refundPass"), ON_THE_CARD | {Role.VENUE_STAFF}),
    **dict.fromkeys(
        (
            "refundClosedDays",
            *("issuePass", "revokePass", "confirmTrainingVoucher", "withdrawTrainingVoucher"),
            *("libraryReader", "lendLibraryCopy", "takeBackLibraryCopy", "loseLibraryLoan"),
            *("payLibraryFines", "putLibraryDeposit"),
            *("topUpStoredValue", "spendStoredValue"),
            *("checkInForExam", "noteExamImpersonation"),
            "pardonNoShows",
            *("visitQueue", "checkInVisitor", "callVisitor", "settleVisitor"),
        ),
        frozenset({Role.VENUE_STAFF}),
    ),
    **dict.fromkeys(
        (
            *("issueTrainingVoucher", "settleTrainingVoucher", "revokeTrainingVoucher"),
            "fileSubsidyPayment",
        ),
        frozenset({Role.DEPARTMENT_OFFICER}),
    ),
    **dict.fromkeys(
        (
            *("closingTerms", "corrections", "dataUse", "devices", "eligibilityGrounds"),
            *("pendingNotices", "consentPurposes", "consentReceipts", "liftSuspension"),
            *("reportCardLost", "replaceCard", "requestClosing", "withdrawClosing"),
            *("requestCorrection", "withdrawCorrection", "addDevice", "verifyDevice"),
            *(
                "unbindDevice",
                "enableFunction",
                "disableFunction",
                "chooseRecommendations",
                "requestPhoneChange",
            ),
            *("changePhone", "acknowledgeNotice", "giveConsent", "withdrawConsent"),
            "crossRegionCases",
            *("healthRecord", "studentRecord", "carePlan"),
            *("mandates", "mandateActs", "mandateNotices", "inviteMandate", "takeMandate"),
            *("wardMandates", "grantMandateByCard"),
            *("payoutAccount", "changePayoutAccount", "withdrawPayoutChange"),
            *("confirmMandate", "stopMandate", "disputeMandate", "limitMandate"),
            *("setMandateViewNotices", "takeRepresentedCertificate"),
            *("ownLicences", "licenceRequests", "decideLicenceRequest", "withdrawLicenceGrant"),
            *("helpRequests", "askForHelp", "answerHelpRequest", "withdrawHelpRequest"),
        ),
        OWN,
    ),
    **dict.fromkeys(
        (
            *("correctionCases", "correctionValues", "decideCorrection", "eligibilityReviews"),
            *("sourceConflicts", "settleSourceConflict"),
            *("decideEligibilityReview", "makeActivationCode", "registerResident"),
            "makePaperCodeAtCounter",
            *("noteHousehold", "counterCard", "serveAtCounter", "recordAttestation"),
            *("openCrossRegionCase", "outletCrossRegionCases", "crossRegionCase"),
            *("grantMandate", "assistResident", "endMandate", "settleMandate"),
            *("doorCode", "assistByCode", "consentAtCounter"),
            *("takeConsentAtCounter", "withdrawConsentAtCounter"),
            "counterConsentPurposes",
            *("reviewMandate", "excludeDelegate", "liftGuardianship"),
            *("copyForRelative", "correctForRelative", "closeForRelative"),
        ),
        CLERK,
    ),
    **dict.fromkeys(
        (
            *("findResidents", "revealResident", "recordGround", "endGround"),
            *("identityItems", "assertIdentity"),
            *("recordMerges", "proposeMerge", "proposeUnmerge", "decideMerge"),
        ),
        COUNTER,
    ),
    **dict.fromkeys(
        (
            *("recordAllianceRegion", "qualifyOutlet", "windowCoverage", "recordServiceWindow"),
            *("recognitionList", "listRecognition"),
        ),
        ADMINISTRATOR | {Role.DEPARTMENT_OFFICER},
    ),
    "crossRegionCounts": frozenset({Role.DEPARTMENT_OFFICER}),
    **dict.fromkeys(("requestLicences", "fetchLicences"), COUNTER | {Role.VENUE_STAFF}),
    **dict.fromkeys(("auditRows", "auditChain"), AUDITOR),
    **dict.fromkeys(("alerts", "acknowledgeAlert"), AUDITOR | SECURITY),
    **dict.fromkeys(
        ("keyCarriers", "moveKeyCarrier", "offerKeyCarrier", "acceptKeyCarrier"), CUSTODIANS
    ),
    **dict.fromkeys(
        (
            *("scanConflicts", "acknowledgeScanConflict", "venueFlow", "takeJournal"),
            *("makeLaneCode", "revokeLaneCodes"),
            *("beginVenuePilot", "countVenuePilot", "closeVenuePilot", "promoteVenuePilot"),
            *("closeVenueDays", "closeSlots", "changeOpeningCalendar"),
            *("changeVenueLayout", "venuePilots", "closeStoredValueGroup"),
            *("slotPlans", "putSlotPlan", "endSlotPlan"),
        ),
        ADMINISTRATOR | {Role.VENUE_STAFF},
    ),
    **dict.fromkeys(("registerKeyCarrier", "liftTerminalBlock"), SECURITY),
    **dict.fromkeys(("blockTerminal", "wipeTerminal"), SECURITY),
    "inviteTerminal": ADMINISTRATOR,
    "putStoredValueGroup": ADMINISTRATOR,
    **dict.fromkeys(("setLibraryTerms", "putLibrary", "leaveLibraryNetwork"), ADMINISTRATOR),
    "importLibraryTitles": ADMINISTRATOR | {Role.VENUE_STAFF},
    "terminals": ADMINISTRATOR | SECURITY,
    "staff": ADMINISTRATOR | SECURITY | AUDITOR,
    **dict.fromkeys(("putExamSession", "assignExamSeat"), DEPARTMENT),
    **dict.fromkeys(("openExamRegistration", "drawExamSeats", "examRoll"), DEPARTMENT),
    **dict.fromkeys(("proposeSharingAgreement", "recordImpactAssessment"), DEPARTMENT),
    "decideSharingAgreement": SECURITY,  # to approve; officers of the provider may stop it
    "withdrawImpactAssessment": SECURITY,
    **dict.fromkeys(("sharingAgreements", "impactAssessments"), DEPARTMENT | SECURITY | AUDITOR),
    "registerDataConsumer": ADMINISTRATOR,
    **dict.fromkeys(("visitStatistics", "venueSatisfaction"), DEPARTMENT | AUDITOR),
    **dict.fromkeys(("addStaff", "enableStaff"), ADMINISTRATOR),
    **dict.fromkeys(("grantRole", "revokeRole"), SECURITY),
    **dict.fromkeys(("disableStaff", "unlockStaff"), ADMINISTRATOR | SECURITY),
    **dict.fromkeys(("beginTotpSetup", "confirmTotp", "renewRecoveryCodes"), STAFF),
}
"""Who is heard, for every field; whoever is not listed is refused."""

UNHEARD = {"proof_missing", "device_unknown", "sign_in_needed", "not_permitted"}
"""How somebody is told that a field is not for them."""
LAST = ("", "unbindDevice", "signOut")  # whoever does these is somebody else afterwards
IDS = re.compile(
    r"(^|\.)(id|\w+Id|serial|booking|pass|voucher|loan|hold|mandate|helpRequest|licenceRequest|visit|resident|subject|terminal)$"
)


def _asked() -> list[Operation]:
    return sorted(operations(), key=lambda one: (*LAST, one.name).index(one.name) % len(LAST))


def _document(operation: Operation) -> str:
    """Return a request that asks no more than whether one is heard."""
    full = operation.document
    call = full[: full.index(f"{{ {operation.name}")]
    passed = ", ".join(f"{name}: ${name}" for name in operation.field.args)
    kind = named_type(operation.field.type)
    chosen = ""
    if isinstance(kind, GraphQLUnionType):
        chosen = "{ __typename ... on Refusal { code } }"
    elif isinstance(kind, GraphQLObjectType):
        chosen = "{ nodes { __typename } }" if "nodes" in kind.fields else "{ __typename }"
    return f"{call}{{ {operation.name}{f'({passed})' if passed else ''} {chosen} }}"


def _said(operation: Operation, answer: httpx.Response) -> str:
    """Return a refusal's code, or what kind of answer there was."""
    content = answer.json()
    if answer.status_code != 200:
        return str(content["code"])
    if "errors" in content:
        return str(content["errors"][0]["extensions"]["code"])
    [said] = content["data"].values()
    if operation.name == "visits" and not said["nodes"]:
        return "device_unknown"  # the page of a card nobody has is empty, and `card` says why
    return str(said.get("code") or said.get("__typename")) if isinstance(said, dict) else "data"


@pytest.fixture
def people(city: City) -> People:
    return People(city)


@pytest.fixture
async def known(people: People) -> Known:
    number, phone = id_number(sequence="977"), "13970700077"
    resident_id = await people.register(number, phone)
    await people.give_password(resident_id)
    holder = await people.card_of(resident_id, "977")
    return Known(number, phone, resident_id, await people.city.code(holder))


async def _actor(who: str, people: People, known: Known) -> Device:
    device = people.device()
    if who in (PHONE, RESIDENT):
        assert (await device.enrol(known.code))["__typename"] == "EnrolledDevice"
        [card] = await Card.find(Card.resident_id == known.resident_id).to_list()
        terminal = await people.city.terminal()
        await terminal.upload(code_scan(people.city.clock.now(), card.card_index))
    if who == RESIDENT:
        assert (await device.sign_in(known.number))["__typename"] == "SessionTokens"
    if who in STAFF:
        employee = await people.staff("one.of.them", Role(who))
        assert (await employee.sign_in())["__typename"] == "SessionTokens"
        return employee.device
    return device


async def _ask(device: Device, who: str, operation: Operation, known: Known) -> httpx.Response:
    query, variables = _document(operation), operation.variables(known)
    if who != NOBODY:
        return await device.post(query, variables)
    return await device.client.post("/graphql", json={"query": query, "variables": variables})


def test_each_field_says_who_reaches_it() -> None:
    assert set(REACH) == {operation.name for operation in operations()}


@pytest.mark.feature("U14")
@pytest.mark.parametrize("who", sorted(ALL))
async def test_a_field_hears_those_it_is_for_and_nobody_else(
    people: People, known: Known, who: str
) -> None:
    device = await _actor(who, people, known)
    known = replace(known, code="0000000000")  # or the stranger's key would become the card's

    heard = {}
    for operation in _asked():
        said = _said(operation, await _ask(device, who, operation, known))
        assert said not in {"internal_error", "bad_operation", "cost_limit"}, operation.name
        heard[operation.name] = said not in UNHEARD

    assert heard == {name: who in those for name, those in REACH.items()}


async def test_an_ended_session_and_a_token_of_anothers_key_reach_nothing(
    people: People, known: Known
) -> None:
    ended, thief = await _actor(RESIDENT, people, known), people.device()
    thief.access = ended.access
    for operation in _asked():
        answer = await _ask(thief, RESIDENT, operation, known)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    await ended.do("SignOut")
    for operation in _asked():
        answer = await _ask(ended, RESIDENT, operation, known)
        assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


@dataclass
class Victim:
    """A resident with one of everything that has an id."""

    phone: Device
    free_slot: str
    ids: Mapping[str, Any]

    async def has(self) -> str:
        """Return what others could have changed."""
        [card] = await Card.find(Card.resident_id == self.ids["resident"]).to_list()
        bookings = await PlaceBooking.find_all().to_list()
        sessions = (await self.phone.ask("Sessions"))["sessions"]["nodes"]
        corrections = (await self.phone.ask("Corrections", first=5))["corrections"]["nodes"]
        assert len(card.devices) == 2
        assert [one["state"] for one in corrections] == ["SUBMITTED"]
        held = (await self.phone.ask("Passes"))["passes"]["nodes"]
        vouchers = (await self.phone.ask("TrainingVouchers"))["trainingVouchers"]["vouchers"]
        lent = (await self.phone.ask("LibraryAccount"))["libraryAccount"]
        mandates = await Mandate.find_all().to_list()
        asked = await HelpRequest.find_all().to_list()
        papers = await PaperCode.find_all().to_list()
        licences = await LicenceRequest.find_all().to_list()
        return repr(
            (
                licences,
                card,
                bookings,
                sessions,
                corrections,
                held,
                vouchers,
                lent,
                asked,
                papers,
                mandates,
            )
        )


OWNED = {
    "endSession:input.sessionId": "session",
    "booking:id": "booking",
    "confirmBooking:input.booking": "booking",
    "cancelBooking:input.booking": "booking",
    "leaveWaitingList:input.booking": "booking",
    "rescheduleBooking:input.booking": "booking",
    "checkInForVisit:input.booking": "booking",
    "payBooking:input.booking": "booking",
    "courtPayment:booking": "booking",
    "takeBackBookingPayment:input.booking": "booking",
    "refundPass:input.pass": "pass",
    "transferPass:input.pass": "pass",
    "withdrawPassTransfer:input.pass": "pass",
    "reserveTrainingVoucher:input.voucher": "voucher",
    "releaseTrainingVoucher:input.voucher": "voucher",
    "renewLibraryLoan:input.loan": "loan",
    "cancelLibraryHold:input.hold": "hold",
    "bookPlace:input.resident": "resident",
    "joinWaitingList:input.resident": "resident",
    "dataUse:subject": "resident",
    "withdrawCorrection:input.id": "correction",
    "unbindDevice:input.serial": "serial",
    "revokePaperCode:input.id": "paper",
    "rateVisit:input.visit": "visit",
    "mandateActs:mandate": "mandate",
    "wardMandates:mandate": "ward_mandate",
    "confirmMandate:input.mandate": "mandate",
    "limitMandate:input.mandate": "mandate",
    "setMandateViewNotices:input.mandate": "mandate",
    "disputeMandate:input.mandate": "mandate",
    "stopMandate:input.mandate": "mandate",
    "askForHelp:input.mandate": "mandate",
    "answerHelpRequest:input.helpRequest": "help_request",
    "withdrawHelpRequest:input.helpRequest": "help_request",
    "decideLicenceRequest:input.licenceRequest": "licence_request",
    "withdrawLicenceGrant:input.licenceRequest": "licence_request",
}
"""What a resident can name and may not be theirs."""


def _ids() -> Iterator[tuple[Operation, tuple[str, ...]]]:
    """Yield each id that a resident or a phone can send."""
    for operation in operations():
        if not REACH[operation.name] & (ON_THE_CARD | {STRANGER}):
            continue
        for name, argument in operation.field.args.items():
            kind = named_type(argument.type)
            inner = kind.fields if isinstance(kind, GraphQLInputObjectType) else {}
            paths: list[tuple[str, ...]] = [(name, one) for one in inner] or [(name,)]
            for path in paths:
                if IDS.search(".".join(path)):
                    yield operation, path


def test_each_id_of_residents_is_declared() -> None:
    found = {f"{operation.name}:{'.'.join(path)}" for operation, path in _ids()}

    assert found == set(OWNED)


async def _help_asked(city: City, principal: str, mandate: str) -> str:
    """Leave a call for help that waits; what may be asked is not looked at here."""
    now = city.clock.now()
    row = HelpRequest(
        id="hlp_victim",
        mandate=mandate,
        principal=principal,
        delegate=principal,
        topic=HelpTopic.TALK,
        asked_at=now,
        until=now + DAY,
    )
    await row.insert()
    return row.id


async def _licences_asked(city: City, resident_id: str) -> str:
    """Leave a desk's request that waits; what may be asked is not looked at here."""
    row = open_request(resident_id, city.clock.now())
    await row.insert()
    return row.id


@pytest.fixture
async def victim(people: People, city: City) -> Victim:
    number = id_number(sequence="955")
    resident_id = await people.register(number, "13970700055")
    await people.give_password(resident_id)
    holder = await people.card_of(resident_id, "955")
    phone = people.device()
    assert (await phone.enrol(await city.code(holder)))["__typename"] == "EnrolledDevice"
    assert (await phone.sign_in(number))["__typename"] == "SessionTokens"
    wish = {"field": "NAME", "value": "钟小鸣", "explanation": "户口本如此"}
    asked = await phone.do("RequestCorrection", idempotencyKey=new_key(), **wish)
    today = local_day(city.clock.now()).isoformat()
    printed = await phone.do("MakePaperCode", idempotencyKey=new_key(), day=today)
    hall = Hall(city.house, city.clock)
    await hall.open(plan(capacity=4))
    day = (local_day(city.clock.now()) + DAY).isoformat()
    slots = (await phone.ask("Slots", venue=VENUE, **{"from": day, "to": day}))["slots"]["slots"]
    booked = await phone.do("BookPlace", idempotencyKey=new_key(), slot=slots[0]["id"], quantity=1)
    desk = Desk(city.house, city.clock, people={resident_id: resident_id})
    await desk.open()
    await desk.run()
    room = ReadingRoom(city.house, city.clock, {resident_id: resident_id})
    await room.furnish()
    second = people.device()
    assert (await second.enrol(await city.code(holder)))["__typename"] == "EnrolledDevice"
    terms = {"side": "PRINCIPAL", "relation": "ELDER", "days": 31}
    invited = await phone.do("InviteMandate", idempotencyKey=new_key(), **terms)
    ids = {
        "mandate": invited["mandate"]["id"],
        "ward_mandate": await _guarding(city, resident_id),
        "help_request": await _help_asked(city, resident_id, invited["mandate"]["id"]),
        "licence_request": await _licences_asked(city, resident_id),
        "resident": resident_id,
        "session": phone.session,
        "paper": printed["paperCode"]["id"],
        "visit": await _visited(city, holder),
        "correction": asked["correction"]["id"],
        "booking": booked["booking"]["id"],
        "pass": await desk.held(resident_id),
        "voucher": await desk.voucher(resident_id),
        "loan": (await room.lent(resident_id, "GZ0001")).loan_id,
        "hold": (await room.held(resident_id, "t_west")).hold_id,
        "serial": 2,
    }
    return Victim(phone, slots[1]["id"], ids)


async def _visited(city: City, holder: Holder) -> str:
    """Let the victim go into a venue; return the visit's id."""
    index = await city.card_index(holder)
    shown = code_scan(city.clock.now(), index, version=2)
    terminal = await city.terminal()
    await terminal.upload_body({"version": 2, "scans": [shown]})
    return str(shown["scan_id"])


async def _guarding(city: City, guardian: str) -> str:
    """Return the mandate by which somebody guards an adult."""
    ward = await city.resident(id_number("19480229", "953"))
    terms = Terms(Relation.WARD, (Scope.BOOK,), None)
    papers = CounterGrant(ward, guardian, terms, Evidence.COURT_DECISION)
    made = await city.house.services[MandateCounter].grant(CLERK_CALLER, new_key(), papers)
    assert isinstance(made, MandateView), made
    return made.mandate_id


async def _two_answers(
    device: Device, victim: Victim, known: Known, operation: Operation, path: tuple[str, ...]
) -> tuple[str, str]:
    """Ask with the victim's id, and with one like it that nobody has."""
    theirs = victim.ids[OWNED[f"{operation.name}:{'.'.join(path)}"]]
    said = []
    for value in (theirs, 77 if isinstance(theirs, int) else theirs[:-4] + "zzzz"):
        variables = put(operation.variables(known), path, value)
        if "slot" in variables.get("input", {}):
            variables["input"]["slot"] = victim.free_slot
        said.append(_said(operation, await device.post(_document(operation), variables)))
    return said[0], said[1]


async def test_anothers_id_is_answered_like_one_that_nobody_has(
    people: People, known: Known, victim: Victim
) -> None:
    attacker, before = await _actor(RESIDENT, people, known), await victim.has()

    for operation, path in _ids():
        theirs, nobodys = await _two_answers(attacker, victim, known, operation, path)
        assert theirs == nobodys, operation.name

    assert await victim.has() == before


async def test_whose_id_it_is_does_get_another_answer(known: Known, victim: Victim) -> None:
    """The control: the ids are right, and these requests do something with them."""
    by_ending = [one for one in _ids() if one[0].name == "endSession"]
    for operation, path in _ids():
        if (operation, path) not in by_ending:
            own, nobodys = await _two_answers(victim.phone, victim, known, operation, path)
            assert own != nobodys, operation.name
    [(operation, path)] = by_ending
    assert await _two_answers(victim.phone, victim, known, operation, path) == (
        "SessionEnded",
        "session_ended",
    )


DELEGATED: Mapping[str, str] = {
    **dict.fromkeys(
        ("bookings", "comingBookings", "booking", "bookPlace", "joinWaitingList"), "BOOK"
    ),
    **dict.fromkeys(("leaveWaitingList", "confirmBooking", "cancelBooking"), "BOOK"),
    "checkInForVisit": "BOOK",
    **dict.fromkeys(("rescheduleBooking", "passes", "quotePass", "takePass"), "BOOK"),
    **dict.fromkeys(("refundPass", "trainingVouchers"), "BOOK"),
    **dict.fromkeys(("reserveTrainingVoucher", "releaseTrainingVoucher"), "BOOK"),
    **dict.fromkeys(("cardStanding", "visits", "carePlan", "subsidies"), "BENEFIT_VIEW"),
    "safeCheck": "NOTICE_COPY",
    "healthRecord": "MEDICAL_VIEW",
    "studentRecord": "STUDENT_VIEW",
    **dict.fromkeys(
        ("takeRepresentedCertificate", "makePaperCode", "revokePaperCode"), "CARD_SHOW"
    ),
    "paperCodes": "CARD_SHOW",
    **dict.fromkeys(("examOpenings", "examSeats", "registerForExam"), "CASE_SUBMIT"),
    "withdrawExamRegistration": "CASE_SUBMIT",
    **dict.fromkeys(("corrections", "requestCorrection", "withdrawCorrection"), "CASE_SUBMIT"),
    **dict.fromkeys(
        ("storedValue", "payBooking", "takeBackBookingPayment", "courtPayment"), "PAY_SMALL"
    ),
}
"""The scope that a mandate must name, for every field that reaches another person at all."""
ABOUT_NOBODY = {name for name, those in REACH.items() if those == ALL}


async def _acting(people: People, victim: Victim, *scopes: str) -> Device:
    """Return the phone of a relative whom the victim gave a mandate, acting under it."""
    sequence = f"9{len(scopes)}7"
    number = id_number("19750310", sequence)
    await people.give_password(await people.register(number, f"139707000{len(scopes)}1"))
    delegate = people.device()
    assert (await delegate.sign_in(number))["__typename"] == "SessionTokens"
    wish = {"side": "PRINCIPAL", "relation": "ELDER", "days": 31, "scopes": list(scopes)}
    invited = await victim.phone.do("InviteMandate", idempotencyKey=new_key(), **wish)
    invitation = {"idempotencyKey": new_key(), "invitation": invited["invitation"]}
    taken = (await delegate.do("TakeMandate", **invitation))["mandate"]["id"]
    confirmed = await victim.phone.do("ConfirmMandate", idempotencyKey=new_key(), mandate=taken)
    assert confirmed["__typename"] == "MandateChanged", confirmed
    delegate.acting_for = taken
    return delegate


async def test_under_a_mandate_every_field_takes_its_scope_or_nobody_reaches_it(
    people: People, known: Known, victim: Victim
) -> None:
    """The whole schema, asked for another person: with every scope but the one, and with it."""
    views = await _acting(people, victim, "CARD_SHOW", "BENEFIT_VIEW", "NOTICE_COPY")
    books = await _acting(people, victim, "BOOK", "CASE_SUBMIT", "STUDENT_VIEW", "NOTICE_COPY")
    before = await victim.has()

    for operation in operations():
        name, scope = operation.name, DELEGATED.get(operation.name)
        for device, has in (
            (views, {"BENEFIT_VIEW", "CARD_SHOW", "NOTICE_COPY"}),
            (books, {"BOOK", "CASE_SUBMIT", "STUDENT_VIEW", "NOTICE_COPY"}),
        ):
            said = _said(operation, await _ask(device, RESIDENT, operation, known))
            if scope is None and name not in ABOUT_NOBODY:
                assert said == "not_delegable", name
            elif scope is not None and scope not in has:
                assert said == "mandate_scope_missing", name
            else:
                unheard = {*UNHEARD, "not_delegable", "mandate_scope_missing"}
                said = "data" if name == "visits" else said  # the victim's page is empty
                assert said not in unheard, name

    after = await victim.has()
    assert after.partition("Mandate(")[0] == before.partition("Mandate(")[0]
