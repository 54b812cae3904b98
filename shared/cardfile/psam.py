"""Commands to a PSAM 终端安全模块: the chip in the terminal that holds the issuer's keys.

As public traces of social security terminals show them: the key of one card is derived in the PSAM
from the master key by one diversifier a level, then the process key from that and a factor.
"""

from dataclasses import dataclass

SOCIAL_SECURITY_KEYS = bytes.fromhex("D15600000590")
"""The application of a PSAM that holds the keys of the social security environment."""

BLOCK = 8
"""Bytes of a diversifier, a factor, a cryptogram and its data."""

READ_TERMINAL_NUMBER = bytes.fromhex("00B0960006")
"""READ BINARY of the terminal's number 终端机编号, 6 bytes, before any application is selected."""


@dataclass(frozen=True, slots=True)
class PsamKey:
    """A key of a PSAM: `usage` has the levels of diversification in its three high bits."""

    usage: int
    identifier: int

    @property
    def levels(self) -> int:
        """How many diversifiers lead from the master key to a card's key."""
        return self.usage >> 5


def derive_process_key(key: PsamKey, diversifiers: bytes, factor: bytes) -> bytes:
    """Return the command that makes a card's process key, to be used by the next command."""
    data = diversifiers + factor
    return bytes([0xBF, 0xDE, key.usage, key.identifier, len(data)]) + data


def encipher(data: bytes) -> bytes:
    """Return the command that enciphers a block under the process key."""
    return bytes([0x80, 0xFA, 0x00, 0x00, len(data)]) + data
