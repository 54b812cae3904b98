"""The demonstration city: venues with readers, the card's functions, and residents nobody is.

Citizen numbers are put together from a division that does not exist, a birth date and a sequence,
so that they are well-formed and belong to no one. Seeding twice changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from backend.bookings.commands import seed_ganzhou
from backend.cards.card_writes import PhysicalCard
from backend.cards.service import Cards
from backend.exams.demo_sessions import seed_exams
from backend.figures import BookingFigures
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import Organisation, in_one_write
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.functions.registry import FunctionRegistry
from backend.functions.rules import CardFunction, FunctionStatus
from backend.guides.commands import seed_guides
from backend.library.commands import seed_library
from backend.licences.demo_request import seed_licence_request
from backend.passes.demo_products import GANZHOU_PRODUCTS, GANZHOU_PROGRAMMES
from backend.passes.products import PassProducts
from backend.passes.vouchers import TrainingVouchers
from backend.residents.registration import Application, RealNameRegistration
from backend.residents.service import Residents
from backend.settings import GANZHOU
from backend.subsidies.demo_payments import seed_subsidies
from backend.venues.ganzhou import HOSPITAL
from backend.venues.service import VenueFacts, Venues
from shared.admission.entitlement_conditions import BookingHeld
from shared.admission.holder_conditions import UnauthenticatedCard
from shared.admission.opening import OpeningCalendar
from shared.admission.opening_hours import Hours, Week
from shared.admission.prices import PriceList, Product
from shared.admission.rules import AdmissionRules
from shared.admission.scene import Scene
from shared.admission.time_conditions import Open
from shared.identity.id_number import check_character
from shared.localized_text import LocalizedText
from shared.trust.function_list import FunctionGrant
from shared.trust.status_list import card_digest

IDENTIFICATION_CODE = bytes.fromhex("360700D15600000520260001FFFFFFFF")
"""The 卡识别码 on the first resident's physical card, third generation."""

_NO_DIVISION = "369999"
_CLERK = Caller(
    roles=frozenset({Role.OUTLET_CLERK}),
    organisation=Organisation("360700-rs", LocalizedText("市社保服务大厅", "Card service hall")),
)


@dataclass(frozen=True, slots=True)
class DemoResident:
    """A made-up person; `identification_code` where a physical card is known.

    Who has a `phone` came to a counter with it and can sign in by a code sent to it. None of these
    numbers is anybody's: no operator was given those that begin with 154.
    """

    name: str
    birth: date
    sequence: str
    card_number: str
    generation: int
    identification_code: bytes | None = None
    phone: str | None = None

    @property
    def number(self) -> str:
        """The well-formed number nobody has."""
        digits = f"{_NO_DIVISION}{self.birth:%Y%m%d}{self.sequence}"
        return digits + check_character(digits)


@dataclass(frozen=True, slots=True)
class SeededResident:
    """A resident as seeded, by the ids that the other commands take."""

    resident_id: str
    card_id: str
    masked_name: str
    phone: str | None


class SeedRefused(Exception):
    """The city's own rules refuse a demonstration resident; the message is the refusal's code."""


RESIDENTS = (
    DemoResident("钟小明", date(1988, 3, 12), "901", "D15600001", 3, IDENTIFICATION_CODE),
    DemoResident("赖秀英", date(1953, 9, 1), "902", "D15600002", 3, phone="15400000902"),
    DemoResident("刘子轩", date(2016, 5, 20), "903", "D15600003", 3),
    DemoResident("阿依古丽·买买提", date(1962, 11, 30), "904", "D15600004", 2),
    DemoResident("钟丽华", date(1976, 4, 18), "912", "D15600005", 3, phone="15400000912"),
)
"""The second and the last are a mother and her daughter, of one household in the register."""

_MUSEUM_RULES = AdmissionRules(
    scene=Scene.MUSEUM,
    representative_allowed=True,
    unauthenticated_card=UnauthenticatedCard.LOOK,
    # The demonstration is shown at any hour.
    conditions=(Open(OpeningCalendar(Week.same_every_day(Hours(0, 1440)))),),
    prices=PriceList((Product("entry", LocalizedText("免费参观", "Free entry"), base_fen=0),)),
    entry_product="entry",
)
VENUES = (
    VenueFacts(
        number=1,
        name=LocalizedText(
            "中央红军长征出发地纪念园", "Central Red Army Long March Departure Memorial Park"
        ),
        region=GANZHOU,
        purpose=0,
        lanes={1: LocalizedText("1号通道", "Lane 1"), 2: LocalizedText("2号通道", "Lane 2")},
        # Its gates ask the city before they open 联网核验, and open by themselves where it is slow.
        rules=replace(_MUSEUM_RULES, ask_online=True),
    ),
    VenueFacts(
        number=2,
        name=LocalizedText("赣州市博物馆", "Ganzhou Museum"),
        region=GANZHOU,
        purpose=0,
        lanes={1: LocalizedText("东门", "East gate")},
        rules=_MUSEUM_RULES,
    ),
    VenueFacts(
        number=HOSPITAL,
        name=LocalizedText("虔城医院", "Qiancheng Hospital"),
        region=GANZHOU,
        purpose=0,
        lanes={
            1: LocalizedText("内科门诊报到", "Internal medicine"),
            2: LocalizedText("眼科门诊报到", "Eye clinic"),
        },
        lane_areas={1: "medicine", 2: "eyes"},
        # A scan checks in for the appointment: as early as in the app, and after a missed start.
        rules=AdmissionRules(
            scene=Scene.MEDICAL,
            representative_allowed=True,
            unauthenticated_card=UnauthenticatedCard.LOOK,
            conditions=(
                BookingHeld(early_minutes=BookingFigures().check_in_minutes, late_minutes=60),
            ),
        ),
    ),
)

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def _function(
    code: str, zh: str, en: str, owner: Organisation, grant: FunctionGrant
) -> CardFunction:
    name = LocalizedText(zh, en)
    return CardFunction(code, owner, name, FunctionStatus.OPEN, grant, _SINCE)


def _department(code: str, zh: str, en: str) -> Organisation:
    return Organisation(code, LocalizedText(zh, en))


_CULTURE = _department("360700-wg", "市文化广电旅游局", "Culture and Tourism Bureau")
FUNCTIONS = (
    _function(
        "transit",
        "公共交通",
        "Public transport",
        _department("360700-jt", "市交通运输局", "Transport Bureau"),
        FunctionGrant.ON_REQUEST,
    ),
    _function("tourism", "旅游年卡", "Tourist pass", _CULTURE, FunctionGrant.ON_REQUEST),
    _function("culture", "文化场馆", "Cultural venues", _CULTURE, FunctionGrant.BY_DEFAULT),
    _function(
        "education",
        "教育一卡通",
        "Education",
        _department("360700-jy", "市教育局", "Education Bureau"),
        FunctionGrant.ON_REQUEST,
    ),
    _function(
        "volunteering",
        "志愿服务",
        "Volunteering",
        _department("360700-tw", "共青团市委", "Youth League Committee"),
        FunctionGrant.ON_REQUEST,
    ),
)


async def seed(services: Services, now: datetime) -> list[SeededResident]:
    """Put the demonstration city in place and return its residents, the card's holder first."""
    for venue in VENUES:
        await services[Venues].put(venue)
    for function in FUNCTIONS:
        await _seed_function(services[FunctionRegistry], function)
    await seed_ganzhou(services)
    await _seed_passes(services)
    await seed_library(services)
    refused = await seed_exams(services, now) or await seed_guides(services)
    if refused is not None:
        raise SeedRefused(refused.code)
    people = [await _seed_resident(services, resident, now) for resident in RESIDENTS]
    refused = await seed_subsidies(services, [one.resident_id for one in people])
    if refused is not None:
        raise SeedRefused(refused.code)
    await seed_licence_request(services, IDENTIFICATION_CODE)
    return people


async def _seed_passes(services: Services) -> None:
    officer = Caller(roles=frozenset({Role.DEPARTMENT_OFFICER}))
    refused = await services[PassProducts].put(OPERATOR, GANZHOU_PRODUCTS)
    refused = refused or await services[TrainingVouchers].put(officer, GANZHOU_PROGRAMMES)
    if refused is not None:
        raise SeedRefused(refused.code)


async def _seed_function(registry: FunctionRegistry, function: CardFunction) -> None:
    if await registry.of(function.code) is None:
        done = await registry.put(OPERATOR, f"seed {function.code}", function)
        if isinstance(done, Refusal):
            raise SeedRefused(done.code)


async def _seed_resident(
    services: Services, resident: DemoResident, now: datetime
) -> SeededResident:
    resident_id = await _seed_person(services, resident, now)
    code = resident.identification_code
    physical = PhysicalCard(
        resident.card_number, card_digest(code) if code else None, resident.generation
    )
    card_id = await services[Cards].live_card(resident_id)
    if card_id is None:
        issued = await services[Cards].issue(resident_id, physical, now)
        if isinstance(issued, Refusal):
            raise SeedRefused(issued.code)
        card_id = issued
    person = await services[Residents].person(resident_id)
    return SeededResident(resident_id, card_id, person.masked_name, resident.phone)


async def _seed_person(services: Services, resident: DemoResident, now: datetime) -> str:
    """Register a person once; who has a phone at a counter, which asks after the household."""
    residents, phone = services[Residents], resident.phone
    known = await residents.of_login(resident.number)
    if phone is None or (known and (await residents.person(known[0])).masked_phone):
        done = await residents.register(resident.number, resident.name, GANZHOU, now)
    else:
        key = f"seed {resident.card_number}"
        application = Application(resident.number, resident.name, phone, GANZHOU)
        done = await services[RealNameRegistration].at_counter(_CLERK, key, application)
    if isinstance(done, Refusal):
        raise SeedRefused(done.code)
    if phone is not None and known and not (await residents.person(known[0])).masked_phone:
        # Seeded before the family had phones: only its holder gives a record its first one.
        await in_one_write(lambda own: residents.change_phone(known[0], phone, now, own))
    return done.resident_id
