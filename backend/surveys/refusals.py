"""Why a rating is not taken, or results not told."""

from backend.foundation.refusals import refusal

VISIT_UNKNOWN = refusal(
    "survey_visit_unknown",
    ("没有这次到访。", "There is no such visit."),
    ("请刷新列表后再试。", "Load the list again and try again."),
)
ALREADY_RATED = refusal(
    "survey_already_rated",
    (
        "这次服务已评价过；同一场馆每月评价一次。",
        "This was rated already; each venue is rated once a month.",
    ),
    ("感谢您的评价，不用再评。", "Thank you: nothing more is needed."),
)
VISIT_TOO_OLD = refusal(
    "survey_visit_too_old",
    ("到访已超过14天，不能再评价。", "The visit is more than 14 days ago."),
    ("有意见可以拨打服务热线。", "Call the hotline if something was wrong."),
)
MONTH_FORM = refusal(
    "survey_month_form",
    ("月份格式不对。", "The month has a wrong form."),
    ("请按 2026-11 的格式填写。", "Write it like 2026-11."),
)
MONTH_NOT_OVER = refusal(
    "survey_month_not_over",
    ("这个月还没有结束，结果尚未确定。", "This month is not over, so nothing is told yet."),
    ("请在月末之后再查询。", "Ask again when the month is over."),
)
