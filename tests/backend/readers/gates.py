"""Two venues' gates, bookings made for them, and what is told of both in the end."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from backend.app import House
from backend.bookings.documents import PlaceBooking
from backend.bookings.rules import BookingState, SlotKind
from backend.passes.documents import StoredPass
from backend.passes.rules import PassKind, PassState
from backend.readers.booking import Booking
from backend.readers.documents import Scan, ScanConflict
from backend.readers.flow import Flow
from backend.readers.service import TerminalFacts
from shared.identity.age import local_day
from shared.wire.scans import ScanReceipt
from tests.backend.actors import City, code_scan

GATES = (TerminalFacts("trm_one", 1), TerminalFacts("trm_other", 2))
TOLD = {"kind": 1, "subject": 1, "state": 1, "rows": 1, "venues": 1, "at": 1}


@dataclass
class Gates:
    """The gates of a city."""

    city: City
    cards: int = field(default=7_000)

    @property
    def house(self) -> House:
        return self.city.house

    @property
    def now(self) -> datetime:
        return self.city.clock.now()

    async def open(self) -> None:
        await self.city.venue(1)
        await self.city.venue(2)

    async def book(self, gate: int, *rows: Any) -> list[ScanReceipt]:
        """Upload rows from a gate, past its HTTP."""
        receipts = await self.house.services[Booking].book(GATES[gate], rows, self.now)
        assert isinstance(receipts, list)
        return receipts

    def entry(self, minutes: float = 0, **changed: Any) -> dict[str, Any]:
        """Return an entry of another card each time, ten minutes ago and so many later."""
        self.cards += 1
        at = self.now + timedelta(minutes=minutes - 10)
        return {**code_scan(at, self.cards, version=2), **changed}

    def annulment(self, of: dict[str, Any], minutes: float = 1, **changed: Any) -> dict[str, Any]:
        """Return the word that the turnstile did not turn, so many minutes after the entry."""
        at = of["scanned_at"] + int(minutes * 60_000)
        more = {"verdict": "system", "scanned_at": at, "annuls": of["scan_id"]}
        own: dict[str, Any] = {"scan_id": secrets.token_hex(16), "admits": None, "counted_on": []}
        return {**of, **own, **more, **changed}

    async def booking(self, name: str, quantity: int = 1, **changed: Any) -> str:
        """Store a confirmed booking of a slot that began ten minutes ago."""
        plain: dict[str, Any] = {
            "id": f"bkg_{name}",
            "request_hash": b"",
            "resident_id": f"res_{name}",
            "slot": "1.main.x",
            "plan": "1.main",
            "venue": 1,
            "kind": SlotKind.VISIT,
            "starts_at": self.now - timedelta(minutes=10),
            "ends_at": self.now + timedelta(minutes=50),
            "cancel_by": self.now,
            "quantity": quantity,
            "state": BookingState.CONFIRMED,
            "placed_at": self.now - timedelta(days=1),
            "changed_at": self.now - timedelta(days=1),
        }
        booking = PlaceBooking(**{**plain, **changed})
        await booking.insert()
        return booking.id

    async def ticket(self, name: str, **changed: Any) -> str:
        """Store a pass of one use that is good today."""
        today = local_day(self.now)
        plain: dict[str, Any] = {
            "id": f"pas_{name}",
            "resident_id": f"res_{name}",
            "product": "ticket",
            "kind": PassKind.SINGLE,
            "name": {"zh": "门票", "en": "Ticket"},
            "venues": [1, 2],
            "first": (today - timedelta(days=1)).isoformat(),
            "last": today.isoformat(),
            "uses": 1,
            "left": 1,
            "personal": True,
            "quantity": 1,
            "stock": "ticket",
            "state": PassState.ACTIVE,
            "lines": [],
            "paid_fen": 0,
            "issued_at": self.now - timedelta(days=1),
            "held_since": self.now - timedelta(days=1),
            "changed_at": self.now - timedelta(days=1),
        }
        ticket = StoredPass(**{**plain, **changed})
        await ticket.insert()
        return ticket.id

    async def booked(self, booking_id: str) -> dict[str, Any]:
        found: dict[str, Any] | None = await PlaceBooking.get_pymongo_collection().find_one(
            {"_id": booking_id}
        )
        assert found is not None
        return found

    async def entered(self, booking_id: str) -> int:
        return int((await self.booked(booking_id))["entered"])

    async def scan(self, row: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] | None = await Scan.get_pymongo_collection().find_one(
            {"_id": row["scan_id"]}
        )
        assert found is not None
        return found

    async def flags(self, row: dict[str, Any]) -> list[str]:
        """Return what is odd about a scan, besides that nobody knows its card."""
        return [flag for flag in (await self.scan(row))["flags"] if flag != "card_unknown"]

    async def conflicts(self) -> list[dict[str, Any]]:
        found = ScanConflict.get_pymongo_collection().find({}, TOLD).sort("_id", 1)
        return await found.to_list()

    async def inside(self, venue: int = 1) -> int:
        counts = await self.house.services[Flow].inside(venue)
        assert isinstance(counts, list)
        return sum(one.inside for one in counts)
