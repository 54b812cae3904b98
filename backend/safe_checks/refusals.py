"""Every "no" about safe checks: its name, words and next step."""

from backend.foundation.refusals import refusal

SAFE_CHECK_OFF = refusal(
    "safe_check_off",
    ("还没有开启每日报平安。", "Daily safe checks are off."),
    ("请先选时间和家人。", "Choose a time and whom to tell first."),
)
SAFE_CHECK_TIME = refusal(
    "safe_check_time",
    ("报平安的时间要在 6:00 到 22:00 之间。", "The time must be between 6:00 and 22:00."),
    ("请换一个时间。", "Choose another."),
)
SAFE_CHECK_CONTACTS = refusal(
    "safe_check_contacts",
    ("请选 1 到 3 位家人。", "Choose one to three of your family."),
    ("请从您授权的家人里选。", "Choose among those who may act for you."),
)
CONTACT_NOT_LIVE = refusal(
    "safe_check_contact_not_live",
    ("有一位不能接收通知。", "One of them gets no notices of yours."),
    (
        "请先授权这位家人“收到通知的抄送”，再选。",
        'Give them a mandate with "copies of notices" first.',
    ),
)
