"""Every service of the app, in one hand."""

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING

from mobile.ports.device import Device
from mobile.ports.dialler import Dialler
from mobile.ports.location import Location
from mobile.services.account import Account
from mobile.services.backend import Backend
from mobile.services.city_time import CityTime
from mobile.services.family import Family
from mobile.services.help_requests import HelpRequests
from mobile.services.holder import Holder
from mobile.services.pending import PendingActs
from mobile.services.refresh import Refresh
from mobile.services.session import Session
from mobile.services.transport import Transport
from mobile.services.upkeep import Upkeep
from mobile.services.wallet import WalletStore

if TYPE_CHECKING:
    from mobile.services.attendance import Attendance
    from mobile.services.bookings import Bookings
    from mobile.services.bound_phones import BoundPhones
    from mobile.services.card_faces import CardFaces
    from mobile.services.card_loss import CardLoss
    from mobile.services.card_scanning import CardScanning
    from mobile.services.closings import Closings
    from mobile.services.code_scanning import CodeScanning
    from mobile.services.consents import Consents
    from mobile.services.contacts import Contacts
    from mobile.services.copies import Copies
    from mobile.services.corrections import Corrections
    from mobile.services.court_payments import CourtPayments
    from mobile.services.data_uses import DataUses
    from mobile.services.enrolment import Enrolment
    from mobile.services.exams import Exams
    from mobile.services.guides import Guides
    from mobile.services.library import Library
    from mobile.services.licences import Licences
    from mobile.services.notices import Notices
    from mobile.services.official_records import OfficialRecords
    from mobile.services.paper_codes import PaperCodes
    from mobile.services.passes import Passes
    from mobile.services.payout_accounts import PayoutAccounts
    from mobile.services.ratings import Ratings
    from mobile.services.recommendations import Recommendations
    from mobile.services.registration import Registration
    from mobile.services.safe_checks import SafeChecks
    from mobile.services.stored_value import StoredValues
    from mobile.services.subsidies import Subsidies
    from mobile.services.timelines import Timelines
    from mobile.services.venues import Venues
    from mobile.services.vouchers import Vouchers


class Services:
    """What the view models ask.

    What no code needs to be shown is made, and its Python code loaded, when it is first asked for:
    the app does so for all of it after its first frame, before it talks to the server.
    """

    def __init__(
        self,
        store: WalletStore,
        device: Device,
        backend_url: str,
        open_transport: Callable[[], Awaitable[Transport]],
    ) -> None:
        self._store = store
        self._device = device
        self.time = time = CityTime(device.clock)
        self.session = session = Session(store, time)
        session.open()
        self.backend = Backend(backend_url, time, open_transport)
        self.account = account = Account(self.backend, session, store, time, device.name)
        account.open()
        self.family = Family(account, session, store, time)
        self.help_requests = HelpRequests(account, self.family, time)
        self._holder = Holder(self.backend, session, account, self.family)
        self._pending = PendingActs(self._holder, store, time)
        self._refresh = Refresh(self.backend, session, time)
        self.upkeep = Upkeep(
            self._refresh, self.family, self.help_requests, session, time, device.clock.monotonic
        )
        self.location: Location = device.location
        self.dialler: Dialler = device.dialler

    @cached_property
    def enrolment(self) -> "Enrolment":
        from mobile.services.enrolment import Enrolment

        return Enrolment(self.backend, self.session, self.time, self._device.name)

    @cached_property
    def bound_phones(self) -> "BoundPhones":
        from mobile.services.bound_phones import BoundPhones

        return BoundPhones(self.account)

    @cached_property
    def data_uses(self) -> "DataUses":
        from mobile.services.data_uses import DataUses

        return DataUses(self.account)

    @cached_property
    def card_faces(self) -> "CardFaces":
        from mobile.services.card_faces import CardFaces

        return CardFaces(self.backend, self.session)

    @cached_property
    def card_loss(self) -> "CardLoss":
        from mobile.services.card_loss import CardLoss

        return CardLoss(self.backend, self.session, self.account)

    @cached_property
    def notices(self) -> "Notices":
        from mobile.services.notices import Notices

        return Notices(self.backend, self.session, self.account, self._store)

    @cached_property
    def consents(self) -> "Consents":
        from mobile.services.consents import Consents

        return Consents(self.account)

    @cached_property
    def copies(self) -> "Copies":
        from mobile.services.copies import Copies

        return Copies(self.account, self._device.documents)

    @cached_property
    def paper_codes(self) -> "PaperCodes":
        from mobile.services.paper_codes import PaperCodes

        return PaperCodes(self._holder, self._device.documents)

    @cached_property
    def closings(self) -> "Closings":
        from mobile.services.closings import Closings

        return Closings(self.account)

    @cached_property
    def corrections(self) -> "Corrections":
        from mobile.services.corrections import Corrections

        return Corrections(self.account, self.family)

    @cached_property
    def registration(self) -> "Registration":
        from mobile.services.registration import Registration

        return Registration(self.account, self._device.camera)

    @cached_property
    def bookings(self) -> "Bookings":
        from mobile.services.bookings import Bookings

        bookings = Bookings(self._holder, self._store, self.time, self._pending)
        bookings.listen(self._refresh.expect_news)
        return bookings

    @cached_property
    def passes(self) -> "Passes":
        from mobile.services.passes import Passes

        return Passes(self._holder, self._store, self.time, self._pending)

    @cached_property
    def vouchers(self) -> "Vouchers":
        from mobile.services.vouchers import Vouchers

        return Vouchers(self._holder, self._store, self.time, self._pending)

    @cached_property
    def library(self) -> "Library":
        from mobile.services.library import Library

        return Library(self._holder, self._store, self.time, self._pending)

    @cached_property
    def stored_values(self) -> "StoredValues":
        from mobile.services.stored_value import StoredValues

        return StoredValues(self._holder, self._store, self.time, self._pending)

    @cached_property
    def subsidies(self) -> "Subsidies":
        from mobile.services.subsidies import Subsidies

        return Subsidies(self._holder, self._store, self.time)

    @cached_property
    def court_payments(self) -> "CourtPayments":
        from mobile.services.court_payments import CourtPayments

        return CourtPayments(self._holder, self._store, self.time, self._pending)

    @cached_property
    def recommendations(self) -> "Recommendations":
        from mobile.services.recommendations import Recommendations

        return Recommendations(self._holder, self.account, self._store, self.time)

    @cached_property
    def exams(self) -> "Exams":
        from mobile.services.exams import Exams

        return Exams(self._holder, self._store, self.venues, self.time, self._pending)

    @cached_property
    def official_records(self) -> "OfficialRecords":
        from mobile.services.official_records import OfficialRecords

        return OfficialRecords(self.account, self.family, self.time)

    @cached_property
    def licences(self) -> "Licences":
        from mobile.services.licences import Licences

        return Licences(self.account)

    @cached_property
    def safe_checks(self) -> "SafeChecks":
        from mobile.services.safe_checks import SafeChecks

        return SafeChecks(self._holder)

    @cached_property
    def attendance(self) -> "Attendance":
        from mobile.services.attendance import Attendance

        return Attendance(self._holder)

    @cached_property
    def ratings(self) -> "Ratings":
        from mobile.services.ratings import Ratings

        return Ratings(self._holder)

    @cached_property
    def venues(self) -> "Venues":
        from mobile.services.venues import Venues

        return Venues(self.backend, self.session, self._store, self.time)

    @cached_property
    def guides(self) -> "Guides":
        from mobile.services.guides import Guides

        return Guides(self.backend, self.session, self._store, self.time)

    @cached_property
    def timelines(self) -> "Timelines":
        from mobile.services.timelines import Timelines

        return Timelines(self._holder, self._store, self.time, self._device.documents)

    @cached_property
    def code_scanning(self) -> "CodeScanning":
        from mobile.services.code_scanning import CodeScanning

        return CodeScanning(self._device.camera)

    @cached_property
    def card_scanning(self) -> "CardScanning":
        from mobile.services.card_scanning import CardScanning

        return CardScanning(self._device.card_reader)

    @cached_property
    def payout_accounts(self) -> "PayoutAccounts":
        from mobile.services.payout_accounts import PayoutAccounts

        return PayoutAccounts(self.account)

    @cached_property
    def contacts(self) -> "Contacts":
        from mobile.services.contacts import Contacts

        return Contacts(self._store, self.account)


def open_services(
    store: WalletStore,
    device: Device,
    backend_url: str,
    open_transport: Callable[[], Awaitable[Transport]],
) -> Services:
    """Return the services on what `store` holds."""
    return Services(store, device, backend_url, open_transport)
