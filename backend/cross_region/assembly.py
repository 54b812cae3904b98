"""The area's services, put together."""

from backend.cards.counter import CardCounter
from backend.cross_region.alliance import Alliance
from backend.cross_region.cases import CrossRegionCases
from backend.cross_region.incoming import IncomingCases
from backend.cross_region.issuing_region import NoIssuingRegion
from backend.cross_region.routing import CaseRouting
from backend.cross_region.sandbox import SandboxRegions
from backend.foundation.idempotency import Once
from backend.foundation.refused_acts import RefusedActs
from backend.residents.service import Residents
from backend.settings import Settings
from shared.clock import Clock


def cross_region_services(
    settings: Settings,
    residents: Residents,
    counter: CardCounter,
    once: Once,
    refused: RefusedActs,
    clock: Clock,
) -> list[object]:
    """Return the services of cases with other regions; production reaches none until connected."""
    # Production reaches no other region until the city connects one.
    sandbox = None if settings.production else SandboxRegions()
    return [
        Alliance(once, settings.region, clock),
        CrossRegionCases(once, refused, settings.region, clock),
        CaseRouting(residents, sandbox or NoIssuingRegion(), clock),
        IncomingCases(residents, counter, settings.region, clock),
        *([sandbox] if sandbox else []),
    ]
