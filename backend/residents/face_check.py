"""Comparing a face with the one a resident is known by, at whoever keeps those pictures."""

from typing import Protocol

from backend.foundation.refusals import Refusal, refusal

FACE_CHECK_ABSENT = refusal(
    "face_check_absent",
    ("本市暂未开通刷脸核验。", "The city has no face check yet."),
    ("请改用激活码。", "Use an activation code instead."),
)


class FaceCheck(Protocol):
    """A face check outside this house; a picture is passed on and kept nowhere here (L28)."""

    async def matches(self, resident_id: str, picture: bytes) -> bool | Refusal:
        """Tell whether `picture` shows the resident, or why that cannot be told."""
        ...


class NoFaceCheck:
    """Stands where no face check is connected."""

    async def matches(self, resident_id: str, picture: bytes) -> bool | Refusal:
        """Refuse, with the other way as the next step."""
        del resident_id, picture
        return FACE_CHECK_ABSENT
