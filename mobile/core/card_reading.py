"""Reading of a physical card what names it: the 识别码 of EF05, and nothing of its holder."""

from collections.abc import Callable

from shared.cardfile.commands import (
    SOCIAL_SECURITY_ENVIRONMENT,
    ElementaryFile,
    MalformedResponse,
    follow_up,
    parse_response,
    read_record,
    select_application,
    select_file,
)
from shared.cardfile.records import IDENTIFICATION_CODE, MalformedRecord, read_field
from shared.trust.status_list import card_digest

Transmit = Callable[[bytes], bytes]
"""Sends one command APDU and gives the whole answer: data and status word."""
_MOST_FOLLOW_UPS = 8


class NotACard(Exception):
    """What lies there is no social security card, or does not answer like one."""


def read_digest(transmit: Transmit) -> str:
    """Return the digest of the card's 识别码, in hex.

    Raises:
        NotACard: another card, or a worn one; the message holds no byte of it.
    """
    code = IDENTIFICATION_CODE
    steps = (
        select_application(SOCIAL_SECURITY_ENVIRONMENT),
        select_file(ElementaryFile.ISSUER),
        read_record(code.tag),
    )
    data = b""
    for command in steps:
        data = _answered(transmit, command)
    try:
        return card_digest(read_field(code, data).raw).hex()
    except MalformedRecord as error:
        raise NotACard("no identification code") from error


def _answered(transmit: Transmit, command: bytes) -> bytes:
    data = b""
    for _ in range(_MOST_FOLLOW_UPS):
        try:
            response = parse_response(transmit(command))
        except MalformedResponse as error:
            raise NotACard("no status word") from error
        data += response.data
        following = follow_up(command, response.status)
        if following is None:
            if not response.succeeded:
                raise NotACard("no social security card")
            return data
        command = following
    raise NotACard("no end")
