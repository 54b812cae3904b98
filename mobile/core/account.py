"""A resident's sign-in on this phone, and what a code by SMS is good for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant
from mobile.core.trouble import Trouble
from shared.localized_text import LocalizedText

SMS_CODE_LENGTH = 6
PHONE_LENGTH = 11
CITIZEN_NUMBER_LENGTH = 18

SIGN_IN_NEEDED = Trouble(
    "sign_in_needed",
    LocalizedText("这部手机没有登录", "You are not signed in on this phone"),
    LocalizedText("请登录后再试", "Sign in, then try again"),
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What speaks for the resident, together with the device's key; secrets stay out of `repr`.

    `holder` names who signed in, the same each time; empty where an older app stored it.
    `renewal_key` is there while a renewal was sent whose answer has not come: the same renewal
    must be repeated, since a used refresh token under another key ends the session.
    """

    session_id: str
    access: str = field(repr=False)
    access_ends: datetime
    refresh: str = field(repr=False)
    renewal_key: str = ""
    holder: str = ""

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read tokens; raises KeyError, TypeError or ValueError for what is none."""
        secrets = wire["accessToken"], wire["refreshToken"]
        holder = wire.get("holder", "")
        # They become a header of a request.
        if not all(one.isascii() and one.isprintable() for one in (*secrets, holder)):
            raise ValueError("a token is not a line of ASCII")
        return cls(
            session_id=wire["sessionId"],
            access=secrets[0],
            access_ends=read_instant(wire["accessExpiresAt"]),
            refresh=secrets[1],
            renewal_key=wire.get("renewalKey", ""),
            holder=holder,
        )

    def to_wire(self) -> dict[str, str]:
        """Return the tokens as `of_wire` reads them."""
        return {
            "sessionId": self.session_id,
            "accessToken": self.access,
            "accessExpiresAt": self.access_ends.isoformat(),
            "refreshToken": self.refresh,
            "renewalKey": self.renewal_key,
            "holder": self.holder,
        }


@dataclass(frozen=True, slots=True)
class SentCode:
    """A code by SMS that is on its way, until when it is good, and when the next may be had."""

    valid_until: datetime
    resend_at: datetime

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read the answer; raises KeyError, TypeError or ValueError for what is none."""
        return cls(read_instant(wire["validUntil"]), read_instant(wire["resendAt"]))


def grouped(text: str, *sizes: int) -> str:
    """Return `text` in groups of those sizes, as people read numbers aloud."""
    groups, start = [], 0
    for size in sizes:
        groups.append(text[start : start + size])
        start += size
    return " ".join(group for group in groups if group)


def masked_phone(digits: str) -> str:
    """Return 138****5678."""
    return f"{digits[:3]}****{digits[-4:]}"
