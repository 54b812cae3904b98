"""What card readers have in common, whatever drives them: events, errors, and the exchange.

CardError
├── CardRemoved           taken away, or swapped, while it was used
├── CardMute              lies there and does not answer
├── CardTalksNonsense     answers outside the protocol
├── CardBusy              another program holds it
└── CardReaderDown        the reader or its service is gone
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from shared.cardfile.commands import MalformedResponse, follow_up, parse_response

Transmit = Callable[[bytes], bytes]
"""Sends one command APDU; gives the whole answer: data and status word."""

_MAX_FOLLOW_UPS = 8


class CardError(Exception):
    """A card could not be used; no message holds a byte of the card."""


class CardRemoved(CardError):
    """The card left before the answer came."""


class CardMute(CardError):
    """The card is there and keeps silent."""


class CardTalksNonsense(CardError):
    """The answer does not follow the protocol: a worn chip, a dirty contact, or no card at all."""


class CardBusy(CardError):
    """Another program holds the card."""


class CardReaderDown(CardError):
    """The reader is not connected, or the service behind it does not run."""


class CardEventKind(StrEnum):
    """What happened at a reader; SWAPPED: another card without a gap that was seen."""

    INSERTED = "inserted"
    REMOVED = "removed"
    SWAPPED = "swapped"
    DOWN = "down"
    UP = "up"


@dataclass(frozen=True, slots=True)
class CardEvent:
    """A change at one reader, under the name it was configured with; DOWN says why."""

    reader: str
    kind: CardEventKind
    cause: str = ""


def exchange(transmit: Transmit, command: bytes) -> bytes:
    """Send one command to the end: fetch what 61xx announces, repeat as 6Cxx asks.

    Raises:
        CardTalksNonsense: no status word, or no end after eight rounds.
        CardError: whatever `transmit` raises.
    """
    data = b""
    for _ in range(_MAX_FOLLOW_UPS):
        try:
            response = parse_response(transmit(command))
        except MalformedResponse as error:
            raise CardTalksNonsense(str(error)) from error
        data += response.data
        following = follow_up(command, response.status)
        if following is None:
            return data + response.status.to_bytes(2)
        command = following
    raise CardTalksNonsense(f"no end after {_MAX_FOLLOW_UPS} answers")
