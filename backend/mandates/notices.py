"""What people are told of mandates: one notice each, in the app or by SMS, by an outbox.

A notice is written with what it is about, in the same transaction, under an id made of it: it is
there once or not at all. Whoever has no sign-in is told by SMS. A server that dies between handing
a message over and noting it hands it over again; the gateway knows it by the notice's id.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.accounts.sessions import Sessions
from backend.accounts.sms import SmsGateway
from backend.foundation.audit import in_one_write
from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import DESCENDING, PyMongoError, ReturnDocument, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.mandates.documents import MandateNotice
from backend.residents.service import Residents
from shared.clock import Clock
from shared.localized_text import LocalizedText

LEASE = timedelta(seconds=60)
LOOK_SECONDS = 2.0
Row = Mapping[str, Any]
_log = logging.getLogger("yikatong.mandates")


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice as its person reads it; `times` counts views that are told once a day."""

    notice_id: str
    mandate_id: str
    code: str
    words: LocalizedText
    at: datetime
    times: int

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.at, self.notice_id)


async def tell(
    notice_id: str, people: Iterable[str], mandate: str, code: str, words: LocalizedText,
    now: datetime, session: Session,
) -> None:  # fmt: skip
    """Leave a notice for each of `people`, in the transaction of what it is about."""
    rows = [
        {
            "_id": f"{notice_id}.{number}",
            "person": person,
            "mandate": mandate,
            "code": code,
            "words": {"zh": words.zh, "en": words.en},
            "at": now,
            "times": 1,
            "sms_at": now,
        }
        for number, person in enumerate(people)
    ]
    if rows:
        await MandateNotice.get_pymongo_collection().insert_many(rows, session=session)


async def tell_daily(
    notice_id: str, person: str, mandate: str, code: str, words: LocalizedText,
    now: datetime, session: Session,
) -> None:  # fmt: skip
    """Leave a notice, or count one more on the one that is there."""
    row = {
        "person": person,
        "mandate": mandate,
        "code": code,
        "words": {"zh": words.zh, "en": words.en},
        "at": now,
        "sms_at": now,
    }
    await MandateNotice.get_pymongo_collection().update_one(
        {"_id": notice_id},
        {"$setOnInsert": row, "$inc": {"times": 1}},
        upsert=True,
        session=session,
    )


async def page_of(person: str, first: int, after: Position | None) -> Page[NoticeView]:
    """Return a page of what somebody was told, the newest first."""
    wanted: dict[str, Any] = {"person": person}
    if after is not None:
        wanted["at"] = {"$lte": after.at}
        wanted["$or"] = [{"at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
    order = [("at", DESCENDING), ("_id", DESCENDING)]
    found = MandateNotice.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
    return cut_page([_view(row) async for row in found], first)


class NoticeDelivery:
    """Sends what is to be told by SMS."""

    def __init__(
        self,
        gateway: SmsGateway | None,
        sessions: Sessions,
        residents: Residents,
        clock: Clock,
    ) -> None:
        self._gateway = gateway
        self._sessions = sessions
        self._residents = residents
        self._clock = clock

    async def deliver(self) -> int:
        """Deliver every notice that waits now and return how many did."""
        done = 0
        while (row := await self._taken()) is not None:
            channel = await self._sent(row)
            change = {"$set": {"channel": channel}, "$unset": {"sms_at": ""}}
            await MandateNotice.get_pymongo_collection().update_one({"_id": row["_id"]}, change)
            done += 1
        return done

    async def keep_delivering(self) -> None:
        """Deliver for ever; what fails is tried again."""
        while True:
            try:
                await self.deliver()
            except (PyMongoError, OSError) as error:
                _log.warning("not delivered", extra={FIELDS: {"error": describe_error(error)}})
            await asyncio.sleep(LOOK_SECONDS)

    async def _taken(self) -> Row | None:
        """Take one notice for a minute; if this server dies, another takes it after that."""
        now = self._clock.now()
        return await MandateNotice.get_pymongo_collection().find_one_and_update(
            {"sms_at": {"$lte": now}},
            {"$set": {"sms_at": now + LEASE}},
            sort=[("sms_at", 1)],
            return_document=ReturnDocument.AFTER,
        )

    async def _sent(self, row: Row) -> str:
        person = row["person"]
        if await self._sessions.has_living(person):
            return "app"
        phone = await in_one_write(lambda session: self._residents.phone_of(person, session))
        if self._gateway is None or phone is None:
            return "none"
        zh, en = row["words"]["zh"], row["words"]["en"]
        text = f"【一卡通】{zh}。如非本人意愿，请到网点停止授权。{en}. An outlet can stop it."
        await self._gateway.send(phone, text, reference=row["_id"])
        return "sms"


def _view(row: Row) -> NoticeView:
    return NoticeView(
        notice_id=row["_id"],
        mandate_id=row["mandate"],
        code=row["code"],
        words=LocalizedText(**row["words"]),
        at=row["at"],
        times=row["times"],
    )
