"""Every service of the app, in one hand."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mobile.ports.device import Device
from mobile.ports.dialler import Dialler
from mobile.ports.location import Location
from mobile.services.account import Account
from mobile.services.backend import Backend
from mobile.services.bookings import Bookings
from mobile.services.bound_phones import BoundPhones
from mobile.services.card_faces import CardFaces
from mobile.services.card_loss import CardLoss
from mobile.services.card_scanning import CardScanning
from mobile.services.city_time import CityTime
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
from mobile.services.family import Family
from mobile.services.help_requests import HelpRequests
from mobile.services.holder import Holder
from mobile.services.library import Library
from mobile.services.notices import Notices
from mobile.services.paper_codes import PaperCodes
from mobile.services.passes import Passes
from mobile.services.payout_accounts import PayoutAccounts
from mobile.services.pending import PendingActs
from mobile.services.ratings import Ratings
from mobile.services.recommendations import Recommendations
from mobile.services.refresh import Refresh
from mobile.services.registration import Registration
from mobile.services.session import Session
from mobile.services.stored_value import StoredValues
from mobile.services.timelines import Timelines
from mobile.services.transport import Transport
from mobile.services.upkeep import Upkeep
from mobile.services.venues import Venues
from mobile.services.vouchers import Vouchers
from mobile.services.wallet import WalletStore


@dataclass(frozen=True, slots=True)
class Services:
    """What the view models ask."""

    time: CityTime
    session: Session
    backend: Backend
    account: Account
    enrolment: Enrolment
    upkeep: Upkeep
    bound_phones: BoundPhones
    data_uses: DataUses
    card_faces: CardFaces
    card_loss: CardLoss
    notices: Notices
    consents: Consents
    copies: Copies
    paper_codes: PaperCodes
    closings: Closings
    corrections: Corrections
    registration: Registration
    bookings: Bookings
    passes: Passes
    vouchers: Vouchers
    library: Library
    stored_values: StoredValues
    court_payments: CourtPayments
    recommendations: Recommendations
    exams: Exams
    ratings: Ratings
    venues: Venues
    location: Location
    timelines: Timelines
    family: Family
    code_scanning: CodeScanning
    card_scanning: CardScanning
    payout_accounts: PayoutAccounts
    help_requests: HelpRequests
    contacts: Contacts
    dialler: Dialler


def open_services(
    store: WalletStore,
    device: Device,
    backend_url: str,
    open_transport: Callable[[], Awaitable[Transport]],
) -> Services:
    """Return the services on what `store` holds."""
    time = CityTime(device.clock)
    session = Session(store, time)
    session.open()
    backend = Backend(backend_url, time, open_transport)
    account = Account(backend, session, store, time, device.name)
    account.open()
    family = Family(account, session, store, time)
    help_requests = HelpRequests(account, family, time)
    holder = Holder(backend, session, account, family)
    pending = PendingActs(holder, store, time)
    refresh = Refresh(backend, session, time)
    venues = Venues(backend, session, store, time)
    bookings = Bookings(holder, store, time, pending)
    bookings.listen(refresh.expect_news)
    upkeep = Upkeep(refresh, family, help_requests, session, time, device.clock.monotonic)
    return Services(
        time=time,
        session=session,
        backend=backend,
        account=account,
        enrolment=Enrolment(backend, session, time, device.name),
        upkeep=upkeep,
        bound_phones=BoundPhones(account),
        data_uses=DataUses(account),
        card_faces=CardFaces(backend, session),
        card_loss=CardLoss(backend, session, account),
        notices=Notices(backend, session, account, store),
        consents=Consents(account),
        copies=Copies(account, device.documents),
        paper_codes=PaperCodes(holder, device.documents),
        closings=Closings(account),
        corrections=Corrections(account),
        registration=Registration(account, device.camera),
        bookings=bookings,
        passes=Passes(holder, store, time, pending),
        vouchers=Vouchers(holder, store, time, pending),
        library=Library(holder, store, time, pending),
        stored_values=StoredValues(holder, store, time, pending),
        court_payments=CourtPayments(holder, store, time, pending),
        recommendations=Recommendations(holder, account, store, time),
        exams=Exams(holder, store, venues, time),
        venues=venues,
        ratings=Ratings(holder),
        location=device.location,
        timelines=Timelines(holder, store, time, device.documents),
        family=family,
        code_scanning=CodeScanning(device.camera),
        card_scanning=CardScanning(device.card_reader),
        payout_accounts=PayoutAccounts(account),
        help_requests=help_requests,
        contacts=Contacts(store, account),
        dialler=device.dialler,
    )
