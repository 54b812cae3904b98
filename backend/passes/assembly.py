"""The area's services, put together."""

from backend.cards.holder_evidence import HolderEvidence
from backend.cards.policies import EcardPolicies
from backend.cards.service import Cards
from backend.foundation.idempotency import Once
from backend.passes.changes import Passes
from backend.passes.closure_refunds import ClosureRefunds
from backend.passes.entries import PassEntitlements, PassEntries
from backend.passes.issuing import PassIssuing
from backend.passes.products import PassProducts
from backend.passes.transfers import PassTransfers
from backend.passes.vouchers import TrainingVouchers
from backend.venues.catalogue import Catalogue
from shared.clock import Clock


def pass_services(
    cards: Cards, evidence: HolderEvidence, policies: EcardPolicies, once: Once, clock: Clock
) -> list[object]:
    """Return the services of passes, tickets and training vouchers."""
    catalogue = Catalogue(clock)
    products = PassProducts(catalogue, evidence, clock)
    return [
        evidence,
        products,
        PassIssuing(products, policies, once, clock),
        Passes(once, clock),
        ClosureRefunds(once, clock),
        PassTransfers(policies, once, clock),
        PassEntries(clock),
        PassEntitlements(cards),
        TrainingVouchers(cards, catalogue, policies, once, clock),
    ]
