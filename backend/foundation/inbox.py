"""Messages of partners' systems: each applied once, in the order of their numbers (S117).

A sender numbers its messages from 1. Sent again, one gets its first receipt; sent with another
content it is refused; come early, it waits until those before it are there. Message, what it does
and how far the sender is are one transaction, so no crash leaves one without the others.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pymongo import ASCENDING, IndexModel, ReturnDocument

from backend.foundation.mongo import Session, Store
from backend.foundation.refusals import Refusal, refusal

AHEAD = 100
"""So many messages may wait for one that is missing."""
APPLIED = "applied"
Content = Mapping[str, str]
Apply = Callable[[Content, Session], Awaitable[Refusal | None]]

MESSAGE_ALTERED = refusal(
    "message_altered",
    ("同一编号的消息已收到过，内容不同。", "A message of this number had another content."),
    ("请用新的编号发送。", "Send it under a new number."),
)
MESSAGE_TOO_EARLY = refusal(
    "message_too_early",
    ("前面缺少的消息过多。", "Too many messages before this one are missing."),
    ("请先发送前面的消息。", "Send those before it first."),
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message; `outcome` is None while it waits for number `awaits`."""

    number: int
    outcome: str | None
    awaits: int


class InboxMessage(Document):
    """A message; its id is its sender and number. `outcome` is `APPLIED` or why it was refused."""

    id: str  # type: ignore[assignment]  # sender and number, not an ObjectId
    sender: str
    number: int
    content: dict[str, str]
    content_hash: bytes
    outcome: str | None = None
    received_at: datetime

    class Settings:
        """Where it is stored."""

        name = "inbox_messages"
        indexes: ClassVar = [IndexModel([("sender", ASCENDING), ("number", ASCENDING)])]


class InboxCursor(Document):
    """How far a sender is: the number that is applied next."""

    id: str  # type: ignore[assignment]  # the sender, not an ObjectId
    awaits: int
    turns: int

    class Settings:
        """Where it is stored."""

        name = "inbox_cursors"


class Inbox:
    """Takes messages and hands them on in order."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(
        self, sender: str, number: int, content: Content, now: datetime, apply: Apply
    ) -> Receipt | Refusal:
        """Take a message; `apply` does what it and those that waited for it say, in order.

        What `apply` refuses is noted as its outcome and holds up nobody; it must then have
        written nothing.
        """
        hashed = hashlib.sha256(json.dumps(dict(content), sort_keys=True).encode()).digest()

        async def transact(session: Session) -> Receipt | Refusal:
            # Written first: of two at once one is done again on what the other left.
            awaits = await _turn(sender, session)
            messages = InboxMessage.get_pymongo_collection()
            known = await messages.find_one({"_id": _id(sender, number)}, session=session)
            if known is not None:
                same = bytes(known["content_hash"]) == hashed
                return Receipt(number, known["outcome"], awaits) if same else MESSAGE_ALTERED
            if number >= awaits + AHEAD:
                return MESSAGE_TOO_EARLY
            row = {"_id": _id(sender, number), "sender": sender, "number": number}
            row |= {"content": dict(content), "content_hash": hashed}
            await messages.insert_one({**row, "outcome": None, "received_at": now}, session=session)
            return await _hand_on(sender, number, awaits, apply, session)

        async with self._store.client.start_session() as session:
            return await session.with_transaction(transact)


async def _turn(sender: str, session: Session) -> int:
    cursor: Any = await InboxCursor.get_pymongo_collection().find_one_and_update(
        {"_id": sender},
        {"$inc": {"turns": 1}, "$setOnInsert": {"awaits": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return int(cursor["awaits"])


async def _hand_on(
    sender: str, number: int, awaits: int, apply: Apply, session: Session
) -> Receipt:
    """Apply what is next and there; the messages that waited are few (`AHEAD`)."""
    messages, outcome = InboxMessage.get_pymongo_collection(), None
    wanted = {"sender": sender, "number": {"$gte": awaits}}
    waiting = await messages.find(wanted, sort=[("number", 1)], session=session).to_list(AHEAD)
    for row in waiting:
        if row["number"] != awaits:
            break
        fault = await apply(row["content"], session)
        said = APPLIED if fault is None else f"refused:{fault.code}"
        change = {"$set": {"outcome": said}}
        await messages.update_one({"_id": row["_id"]}, change, session=session)
        outcome = said if row["number"] == number else outcome
        awaits += 1
    reached = {"$set": {"awaits": awaits}}
    await InboxCursor.get_pymongo_collection().update_one({"_id": sender}, reached, session=session)
    return Receipt(number, outcome, awaits)


def _id(sender: str, number: int) -> str:
    return f"{sender} {number}"
