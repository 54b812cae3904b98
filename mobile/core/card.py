"""The resident's card as the phone may show it: masked, and with its certificate."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from shared.ecode.certificate import Certificate, parse_certificate
from shared.localized_text import LocalizedText

ENDING_SOON = timedelta(hours=6)


class CardState(StrEnum):
    """What the card office says of the card; a state this app does not know is `OTHER`."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"  # 临时挂失
    LOST = "LOST"  # 正式挂失
    REPLACED = "REPLACED"  # 补换
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"  # 注销
    OTHER = "OTHER"

    @classmethod
    def of_wire(cls, value: str) -> "CardState":
        """Return the state of that name."""
        return cls(value) if value in cls.__members__ else cls.OTHER


def read_text(wire: Mapping[str, str]) -> LocalizedText:
    """Return a text of the wire; raises KeyError when a language is missing."""
    return LocalizedText(zh=wire["zh"], en=wire["en"])


def write_text(text: LocalizedText) -> dict[str, str]:
    """Return a text as the wire has it."""
    return {"zh": text.zh, "en": text.en}


@dataclass(frozen=True, slots=True)
class Card:
    """A card, masked by the server; `number_tail` is 尾号.

    `identifier` names it among cards and says nothing else; empty as an older app stored it.
    """

    masked_name: str
    number_tail: str
    region: LocalizedText
    state: CardState
    identifier: str = ""

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a card; raises KeyError or TypeError when a field is missing."""
        return cls(
            masked_name=wire["maskedName"],
            number_tail=wire["cardNumberTail"],
            region=read_text(wire["region"]["name"]),
            state=CardState.of_wire(wire["state"]),
            identifier=wire.get("id", ""),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the card as `of_wire` reads it."""
        return {
            "id": self.identifier,
            "maskedName": self.masked_name,
            "cardNumberTail": self.number_tail,
            "region": {"name": write_text(self.region)},
            "state": self.state.value,
        }


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate and the moment from which a new one may be asked for."""

    certificate: Certificate
    renew_after: datetime

    @property
    def not_after(self) -> datetime:
        """The first instant at which it no longer holds."""
        return self.certificate.claims.not_after

    def due(self, renew_after: datetime) -> "IssuedCertificate":
        """Return it as due from the moment the server says now, never later than was agreed.

        After a correction 更正 what it says of its holder is no longer so, and a new one waits.
        """
        return replace(self, renew_after=min(self.renew_after, renew_after))

    def ends_soon(self, now: datetime) -> bool:
        """Tell whether so little is left that its holder should know."""
        return self.not_after - now <= ENDING_SOON

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a certificate.

        Raises:
            ValueError: not base64url, or not a certificate (`Malformed`).
            KeyError: a field is missing.
        """
        text = wire["certificate"]
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except binascii.Error as error:
            raise ValueError("the certificate is not base64url") from error
        return cls(parse_certificate(raw), read_instant(wire["renewAfter"]))

    def to_wire(self) -> dict[str, Any]:
        """Return the certificate as `of_wire` reads it."""
        return {
            "certificate": base64.urlsafe_b64encode(self.certificate.raw).rstrip(b"=").decode(),
            "renewAfter": self.renew_after.isoformat(),
        }


def read_instant(text: str) -> datetime:
    """Return an aware moment.

    Raises:
        ValueError: not ISO 8601, or without its zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment
