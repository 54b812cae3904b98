"""Sharing agreements 数据共享协议 and the calls under them: pure, on values (S116, PIPL 13 and 23).

An agreement says who gives what to whom, for what, on which ground of the law, for how long and how
often. Whoever proposes it does not approve it. A call gets the agreed fields and nothing beside.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from backend.foundation.access import Caller, Role
from backend.foundation.audit import Organisation, holds_personal_number
from backend.foundation.pages import Position
from backend.foundation.refusals import Refusal
from backend.sharing import refusals as no
from backend.sharing.assessment_rules import Processing, is_term
from backend.sharing.transfer_rules import Transfer
from shared.localized_text import LocalizedText

MAX_RATE = 100_000
MAX_TEXT = 100
_CODE = re.compile(r"[a-z][a-z0-9_]{1,31}")


class SharedField(StrEnum):
    """What an agreement may cover, in the order in which it is answered."""

    NAME = "name"
    NUMBER = "number"
    BIRTH = "birth"
    AGE_BAND = "age_band"
    CARD_STATE = "card_state"


FIELD_WORDS: Mapping[SharedField, LocalizedText] = {
    SharedField.NAME: LocalizedText("姓名", "name"),
    SharedField.NUMBER: LocalizedText("证件号码", "ID number"),
    SharedField.BIRTH: LocalizedText("出生日期", "birth date"),
    SharedField.AGE_BAND: LocalizedText("年龄段", "age band"),
    SharedField.CARD_STATE: LocalizedText("卡状态", "card state"),
}
ITEMS: Mapping[SharedField, str] = {
    SharedField.NAME: "residents.name_sealed",
    SharedField.NUMBER: "residents.number_sealed",
    SharedField.BIRTH: "residents.birth_sealed",
    SharedField.AGE_BAND: "residents.birth_sealed",
    SharedField.CARD_STATE: "cards.state",
}
"""The stored field that each is read from, as the data catalogue names it."""
MASKABLE = frozenset({SharedField.NAME, SharedField.NUMBER, SharedField.BIRTH})


class LegalBasis(StrEnum):
    """On which ground of PIPL 13 the data are given."""

    CONSENT = "consent"  # 个人同意
    CONTRACT = "contract"  # 订立、履行合同所必需
    STATUTORY_DUTY = "statutory_duty"  # 履行法定职责或者法定义务所必需
    EMERGENCY = "emergency"  # 应对突发公共卫生事件等


class AgreementState(StrEnum):
    """Where a version of an agreement stands; whether its term runs is told by its dates."""

    PROPOSED = "proposed"
    DECLINED = "declined"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    ENDED = "ended"
    SUPERSEDED = "superseded"  # a later version was approved


LIVE = frozenset({AgreementState.APPROVED, AgreementState.SUSPENDED})
"""The states of which an agreement has one version at most."""


class Decision(StrEnum):
    """What an officer decides about a version."""

    APPROVE = "approve"
    DECLINE = "decline"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"


@dataclass(frozen=True, slots=True)
class Step:
    """What a decision leads to, from where, and whose it is."""

    before: frozenset[AgreementState]
    after: AgreementState
    by: frozenset[Role]


_SECURITY = frozenset({Role.SECURITY_OFFICER})
_EITHER = _SECURITY | {Role.DEPARTMENT_OFFICER}
STEPS: Mapping[Decision, Step] = {
    Decision.APPROVE: Step(
        frozenset({AgreementState.PROPOSED}), AgreementState.APPROVED, _SECURITY
    ),
    Decision.DECLINE: Step(
        frozenset({AgreementState.PROPOSED}), AgreementState.DECLINED, _SECURITY
    ),
    Decision.SUSPEND: Step(frozenset({AgreementState.APPROVED}), AgreementState.SUSPENDED, _EITHER),
    Decision.RESUME: Step(
        frozenset({AgreementState.SUSPENDED}), AgreementState.APPROVED, _SECURITY
    ),
    Decision.END: Step(LIVE, AgreementState.ENDED, _EITHER),
}


@dataclass(frozen=True, slots=True)
class AgreedField:
    """A field that is given, in full or masked."""

    field: SharedField
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed.

    `purpose` is a code that each call repeats; `consent_purpose` names the separate consent
    单独同意 that is asked of the person where that is the `basis` (L11), and always where the data
    leave the mainland: `transfer` says by which way (PIPL 38 and 39, L12).
    """

    consumer: str
    fields: tuple[AgreedField, ...]
    purpose: str
    purpose_words: LocalizedText
    basis: LegalBasis
    basis_words: LocalizedText
    starts_at: datetime
    ends_at: datetime
    per_day: int
    per_minute: int
    assessment: str
    consent_purpose: str | None = None
    transfer: Transfer | None = None

    @property
    def items(self) -> frozenset[str]:
        """The stored fields it gives, as the data catalogue names them."""
        return frozenset(ITEMS[one.field] for one in self.fields)

    def processing(self, sensitive: frozenset[str]) -> frozenset[Processing]:
        """Return for what kinds of processing it must be assessed (PIPL 55)."""
        kinds = {Processing.SHARING}
        if self.items & sensitive:
            kinds.add(Processing.SENSITIVE)
        if self.transfer is not None:
            kinds.add(Processing.EXPORT)
        return frozenset(kinds)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of an agreement."""

    version_id: str
    agreement: str
    version: int
    provider: Organisation
    terms: Terms
    state: AgreementState
    proposed_by: str
    proposed_at: datetime
    changed_at: datetime
    reason: str | None = field(default=None)

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.proposed_at, self.version_id)


def is_code(text: str) -> bool:
    """Tell whether a text has the form of a consumer's or a purpose's code."""
    return _CODE.fullmatch(text) is not None


def is_words(text: LocalizedText) -> bool:
    """Tell whether words in both languages are there, plain, and about nobody."""
    return all(
        1 <= len(one) <= MAX_TEXT and one.isprintable() and not holds_personal_number(one)
        for one in (text.zh, text.en)
    )


def terms_fault(
    terms: Terms, consent_recipients: Mapping[str, str], now: datetime
) -> Refusal | None:
    """Return why terms cannot be proposed as written.

    Args:
        terms: what is proposed.
        consent_recipients: the consents that people can give, and for whom each is.
        now: the present instant.
    """
    names = [one.field for one in terms.fields]
    whole = (
        0 < len(names) == len(set(names))
        and all(one.field in MASKABLE for one in terms.fields if one.masked)
        and is_code(terms.purpose)
        and is_words(terms.purpose_words)
        and is_words(terms.basis_words)
        and is_term(terms.starts_at, terms.ends_at, now)
        and 1 <= terms.per_minute <= terms.per_day <= MAX_RATE
    )
    if not whole:
        return no.TERMS_FORM
    if terms.transfer is not None:
        if not terms.transfer.whole:
            return no.TRANSFER_FORM
        # PIPL 39, whatever the ground of PIPL 13: a consent of its own, to this very recipient.
        agreed_to = consent_recipients.get(terms.consent_purpose or "")
        return None if agreed_to == terms.consumer else no.TRANSFER_CONSENT
    if terms.basis is LegalBasis.CONSENT:
        return None if terms.consent_purpose in consent_recipients else no.CONSENT_PURPOSE_FORM
    return None if terms.consent_purpose is None else no.CONSENT_PURPOSE_FORM


def decision_fault(
    agreement: Agreement, decision: Decision, caller: Caller, now: datetime
) -> Refusal | None:
    """Return why `caller`, whose post may decide so, may not do it about this version."""
    step = STEPS[decision]
    if agreement.state not in step.before:
        return no.DECISION_NOT_POSSIBLE
    if decision is Decision.APPROVE and caller.staff_id == agreement.proposed_by:
        return no.OWN_PROPOSAL
    if step.after is AgreementState.APPROVED and agreement.terms.ends_at <= now:
        return no.AGREEMENT_OVER
    own = caller.organisation.code == agreement.provider.code
    return None if caller.roles & _SECURITY or own else no.OF_ANOTHER_PROVIDER


def abroad_fault(abroad: bool, terms: Terms) -> Refusal | None:
    """Return why a consumer gets nothing across the border: only an agreement for it allows that.

    Args:
        abroad: whether the consumer's system stands outside the mainland.
        terms: what is agreed.
    """
    return no.ABROAD_NOT_AGREED if abroad and terms.transfer is None else None


def call_fault(
    agreement: Agreement | None,
    consumer: str,
    purpose: str,
    fields: Iterable[str] | None,
    now: datetime,
) -> Refusal | None:
    """Return why a call is outside its agreement; of another's agreement nothing is said."""
    if agreement is None or agreement.terms.consumer != consumer:
        return no.AGREEMENT_UNKNOWN
    if agreement.state is not AgreementState.APPROVED:
        return _NOT_APPROVED[agreement.state]
    terms = agreement.terms
    if now < terms.starts_at:
        return no.NOT_BEGUN
    if now >= terms.ends_at:
        return no.EXPIRED
    if purpose != terms.purpose:
        return no.PURPOSE_NOT_AGREED
    agreed = {one.field.value for one in terms.fields}
    return None if fields is None or set(fields) <= agreed else no.FIELD_NOT_AGREED


def asked_fields(terms: Terms, fields: Iterable[str] | None) -> tuple[AgreedField, ...]:
    """Return what a call gets: the agreed fields, or those of them that it names."""
    wanted = None if fields is None else set(fields)
    order = list(SharedField)
    chosen = [one for one in terms.fields if wanted is None or one.field.value in wanted]
    return tuple(sorted(chosen, key=lambda one: order.index(one.field)))


def told_words(one: AgreedField) -> LocalizedText:
    """Return the words for a field as the person reads them."""
    words = FIELD_WORDS[one.field]
    if not one.masked:
        return words
    return LocalizedText(f"{words.zh}（隐去部分）", f"{words.en} (masked)")


_NOT_APPROVED: Mapping[AgreementState, Refusal] = {
    AgreementState.PROPOSED: no.NOT_IN_FORCE,
    AgreementState.DECLINED: no.NOT_IN_FORCE,
    AgreementState.SUSPENDED: no.SUSPENDED,
    AgreementState.ENDED: no.ENDED,
    AgreementState.SUPERSEDED: no.ENDED,
}
