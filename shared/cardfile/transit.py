"""The transit purse 交通联合 (T-Union) of some cards: free to read, so good for showing alone.

Files by their short identifier: 0x15 says whose card and until when, 0x17 of which kind; the
balance is asked for by a command of its own. Layouts as public readers of such cards have them.
"""

from dataclasses import dataclass, field
from datetime import date

from shared.localized_text import LocalizedText
from shared.money import format_yuan

TRANSIT_PURSE = bytes.fromhex("A000000632010105")
READ_INFORMATION = bytes.fromhex("00B095001E")
READ_KIND = bytes.fromhex("00B097000B")
GET_BALANCE = bytes.fromhex("805C000204")

_KINDS = {
    1: LocalizedText("普通卡", "ordinary card"),
    2: LocalizedText("学生卡", "student card"),
    3: LocalizedText("老人卡", "senior card"),
    4: LocalizedText("测试卡", "test card"),
    5: LocalizedText("军人卡", "military card"),
}
_OTHER_KIND = LocalizedText("其他卡种", "another kind of card")


@dataclass(frozen=True, slots=True)
class TransitCard:
    """What a transit card says of itself; nothing of it is proven.

    `tail` are the last four digits of its number; the number itself is not kept. What could not be
    read is None.
    """

    tail: str | None = field(default=None, repr=False)
    valid_from: date | None = None
    valid_until: date | None = None
    kind: int | None = None
    balance_fen: int | None = None

    def describe(self) -> LocalizedText:
        """Say it to staff, in one line."""
        zh, en = ["交通联合卡"], ["T-Union transit card"]
        if self.tail is not None:
            zh.append(f"卡号尾号 {self.tail}")
            en.append(f"number ending {self.tail}")
        if self.kind is not None:
            words = _KINDS.get(self.kind, _OTHER_KIND)
            zh.append(words.zh)
            en.append(words.en)
        if self.valid_until is not None:
            zh.append(f"有效期至 {self.valid_until.isoformat()}")
            en.append(f"valid until {self.valid_until.isoformat()}")
        if self.balance_fen is not None:
            zh.append(f"余额 {format_yuan(self.balance_fen)}")
            en.append(f"balance {format_yuan(self.balance_fen)}")
        return LocalizedText(" · ".join(zh), " · ".join(en))


def parse_transit_card(
    information: bytes | None, kind: bytes | None, balance: bytes | None
) -> TransitCard:
    """Read what a card answered; None or anything of another form is left out."""
    tail = valid_from = valid_until = None
    if information is not None and len(information) == 30:
        digits = information[10:20].hex()
        tail = digits[-4:] if digits.isdecimal() else None
        valid_from, valid_until = _date(information[20:24]), _date(information[24:28])
    return TransitCard(
        tail,
        valid_from,
        valid_until,
        kind[10] if kind is not None and len(kind) == 11 else None,
        int.from_bytes(balance) & 0x7FFFFFFF if balance is not None and len(balance) == 4 else None,
    )


def _date(value: bytes) -> date | None:
    digits = value.hex()
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
