"""Records of EF05 and EF06, good and malformed."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.cardfile.records import (
    BIRTH,
    BIRTHPLACE,
    CARD_CLASS,
    CARD_NUMBER,
    CITIZEN_NUMBER,
    ETHNIC_GROUP,
    EXPIRES_ON,
    IDENTIFICATION_CODE,
    INITIALISING_BODY,
    ISSUED_ON,
    NAME,
    NAME_EXTENSION,
    SEX,
    VERSION,
    CardVersion,
    Field,
    MalformedRecord,
    join_name,
    parse_version,
    read_field,
)
from shared.identity.id_number import Sex

EVERY_FIELD: tuple[Field[object], ...] = (
    IDENTIFICATION_CODE,
    CARD_CLASS,
    VERSION,
    INITIALISING_BODY,
    ISSUED_ON,
    EXPIRES_ON,
    CARD_NUMBER,
    CITIZEN_NUMBER,
    NAME,
    NAME_EXTENSION,
    SEX,
    ETHNIC_GROUP,
    BIRTHPLACE,
    BIRTH,
)


def test_the_public_sample_of_an_identification_code_is_read() -> None:
    code = read_field(IDENTIFICATION_CODE, bytes.fromhex("0110330300D15600000599110145FFFFFFFF"))

    assert code.division == 330300
    assert code.provider.hex() == "d156000005"
    assert code.serial.hex() == "99110145"
    assert "9911" not in repr(code)


@pytest.mark.parametrize(
    ("field", "record", "value"),
    [
        (VERSION, "0304332E3030", "3.00"),
        (CARD_CLASS, "020131", "1"),
        (INITIALISING_BODY, "040C" + "9156000002360700" + "FF" * 4, "9156000002360700"),
        (ISSUED_ON, "050420211122", date(2021, 11, 22)),
        (EXPIRES_ON, "060420311121", date(2031, 11, 21)),
        (EXPIRES_ON, "0604FFFFFFFF", None),
        (EXPIRES_ON, "060400000000", None),
        (CARD_NUMBER, "0709443538303039363738", "D58009678"),
        (CITIZEN_NUMBER, "0812" + b"11010519491231002X".hex(), "11010519491231002X"),
        (SEX, "0A0132", Sex.FEMALE),
        (ETHNIC_GROUP, "0B0101", "01"),
        (BIRTHPLACE, "0C03360702", 360702),
        (BIRTH, "0D0419491231", date(1949, 12, 31)),
    ],
)
def test_each_record_gives_its_value(field: Field[object], record: str, value: object) -> None:
    assert read_field(field, bytes.fromhex(record)) == value


@pytest.mark.parametrize(
    ("field", "record", "fault"),
    [
        (EXPIRES_ON, "", "0 bytes are no record"),
        (EXPIRES_ON, "06", "1 bytes are no record"),
        (EXPIRES_ON, "050420311121", "tag 05"),
        (EXPIRES_ON, "0604203111", "length 4 with 3 bytes"),
        (EXPIRES_ON, "060420311121FF", "length 4 with 5 bytes"),
        (EXPIRES_ON, "0603203111", "instead of 4"),
        (EXPIRES_ON, "060420310230", "not a date"),
        (ISSUED_ON, "0504FFFFFFFF", "not a date"),
        (EXPIRES_ON, "06042031112F", "not a date"),
        (VERSION, "0304FFFFFFFF", "GB 18030"),
        (IDENTIFICATION_CODE, "0110" + "FF" * 16, "six digits"),
        (CARD_NUMBER, "0709" + "00" * 9, "empty"),
        (CARD_NUMBER, "0709" + "2D" * 9, "nine digits"),
        (CARD_CLASS, "020107", "control characters"),
        (CARD_CLASS, "0201FF", "GB 18030"),
        (SEX, "0A0133", "GB/T 2261"),
        (BIRTHPLACE, "0C03ABCDEF", "not digits"),
    ],
)
def test_each_malformed_record_is_one_error_that_names_its_tag(
    field: Field[object], record: str, fault: str
) -> None:
    with pytest.raises(MalformedRecord, match=fault) as caught:
        read_field(field, bytes.fromhex(record))

    assert caught.value.tag == field.tag
    assert f"record {field.tag:02X}" in str(caught.value)


@given(st.sampled_from(EVERY_FIELD), st.binary(max_size=40))
def test_junk_is_a_malformed_record_and_nothing_else(field: Field[object], junk: bytes) -> None:
    with pytest.raises(MalformedRecord):
        read_field(field, bytes([field.tag, len(junk) + 1]) + junk)


@given(st.sampled_from(EVERY_FIELD), st.data())
def test_a_well_framed_record_gives_a_value_or_a_malformed_record(
    field: Field[object], data: st.DataObject
) -> None:
    value = data.draw(st.binary(min_size=field.length, max_size=field.length))

    with contextlib.suppress(MalformedRecord):
        read_field(field, bytes([field.tag, field.length]) + value)


@pytest.mark.parametrize("name", ["王明", "䶮㛃", "𬱖", "欧阳𬱖", "阿卜杜拉·买买提"])
def test_rare_hanzi_are_read(name: str) -> None:
    assert join_name(name.encode("gb18030").ljust(30, b"\0"), bytes(20)) == name
    assert join_name(name.encode("gb18030").ljust(30, b" ")) == name


def test_a_character_across_byte_30_is_read_whole() -> None:
    name = "买买提·艾合买提·A吾拉木江·买提"
    encoded = name.encode("gb18030").ljust(50, b"\0")
    with pytest.raises(UnicodeDecodeError):
        encoded[:30].decode("gb18030")

    assert join_name(encoded[:30], encoded[30:]) == name


hanzi = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF) | st.characters(
    min_codepoint=0x20000, max_codepoint=0x2A6DF
)


@given(st.text(hanzi, min_size=1, max_size=12))
def test_any_name_that_fits_comes_back(name: str) -> None:
    encoded = name.encode("gb18030").ljust(50, b"\0")

    assert join_name(encoded[:30], encoded[30:]) == name


@pytest.mark.parametrize("name", [bytes(30), b"\xff" * 30, b"\x81" + bytes(29), b"A\nB"])
def test_what_is_no_name_is_a_malformed_record_of_09(name: bytes) -> None:
    with pytest.raises(MalformedRecord, match="record 09"):
        join_name(name, bytes(20))


def test_only_versions_that_exist_are_known() -> None:
    assert [parse_version(text) for text in ("1.00", "2.00", "3.00")] == list(CardVersion)
    assert parse_version("4.00") is None
    assert parse_version("V3") is None


def test_generations_differ_in_what_they_hold_and_give() -> None:
    assert [version.has_name_extension for version in CardVersion] == [False, True, True]
    assert [version.holder_is_free_to_read for version in CardVersion] == [True, True, False]
