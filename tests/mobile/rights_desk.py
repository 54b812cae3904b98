"""The part of the card office for rights over one's data; its attributes are a test's to change.

Like the rest of the office it is written from the contract alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shared.clock import Clock

Wire = dict[str, Any]


def notice(code: str, scene: str, version: int = 1) -> Wire:
    """Return a notice."""
    return {
        "code": code,
        "scene": scene,
        "version": version,
        "day": "2026-11-20",
        "title": {"zh": f"{code} 告知书", "en": f"{code} in English"},
        "text": {"zh": f"一、为什么要 {code}。\n二、保存多久。", "en": "1. Why.\n2. How long."},
        "digest": "0" * 64,
    }


def purpose(code: str) -> Wire:
    """Return a purpose to which nobody has agreed."""
    return {
        "code": code,
        "version": 3,
        "day": "2026-11-20",
        "title": {"zh": f"{code} 用途", "en": f"{code} in English"},
        "necessity": {"zh": "为了显示健康档案", "en": "To show health records"},
        "impact": {"zh": "属于敏感信息", "en": "It is sensitive"},
        "fields": [{"zh": "疫苗接种记录", "en": "vaccinations"}],
        "recipient": {"code": "hc", "name": {"zh": "市卫健委", "en": "Health commission"}},
        "lastingDays": 180,
        "consented": False,
    }


@dataclass
class RightsDesk:
    """Shows notices, takes consents, corrections and closings."""

    clock: Clock
    notices: list[Wire] = field(default_factory=list)
    acknowledged: list[tuple[str, int]] = field(default_factory=list)
    purposes: list[Wire] = field(default_factory=list)
    receipts: list[Wire] = field(default_factory=list)
    corrections: list[Wire] = field(default_factory=list)
    correction_keys: list[str] = field(default_factory=list)
    asked_corrections: list[Wire] = field(default_factory=list)
    closing: Wire | None = None
    closing_keys: list[str] = field(default_factory=list)
    consent_keys: list[str] = field(default_factory=list)

    def rights_resolvers(self, session: object | None) -> dict[str, Callable[..., Any]]:
        """Return what answers the fields about rights for one request."""
        return {
            "notices": lambda _info: self.notices,
            "pendingNotices": lambda _info: self._pending(session),
            "acknowledgeNotice": lambda _info, **given: self._acknowledge(session, given["input"]),
            "consentPurposes": lambda _info: {
                "__typename": "ConsentPurposes",
                "nodes": self.purposes,
            },
            "consentReceipts": lambda _info, **_: {
                "nodes": self.receipts,
                "pageInfo": {"hasNextPage": False, "endCursor": None},
            },
            "giveConsent": lambda _info, **given: self._consent(session, given["input"], True),
            "withdrawConsent": lambda _info, **given: self._consent(session, given["input"], False),
            "corrections": lambda _info, **_: {
                "nodes": self.corrections,
                "pageInfo": {"hasNextPage": False, "endCursor": None},
            },
            "requestCorrection": lambda _info, **given: self._correct(session, given["input"]),
            "withdrawCorrection": lambda _info, **_: self._withdraw_correction(),
            "closingTerms": lambda _info: self._closing_terms(session),
            "requestClosing": lambda _info, **given: self._request_closing(given["input"]),
            "withdrawClosing": lambda _info, **_: self._withdraw_closing(),
        }

    def _pending(self, session: object | None) -> Wire:
        assert session is not None
        nodes = [
            notice
            for notice in self.notices
            if (notice["code"], notice["version"]) not in self.acknowledged
        ]
        return {"__typename": "PendingNotices", "nodes": nodes}

    def _acknowledge(self, session: object | None, given: Wire) -> Wire:
        assert session is not None
        self.acknowledged.append((given["code"], given["version"]))
        notice = next(one for one in self.notices if one["code"] == given["code"])
        now = self.clock.now().isoformat()
        return {"__typename": "NoticeAcknowledged", "notice": notice, "serverTime": now}

    def _consent(self, session: object | None, given: Wire, gives: bool) -> Wire:
        assert session is not None
        now, key = self.clock.now(), given["idempotencyKey"]
        purpose = next(one for one in self.purposes if one["code"] == given["purpose"])
        if key not in self.consent_keys:
            self.consent_keys.append(key)
            purpose["consented"] = gives
            if gives:
                receipt = {
                    **{name: purpose[name] for name in ("version", "title", "fields", "recipient")},
                    "id": f"receipt_{len(self.receipts)}",
                    "purpose": purpose["code"],
                    "givenAt": now.isoformat(),
                    "until": (now + timedelta(days=purpose["lastingDays"])).isoformat(),
                    "withdrawnAt": None,
                }
                self.receipts.insert(0, receipt)
            else:
                self.receipts[0]["withdrawnAt"] = now.isoformat()
        return {
            "__typename": "ConsentChanged",
            "receipt": self.receipts[0],
            "serverTime": now.isoformat(),
        }

    def _correct(self, session: object | None, given: Wire) -> Wire:
        assert session is not None
        self.asked_corrections.append(given)
        if given["idempotencyKey"] not in self.correction_keys:
            self.correction_keys.append(given["idempotencyKey"])
            correction = {
                "id": f"cor_{len(self.corrections)}",
                "field": given["field"],
                "state": "SUBMITTED",
                "submittedAt": self.clock.now().isoformat(),
                "decidedAt": None,
                "reason": None,
            }
            self.corrections.insert(0, correction)
        return self._correction("CorrectionRequested")

    def _withdraw_correction(self) -> Wire:
        self.corrections[0]["state"] = "WITHDRAWN"
        return self._correction("CorrectionWithdrawn")

    def _correction(self, kind: str) -> Wire:
        now = self.clock.now().isoformat()
        return {"__typename": kind, "correction": self.corrections[0], "serverTime": now}

    def _closing_terms(self, session: object | None) -> Wire:
        assert session is not None
        words = {"zh": "手机号码", "en": "Your phone number"}
        kept = {"zh": "操作日志", "en": "The log"}
        why = {"zh": "《网络安全法》", "en": "Cybersecurity Law"}
        until = {"zh": "六个月", "en": "6 months"}
        return {
            "__typename": "ClosingTerms",
            "erased": [words],
            "kept": [{"what": kept, "legalBasis": why, "until": until}],
            "coolingOffDays": 15,
            "request": self.closing,
        }

    def _request_closing(self, given: Wire) -> Wire:
        now = self.clock.now()
        self.closing_keys.append(given["idempotencyKey"])
        self.closing = {
            "requestedAt": now.isoformat(),
            "effectiveAt": (now + timedelta(days=15)).isoformat(),
        }
        now_text = now.isoformat()
        return {"__typename": "ClosingRequested", "request": self.closing, "serverTime": now_text}

    def _withdraw_closing(self) -> Wire:
        self.closing = None
        return {"__typename": "ClosingWithdrawn", "serverTime": self.clock.now().isoformat()}
