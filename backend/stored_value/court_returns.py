"""Prices of courts that were called off, given back by the house itself and once each (S59).

Whoever paid need not ask: the venue closed the slot, or they cancelled and the terms leave them
something. Each return is one transaction; a sweep that is killed goes on with what is left.
"""

from datetime import datetime

from backend.bookings.payments import paid_and_called_off, settle, tell_of_price
from backend.bookings.service import BookingView
from backend.foundation import audit
from backend.foundation.kept_running import each, rounds
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.stored_value import deeds
from backend.stored_value.documents import StoredValueAccount
from backend.stored_value.ledger import Posting, group_of, paid_with, post
from backend.stored_value.rules import (
    CourtBooking,
    EntryKind,
    GroupState,
    ValueGroup,
    given_back,
)
from shared.clock import Clock
from shared.localized_text import LocalizedText
from shared.money import format_yuan

SECONDS = 5.0
AT_ONCE = 100
HOUSE = "house"
_NOTHING = LocalizedText("取消过晚，按退订规则不退款。", "Cancelled too late for any of its price.")


class CourtReturns:
    """Gives back what is owed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def keep_swept(self) -> None:
        """Sweep for ever; what fails is tried again."""
        await rounds(self.sweep, SECONDS)

    async def sweep(self) -> int:
        """Settle all that is owed now; return how many bookings."""
        return await each(paid_and_called_off(AT_ONCE), self._settled)

    async def _settled(self, booking_id: str) -> bool:
        async def act(session: Session) -> bool:
            return await return_price(booking_id, self._clock.now(), session)

        return await audit.in_one_write(act)


def court_in(view: BookingView) -> CourtBooking:
    """Return what of a booking decides about its price."""
    return CourtBooking(
        *(view.plan, view.venue, view.quantity, view.state),
        starts_at=view.starts_at,
        changed_at=view.changed_at,
    )


async def return_price(
    booking_id: str, now: datetime, session: Session, *, tells: bool = True
) -> bool:
    """Give back what the terms leave of a price, where nobody did yet; tell whether it was owed.

    Where the group ended meanwhile, every balance was refunded: what comes now is too, at once.
    `tells` is False for who leaves and reads no more notices.
    """
    booking = await settle(booking_id, session)
    paid = None if booking is None else await paid_with(booking_id, EntryKind.SPEND, session)
    if booking is None or paid is None:
        return False
    known, whose = await group_of(paid["group"], session), paid["resident_id"]
    fen = known if isinstance(known, Refusal) else given_back(known, court_in(booking), paid["fen"])
    words = _NOTHING
    if not (isinstance(fen, Refusal) or isinstance(known, Refusal)):
        back = Posting(EntryKind.GIVE_BACK, fen, now, HOUSE, booking.venue, booking_id)
        await _post(paid["account"], back, session)
        await audit.record(deeds.of_house("stored_value.given_back", whose, now), session)
        words = _returned(known, fen)
        if known.state is GroupState.CLOSED:
            await _post(paid["account"], Posting(EntryKind.REFUND, fen, now, HOUSE), session)
            await audit.record(deeds.of_house("stored_value.refunded", whose, now), session)
    if tells:
        await tell_of_price(whose, booking, words, now, session)
    return True


async def _post(account_id: str, posting: Posting, session: Session) -> None:
    accounts = StoredValueAccount.get_pymongo_collection()
    account = await accounts.find_one({"_id": account_id}, session=session)
    if account is None:
        raise LookupError("a row of the ledger without its account")
    await post(account, posting, session)


def _returned(group: ValueGroup, fen: int) -> LocalizedText:
    amount = format_yuan(fen)
    return LocalizedText(
        f"{amount}已退回“{group.name.zh}”储值。",
        f"{amount} came back to your stored value with {group.name.en}.",
    )
