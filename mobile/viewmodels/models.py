"""Every view model of the app, in one hand."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from kivy.event import EventDispatcher

from mobile.core.help_request import HelpRequest
from mobile.services.services import Services
from mobile.viewmodels.code import CodeModel
from mobile.viewmodels.family import FamilyModel
from mobile.viewmodels.help_wanted import HelpWantedModel
from mobile.viewmodels.notices_read import NoticesModel
from mobile.viewmodels.place import (
    BOOK,
    BOOKINGS,
    CARD_LOSS,
    CODE,
    FAMILY,
    GUIDES,
    LIBRARY,
    ME,
    PASS,
    PAYOUT,
    RATING,
    SHOP,
    STORED_VALUE,
    SUBSIDIES,
    VENUES,
    VOUCHER,
    WALLET,
    PlaceModel,
)
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.recommendations import RecommendationsModel

if TYPE_CHECKING:
    from mobile.core.booking import Booking
    from mobile.core.service_map import Service
    from mobile.core.trouble import Trouble
    from mobile.core.venue import Venue
    from mobile.viewmodels.attendance import AttendanceModel
    from mobile.viewmodels.book import BookModel
    from mobile.viewmodels.bookings import BookingsModel
    from mobile.viewmodels.call_family import CallFamilyModel
    from mobile.viewmodels.card_loss import CardLossModel
    from mobile.viewmodels.challenge import ChallengeModel
    from mobile.viewmodels.closing import ClosingModel
    from mobile.viewmodels.consents import ConsentsModel
    from mobile.viewmodels.corrections import CorrectionsModel
    from mobile.viewmodels.data_copy import DataCopyModel
    from mobile.viewmodels.data_use import DataUseModel
    from mobile.viewmodels.devices import DevicesModel
    from mobile.viewmodels.enrol import EnrolModel
    from mobile.viewmodels.exams import ExamsModel
    from mobile.viewmodels.guides import GuidesModel
    from mobile.viewmodels.help import HelpModel
    from mobile.viewmodels.library import LibraryModel
    from mobile.viewmodels.licences import LicencesModel
    from mobile.viewmodels.me import MeModel
    from mobile.viewmodels.paper import PaperModel
    from mobile.viewmodels.passes import PassesModel
    from mobile.viewmodels.payment import PaymentModel
    from mobile.viewmodels.payout import PayoutModel
    from mobile.viewmodels.rating import RatingModel
    from mobile.viewmodels.records import RecordsModel
    from mobile.viewmodels.registration import RegistrationModel
    from mobile.viewmodels.rights import RightsModel
    from mobile.viewmodels.safe_check import SafeCheckModel
    from mobile.viewmodels.services_map import ServicesModel
    from mobile.viewmodels.shop import ShopModel
    from mobile.viewmodels.sign_in import SignInModel
    from mobile.viewmodels.stored_value import StoredValueModel
    from mobile.viewmodels.subsidies import SubsidiesModel
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


class Models:
    """What the screens are drawn from.

    Made at once is what the page of the code shows or listens to; each other one, and its code, is
    loaded when it is first asked for. The app asks for all of them after its first frame.
    """

    def __init__(self, services: Services, preferences: PreferencesModel, device_name: str) -> None:
        self._services = services
        self._device_name = device_name
        session, account, time = services.session, services.account, services.time
        self._served = served = account, time, preferences
        self.preferences = preferences
        self.place = place = PlaceModel(session, account, preferences)
        self.notices = NoticesModel(services.notices, session, *served, place)
        self.code = CodeModel(services.card_faces, session, time, preferences, place)
        self.recommendations = RecommendationsModel(services.recommendations, *served, place)
        self.family = FamilyModel(
            services.family,
            services.code_scanning,
            services.card_scanning,
            *served,
            lambda acting: place.act_for_another(acting=acting),
        )
        self.help_wanted = HelpWantedModel(
            services.help_requests, time, preferences, self._help_with
        )

    def __iter__(self) -> Iterator[EventDispatcher]:
        """Yield each of them, made by then."""
        return (getattr(self, name) for name in NAMES)

    def made(self) -> Iterator[EventDispatcher]:
        """Yield each that was asked for."""
        return (vars(self)[name] for name in NAMES if name in vars(self))

    @cached_property
    def enrol(self) -> "EnrolModel":
        from mobile.core.privacy_notice import Scene
        from mobile.viewmodels.enrol import EnrolModel

        return EnrolModel(
            self._services.enrolment.submit,
            self.preferences,
            lambda: self.notices.passed(Scene.ECARD),
            self._services.session.storage_trouble,
        )

    @cached_property
    def sign_in(self) -> "SignInModel":
        from mobile.viewmodels.sign_in import SignInModel

        return SignInModel(*self._served, self._passed_sign_in)

    @cached_property
    def challenge(self) -> "ChallengeModel":
        from mobile.viewmodels.challenge import ChallengeModel

        return ChallengeModel(self.preferences, self._answer)

    @cached_property
    def wallet(self) -> "WalletModel":
        from mobile.viewmodels.wallet import WalletModel

        return WalletModel(self._services, *self._served, self._opened)

    @cached_property
    def me(self) -> "MeModel":
        from mobile.viewmodels.me import MeModel

        return MeModel(
            self._services.session, self._services.account, self.preferences, self._device_name
        )

    @cached_property
    def devices(self) -> "DevicesModel":
        from mobile.viewmodels.devices import DevicesModel

        return DevicesModel(self._services.bound_phones, *self._served)

    @cached_property
    def paper(self) -> "PaperModel":
        from mobile.viewmodels.paper import PaperModel

        return PaperModel(self._services.paper_codes, *self._served)

    @cached_property
    def data_use(self) -> "DataUseModel":
        from mobile.viewmodels.data_use import DataUseModel

        return DataUseModel(self._services.data_uses, *self._served)

    @cached_property
    def card_loss(self) -> "CardLossModel":
        from mobile.viewmodels.card_loss import CardLossModel

        return CardLossModel(
            self._services.card_loss,
            self._services.session,
            *self._served,
            lambda: self.place.sign_in_for(CARD_LOSS),
        )

    @cached_property
    def register(self) -> "RegistrationModel":
        from mobile.viewmodels.registration import RegistrationModel

        return RegistrationModel(self._services.registration, *self._served, self._passed_sign_in)

    @cached_property
    def rights(self) -> "RightsModel":
        from mobile.viewmodels.rights import RightsModel

        return RightsModel(self.preferences)

    @cached_property
    def consents(self) -> "ConsentsModel":
        from mobile.viewmodels.consents import ConsentsModel

        return ConsentsModel(self._services.consents, *self._served)

    @cached_property
    def data_copy(self) -> "DataCopyModel":
        from mobile.viewmodels.data_copy import DataCopyModel

        return DataCopyModel(self._services.copies, *self._served)

    @cached_property
    def closing(self) -> "ClosingModel":
        from mobile.viewmodels.closing import ClosingModel

        return ClosingModel(self._services.closings, *self._served)

    @cached_property
    def corrections(self) -> "CorrectionsModel":
        from mobile.viewmodels.corrections import CorrectionsModel

        return CorrectionsModel(self._services.corrections, *self._served)

    @cached_property
    def bookings(self) -> "BookingsModel":
        from mobile.viewmodels.bookings import BookingsModel

        return BookingsModel(self._services.bookings, *self._served, self._move_booking)

    @cached_property
    def passes(self) -> "PassesModel":
        from mobile.viewmodels.passes import PassesModel

        return PassesModel(self._services.passes, *self._served)

    @cached_property
    def shop(self) -> "ShopModel":
        from mobile.viewmodels.shop import ShopModel

        return ShopModel(self._services.passes, *self._served, self._opened["pass"])

    @cached_property
    def voucher(self) -> "VoucherModel":
        from mobile.viewmodels.voucher import VoucherModel

        return VoucherModel(self._services.vouchers, self._services.venues, *self._served)

    @cached_property
    def library(self) -> "LibraryModel":
        from mobile.viewmodels.library import LibraryModel

        return LibraryModel(self._services.library, *self._served)

    @cached_property
    def stored_value(self) -> "StoredValueModel":
        from mobile.viewmodels.stored_value import StoredValueModel

        return StoredValueModel(
            self._services.stored_values, self._services.bookings, *self._served
        )

    @cached_property
    def subsidies(self) -> "SubsidiesModel":
        from mobile.viewmodels.subsidies import SubsidiesModel

        return SubsidiesModel(self._services.subsidies, *self._served)

    @cached_property
    def payment(self) -> "PaymentModel":
        from mobile.viewmodels.payment import PaymentModel

        return PaymentModel(self._services.court_payments, self._services.bookings, *self._served)

    @cached_property
    def exams(self) -> "ExamsModel":
        from mobile.viewmodels.exams import ExamsModel

        return ExamsModel(self._services.exams, *self._served)

    @cached_property
    def records(self) -> "RecordsModel":
        from mobile.viewmodels.records import RecordsModel

        return RecordsModel(self._services.official_records, *self._served)

    @cached_property
    def licences(self) -> "LicencesModel":
        from mobile.viewmodels.licences import LicencesModel

        return LicencesModel(self._services.licences, *self._served)

    @cached_property
    def safe_check(self) -> "SafeCheckModel":
        from mobile.viewmodels.safe_check import SafeCheckModel

        services = self._services
        return SafeCheckModel(
            services.safe_checks, services.family, *self._served, lambda: self.place.go(FAMILY)
        )

    @cached_property
    def attendance(self) -> "AttendanceModel":
        from mobile.viewmodels.attendance import AttendanceModel

        return AttendanceModel(self._services.attendance, *self._served)

    @cached_property
    def rating(self) -> "RatingModel":
        from mobile.viewmodels.rating import RatingModel

        return RatingModel(self._services.ratings, *self._served, lambda: self.place.go(WALLET))

    @cached_property
    def book(self) -> "BookModel":
        from mobile.viewmodels.book import BookModel

        return BookModel(self._services.bookings, *self._served, self._opened["booking"])

    @cached_property
    def guides(self) -> "GuidesModel":
        from mobile.viewmodels.guides import GuidesModel

        services = self._services
        return GuidesModel(services.guides, services.location, *self._served, self._begin_service)

    @cached_property
    def help(self) -> "HelpModel":
        from mobile.viewmodels.help import HelpModel

        return HelpModel(self.preferences, self._services.dialler)

    @cached_property
    def services(self) -> "ServicesModel":
        from mobile.viewmodels.services_map import ServicesModel

        return ServicesModel(self.preferences, self._begin_service)

    @cached_property
    def timeline(self) -> "TimelineModel":
        from mobile.viewmodels.timeline import TimelineModel

        return TimelineModel(
            self._services.timelines, self._services.ratings, self._services.session, *self._served
        )

    @cached_property
    def call_family(self) -> "CallFamilyModel":
        from mobile.viewmodels.call_family import CallFamilyModel

        return CallFamilyModel(
            self._services.help_requests,
            self._services.family,
            self._services.contacts,
            self._services.dialler,
            *self._served,
            lambda: self.place.go(FAMILY),
        )

    @cached_property
    def payout(self) -> "PayoutModel":
        from mobile.viewmodels.payout import PayoutModel

        return PayoutModel(
            self._services.payout_accounts, *self._served, lambda: self.place.sign_in_for(PAYOUT)
        )

    @cached_property
    def venues(self) -> "VenuesModel":
        from mobile.services.entry import EntryCheck
        from mobile.viewmodels.venues import VenuesModel

        services = self._services
        entry = EntryCheck(services.session, services.bookings, services.passes, services.time)
        return VenuesModel(
            services.venues,
            services.location,
            *self._served,
            self._book_at,
            self._passes_of,
            entry.at,
        )

    def find_venue(self, name: str) -> None:
        """Bring the venues to the front that are called so."""
        self.venues.begin()
        self.venues.line = name
        self.venues.find()
        self.place.go(VENUES)

    @cached_property
    def _opened(self) -> dict[str, Callable[[str], None]]:
        """What shows one thing of the wallet by its id, on its page."""
        return {
            "booking": lambda one: self._open(lambda: self.bookings.open_ticket(one), BOOKINGS),
            "pass": lambda one: self._open(lambda: self.passes.begin(one), PASS),
            "voucher": lambda one: self._open(lambda: self.voucher.begin(one), VOUCHER),
            "library": lambda _: self.place.go(LIBRARY),
            "stored": lambda one: self._open(lambda: self.stored_value.begin(one), STORED_VALUE),
            "subsidy": lambda _: self.place.go(SUBSIDIES),
        }

    def _open(self, begin: Callable[[], None], page: str) -> None:
        begin()
        self.place.go(page)

    async def _passed_sign_in(self) -> "bool | Trouble":
        from mobile.core.privacy_notice import Scene

        return await self.notices.passed(Scene.SIGN_IN)

    def _answer(self, challenge: str) -> None:
        self.place.go(CODE)
        self.code.answer_challenge(challenge)

    def _move_booking(self, booking: "Booking") -> None:
        self.book.begin_move(booking)
        self.place.interrupt(BOOK)

    def _book_at(self, venue: "Venue") -> None:
        self.book.begin(venue)
        self.place.go(BOOK)

    def _passes_of(self, venue: "Venue") -> None:
        self.shop.begin(venue)
        self.place.interrupt(SHOP)

    def _begin_service(self, service: "Service") -> None:
        """Bring a service to the front, begun anew."""
        if service.place == BOOKINGS:
            self.bookings.show_list()
        elif service.place == SHOP:
            self.shop.begin()
        elif service.place == RATING:
            self.rating.begin()
        self.place.go(service.place)
        if service.place == ME:
            from mobile.viewmodels.me import LOOK

            self.me.open_section(LOOK)

    def show_guide(self, item: str) -> None:
        """Bring the guide of a service to the front; back leads to where this was asked."""
        self.guides.begin(item)
        self.place.interrupt(GUIDES)

    def _help_with(self, request: HelpRequest) -> None:
        """Act for who asks on the page that it takes; a call back is made from one's own."""
        page = _HELP_PAGES.get(request.topic)
        self._services.family.switch(request.mandate if page else "")
        self.place.go(page or FAMILY)


NAMES = (
    "preferences",
    "place",
    "enrol",
    "sign_in",
    "code",
    "challenge",
    "wallet",
    "me",
    "devices",
    "paper",
    "data_use",
    "card_loss",
    "register",
    "rights",
    "notices",
    "consents",
    "data_copy",
    "closing",
    "corrections",
    "bookings",
    "passes",
    "shop",
    "voucher",
    "library",
    "stored_value",
    "subsidies",
    "payment",
    "recommendations",
    "exams",
    "records",
    "safe_check",
    "licences",
    "attendance",
    "rating",
    "venues",
    "book",
    "help",
    "guides",
    "family",
    "services",
    "timeline",
    "call_family",
    "payout",
    "help_wanted",
)
"""Each model's name, in the order in which the app makes what its start left out."""


def make_models(services: Services, preferences: PreferencesModel, device_name: str) -> Models:
    """Return the view models over `services`."""
    return Models(services, preferences, device_name)
