"""What mandates say against two records becoming one: each names the records of both sides."""

from collections.abc import Sequence

from backend.foundation.refusals import refusal
from backend.mandates.documents import Mandate
from backend.mandates.rules import MandateState
from backend.residents.merge_obstacles import LeftBehind
from backend.residents.merging import MergeObstacle
from shared.clock import Clock

MANDATES_STAND = refusal(
    "merge_mandates_stand",
    (
        "要并入的记录还有生效或待确认的代办关系。",
        "The record to be merged is a side of mandates that stand or wait.",
    ),
    (
        "请先终止，合并后由本人重新办理。",
        "End them first; the person gives them again afterwards.",
    ),
)


def no_mandates(clock: Clock) -> Sequence[MergeObstacle]:
    """Return what lets no merge leave a mandate behind, on either side."""
    rows = Mandate.get_pymongo_collection
    stands = {"$ne": MandateState.ENDED.value}
    return (
        LeftBehind(
            rows, lambda merged, _: {"principal": merged, "state": stands}, MANDATES_STAND, clock
        ),
        LeftBehind(
            rows, lambda merged, _: {"delegate": merged, "state": stands}, MANDATES_STAND, clock
        ),
    )
