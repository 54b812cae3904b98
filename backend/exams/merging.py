"""What examinations say against two records becoming one: what is ahead is one record's."""

from backend.exams.documents import ExamRegistration, ExamSeat
from backend.exams.registration_rules import RegistrationState
from backend.exams.rules import LONGEST
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
REGISTERED_AHEAD = refusal(
    "merge_exam_registration",
    (
        "要并入的记录名下有未考的考试报名。",
        "The record to be merged is registered for an examination ahead.",
    ),
    ("请先退出报名，或在考试结束后再合并。", "Withdraw it first, or merge when it is over."),
)


def no_exams_ahead(clock: Clock) -> tuple[MergeObstacle, ...]:
    """Return what lets no merge leave behind what is still to be sat."""
    seats = LeftBehind(
        ExamSeat.get_pymongo_collection,
        # After its start, too, whoever comes late is let in for a while, and is noted to be in.
        lambda merged, now: {
            "resident_id": merged,
            "starts_at": {"$gt": now - LONGEST},
            "ends_at": {"$gt": now},
        },
        SEAT_AHEAD,
        clock,
    )
    registrations = LeftBehind(
        ExamRegistration.get_pymongo_collection,
        lambda merged, now: {
            "resident_id": merged,
            "starts_at": {"$gte": now},
            "state": RegistrationState.REGISTERED.value,
        },
        REGISTERED_AHEAD,
        clock,
    )
    return seats, registrations
