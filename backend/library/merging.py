"""What the library says against two records becoming one: a reader's account is one record's."""

from backend.foundation.refusals import refusal
from backend.library.documents import LibraryPatron
from backend.residents.merge_obstacles import LeftBehind
from backend.residents.merging import MergeObstacle
from shared.clock import Clock

_COUNTED = ("open_loans", "open_holds", "owed_fen", "deposit_fen")
LIBRARY_OPEN = refusal(
    "merge_library_open",
    (
        "要并入的记录在图书馆还有借阅、预约、欠款或押金。",
        "The record to be merged has loans, holds, fines or a deposit at the library.",
    ),
    ("请在图书馆办结后再合并。", "Have them settled at the library first."),
)


def nothing_at_the_library(clock: Clock) -> MergeObstacle:
    """Return what lets no merge leave a loan, a hold, a fine or a deposit behind."""
    return LeftBehind(
        LibraryPatron.get_pymongo_collection,
        lambda merged, _: {
            "resident_id": merged,
            "$or": [{name: {"$gt": 0}} for name in _COUNTED],
        },
        LIBRARY_OPEN,
        clock,
    )
