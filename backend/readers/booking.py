"""Booking uploaded scans: each once, whatever is repeated, comes late or stands next to a bad one.

A batch costs the same handful of round trips whether it has one scan or five hundred.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from backend.cards.service import CardHolder, Cards
from backend.foundation.mongo import BulkWriteError
from backend.foundation.refusals import Refusal
from backend.mandates.representing import ShownBy, who_showed
from backend.readers.conflicts import ConflictFinder
from backend.readers.documents import Scan
from backend.readers.rules import (
    SCAN_ID_TAKEN,
    VENUE_UNKNOWN,
    ScanFlag,
    code_use,
    is_told,
    is_visit,
    lane_without_name,
    time_flags,
)
from backend.readers.service import TerminalFacts
from backend.readers.settling import Settling, tied
from backend.venues.service import VenueFacts, Venues
from shared.ecode.representation import FIRST_SERIAL
from shared.localized_text import LocalizedText
from shared.wire.scans import Direction, InvalidScan, ReceiptOutcome, ScanReceipt, ScanRecord

NO_SCAN_ID = "0" * 32
"""Stands in the receipt of a row whose own id cannot be read; receipts keep the rows' order."""
_DUPLICATE_KEY = 11000
_SCAN_ID = re.compile(r"[0-9a-f]{32}")
Holders = Mapping[int | bytes, CardHolder]
Row = Mapping[str, Any]


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

    def __init__(
        self, cards: Cards, venues: Venues, settling: Settling, conflicts: ConflictFinder
    ) -> None:
        self._cards = cards
        self._venues = venues
        self._settling = settling
        self._conflicts = conflicts

    async def book(
        self, terminal: TerminalFacts, rows: Sequence[Any], now: datetime
    ) -> list[ScanReceipt] | Refusal:
        """Book the rows of one upload and return a receipt for each, in their order.

        Whether a scan is booked already is asked first of all: a batch that comes again changes
        nothing, whatever has become of its cards and bookings since.
        """
        read = [_read(row) for row in rows]
        scans = [scan for scan in read if isinstance(scan, ScanRecord)]
        venue, known = await asyncio.gather(
            self._venues.facts(terminal.venue_number), _known([scan.scan_id for scan in scans])
        )
        if venue is None:
            return VENUE_UNKNOWN
        new = list({scan.scan_id: scan for scan in scans if scan.scan_id not in known}.values())
        holders, shown_by = await asyncio.gather(self._holders(new), _shown_by(new))
        documents: Sequence[Row] = [
            scan_document(scan, terminal, venue, holders, now, shown_by.get(_code_of(scan)))
            for scan in new
        ]
        documents, taken = await self._insert(documents)
        known |= taken
        await self._follow(scans, documents, known)
        await self._conflicts.look_at_passages(venue, documents)
        repeated = set[str]()
        return [
            scan if isinstance(scan, ScanReceipt) else _receipt(scan, venue, known, repeated)
            for scan in read
        ]

    async def _follow(
        self,
        scans: Sequence[ScanRecord],
        documents: Sequence[Row],
        known: Mapping[str, Row],
    ) -> None:
        """Do what follows from new scans, and from known ones as far as it was left undone."""
        due = {document["_id"] for document in documents if "due" in document}
        due |= {scan_id for scan_id, scan in known.items() if "due" in scan}
        through = [document["_id"] for document in documents if document["persons"]]
        await self._settling.settle(due.union(await tied(through)))
        await self._conflicts.look_at_codes([use for scan in scans if (use := code_use(scan))])

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

    async def _insert(self, documents: Sequence[Row]) -> tuple[Sequence[Row], dict[str, Row]]:
        """Insert scans, at once with what they are counted on where that is ordinary.

        Returns:
            They as they are stored, and those among them that somebody else had inserted by then.
        """
        booked = None
        if any("counted_on" in document for document in documents):
            booked = await self._settling.book(documents)
        if booked is not None:
            return booked, {}
        return documents, await _inserted_each(documents)


async def _inserted_each(documents: Sequence[Row]) -> dict[str, Row]:
    """Insert scans; return those among them that somebody else had inserted by then."""
    if not documents:
        return {}
    try:
        await Scan.get_pymongo_collection().insert_many(documents, ordered=False)
    except BulkWriteError as error:
        failures = (error.details or {}).get("writeErrors", [])
        if any(failure["code"] != _DUPLICATE_KEY for failure in failures):
            raise
        return await _known([documents[failure["index"]]["_id"] for failure in failures])
    return {}


async def _shown_by(scans: Sequence[ScanRecord]) -> Mapping[Any, ShownBy]:
    """Return whose phones showed codes for another; most uploads have none and ask nobody."""
    codes = [_code_of(scan) for scan in scans if (scan.device_serial or 0) >= FIRST_SERIAL]
    return await who_showed([(index, serial) for index, serial in codes if index is not None])


def _code_of(scan: ScanRecord) -> tuple[int | None, int]:
    return scan.card_index, scan.device_serial or 0


async def _known(scan_ids: Sequence[str]) -> dict[str, Row]:
    if not scan_ids:
        return {}
    found = Scan.get_pymongo_collection().find(
        {"_id": {"$in": list(scan_ids)}},
        {"venue_number": 1, "due": 1},
        batch_size=len(scan_ids) + 1,
    )
    return {scan["_id"]: scan async for scan in found}


def _read(row: Any) -> ScanRecord | ScanReceipt:
    try:
        return ScanRecord.of_wire(row)
    except InvalidScan as error:
        return ScanReceipt(_legible_id(row), ReceiptOutcome.REJECTED, f"invalid_{error.field}")


def _legible_id(row: Any) -> str:
    claimed = row.get("scan_id") if isinstance(row, Mapping) else None
    return claimed if isinstance(claimed, str) and _SCAN_ID.fullmatch(claimed) else NO_SCAN_ID


def scan_document(
    scan: ScanRecord,
    terminal: TerminalFacts,
    venue: VenueFacts,
    holders: Holders,
    now: datetime,
    shown_by: ShownBy | None = None,
) -> dict[str, Any]:
    """Return a scan as it is stored: what the record says, whose card it was, and what is odd.

    `shown_by`: whose phone showed the code for its holder 代办出示, where it was another's.
    """
    scanned_at = datetime.fromtimestamp(scan.scanned_at / 1000, UTC)
    digest = bytes.fromhex(scan.card_digest) if scan.card_digest else None
    names = (digest, scan.card_index)
    holder = next((holders[name] for name in names if name is not None and name in holders), None)
    flags = [*time_flags(scanned_at, now), *_flags(scan, scanned_at, venue, holder)]
    lane_name, persons = venue.lanes.get(scan.lane), scan.persons
    visited = holder is not None and is_visit(scan)
    fields = {
        "_id": scan.scan_id,
        "terminal_id": terminal.terminal_id,
        "venue_number": venue.number,
        "venue_name": _words(venue.name),
        "lane": scan.lane,
        "lane_name": _words(lane_name or lane_without_name(scan.lane)),
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
        "visitor": holder.resident_id if holder and is_told(scan) else None,
        "mandate": shown_by.mandate if shown_by and visited else None,
        "shown_by": shown_by.delegate if shown_by and visited else None,
        "code_use": code_use(scan),
        "flags": flags,
        **_passage(scan, persons),
    }
    told = shown_by is not None and visited
    follows = scan.annuls or (persons and scan.counted_on) or ScanFlag.CARD_STOPPED in flags or told
    fields["due"] = True if follows else None
    return {name: value for name, value in fields.items() if value is not None}


def _passage(scan: ScanRecord, persons: int) -> dict[str, Any]:
    """Return what went through the gate, and on what."""
    goes_in = scan.direction is Direction.IN
    override = scan.override
    return {
        "direction": scan.direction,
        "party": scan.party,
        "persons": persons,
        "entered": persons if persons and goes_in else None,
        "left": persons if persons and not goes_in else None,
        "counted_on": list(scan.counted_on) or None,
        "annuls": scan.annuls,
        "override_reason": override.reason if override else None,
        "override_staff": [override.staff, override.second_staff] if override else None,
    }


def _flags(
    scan: ScanRecord, scanned_at: datetime, venue: VenueFacts, holder: CardHolder | None
) -> Iterator[ScanFlag]:
    if scan.lane not in venue.lanes:
        yield ScanFlag.LANE_UNKNOWN
    if holder is None and (scan.card_digest, scan.card_index) != (None, None):
        yield ScanFlag.CARD_UNKNOWN
    if scan.override is not None:
        yield ScanFlag.OVERRIDE
    enters = scan.persons > 0 and scan.direction is Direction.IN
    if enters and holder and holder.stopped_at is not None and holder.stopped_at <= scanned_at:
        yield ScanFlag.CARD_STOPPED


def _receipt(
    scan: ScanRecord, venue: VenueFacts, known: Mapping[str, Row], repeated: set[str]
) -> ScanReceipt:
    """Return a scan's receipt; `repeated` are those that stood in the same upload before it."""
    before = known.get(scan.scan_id)
    if before is not None and before["venue_number"] != venue.number:
        return ScanReceipt(scan.scan_id, ReceiptOutcome.REJECTED, SCAN_ID_TAKEN)
    duplicate = before is not None or scan.scan_id in repeated
    repeated.add(scan.scan_id)
    outcome = ReceiptOutcome.DUPLICATE if duplicate else ReceiptOutcome.RECORDED
    return ScanReceipt(scan.scan_id, outcome)


def _words(text: LocalizedText) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
