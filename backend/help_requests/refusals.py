"""Every "no" about help requests: its name, words and next step."""

from backend.foundation.refusals import refusal

HELPER_UNKNOWN = refusal(
    "helper_unknown",
    ("这位不是您授权的家人。", "This is nobody whom you let act for you."),
    ("请从“我授权了谁”里选一位。", "Choose one of those who may act for you."),
)
HELPER_NOT_LIVE = refusal(
    "helper_not_live",
    ("这项授权现在不能用。", "This mandate is not in force now."),
    ("请换一位家人，或打电话。", "Ask another, or call them."),
)
HELP_NOT_ALLOWED = refusal(
    "help_not_allowed",
    ("您没有授权这位家人办这件事。", "You have not let them do this."),
    ("请选“给我回个电话”，或另外授权。", "Ask them to call you back, or give a new mandate."),
)
HELP_TOO_OFTEN = refusal(
    "help_too_often",
    ("刚才已经求助了好几次。", "You have asked several times just now."),
    ("请等一等，或直接打电话。", "Wait a while, or call them."),
)
HELP_REQUEST_UNKNOWN = refusal(
    "help_request_unknown",
    ("没有这条求助，或已过期。", "There is no such request, or it has expired."),
    ("请返回看现在的求助。", "Go back and look at those of now."),
)
