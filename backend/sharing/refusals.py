"""Why something about sharing is refused, and what to do now."""

from backend.foundation.refusals import refusal

TERMS_FORM = refusal(
    "sharing_terms_form",
    (
        "协议内容不完整或格式不对：接收方、字段、目的、法律依据、起止时间和频次都要填写。",
        "The agreement's terms are incomplete or have a wrong form: consumer, fields, purpose, "
        "legal basis, start, end and rates are all needed.",
    ),
    (
        "请核对后重新提交：至少一个字段且不重复；期限不超过三年；频次为1至100000，每分钟不多于每日。",
        "Check and propose again: one field at least and none twice; three years at most; rates "
        "from 1 to 100,000, and no more a minute than a day.",
    ),
)
CONSENT_PURPOSE_FORM = refusal(
    "sharing_consent_purpose",
    (
        "以同意为依据的协议须写明同意事项，其他协议不得写。",
        "An agreement that rests on consent names the consent's purpose; others name none.",
    ),
    ("请从同意事项目录中选择。", "Choose it from the catalogue of consent purposes."),
)
CONSUMER_FORM = refusal(
    "data_consumer_form",
    (
        "接收方的代码、名称或公钥格式不对。",
        "The consumer's code, name or public key has a wrong form.",
    ),
    (
        "代码为2至32个小写字母、数字或下划线；公钥为PEM格式的Ed25519或P-256公钥。",
        "A code has 2 to 32 small letters, digits or underscores; the key is an Ed25519 or P-256 "
        "public key in PEM.",
    ),
)
CONSUMER_KEY_IN_USE = refusal(
    "data_consumer_key_in_use",
    ("这把公钥已由另一个接收方使用。", "Another consumer has this key already."),
    ("每个接收方系统请使用自己的密钥。", "Each consumer's system needs a key of its own."),
)
ABROAD_NOT_AGREED = refusal(
    "sharing_abroad_not_agreed",
    (
        "接收方在境外或港澳台，协议未约定向境外提供，不得传输。",
        "The consumer is outside the mainland, and the agreement is not for a transfer there.",
    ),
    (
        "请按出境要求完成影响评估，另订向境外提供的协议。",
        "Have the transfer assessed and propose an agreement for data that leave (PIPL 38 to 40).",
    ),
)
TRANSFER_FORM = refusal(
    "sharing_transfer_form",
    (
        "向境外提供须写明批准、认证或备案文号，以及境外接收方的联系方式。",
        "A transfer abroad names the number of its approval, certificate or filing, and how people "
        "reach the recipient.",
    ),
    (
        "文号为4至64个字；联系方式为3至200个字，中英文都要填写。",
        "A number has 4 to 64 characters, a contact 3 to 200, in Chinese and English.",
    ),
)
TRANSFER_CONSENT = refusal(
    "sharing_transfer_consent",
    (
        "向境外提供须取得个人对该接收方的单独同意（个人信息保护法第三十九条）。",
        "A transfer abroad needs each person's separate consent to that very recipient (PIPL 39).",
    ),
    (
        "请选择接收方与协议一致的同意事项；没有的，请先编写。",
        "Choose a consent purpose for the agreement's recipient; where there is none, have it "
        "written first.",
    ),
)
CONSUMER_UNKNOWN = refusal(
    "data_consumer_unknown",
    (
        "没有登记用这把密钥签名的接收方。",
        "No registered consumer has the key that signed the request.",
    ),
    ("请向平台登记本系统的公钥。", "Have the platform register your system's public key."),
)
CONSUMER_STOPPED = refusal(
    "data_consumer_stopped",
    ("本系统已自行停止调用。", "This system has stopped its own calls."),
    ("请先发送恢复消息。", "Send the message that resumes them first."),
)
AGREEMENT_UNKNOWN = refusal(
    "sharing_agreement_unknown",
    ("没有这份共享协议。", "There is no such sharing agreement."),
    ("请核对协议编号。", "Check the agreement's number."),
)
AGREEMENT_CHANGED = refusal(
    "sharing_agreement_changed",
    ("协议的状态刚刚变化。", "The agreement's state has just changed."),
    ("请刷新后再办理。", "Load it again, then decide."),
)
DECISION_NOT_POSSIBLE = refusal(
    "sharing_decision_not_possible",
    ("协议目前的状态不能这样办理。", "The agreement's present state does not allow this."),
    ("请刷新后查看可办理的事项。", "Load it again and see what can be done."),
)
OWN_PROPOSAL = refusal(
    "sharing_own_proposal",
    ("不能审批自己提出的协议。", "Nobody approves what they proposed themselves."),
    ("请由另一岗位的人员审批。", "Have somebody of another post decide."),
)
OF_ANOTHER_PROVIDER = refusal(
    "sharing_of_another_provider",
    ("这份协议由其他部门提供数据。", "Another department is this agreement's provider."),
    ("请由提供数据的部门办理。", "Have the providing department do it."),
)
AGREEMENT_OVER = refusal(
    "sharing_term_over",
    ("协议的期限已过，不能再生效。", "The agreement's term is over: it cannot come into force."),
    ("请提出新版本。", "Propose a new version."),
)

NOT_IN_FORCE = refusal(
    "agreement_not_in_force",
    ("共享协议尚未批准。", "The sharing agreement has not been approved."),
    ("请等待提供方批准。", "Wait until the provider has approved it."),
)
NOT_BEGUN = refusal(
    "agreement_not_begun",
    ("共享协议尚未开始。", "The sharing agreement has not begun."),
    ("请在协议开始后再调用。", "Ask again once it has begun."),
)
EXPIRED = refusal(
    "agreement_expired",
    ("共享协议已到期。", "The sharing agreement has expired."),
    ("如仍需要，请与提供方续签。", "If there is need, agree on a new version with the provider."),
)
SUSPENDED = refusal(
    "agreement_suspended",
    ("共享协议已暂停。", "The sharing agreement is suspended."),
    ("请联系提供方；恢复后再调用。", "Ask the provider; call again once it is resumed."),
)
ENDED = refusal(
    "agreement_ended",
    ("共享协议已终止。", "The sharing agreement has ended."),
    (
        "请停止调用，并按约定删除已取得的数据。",
        "Stop asking, and delete what you hold as agreed.",
    ),
)
PURPOSE_NOT_AGREED = refusal(
    "purpose_not_agreed",
    ("请求的目的不在协议之内。", "The request's purpose is not the agreed one."),
    ("请只为协议写明的目的调用。", "Ask for the agreed purpose only."),
)
FIELD_NOT_AGREED = refusal(
    "field_not_agreed",
    ("请求的字段不在协议之内，未提供任何数据。", "A field is not agreed; nothing was answered."),
    ("请只请求协议写明的字段。", "Ask for agreed fields only."),
)
PERSON_NOT_SHARED = refusal(
    "person_not_shared",
    (
        "协议之下没有可以提供的这个人的数据。",
        "Under this agreement there are no data of this person to be given.",
    ),
    (
        "请核对证件号码；需要同意的，请本人在应用中办理。",
        "Check the number; where consent is needed, the person gives it in the app.",
    ),
)
RATE_MINUTE = refusal(
    "rate_minute",
    ("已达到协议约定的每分钟次数。", "As many calls a minute as agreed have been made."),
    ("请在下一分钟再调用。", "Ask again in the next minute."),
)
RATE_DAY = refusal(
    "rate_day",
    ("已达到协议约定的每日次数。", "As many calls a day as agreed have been made."),
    ("请在明日再调用，或与提供方商定更高次数。", "Ask again tomorrow, or agree on a higher rate."),
)
ANSWER_OVER = refusal(
    "shared_answer_over",
    ("这次应答已不再保留。", "This request's answer is no longer kept."),
    ("确有需要请用新的请求编号再调用。", "If there is need, ask again with a new key."),
)
MESSAGE_FORM = refusal(
    "consumer_message_form",
    ("消息须写明编号和类型。", "A message has a number from 1 and a kind."),
    ("类型为stop、resume或data_deleted。", "Kinds are stop, resume and data_deleted."),
)
REQUEST_FORM = refusal(
    "shared_request_form",
    (
        "请求须写明协议、目的、证件号码和请求编号；字段为文本列表。",
        "A request names agreement, purpose, number and idempotency key; fields are a list of "
        "texts.",
    ),
    ("请按接口说明修改请求。", "Correct the request as the interface's description says."),
)

DAY_NOT_COUNTED = refusal(
    "visit_day_not_counted",
    ("这一天还没有统计，或早于统计开始。", "This day has not been counted."),
    ("请查询四天以前的日期。", "Ask for a day four days ago or earlier."),
)

ASSESSMENT_FORM = refusal(
    "impact_assessment_form",
    (
        "评估记录不完整：处理类型、数据项、标题、必要性、影响、措施和期限都要填写，期限不超过三年。",
        "The assessment is incomplete: kinds of processing, items, title, necessity, impact, "
        "measures and term are all needed; three years at most.",
    ),
    (
        "请补全；文字不含证件号码和手机号码。",
        "Complete it; texts hold no citizen number and no phone number.",
    ),
)
ASSESSMENT_UNKNOWN = refusal(
    "impact_assessment_unknown",
    ("没有这份个人信息保护影响评估。", "There is no such impact assessment."),
    ("请核对评估编号，或先登记评估。", "Check its number, or record the assessment first."),
)
ASSESSMENT_NEEDED = refusal(
    "impact_assessment_needed",
    (
        "没有生效的、涵盖本次处理类型和全部数据项的个人信息保护影响评估。",
        "No impact assessment in force covers this processing and all of its items.",
    ),
    ("请先完成并登记评估（个人信息保护法第五十五条）。", "Assess first (PIPL, article 55)."),
)
ASSESSMENT_TOO_SHORT = refusal(
    "impact_assessment_too_short",
    ("协议的期限超出评估的期限。", "The agreement outlasts its assessment."),
    ("请缩短协议期限，或重新评估。", "Shorten the agreement, or assess anew."),
)
