"""Commands (APDUs) to the card and the status words it answers with (LD/T 32.5, ISO 7816-4)."""

from dataclasses import dataclass, field
from enum import IntEnum

# sx1.sh.社会保障 in GBK: the social security environment SSSE, the same on every card.
SOCIAL_SECURITY_ENVIRONMENT = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")

_HEADER = 4


class ElementaryFile(IntEnum):
    """Files of the SSSE that hold records."""

    ISSUER = 0xEF05
    HOLDER = 0xEF06


class StatusWord(IntEnum):
    """Status words with one meaning; 61xx, 6Cxx and 63Cx carry a number, see the functions."""

    SUCCESS = 0x9000
    WRONG_LENGTH = 0x6700
    SECURITY_NOT_SATISFIED = 0x6982
    AUTHENTICATION_LOCKED = 0x6983
    CONDITIONS_NOT_SATISFIED = 0x6985
    WRONG_DATA = 0x6A80
    FUNCTION_NOT_SUPPORTED = 0x6A81
    FILE_NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    WRONG_PARAMETERS = 0x6A86
    KEY_NOT_FOUND = 0x6A88
    INSTRUCTION_NOT_SUPPORTED = 0x6D00
    CLASS_NOT_SUPPORTED = 0x6E00


_MEANINGS: dict[int, str] = {
    StatusWord.SUCCESS: "done",
    StatusWord.WRONG_LENGTH: "wrong length",
    StatusWord.SECURITY_NOT_SATISFIED: "an authentication must come first",
    StatusWord.AUTHENTICATION_LOCKED: "the authentication method is locked",
    StatusWord.CONDITIONS_NOT_SATISFIED: "the conditions of use are not met",
    StatusWord.WRONG_DATA: "wrong data in the command",
    StatusWord.FUNCTION_NOT_SUPPORTED: "the function is not supported",
    StatusWord.FILE_NOT_FOUND: "no such file or application",
    StatusWord.RECORD_NOT_FOUND: "no such record",
    StatusWord.WRONG_PARAMETERS: "wrong parameters P1 or P2",
    StatusWord.KEY_NOT_FOUND: "no such key",
    StatusWord.INSTRUCTION_NOT_SUPPORTED: "the instruction is not supported",
    StatusWord.CLASS_NOT_SUPPORTED: "the class is not supported",
}


UNKNOWN_STATUS = "unknown status"


class MalformedResponse(ValueError):
    """The card answered with fewer bytes than a status word has."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a card answered: data, which may be personal and stays out of `repr`, and a status."""

    data: bytes = field(repr=False)
    status: int

    @property
    def succeeded(self) -> bool:
        """Tell whether the status is 9000."""
        return self.status == StatusWord.SUCCESS


def parse_response(raw: bytes) -> Response:
    """Split an answer into data and status word.

    Raises:
        MalformedResponse: it has fewer than two bytes.
    """
    if len(raw) < 2:
        raise MalformedResponse(f"an answer of {len(raw)} bytes has no status word")
    return Response(raw[:-2], int.from_bytes(raw[-2:]))


def status_meaning(status: int) -> str:
    """Say in English, for logs and error messages, what a status word means."""
    if status >> 8 == 0x61:
        return f"{status & 0xFF or 256} more bytes wait"
    if status >> 8 == 0x6C:
        return f"repeat with length {status & 0xFF or 256}"
    if status & 0xFFF0 == 0x63C0:
        return f"wrong, {status & 0xF} tries left"
    return _MEANINGS.get(status, UNKNOWN_STATUS)


def select_application(aid: bytes) -> bytes:
    """SELECT an application by its identifier."""
    return bytes([0x00, 0xA4, 0x04, 0x00, len(aid)]) + aid


def select_file(file: ElementaryFile) -> bytes:
    """SELECT a file under the application selected last."""
    return bytes([0x00, 0xA4, 0x00, 0x00, 0x02]) + file.to_bytes(2)


def read_record(tag: int) -> bytes:
    """READ RECORD by its tag.

    Record numbers shift between versions of the card, tags do not.
    """
    return bytes([0x00, 0xB2, tag, 0x00, 0x00])


def get_challenge(length: int = 8) -> bytes:
    """GET CHALLENGE: ask the card for `length` random bytes."""
    return bytes([0x00, 0x84, 0x00, 0x00, length])


def internal_authenticate(key: int, data: bytes, factor: bytes) -> bytes:
    """INTERNAL AUTHENTICATE 内部认证: the card enciphers `data`, 8 bytes.

    It does so under the process key 过程密钥 that it makes of its key number `key` and of
    `factor`, 8 bytes.
    """
    return bytes([0x00, 0x88, 0x00, key, len(data) + len(factor)]) + data + factor


def external_authenticate(key: int, cryptogram: bytes, data: bytes) -> bytes:
    """EXTERNAL AUTHENTICATE 外部认证: show the card that the terminal can encipher `data`.

    The process key's factor is the challenge that the card gave last.
    """
    return bytes([0x00, 0x82, 0x00, key, len(cryptogram) + len(data)]) + cryptogram + data


def get_response(length: int) -> bytes:
    """GET RESPONSE: fetch the `length` bytes (1 to 256) that a T=0 card announced by 61xx."""
    return bytes([0x00, 0xC0, 0x00, 0x00, length & 0xFF])


def with_expected_length(command: bytes, length: int) -> bytes:
    """Return the command with Le = `length`, as a card asks for by 6Cxx."""
    body = command[_HEADER:]
    if len(body) == 1 or (len(body) > 1 and len(body) == body[0] + 2):
        body = body[:-1]
    return command[:_HEADER] + body + bytes([length & 0xFF])


def follow_up(command: bytes, status: int) -> bytes | None:
    """Return the command by which to go on after 61xx or 6Cxx, or None when this was all."""
    if status >> 8 == 0x61:
        return get_response(status & 0xFF)
    if status >> 8 == 0x6C:
        return with_expected_length(command, status & 0xFF)
    return None
