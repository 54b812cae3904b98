"""The area's services, put together."""

from collections.abc import Sequence

from backend.cards.service import Cards
from backend.foundation.data_catalogue import CatalogueItem, sensitive_items
from backend.foundation.idempotency import Once
from backend.foundation.inbox import Inbox
from backend.foundation.refused_acts import RefusedActs
from backend.residents.service import Residents
from backend.rights.consents import Consents
from backend.sharing.agreements import Agreements
from backend.sharing.assessments import ImpactAssessments
from backend.sharing.consumers import Consumers
from backend.sharing.evidence import Evidence
from backend.sharing.exchange import Exchange
from backend.sharing.messages import ConsumerMessages
from shared.clock import Clock


def sharing_services(
    catalogue: Sequence[CatalogueItem],
    inbox: Inbox,
    cards: Cards,
    residents: Residents,
    consents: Consents,
    once: Once,
    refused: RefusedActs,
    clock: Clock,
) -> list[object]:
    """Return the services of sharing data by agreement; `catalogue` says what there is to share."""
    consumers = Consumers(once, refused, clock)
    assessments = ImpactAssessments(once, clock, frozenset(one.name for one in catalogue))
    agreements = Agreements(
        once, clock, consumers, assessments, sensitive_items(catalogue), consents.recipients
    )
    exchange = Exchange(agreements, residents, cards, consents, refused, once, clock)
    messages = ConsumerMessages(inbox, agreements, clock)
    evidence = Evidence(agreements, assessments, consents.texts, catalogue, clock)
    return [consumers, assessments, agreements, exchange, messages, evidence]
