"""The area's services, put together."""

from backend.cards.policies import EcardPolicies
from backend.cards.service import Cards
from backend.foundation.idempotency import Once
from backend.library.account import ReaderAccounts
from backend.library.counter import LibraryCounter
from backend.library.fines import Fines
from backend.library.holds import Holds
from backend.library.importing import CatalogueImports
from backend.library.lending import Lending
from backend.library.network import LibraryNetwork
from backend.library.patrons import Patrons
from backend.library.returning import Returning
from backend.library.sip2_desk import Sip2Desk
from backend.library.sip2_server import Sip2Server
from backend.library.sip2_terminals import Sip2Terminals
from backend.library.sweeps import LibrarySweeps
from backend.residents.service import Residents
from backend.settings import Settings
from shared.clock import Clock


def library_services(
    settings: Settings,
    cards: Cards,
    residents: Residents,
    policies: EcardPolicies,
    once: Once,
    clock: Clock,
) -> list[object]:
    """Return the services of the library network, at the counter, in the app and at machines."""
    patrons = Patrons(cards, policies, settings.region, clock)
    lending, returning = Lending(patrons, once, clock), Returning(once, clock)
    fines, accounts = Fines(patrons, once, clock), ReaderAccounts(patrons, once, clock)
    terminals = Sip2Terminals(clock)
    desk = Sip2Desk(patrons, accounts, lending, returning, fines, residents, clock)
    return [
        terminals,
        Sip2Server(desk, terminals, settings.sip2.machines),
        desk,
        LibraryNetwork(clock),
        CatalogueImports(once, clock),
        patrons,
        lending,
        returning,
        fines,
        LibraryCounter(patrons, lending, returning, fines),
        Holds(patrons, once, clock),
        accounts,
        LibrarySweeps(clock),
    ]
