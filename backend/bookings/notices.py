"""Telling people of their bookings outside the app: offers, closed slots, missed offers.

A notice waits from the transaction of what it is about on. Whoever sends it claims it first, so
that of two servers one does; the claim is also how long a gateway that fails is left alone, as long
again as the notice has waited. Others may read a message on a locked screen: it tells when the
booking is, and nothing of venue, department or reason, which can tell an illness.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from backend.accounts.sessions import Sessions
from backend.accounts.sms import SmsGateway
from backend.bookings.documents import BookingNotice, PlaceBooking
from backend.bookings.freeing import OFFER, OFFER_MISSED, closed_news
from backend.bookings.rules import BookingState
from backend.foundation.kept_running import attempt, rounds
from backend.residents.service import Residents
from shared.clock import LOCAL_ZONE, Clock
from shared.localized_text import LocalizedText

AT_ONCE = 100
LEASE = timedelta(seconds=60)
OLD = timedelta(days=1)
"""What could not be told for so long is not told by SMS any more; it stands in the app's list."""
SECONDS = 2.0
Row = Mapping[str, Any]
_CLOSED = closed_news(LocalizedText("", "")).code


@dataclass(frozen=True, slots=True)
class _Known:
    """What is read once for a batch of notices."""

    bookings: Mapping[str, Row]
    with_app: frozenset[str]
    phones: Mapping[str, str]


class BookingNoticeDelivery:
    """Sends what is to be told by SMS: an offer to everybody, the rest to who has no app."""

    def __init__(
        self, gateway: SmsGateway | None, sessions: Sessions, residents: Residents, clock: Clock
    ) -> None:
        self._gateway = gateway
        self._sessions = sessions
        self._residents = residents
        self._clock = clock

    async def keep_delivering(self) -> None:
        """Deliver for ever; what fails is tried again."""
        await rounds(self.deliver, SECONDS, until_idle=True)

    async def deliver(self) -> int:
        """Deliver a batch of what waits now and return how many notices are done with.

        Raises:
            OSError: the gateway does not answer; the notice it was about is tried again later, and
                the others in the next round.
        """
        due = {"sms_at": {"$lte": self._clock.now()}}
        found = BookingNotice.get_pymongo_collection().find(due).sort("sms_at", 1).limit(AT_ONCE)
        rows = await found.to_list()
        if not rows:
            return 0
        deliver = partial(self._deliver, await self._known(rows))
        return sum([await attempt(deliver, row) or 0 for row in rows])

    async def _known(self, rows: Sequence[Row]) -> _Known:
        ids, people = _texts(rows, "booking"), _texts(rows, "resident_id")
        fields = {"state": 1, "starts_at": 1, "expires_at": 1}
        found = PlaceBooking.get_pymongo_collection().find({"_id": {"$in": ids}}, fields)
        return _Known(
            {row["_id"]: row async for row in found},
            await self._sessions.with_living(people),
            await self._residents.phones_of(people),
        )

    async def _deliver(self, known: _Known, row: Row) -> int:
        if not await self._claimed(row):
            return 0
        channel, now = await self._sent(known, row), self._clock.now()
        told = {} if channel == "none" else {"delivered_at": now}
        await BookingNotice.get_pymongo_collection().update_one(
            {"_id": row["_id"], "delivered_at": None},
            {"$set": {"channel": channel, **told}, "$unset": {"sms_at": ""}},
        )
        return 1

    async def _claimed(self, row: Row) -> bool:
        """Take a notice as it was read, for a while; tell whether nobody else did since."""
        now, at = self._clock.now(), row.get("at")
        waited = now - at if isinstance(at, datetime) else OLD  # a broken row goes behind, too
        done = await BookingNotice.get_pymongo_collection().update_one(
            {"_id": row["_id"], "sms_at": row["sms_at"]},
            {"$set": {"sms_at": now + max(LEASE, waited)}},
        )
        return done.matched_count == 1

    async def _sent(self, known: _Known, row: Row) -> str:
        """Send a notice where it is to be sent; return how its person has it."""
        person, offer = row["resident_id"], row["code"] == OFFER.code
        booking, phone = known.bookings.get(row["booking"]), known.phones.get(person)
        if offer and booking is not None and booking["state"] != BookingState.OFFERED:
            booking = None  # taken up or over: they know, or are told that they missed it
        if booking is None or self._clock.now() - row["at"] > OLD:
            return "none"
        has_app = person in known.with_app
        if has_app and not offer:
            return "app"
        if self._gateway is None or phone is None:
            return "app" if has_app else "none"
        words = sms_words(row["code"], booking)
        text = f"【一卡通】{words.zh}。{words.en}."
        await self._gateway.send(phone, text, reference=row["_id"])
        return "sms"


def _texts(rows: Sequence[Row], name: str) -> list[str]:
    return [value for row in rows if isinstance(value := row.get(name), str)]


def sms_words(code: str, booking: Row) -> LocalizedText:
    """Return what a message says of a stored booking; it ends without a full stop."""
    when = _at(booking["starts_at"])
    if code == OFFER.code:
        until = _at(booking["expires_at"])
        return LocalizedText(
            f"候补有名额了：{when.zh}，请在{until.zh}前确认，过时释放",
            f"Places for you on {when.en}: confirm by {until.en}, or they are freed",
        )
    if code == OFFER_MISSED.code:
        return LocalizedText(
            f"您{when.zh}的候补名额未按时确认，已释放",
            f"Your places on {when.en} were not confirmed in time and are freed",
        )
    if code == _CLOSED:
        return LocalizedText(
            f"您{when.zh}的预约已被取消，不计违约；原因请看预约或问工作人员",
            f"Your booking on {when.en} is cancelled, at no loss; it or the staff say why",
        )
    return LocalizedText(
        f"您{when.zh}的预约有新通知，请看预约或问工作人员",
        f"There is news of your booking on {when.en}: look at it or ask the staff",
    )


def _at(instant: datetime) -> LocalizedText:
    local = instant.astimezone(LOCAL_ZONE)
    return LocalizedText(
        f"{local.month}月{local.day}日{local:%H:%M}", f"{local.day} {local:%b} {local:%H:%M}"
    )
