"""Who can be registered as a resident."""

from dataclasses import dataclass, field
from datetime import date

from backend.foundation.refusals import Refusal, refusal
from shared.identity.id_number import IdNumber, InvalidIdNumber, parse_id_number
from shared.localized_text import LocalizedText

MAX_NAME = 50

NAME_FORM = refusal(
    "name_form",
    ("姓名应为1至50个字，不含控制字符。", "A name has 1 to 50 characters and no control signs."),
    ("请对照证件重新输入姓名。", "Check the document and enter the name again."),
)
_NUMBER_STEP = LocalizedText("请对照证件重新输入号码。", "Check the document and enter it again.")


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as a document names them; kept out of `repr`."""

    number: IdNumber = field(repr=False)
    name: str = field(repr=False)


def identity_of(number: str, name: str, today: date) -> Identity | Refusal:
    """Read what was typed or read from a document; `today` is the local day."""
    parsed = parse_id_number(number, today)
    if isinstance(parsed, InvalidIdNumber):
        return Refusal(parsed.fault.value, parsed.text, _NUMBER_STEP)
    trimmed = name.strip()
    if not (1 <= len(trimmed) <= MAX_NAME and trimmed.isprintable()):
        return NAME_FORM
    return Identity(parsed, trimmed)
