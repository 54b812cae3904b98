"""Reads a social security card through any `transmit`: only the records that are asked for."""

from dataclasses import dataclass, field
from datetime import date
from enum import Flag, auto
from typing import TypeVar

from reader_service.devices.card_channel import (
    CardError,
    CardMute,
    CardReaderDown,
    CardRemoved,
    Transmit,
)
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
from shared.ecode.reasons import Reason

Value = TypeVar("Value")


class Wanted(Flag):
    """What to read beyond identification code, version and expiry, which a gate always needs."""

    NOTHING_MORE = 0
    CARD_NUMBER = auto()
    HOLDER_NAME = auto()


@dataclass(frozen=True, slots=True)
class ReadCard:
    """What a card said of itself.

    Never authenticated: EF05 and EF06 can be copied to another chip, and only a challenge under
    the card's key, computed by a PSAM, could tell. `expires_on` is the last local day on which the
    card is valid, None where the card does not say. `holder_name` is None where it was not asked
    for, or where the card keeps it closed (3.00). Personal values stay out of `repr`.
    """

    identification_code: IdentificationCode
    version: CardVersion
    expires_on: date | None
    card_number: str | None = field(default=None, repr=False)
    holder_name: str | None = field(default=None, repr=False)

    @property
    def authenticated(self) -> bool:
        """Whether the card proved to be genuine: by reading alone, never."""
        return False


@dataclass(frozen=True, slots=True)
class RefusedCard:
    """Why a card could not be read; `cause` is for the log and holds no value of the card."""

    reason: Reason
    cause: str


class _Refusal(Exception):
    def __init__(self, reason: Reason, cause: str) -> None:
        super().__init__(cause)
        self.refused = RefusedCard(reason, cause)


def read_card(transmit: Transmit, wanted: Wanted = Wanted.NOTHING_MORE) -> ReadCard | RefusedCard:
    """Read a card that lies on a reader; all of it or nothing.

    Whether the card has expired, and what follows from that, is the lane's to decide.

    Args:
        transmit: sends one APDU and follows up 61xx and 6Cxx, as `PcscCard.transmit` does.
        wanted: which further records to read.
    """
    try:
        return _read(transmit, wanted)
    except _Refusal as refusal:
        return refusal.refused
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


def _read(transmit: Transmit, wanted: Wanted) -> ReadCard:
    selected = parse_response(transmit(select_application(SOCIAL_SECURITY_ENVIRONMENT)))
    if not selected.succeeded:
        cause = f"no social security environment: {status_meaning(selected.status)}"
        raise _Refusal(Reason.UNKNOWN_CARD_TYPE, cause)
    _select(transmit, ElementaryFile.ISSUER)
    version = _version(transmit)
    code = _value(transmit, IDENTIFICATION_CODE)
    expires_on = _value(transmit, EXPIRES_ON)
    number = _value(transmit, CARD_NUMBER) if Wanted.CARD_NUMBER in wanted else None
    name = _holder_name(transmit, version) if Wanted.HOLDER_NAME in wanted else None
    return ReadCard(code, version, expires_on, number, name)


def _version(transmit: Transmit) -> CardVersion:
    version = parse_version(_value(transmit, VERSION))
    if version is None:
        raise _Refusal(Reason.UNKNOWN_CARD_TYPE, "a version other than 1.00, 2.00 and 3.00")
    return version


def _holder_name(transmit: Transmit, version: CardVersion) -> str | None:
    if not version.holder_is_free_to_read:
        return None
    _select(transmit, ElementaryFile.HOLDER)
    name = _value(transmit, NAME)
    extension = _value(transmit, NAME_EXTENSION) if version.has_name_extension else b""
    return join_name(name, extension)


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
