"""The area's services, put together."""

from backend.bookings.entries import BookingEntries
from backend.bookings.expected import ExpectedBookings
from backend.cards.service import Cards
from backend.foundation.entitlements import Entitlements
from backend.foundation.idempotency import Once
from backend.foundation.keys import Keys
from backend.passes.entries import PassEntitlements, PassEntries
from backend.readers.booking import Booking
from backend.readers.carried_journals import CarriedJournals
from backend.readers.conflict_report import ConflictReport
from backend.readers.conflicts import ConflictFinder
from backend.readers.flow import Flow
from backend.readers.lane_codes import LaneCodes
from backend.readers.online_checks import OnlineChecks
from backend.readers.receipts import Receipts
from backend.readers.service import Terminals
from backend.readers.settling import Settling
from backend.venues.service import Venues
from shared.admission.entitlement_conditions import BookingHeld, PassHeld
from shared.clock import Clock


def scan_services(
    cards: Cards, venues: Venues, terminals: Terminals, keys: Keys, once: Once, clock: Clock
) -> list[object]:
    """Return the services that book, settle and judge what readers scan."""
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
        LaneCodes(venues, keys, once, clock),
        flow := Flow(venues, clock),
        OnlineChecks(sources, cards, venues, terminals, flow, clock),
    ]
