"""Notices, purposes and consents: pure, on values."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from backend.foundation.audit import Organisation
from backend.foundation.refusals import Refusal, refusal
from shared.localized_text import LocalizedText

_RELOAD = ("请重新打开页面，阅读现行版本。", "Open the page again and read the present version.")
NOTICE_UNKNOWN = refusal(
    "notice_unknown", ("没有这份告知书。", "There is no such notice."), _RELOAD
)
NOTICE_OUTDATED = refusal(
    "notice_outdated",
    ("这不是告知书的现行版本。", "This is not the notice's present version."),
    _RELOAD,
)
PURPOSE_UNKNOWN = refusal(
    "purpose_unknown", ("没有这项处理目的。", "There is no such purpose."), _RELOAD
)
PURPOSE_OUTDATED = refusal(
    "purpose_outdated",
    ("这不是该项说明的现行版本。", "This is not the present version of what you agree to."),
    _RELOAD,
)
CONSENT_NEEDED = refusal(
    "consent_needed",
    ("此事需要您的单独同意。", "This needs your separate consent."),
    (
        "请在“我的权利”中阅读说明并决定是否同意；不同意不影响其他服务。",
        'Read what it is about under "My rights" and decide; other services work either way.',
    ),
)

PIN_KEYED_IN = refusal(
    "consent_pin_needed",
    (
        "需要本人凭社保卡和密码同意。",
        "The person has to agree themselves, by their card and its PIN.",
    ),
    ("请本人当面输入社保卡密码。", "They key in the card's PIN at the counter."),
)
GUARDIAN_CONSENTS = refusal(
    "guardian_consents",
    ("此事由监护人决定。", "A guardian decides this for them."),
    (
        "请监护人凭监护证明登记代办，并单独选择该事项。",
        "The guardian shows the papers, is given a mandate and chooses this by itself.",
    ),
)


class Scene(StrEnum):
    """Where in the app a notice is shown, at the first use (L5)."""

    SIGN_IN = "sign_in"
    ECARD = "ecard"


@dataclass(frozen=True, slots=True)
class Notice:
    """One version of a notice 告知书; `digest` is the SHA-256 over all the rest of it."""

    code: str
    scene: Scene
    version: int
    day: date
    title: LocalizedText
    text: LocalizedText
    digest: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a separate consent 单独同意 is asked for, as it is explained to the person (L3).

    `necessity` and `impact` are what the law wants told with sensitive data; a consent lasts
    `lasting`. `digest` is the SHA-256 over all the rest of it.
    """

    code: str
    version: int
    day: date
    title: LocalizedText
    necessity: LocalizedText
    impact: LocalizedText
    fields: tuple[LocalizedText, ...]
    recipient: Organisation
    lasting: timedelta
    digest: str


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that was given, as far as it decides: for which version, until when."""

    version: int
    until: datetime
    withdrawn: bool = False

    def stands(self, purpose: Purpose, now: datetime) -> bool:
        """Tell whether it covers `purpose` now.

        A changed purpose is another one: it must be asked for again (PIPL 14).
        """
        return not self.withdrawn and self.version == purpose.version and now < self.until


def pending_notices(
    notices: Iterable[Notice], acknowledged: Collection[tuple[str, int]]
) -> list[Notice]:
    """Return the notices whose present version the person has not acknowledged."""
    return [one for one in notices if (one.code, one.version) not in acknowledged]


def consent_refusal(consent: Consent | None, purpose: Purpose, now: datetime) -> Refusal | None:
    """Return why `purpose` may not be served, or None where the person's own consent stands."""
    stands = consent is not None and consent.stands(purpose, now)
    return None if stands else CONSENT_NEEDED


def digest_of(values: object) -> str:
    """Return the SHA-256, in hex, of the values of a data file: JSON, keys sorted, UTF-8."""
    text = json.dumps(
        values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    )
    return hashlib.sha256(text.encode()).hexdigest()
