"""The bookings area's commands: filling the catalogue, closing slots, checking the books."""

import argparse
from datetime import datetime

from backend.bookings.demo_plans import GANZHOU_PLANS, delta_plans
from backend.bookings.planning import SlotPlanning
from backend.bookings.sweeps import BookingSweeps, discrepancies
from backend.bookings.venue_hours import VenueHours
from backend.foundation.access import Caller, Role
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.venues.catalogue import Catalogue
from backend.venues.delta import delta_venues
from backend.venues.ganzhou import PLACES
from shared.clock import LOCAL_ZONE
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText

_OPERATOR = Caller(roles=frozenset({Role.SYSTEM_ADMINISTRATOR}))
_SHOWN = 20


async def seed_ganzhou(services: Services) -> int:
    """Put the demonstration city's venues and what can be booked there in place."""
    await services[Catalogue].file(PLACES)
    await services[SlotPlanning].put(GANZHOU_PLANS)
    return len(PLACES)


async def seed_venues(services: Services) -> int:
    """Put the Yangtze delta's venues in place beside the city's; return how many in all.

    Slots are made by the server, some plans at a time.
    """
    venues = list(delta_venues())
    await services[Catalogue].file(venues)
    await services[SlotPlanning].put(list(delta_plans(venues)))
    return len(venues) + await seed_ganzhou(services)


def add_closing_options(parser: argparse.ArgumentParser) -> None:
    """Add what `close_slots` is told."""
    parser.add_argument("--venue", required=True, type=int, help="the venue's number")
    parser.add_argument("--from", dest="first", required=True, type=_local, help="2026-11-22T09:00")
    parser.add_argument("--to", dest="last", required=True, type=_local, help="2026-11-22T18:00")
    parser.add_argument("--why-zh", required=True, help="the reason as people read it, in Chinese")
    parser.add_argument("--why-en", required=True, help="the same in English")


async def close_slots(services: Services, options: argparse.Namespace) -> int | Refusal:
    """Close slots and tell everybody who booked them; return how many slots."""
    why = LocalizedText(options.why_zh, options.why_en)
    closed = await services[VenueHours].close_slots(
        _OPERATOR, random_identifier("cmd"), options.venue, options.first, options.last, why
    )
    if not isinstance(closed, Refusal):
        await services[BookingSweeps].sweep()
    return closed


async def check_bookings() -> list[str]:
    """Return slots whose count is not what their bookings add up to; there should be none."""
    return await discrepancies(_SHOWN)


def _local(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a local time such as 2026-11-22T09:00") from None
    return at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)
