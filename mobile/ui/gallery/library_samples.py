"""Made-up loans, holds and fees."""

from dataclasses import replace
from datetime import date, timedelta

from mobile.core.library import Fine, Hold, HoldState, Loan, ShelfSeen
from mobile.core.pending import PendingAct
from mobile.core.trouble import Trouble
from mobile.ui.gallery.booking_samples import LIBRARY
from mobile.ui.gallery.samples import NOW
from shared.localized_text import LocalizedText

_COUNTY = LocalizedText("于都县图书馆", "Yudu County Library")
SOON = Loan("soon", "赣南客家围屋", "GZ", date(2026, 11, 24), 0)
LATER = Loan("later", "红楼梦", "YD", date(2026, 12, 19), 0)
RENEWED = Loan(
    "renewed", "中国古代建筑史：第三卷 宋、辽、金、西夏建筑", "GZ", date(2026, 12, 30), 1
)
LATE = Loan("late", "昆虫记", "GZ", date(2026, 11, 19), 1)
WAITING = Hold("waiting", "三体", "GZ", HoldState.WAITING, 3, None)
READY = Hold("ready", "平凡的世界", "YD", HoldState.READY, 0, NOW + timedelta(days=4))
COMING = Hold("coming", "我与地坛", "GZ", HoldState.ASSIGNED, 0, None)
SHELF = ShelfSeen(
    number="GZ-20260315",
    limit=5,
    owed_fen=0,
    deposit_fen=10_000,
    blocked=None,
    loans=(LATER, SOON, RENEWED),
    holds=(READY, WAITING, COMING),
    fines=(),
    libraries={"GZ": LIBRARY, "YD": _COUNTY},
    may_renew=1,
    seen_at=NOW,
)
BLOCKED = replace(
    SHELF,
    loans=(LATE,),
    holds=(WAITING,),
    owed_fen=3_930,
    blocked=Trouble(
        "library_overdue",
        LocalizedText(
            "您有图书逾期未还，借阅已暂停。", "Something is overdue, so nothing more is lent."
        ),
        LocalizedText("归还逾期图书后即可恢复。", "Return it and you can borrow at once."),
    ),
    fines=(Fine("f1", "昆虫记", "OVERDUE", 30, 0), Fine("f2", "", "LOST", 3_900, 0)),
)
EMPTY = replace(SHELF, number="", limit=2, deposit_fen=0, loans=(), holds=())
WANTED = Trouble(
    "library_wanted",
    LocalizedText(
        "有读者正在等候这本书，不能续借。", "Another reader waits for it; it is not renewed."
    ),
    LocalizedText("请按期归还。", "Return it by the due date."),
)
LOST_RENEWAL = PendingAct("RenewLibraryLoan", {"loan": "soon"}, "key", NOW - timedelta(minutes=12))
