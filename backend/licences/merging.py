"""What licences say against two records becoming one: an open request is one record's."""

from backend.foundation.refusals import refusal
from backend.licences.documents import LicenceRequest
from backend.licences.rules import RequestState
from backend.residents.merge_obstacles import LeftBehind
from shared.clock import Clock

LICENCE_REQUEST_OPEN = refusal(
    "merge_licence_request",
    (
        "要并入的记录名下有未结束的证照调取申请。",
        "The record to be merged has a request for licences that is not over.",
    ),
    ("申请几分钟后结束，请稍后再合并。", "It ends within minutes; merge them then."),
)


def no_licence_requests(clock: Clock) -> LeftBehind:
    """Return what lets no merge leave behind what a desk waits for."""
    open_still = [RequestState.ASKED.value, RequestState.GRANTED.value]
    return LeftBehind(
        LicenceRequest.get_pymongo_collection,
        lambda merged, now: {
            "resident_id": merged,
            "state": {"$in": open_still},
            "until": {"$gt": now},
        },
        LICENCE_REQUEST_OPEN,
        clock,
    )
