"""How a reader becomes known: one token, once, for one key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.ecode.algorithms import InvalidKey, PublicKey

_CODE = re.compile(r"YKTENROL1 (https?://[!-~]{1,200}) ([0-9A-Za-z_]{8,80}) ([0-9A-Za-z_-]{43})")


class InvalidEnrolment(ValueError):
    """An enrolment's request or answer is not understood; the message names the field."""


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """What a reader is shown, as text or QR, to enrol: once, for one key.

    `root_thumbprint` (RFC 7638) tells which root key the answer must hold, so that nobody between
    the reader and the backend can be enrolled with instead.
    """

    address: str
    token: str
    root_thumbprint: str

    def __post_init__(self) -> None:
        """Refuse what would not be read back.

        Raises:
            InvalidEnrolment: a part has a wrong form.
        """
        if not _CODE.fullmatch(self.to_text()):
            raise InvalidEnrolment("enrolment code not understood")

    def to_text(self) -> str:
        """Return the text of the code."""
        return f"YKTENROL1 {self.address} {self.token} {self.root_thumbprint}"

    @classmethod
    def of_text(cls, text: str) -> "EnrolmentCode":
        """Read a code.

        Raises:
            InvalidEnrolment: it is none.
        """
        found = _CODE.fullmatch(text.strip())
        if found is None:
            raise InvalidEnrolment("enrolment code not understood")
        return cls(*found.groups())


@dataclass(frozen=True, slots=True)
class TerminalEnrolment:
    """The backend's answer: what the reader is from now on, and the root key it pins.

    `list_region` and `list_key_id` name the key that signs this venue's manifest.
    """

    terminal_id: str
    venue_number: int
    list_region: int
    list_key_id: int
    root_key: PublicKey

    def to_wire(self) -> dict[str, Any]:
        """Return the answer as JSON values."""
        return {
            "terminal_id": self.terminal_id,
            "venue_number": self.venue_number,
            "list_region": self.list_region,
            "list_key_id": self.list_key_id,
            "root_key": self.root_key.to_pem(),
        }

    @classmethod
    def of_wire(cls, values: Any) -> "TerminalEnrolment":
        """Read an answer as `to_wire` wrote it.

        Raises:
            InvalidEnrolment: a field is missing or of the wrong kind.
        """
        if not isinstance(values, Mapping):
            raise InvalidEnrolment("not an object")
        try:
            return cls(
                terminal_id=str(values["terminal_id"]),
                venue_number=int(values["venue_number"]),
                list_region=int(values["list_region"]),
                list_key_id=int(values["list_key_id"]),
                root_key=PublicKey.of_pem(str(values["root_key"])),
            )
        except (KeyError, TypeError, ValueError, InvalidKey) as error:
            raise InvalidEnrolment("terminal enrolment not understood") from error
