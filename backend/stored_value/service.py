"""Topping up, spending and giving back stored value 储值: each once, each with a row of the ledger.

Money comes in at a counter, which notes its receipt; that a refund is paid out is its operator's.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from backend.assertions.evidence import Shown
from backend.assertions.presenting import PresentHolder, Presenting
from backend.bookings.payments import mark_paid, settle
from backend.bookings.service import Bookings
from backend.cards.asking import Asking
from backend.cards.policies import EcardPolicies
from backend.cards.policy import EcardAction
from backend.cards.refusals import NO_CARD
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed
from backend.foundation.idempotency import Act as Writing
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may_at
from backend.foundation.refusals import Refusal
from backend.mandates.acting import Acting, record_act
from backend.mandates.paying import Payment, record_payment
from backend.stored_value import deeds
from backend.stored_value import refusals as no
from backend.stored_value.court_returns import court_in
from backend.stored_value.documents import (
    StoredValueAccount,
    StoredValueEntry,
    StoredValueGroup,
)
from backend.stored_value.ledger import (
    Posting,
    Row,
    account_of,
    group_in,
    group_of,
    opened,
    paid_with,
    post,
    sums_in,
    topped_up_by,
)
from backend.stored_value.rules import (
    CourtBooking,
    EntryKind,
    Sums,
    ValueGroup,
    given_back,
    is_amount,
    is_reference,
    price_of,
    refusal_at,
)
from shared.clock import Clock

MOST_ACCOUNTS = 50
MOST_ENTRIES = 50
HOLDER = "holder"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger as its account's holder sees it."""

    kind: EntryKind
    fen: int
    after: int
    at: datetime
    venue: int | None
    booking: str | None


@dataclass(frozen=True, slots=True)
class StoredValueView:
    """What somebody has stored with a group of venues."""

    group: ValueGroup
    sums: Sums


@dataclass(frozen=True, slots=True)
class CounterWish:
    """What a counter asks for: at which venue, of which group, how much, for whom."""

    group: str
    venue: int
    fen: int
    shown: Shown


class StoredValue:
    """Does what is done with stored value."""

    def __init__(
        self,
        presenting: Presenting,
        bookings: Bookings,
        policies: EcardPolicies,
        once: Once,
        clock: Clock,
    ) -> None:
        self._presenting = presenting
        self._bookings = bookings
        self._policies = policies
        self._once = once
        self._clock = clock

    async def of_resident(self, resident_id: str) -> list[StoredValueView]:
        """Return what a resident has stored, by the codes of the groups."""
        accounts = StoredValueAccount.get_pymongo_collection()
        own = accounts.find({"resident_id": resident_id}).sort("group").limit(MOST_ACCOUNTS)
        rows = await own.to_list()
        wanted = {"_id": {"$in": [row["group"] for row in rows]}}
        found = StoredValueGroup.get_pymongo_collection().find(wanted)
        groups = {row["_id"]: group_in(row) async for row in found}
        return [StoredValueView(groups[row["group"]], sums_in(row)) for row in rows]

    async def entries(self, resident_id: str, group: str, first: int) -> list[Entry] | Refusal:
        """Return the newest rows of a resident's own ledger with a group."""
        known = await group_of(group)
        account = None if isinstance(known, Refusal) else await account_of(resident_id, group)
        if account is None:
            return no.ACCOUNT_UNKNOWN
        order = [("at", DESCENDING), ("_id", DESCENDING)]
        rows = StoredValueEntry.get_pymongo_collection().find({"account": account["_id"]})
        most = max(1, min(first, MOST_ENTRIES))
        return [_entry(row) async for row in rows.sort(order).limit(most)]

    async def top_up(
        self, caller: Caller | None, key: str, wish: CounterWish, reference: str
    ) -> StoredValueView | Refusal:
        """Add what somebody paid at a counter; its receipt counts once, under whatever key."""
        refused = may_at(caller, Act.STORED_VALUE_SERVE, (wish.venue,))
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        if not is_amount(wish.fen) or not is_reference(reference):
            return no.REFERENCE_FORM if is_amount(wish.fen) else no.AMOUNT_FORM

        async def step(holder: PresentHolder, session: Session) -> int | Refusal:
            if await topped_up_by(wish.group, reference, session):
                return no.REFERENCE_USED
            now = self._clock.now()
            account = await opened(holder.resident_id, wish.group, now, session)
            posting = self._posting(EntryKind.TOP_UP, wish.fen, caller, wish.venue)
            return await post(account, replace(posting, reference=reference), session)

        return await self._at_counter(caller, key, wish, f"top up {reference}", step)

    async def spend(
        self, caller: Caller | None, key: str, wish: CounterWish
    ) -> StoredValueView | Refusal:
        """Take what somebody spends at a venue: their code, shown just now, is their consent."""
        refused = may_at(caller, Act.STORED_VALUE_SERVE, (wish.venue,))
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        if wish.shown.code is None:
            return no.CODE_NEEDED
        if not is_amount(wish.fen):
            return no.AMOUNT_FORM

        async def step(holder: PresentHolder, session: Session) -> int | Refusal:
            account = await account_of(holder.resident_id, wish.group, session)
            if account is None:
                return no.ACCOUNT_UNKNOWN
            posting = self._posting(EntryKind.SPEND, wish.fen, caller, wish.venue)
            return await post(account, posting, session)

        return await self._at_counter(caller, key, wish, "spend", step)

    async def pay(
        self, asking: Asking, key: str, group: str, booking_id: str
    ) -> StoredValueView | Refusal:
        """Pay for the caller's own booking of a court, at the group's price, once.

        A delegate pays for their principal's, by the scope PAY_SMALL.
        """
        if asking.card is None:
            return NO_CARD
        refused = (await self._policies.present()).refusal(asking.card, EcardAction.BOOK)

        async def step(known: ValueGroup | Refusal, session: Session) -> Posting | Refusal:
            booking = await self._booking(asking, booking_id)
            if isinstance(booking, Refusal) or refused is not None:
                return booking if isinstance(booking, Refusal) else refused or no.NOT_PAYABLE
            if isinstance(known, Refusal):
                return known
            fen = price_of(known, booking, self._clock.now())
            if isinstance(fen, Refusal):
                return fen
            if await paid_with(booking_id, EntryKind.SPEND, session) is not None:
                return no.ALREADY_PAID
            # It was read outside this transaction: nothing is paid for what was cancelled since.
            whose = asking.resident_id
            if not await mark_paid(whose, booking_id, session):
                return no.NOT_PAYABLE
            posting = self._posting(EntryKind.SPEND, fen, asking, booking.venue)
            return replace(posting, booking=booking_id)

        return await self._own(asking, key, group, "stored_value.paid", step, booking_id)

    async def take_back(
        self, asking: Asking, key: str, group: str, booking_id: str
    ) -> StoredValueView | Refusal:
        """Give back to the balance what the terms leave of the price of a booking that is off."""

        async def step(known: ValueGroup | Refusal, session: Session) -> Posting | Refusal:
            booking = await self._booking(asking, booking_id)
            if isinstance(booking, Refusal):
                return booking
            if isinstance(known, Refusal):
                return known
            paid = await paid_with(booking_id, EntryKind.SPEND, session)
            if paid is None or paid["group"] != known.code:
                return no.NOT_PAID
            if await paid_with(booking_id, EntryKind.GIVE_BACK, session) is not None:
                return no.PAID_BACK
            fen = given_back(known, booking, paid["fen"])
            if isinstance(fen, Refusal):
                return fen
            await settle(booking_id, session)  # the sweep, at the same moment, finds it done
            posting = self._posting(EntryKind.GIVE_BACK, fen, asking, booking.venue)
            return replace(posting, booking=booking_id)

        return await self._own(asking, key, group, "stored_value.given_back", step, booking_id)

    async def refund(self, asking: Asking, key: str, group: str) -> StoredValueView | Refusal:
        """Take the caller's whole balance out, whether the venues are open or closed."""

        async def step(known: ValueGroup | Refusal, session: Session) -> Posting | Refusal:
            if isinstance(known, Refusal):
                return known
            account = await account_of(asking.resident_id, known.code, session)
            left = account["balance"] if account else 0
            return self._posting(EntryKind.REFUND, left, asking) if left else no.NOTHING_LEFT

        return await self._own(asking, key, group, "stored_value.refunded", step)

    async def _booking(self, asking: Asking, booking_id: str) -> CourtBooking | Refusal:
        found = await self._bookings.own(asking.resident_id, booking_id)
        return found if isinstance(found, Refusal) else court_in(found)

    async def _at_counter(
        self,
        caller: Caller,
        key: str,
        wish: CounterWish,
        what: str,
        step: Callable[[PresentHolder, Session], Awaitable[int | Refusal]],
    ) -> StoredValueView | Refusal:
        evidence = wish.shown.code or wish.shown.identification_code or ""
        request = {
            "act": f"stored value: {what}",
            "group": wish.group,
            "venue": str(wish.venue),
            "fen": str(wish.fen),
            "shown": evidence,
        }
        kept = await self._once.answered(caller=caller.staff_id or "", key=key, request=request)
        if kept is not None:  # the code that was shown then is long over
            return await self._answer(kept)
        holder = await self._presenting.holder(wish.shown)
        if isinstance(holder, Refusal):
            return holder
        action = "stored_value.spent" if what == "spend" else "stored_value.topped_up"

        async def act(session: Session) -> Answer | Refusal:
            known = await group_of(wish.group, session)
            if isinstance(known, Refusal):
                return known
            refused = refusal_at(known, wish.venue) or await self._presenting.use(holder, session)
            done = refused or await step(holder, session)
            if isinstance(done, Refusal):
                return done
            now = self._clock.now()
            await audit.record(deeds.of_staff(caller, action, holder.resident_id, now), session)
            return {"group": wish.group, "resident": holder.resident_id}

        return await self._performed(caller.staff_id or "", key, request, act)

    async def _own(
        self,
        asking: Asking,
        key: str,
        group: str,
        action: str,
        step: Callable[[ValueGroup | Refusal, Session], Awaitable[Posting | Refusal]],
        booking_id: str = "",
    ) -> StoredValueView | Refusal:
        async def act(session: Session) -> Answer | Refusal:
            posting = await step(await group_of(group, session), session)
            if isinstance(posting, Refusal):
                return posting
            account = await account_of(asking.resident_id, group, session)
            if account is None:
                return no.ACCOUNT_UNKNOWN
            done = await post(account, posting, session)
            if isinstance(done, Refusal):
                return done
            deed: Deed = deeds.of_holder(action, asking.resident_id, posting.at, asking.origin)
            refused = await _recorded(deed, posting, asking.acting, session)
            return refused or {"group": group, "resident": asking.resident_id}

        request = {"act": action, "group": group, "booking": booking_id}
        request["resident"] = asking.resident_id
        return await self._performed(asking.thumbprint, key, request, act)

    async def _performed(
        self, caller: str, key: str, request: dict[str, str], act: Writing
    ) -> StoredValueView | Refusal:
        now = self._clock.now()
        done = await self._once.perform(caller=caller, key=key, request=request, now=now, act=act)
        return await self._answer(done)

    async def _answer(self, done: Answer | Refusal) -> StoredValueView | Refusal:
        if isinstance(done, Refusal):
            return done
        known = await group_of(done["group"])
        account = await account_of(done["resident"], done["group"])
        if isinstance(known, Refusal) or account is None:
            return no.ACCOUNT_UNKNOWN
        return StoredValueView(known, sums_in(account))

    def _posting(
        self, kind: EntryKind, fen: int, by: Caller | Asking, venue: int | None = None
    ) -> Posting:
        who = HOLDER if isinstance(by, Asking) else by.staff_id or "operator"
        return Posting(kind, fen, self._clock.now(), who, venue)


async def _recorded(
    deed: Deed, posting: Posting, acting: Acting | None, session: Session
) -> Refusal | None:
    """Write the row of a posting; what a delegate pays counts against their limits (D21).

    It goes to the group's venues, so to no delegate's account. What is given back does not raise
    a limit again.
    """
    if acting is None or posting.kind is not EntryKind.SPEND:
        return await record_act(deed, acting, session)
    return await record_payment(deed, Payment(posting.fen), acting, session)


def _entry(row: Row) -> Entry:
    return Entry(
        kind=EntryKind(row["kind"]),
        fen=row["fen"],
        after=row["after"],
        at=row["at"],
        venue=row.get("venue"),
        booking=row.get("booking"),
    )
