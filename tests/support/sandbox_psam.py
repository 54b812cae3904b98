"""A sandbox issuer: a PSAM and the keys on its cards, both without plastic and for tests alone.

No key of any real issuer is here. Commands are those of public traces (`shared.cardfile.psam`);
how a process key is computed inside real chips is not public, so the sandbox's way is its own:
SM4 over the diversifier and its complement, then over the factor. The reader service knows
nothing of it: PSAM and card alone must agree.

    python -m tests.support.sandbox_psam SOCKET [--card]

lays the PSAM, or a card of the sandbox issuer, on a reader until the program is stopped.
"""

import argparse
import contextlib
import hashlib
import signal
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.support.virtual_card import Card, LaidCard, SocialSecurityCard, Transport, atr_of

INTERNAL, EXTERNAL = 0x00, 0x0A
"""Key numbers on the card."""
INTERNAL_USAGE, INTERNAL_KEY = 0x28, 0x12
EXTERNAL_USAGE, EXTERNAL_KEY = 0x48, 0x5D
TERMINAL_NUMBER = "360700000042"

_APPLICATION = bytes.fromhex("D15600000590")
_OK = b"\x90\x00"


class SandboxIssuer:
    """Master keys, by usage and identifier as a PSAM names them."""

    def __init__(self, name: str = "Ganzhou") -> None:
        self._name = name

    def master_key(self, usage: int, identifier: int) -> bytes | None:
        """Return a master key, None for one that the issuer has not."""
        if (usage, identifier) not in {
            (INTERNAL_USAGE, INTERNAL_KEY),
            (EXTERNAL_USAGE, EXTERNAL_KEY),
        }:
            return None
        return hashlib.sha256(f"sandbox {self._name} {usage} {identifier}".encode()).digest()[:16]

    def personalise(self, card: SocialSecurityCard) -> SocialSecurityCard:
        """Load a card's own keys; its ATR must be personal."""
        historical = card.atr[-13:] if card.transport is Transport.T0 else card.atr[-14:-1]
        own = historical[7:13] + bytes(2)
        region = card.identification_code[:3].hex().encode() + b"sx"
        for number, usage, identifier, levels in (
            (INTERNAL, INTERNAL_USAGE, INTERNAL_KEY, own),
            (EXTERNAL, EXTERNAL_USAGE, EXTERNAL_KEY, own + region),
        ):
            master = self.master_key(usage, identifier)
            assert master is not None
            card_key = derived(master, levels)
            card.keys[number] = lambda factor, data, key=card_key: enciphered(  # type: ignore[misc]
                derived(key, factor), data
            )
        return card


def derived(key: bytes, diversifiers: bytes) -> bytes:
    """Derive a key, one diversifier of 8 bytes after the other."""
    for start in range(0, len(diversifiers), 8):
        block = diversifiers[start : start + 8]
        key = _sm4(key, block + bytes(byte ^ 0xFF for byte in block))
    return key


def enciphered(key: bytes, data: bytes) -> bytes:
    """Return eight bytes of cryptogram."""
    return _sm4(key, data + bytes(8))[:8]


def _sm4(key: bytes, block: bytes) -> bytes:
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - one block, as chips do
    return encryptor.update(block) + encryptor.finalize()


class SandboxPsam:
    """A PSAM that talks T=0, as PSAMs do: its answers are fetched after 61xx."""

    atr = atr_of(Transport.T0, b"SANDBOX PSAM")

    def __init__(self, issuer: SandboxIssuer | None = None) -> None:
        self._issuer = issuer or SandboxIssuer()
        self.commands: list[bytes] = []
        self.power()

    def power(self) -> None:
        """Forget what was selected and derived."""
        self._selected = False
        self._process_key: bytes | None = None
        self._waiting = b""

    def answer(self, command: bytes) -> bytes:
        """Answer one APDU."""
        self.commands.append(command)
        data = command[5 : 5 + command[4]] if len(command) > 5 else b""
        match command[:2]:
            case b"\x00\xa4":
                self._selected = data == _APPLICATION
                return _OK if self._selected else b"\x6a\x82"
            case b"\x00\xb0":
                return bytes.fromhex(TERMINAL_NUMBER) + _OK
            case b"\x00\xc0":
                waiting, self._waiting = self._waiting, b""
                return waiting + _OK
            case b"\xbf\xde":
                return self._derive(command[2], command[3], data)
            case b"\x80\xfa":
                return self._encipher(data)
        return b"\x6d\x00"

    def _derive(self, usage: int, identifier: int, data: bytes) -> bytes:
        master = self._issuer.master_key(usage, identifier)
        if not self._selected or master is None:
            return b"\x6a\x88"
        if len(data) != 8 * ((usage >> 5) + 1):
            return b"\x67\x00"
        self._process_key = derived(master, data)
        return _OK

    def _encipher(self, data: bytes) -> bytes:
        key, self._process_key = self._process_key, None
        if key is None or len(data) != 8:
            return b"\x69\x85"
        self._waiting = enciphered(key, data)
        return b"\x61\x08"


def main() -> None:
    """Lay one on a reader until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.sandbox_psam")
    parser.add_argument("reader", type=Path, help="the reader's socket")
    parser.add_argument("--card", action="store_true", help="a card in place of the PSAM")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    card: Card = SandboxPsam()
    if arguments.card:
        card = SandboxIssuer().personalise(SocialSecurityCard(personal_atr=True))
    with contextlib.suppress(KeyboardInterrupt), LaidCard(arguments.reader, card) as laid:
        laid.wait()


if __name__ == "__main__":
    main()
