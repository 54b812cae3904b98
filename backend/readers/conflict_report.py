"""The conflict report as a venue's staff read it, and their word that they looked at a conflict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Actor, ActorKind, Deed, Organisation, System, reason_of
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may_at
from backend.foundation.refusals import Refusal
from backend.readers.conflict_rules import CONFLICT_UNKNOWN, ConflictKind, ConflictState
from backend.readers.documents import ScanConflict
from backend.readers.rules import STAFF_FORM, is_staff_number
from backend.readers.service import TerminalFacts
from shared.clock import Clock
from shared.identifiers import is_identifier
from shared.localized_text import LocalizedText

_LOOKED_AT = LocalizedText("处理了一条验票冲突", "Looked at a conflict of scans")
AT_GATES = 50
"""So many conflicts are told to a terminal; a venue with more asks over GraphQL."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One entry of a conflict and the gate that let it in; `flags` say what is odd of it."""

    scan_id: str
    venue: int
    venue_name: LocalizedText
    lane: int
    lane_name: LocalizedText
    terminal: str
    at: datetime
    persons: int
    flags: Sequence[str]


@dataclass(frozen=True, slots=True)
class ConflictFacts:
    """A conflict: its entries in the order in which they happened, and whether it was looked at."""

    conflict_id: str
    kind: ConflictKind
    state: ConflictState
    at: datetime
    rows: Sequence[ConflictRow]
    acknowledged_at: datetime | None
    note: str | None

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.at, self.conflict_id)


class ConflictReport:
    """Shows conflicts to staff."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def page(
        self,
        caller: Caller | None,
        venue: int,
        first: int,
        after: Position | None,
        state: ConflictState | None = None,
    ) -> Page[ConflictFacts] | Refusal:
        """Return a page of the conflicts that gates of `venue` are in, the latest entry first."""
        refused = may_at(caller, Act.SCAN_CONFLICTS, (venue,))
        return refused or await self._page(venue, first, after, state)

    async def of_gates(self, terminal: TerminalFacts) -> Sequence[ConflictFacts]:
        """Return the latest conflicts of a terminal's venue, for the staff who stand there."""
        page = await self._page(terminal.venue_number, AT_GATES, None, None)
        return page.rows

    async def _page(
        self, venue: int, first: int, after: Position | None, state: ConflictState | None
    ) -> Page[ConflictFacts]:
        wanted: dict[str, Any] = {"venues": venue}
        if state is not None:
            wanted["state"] = state.value
        if after is not None:
            wanted["at"] = {"$lte": after.at}
            wanted["$or"] = [{"at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        order = [("at", DESCENDING), ("_id", DESCENDING)]
        found = ScanConflict.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        return cut_page([_facts(row) async for row in found], first)

    async def acknowledge(
        self, caller: Caller | None, key: str, venue: int, conflict_id: str, note: str
    ) -> ConflictFacts | Refusal:
        """Note that somebody looked at a conflict as it is now, and what they found."""
        refused = may_at(caller, Act.SCAN_CONFLICTS, (venue,))
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        by = _Acknowledging(caller.actor, caller.thumbprint, caller.organisation, System.COUNTER)
        return await self._acknowledge(by, key, venue, conflict_id, note)

    async def acknowledge_at_gate(
        self, terminal: TerminalFacts, staff: str, key: str, conflict_id: str, note: str
    ) -> ConflictFacts | Refusal:
        """Note the same at a terminal, by its staff's number there."""
        if not is_staff_number(staff):
            return STAFF_FORM
        name = LocalizedText(f"{terminal.venue_number}号场馆", f"Venue {terminal.venue_number}")
        by = _Acknowledging(
            Actor(ActorKind.TERMINAL, f"{terminal.terminal_id}/{staff}"),
            terminal.terminal_id,
            Organisation(f"venue-{terminal.venue_number}", name),
            System.READER,
        )
        return await self._acknowledge(by, key, terminal.venue_number, conflict_id, note)

    async def _acknowledge(
        self, by: "_Acknowledging", key: str, venue: int, conflict_id: str, note: str
    ) -> ConflictFacts | Refusal:
        said = reason_of(note)
        if isinstance(said, Refusal):
            return said
        if not is_identifier(conflict_id):
            return CONFLICT_UNKNOWN
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            done = await ScanConflict.get_pymongo_collection().update_one(
                {"_id": conflict_id, "venues": venue},
                {
                    "$set": {
                        "state": ConflictState.ACKNOWLEDGED.value,
                        "acknowledged_by": by.actor.id,
                        "acknowledged_at": now,
                        "note": said,
                    }
                },
                session=session,
            )
            if not done.matched_count:
                return CONFLICT_UNKNOWN
            await audit.record(_deed(by, said, conflict_id, now), session)
            return {}

        answer = await self._once.perform(
            caller=by.name,
            key=key,
            request={"act": "scan conflict", "conflict": conflict_id, "note": said},
            now=now,
            act=act,
        )
        if isinstance(answer, Refusal):
            return answer
        row = await ScanConflict.get_pymongo_collection().find_one({"_id": conflict_id})
        return CONFLICT_UNKNOWN if row is None else _facts(row)


@dataclass(frozen=True, slots=True)
class _Acknowledging:
    """Who looked at a conflict: `name` is what their idempotency keys are kept under."""

    actor: Actor
    name: str
    organisation: Organisation
    system: System


def _deed(by: _Acknowledging, note: str, conflict_id: str, now: datetime) -> Deed:
    return Deed(
        at=now,
        actor=by.actor,
        action="readers.conflict_acknowledged",
        words=_LOOKED_AT,
        system=by.system,
        organisation=by.organisation,
        reason=note,
        origin=conflict_id,
    )


def _facts(row: Row) -> ConflictFacts:
    return ConflictFacts(
        conflict_id=row["_id"],
        kind=ConflictKind(row["kind"]),
        state=ConflictState(row["state"]),
        at=row["at"],
        rows=[
            ConflictRow(
                scan_id=one["scan_id"],
                venue=one["venue"],
                venue_name=LocalizedText(**one["venue_name"]),
                lane=one["lane"],
                lane_name=LocalizedText(**one["lane_name"]),
                terminal=one["terminal_id"],
                at=one["at"],
                persons=one["persons"],
                flags=one["flags"],
            )
            for one in row["rows"]
        ],
        acknowledged_at=row.get("acknowledged_at"),
        note=row.get("note"),
    )
