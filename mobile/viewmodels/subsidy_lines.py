"""Subsidies in words."""

from dataclasses import dataclass

from mobile.core.subsidy import UNPAID, LatestSubsidy, Subsidy, SubsidyState
from mobile.core.texts import say
from shared.localized_text import Language
from shared.money import format_yuan

_SIGNS = {
    SubsidyState.APPROVED: "hourglass",
    SubsidyState.SENT: "clock",
    SubsidyState.PAID: "check",
    SubsidyState.FAILED: "alert",
    SubsidyState.RETURNED: "alert",
    SubsidyState.OTHER: "information",
}


@dataclass(frozen=True, slots=True)
class SubsidyLine:
    """A payment as a card of the list; state in a word and a sign."""

    identifier: str
    policy: str
    period: str
    amount: str
    state: str
    icon: str
    attention: bool
    plain: bool

    def reading(self, language: Language) -> str:
        """Return it in words to be said."""
        words = {"policy": self.policy, "period": self.period}
        return say(language, "subsidies.reading", amount=self.amount, state=self.state, **words)


@dataclass(frozen=True, slots=True)
class SubsidyView:
    """One payment's page; `why` and `to_do` are empty where nothing went wrong."""

    line: SubsidyLine
    account: str
    payer: str
    changed: str
    why: str = ""
    to_do: str = ""
    correct: bool = False


def state_words(state: SubsidyState, language: Language) -> str:
    """Return how a payment stands."""
    return say(language, f"subsidies.state.{state.lower()}")


def home_line(latest: LatestSubsidy, language: Language) -> str:
    """Return the one line of the start screen."""
    return say(
        language,
        "subsidies.home",
        policy=latest.policy.in_language(language),
        period=latest.period.in_language(language),
        amount=format_yuan(latest.amount_fen),
        state=state_words(latest.state, language),
    )


def subsidy_line(payment: Subsidy, language: Language) -> SubsidyLine:
    """Return a payment as a card."""
    latest = payment.latest
    return SubsidyLine(
        payment.identifier,
        latest.policy.in_language(language),
        latest.period.in_language(language),
        format_yuan(latest.amount_fen),
        state_words(latest.state, language),
        _SIGNS[latest.state],
        attention=latest.state in UNPAID,
        plain=latest.state is SubsidyState.OTHER,
    )


def subsidy_view(payment: Subsidy, changed: str, language: Language, *, own: bool) -> SubsidyView:
    """Return a payment as its page; only one's `own` account can be corrected."""
    bank = payment.bank.in_language(language)
    return SubsidyView(
        subsidy_line(payment, language),
        say(language, "subsidies.account.is", bank=bank, tail=payment.tail),
        payment.payer.in_language(language),
        changed,
        payment.reason.in_language(language) if payment.reason else "",
        payment.what_to_do.in_language(language) if payment.what_to_do else "",
        correct=own and payment.correct_account,
    )
