"""How a reader becomes known: one token, once, for one key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.ecode.algorithms import InvalidKey, PublicKey


class InvalidEnrolment(ValueError):
    """An enrolment's request or answer is not understood; the message names the field."""


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
