"""What the lanes file says of physical cards and scan guns."""

from typing import Annotated, Literal

import msgspec


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """One of several kinds of a device, told apart by `kind`."""


Byte = Annotated[int, msgspec.Meta(ge=0, le=255)]


class IssuerKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key as the card's issuer names it: its number on the card, usage and number in the PSAM.

    The three high bits of `usage` are the levels of diversification, at most two.
    """

    card_key: Byte
    usage: Annotated[int, msgspec.Meta(ge=0x20, le=0x5F)]
    key: Byte


class ReadOnlyCards(Choice, frozen=True, tag="reading"):
    """Cards are read and stay unproven 未认证: no key is at hand."""


class PsamCards(Choice, frozen=True, tag="psam"):
    """Cards are proven by a PSAM 终端安全模块 in a reader slot of its own.

    `slot` is that slot's PC/SC name; lanes may share one. `external` opens the holder's file of a
    3.00 card. `diversifier` says what of the answer to reset stands for the card.
    """

    slot: str
    internal: IssuerKey
    external: IssuerKey | None = None
    diversifier: Literal["t8-td", "last-8"] = "t8-td"


class DriverCards(Choice, frozen=True, tag="driver"):
    """Cards are read by the reader maker's driver (LD/T 33: iReadCardBas), a shared library.

    `contact` chooses the side that is read; the driver knows one reader a machine. A call that
    takes longer than `answer_seconds` is a driver that hangs.
    """

    library: str
    contact: Literal["contact", "contactless", "contact-first", "contactless-first"] = (
        "contactless-first"
    )
    answer_seconds: Annotated[float, msgspec.Meta(ge=0.1, le=30)] = 5.0


CardSettings = ReadOnlyCards | PsamCards | DriverCards


class SerialScanner(Choice, frozen=True, tag="serial"):
    """A scan gun on a serial line; name it by /dev/serial/by-id, which outlives replugging."""

    port: str
    baud: Annotated[int, msgspec.Meta(ge=1200, le=4_000_000)] = 115_200


class KeyboardScanner(Choice, frozen=True, tag="keyboard"):
    """A scan gun that types like a keyboard, by its /dev/input/by-id/…-event-kbd."""

    device: str


class HttpScanner(Choice, frozen=True, tag="http"):
    """A device on the network that posts each code here, with the secret in the file."""

    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)]
    secret_file: str
    address: str = "127.0.0.1"


ScannerSettings = SerialScanner | KeyboardScanner | HttpScanner
