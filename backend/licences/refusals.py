"""Why licences are not asked for, granted or shown."""

from backend.foundation.refusals import refusal

LICENCE_KINDS_FORM = refusal(
    "licence_kinds_form",
    ("请至少选择一种证照，每种只选一次。", "Name at least one kind of licence, and each once."),
    ("请重新选择所需证照。", "Choose again which are needed."),
)
LICENCE_REQUEST_UNKNOWN = refusal(
    "licence_request_unknown",
    ("没有这个证照调取申请。", "There is no such request for licences."),
    ("请刷新后再看；必要时由窗口重新申请。", "Load again; the desk may have to ask anew."),
)
LICENCE_REQUEST_EXPIRED = refusal(
    "licence_request_expired",
    ("这个申请已过期，没有人作出决定。", "The time to decide on this request is over."),
    (
        "请持卡人重新出示卡或码，由窗口重新申请。",
        "The holder shows the card again and the desk asks anew.",
    ),
)
LICENCE_REQUEST_DECIDED = refusal(
    "licence_request_decided",
    ("这个申请已经处理过。", "This request was decided before."),
    ("请刷新查看结果。", "Load again to see how it stands."),
)
LICENCE_NOT_GRANTED = refusal(
    "licence_not_granted",
    ("没有可以撤回的授权。", "There is no permission to take back."),
    ("请刷新查看结果。", "Load again to see how it stands."),
)
LICENCE_NOT_DECIDED = refusal(
    "licence_not_decided",
    ("持卡人还没有同意。", "The holder has not agreed yet."),
    (
        "请持卡人在手机“电子证照”里决定后再取。",
        'They decide under "Licences" on their phone; fetch after that.',
    ),
)
LICENCE_REFUSED = refusal(
    "licence_refused",
    ("持卡人没有同意。", "The holder did not agree."),
    ("请收取纸质证照，或由持卡人改变主意后重新申请。", "Take papers instead, or ask them anew."),
)
LICENCE_WITHDRAWN = refusal(
    "licence_withdrawn",
    ("持卡人已撤回同意。", "The holder took their permission back."),
    ("请收取纸质证照，或由持卡人改变主意后重新申请。", "Take papers instead, or ask them anew."),
)
LICENCE_GRANT_USED = refusal(
    "licence_grant_used",
    ("这次授权已经用过；一次授权只能调取一次。", "This permission was used; it serves once."),
    ("需要再看请重新申请。", "To see them again, ask anew."),
)
LICENCE_GRANT_EXPIRED = refusal(
    "licence_grant_expired",
    ("这次授权已到期。", "This permission has ended."),
    ("请重新申请。", "Ask anew."),
)
LICENCE_OTHER_DESK = refusal(
    "licence_other_desk",
    ("这个申请是别的窗口或别的人员提出的。", "Another desk or member of staff made this request."),
    ("请由提出申请的人员调取，或重新申请。", "Whoever asked fetches them, or ask anew."),
)
LICENCE_OTHER_TERMINAL = refusal(
    "licence_other_terminal",
    ("这个申请是在另一台终端上提出的。", "This request was made at another terminal."),
    ("请在原终端调取，或重新申请。", "Fetch them there, or ask anew."),
)
LICENCE_OF_ANOTHER = refusal(
    "licence_of_another",
    (
        "所选证照不是持卡人本人的，是其家庭成员的。",
        "One of these licences is not the holder's own but of their family.",
    ),
    (
        "请由该家庭成员本人出示卡或码，并由其本人授权。",
        "That person shows their own card and agrees themselves.",
    ),
)
LICENCE_REGISTRY_DOWN = refusal(
    "licence_registry_down",
    ("电子证照库暂时没有应答。", "The licence registry does not answer just now."),
    ("请稍后再试；授权没有用掉。", "Try later; no permission was used up."),
)
LICENCE_HOLDER_UNKNOWN = refusal(
    "licence_holder_unknown",
    ("这个账户已注销，查不了证照。", "This account is closed; there is nothing to look up by."),
    ("请收取纸质证照。", "Take papers instead."),
)
