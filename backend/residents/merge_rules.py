"""When two records of one person 人员基础库 may become one, and be two again: pure (S115).

A merge changes no value: the merged record points to the one that is kept, and everything that
names it follows by that reference. Taking the pointer away is the whole way back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backend.foundation.refusals import Refusal, refusal


class MergeState(StrEnum):
    """Where a merge stands."""

    PROPOSED = "PROPOSED"  # waits for a second officer 双人复核
    DECLINED = "DECLINED"
    MERGED = "MERGED"
    UNMERGE_PROPOSED = "UNMERGE_PROPOSED"
    UNMERGED = "UNMERGED"


class MergeEvent(StrEnum):
    """What can happen to a merge."""

    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"
    PROPOSE_UNMERGE = "PROPOSE_UNMERGE"


WAITING = (MergeState.PROPOSED, MergeState.UNMERGE_PROPOSED)
"""A merge that a second officer has to look at."""
UNDER_WAY = (*WAITING, MergeState.MERGED)
"""A merge that stands or may come to: at most one of a merged record."""

SAME_RECORD = refusal(
    "merge_same_record",
    ("两条记录是同一条。", "Both are one record."),
    ("请选择另一条记录。", "Choose another record."),
)
RECORD_CLOSED = refusal(
    "merge_record_closed",
    ("其中一条记录已注销。", "One of the records is closed."),
    ("已注销的记录不能合并。", "A closed record cannot be merged."),
)
STATUS_DIFFERS = refusal(
    "merge_status_differs",
    ("一条记录登记为死亡，另一条没有。", "One record says that the person died, the other not."),
    ("请先核实人口库登记。", "Have the population register's word cleared first."),
)
ALREADY_MERGED = refusal(
    "merge_record_merged",
    ("其中一条记录已经合并过。", "One of the records has been merged."),
    ("请先撤销原有合并。", "Undo that merge first."),
)
MERGE_RUNS = refusal(
    "merge_under_way",
    ("这条记录的合并正在办理中。", "A merge of this record is under way."),
    ("请等待复核。", "Wait for the second officer."),
)
MERGE_UNKNOWN = refusal(
    "merge_unknown",
    ("没有这项合并。", "There is no such merge."),
    ("请刷新列表。", "Load the list again."),
)
MERGE_DECIDED = refusal(
    "merge_decided",
    ("这项合并已有结论。", "This was decided already."),
    ("不需要再办。", "Nothing more is needed."),
)
NOT_MERGED = refusal(
    "merge_not_in_force",
    ("这项合并未生效。", "This merge is not in force."),
    ("只有已生效的合并才能撤销。", "Only one that is in force is undone."),
)
SAME_OFFICER = refusal(
    "merge_same_officer",
    ("复核人不能是提出人本人。", "Nobody decides what they proposed themselves."),
    ("请由另一位工作人员复核。", "Ask another officer."),
)
OWN_HOUSEHOLD = refusal(
    "own_household",
    ("不能办理本人或同户家庭成员的记录合并。", "Nobody merges their own or their family's record."),
    ("请由其他工作人员办理。", "Ask another officer."),
)

Outcome = MergeState | Refusal
TABLE: Mapping[MergeEvent, Mapping[MergeState, Outcome]] = {
    MergeEvent.ACCEPT: {
        MergeState.PROPOSED: MergeState.MERGED,
        MergeState.DECLINED: MERGE_DECIDED,
        MergeState.MERGED: MERGE_DECIDED,
        MergeState.UNMERGE_PROPOSED: MergeState.UNMERGED,
        MergeState.UNMERGED: MERGE_DECIDED,
    },
    MergeEvent.DECLINE: {
        MergeState.PROPOSED: MergeState.DECLINED,
        MergeState.DECLINED: MERGE_DECIDED,
        MergeState.MERGED: MERGE_DECIDED,
        MergeState.UNMERGE_PROPOSED: MergeState.MERGED,
        MergeState.UNMERGED: MERGE_DECIDED,
    },
    MergeEvent.PROPOSE_UNMERGE: {
        MergeState.PROPOSED: NOT_MERGED,
        MergeState.DECLINED: NOT_MERGED,
        MergeState.MERGED: MergeState.UNMERGE_PROPOSED,
        MergeState.UNMERGE_PROPOSED: MERGE_RUNS,
        MergeState.UNMERGED: NOT_MERGED,
    },
}
"""What follows, for every event and every state."""


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What of a record decides whether it may be merged.

    `merged`: it points to another one; `has_merged`: others point to it.
    """

    record_id: str
    closed: bool = False
    died: bool = False
    merged: bool = False
    has_merged: bool = False


def mergeable(kept: RecordFacts, merged: RecordFacts) -> Refusal | None:
    """Return why `merged` may not become a part of `kept`; several may, one after the other."""
    if kept.record_id == merged.record_id:
        return SAME_RECORD
    if kept.closed or merged.closed:
        return RECORD_CLOSED
    # A chain of pointers would have to be followed, and cut in its middle.
    if kept.merged or merged.merged or merged.has_merged:
        return ALREADY_MERGED
    return STATUS_DIFFERS if kept.died != merged.died else None


def decide(state: MergeState, event: MergeEvent, asked_by: str, by: str) -> Outcome:
    """Return the next state, or why not; `asked_by` proposed what `by` decides."""
    outcome = TABLE[event][state]
    decides = event in {MergeEvent.ACCEPT, MergeEvent.DECLINE}
    if isinstance(outcome, MergeState) and decides and asked_by == by:
        return SAME_OFFICER
    return outcome
