"""The visits of one resident, newest first, a page at a time in one read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.foundation.mongo import Session
from backend.foundation.pages import Page, Position, cut_page
from backend.readers.attendance_rules import LONGEST_SHIFT, Passage
from backend.readers.documents import Scan
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.ecode.reasons import Reason, explain
from shared.identifiers import is_identifier
from shared.localized_text import LocalizedText

_FIELDS = {
    "scanned_at": 1,
    "venue_name": 1,
    "lane_name": 1,
    "medium": 1,
    "verdict": 1,
    "reason": 1,
    "detail": 1,
}

_ENTRY_FIELDS = {"venue_number": 1, "venue_name": 1, "scanned_at": 1}


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """One visit as its resident sees it; `reason` is there where it was no plain admission."""

    scan_id: str
    at: datetime
    venue_name: LocalizedText
    lane_name: LocalizedText
    medium: Medium
    verdict: Verdict
    reason: LocalizedText | None

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.at, self.scan_id)


MOST_PASSAGES = 2_000
"""Of one person at one venue in a month; also of one person's entries anywhere in it."""


@dataclass(frozen=True, slots=True)
class AttendanceVenue:
    """A building that somebody came into in a month, and the last time that they did."""

    venue: int
    venue_name: LocalizedText
    last_in: datetime
    scan_id: str

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.last_in, self.scan_id)


@dataclass(frozen=True, slots=True)
class EnteredVisit:
    """A visit of one's own that went in."""

    scan_id: str
    venue: int
    venue_name: LocalizedText
    at: datetime


class Visits:
    """Reads visits."""

    async def passages(
        self, resident_id: str, venue: int, since: datetime, until: datetime
    ) -> list[Passage]:
        """Return who came in between two instants, and left then or soon after."""
        found = (
            Scan.get_pymongo_collection()
            .find(
                {
                    "visitor": resident_id,
                    "scanned_at": {"$gte": since, "$lt": until + LONGEST_SHIFT},
                    "venue_number": venue,
                    "$or": [{"entered": {"$gt": 0}}, {"left": {"$gt": 0}}],
                },
                {"scanned_at": 1, "left": 1},
            )
            .sort([("scanned_at", 1), ("_id", 1)])
            .limit(MOST_PASSAGES)
        )
        told = [Passage(row["scanned_at"], out=bool(row.get("left"))) async for row in found]
        return [one for one in told if one.out or one.at < until]

    async def attendance_venues(
        self,
        resident_id: str,
        span: tuple[datetime, datetime],
        first: int,
        after: Position | None,
    ) -> Page[AttendanceVenue]:
        """Return whose doors somebody went in by between two instants, the latest first."""
        since, until = span
        entered: dict[str, Any] = {
            "visitor": resident_id,
            "scanned_at": {"$gte": since, "$lt": until},
            "entered": {"$gt": 0},
        }
        last = {name: {"$first": f"${name}"} for name in ("venue_name", "scanned_at")}
        stages: list[dict[str, Any]] = [
            {"$match": entered},
            {"$sort": {"scanned_at": -1, "_id": -1}},
            {"$limit": MOST_PASSAGES},
            {"$group": {"_id": "$venue_number", "scan": {"$first": "$_id"}, **last}},
            {"$match": {} if after is None else _before(after)},
            {"$sort": {"scanned_at": -1, "scan": -1}},
            {"$limit": first + 1},
        ]
        found = await Scan.get_pymongo_collection().aggregate(stages)
        return cut_page([_attendance_venue(row) async for row in found], first)

    async def page(self, resident_id: str, first: int, after: Position | None) -> Page[VisitFacts]:
        """Return up to `first` visits that follow `after`."""
        wanted: dict[str, Any] = {"visitor": resident_id, "verdict": {"$ne": Verdict.AGAIN}}
        if after is not None:
            wanted["scanned_at"] = {"$lte": after.at}
            wanted["$or"] = [
                {"scanned_at": {"$lt": after.at}},
                {"_id": {"$lt": after.row_id}},
            ]
        found = (
            Scan.get_pymongo_collection()
            .find(wanted, _FIELDS)
            .sort([("scanned_at", -1), ("_id", -1)])
            .limit(first + 1)
        )
        return cut_page([_visit(scan) async for scan in found], first)

    async def venues_since(
        self, resident_id: str, since: datetime, most: int
    ) -> list[tuple[int, datetime]]:
        """Return where somebody came in since then and when, the newest first, `most` at most."""
        found = (
            Scan.get_pymongo_collection()
            .find(
                {"visitor": resident_id, "scanned_at": {"$gte": since}, "entered": {"$gt": 0}},
                {"venue_number": 1, "scanned_at": 1},
            )
            .sort([("scanned_at", -1), ("_id", -1)])
            .limit(most)
        )
        return [(scan["venue_number"], scan["scanned_at"]) async for scan in found]

    async def entered_since(
        self, people: Sequence[str], since: datetime, most: int
    ) -> list[EnteredVisit]:
        """Return visits of a person, by any of their records, that went in, the latest first."""
        found = (
            Scan.get_pymongo_collection()
            .find(_own_entry(people, {"scanned_at": {"$gte": since}}), _ENTRY_FIELDS)
            .sort([("scanned_at", -1), ("_id", -1)])
            .limit(most)
        )
        return [_entered(scan) async for scan in found]

    async def entered(
        self, scan_id: str, people: Sequence[str], session: Session
    ) -> EnteredVisit | None:
        """Return one of them."""
        if not is_identifier(scan_id):
            return None
        scan = await Scan.get_pymongo_collection().find_one(
            _own_entry(people, {"_id": scan_id}), _ENTRY_FIELDS, session=session
        )
        return None if scan is None else _entered(scan)


def _own_entry(people: Sequence[str], which: Mapping[str, Any]) -> dict[str, Any]:
    """Match what somebody showed themselves: a delegate may have come without them."""
    own = {"visitor": {"$in": list(people)}, "shown_by": {"$exists": False}}
    return {**which, **own, "entered": {"$gt": 0}}


def _before(position: Position) -> dict[str, Any]:
    """Match the buildings whose last entry follows a place in their list."""
    same = {"scanned_at": position.at, "scan": {"$lt": position.row_id}}
    return {"$or": [{"scanned_at": {"$lt": position.at}}, same]}


def _attendance_venue(row: Mapping[str, Any]) -> AttendanceVenue:
    name = LocalizedText(**row["venue_name"])
    return AttendanceVenue(row["_id"], name, row["scanned_at"], row["scan"])


def _entered(scan: Mapping[str, Any]) -> EnteredVisit:
    name = LocalizedText(**scan["venue_name"])
    return EnteredVisit(scan["_id"], scan["venue_number"], name, scan["scanned_at"])


def _visit(scan: Mapping[str, Any]) -> VisitFacts:
    reason = scan.get("reason")
    return VisitFacts(
        scan_id=scan["_id"],
        at=scan["scanned_at"],
        venue_name=LocalizedText(**scan["venue_name"]),
        lane_name=LocalizedText(**scan["lane_name"]),
        medium=Medium(scan["medium"]),
        verdict=Verdict(scan["verdict"]),
        reason=explain(Reason(reason), scan["detail"]).resident if reason else None,
    )
