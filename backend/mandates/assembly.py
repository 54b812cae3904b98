"""The area's services, put together."""

from backend.accounts.sessions import Sessions
from backend.accounts.sms import SmsGateway
from backend.foundation.idempotency import Once
from backend.mandates.acting import MandateUses
from backend.mandates.by_card import MandatesByCard
from backend.mandates.counter import HolderPins, MandateCounter
from backend.mandates.guarding import Guarding
from backend.mandates.notices import NoticeDelivery
from backend.mandates.service import Mandates
from backend.mandates.sweeps import MandateSweeps
from backend.mandates.views import MandateViews
from backend.residents.service import Residents
from backend.settings import Settings
from shared.clock import Clock


def mandate_services(
    settings: Settings,
    residents: Residents,
    sessions: Sessions,
    gateway: SmsGateway | None,
    pins: HolderPins,
    once: Once,
    clock: Clock,
) -> list[object]:
    """Return the services of mandates; without a `gateway` no notice goes by SMS."""
    figures, views = settings.mandates, MandateViews(residents, clock)
    return [
        views,
        Mandates(views, residents, once, figures, clock),
        MandateCounter(views, residents, pins, once, figures, clock),
        MandatesByCard(views, residents, pins, once, figures, clock),
        Guarding(views, clock),
        MandateUses(figures, clock),
        MandateSweeps(clock),
        NoticeDelivery(gateway, sessions, residents, clock),
    ]
