"""Checking the audit log against its chain: nothing was changed, removed, inserted or moved.

Whoever can write to the store can write a whole new chain too. Only a head noted elsewhere (an
anchor: place and hash, as `verify` prints them) shows that, and that rows were cut off the end.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from beanie import Document
from pymongo import DESCENDING, IndexModel

from backend.foundation.audit import AuditRow
from backend.foundation.audit_chain import (
    FIRST_PREVIOUS,
    HEAD,
    AuditLink,
    ChainHead,
    link_hash,
    unlinked_rows,
)
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText

BATCH = 1_000
# A row stamped before arrivals were last read to their end may be committed after it: transactions
# last a minute at most, clocks of servers may differ by some.
GRACE = timedelta(minutes=10)
# How far from the break its cause is looked for.
_NEAR = 1_000
_UNLINKED_SHOWN = 1_000
Row = Mapping[str, Any]


class Fault(StrEnum):
    """What is wrong with the first row that is not as it was written."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    ANCHOR = "anchor"


_WORDS = {
    Fault.CHANGED: ("内容被改动", "was changed"),
    Fault.REMOVED: ("被删除", "was removed"),
    Fault.INSERTED: ("是后来插入的", "was inserted"),
    Fault.REORDERED: ("次序被调换", "was moved to another place"),
    Fault.ANCHOR: ("与留存的锚点不符", "does not fit the anchor that was noted"),
}


_SOUND = LocalizedText("审计日志完整，未被改动。", "The audit log is whole and unchanged.")


@dataclass(frozen=True, slots=True)
class Broken:
    """The first broken row.

    `row_id` is None where nothing of it is left but its place, `seq` 0 where it has no place.
    """

    fault: Fault
    seq: int
    row_id: str | None

    @property
    def text(self) -> LocalizedText:
        """What was found, naming the row."""
        zh, en = _WORDS[self.fault]
        row = self.row_id or "-"
        return LocalizedText(
            f"审计日志第{self.seq}行（{row}）{zh}。请保全现场并报告安全管理员。",
            f"Row {self.seq} of the audit log ({row}) {en}. "
            "Keep everything as it is and tell the security officer.",
        )


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place of the chain and the hash there, in hex, as noted at some time."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Sound:
    """Every row is as it was written; `waiting` rows are not linked yet."""

    head: Anchor
    waiting: int


class AuditVerification(Document):
    """What one check of the whole chain found; `seq` is the head's or the first broken row's.

    `head` is the hash there, in hex, where all was well.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    at: datetime
    sound: bool
    seq: int
    words: dict[str, str]
    head: str | None = None

    class Settings:
        """Where it is stored."""

        name = "audit_verifications"
        indexes: ClassVar = [IndexModel([("at", DESCENDING)])]


@dataclass(frozen=True, slots=True)
class LastVerification:
    """The newest check and what it found, in words."""

    at: datetime
    sound: bool
    seq: int
    words: LocalizedText


async def verify_and_note(anchors: Sequence[Anchor], now: datetime) -> Sound | Broken:
    """Check the chain and keep what was found, for auditors to see that it is checked at all."""
    found = await verify(anchors)
    sound = isinstance(found, Sound)
    words = _SOUND if isinstance(found, Sound) else found.text
    await AuditVerification(
        id=random_identifier("ver"),
        at=now,
        sound=sound,
        seq=found.head.seq if isinstance(found, Sound) else found.seq,
        words={"zh": words.zh, "en": words.en},
        head=found.head.hash if isinstance(found, Sound) else None,
    ).insert()
    return found


async def last_verification() -> LastVerification | None:
    """Return the newest check, None where there was none."""
    rows = AuditVerification.get_pymongo_collection().find().sort("at", DESCENDING).limit(1)
    found = await rows.to_list()
    if not found:
        return None
    [row] = found
    return LastVerification(row["at"], row["sound"], row["seq"], LocalizedText(**row["words"]))


async def last_anchor() -> Anchor | None:
    """Return the head that the newest check noted which found all well, None where there is none.

    Checks are few, one a night: the newest first, the first that is sound ends the search.
    """
    rows = AuditVerification.get_pymongo_collection().find({"sound": True}).sort("at", DESCENDING)
    found = await rows.limit(1).to_list()
    head = found[0].get("head") if found else None
    return None if head is None else Anchor(found[0]["seq"], head)


async def verify(anchors: Sequence[Anchor] = ()) -> Sound | Broken:
    """Recompute the whole chain; return its head, or the first row that is broken."""
    head = await ChainHead.get_pymongo_collection().find_one({"_id": HEAD})
    end, expected = (head["seq"], bytes(head["hash"])) if head else (0, FIRST_PREVIOUS)
    noted = {anchor.seq: anchor.hash for anchor in anchors}
    seq, previous = 0, FIRST_PREVIOUS
    async for link, row in _chain(end):
        broken = await _look_at(seq + 1, previous, link, row)
        if broken is not None:
            return broken
        seq, previous = link["_id"], bytes(link["hash"])
        if noted.pop(seq, previous.hex()) != previous.hex():
            return Broken(Fault.ANCHOR, seq, link["row_id"])
    if seq < end:
        return Broken(Fault.REMOVED, seq + 1, await _fitting(previous, None))
    if previous != expected:
        return Broken(Fault.CHANGED, seq, None)
    if noted:
        return Broken(Fault.ANCHOR, min(noted), None)
    stray = await _stray(head["followed_at"] if head and "followed_at" in head else None)
    if isinstance(stray, Broken):
        return stray
    return Sound(Anchor(seq, previous.hex()), stray)


async def _chain(end: int) -> AsyncIterator[tuple[Row, Row | None]]:
    """Yield the links up to `end` with their rows, a batch at a time."""
    rows, links = AuditRow.get_pymongo_collection(), AuditLink.get_pymongo_collection()
    seq: int | None = None
    while True:
        after = {"$lte": end} if seq is None else {"$gt": seq, "$lte": end}
        batch = await links.find({"_id": after}).sort("_id", 1).limit(BATCH).to_list()
        if not batch:
            return
        found = rows.find({"_id": {"$in": [link["row_id"] for link in batch]}})
        by_id = {row["_id"]: row async for row in found}
        for link in batch:
            yield link, by_id.get(link["row_id"])
        seq = batch[-1]["_id"]


async def _look_at(seq: int, previous: bytes, link: Row, row: Row | None) -> Broken | None:
    """Return what is wrong with the link that stands at `seq`, after a sound one."""
    in_place = link["_id"] == seq and bytes(link["prev"]) == previous
    if in_place and row is not None and link_hash(previous, row) == bytes(link["hash"]):
        return None
    if link["_id"] != seq:
        if link["_id"] < seq:
            return Broken(Fault.INSERTED, link["_id"], link["row_id"])
        return Broken(Fault.REMOVED, seq, await _fitting(previous, bytes(link["prev"])))
    if row is None:
        return Broken(Fault.REMOVED, seq, link["row_id"])
    return await _diagnose(previous, link, row)


async def _diagnose(previous: bytes, link: Row, row: Row) -> Broken:
    """Tell from what stands nearby why a link does not fit the one before it."""
    seq, row_id = link["_id"], link["row_id"]
    near = await _near(seq)
    by_seq = {one["_id"]: one for one, _ in near}
    if bytes(link["prev"]) != previous:
        if link_hash(previous, row) == bytes(link["hash"]):
            return Broken(Fault.CHANGED, seq, row_id)
        if seq - 2 in by_seq and by_seq[seq - 2]["hash"] == link["prev"]:
            return Broken(Fault.INSERTED, seq - 1, by_seq[seq - 1]["row_id"])
        if seq == 2 and bytes(link["prev"]) == FIRST_PREVIOUS:
            return Broken(Fault.INSERTED, 1, by_seq[1]["row_id"])
        if any(one["hash"] == link["prev"] for one, _ in near if one["_id"] != seq):
            return Broken(Fault.REORDERED, seq, row_id)
        if _next_fits(by_seq, seq, previous):
            return Broken(Fault.INSERTED, seq, row_id)
        return Broken(Fault.REMOVED, seq, await _fitting(previous, bytes(link["prev"])))
    others = (other for one, other in near if one["_id"] != seq and other is not None)
    if any(link_hash(previous, other) == bytes(link["hash"]) for other in others):
        return Broken(Fault.REORDERED, seq, row_id)
    inserted = _next_fits(by_seq, seq, previous)
    return Broken(Fault.INSERTED if inserted else Fault.CHANGED, seq, row_id)


def _next_fits(by_seq: Mapping[int, Row], seq: int, previous: bytes) -> bool:
    """Tell whether the chain goes on as if the link at `seq` were not there."""
    return seq + 1 in by_seq and bytes(by_seq[seq + 1]["prev"]) == previous


async def _near(seq: int) -> list[tuple[Row, Row | None]]:
    links = AuditLink.get_pymongo_collection()
    around = {"$gte": seq - _NEAR, "$lte": seq + _NEAR}
    batch = await links.find({"_id": around}).sort("_id", 1).to_list()
    found = AuditRow.get_pymongo_collection().find(
        {"_id": {"$in": [link["row_id"] for link in batch]}}
    )
    by_id = {row["_id"]: row async for row in found}
    return [(link, by_id.get(link["row_id"])) for link in batch]


async def _fitting(previous: bytes, following: bytes | None) -> str | None:
    """Return the row whose link is gone: one without a link that fits between two hashes."""
    unlinked = await unlinked_rows(_UNLINKED_SHOWN)
    if following is None:
        return str(unlinked[0]["_id"]) if unlinked else None
    fits = (row for row in unlinked if link_hash(previous, row) == following)
    return next((str(row["_id"]) for row in fits), None)


async def _stray(followed_at: datetime | None) -> int | Broken:
    """Return how many rows wait to be linked, or one that was there and never arrived."""
    rows = await AuditRow.get_pymongo_collection().count_documents({})
    waiting = rows - await AuditLink.get_pymongo_collection().count_documents({})
    if waiting > 0 and followed_at is not None:
        oldest = await unlinked_rows(1)
        if oldest and oldest[0]["at"] < followed_at - GRACE:
            return Broken(Fault.INSERTED, 0, oldest[0]["_id"])
    return max(waiting, 0)
