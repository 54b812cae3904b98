"""What a venue's staff ask about conflicts of scans, and their word that they looked at one."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.foundation.answers import LocalizedTextAnswer, OperationRefused, RefusalAnswer
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.readers.conflict_report import ConflictFacts, ConflictReport, ConflictRow
from backend.readers.conflict_rules import ConflictKind, ConflictState

strawberry.enum(ConflictKind, name="ScanConflictKind")
strawberry.enum(ConflictState, name="ScanConflictState")


@strawberry.type(name="ScanConflictEntry", description="An entry and the gate that let it in.")
class ConflictEntryAnswer:
    """One entry; `at` is by its reader's clock, `flags` say what is odd of it."""

    scan: strawberry.ID
    venue: int
    venue_name: LocalizedTextAnswer
    lane: int
    lane_name: LocalizedTextAnswer
    terminal: str
    at: datetime
    persons: int
    flags: list[str]


@strawberry.type(name="ScanConflict", description="Entries that do not go together.")
class ConflictAnswer:
    """A conflict; its entries stand in the order in which they happened."""

    id: strawberry.ID
    kind: ConflictKind
    state: ConflictState
    at: datetime
    entries: list[ConflictEntryAnswer]
    acknowledged_at: datetime | None
    note: str | None


@strawberry.type(name="ScanConflictConnection")
class ConflictConnection:
    """A page of conflicts, those with the latest entry first."""

    nodes: list[ConflictAnswer]
    page_info: PageInfo


@strawberry.type(name="ScanConflictAcknowledged")
class ConflictAcknowledged:
    """A conflict that was looked at."""

    conflict: ConflictAnswer


@strawberry.input(name="AcknowledgeScanConflictInput")
class AcknowledgeConflictInput:
    """Which conflict was looked at, at whose gate, and what came of it."""

    idempotency_key: str
    venue: int
    id: strawberry.ID
    note: str


ConflictResult = Annotated[
    ConflictAcknowledged | RefusalAnswer, strawberry.union("ScanConflictResult")
]


@strawberry.type
class ScanConflictQueries:
    """Questions about conflicts, for the staff of the venue and system administrators."""

    @strawberry.field
    async def scan_conflicts(
        self,
        info: OperationInfo,
        venue: int,
        first: int = 20,
        after: str | None = None,
        state: ConflictState | None = None,
    ) -> ConflictConnection:
        """Answer with a page of the conflicts that gates of a venue are in."""
        position = position_of(first, after)
        report, caller = info.context.services[ConflictReport], info.context.caller
        page = await report.page(caller, venue, first, position, state)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        return ConflictConnection(
            nodes=[_answer(conflict) for conflict in page.rows], page_info=PageInfo.of(page)
        )


@strawberry.type
class ScanConflictMutations:
    """What staff do with conflicts."""

    @strawberry.mutation
    async def acknowledge_scan_conflict(
        self,
        info: OperationInfo,
        input: AcknowledgeConflictInput,  # noqa: A002 - GraphQL's usual name
    ) -> ConflictResult:
        """Note that a conflict was looked at; it opens again when another entry joins it."""
        done = await info.context.services[ConflictReport].acknowledge(
            info.context.caller, input.idempotency_key, input.venue, input.id, input.note
        )
        if isinstance(done, Refusal):
            return RefusalAnswer.of(done)
        return ConflictAcknowledged(conflict=_answer(done))


def _answer(conflict: ConflictFacts) -> ConflictAnswer:
    return ConflictAnswer(
        id=strawberry.ID(conflict.conflict_id),
        kind=conflict.kind,
        state=conflict.state,
        at=conflict.at,
        entries=[_entry(row) for row in conflict.rows],
        acknowledged_at=conflict.acknowledged_at,
        note=conflict.note,
    )


def _entry(row: ConflictRow) -> ConflictEntryAnswer:
    return ConflictEntryAnswer(
        scan=strawberry.ID(row.scan_id),
        venue=row.venue,
        venue_name=LocalizedTextAnswer.of(row.venue_name),
        lane=row.lane,
        lane_name=LocalizedTextAnswer.of(row.lane_name),
        terminal=row.terminal,
        at=row.at,
        persons=row.persons,
        flags=list(row.flags),
    )
