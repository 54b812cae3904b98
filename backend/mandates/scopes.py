"""What a mandate may allow, and who is who to whom; pure.

What is no scope cannot be allowed at all: changing a payout account, a PIN or a phone number,
cancelling a card.
"""

from collections.abc import Mapping
from enum import StrEnum

from shared.localized_text import LocalizedText


class Scope(StrEnum):
    """One thing a mandate may allow; each opens something, or nobody is asked for it."""

    CARD_SHOW = "CARD_SHOW"  # 代为出示
    BENEFIT_VIEW = "BENEFIT_VIEW"  # 查看卡状态、权益和到访
    BOOK = "BOOK"  # 预约、领票
    CASE_SUBMIT = "CASE_SUBMIT"  # 代交申请
    MEDICAL_VIEW = "MEDICAL_VIEW"  # 查看医疗信息
    STUDENT_VIEW = "STUDENT_VIEW"  # 查看学籍
    NOTICE_COPY = "NOTICE_COPY"  # 抄送通知
    PAY_SMALL = "PAY_SMALL"  # 小额支付


SCOPE_WORDS: Mapping[Scope, LocalizedText] = {
    Scope.CARD_SHOW: LocalizedText("代为出示电子社保卡", "Show the e-card"),
    Scope.BENEFIT_VIEW: LocalizedText(
        "查看卡状态、权益和到访记录", "See how the card stands, benefits and visits"
    ),
    Scope.BOOK: LocalizedText("代为预约、领票", "Book places, take passes"),
    Scope.CASE_SUBMIT: LocalizedText("代为提交申请", "Hand in applications"),
    Scope.MEDICAL_VIEW: LocalizedText("查看医疗信息", "See medical information"),
    Scope.STUDENT_VIEW: LocalizedText("查看学籍", "See the student record"),
    Scope.NOTICE_COPY: LocalizedText("收到通知的抄送", "Get copies of notices"),
    Scope.PAY_SMALL: LocalizedText("小额支付", "Pay small sums"),
}
DEFAULT_SCOPES = (Scope.CARD_SHOW, Scope.BOOK)
"""The smallest mandate that is of use (D3)."""
VIEWS = frozenset({Scope.BENEFIT_VIEW, Scope.NOTICE_COPY})
"""All that a weak proof or a lapsed review leaves (D5, D16, D27)."""
COOLED = frozenset({Scope.MEDICAL_VIEW, Scope.PAY_SMALL})
"""These begin only a day after the confirmation (D6)."""
SENSITIVE = COOLED | {Scope.STUDENT_VIEW}
"""Chosen one by one and never by default; they lapse where a mandate sleeps (D3, D29)."""


class Relation(StrEnum):
    """Who the principal is to the delegate."""

    ELDER = "ELDER"  # 父母、祖辈
    CHILD = "CHILD"  # 子女
    SPOUSE = "SPOUSE"  # 配偶
    OTHER = "OTHER"  # 其他
    WARD = "WARD"  # 被监护的成年人
    ASSISTED = "ASSISTED"  # 由社工、村级代办员协助的人


DELEGATE_WORDS: Mapping[Relation, LocalizedText] = {
    Relation.ELDER: LocalizedText("晚辈", "Younger relative"),
    Relation.CHILD: LocalizedText("父母", "Parent"),
    Relation.SPOUSE: LocalizedText("配偶", "Spouse"),
    Relation.OTHER: LocalizedText("其他亲友", "Other person"),
    Relation.WARD: LocalizedText("监护人", "Guardian"),
    Relation.ASSISTED: LocalizedText("代办员", "Doorstep agent"),
}
"""Who the delegate is to the principal, as a venue is told (D19)."""


class Channel(StrEnum):
    """How the principal confirmed."""

    APP = "APP"  # in their own app
    OUTLET = "OUTLET"  # by their own card and PIN at a counter
    DOORSTEP = "DOORSTEP"  # by card and PIN before an agent 上门
    CARD = "CARD"  # by card and PIN before the delegate's own phone: nothing sensitive
    SMS = "SMS"  # remotely: good for views only
    DOCUMENT = "DOCUMENT"  # not at all: a paper of custody or guardianship stands for it


class Evidence(StrEnum):
    """What shows the kinship; whoever checked it stands beside it (D27)."""

    SELF_DECLARED = "SELF_DECLARED"
    HOUSEHOLD_REGISTER = "HOUSEHOLD_REGISTER"  # the register says they live together 同户
    HOUSEHOLD_BOOKLET = "HOUSEHOLD_BOOKLET"  # 户口簿
    BIRTH_CERTIFICATE = "BIRTH_CERTIFICATE"  # 出生医学证明
    MARRIAGE_CERTIFICATE = "MARRIAGE_CERTIFICATE"  # 结婚证
    COURT_DECISION = "COURT_DECISION"  # 监护判决
    PRESENCE = "PRESENCE"  # the person stands before the agent


CUSTODY = frozenset(
    {Evidence.HOUSEHOLD_BOOKLET, Evidence.BIRTH_CERTIFICATE, Evidence.COURT_DECISION}
)
"""What shows that somebody is a child's parent or guardian."""
