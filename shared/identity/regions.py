"""Administrative divisions 行政区划 by their six digits (GB/T 2260), abolished ones included.

A number keeps the code that was in force when it was given, so a resident of Ganzhou born in 1980
has 3621…, abolished in 1998. A code that the table lacks is unknown, never wrong.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

# Rows that stand between a province and its counties without being a place of their own.
_PLACEHOLDERS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


@dataclass(frozen=True, slots=True)
class Region:
    """One division and what it lies in, Chinese names; `city` or `county` is absent above it."""

    code: int
    province: str
    city: str | None
    county: str | None
    abolished: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Province, city and county, as far as they exist."""
        return tuple(name for name in (self.province, self.city, self.county) if name)

    @property
    def full_name(self) -> str:
        """The names in one, as an address begins: 江西省赣州市章贡区."""
        return "".join(self.names)


def region_of(code: int | str) -> Region | None:
    """Return the division of a six-digit code, or None where the table lacks it."""
    number = _number(code)
    row = _table().get(number)
    if row is None:
        return None
    name, abolished = row
    province = _name(number // 10000 * 10000) or ""
    if number % 10000 == 0:
        return Region(number, province or name, None, None, abolished)
    if number % 100 == 0:
        return Region(number, province, name, None, abolished)
    return Region(number, province, _name(number // 100 * 100), name, abolished)


def counties_of(city: int) -> tuple[Region, ...]:
    """Return the counties in force of a city's code, by their codes."""
    inside = range(city // 100 * 100 + 1, city // 100 * 100 + 100)
    found = (region_of(code) for code in inside)
    return tuple(one for one in found if one and one.county and not one.abolished)


def is_known_region(code: int | str) -> bool:
    """Tell whether the table has the code, in force or abolished."""
    return _number(code) in _table()


def region_digits(code: int) -> str:
    """Return the code as its six digits.

    Raises:
        ValueError: not a number of six digits.
    """
    if not 0 <= code <= 999_999:
        raise ValueError(f"a division has six digits, not {code}")
    return f"{code:06d}"


def _number(code: int | str) -> int:
    """Return the code as a number; -1, which no row has, for what is not six ASCII digits."""
    if isinstance(code, int):
        return code
    return int(code) if len(code) == 6 and code.isascii() and code.isdigit() else -1


def _name(code: int) -> str | None:
    row = _table().get(code)
    return None if row is None or row[0] in _PLACEHOLDERS else row[0]


@cache
def _table() -> dict[int, tuple[str, bool]]:
    """Read the shipped table once, at the first question: 6,000 rows, some milliseconds."""
    text = resources.files("shared.identity").joinpath("regions.csv").read_text("utf-8")
    rows = (line.split(",") for line in text.splitlines() if not line.startswith("#"))
    return {int(code): (name, abolished == "1") for code, name, abolished in rows}
