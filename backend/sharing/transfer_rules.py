"""Transfer across the border 个人信息出境: pure, on values (PIPL 38 to 40, S131, L12).

The ways of PIPL 38 do not stand for one another: an agreement says which one it goes, and by which
paper anybody can find that out. Hong Kong and Macao are across the border, too: for them there is
a standard contract of the Greater Bay Area 粤港澳大湾区标准合同, which is filed like the other.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from backend.foundation.audit import holds_personal_number
from shared.localized_text import LocalizedText

MAX_CONTACT = 200
_FILING = re.compile(r"[0-9A-Za-z〔〕\u4e00-\u9fff（）()/_.-]{4,64}")


class TransferGround(StrEnum):
    """By which way of PIPL 38 data may leave."""

    SECURITY_ASSESSMENT = "security_assessment"  # 通过数据出境安全评估
    CERTIFICATION = "certification"  # 个人信息保护认证
    STANDARD_CONTRACT = "standard_contract"  # 标准合同备案
    TREATY = "treaty"  # 国际条约、协定


GROUND_WORDS = {
    TransferGround.SECURITY_ASSESSMENT: LocalizedText("安全评估", "security assessment"),
    TransferGround.CERTIFICATION: LocalizedText("保护认证", "certification"),
    TransferGround.STANDARD_CONTRACT: LocalizedText("标准合同", "standard contract"),
    TransferGround.TREATY: LocalizedText("国际协定", "treaty"),
}


@dataclass(frozen=True, slots=True)
class Transfer:
    """The conditions under which data leave.

    `filing` is the number of the approval, certificate, filed contract or treaty; `contact` how
    people reach the recipient abroad, which PIPL 39 wants them told.
    """

    ground: TransferGround
    filing: str
    contact: LocalizedText

    @property
    def whole(self) -> bool:
        """Whether it says all it must."""
        return _FILING.fullmatch(self.filing) is not None and all(
            3 <= len(one) <= MAX_CONTACT and one.isprintable() and not holds_personal_number(one)
            for one in (self.contact.zh, self.contact.en)
        )
