"""Every "no" about mandates: its name, words and next step."""

from backend.foundation.refusals import refusal

_OUTLET = ("请到社保服务网点办理。", "Have it done at a service outlet.")
_ASK = ("如需继续，请本人重新授权。", "If it is still needed, ask them for a new mandate.")

MANDATE_UNKNOWN = refusal(
    "mandate_unknown",
    ("没有这项代办授权。", "There is no such mandate of yours."),
    ("请返回并重新选择为谁办理。", "Go back and choose again for whom you act."),
)
MANDATE_OVER = refusal("mandate_over", ("这项代办授权已结束。", "This mandate is over."), _ASK)
NOT_CONFIRMED = refusal(
    "mandate_not_confirmed",
    ("本人还没有确认这项授权。", "The person has not confirmed this mandate yet."),
    ("请本人在自己的应用或网点确认。", "They confirm it in their own app or at an outlet."),
)
DISPUTED = refusal(
    "mandate_disputed",
    ("这项授权有争议，已暂停。", "This mandate is disputed and suspended."),
    ("请双方携证件到服务网点处理。", "Take documents to a service outlet."),
)
SCOPE_MISSING = refusal(
    "mandate_scope_missing",
    ("授权不包含此事项。", "The mandate does not include this."),
    ("如需办理，请本人增加授权。", "If it is needed, ask them to include it."),
)
COOLING_DOWN = refusal(
    "mandate_cooling_down",
    ("此事项在确认24小时后才能办理。", "This begins 24 hours after the confirmation."),
    ("请稍后再试；紧急事项请本人办理。", "Try later; what is urgent the person does themselves."),
)
DORMANT = refusal(
    "mandate_dormant",
    ("授权长期未使用，敏感事项已失效。", "Not used for long, its sensitive scopes have lapsed."),
    _ASK,
)
REVIEW_DUE = refusal(
    "mandate_review_due",
    ("监护授权年度复核已到期，只能查看。", "The yearly review is overdue: views only."),
    ("请携监护证明到网点复核。", "Take the proof of guardianship to an outlet."),
)
CHILD_CONSENT_DUE = refusal(
    "mandate_child_consent_due",
    ("孩子已满14周岁，需本人同意后继续。", "The child is 14 now and has to consent."),
    ("请孩子在应用或网点确认。", "They confirm it in their app or at an outlet."),
)
LENGTH_FORM = refusal(
    "mandate_length",
    ("授权期限只能是1天、31天、182天或365天。", "A mandate lasts 1, 31, 182 or 365 days."),
    ("请重新选择期限。", "Choose one of them."),
)
SCOPES_FORM = refusal(
    "mandate_scopes",
    ("授权事项选择不对。", "The choice of what it allows is not valid."),
    ("请逐项重新选择。", "Choose again, one by one."),
)
VIEWS_ONLY = refusal(
    "mandate_views_only",
    ("这种确认方式只能授权查看。", "Shown or confirmed this way, it can allow views only."),
    (
        "其他事项请在应用确认，或携证明到网点办理。",
        "Confirm in the app, or bring proof.",
    ),
)
NOT_POSSIBLE = refusal(
    "mandate_not_possible",
    ("这项代办目前无法办理。", "This mandate cannot be made at present."),
    ("如有疑问，请到社保服务网点咨询。", "A service outlet answers questions."),
)
SELF = refusal(
    "mandate_self",
    ("不能授权给自己。", "Nobody needs a mandate from themselves."),
    ("请由对方接受邀请。", "Let the other person take the invitation."),
)
DELEGATE_MINOR = refusal(
    "mandate_delegate_minor",
    ("代办人须年满18周岁。", "A delegate is 18 or older."),
    ("请由成年亲友代办。", "Ask an adult."),
)
PRINCIPAL_MINOR = refusal(
    "mandate_principal_minor",
    ("未成年人只能由父母或监护人代办。", "For a minor only parents or guardians act."),
    _OUTLET,
)
CUSTODY_NEEDED = refusal(
    "mandate_custody_needed",
    ("需要核对监护关系的证明。", "Proof of custody has to be checked."),
    _OUTLET,
)
CONSENT_NEEDED = refusal(
    "mandate_consent_needed",
    ("需要本人确认。", "The person has to confirm it themselves."),
    (
        "请本人在应用确认，或凭卡和密码在网点确认。",
        "In their app, or by card and PIN.",
    ),
)
PAPERS_NEEDED = refusal(
    "mandate_papers_needed",
    ("这项代办需要核对关系证明。", "This mandate takes proof of the kinship."),
    ("请双方携证明到网点办理。", "Bring it to an outlet, both of you."),
)
DOOR_CODE = refusal(
    "mandate_door_code",
    ("这个码没有回应您的上门码。", "This code does not answer your door code."),
    (
        "请本人在应用输入您现在的上门码，再出示。",
        "They type your present door code into their app, and show the code again.",
    ),
)
UNDER_GUARDIANSHIP = refusal(
    "mandate_under_guardianship",
    ("本人在监护之下，须由监护人办理。", "They are under guardianship; their guardian acts."),
    _OUTLET,
)
NOT_GUARDED = refusal(
    "mandate_not_guarded",
    ("本人不在监护之下。", "They are not under guardianship."),
    ("无需操作。", "There is nothing to lift."),
)
CARD_FORM = refusal(
    "mandate_card_form",
    ("没有读到社保卡。", "No social security card was read."),
    ("请把卡放稳，再读一次。", "Hold the card still and read it again."),
)
CARD_NOT_ENOUGH = refusal(
    "mandate_card_not_enough",
    ("敏感事项不能在家人手机上用卡确认。", "What is sensitive takes more than the card here."),
    (
        "请去掉敏感事项，或由本人在应用、网点确认。",
        "Leave it out, or confirm in their own app or at an outlet.",
    ),
)
TOO_MANY_CARDS = refusal(
    "too_many_tries",
    ("错误次数太多。", "Too many wrong tries."),
    ("请一小时后再试，或到服务网点办理。", "Try again in an hour, or go to a service outlet."),
)
TOO_MANY_TRIES = refusal(
    "too_many_tries",
    ("错误次数太多。", "Too many wrong codes."),
    ("请一分钟后再试。", "Try again in a minute."),
)
TOO_MANY_PRINCIPALS = refusal(
    "mandate_quota_delegate",
    ("您代办的人数已达上限。", "You act for as many people as one may."),
    ("请先结束不再需要的代办。", "End one that is no longer needed."),
)
TOO_MANY_DELEGATES = refusal(
    "mandate_quota_principal",
    ("代办人数已达上限。", "As many people act for them as may."),
    ("请先结束不再需要的代办。", "End one that is no longer needed."),
)
TOO_MANY_BINDINGS = refusal(
    "mandate_binding_rate",
    ("近30天新增代办过多。", "There were too many new mandates within 30 days."),
    ("请过些天再试。", "Try again in some days."),
)
ALREADY_BOUND = refusal(
    "mandate_already_bound",
    ("你们之间已有生效的代办授权。", "There is a mandate between you already."),
    ("如需修改，请先结束原授权。", "End that one first to change it."),
)
DAILY_CAP = refusal(
    "mandate_daily_cap",
    ("代办员今天的办理次数已达上限。", "The agent's acts of today have reached their limit."),
    ("请明天再办，或到服务网点办理。", "Come back tomorrow, or go to a service outlet."),
)
TOO_MANY_PHONES = refusal(
    "mandate_too_many_phones",
    ("代办码已在太多手机上出示。", "Too many phones show this code by one mandate."),
    (
        "请用已有的手机出示，或两天后再试。",
        "Show it on a phone that has it, or try again in two days.",
    ),
)
INVITATION_UNKNOWN = refusal(
    "mandate_invitation_unknown",
    ("邀请无效或已过期。", "The invitation is not valid, or not any more."),
    ("请对方重新出示邀请码。", "Ask them to show a new one."),
)
LIMITS_FORM = refusal(
    "mandate_limits",
    ("限额应为：单笔不超过每日，每日不超过每月。", "One payment ≤ a day ≤ a month, none below 0."),
    ("请修改限额。", "Change the limits."),
)
OVER_LIMIT = refusal(
    "mandate_over_limit",
    ("超过本人设置的支付限额。", "It is above the limit that the person set."),
    ("请由本人支付或提高限额。", "They pay themselves, or raise the limit."),
)
OWN_ACCOUNT = refusal(
    "mandate_own_account",
    ("不能向代办人自己的账户付款。", "Nothing is paid to the delegate's own account."),
    ("请由本人办理。", "The person does this themselves."),
)
NOTHING_DISPUTED = refusal(
    "mandate_not_disputed",
    ("这项授权没有争议。", "This mandate is not disputed."),
    ("无需操作。", "There is nothing to decide."),
)
