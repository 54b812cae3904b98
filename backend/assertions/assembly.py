"""The area's services, put together."""

from backend.accounts.tries import TryLimits
from backend.assertions.evidence import EvidenceDesk
from backend.assertions.items import IdentityItems
from backend.assertions.service import IdentityAssertions
from backend.foundation.idempotency import Once
from backend.foundation.refused_acts import RefusedActs
from backend.foundation.sealing import Sealer
from backend.residents.service import Residents
from backend.settings import Settings
from shared.clock import Clock


def assertion_services(
    settings: Settings,
    desk: EvidenceDesk,
    residents: Residents,
    sealer: Sealer,
    once: Once,
    refused: RefusedActs,
    clock: Clock,
) -> list[object]:
    """Return the services of identity assertions."""
    items, limits = IdentityItems(once, clock), TryLimits(sealer, settings.accounts, clock)
    return [
        items,
        IdentityAssertions(items, desk, residents, limits, refused, once, sealer, clock),
    ]
