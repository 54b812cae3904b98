"""Proves a card genuine by its issuer's keys, which a PSAM holds: challenge and answer.

Internal authentication 内部认证 is the card's proof to the terminal; external authentication
外部认证 is the terminal's to the card, which opens the holder's file of a 3.00 card.
"""

import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum

from reader_service.devices.card_channel import Transmit
from reader_service.devices.security_module import SecurityModule
from shared.cardfile.atr import historical_bytes
from shared.cardfile.commands import (
    external_authenticate,
    get_challenge,
    internal_authenticate,
    parse_response,
    status_meaning,
)
from shared.cardfile.identification_code import IdentificationCode
from shared.cardfile.psam import BLOCK, PsamKey


class CardProof(StrEnum):
    """How far a physical card was proven genuine."""

    NONE = "not_authenticated"
    CHALLENGE = "authenticated"
    DRIVER = "authenticated_by_driver"


class CardForged(Exception):
    """The card answered the challenge wrongly: its data were copied from another."""


class CardUnproven(Exception):
    """The card does not take part in the challenge; says nothing of whether it is genuine."""


class Diversifier(StrEnum):
    """What of the answer to reset tells a card's key from another's.

    Both are found in public: the six bytes T8 to TD with two of zero, and the last eight.
    """

    T8_TO_TD = "t8-td"
    LAST_EIGHT = "last-8"

    def of(self, atr: bytes) -> bytes:
        """Return the first diversifier of a card.

        Raises:
            CardUnproven: its answer to reset is too short.
        """
        told = historical_bytes(atr)
        found = told[7:13] + bytes(2) if self is Diversifier.T8_TO_TD else told[-BLOCK:]
        if len(found) != BLOCK:
            raise CardUnproven(f"{len(told)} historical bytes do not hold the card's diversifier")
        return found


@dataclass(frozen=True, slots=True)
class AuthenticationKey:
    """The key number on the card and the PSAM's key it is derived from; told by the issuer."""

    card_key: int
    psam_key: PsamKey


class CardAuthenticator:
    """Runs both authentications with one module and the issuer's key numbers."""

    def __init__(
        self,
        module: SecurityModule,
        internal: AuthenticationKey,
        external: AuthenticationKey | None = None,
        diversifier: Diversifier = Diversifier.T8_TO_TD,
    ) -> None:
        """Prepare; without `external` a 3.00 card's holder file stays closed."""
        self.module = module
        self._internal = internal
        self._external = external
        self._diversifier = diversifier

    def prove(self, transmit: Transmit, atr: bytes, code: IdentificationCode) -> None:
        """Have the card prove that it holds the key of the card it says it is.

        Raises:
            CardForged: its answer is wrong.
            CardUnproven: it gives none.
            SecurityModuleLost: the module cannot compute.
            CardError: the card failed or was taken away.
        """
        key = self._internal
        diversifiers = self._diversifiers(key, atr, code)
        data, factor = secrets.token_bytes(BLOCK), secrets.token_bytes(BLOCK)
        told = parse_response(transmit(internal_authenticate(key.card_key, data, factor)))
        if not told.succeeded:
            raise CardUnproven(f"internal authentication: {status_meaning(told.status)}")
        expected = self.module.cryptogram(key.psam_key, diversifiers, factor, data)
        if not hmac.compare_digest(told.data, expected):
            raise CardForged("the card's answer to the challenge is wrong")

    def open_holder_file(self, transmit: Transmit, atr: bytes, code: IdentificationCode) -> None:
        """Prove to the card that this terminal holds the issuer's key.

        Raises:
            CardUnproven: the card does not accept the proof, or no key for it is at hand.
            SecurityModuleLost: the module cannot compute.
            CardError: the card failed or was taken away.
        """
        key = self._external
        if key is None:
            raise CardUnproven("no key for external authentication is configured")
        diversifiers = self._diversifiers(key, atr, code)
        challenge = parse_response(transmit(get_challenge()))
        if not challenge.succeeded or len(challenge.data) != BLOCK:
            raise CardUnproven(f"no challenge: {status_meaning(challenge.status)}")
        data = secrets.token_bytes(BLOCK)
        shown = self.module.cryptogram(key.psam_key, diversifiers, challenge.data, data)
        told = parse_response(transmit(external_authenticate(key.card_key, shown, data)))
        if not told.succeeded:
            raise CardUnproven(f"external authentication: {status_meaning(told.status)}")

    def _diversifiers(self, key: AuthenticationKey, atr: bytes, code: IdentificationCode) -> bytes:
        """Return a diversifier a level: the card's, and the issuing division's for the second."""
        levels = [self._diversifier.of(atr), f"{code.division:06d}sx".encode("ascii")]
        return b"".join(levels[: key.psam_key.levels])
