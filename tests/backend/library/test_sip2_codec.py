"""SIP2 lines: byte vectors, round trips, and any bytes at all."""

from datetime import UTC, datetime
from itertools import accumulate

import pysip2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.library.sip2_codec import (
    FIXED,
    Message,
    Unreadable,
    checksum,
    control,
    instant,
    plain,
    read,
    read_instant,
    write,
)

_NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2)
_VALUES = st.text(max_size=30).map(plain).filter(lambda text: text < "\ud800" or text.isprintable())


@st.composite
def messages(draw: st.DrawFn) -> Message:
    code = draw(st.sampled_from(sorted(FIXED)))
    whole = sum(FIXED[code])
    text = draw(st.text("019YN U.", min_size=whole, max_size=whole))
    ends = list(accumulate(FIXED[code]))
    fixed = tuple(text[end - width : end] for width, end in zip(FIXED[code], ends, strict=True))
    fields = tuple(draw(st.lists(st.tuples(_NAMES, _VALUES), max_size=3)))
    return Message(code, fixed, fields, draw(st.none() | st.integers(0, 9)))


@given(messages())
@settings(max_examples=80)
def test_what_is_written_is_read(message: Message) -> None:
    line = write(message)
    found = read(line)
    if message.sequence is None and isinstance(found, Unreadable):
        # Without error detection a value may look like its end.
        assert b"AZ" in line[-9:]
        return
    assert found == message


@given(st.binary(max_size=120))
@settings(max_examples=150)
def test_any_bytes_are_a_message_or_a_reason(line: bytes) -> None:
    assert isinstance(read(line), Message | Unreadable)


@given(messages(), st.data())
@settings(max_examples=60)
def test_one_wrong_byte_never_gets_through(message: Message, data: st.DataObject) -> None:
    line = write(Message(message.code, message.fixed, message.fields, 3))
    place = data.draw(st.integers(0, len(line) - 10))
    wrong = data.draw(st.integers(0, 255).filter(lambda byte: byte != line[place]))
    assert read(line[:place] + bytes([wrong]) + line[place + 1 :]) is Unreadable.CHECKSUM


def test_lines_of_the_document() -> None:
    status = read(b"9900302.00AY1AZFCA5")
    assert status == Message("99", ("0", "030", "2.00"), (), 1)
    assert write(status) == b"9900302.00AY1AZFCA5"
    assert (control("97"), control("96")) == (b"97AZFEF5", b"96AZFEF6")
    login = b"9300CNLoginUserID|COLoginPassword|CPLocationCode|"
    assert read(login) == Message(
        "93",
        ("0", "0"),
        (("CN", "LoginUserID"), ("CO", "LoginPassword"), ("CP", "LocationCode")),
    )


@settings(max_examples=40)
@given(st.binary(min_size=2, max_size=80))
def test_the_checksum_is_what_another_codec_makes_it(line: bytes) -> None:
    assert checksum(line + b"AZ").decode() == pysip2.calculate_checksum(line + b"AZ")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"", Unreadable.UNKNOWN),
        (b"00", Unreadable.UNKNOWN),
        (b"9900", Unreadable.TOO_SHORT),
        (b"9300CNa", Unreadable.FIELDS),
        (b"9300cna|", Unreadable.FIELDS),
        (b"9300CN\x00|", Unreadable.FIELDS),
        (b"9300CN\xff|", Unreadable.NOT_UTF8),
        (b"9" * 2_001, Unreadable.TOO_LONG),
        (b"9900302.00AY1AZ0000", Unreadable.CHECKSUM),
    ],
)
def test_what_is_no_message_says_why(line: bytes, why: Unreadable) -> None:
    assert read(line) is why


def test_what_cannot_stand_in_a_line_is_not_written() -> None:
    for field in (("AB", "a|b"), ("AB", "a\rb"), ("ab", "x")):
        with pytest.raises(ValueError, match="cannot stand in a line"):
            write(Message("97", (), (field,)))
    with pytest.raises(ValueError, match="other widths"):
        write(Message("94", ("10",)))


def test_instants_are_local_unless_they_say_otherwise() -> None:
    at = datetime(2026, 11, 22, 4, 30, 5, tzinfo=UTC)
    assert instant(at) == "20261122    123005"
    assert read_instant("20261122    123005") == at
    assert read_instant("20261122   Z043005") == at
    for wrong in ("", " " * 18, "20261322    123005", "2026112२    123005", "20261122 EST123005"):
        assert read_instant(wrong) is None
