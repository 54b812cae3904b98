"""What holds the issuer's keys for a terminal, whatever it is."""

from typing import Protocol

from shared.cardfile.psam import PsamKey


class SecurityModuleLost(Exception):
    """The module is not there, does not answer, or lacks the key; holds no byte of a card."""


class SecurityModule(Protocol):
    """What computes under the issuer's keys for this terminal."""

    @property
    def number(self) -> str | None:
        """The terminal's number 终端机编号 as the module knows it, None before it was reached."""
        ...

    def cryptogram(self, key: PsamKey, diversifiers: bytes, factor: bytes, data: bytes) -> bytes:
        """Encipher `data` as the card does that these diversifiers stand for.

        Raises:
            SecurityModuleLost: it cannot.
        """
        ...
