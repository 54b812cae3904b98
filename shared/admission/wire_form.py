"""Rules as JSON values, read strictly: what is not understood is refused, never passed over."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar

from shared.localized_text import LocalizedText

T = TypeVar("T")
E = TypeVar("E", bound=Enum)
_MANY = 2_000
"""Entries of one list at most: a rule that needs more is a mistake or an attack."""


class InvalidRules(ValueError):
    """Rules as they came over the wire are not understood; the message names the field."""


def read_object(
    values: Any, what: str, required: Iterable[str], optional: Iterable[str] = ()
) -> Mapping[str, Any]:
    """Return `values` if it is an object of just these fields.

    Raises:
        InvalidRules: no object, or a field is missing or unknown.
    """
    if not isinstance(values, Mapping):
        raise InvalidRules(f"{what} is not an object")
    needed, known = set(required), {*required, *optional}
    given = set(values)
    if not needed <= given:
        raise InvalidRules(f"{what} lacks {min(needed - given)}")
    if not given <= known:
        raise InvalidRules(f"{what} has an unknown field")
    return values


def read_list(values: Any, what: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
    """Return each entry as `read` reads it."""
    if not isinstance(values, list | tuple) or len(values) > _MANY:
        raise InvalidRules(f"{what} is not a list")
    return tuple(read(value, what) for value in values)


def read_optional(value: Any, what: str, read: Callable[[Any, str], T]) -> T | None:
    """Return None for null, else what `read` reads."""
    return None if value is None else read(value, what)


def read_text(value: Any, what: str) -> str:
    """Return a text of 1 to 200 printable characters."""
    if not isinstance(value, str) or not 1 <= len(value) <= 200 or not value.isprintable():
        raise InvalidRules(f"{what} is not a text")
    return value


def read_number(value: Any, what: str, least: int = 0, most: int = 2**31 - 1) -> int:
    """Return a whole number within its bounds; a truth value is none."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidRules(f"{what} is not a number from {least} to {most}")
    return value


def read_flag(value: Any, what: str) -> bool:
    """Return a truth value, written as such."""
    if not isinstance(value, bool):
        raise InvalidRules(f"{what} is neither true nor false")
    return value


def member_of(kind: type[E]) -> Callable[[Any, str], E]:
    """Return what reads a member of an enumeration by its value."""

    def read(value: Any, what: str) -> E:
        try:
            return kind(value)
        except ValueError:
            raise InvalidRules(f"{what} is not known") from None

    return read


def read_day(value: Any, what: str) -> date:
    """Return a local day, written 2026-11-22."""
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidRules(f"{what} is not a day") from None
    if day.isoformat() != value:
        raise InvalidRules(f"{what} is not a day")
    return day


def read_instant(value: Any, what: str) -> datetime:
    """Return an instant, written in ISO 8601 with its offset from UTC."""
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidRules(f"{what} is not an instant") from None
    if instant.tzinfo is None:
        raise InvalidRules(f"{what} lacks its offset from UTC")
    return instant


def read_words(value: Any, what: str) -> LocalizedText:
    """Return words in both languages."""
    words = read_object(value, what, ("zh", "en"))
    return LocalizedText(read_text(words["zh"], what), read_text(words["en"], what))


def words_to_wire(words: LocalizedText) -> dict[str, str]:
    """Return words as JSON values."""
    return {"zh": words.zh, "en": words.en}


def read_version(values: Mapping[str, Any], what: str, version: int) -> None:
    """Check the version that `values` says it has.

    Raises:
        InvalidRules: another one, which this program does not know.
    """
    if values["version"] is True or values["version"] != version:
        raise InvalidRules(f"{what} has a version this program does not know")
