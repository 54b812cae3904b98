"""Closing an account 注销账户: its states, and what is erased and what the law keeps; pure.

`TABLE` says for every (event, state) what follows. What the sweep does when a closing's time has
come, `due_event` says: the whole record goes where no card counts; where one does, what the issuer
of that card must keep stays until the card ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.foundation.refusals import Refusal, refusal
from shared.localized_text import LocalizedText

LOOK_AGAIN = timedelta(days=1)
"""How often a closing that waits for the end of a card is looked at."""

CLOSING_RUNS = refusal(
    "closing_requested",
    ("注销申请已提交，正在冷静期内。", "The closing is asked for already and waits its time."),
    ("如不想注销，请撤回申请。", "Withdraw it if you want to keep the account."),
)
CLOSING_DONE = refusal(
    "closing_done",
    ("账户已注销。", "The account is closed already."),
    ("如需再次使用，请重新注册。", "Register again to use the service."),
)
NO_CLOSING = refusal(
    "closing_unknown",
    ("没有进行中的注销申请。", "No closing is under way."),
    ("无需操作。", "There is nothing to do."),
)


class ClosingState(StrEnum):
    """Where a closing stands."""

    REQUESTED = "REQUESTED"  # 冷静期, may be withdrawn
    WITHDRAWN = "WITHDRAWN"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"  # the account is gone; a card still counts
    REOPENED = "REOPENED"  # the person registered again before their card ended
    ERASED = "ERASED"


class ClosingEvent(StrEnum):
    """What can happen to a closing."""

    REQUEST = "REQUEST"
    WITHDRAW = "WITHDRAW"
    CLOSE_ACCOUNT = "CLOSE_ACCOUNT"
    REOPEN = "REOPEN"
    ERASE = "ERASE"


UNDER_WAY = (ClosingState.REQUESTED, ClosingState.ACCOUNT_CLOSED)
"""A closing that the sweep still has to do with: at most one a person."""

Outcome = ClosingState | Refusal
TABLE: Mapping[ClosingEvent, Mapping[ClosingState | None, Outcome]] = {
    ClosingEvent.REQUEST: {
        None: ClosingState.REQUESTED,
        ClosingState.REQUESTED: CLOSING_RUNS,
        ClosingState.WITHDRAWN: ClosingState.REQUESTED,
        ClosingState.ACCOUNT_CLOSED: CLOSING_DONE,
        ClosingState.REOPENED: ClosingState.REQUESTED,
        ClosingState.ERASED: CLOSING_DONE,
    },
    ClosingEvent.WITHDRAW: {
        None: NO_CLOSING,
        ClosingState.REQUESTED: ClosingState.WITHDRAWN,
        ClosingState.WITHDRAWN: NO_CLOSING,
        ClosingState.ACCOUNT_CLOSED: CLOSING_DONE,
        ClosingState.REOPENED: NO_CLOSING,
        ClosingState.ERASED: CLOSING_DONE,
    },
    ClosingEvent.CLOSE_ACCOUNT: {
        None: NO_CLOSING,
        ClosingState.REQUESTED: ClosingState.ACCOUNT_CLOSED,
        ClosingState.WITHDRAWN: NO_CLOSING,
        ClosingState.ACCOUNT_CLOSED: CLOSING_DONE,
        ClosingState.REOPENED: NO_CLOSING,
        ClosingState.ERASED: CLOSING_DONE,
    },
    ClosingEvent.REOPEN: {
        None: NO_CLOSING,
        ClosingState.REQUESTED: NO_CLOSING,
        ClosingState.WITHDRAWN: NO_CLOSING,
        ClosingState.ACCOUNT_CLOSED: ClosingState.REOPENED,
        ClosingState.REOPENED: NO_CLOSING,
        ClosingState.ERASED: CLOSING_DONE,
    },
    ClosingEvent.ERASE: {
        None: NO_CLOSING,
        ClosingState.REQUESTED: ClosingState.ERASED,
        ClosingState.WITHDRAWN: NO_CLOSING,
        ClosingState.ACCOUNT_CLOSED: ClosingState.ERASED,
        ClosingState.REOPENED: NO_CLOSING,
        ClosingState.ERASED: CLOSING_DONE,
    },
}
"""What follows, for every event and every state; None is a person without a closing."""


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """What of a closing decides what the sweep does.

    `card_counts`: the person has a card that counts or is on its way. `account_open`: the person
    has an account, which after ACCOUNT_CLOSED means that they registered again.
    """

    state: ClosingState
    effective_at: datetime
    card_counts: bool
    account_open: bool


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """What is not erased: what it is, by which law, and until when."""

    what: LocalizedText
    legal_basis: LocalizedText
    until: LocalizedText


def effective_at(now: datetime, cooling_off_days: int) -> datetime:
    """Return when a closing asked for now is carried out."""
    return now + timedelta(days=cooling_off_days)


def decide(state: ClosingState | None, event: ClosingEvent) -> Outcome:
    """Return the next state, or why the event is refused."""
    return TABLE[event][state]


def due_event(facts: ClosingFacts, now: datetime) -> ClosingEvent | None:
    """Return what the sweep has to do with a closing now, None where it goes on waiting."""
    if facts.state is ClosingState.REQUESTED and now >= facts.effective_at:
        return ClosingEvent.CLOSE_ACCOUNT if facts.card_counts else ClosingEvent.ERASE
    if facts.state is ClosingState.ACCOUNT_CLOSED:
        if facts.account_open:
            return ClosingEvent.REOPEN
        return None if facts.card_counts else ClosingEvent.ERASE
    return None


def erased(*, card_counts: bool) -> tuple[LocalizedText, ...]:
    """Return what a closing erases, in words."""
    return _ACCOUNT_ERASED if card_counts else (*_ACCOUNT_ERASED, *_RECORD_ERASED)


def kept(*, card_counts: bool) -> tuple[KeptRecord, ...]:
    """Return what a closing leaves, each with its reason and its end."""
    return (_RECORD_KEPT, _LOANS, *_ALWAYS_KEPT) if card_counts else _ALWAYS_KEPT


_ACCOUNT_ERASED = (
    LocalizedText("登录密码、账户和全部登录状态", "Your password, your account and every sign-in"),
    LocalizedText("手机号码", "Your phone number"),
    LocalizedText(
        "手机上的电子社保卡：绑定解除，二维码失效",
        "The e-card on your phones: they are unbound and their codes are refused",
    ),
    LocalizedText("单独同意：全部终止", "Your separate consents: all of them end"),
    LocalizedText("更正申请的内容", "What you wrote in requests for correction"),
    LocalizedText(
        "尚未使用的预约和候补：取消，名额退回",
        "Bookings ahead and waiting lists: cancelled, and their places given back",
    ),
    LocalizedText(
        "图书预约取消，借阅历史清除",
        "Holds in libraries: cancelled; what you read and returned: forgotten",
    ),
)
_RECORD_ERASED = (
    LocalizedText(
        "姓名、曾用名、证件号码、出生日期", "Your name, former names, ID number and birth date"
    ),
    LocalizedText("卡号和优待身份证明", "Card numbers and attestations of concessions"),
    LocalizedText("卡功能的开通与关闭", "Which card functions you enabled or disabled"),
)
_RECORD_KEPT = KeptRecord(
    LocalizedText(
        "登记信息：姓名、曾用名、证件号码、出生日期、卡号、优待身份证明",
        "Your record: name, former names, ID number, birth date, card numbers and attestations",
    ),
    LocalizedText(
        "《个人信息保护法》第十三条第一款第三项、第四十七条第二款：您的社会保障卡仍有效，"
        "发卡机构依法须保存持卡人信息。",
        "Personal Information Protection Law, articles 13(1)(3) and 47(2): your social security "
        "card counts, and its issuer must keep its holder's record.",
    ),
    LocalizedText(
        "到卡注销、挂失或到期为止，随后自动清除。",
        "Until the card is cancelled, lost or expired; erased by itself afterwards.",
    ),
)
_LOANS = KeptRecord(
    LocalizedText(
        "未还的图书和未缴的图书馆费用", "Library books still out and library fees still owed"
    ),
    LocalizedText(
        "《个人信息保护法》第十三条第一款第二项：履行您与图书馆的借阅约定所必需。",
        "Personal Information Protection Law, article 13(1)(2): your agreement with the library.",
    ),
    LocalizedText(
        "归还和缴清后14天，或登记信息清除时，以先到者为准。",
        "14 days after they are returned and paid, or until your record is erased, if sooner.",
    ),
)
_LOG = KeptRecord(
    LocalizedText(
        "操作日志和登录记录：谁在何时办理了什么，不含姓名和号码",
        "The log of acts and sign-ins: who did what and when, without names and numbers",
    ),
    LocalizedText(
        "《网络安全法》：网络日志留存不少于六个月。",
        "Cybersecurity Law: network logs are kept for six months at least.",
    ),
    LocalizedText(
        "登录记录到期后180天；操作日志不删除。",
        "Sign-ins for 180 days after their end; the log of acts is not deleted.",
    ),
)
_CARDS = KeptRecord(
    LocalizedText(
        "卡业务和资格核查记录、已失效卡的序号、已清空的登记编号：不含姓名和号码，用于拒收已失效的卡",
        "What happened to your cards, reviews of your grounds, the indexes of ended cards and the "
        "id of your emptied record, without names and numbers: readers refuse ended cards by them",
    ),
    LocalizedText(
        "《个人信息保护法》第十三条第一款第三项；社会保障卡管理和档案规定。",
        "Personal Information Protection Law, article 13(1)(3); the rules on social security "
        "cards and on archives.",
    ),
    LocalizedText("按档案保存期限。", "As long as the rules on archives ask."),
)
_VISITS = KeptRecord(
    LocalizedText("到访记录：只有随机编号，不含姓名", "Visits, by random numbers, without names"),
    LocalizedText(
        "《网络安全法》：网络日志留存不少于六个月。",
        "Cybersecurity Law: network logs are kept for six months at least.",
    ),
    LocalizedText("180天，到期自动删除。", "180 days, then deleted by themselves."),
)
_BOOKINGS = KeptRecord(
    LocalizedText(
        "过去的预约：场馆、时间和结果，不再与您关联",
        "Past bookings: venue, time and what became of them, no longer tied to you",
    ),
    LocalizedText(
        "《个人信息保护法》第四条：匿名化后的信息不属于个人信息。",
        "Personal Information Protection Law, article 4: what is anonymous is no personal data.",
    ),
    LocalizedText("作为名额核对的依据保存。", "Kept so that the places taken can be counted."),
)
_PASSES = KeptRecord(
    LocalizedText(
        "票和培训券的发放、使用和核销结果，不再与您关联；尚未使用的随即作废",
        "What was given out, used and settled of passes and vouchers, no longer tied to you; what "
        "was left of them ends",
    ),
    LocalizedText(
        "《个人信息保护法》第四条：匿名化后的信息不属于个人信息。",
        "Personal Information Protection Law, article 4: what is anonymous is no personal data.",
    ),
    LocalizedText("作为发放和核销的依据保存。", "Kept so that what was given out can be counted."),
)
_STORED_VALUE = KeptRecord(
    LocalizedText(
        "储值明细和应退余额：只有随机编号；请在注销前申请退款",
        "The entries of your stored value and the balance owed to you, by random numbers; take the "
        "balance out before the account is closed",
    ),
    LocalizedText(
        "《个人信息保护法》第十三条第一款第三项；《单用途商业预付卡管理办法（试行）》：登记信息保存五年以上。",
        "Personal Information Protection Law, article 13(1)(3); the rules on single-purpose "
        "prepaid cards: what was registered is kept for five years or longer.",
    ),
    LocalizedText("五年以上。", "Five years and longer."),
)
_CROSS_REGION = KeptRecord(
    LocalizedText(
        "跨地区通办业务：业务、地区和结果，不再与您关联；未办结的随即撤回",
        "Card services across regions: service, regions and result, no longer tied to you; what "
        "was under way is withdrawn",
    ),
    LocalizedText(
        "《个人信息保护法》第四条：匿名化后的信息不属于个人信息。",
        "Personal Information Protection Law, article 4: what is anonymous is no personal data.",
    ),
    LocalizedText("作为业务统计的依据保存。", "Kept so that what was done can be counted."),
)
_PROOF = KeptRecord(
    LocalizedText(
        "已告知、已同意的证明，和本次注销、更正申请的办理结果：不含姓名和号码",
        "Proof of what you were told and agreed to, and how this closing and your corrections "
        "ended, without names and numbers",
    ),
    LocalizedText(
        "《个人信息保护法》第六十九条：处理者须证明自己没有过错。",
        "Personal Information Protection Law, article 69: we must be able to prove that we "
        "were not at fault.",
    ),
    LocalizedText(
        "作为证明保存，只能按随机编号找到。", "Kept as proof, found by random numbers only."
    ),
)
_ANSWERS = KeptRecord(
    LocalizedText(
        "防止重复办理的应答：只有随机编号",
        "Answers kept so that nothing is done twice, with random numbers",
    ),
    LocalizedText(
        "《网络安全法》：防止数据被篡改、保证业务只办一次的技术措施。",
        "Cybersecurity Law: a technical measure that keeps acts from being done twice.",
    ),
    LocalizedText("7天，到期自动删除。", "7 days, then deleted by themselves."),
)
_ALWAYS_KEPT = (
    *(_LOG, _CARDS, _VISITS, _BOOKINGS, _PASSES, _STORED_VALUE),
    *(_CROSS_REGION, _PROOF, _ANSWERS),
)
KEPT_COLLECTIONS: Mapping[str, KeptRecord] = {
    "audit_rows": _LOG,
    "sessions": _LOG,
    "residents": _CARDS,
    "cards": _CARDS,
    "card_events": _CARDS,
    "eligibility_reviews": _CARDS,
    "scans": _VISITS,
    "value_accounts": _STORED_VALUE,
    "value_entries": _STORED_VALUE,
    "notice_receipts": _PROOF,
    "consent_receipts": _PROOF,
    "closings": _PROOF,
    "corrections": _PROOF,
    "kept_answers": _ANSWERS,
}
"""Where a person's random id is found after they are erased, and what they are told of it.

No other collection may hold it: an area that stores something about residents has a `leaving`.
"""
