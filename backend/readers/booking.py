"""Booking uploaded scans: each once, whatever is repeated, comes late or stands next to a bad one.

A batch costs the same handful of round trips whether it has one scan or five hundred.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from backend.cards.service import CardHolder, Cards
from backend.foundation.logs import FIELDS
from backend.foundation.mongo import BulkWriteError
from backend.foundation.refusals import Refusal
from backend.readers.documents import Scan
from backend.readers.rules import (
    SCAN_ID_TAKEN,
    VENUE_UNKNOWN,
    ScanFlag,
    code_use,
    is_visit,
    time_flags,
)
from backend.readers.service import TerminalFacts
from backend.venues.service import VenueFacts, Venues
from shared.localized_text import LocalizedText
from shared.wire.scans import InvalidScan, ReceiptOutcome, ScanReceipt, ScanRecord

NO_SCAN_ID = "0" * 32
"""Stands in the receipt of a row whose own id cannot be read; receipts keep the rows' order."""
_DUPLICATE_KEY = 11000
_log = logging.getLogger("yikatong.booking")
_SCAN_ID = re.compile(r"[0-9a-f]{32}")
Holders = Mapping[int | bytes, CardHolder]


@dataclass(frozen=True, slots=True)
class TwoGates:
    """One showing of a code that two lanes admitted."""

    scan_id: str
    venue_number: int
    lane: int
    scanned_at: datetime
    card_id: str | None


class Booking:
    """Books scans."""

    def __init__(self, cards: Cards, venues: Venues) -> None:
        self._cards = cards
        self._venues = venues

    async def book(
        self, terminal: TerminalFacts, rows: Sequence[Any], now: datetime
    ) -> list[ScanReceipt] | Refusal:
        """Book the rows of one upload and return a receipt for each, in their order."""
        venue = await self._venues.facts(terminal.venue_number)
        if venue is None:
            return VENUE_UNKNOWN
        read = [_read(row) for row in rows]
        scans = [scan for scan in read if isinstance(scan, ScanRecord)]
        holders = await self._holders(scans)
        outcomes = await self._insert([_document(s, terminal, venue, holders, now) for s in scans])
        await self._flag_two_gates([use for scan in scans if (use := code_use(scan))])
        in_turn = iter(outcomes)
        return [scan if isinstance(scan, ScanReceipt) else next(in_turn) for scan in read]

    async def two_gates(self, limit: int) -> list[TwoGates]:
        """Return the latest scans of codes that were admitted at two lanes, newest first."""
        found = (
            Scan.get_pymongo_collection()
            .find({"flags": ScanFlag.TWO_GATES})
            .sort([("scanned_at", -1), ("_id", -1)])
            .limit(limit)
        )
        return [
            TwoGates(s["_id"], s["venue_number"], s["lane"], s["scanned_at"], s.get("card_id"))
            async for s in found
        ]

    async def _holders(self, scans: Sequence[ScanRecord]) -> Holders:
        indexes = [scan.card_index for scan in scans if scan.card_index is not None]
        digests = [bytes.fromhex(scan.card_digest) for scan in scans if scan.card_digest]
        return await self._cards.holders(indexes, digests) if indexes or digests else {}

    async def _insert(self, documents: Sequence[dict[str, Any]]) -> list[ScanReceipt]:
        if not documents:
            return []
        try:
            await Scan.get_pymongo_collection().insert_many(documents, ordered=False)
        except BulkWriteError as error:
            failures = (error.details or {}).get("writeErrors", [])
            if any(failure["code"] != _DUPLICATE_KEY for failure in failures):
                raise
            repeated = {failure["index"] for failure in failures}
        else:
            repeated = set()
        foreign = await self._foreign([documents[index] for index in repeated])
        return [
            _receipt(document["_id"], index in repeated, document["_id"] in foreign)
            for index, document in enumerate(documents)
        ]

    async def _foreign(self, documents: Sequence[dict[str, Any]]) -> set[str]:
        """Return the ids among these that another venue's scans have."""
        if not documents:
            return set()
        found = Scan.get_pymongo_collection().find(
            {
                "_id": {"$in": [document["_id"] for document in documents]},
                "venue_number": {"$ne": documents[0]["venue_number"]},
            },
            {"_id": 1},
        )
        return {scan["_id"] async for scan in found}

    async def _flag_two_gates(self, uses: Sequence[bytes]) -> None:
        """Flag showings that two lanes admitted: of two uploads, the later one sees both."""
        if not uses:
            return
        collection = Scan.get_pymongo_collection()
        grouped = await collection.aggregate(
            [
                {"$match": {"code_use": {"$in": list(set(uses))}}},
                {
                    "$group": {
                        "_id": "$code_use",
                        "lanes": {"$addToSet": {"venue": "$venue_number", "lane": "$lane"}},
                        "scans": {"$push": "$_id"},
                    }
                },
                {"$match": {"lanes.1": {"$exists": True}}},
            ]
        )
        scans = [scan_id async for group in grouped for scan_id in group["scans"]]
        if scans:
            _log.warning("codes admitted at two lanes", extra={FIELDS: {"scans": len(scans)}})
            await collection.update_many(
                {"_id": {"$in": scans}}, {"$addToSet": {"flags": ScanFlag.TWO_GATES}}
            )


def _read(row: Any) -> ScanRecord | ScanReceipt:
    try:
        return ScanRecord.of_wire(row)
    except InvalidScan as error:
        return ScanReceipt(_legible_id(row), ReceiptOutcome.REJECTED, f"invalid_{error.field}")


def _legible_id(row: Any) -> str:
    claimed = row.get("scan_id") if isinstance(row, Mapping) else None
    return claimed if isinstance(claimed, str) and _SCAN_ID.fullmatch(claimed) else NO_SCAN_ID


def _document(
    scan: ScanRecord, terminal: TerminalFacts, venue: VenueFacts, holders: Holders, now: datetime
) -> dict[str, Any]:
    scanned_at = datetime.fromtimestamp(scan.scanned_at / 1000, UTC)
    lane_name = venue.lanes.get(scan.lane)
    digest = bytes.fromhex(scan.card_digest) if scan.card_digest else None
    names = (digest, scan.card_index)
    holder = next((holders[name] for name in names if name is not None and name in holders), None)
    flags = time_flags(scanned_at, now)
    if lane_name is None:
        flags.append(ScanFlag.LANE_UNKNOWN)
    if holder is None and names != (None, None):
        flags.append(ScanFlag.CARD_UNKNOWN)
    visited = holder is not None and is_visit(scan)
    fields = {
        "_id": scan.scan_id,
        "terminal_id": terminal.terminal_id,
        "venue_number": venue.number,
        "venue_name": _words(venue.name),
        "lane": scan.lane,
        "lane_name": _words(lane_name or LocalizedText(f"{scan.lane}号通道", f"Lane {scan.lane}")),
        "scanned_at": scanned_at,
        "received_at": now,
        "medium": scan.medium,
        "verdict": scan.verdict,
        "reason": scan.reason,
        "region": scan.region,
        "card_index": scan.card_index,
        "device_serial": scan.device_serial,
        "counter": scan.counter,
        "card_digest": digest,
        "detail": dict(scan.detail),
        "card_id": holder.card_id if holder else None,
        "visitor": holder.resident_id if holder and visited else None,
        "code_use": code_use(scan),
        "flags": flags,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _receipt(scan_id: str, repeated: bool, foreign: bool) -> ScanReceipt:
    if foreign:
        return ScanReceipt(scan_id, ReceiptOutcome.REJECTED, SCAN_ID_TAKEN)
    outcome = ReceiptOutcome.DUPLICATE if repeated else ReceiptOutcome.RECORDED
    return ScanReceipt(scan_id, outcome)


def _words(text: LocalizedText) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
