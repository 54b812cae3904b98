"""Booking places: who asks for whom, and reading bookings."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.bookings import deeds
from backend.bookings import refusals as no
from backend.bookings.changes import BookingChanges, Change
from backend.bookings.documents import PlaceBooking
from backend.bookings.placing import PlaceWish, PlacingDesk, SlotFull
from backend.bookings.rules import AHEAD, BookingState, SlotKind
from backend.cards.asking import Asking
from backend.cards.policies import EcardPolicies
from backend.cards.policy import EcardAction
from backend.cards.refusals import NO_CARD
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import KEY_FORM, is_key
from backend.foundation.mongo import ASCENDING, DESCENDING
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import Act, may, may_at
from backend.foundation.refusals import Refusal
from shared.clock import Clock
from shared.localized_text import LocalizedText

_LONGEST_SLOT = timedelta(days=1)  # each lies within one day's opening hours
_AHEAD = sorted(AHEAD)
_ID = re.compile(r"[0-9A-Za-z_.]{1,80}")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking as its person sees it; `queue` as `VisitQueues.own_place` reads it."""

    booking_id: str
    slot: str
    plan: str
    venue: int
    kind: SlotKind
    starts_at: datetime
    ends_at: datetime
    cancel_by: datetime
    quantity: int
    state: BookingState
    changed_at: datetime
    expires_at: datetime | None
    entered: int
    forfeited: bool
    remark: LocalizedText | None
    queue: Row | None = None

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.starts_at, self.booking_id)


class Bookings:
    """Takes requests for places and reads bookings."""

    def __init__(
        self,
        desk: PlacingDesk,
        changes: BookingChanges,
        policies: EcardPolicies,
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._changes = changes
        self._policies = policies
        self._clock = clock

    async def place(
        self,
        asking: Asking,
        key: str,
        slot_id: str,
        quantity: int,
        *,
        principal: str | None = None,
        waits: bool = False,
    ) -> BookingView | SlotFull | Refusal:
        """Hold places of a slot until they are confirmed, or with `waits` wait for them.

        Companions are counted in `quantity`; their names are not needed. The same `key` again gets
        the same booking, as it is by then.

        Args:
            asking: who asks.
            key: the client's idempotency key.
            slot_id: which slot.
            quantity: how many places.
            principal: for whom, where the caller acts for somebody; anybody else is refused.
            waits: join the waiting list of a slot that is full.
        """
        if not is_key(key):
            return KEY_FORM
        if not _ID.fullmatch(slot_id):
            return no.SLOT_UNKNOWN
        if principal is not None and not _ID.fullmatch(principal):
            return no.NO_MANDATE
        whose = principal or asking.resident_id
        request = json.dumps([slot_id, quantity, whose, waits])
        wish = PlaceWish(
            booking_id=booking_id_of(asking.thumbprint, key),
            request_hash=hashlib.sha256(request.encode()).digest(),
            resident_id=whose,
            slot_id=slot_id,
            quantity=quantity,
            waits=waits,
            origin=asking.origin,
            refused=await self._refusal(asking, whose),
            acting=asking.acting,
        )
        placed = await self._desk.place(wish)
        return placed if isinstance(placed, SlotFull | Refusal) else view(placed)

    async def confirm(self, asking: Asking, key: str, booking_id: str) -> BookingView | Refusal:
        """Confirm places that are held or offered."""
        if not _ID.fullmatch(booking_id):
            return no.BOOKING_UNKNOWN
        refused = await self._refusal(asking, asking.resident_id)
        change = Change(
            *(asking.resident_id, asking.thumbprint, key, booking_id, refused), asking.acting
        )
        return _viewed(await self._changes.confirm(change))

    async def cancel(
        self, asking: Asking, key: str, booking_id: str, *, waiting_only: bool = False
    ) -> BookingView | Refusal:
        """Cancel a booking, or with `waiting_only` leave the waiting list.

        The state of the card does not matter: nobody is kept to a booking by a lost card.
        """
        if not _ID.fullmatch(booking_id):
            return no.BOOKING_UNKNOWN
        change = Change(
            *(asking.resident_id, asking.thumbprint, key, booking_id, None), asking.acting
        )
        return _viewed(await self._changes.cancel(change, waiting_only=waiting_only))

    async def move(
        self, asking: Asking, key: str, booking_id: str, slot_id: str
    ) -> BookingView | SlotFull | Refusal:
        """Move a confirmed booking to another slot of its venue and kind."""
        if not _ID.fullmatch(booking_id):
            return no.BOOKING_UNKNOWN
        if not _ID.fullmatch(slot_id):
            return no.SLOT_UNKNOWN
        refused = await self._refusal(asking, asking.resident_id)
        change = Change(
            *(asking.resident_id, asking.thumbprint, key, booking_id, refused), asking.acting
        )
        moved = await self._changes.move(change, slot_id)
        return moved if isinstance(moved, SlotFull) else _viewed(moved)

    async def page(
        self,
        resident_id: str,
        first: int,
        after: Position | None,
        state: BookingState | None = None,
    ) -> Page[BookingView]:
        """Return a page of a resident's own bookings, the latest slot first."""
        wanted: dict[str, Any] = {"resident_id": resident_id}
        if state is not None:
            wanted["state"] = state.value
        if after is not None:
            wanted["starts_at"] = {"$lte": after.at}
            wanted["$or"] = [{"starts_at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        order = [("starts_at", DESCENDING), ("_id", DESCENDING)]
        found = PlaceBooking.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        return cut_page([view(row) async for row in found], first)

    async def coming(self, resident_id: str, first: int) -> tuple[BookingView, ...]:
        """Return the next of a resident's bookings that are not over, the earliest first."""
        now = self._clock.now()
        wanted = {
            "resident_id": resident_id,
            "starts_at": {"$gt": now - _LONGEST_SLOT},
            "ends_at": {"$gt": now},
            "state": {"$in": _AHEAD},
        }
        order = [("starts_at", ASCENDING), ("_id", ASCENDING)]
        found = PlaceBooking.get_pymongo_collection().find(wanted).sort(order).limit(first)
        return tuple([view(row) async for row in found])

    async def own(self, resident_id: str, booking_id: str) -> BookingView | Refusal:
        """Return a resident's own booking."""
        found = await _read(booking_id) if _ID.fullmatch(booking_id) else None
        # That somebody else has a booking of this id is nobody's business.
        return view(found) if found and found["resident_id"] == resident_id else no.BOOKING_UNKNOWN

    async def read(self, caller: Caller, booking_id: str) -> BookingView | Refusal:
        """Return a booking to staff; the read is recorded and its person finds it (L15)."""
        found = await _read(booking_id) if _ID.fullmatch(booking_id) else None
        whose = found["resident_id"] if found else None
        refused = may(caller, Act.BOOKING_READ, whose)
        if found is not None and caller.resident_id != whose:
            refused = refused or may_at(caller, Act.BOOKING_READ, (found["venue"],))
        if found is not None:
            result = audit.refused(refused) if refused else audit.OK
            now = self._clock.now()
            deed = deeds.of_staff(caller, "bookings.read", deeds.READ, whose, now, result)
            await audit.record_read(deed)
        return refused or (view(found) if found else no.BOOKING_UNKNOWN)

    async def _refusal(self, asking: Asking, whose: str) -> Refusal | None:
        """Return why the card does not allow it, or why it is not for the one who asks to do it."""
        if whose != asking.resident_id:
            return no.NO_MANDATE
        if asking.card is None:
            return NO_CARD
        policy = await self._policies.present()
        return policy.refusal(asking.card, EcardAction.BOOK)


def is_booking_id(text: str) -> bool:
    """Tell whether a text can be a booking's id."""
    return _ID.fullmatch(text) is not None


def booking_id_of(thumbprint: str, key: str) -> str:
    """Return the id of the booking that a request makes, now or when it is repeated."""
    digest = hashlib.sha256(f"bookings\0{thumbprint}\0{key}".encode()).digest()[:20]
    return f"bkg_{base64.b32encode(digest).decode().lower()}"


def view(row: Row) -> BookingView:
    """Return a stored booking as its person sees it."""
    remark = row.get("remark")
    return BookingView(
        booking_id=row["_id"],
        slot=row["slot"],
        plan=row["plan"],
        venue=row["venue"],
        kind=SlotKind(row["kind"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        cancel_by=row["cancel_by"],
        quantity=row["quantity"],
        state=BookingState(row["state"]),
        changed_at=row["changed_at"],
        expires_at=row.get("expires_at"),
        entered=row["entered"],
        forfeited=row["forfeited"],
        remark=LocalizedText(**remark["words"]) if remark else None,
        queue=row.get("queue"),
    )


def _viewed(row: Row | Refusal) -> BookingView | Refusal:
    return row if isinstance(row, Refusal) else view(row)


async def _read(booking_id: str) -> Row | None:
    return await PlaceBooking.get_pymongo_collection().find_one({"_id": booking_id})
