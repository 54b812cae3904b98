"""Files that are carried to and from a reader without a network."""

from datetime import datetime, timedelta

from backend.cards.status_list import StatusLists
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.functions.lists import FunctionLists
from backend.manifests.service import OfflineSets
from backend.readers.documents import Terminal
from backend.readers.rules import (
    LIST_NOT_READY,
    TERMINAL_BLOCKED,
    TERMINAL_UNKNOWN,
    VENUE_UNKNOWN,
)
from backend.readers.service import TerminalFacts, Terminals
from backend.readers.trust import own_trust_list
from backend.venues.service import Venues
from shared.wire.manifest import asks_for_holdings
from shared.wire.venue_bundle import VenueBundle, encode_bundle

VALID = timedelta(days=3)


async def venue_bundle(
    services: Services, keys: Keys, region: int, terminal_id: str, now: datetime
) -> bytes | Refusal:
    """Return all that a terminal would download now, in one signed file for it alone."""
    stored = await Terminal.get_pymongo_collection().find_one({"_id": terminal_id})
    terminal = await services[Terminals].of_key(stored["thumbprint"]) if stored else None
    if terminal is None:
        return TERMINAL_UNKNOWN
    if terminal.blocked:
        return TERMINAL_BLOCKED
    parts = await _parts(services, keys, region, terminal, now)
    if isinstance(parts, Refusal):
        return parts
    issued_at = now.replace(microsecond=0)
    bundle = VenueBundle(terminal_id, terminal.venue_number, parts, issued_at, issued_at + VALID)
    return encode_bundle(bundle, keys.lists, LIST_KEY_ID)


async def _parts(
    services: Services, keys: Keys, region: int, terminal: TerminalFacts, now: datetime
) -> dict[str, bytes] | Refusal:
    venue = await services[Venues].facts(terminal.venue_number)
    if venue is None:
        return VENUE_UNKNOWN
    parts: dict[str, bytes | None] = {
        "trust-list": own_trust_list(keys, region, now).encode(),
        "terminal-standing": services[Terminals].standing(terminal, now).encode(),
        "manifest": services[Venues].manifest(venue, now).encode(),
        "status-list": await services[StatusLists].newest(),
    }
    if venue.rules.required_function is not None:
        parts["function-list"] = await services[FunctionLists].newest(venue.rules.required_function)
    if asks_for_holdings(venue.rules):
        holdings = await services[OfflineSets].download(venue.number, [], delta=False)
        if isinstance(holdings, Refusal):
            return holdings
        parts["offline-set"] = holdings.content
    whole = {name: part for name, part in parts.items() if part is not None}
    return whole if len(whole) == len(parts) else LIST_NOT_READY
