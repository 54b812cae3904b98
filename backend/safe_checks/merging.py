"""What safe checks say against two records becoming one: whose word is waited for is one record."""

from backend.foundation.refusals import refusal
from backend.residents.merge_obstacles import LeftBehind
from backend.safe_checks.documents import SafeCheck
from shared.clock import Clock

SAFE_CHECK_ON = refusal(
    "merge_safe_check",
    (
        "要并入的记录开启了每日报平安。",
        "Daily safe checks are on for the record to be merged.",
    ),
    (
        "请先关闭，合并后由本人重新设置。",
        "Have them switched off first; the person sets them again afterwards.",
    ),
)


def no_safe_check(clock: Clock) -> LeftBehind:
    """Return what lets no merge leave behind a word that nobody can give any more."""
    return LeftBehind(
        SafeCheck.get_pymongo_collection,
        lambda merged, _: {"_id": merged},
        SAFE_CHECK_ON,
        clock,
    )
