"""Every view model of the app, in one hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from typing import Protocol, runtime_checkable

from kivy.event import EventDispatcher

from mobile.core.booking import Booking
from mobile.core.help_request import HelpRequest
from mobile.core.privacy_notice import Scene
from mobile.core.service_map import Service
from mobile.core.venue import Venue
from mobile.services.entry import EntryCheck
from mobile.services.family import Family
from mobile.services.services import Services
from mobile.viewmodels.book import BookModel
from mobile.viewmodels.bookings import BookingsModel
from mobile.viewmodels.call_family import CallFamilyModel
from mobile.viewmodels.card_loss import CardLossModel
from mobile.viewmodels.challenge import ChallengeModel
from mobile.viewmodels.closing import ClosingModel
from mobile.viewmodels.code import CodeModel
from mobile.viewmodels.consents import ConsentsModel
from mobile.viewmodels.corrections import CorrectionsModel
from mobile.viewmodels.data_copy import DataCopyModel
from mobile.viewmodels.data_use import DataUseModel
from mobile.viewmodels.devices import DevicesModel
from mobile.viewmodels.enrol import EnrolModel
from mobile.viewmodels.exams import ExamsModel
from mobile.viewmodels.family import FamilyModel
from mobile.viewmodels.help import HelpModel
from mobile.viewmodels.help_wanted import HelpWantedModel
from mobile.viewmodels.library import LibraryModel
from mobile.viewmodels.me import LOOK, MeModel
from mobile.viewmodels.notices_read import NoticesModel
from mobile.viewmodels.paper import PaperModel
from mobile.viewmodels.passes import PassesModel
from mobile.viewmodels.payment import PaymentModel
from mobile.viewmodels.payout import PayoutModel
from mobile.viewmodels.place import (
    BOOK,
    BOOKINGS,
    CARD_LOSS,
    CODE,
    FAMILY,
    LIBRARY,
    ME,
    PASS,
    PAYOUT,
    RATING,
    SHOP,
    STORED_VALUE,
    VENUES,
    VOUCHER,
    WALLET,
    PlaceModel,
)
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.rating import RatingModel
from mobile.viewmodels.recommendations import RecommendationsModel
from mobile.viewmodels.registration import RegistrationModel
from mobile.viewmodels.rights import RightsModel
from mobile.viewmodels.services_map import ServicesModel
from mobile.viewmodels.shop import ShopModel
from mobile.viewmodels.sign_in import SignInModel
from mobile.viewmodels.stored_value import StoredValueModel
from mobile.viewmodels.timeline import TimelineModel
from mobile.viewmodels.venues import VenuesModel
from mobile.viewmodels.voucher import VoucherModel
from mobile.viewmodels.wallet import WalletModel

_HELP_PAGES = {"SHOW_CODE": CODE, "BOOK": VENUES, "PASSES": WALLET}
"""Where what somebody asks for is done for them; a call back is no page's."""


@runtime_checkable
class Working(Protocol):
    """A model that works beside the drawing of frames."""

    async def close(self) -> None:
        """Stop what runs and wait for its end."""
        ...


@dataclass(frozen=True, slots=True)
class Models:
    """What the screens are drawn from."""

    preferences: PreferencesModel
    place: PlaceModel
    enrol: EnrolModel
    sign_in: SignInModel
    code: CodeModel
    challenge: ChallengeModel
    wallet: WalletModel
    me: MeModel
    devices: DevicesModel
    paper: PaperModel
    data_use: DataUseModel
    card_loss: CardLossModel
    register: RegistrationModel
    rights: RightsModel
    notices: NoticesModel
    consents: ConsentsModel
    data_copy: DataCopyModel
    closing: ClosingModel
    corrections: CorrectionsModel
    bookings: BookingsModel
    passes: PassesModel
    shop: ShopModel
    voucher: VoucherModel
    library: LibraryModel
    stored_value: StoredValueModel
    payment: PaymentModel
    recommendations: RecommendationsModel
    exams: ExamsModel
    rating: RatingModel
    venues: VenuesModel
    book: BookModel
    help: HelpModel
    family: FamilyModel
    services: ServicesModel
    timeline: TimelineModel
    call_family: CallFamilyModel
    payout: PayoutModel
    help_wanted: HelpWantedModel

    def __iter__(self) -> Iterator[EventDispatcher]:
        """Yield each of them."""
        return (getattr(self, field.name) for field in fields(self))

    def find_venue(self, name: str) -> None:
        """Bring the venues to the front that are called so."""
        self.venues.begin()
        self.venues.line = name
        self.venues.find()
        self.place.go(VENUES)


def make_models(services: Services, preferences: PreferencesModel, device_name: str) -> Models:
    """Return the view models over `services`."""
    session, account, time = services.session, services.account, services.time
    served = account, time, preferences
    place = PlaceModel(session, account, preferences)
    notices = NoticesModel(services.notices, session, *served, place)

    def move_booking(booking: Booking) -> None:
        book.begin_move(booking)
        place.interrupt(BOOK)

    bookings = BookingsModel(services.bookings, *served, move_booking)

    show_ticket = _opener(place, bookings.open_ticket, BOOKINGS)
    book = BookModel(services.bookings, *served, show_ticket)

    def book_at(venue: Venue) -> None:
        book.begin(venue)
        place.go(BOOK)

    code = CodeModel(services.card_faces, session, time, preferences, place)

    def answer(challenge: str) -> None:
        place.go(CODE)
        code.answer_challenge(challenge)

    passes = PassesModel(services.passes, *served)
    voucher = VoucherModel(services.vouchers, services.venues, *served)

    library = LibraryModel(services.library, *served)
    stored_value = StoredValueModel(services.stored_values, services.bookings, *served)
    show_pass = _opener(place, passes.begin, PASS)
    opened = {
        "booking": show_ticket,
        "pass": show_pass,
        "voucher": _opener(place, voucher.begin, VOUCHER),
        "library": lambda _: place.go(LIBRARY),
        "stored": _opener(place, stored_value.begin, STORED_VALUE),
    }
    shop = ShopModel(services.passes, *served, show_pass)
    rating = RatingModel(services.ratings, *served, lambda: place.go(WALLET))

    def passes_of(venue: Venue) -> None:
        shop.begin(venue)
        place.interrupt(SHOP)

    me = MeModel(session, account, preferences, device_name)
    entry = EntryCheck(session, services.bookings, services.passes, time)
    return Models(
        preferences=preferences,
        place=place,
        enrol=EnrolModel(
            services.enrolment.submit,
            preferences,
            lambda: notices.passed(Scene.ECARD),
            session.storage_trouble,
        ),
        sign_in=SignInModel(*served, lambda: notices.passed(Scene.SIGN_IN)),
        code=code,
        challenge=ChallengeModel(preferences, answer),
        wallet=WalletModel(services, *served, opened),
        me=me,
        devices=DevicesModel(services.bound_phones, *served),
        paper=PaperModel(services.paper_codes, *served),
        data_use=DataUseModel(services.data_uses, *served),
        card_loss=CardLossModel(
            services.card_loss, session, *served, lambda: place.sign_in_for(CARD_LOSS)
        ),
        register=RegistrationModel(
            services.registration, *served, lambda: notices.passed(Scene.SIGN_IN)
        ),
        rights=RightsModel(preferences),
        notices=notices,
        consents=ConsentsModel(services.consents, *served),
        data_copy=DataCopyModel(services.copies, *served),
        closing=ClosingModel(services.closings, *served),
        corrections=CorrectionsModel(services.corrections, *served),
        bookings=bookings,
        passes=passes,
        shop=shop,
        voucher=voucher,
        library=library,
        stored_value=stored_value,
        recommendations=RecommendationsModel(services.recommendations, *served, place),
        exams=ExamsModel(services.exams, *served),
        rating=rating,
        payment=PaymentModel(services.court_payments, services.bookings, *served),
        venues=VenuesModel(
            services.venues, services.location, *served, book_at, passes_of, entry.at
        ),
        book=book,
        help=HelpModel(preferences),
        family=FamilyModel(
            services.family,
            services.code_scanning,
            services.card_scanning,
            *served,
            lambda acting: place.act_for_another(acting=acting),
        ),
        call_family=CallFamilyModel(
            services.help_requests,
            services.family,
            services.contacts,
            services.dialler,
            *served,
            lambda: place.go(FAMILY),
        ),
        payout=PayoutModel(services.payout_accounts, *served, lambda: place.sign_in_for(PAYOUT)),
        help_wanted=HelpWantedModel(
            services.help_requests, time, preferences, partial(_help_with, services.family, place)
        ),
        services=ServicesModel(preferences, _service_opener(place, bookings, shop, rating, me)),
        timeline=TimelineModel(services.timelines, services.ratings, session, *served),
    )


def _opener(place: PlaceModel, begin: Callable[[str], None], page: str) -> Callable[[str], None]:
    """Return what shows one thing by its id on its page."""

    def show(identifier: str) -> None:
        begin(identifier)
        place.go(page)

    return show


def _service_opener(
    place: PlaceModel, bookings: BookingsModel, shop: ShopModel, rating: RatingModel, me: MeModel
) -> Callable[[Service], None]:
    """Return what brings a service to the front, begun anew."""

    def begin(service: Service) -> None:
        if service.place == BOOKINGS:
            bookings.show_list()
        elif service.place == SHOP:
            shop.begin()
        elif service.place == RATING:
            rating.begin()
        place.go(service.place)
        if service.place == ME:
            me.open_section(LOOK)

    return begin


def _help_with(family: Family, place: PlaceModel, request: HelpRequest) -> None:
    """Act for who asks on the page that it takes; a call back is made from one's own."""
    page = _HELP_PAGES.get(request.topic)
    family.switch(request.mandate if page else "")
    place.go(page or FAMILY)
