"""Data of the deceased 死者个人信息: what a close relative 近亲属 shows for them; pure (L9).

PIPL 49 gives them access, copy, correction and deletion for their own lawful and legitimate
interest, unless the deceased arranged otherwise. Who is a close relative says the Civil Code
民法典, article 1045.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from backend.foundation.refusals import Refusal, refusal
from shared.localized_text import LocalizedText


class CloseRelative(StrEnum):
    """What the relative is of the deceased."""

    SPOUSE = "SPOUSE"  # 配偶
    PARENT = "PARENT"  # 父母
    CHILD = "CHILD"  # 子女
    SIBLING = "SIBLING"  # 兄弟姐妹
    GRANDPARENT = "GRANDPARENT"  # 祖父母、外祖父母
    GRANDCHILD = "GRANDCHILD"  # 孙子女、外孙子女


class KinshipPaper(StrEnum):
    """What the clerk saw of the kinship."""

    MARRIAGE_CERTIFICATE = "MARRIAGE_CERTIFICATE"  # 结婚证
    BIRTH_CERTIFICATE = "BIRTH_CERTIFICATE"  # 出生医学证明
    HOUSEHOLD_BOOKLET = "HOUSEHOLD_BOOKLET"  # 户口簿
    NOTARIAL_CERTIFICATE = "NOTARIAL_CERTIFICATE"  # 亲属关系公证书


_ANY = frozenset({KinshipPaper.HOUSEHOLD_BOOKLET, KinshipPaper.NOTARIAL_CERTIFICATE})
PAPERS: Mapping[CloseRelative, frozenset[KinshipPaper]] = {
    CloseRelative.SPOUSE: _ANY | {KinshipPaper.MARRIAGE_CERTIFICATE},
    CloseRelative.PARENT: _ANY | {KinshipPaper.BIRTH_CERTIFICATE},
    CloseRelative.CHILD: _ANY | {KinshipPaper.BIRTH_CERTIFICATE},
    CloseRelative.SIBLING: _ANY,
    CloseRelative.GRANDPARENT: _ANY,
    CloseRelative.GRANDCHILD: _ANY,
}
"""Which papers show which kinship."""
RELATIVE_WORDS: Mapping[CloseRelative, LocalizedText] = {
    CloseRelative.SPOUSE: LocalizedText("配偶", "spouse"),
    CloseRelative.PARENT: LocalizedText("父母", "parent"),
    CloseRelative.CHILD: LocalizedText("子女", "child"),
    CloseRelative.SIBLING: LocalizedText("兄弟姐妹", "sibling"),
    CloseRelative.GRANDPARENT: LocalizedText("祖父母或外祖父母", "grandparent"),
    CloseRelative.GRANDCHILD: LocalizedText("孙子女或外孙子女", "grandchild"),
}

PAPER_UNFIT = refusal(
    "kinship_paper_unfit",
    ("这份材料不能证明所称的亲属关系。", "This paper does not show that kinship."),
    (
        "请出示户口簿、亲属关系公证书，或结婚证（配偶）、出生医学证明（父母子女）。",
        "Bring the household booklet or a notarial certificate; a marriage certificate shows a "
        "spouse, a birth certificate a parent or child.",
    ),
)
ARRANGED_OTHERWISE = refusal(
    "deceased_arranged_otherwise",
    ("逝者生前另有安排的，按其安排办理。", "What the deceased arranged otherwise goes first."),
    (
        "请询问并确认逝者没有其他安排；有的，请转区县人社局。",
        "Ask, and confirm that nothing was arranged; else send them to the district's bureau.",
    ),
)
NOT_DECEASED = refusal(
    "not_deceased",
    ("没有登记为已故的此人。", "Nobody with this number is on record as deceased."),
    (
        "请核对号码；刚刚去世的，待人口库通报后再来。",
        "Check the number; after a recent death, come again once the register has told of it.",
    ),
)
RELATIVE_UNKNOWN = refusal(
    "relative_unknown",
    ("申请的亲属没有实名登记。", "The relative who asks is not registered."),
    ("请先为其办理实名登记。", "Register them by their document first."),
)
OF_OWN_HOUSEHOLD = refusal(
    "relative_own_household",
    (
        "不能为本人或同户家庭成员办理逝者信息。",
        "Nobody does this for themselves or their own household.",
    ),
    ("请由其他柜员办理。", "Ask another clerk."),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a clerk was told and shown; the numbers are kept out of `repr`.

    `nothing_arranged`: the clerk asked whether the deceased arranged otherwise, and nothing is
    known. `interest` is the relative's own lawful interest, in the clerk's words.
    """

    number: str = field(repr=False)
    relative_number: str = field(repr=False)
    relative: CloseRelative
    paper: KinshipPaper
    nothing_arranged: bool
    interest: str


def claim_fault(claim: Claim) -> Refusal | None:
    """Return why a claim does not stand, whoever the two people are."""
    if claim.paper not in PAPERS[claim.relative]:
        return PAPER_UNFIT
    return None if claim.nothing_arranged else ARRANGED_OTHERWISE
