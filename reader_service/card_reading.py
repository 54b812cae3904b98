"""Reads a social security card through any `transmit`: only the records that are asked for."""

import logging
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Flag, auto
from typing import Protocol, TypeVar

from reader_service.card_authentication import (
    CardAuthenticator,
    CardForged,
    CardProof,
    CardUnproven,
)
from reader_service.devices.card_channel import (
    CardError,
    CardMute,
    CardReaderDown,
    CardRemoved,
    Transmit,
)
from reader_service.devices.security_module import SecurityModuleLost
from shared.cardfile.commands import (
    SOCIAL_SECURITY_ENVIRONMENT,
    ElementaryFile,
    MalformedResponse,
    parse_response,
    read_record,
    select_application,
    select_file,
    status_meaning,
)
from shared.cardfile.identification_code import IdentificationCode
from shared.cardfile.records import (
    CARD_NUMBER,
    EXPIRES_ON,
    IDENTIFICATION_CODE,
    NAME,
    NAME_EXTENSION,
    VERSION,
    CardVersion,
    Field,
    MalformedRecord,
    join_name,
    parse_version,
    read_field,
)
from shared.cardfile.transit import (
    GET_BALANCE,
    READ_INFORMATION,
    READ_KIND,
    TRANSIT_PURSE,
    parse_transit_card,
)
from shared.ecode.reasons import Reason
from shared.localized_text import LocalizedText

Value = TypeVar("Value")
_log = logging.getLogger(__name__)


class Wanted(Flag):
    """What to read beyond identification code, version and expiry, which a gate always needs."""

    NOTHING_MORE = 0
    CARD_NUMBER = auto()
    HOLDER_NAME = auto()


@dataclass(frozen=True, slots=True)
class ReadCard:
    """What a card said of itself, and how far it was proven.

    Read alone it is not authenticated: EF05 and EF06 can be copied to another chip, and only a
    challenge under the card's key can tell. `unproven_because` says that this reader is to blame
    for that. `expires_on` is the last local day on which the card is valid, None where the card
    does not say. `holder_name` is None where it was not asked for, or where the card keeps it
    closed (3.00). `terminal_number` is the PSAM's. Personal values stay out of `repr`.
    """

    identification_code: IdentificationCode
    version: CardVersion
    expires_on: date | None
    card_number: str | None = field(default=None, repr=False)
    holder_name: str | None = field(default=None, repr=False)
    proof: CardProof = CardProof.NONE
    unproven_because: Reason | None = None
    terminal_number: str | None = None

    @property
    def authenticated(self) -> bool:
        """Whether the card proved to be genuine."""
        return self.proof is not CardProof.NONE


@dataclass(frozen=True, slots=True)
class Authentication:
    """By whom the card in hand is to be proven, and its answer to reset."""

    by: CardAuthenticator
    atr: bytes


@dataclass(frozen=True, slots=True)
class RefusedCard:
    """Why a card was not taken; `cause` is for the log and holds no value of the card.

    `note` is for staff to see and is recorded nowhere.
    """

    reason: Reason
    cause: str
    note: LocalizedText | None = field(default=None, repr=False)


class CardSource(Protocol):
    """One lane's reader of physical cards, for one thread at a time."""

    @property
    def slot(self) -> str | None:
        """The PC/SC slot of what proves the cards, to be watched too."""
        ...

    def read(self, wanted: Wanted = Wanted.NOTHING_MORE) -> ReadCard | RefusedCard:
        """Read the card that lies there now, within one exclusive connection.

        The card may stay powered, and nobody else's, until `release` or the next `read`.
        """
        ...

    def release(self) -> None:
        """Let go of the card read last; to be called once it was answered."""
        ...

    def fault(self) -> Reason | None:
        """Look after what this source needs beside the reader; None where that works."""
        ...

    def close(self) -> None:
        """Let go of the devices."""
        ...


class _Refusal(Exception):
    def __init__(self, reason: Reason, cause: str, note: LocalizedText | None = None) -> None:
        super().__init__(cause)
        self.refused = RefusedCard(reason, cause, note)


def read_card(
    transmit: Transmit,
    wanted: Wanted = Wanted.NOTHING_MORE,
    authentication: Authentication | None = None,
) -> ReadCard | RefusedCard:
    """Read a card that lies on a reader; all of it or nothing.

    Whether the card has expired, and what follows from that, is the lane's to decide.

    Args:
        transmit: sends one APDU and follows up 61xx and 6Cxx, as `PcscCard.transmit` does.
        wanted: which further records to read.
        authentication: how the card is to prove itself; without it, it stays unproven.
    """
    try:
        return _read(transmit, wanted, authentication)
    except _Refusal as refusal:
        return refusal.refused
    except CardForged as error:
        return RefusedCard(Reason.CARD_FORGED, str(error))
    except CardError as error:
        return refused_by(error)
    except (MalformedRecord, MalformedResponse) as error:
        return RefusedCard(Reason.CARD_UNREADABLE, str(error))


def refused_by(error: CardError) -> RefusedCard:
    """Return the refusal for an error of the device, also of opening the card."""
    match error:
        case CardRemoved():
            reason = Reason.CARD_REMOVED
        case CardMute():
            reason = Reason.CARD_MUTE
        case CardReaderDown():
            reason = Reason.READER_SERVICE_DOWN
        case _:
            reason = Reason.CARD_UNREADABLE
    return RefusedCard(reason, str(error))


def _read(transmit: Transmit, wanted: Wanted, authentication: Authentication | None) -> ReadCard:
    selected = parse_response(transmit(select_application(SOCIAL_SECURITY_ENVIRONMENT)))
    if not selected.succeeded:
        _refuse_transit_card(transmit)
        cause = f"no social security environment: {status_meaning(selected.status)}"
        raise _Refusal(Reason.UNKNOWN_CARD_TYPE, cause)
    _select(transmit, ElementaryFile.ISSUER)
    version = _version(transmit)
    code = _value(transmit, IDENTIFICATION_CODE)
    expires_on = _value(transmit, EXPIRES_ON)
    number = _value(transmit, CARD_NUMBER) if Wanted.CARD_NUMBER in wanted else None
    read = ReadCard(code, version, expires_on, number)
    if authentication is not None:
        read = _proven(transmit, read, authentication)
    if Wanted.HOLDER_NAME in wanted:
        read = replace(read, holder_name=_holder_name(transmit, read, authentication))
    return read


def _refuse_transit_card(transmit: Transmit) -> None:
    """Refuse a transit card 交通联合 by name, with what it says of itself; return for any other."""
    if not parse_response(transmit(select_application(TRANSIT_PURSE))).succeeded:
        return
    told = (parse_response(transmit(one)) for one in (READ_INFORMATION, READ_KIND, GET_BALANCE))
    transit = parse_transit_card(*(one.data if one.succeeded else None for one in told))
    raise _Refusal(Reason.TRANSIT_CARD, "a transit card", transit.describe())


def _proven(transmit: Transmit, read: ReadCard, authentication: Authentication) -> ReadCard:
    """Let the card prove itself; where it or the PSAM cannot, it stays unproven."""
    authenticator = authentication.by
    try:
        authenticator.prove(transmit, authentication.atr, read.identification_code)
    except CardUnproven as error:
        _log.info("card not proven: %s", error)
        return read
    except SecurityModuleLost as error:
        _log.warning("card not proven: %s", error)
        return replace(read, unproven_because=Reason.SECURITY_MODULE_LOST)
    number = authenticator.module.number
    return replace(read, proof=CardProof.CHALLENGE, terminal_number=number)


def _version(transmit: Transmit) -> CardVersion:
    version = parse_version(_value(transmit, VERSION))
    if version is None:
        raise _Refusal(Reason.UNKNOWN_CARD_TYPE, "a version other than 1.00, 2.00 and 3.00")
    return version


def _holder_name(
    transmit: Transmit, read: ReadCard, authentication: Authentication | None
) -> str | None:
    version = read.version
    if not version.holder_is_free_to_read and not _opened(transmit, read, authentication):
        return None
    _select(transmit, ElementaryFile.HOLDER)
    name = _value(transmit, NAME)
    extension = _value(transmit, NAME_EXTENSION) if version.has_name_extension else b""
    return join_name(name, extension)


def _opened(transmit: Transmit, read: ReadCard, authentication: Authentication | None) -> bool:
    """Open the holder's file of a proven 3.00 card, where the keys for that are at hand."""
    if authentication is None or not read.authenticated:
        return False
    try:
        authentication.by.open_holder_file(transmit, authentication.atr, read.identification_code)
    except (CardUnproven, SecurityModuleLost) as error:
        _log.info("holder's file not opened: %s", error)
        return False
    return True


def _select(transmit: Transmit, file: ElementaryFile) -> None:
    response = parse_response(transmit(select_file(file)))
    if not response.succeeded:
        cause = f"file {file:04X}: {status_meaning(response.status)}"
        raise _Refusal(Reason.CARD_UNREADABLE, cause)


def _value(transmit: Transmit, field: Field[Value]) -> Value:
    response = parse_response(transmit(read_record(field.tag)))
    if not response.succeeded:
        cause = f"record {field.tag:02X}: {status_meaning(response.status)}"
        raise _Refusal(Reason.CARD_UNREADABLE, cause)
    return read_field(field, response.data)
