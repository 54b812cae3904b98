"""What is recorded of people using their rights, in their words."""

from datetime import datetime

from backend.foundation.access import Caller
from backend.foundation.audit import OK, Actor, ActorKind, Deed, System, refused
from backend.foundation.refusals import Refusal
from backend.rights.correction_rules import FIELD_WORDS, CorrectableField
from shared.localized_text import LocalizedText

ACKNOWLEDGED = LocalizedText("阅读了告知书", "Acknowledged a notice")
CONSENT_GIVEN = LocalizedText("给出了一项单独同意", "Gave a separate consent")
CONSENT_WITHDRAWN = LocalizedText("撤回了一项单独同意", "Withdrew a separate consent")
CONSENTS_SEEN = LocalizedText("查看了单独同意的情况", "Looked at the separate consents")
CLOSING_REQUESTED = LocalizedText("申请注销账户", "Asked for the account to be closed")
CLOSING_WITHDRAWN = LocalizedText("撤回注销账户的申请", "Withdrew the closing of the account")
ACCOUNT_CLOSED = LocalizedText(
    "账户已注销；社保卡仍有效，登记信息保留到卡失效",
    "The account was closed; the record stays until the card ends",
)
ERASED = LocalizedText("账户已注销，个人信息已清除", "The account was closed and its data erased")
REOPENED = LocalizedText("再次注册，注销终止", "Registered again; the closing of before is over")
COPIED = LocalizedText("取得了个人信息副本", "Took a copy of the personal information")

HOUSE = Actor(ActorKind.SYSTEM, "rights")
"""The house itself, doing what was asked for before."""


def of_house(action: str, words: LocalizedText, resident_id: str, at: datetime) -> Deed:
    """Return a deed of the house itself about a person."""
    return Deed(
        at=at,
        actor=HOUSE,
        action=action,
        words=words,
        system=System.BATCH,
        subject=resident_id,
        disclosed=False,
    )


def correction(which: CorrectableField, zh: str, en: str) -> LocalizedText:
    """Return the words of an act on a case about one field."""
    words = FIELD_WORDS[which]
    return LocalizedText(f"{zh}{words.zh}的更正申请", f"{en} a request to correct the {words.en}")


def of_caller(
    caller: Caller,
    action: str,
    words: LocalizedText,
    resident_id: str | None,
    at: datetime,
    refusal: Refusal | None = None,
) -> Deed:
    """Return the deed of whoever asks; people's own routine is not "use of their data"."""
    return Deed(
        at=at,
        actor=caller.actor,
        action=action,
        words=words,
        system=System.COUNTER if caller.staff_id else System.APP,
        subject=resident_id,
        organisation=caller.organisation,
        result=OK if refusal is None else refused(refusal),
        disclosed=caller.resident_id != resident_id,
    )
