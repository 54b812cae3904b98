"""Subsidies: the cards, one that arrived, one that did not, none, and without a network."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from mobile.core.subsidy import LatestSubsidy, SubsidiesSeen, Subsidy, SubsidyState
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from shared.localized_text import LocalizedText

_OFFICE = LocalizedText("市民政局", "Civil Affairs Bureau")
_AGE = LocalizedText("高龄津贴", "Old age allowance")
_TRAINING = LocalizedText("职业培训补贴", "Vocational training subsidy")
_THIRD = LocalizedText("2026年第3季度", "Q3 2026")
PAID = Subsidy(
    identifier="sub_paid",
    latest=LatestSubsidy(_AGE, _THIRD, 30_000, SubsidyState.PAID),
    payer=_OFFICE,
    bank=LocalizedText("赣州银行", "Bank of Ganzhou"),
    tail="5341",
    changed_at=NOW - timedelta(days=20),
    reason=None,
    what_to_do=None,
    correct_account=False,
)
FAILED = replace(
    PAID,
    identifier="sub_failed",
    latest=LatestSubsidy(
        _TRAINING, LocalizedText("2026年9月", "September 2026"), 90_000, SubsidyState.FAILED
    ),
    reason=LocalizedText("账户已销户或停用", "The account is closed or stopped"),
    what_to_do=LocalizedText(
        "请在“我的”里更正收款账户，再联系发放部门补发",
        'Correct your payout account under "Me", then ask the department to pay again',
    ),
    correct_account=True,
)
_NEXT = replace(
    PAID,
    identifier="sub_next",
    latest=LatestSubsidy(
        _AGE, LocalizedText("2026年第4季度", "Q4 2026"), 30_000, SubsidyState.APPROVED
    ),
)
SUBSIDIES = SubsidiesSeen((_NEXT, FAILED, PAID), "cursor", NOW)


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    yield "subsidies", _show(stage)
    yield "subsidies-paid", _show(stage, PAID.identifier)
    yield "subsidies-failed", _show(stage, FAILED.identifier)
    yield "subsidies-none", _show(stage, seen=SubsidiesSeen((), "", NOW))
    yield "subsidies-unread", _show(stage, seen=None, trouble=UNREACHABLE)
    old = replace(SUBSIDIES, seen_at=NOW - timedelta(days=2))
    yield "subsidies-offline", _show(stage, seen=old, trouble=UNREACHABLE)
    yield "subsidies-wallet", _wallet(stage)
    yield "subsidies-home", _home(stage)


def _show(
    stage: Stage,
    opened: str = "",
    *,
    seen: SubsidiesSeen | None = SUBSIDIES,
    trouble: Trouble | None = None,
) -> Callable[[], None]:
    def show() -> None:
        model = stage.models.subsidies
        stage.show(stage.wallet, "wallet")
        model._subsidies._own = seen
        stage.models.place.go("subsidies")
        model._opened, model._trouble = opened, trouble
        model.tick()

    return show


def _wallet(stage: Stage) -> Callable[[], None]:
    def show() -> None:
        stage.show(stage.wallet, "wallet")
        model = stage.models.wallet
        model._passes._own = model._vouchers._own = model._bookings._own = None
        model._library._own = model._stored._own = None
        model._subsidies._own = SUBSIDIES
        model.tick()

    return show


def _home(stage: Stage) -> Callable[[], None]:
    def show() -> None:
        stage.models.subsidies._subsidies._own = None  # it is in no other scene of the wallet
        stage.show(replace(stage.wallet, subsidy=FAILED.latest), "code")
        stage.models.place.go(stage.models.place.start)
        stage.models.code.tick()

    return show
