"""The card's identification code 卡的识别码: 16 bytes that name one card, in record 01 of EF05."""

from dataclasses import dataclass, field

_LENGTH = 16


@dataclass(frozen=True, slots=True)
class IdentificationCode:
    """Division (3 bytes BCD), provider (5), serial (4) and four bytes of padding.

    The whole code follows its holder from gate to gate, so it stays out of `repr`; journals and
    lists hold its digest.
    """

    raw: bytes = field(repr=False)

    @property
    def division(self) -> int:
        """The issuing region 发卡地区 by GB/T 2260, 360700 for Ganzhou."""
        return int(self.raw[:3].hex())

    @property
    def provider(self) -> bytes:
        """The registered application provider: D156000005 on every card known."""
        return self.raw[3:8]

    @property
    def serial(self) -> bytes:
        """The card's number within its region."""
        return self.raw[8:12]


def parse_identification_code(raw: bytes) -> IdentificationCode:
    """Read the 16 bytes.

    Raises:
        ValueError: another length, or a division that is not six digits.
    """
    if len(raw) != _LENGTH:
        raise ValueError(f"an identification code has 16 bytes, not {len(raw)}")
    if not raw[:3].hex().isdecimal():
        raise ValueError("a division that is not six digits")
    return IdentificationCode(raw)
