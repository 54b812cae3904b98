"""What a court costs somebody, whether it is paid for, and why it cannot be paid now (S59)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.bookings.service import Bookings, BookingView
from backend.cards.asking import Asking
from backend.cards.policies import EcardPolicies
from backend.cards.policy import EcardAction
from backend.cards.refusals import NO_CARD
from backend.foundation.refusals import Refusal
from backend.stored_value import refusals as no
from backend.stored_value.court_returns import court_in
from backend.stored_value.documents import StoredValueEntry, StoredValueGroup
from backend.stored_value.ledger import account_of, group_in
from backend.stored_value.rules import EntryKind, ValueGroup, price_of
from shared.clock import Clock

MOST_GROUPS = 20
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A row of the ledger about a court: its number, amount, moment, and the balance then."""

    number: str
    fen: int
    after_fen: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CourtPayment:
    """A court's price in fen; `why_not` is None where it can be paid now, and once it was paid."""

    group: ValueGroup
    place_fen: int
    quantity: int
    balance_fen: int
    paid: Receipt | None
    given_back: Receipt | None
    why_not: Refusal | None


class CourtPayments:
    """Reads it, for whoever booked."""

    def __init__(self, bookings: Bookings, policies: EcardPolicies, clock: Clock) -> None:
        self._bookings = bookings
        self._policies = policies
        self._clock = clock

    async def of_booking(self, asking: Asking, booking_id: str) -> CourtPayment | Refusal:
        """Return what a booking of the resident's costs, by the group that it was paid with.

        What was not paid yet is priced by the first group of its venue that prices its plan, and
        can be paid in those states of the card in which paying it is allowed (S21).
        """
        resident_id = asking.resident_id
        booking = await self._bookings.own(resident_id, booking_id)
        if isinstance(booking, Refusal):
            return booking
        rows = StoredValueEntry.get_pymongo_collection().find({"booking": booking_id})
        written = {row["kind"]: row async for row in rows}
        paid = written.get(EntryKind.SPEND.value)
        group = await _group(booking, paid)
        if group is None:
            return no.NOT_PRICED
        account = await account_of(resident_id, group.code)
        balance = account["balance"] if account else 0
        place = group.prices.get(booking.plan, 0)
        if paid is not None:
            place = paid["fen"] // booking.quantity  # a price that changed since is not its own
        return CourtPayment(
            group=group,
            place_fen=place,
            quantity=booking.quantity,
            balance_fen=balance,
            paid=_receipt(paid),
            given_back=_receipt(written.get(EntryKind.GIVE_BACK.value)),
            why_not=None if paid else await self._why_not(asking, group, booking, account),
        )

    async def _why_not(
        self, asking: Asking, group: ValueGroup, booking: BookingView, account: Row | None
    ) -> Refusal | None:
        if asking.card is None:
            return NO_CARD
        refused = (await self._policies.present()).refusal(asking.card, EcardAction.BOOK)
        if refused is not None:
            return refused
        price = price_of(group, court_in(booking), self._clock.now())
        if isinstance(price, Refusal):
            return price
        if account is None:
            return no.ACCOUNT_UNKNOWN
        return no.too_little(account["balance"]) if account["balance"] < price else None


async def _group(booking: BookingView, paid: Row | None) -> ValueGroup | None:
    groups = StoredValueGroup.get_pymongo_collection()
    wanted = {"_id": paid["group"]} if paid else {"venues": booking.venue}
    found = [group_in(row) async for row in groups.find(wanted).sort("_id").limit(MOST_GROUPS)]
    return next((one for one in found if paid or booking.plan in one.prices), None)


def _receipt(row: Row | None) -> Receipt | None:
    return None if row is None else Receipt(row["_id"], row["fen"], row["after"], row["at"])
