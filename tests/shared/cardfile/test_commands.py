"""Commands to the card and its status words, as bytes."""

import pytest

from shared.cardfile.commands import (
    SOCIAL_SECURITY_ENVIRONMENT,
    ElementaryFile,
    MalformedResponse,
    Response,
    StatusWord,
    external_authenticate,
    follow_up,
    get_challenge,
    get_response,
    internal_authenticate,
    parse_response,
    read_record,
    select_application,
    select_file,
    status_meaning,
    with_expected_length,
)
from shared.cardfile.psam import PsamKey, derive_process_key, encipher


def test_commands_are_the_standards_bytes() -> None:
    selected = select_application(SOCIAL_SECURITY_ENVIRONMENT)

    assert selected.hex().upper() == "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
    assert SOCIAL_SECURITY_ENVIRONMENT.decode("gbk") == "sx1.sh.社会保障"
    assert select_file(ElementaryFile.ISSUER).hex().upper() == "00A4000002EF05"
    assert select_file(ElementaryFile.HOLDER).hex().upper() == "00A4000002EF06"
    assert read_record(0x4E).hex().upper() == "00B24E0000"
    assert get_response(18).hex().upper() == "00C0000012"
    assert get_response(256).hex().upper() == "00C0000000"


@pytest.mark.parametrize(
    ("command", "repeated"),
    [
        ("00B2070000", "00B207000B"),
        ("00B20700", "00B207000B"),
        ("00A4000002EF05", "00A4000002EF050B"),
        ("00A4000002EF0500", "00A4000002EF050B"),
    ],
)
def test_6cxx_repeats_the_command_with_the_length_asked_for(command: str, repeated: str) -> None:
    assert with_expected_length(bytes.fromhex(command), 0x0B).hex().upper() == repeated
    assert follow_up(bytes.fromhex(command), 0x6C0B) == bytes.fromhex(repeated)


def test_61xx_is_followed_by_get_response_and_anything_else_by_nothing() -> None:
    assert follow_up(read_record(7), 0x610B) == get_response(0x0B)
    assert follow_up(read_record(7), 0x9000) is None
    assert follow_up(read_record(7), 0x6A83) is None


def test_an_answer_is_data_and_status() -> None:
    response = parse_response(bytes.fromhex("07094435383030393637389000"))

    assert response == Response(bytes.fromhex("0709443538303039363738"), 0x9000)
    assert response.succeeded
    assert "D5800" not in repr(response)
    assert not parse_response(b"\x6a\x82").succeeded


@pytest.mark.parametrize("raw", [b"", b"\x90"])
def test_an_answer_without_a_status_word_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedResponse, match="no status word"):
        parse_response(raw)


def test_every_status_word_has_a_meaning() -> None:
    assert all(status_meaning(word) != "unknown status" for word in StatusWord)
    assert status_meaning(0x6112) == "18 more bytes wait"
    assert status_meaning(0x6C00) == "repeat with length 256"
    assert status_meaning(0x63C2) == "wrong, 2 tries left"
    assert status_meaning(0x1234) == "unknown status"


def test_the_commands_of_authentication_are_those_of_public_traces() -> None:
    random, data = bytes.fromhex("A1A2A3A4A5A6A7A8"), bytes.fromhex("1122334455667788")
    own, city = bytes.fromhex("0102030405060708"), bytes.fromhex("3337313730307378")

    assert get_challenge().hex() == "0084000008"
    assert internal_authenticate(0, data, random).hex() == (
        "0088000010" + data.hex() + random.hex()
    )
    assert external_authenticate(7, own, data).hex() == "0082000710" + own.hex() + data.hex()
    assert derive_process_key(PsamKey(0x48, 0x5D), own + city, random).hex() == (
        "bfde485d18" + own.hex() + city.hex() + random.hex()
    )
    assert encipher(data).hex() == "80fa000008" + data.hex()
    assert (PsamKey(0x48, 0x5D).levels, PsamKey(0x28, 0x12).levels) == (2, 1)
