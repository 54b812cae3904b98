"""Social security cards without plastic: what a card answers, and a way to lay it on a reader.

The cards encode their records themselves, apart from `shared.cardfile`, so that a mistake there
cannot hide here. Readers are those of `virtual_reader.c`: a card connects to the reader's socket.

    python -m tests.support.virtual_card SOCKET --version 3.00

lays one on a reader until the program is stopped.
"""

import argparse
import contextlib
import functools
import operator
import secrets
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

_SSSE = "sx1.sh.社会保障".encode("gbk")
_TRANSIT = bytes.fromhex("A000000632010105")

_OK = b"\x90\x00"
_NOT_FOUND = b"\x6a\x82"
_POWER_OR_RESET = (0, 1, 2)
_ASK_ATR = 4


class Card(Protocol):
    """A card's program."""

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        ...

    def power(self) -> None:
        """Forget what was selected."""
        ...

    def answer(self, command: bytes) -> bytes:
        """Answer one APDU: data and status word."""
        ...


CardKey = Callable[[bytes, bytes], bytes]
"""Enciphers data (second) under the process key made of a factor (first); 8 bytes each."""


class Transport(Enum):
    """How the card talks; T0 announces lengths by 61xx and 6Cxx, T1 has no other protocol."""

    CONTACTLESS = auto()
    T0 = auto()
    T1 = auto()


def atr_of(transport: Transport, historical: bytes) -> bytes:
    """Build the answer to reset (ISO 7816-3, PC/SC part 3 for contactless)."""
    count = len(historical)
    if transport is Transport.T0:
        return bytes([0x3B, 0x60 | count, 0x00, 0x00]) + historical
    offered = b"\x01" if transport is Transport.T1 else b"\x80\x01"
    body = bytes([0x80 | count]) + offered + historical
    return b"\x3b" + body + bytes([functools.reduce(operator.xor, body)])


@dataclass(frozen=True, slots=True)
class Holder:
    """What stands on a card; every value is invented."""

    citizen_number: str = "36070219580312402X"
    name: str = "钟秀英"
    sex: str = "2"
    birth: str = "19580312"


class SocialSecurityCard:
    """The SSSE with EF05 and EF06 of one generation; all cards of a batch have one ATR.

    With `personal_atr` the ATR's T8 to TD hold the serial, as issuers write them who derive keys
    from it. `keys` by their number on the card answer challenges; see `sandbox_psam`. EF06 of a
    3.00 card answers 6982 until an external authentication.
    """

    def __init__(
        self,
        version: str = "3.00",
        *,
        transport: Transport = Transport.CONTACTLESS,
        division: str = "360700",
        serial: str = "00000001",
        card_number: str = "D58009678",
        expires_on: str = "20361121",
        holder: Holder | None = None,
        personal_atr: bool = False,
    ) -> None:
        self.version = version
        self.transport = transport
        personal = bytes.fromhex(serial + division[:4]) if personal_atr else b""
        self.atr = atr_of(transport, b"SSC" + version.encode() + personal)
        self.keys: dict[int, CardKey] = {}
        self.identification_code = bytes.fromhex(division + "D156000005" + serial + "FFFFFFFF")
        issuer = {
            0x01: self.identification_code,
            0x02: b"1",
            0x03: version.encode(),
            0x04: bytes.fromhex("915600000236070000000001"),
            0x05: bytes.fromhex("20211122"),
            0x06: bytes.fromhex(expires_on),
            0x07: card_number.encode(),
        }
        self.files = {0xEF05: issuer, 0xEF06: _holder_records(holder or Holder(), version)}
        self.power()

    def power(self) -> None:
        """Forget the selected application and file."""
        self._in_environment = False
        self._file: int | None = None
        self._waiting = b""
        self._challenge = b""
        self._terminal_known = False

    def answer(self, command: bytes) -> bytes:
        """Answer one APDU."""
        if len(command) < 4:
            return b"\x67\x00"
        if command[0] != 0:
            return b"\x6e\x00"
        instruction = command[1]
        if instruction == 0xA4:
            return self._select(command)
        if instruction == 0xB2:
            return self._read_record(command)
        if instruction == 0xC0 and self.transport is Transport.T0:
            return self._get_response(command)
        if instruction in {0x82, 0x84, 0x88} and self._in_environment:
            return self._authenticate(command)
        return b"\x6d\x00"

    def _authenticate(self, command: bytes) -> bytes:
        if command[1] == 0x84:
            self._challenge = secrets.token_bytes(command[4])
            return self._challenge + _OK
        key, first, second = self.keys.get(command[3]), command[5:13], command[13:21]
        if key is None:
            return b"\x6a\x88"
        if command[1] == 0x88:
            return self._send(key(second, first))
        challenge, self._challenge = self._challenge, b""
        self._terminal_known = bool(challenge) and key(challenge, second) == first
        return _OK if self._terminal_known else b"\x63\x00"

    def _select(self, command: bytes) -> bytes:
        target = command[5 : 5 + command[4]] if len(command) > 5 else b""
        if command[2] == 0x04:
            self.power()
            if target != _SSSE:
                return _NOT_FOUND
            self._in_environment = True
            return self._send(bytes([0x6F, len(_SSSE) + 2, 0x84, len(_SSSE)]) + _SSSE)
        file = int.from_bytes(target)
        if not self._in_environment or file not in self.files:
            return _NOT_FOUND
        self._file = file
        return _OK

    def _read_record(self, command: bytes) -> bytes:
        if self._file is None:
            return b"\x69\x85"
        if self._file == 0xEF06 and self.version == "3.00" and not self._terminal_known:
            return b"\x69\x82"
        records = self.files[self._file]
        by_number, wanted = command[3] & 0x07 == 0x04, command[2]
        tags = list(records)
        tag = tags[wanted - 1] if by_number and 0 < wanted <= len(tags) else wanted
        if tag not in records:
            return b"\x6a\x83"
        record = bytes([tag, len(records[tag])]) + records[tag]
        if self.transport is Transport.T0 and command[4:] != bytes([len(record)]):
            return bytes([0x6C, len(record)])
        return record + _OK

    def _send(self, data: bytes) -> bytes:
        if self.transport is Transport.T0:
            self._waiting = data
            return bytes([0x61, len(data)])
        return data + _OK

    def _get_response(self, command: bytes) -> bytes:
        data, self._waiting = self._waiting, b""
        if not data:
            return b"\x69\x85"
        return data[: command[4] or 256] + _OK


def _holder_records(holder: Holder, version: str) -> dict[int, bytes]:
    name = holder.name.encode("gb18030").ljust(50, b"\0")
    extension = {} if version == "1.00" else {0x4E: name[30:]}
    return {
        0x08: holder.citizen_number.encode(),
        0x09: name[:30],
        **extension,
        0x0A: holder.sex.encode(),
        0x0B: bytes.fromhex("01"),
        0x0C: bytes.fromhex("360702"),
        0x0D: bytes.fromhex(holder.birth),
    }


class OtherCard:
    """A card of nothing that this system knows."""

    atr = atr_of(Transport.CONTACTLESS, b"OTHER")

    def power(self) -> None:
        """Nothing to forget."""

    def answer(self, command: bytes) -> bytes:
        """Know no application."""
        del command
        return _NOT_FOUND


class TransitCard:
    """A T-Union bus card: free to read, without a social security environment.

    `files` by their short identifier; the number and the dates are of a public sample.
    """

    atr = atr_of(Transport.CONTACTLESS, b"TRANSIT")

    def __init__(self, kind: int = 3, balance_fen: int = 1234) -> None:
        sample = "01011000FFFFFFFF 02 01 03105170010170907984 20190806 20400312 3100"
        self.files = {0x15: bytes.fromhex(sample), 0x17: bytes(10) + bytes([kind])}
        self.balance = balance_fen.to_bytes(4)
        self._selected = False

    def power(self) -> None:
        """Forget what was selected."""
        self._selected = False

    def answer(self, command: bytes) -> bytes:
        """Know the transit purse alone."""
        if command[:4] == b"\x00\xa4\x04\x00":
            self._selected = command[5:13] == _TRANSIT
            found = bytes([0x6F, 0x0A, 0x84, 0x08]) + _TRANSIT + _OK
            return found if self._selected else _NOT_FOUND
        if not self._selected:
            return b"\x69\x85"
        if command == bytes.fromhex("805C000204"):
            return self.balance + _OK
        file = self.files.get(command[2] & 0x1F) if command[1] == 0xB0 else None
        return _NOT_FOUND if file is None else file[: command[4]] + _OK


class FaultKind(Enum):
    """How a card goes wrong."""

    REMOVED = auto()
    MUTE = auto()
    COMMUNICATION_ERROR = auto()
    GARBAGE = auto()
    LATE = auto()


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that begins once the card has answered `after` APDUs; `after=-1`: mute at reset.

    `garbage` is what a GARBAGE card answers from then on; a LATE card answers after `seconds`.
    """

    kind: FaultKind
    after: int = 0
    garbage: bytes = b"\x13\x37"
    seconds: float = 0


class LaidCard:
    """A card on a reader, served by a thread of its own until `remove` or a fault ends it."""

    def __init__(self, reader: Path, card: Card, fault: Fault | None = None) -> None:
        self._card = card
        self._fault = fault
        self._removed = threading.Event()
        self.on_end: Callable[[], None] = lambda: None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(reader))
        self._thread = threading.Thread(target=self._serve, name="virtual card", daemon=True)
        self._thread.start()

    def remove(self) -> None:
        """Take the card away; harmless when it is gone."""
        self._removed.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def wait(self) -> None:
        """Block until the reader or a fault has ended the card."""
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()

    def _serve(self) -> None:
        self._answer_until_gone()
        self.on_end()

    def _answer_until_gone(self) -> None:
        answered = 0
        with self._socket, contextlib.suppress(OSError), self._socket.makefile("rb") as frames:
            while head := frames.read(2):
                body = frames.read(int.from_bytes(head))
                if len(body) == 1:
                    self._control(body[0])
                    continue
                fault = self._fault if self._fault and answered >= self._fault.after else None
                if fault and fault.kind is FaultKind.REMOVED:
                    return
                self._send(fault, body)
                answered += 1

    def _control(self, what: int) -> None:
        if what in _POWER_OR_RESET:
            self._card.power()
        elif what == _ASK_ATR and not (self._fault and self._fault.after < 0):
            self._socket.sendall(len(self._card.atr).to_bytes(2) + self._card.atr)

    def _send(self, fault: Fault | None, command: bytes) -> None:
        if fault is None or fault.kind is FaultKind.LATE:
            if fault:
                self._removed.wait(fault.seconds)
            answer = self._card.answer(command)
        elif fault.kind is FaultKind.GARBAGE:
            answer = fault.garbage
        elif fault.kind is FaultKind.COMMUNICATION_ERROR:
            answer = b""
        else:
            return
        self._socket.sendall(len(answer).to_bytes(2) + answer)


def main() -> None:
    """Lay one card on a reader until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.virtual_card")
    parser.add_argument("reader", type=Path, help="the reader's socket")
    parser.add_argument("--version", default="3.00", choices=["1.00", "2.00", "3.00"])
    parser.add_argument("--serial", default="00000001", help="eight digits")
    parser.add_argument("--seconds", type=float, default=0.0, help="what each answer takes it")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    card = SocialSecurityCard(arguments.version, serial=arguments.serial)
    slow = Fault(FaultKind.LATE, seconds=arguments.seconds) if arguments.seconds else None
    with contextlib.suppress(KeyboardInterrupt), LaidCard(arguments.reader, card, slow) as laid:
        laid.wait()


if __name__ == "__main__":
    main()
