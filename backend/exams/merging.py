"""What examinations say against two records becoming one: a seat is one record's."""

from backend.exams.documents import ExamSeat
from backend.foundation.refusals import refusal
from backend.residents.merge_obstacles import LeftBehind
from backend.residents.merging import MergeObstacle
from shared.clock import Clock

SEAT_AHEAD = refusal(
    "merge_exam_seat",
    (
        "要并入的记录名下还有未结束的考试座位。",
        "The record to be merged has a seat in an examination that is not over.",
    ),
    ("请在考试结束后再合并。", "Merge them when it is over."),
)


def no_exams_ahead(clock: Clock) -> MergeObstacle:
    """Return what lets no merge leave a seat behind that is still to be taken."""
    return LeftBehind(
        ExamSeat.get_pymongo_collection,
        # From its start on it is used or lost.
        lambda merged, now: {"resident_id": merged, "starts_at": {"$gte": now}},
        SEAT_AHEAD,
        clock,
    )
