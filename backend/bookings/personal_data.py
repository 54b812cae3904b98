"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PROOF, PersonalRecords, told
from shared.localized_text import LocalizedText

BOOKINGS = PersonalRecords(
    code="bookings.bookings",
    title=LocalizedText("预约", "Bookings"),
    collection="bookings",
    person="resident_id",
    kept=LocalizedText(
        "时段结束后保存180天，用于入场核验和履约记录。",
        "180 days after the slot's end: for entry and what became of it.",
    ),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "venue": told("venue", "场馆编号", "Venue's number"),
        "slot": told("slot", "时段编号", "Slot's id"),
        "plan": told("plan", "预约项目", "What was booked"),
        "kind": told("kind", "类别", "Kind"),
        "starts_at": told("starts_at", "开始", "Begins"),
        "ends_at": told("ends_at", "结束", "Ends"),
        "cancel_by": told("cancel_by", "免费取消截止", "Cancelled free until"),
        "quantity": told("quantity", "人数", "Places"),
        "state": told("state", "状态", "State"),
        "placed_at": told("placed_at", "预约时间", "Booked at"),
        "changed_at": told("changed_at", "最近变动", "Changed at"),
        "expires_at": told("expires_at", "确认截止", "To be confirmed by"),
        "turn": told("turn", "候补顺序", "Turn on the waiting list"),
        "entered": told("entered", "已入场人数", "How many came in"),
        "entries": told("entries", "各次入场", "Each entry"),
        "first_entered_at": told("first_entered_at", "首次入场", "First entry"),
        "forfeited": told("forfeited", "逾期取消", "Cancelled too late"),
        "moves": told("moves", "改约前的时段", "Slots it was moved from"),
        "remark": told("remark", "最近通知", "Last notice"),
        "paid": told("paid", "已付款", "Paid for"),
        "pardoned": told("pardoned", "爽约免记时间", "No-show pardoned at"),
        "queue": told("queue", "报到和排队号", "Check-in and queue number"),
    },
    withheld={"request_hash": PROOF},
    newest_first="starts_at",
    purpose=LocalizedText("预约场馆并核销", "Booking places and counting entries"),
    every=label.WHEREABOUTS,
    labels={
        label.WHEREABOUTS: "slot plan venue entered entries first_entered_at queue",
        label.ACTIVITY: "quantity turn moves remark paid",
        label.PROOF: "request_hash",
    },
)
AHEAD = PersonalRecords(
    code="bookings.ahead",
    title=LocalizedText("未使用的预约", "Bookings ahead"),
    collection="bookers",
    person="_id",
    kept=LocalizedText("预约使用或取消后移除。", "Until they are used or cancelled."),
    told={
        "_id": told("resident_id", "居民编号", "Resident id"),
        "ahead": told("ahead", "预约", "Bookings"),
        "revision": told("revision", "变动次数", "Times changed"),
    },
    purpose=LocalizedText("限制同时预约的数量", "Limits on bookings at a time"),
    labels={
        label.ACTIVITY: "ahead",
        label.OPERATION: "revision",
    },
)
NOTICES = PersonalRecords(
    code="bookings.notices",
    title=LocalizedText("预约通知", "Notices about bookings"),
    collection="booking_notices",
    person="resident_id",
    kept=LocalizedText("保存180天。", "180 days."),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "booking": told("booking", "预约编号", "Booking's id"),
        "code": told("code", "类别", "Kind"),
        "words": told("words", "内容", "Words"),
        "at": told("at", "时间", "At"),
        "sms_at": told("sms_at", "待送达", "To be delivered"),
        "delivered_at": told("delivered_at", "送达时间", "Delivered at"),
        "channel": told("channel", "送达方式", "Delivered by"),
    },
    newest_first="at",
    purpose=LocalizedText("通知预约的变化", "Telling you of changes of bookings"),
    labels={
        label.IDENTIFIER: "booking",
        label.ACTIVITY: "code words",
        label.OPERATION: "channel",
    },
)
PERSONAL = (BOOKINGS, AHEAD, NOTICES)
