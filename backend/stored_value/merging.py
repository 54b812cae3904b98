"""What stored value says against two records becoming one: a balance is one record's."""

from backend.foundation.refusals import refusal
from backend.residents.merge_obstacles import LeftBehind
from backend.residents.merging import MergeObstacle
from backend.stored_value.documents import StoredValueAccount
from shared.clock import Clock

BALANCE_LEFT = refusal(
    "merge_stored_value",
    (
        "要并入的记录名下还有储值余额。",
        "The record to be merged has stored value that is not spent.",
    ),
    ("请由本人消费或退款后再合并。", "Have the person spend it or take it out first."),
)


def nothing_stored(clock: Clock) -> MergeObstacle:
    """Return what lets no merge leave a balance behind."""
    return LeftBehind(
        StoredValueAccount.get_pymongo_collection,
        lambda merged, now: {"resident_id": merged, "balance": {"$gt": 0}},  # noqa: ARG005
        BALANCE_LEFT,
        clock,
    )
