"""What passes and vouchers say against two records becoming one: each is one record's."""

from collections.abc import Sequence

from backend.foundation.refusals import refusal
from backend.passes.documents import StoredPass, TrainingVoucher
from backend.passes.rules import PassState
from backend.passes.voucher_rules import VoucherState
from backend.residents.merge_obstacles import LeftBehind
from backend.residents.merging import MergeObstacle
from shared.clock import Clock
from shared.identity.age import local_day

_IN_USE = sorted((VoucherState.ISSUED, VoucherState.RESERVED, VoucherState.CONFIRMED))
PASSES_VALID = refusal(
    "merge_passes_valid",
    (
        "要并入的记录名下还有未用完的票卡。",
        "The record to be merged has passes that are not used up.",
    ),
    ("请由本人使用、转赠或退票后再合并。", "Have the person use, give away or return them first."),
)
VOUCHERS_OPEN = refusal(
    "merge_vouchers_open",
    (
        "要并入的记录名下还有未结算的培训券。",
        "The record to be merged has training vouchers that are not settled.",
    ),
    ("请结算或撤销后再合并。", "Have them settled or revoked first."),
)


def nothing_to_use(clock: Clock) -> Sequence[MergeObstacle]:
    """Return what lets no merge leave a pass or a voucher behind that can still be used."""
    return (
        LeftBehind(
            StoredPass.get_pymongo_collection,
            lambda merged, now: {
                "resident_id": merged,
                "state": PassState.ACTIVE.value,
                "last": {"$gte": local_day(now).isoformat()},
                # Without a limit nothing is stored of what is left.
                "$or": [{"left": None}, {"left": {"$gt": 0}}],
            },
            PASSES_VALID,
            clock,
        ),
        LeftBehind(
            TrainingVoucher.get_pymongo_collection,
            lambda merged, now: {
                "resident_id": merged,
                "state": {"$in": _IN_USE},
                "$or": [
                    {"last": {"$gte": local_day(now).isoformat()}},
                    {"state": {"$ne": VoucherState.ISSUED.value}},
                ],
            },
            VOUCHERS_OPEN,
            clock,
        ),
    )
