"""The passes area's deeds in the audit log."""

from collections.abc import Mapping

from backend.foundation.deeds import AreaDeeds
from shared.localized_text import LocalizedText

WORDS: Mapping[str, LocalizedText] = {
    "passes.product": LocalizedText("设置了票种", "Described products"),
    "passes.taken": LocalizedText("领取了一张票", "Took a pass"),
    "passes.issued": LocalizedText("在柜台发了一张票", "Issued a pass at a counter"),
    "passes.refunded": LocalizedText("退了一张票", "Gave a pass back"),
    "passes.closure": LocalizedText("闭馆退票", "Gave back the tickets of closed days"),
    "passes.revoked": LocalizedText("撤销了一张票", "Revoked a pass"),
    "passes.offered": LocalizedText("发起转让一张票", "Offered a pass to somebody"),
    "passes.offer_withdrawn": LocalizedText("取消了票的转让", "Took back the offer of a pass"),
    "passes.handed_on": LocalizedText("一张票转给了他人", "A pass went to somebody else"),
    "passes.accepted": LocalizedText("接收了他人转让的票", "Accepted a pass"),
    "passes.read": LocalizedText("查阅了票", "Read a pass"),
    "vouchers.programme": LocalizedText("设置了培训券项目", "Described a programme of vouchers"),
    "vouchers.issued": LocalizedText("发放了培训券", "Issued a training voucher"),
    "vouchers.reserved": LocalizedText("用培训券预约了课程", "Reserved a course with a voucher"),
    "vouchers.released": LocalizedText("释放了培训券", "Released a training voucher"),
    "vouchers.confirmed": LocalizedText("确认了培训报名", "Confirmed an enrolment in a course"),
    "vouchers.settled": LocalizedText("核销了培训券", "Settled a training voucher"),
    "vouchers.revoked": LocalizedText("撤销了培训券", "Revoked a training voucher"),
}
_DEEDS = AreaDeeds("passes", WORDS)
of_holder, of_staff = _DEEDS.of_holder, _DEEDS.of_staff
