"""Which payments can be filed, how they go on, and what their recipient is told; pure.

A payment is approved, sent and then paid or failed; a paid one the bank may still return 退票. It
never goes back: what is paid anew is another payment with a reference of its own. The message
follows the pattern that cities use: policy, period, amount and the account's last four digits.
"""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from backend.foundation.audit import holds_personal_number
from backend.foundation.refusals import Refusal
from backend.subsidies import refusals as no
from shared.localized_text import LocalizedText

MOST_FEN = 100_000_000
MOST_TEXT = 60
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,40}")
_TAIL = re.compile(r"[0-9]{4}")
_PERIOD = re.compile(r"(20[0-9]{2})(?:-Q([1-4])|-(0[1-9]|1[0-2]))?")
_LONG_NUMBER = re.compile(r"[0-9]{5}")


class PaymentState(StrEnum):
    """How a payment stands."""

    APPROVED = "approved"  # 已批准
    SENT = "sent"  # 已送银行
    PAID = "paid"  # 已到账
    FAILED = "failed"  # 发放失败
    RETURNED = "returned"  # 银行退回


STEPS: Mapping[PaymentState | None, frozenset[PaymentState]] = {
    None: frozenset(set(PaymentState) - {PaymentState.RETURNED}),
    PaymentState.APPROVED: frozenset({PaymentState.SENT, PaymentState.PAID, PaymentState.FAILED}),
    PaymentState.SENT: frozenset({PaymentState.PAID, PaymentState.FAILED}),
    PaymentState.PAID: frozenset({PaymentState.RETURNED}),
    PaymentState.FAILED: frozenset(),
    PaymentState.RETURNED: frozenset(),
}
"""Which states may follow which; None: what may be filed first."""
UNPAID = frozenset({PaymentState.FAILED, PaymentState.RETURNED})
TOLD = UNPAID | {PaymentState.PAID}
"""The states that their recipient gets a message of, one each."""


class UnpaidReason(StrEnum):
    """Why the money did not arrive, as banks tell it."""

    ACCOUNT_WRONG = "account_wrong"
    ACCOUNT_CLOSED = "account_closed"
    NAME_DIFFERS = "name_differs"
    NOT_ACTIVATED = "not_activated"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Remedy:
    """Why a payment did not arrive and what its recipient does about it.

    `correct_account`: naming another account to be paid to is what helps.
    """

    why: LocalizedText
    what_to_do: LocalizedText
    correct_account: bool = False


_CHANGE = LocalizedText(
    "请在“我的”里更正收款账户，再联系发放部门补发",
    'Correct your payout account under "Me", then ask the department to pay again',
)
REMEDIES: Mapping[UnpaidReason, Remedy] = {
    UnpaidReason.ACCOUNT_WRONG: Remedy(
        LocalizedText("账号有误", "The account number is wrong"), _CHANGE, correct_account=True
    ),
    UnpaidReason.ACCOUNT_CLOSED: Remedy(
        LocalizedText("账户已销户或停用", "The account is closed or stopped"),
        _CHANGE,
        correct_account=True,
    ),
    UnpaidReason.NAME_DIFFERS: Remedy(
        LocalizedText("户名与本人不一致", "The account is not in your name"),
        LocalizedText(
            "请带身份证和社保卡到网点核对姓名",
            "Take your ID and card to an outlet to check the name",
        ),
    ),
    UnpaidReason.NOT_ACTIVATED: Remedy(
        LocalizedText("社保卡的金融账户没有激活", "Your card's bank account is not activated"),
        LocalizedText(
            "请带身份证和社保卡到发卡银行激活",
            "Take your ID and card to the card's bank to activate it",
        ),
    ),
    UnpaidReason.OTHER: Remedy(
        LocalizedText("银行没有发成", "The bank could not pay it"),
        LocalizedText("请联系发放部门或拨打12333", "Ask the paying department, or call 12333"),
    ),
}


@dataclass(frozen=True, slots=True)
class Filing:
    """What a department files of a payment; `reason` where it did not arrive."""

    reference: str
    policy: LocalizedText
    period: str
    amount_fen: int
    bank: LocalizedText
    tail: str = field(repr=False)
    state: PaymentState
    reason: UnpaidReason | None = None

    @property
    def particulars(self) -> tuple[object, ...]:
        """What stays the same through all states."""
        policy, bank = self.policy, self.bank
        paid = policy.zh, policy.en, self.period, self.amount_fen
        return (*paid, bank.zh, bank.en, self.tail)


def filing_fault(filing: Filing) -> Refusal | None:
    """Return why a filing cannot be taken as it is written."""
    policy, bank = filing.policy, filing.bank
    whole = (
        _REFERENCE.fullmatch(filing.reference)
        and not holds_personal_number(filing.reference)
        and all(map(_is_words, (policy.zh, policy.en, bank.zh, bank.en)))
        and _PERIOD.fullmatch(filing.period)
        and 1 <= filing.amount_fen <= MOST_FEN
        and _TAIL.fullmatch(filing.tail)
        and (filing.state in UNPAID) == (filing.reason is not None)
    )
    return None if whole else no.PAYMENT_FORM


def step_fault(present: PaymentState | None, wanted: PaymentState) -> Refusal | None:
    """Return why a payment cannot come to a state."""
    return None if wanted in STEPS[present] else no.STEP_BACK


def period_words(period: str) -> LocalizedText:
    """Return the words of a period such as 2026-Q3; raises ValueError for none."""
    found = _PERIOD.fullmatch(period)
    if found is None:
        raise ValueError("not a period")
    year, quarter, month = found.groups()
    if quarter:
        return LocalizedText(f"{year}年第{quarter}季度", f"Q{quarter} {year}")
    if month:
        return LocalizedText(f"{year}年{int(month)}月", f"{calendar.month_name[int(month)]} {year}")
    return LocalizedText(f"{year}年", year)


def message(filing: Filing) -> LocalizedText:
    """Return what the recipient is told of a final state, without the closing stop."""
    period, policy = period_words(filing.period), filing.policy
    yuan, tail = f"{filing.amount_fen // 100}.{filing.amount_fen % 100:02}", filing.tail
    zh, en = f"{period.zh}{policy.zh}", f"{policy.en}, {period.en}, {yuan} yuan"
    if filing.reason is None:
        return LocalizedText(
            f"{zh}已获批准，金额{yuan}元，已发放到尾号为{tail}的账户",
            f"{en}: approved and paid to the account ending in {tail}",
        )
    remedy = REMEDIES[filing.reason]
    returned = filing.state is PaymentState.RETURNED
    outcome = (
        ("被银行退回", "was returned by the bank") if returned else ("未发放成功", "was not paid")
    )
    return LocalizedText(
        f"{zh}{outcome[0]}，金额{yuan}元，收款账户尾号{tail}：{remedy.why.zh}。"
        f"{remedy.what_to_do.zh}",
        f"{en}: it {outcome[1]} to the account ending in {tail}. {remedy.why.en}. "
        f"{remedy.what_to_do.en}",
    )


def _is_words(text: str) -> bool:
    return (
        1 <= len(text) <= MOST_TEXT
        and text == text.strip()
        and text.isprintable()
        and not _LONG_NUMBER.search(text)
    )
