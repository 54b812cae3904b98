"""Scenes 场景: what a card is shown for."""

from enum import IntEnum
from typing import Any

from shared.admission.wire_form import InvalidRules


class Scene(IntEnum):
    """What a card is shown for; the numbers are those of a code's purpose, 0 for any."""

    ANY = 0
    MUSEUM = 1  # 博物馆、纪念馆、美术馆、科技馆
    LIBRARY = 2  # 图书馆入馆
    LENDING = 3  # 图书借阅
    SIGHT = 4  # 景区入园
    SPORTS = 5  # 体育场馆
    TRANSIT = 6  # 公共交通
    DINING = 7  # 食堂、助餐点
    MEDICAL = 8  # 就诊
    EDUCATION = 9  # 校园、学习中心
    EXAM = 10  # 考场
    TRAINING = 11  # 职业培训

    def to_wire(self) -> str:
        """Return its name."""
        return self.name.lower()

    @classmethod
    def of_wire(cls, value: Any, what: str = "scene") -> "Scene":
        """Read its name.

        Raises:
            InvalidRules: no such scene.
        """
        found = [scene for scene in cls if scene.to_wire() == value]
        if not found:
            raise InvalidRules(f"{what} is not known")
        return found[0]
