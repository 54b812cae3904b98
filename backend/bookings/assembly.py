"""The area's services, put together."""

from backend.bookings.changes import BookingChanges
from backend.bookings.no_show_pardons import NoShowPardons
from backend.bookings.placing import PlacingDesk
from backend.bookings.planning import SlotPlanning
from backend.bookings.queue_serving import QueueServing
from backend.bookings.service import Bookings
from backend.bookings.sittings import Sittings
from backend.bookings.slots import Slots
from backend.bookings.sweeps import BookingSweeps
from backend.bookings.venue_hours import VenueHours
from backend.bookings.venue_layout import VenueLayouts
from backend.bookings.venue_plans import VenuePlans
from backend.bookings.visit_queues import DeskEvidence, VisitQueues
from backend.cards.policies import EcardPolicies
from backend.foundation.idempotency import Once
from backend.foundation.mongo import Store
from backend.settings import Settings
from backend.venues.calendars import Calendars
from backend.venues.catalogue import Catalogue
from backend.venues.pilots import Pilots
from backend.venues.recognition import RecognitionLists
from shared.clock import Clock


def booking_services(
    settings: Settings,
    store: Store,
    policies: EcardPolicies,
    sittings: Sittings,
    evidence: DeskEvidence,
    once: Once,
    clock: Clock,
) -> list[object]:
    """Return the services of slots and bookings, and of the venues' catalogue they stand on."""
    figures, calendars, slots = settings.bookings, Calendars(clock), Slots(clock)
    changes = BookingChanges(once, slots, sittings, figures, clock)
    desk = PlacingDesk(store, slots, sittings, figures, clock)
    return [
        calendars,
        Catalogue(clock),
        Pilots(once, clock),
        RecognitionLists(once, settings.region, clock),
        slots,
        SlotPlanning(calendars, figures, clock),
        VenueHours(calendars, once, clock),
        VenueLayouts(once, clock),
        VenuePlans(calendars, once, clock),
        Bookings(desk, changes, policies, clock),
        BookingSweeps(figures, clock),
        NoShowPardons(evidence, once, clock),
        serving := QueueServing(once, clock),
        VisitQueues(evidence, serving, figures, once, clock),
    ]
