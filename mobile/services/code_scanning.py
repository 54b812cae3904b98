"""Reads by the camera what the phone of a relative shows face to face."""

import asyncio

from mobile.core.invitation_code import digits_in
from mobile.core.trouble import Trouble
from mobile.ports.camera import Camera, NoPicture
from mobile.ports.camera.codes import codes_in
from shared.localized_text import LocalizedText

_TYPE = LocalizedText("也可以改为输入数字", "Or enter the digits instead")
_NO_CODE = Trouble(
    "no_code_seen",
    LocalizedText("照片里没有看到码", "There is no code in the picture"),
    LocalizedText(
        "请靠近些、拿稳了再扫一次；也可以改为输入数字",
        "Come closer, hold still and try again; or enter the digits",
    ),
)
_OTHER_CODE = Trouble(
    "no_invitation",
    LocalizedText("这不是代办邀请的码", "This code is no invitation"),
    LocalizedText(
        "请家人在“家人”里打开邀请的码", "Have your relative open the invitation under Family"
    ),
)


class CodeScanning:
    """Takes one picture at a time and tells what code was in it."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera

    async def invitation(self) -> str | Trouble | None:
        """Return the digits of the invitation before the camera; None when the user went back."""
        try:
            picture = await self._camera.take()
            codes = None if picture is None else await asyncio.to_thread(codes_in, picture)
        except NoPicture as error:
            text = LocalizedText(f"没有拍到（{error.reason}）", f"No picture ({error.reason})")
            return Trouble("no_picture", text, _TYPE)
        if codes is None:
            return None
        read = (digits_in(one) for one in codes)
        return next((one for one in read if one), _OTHER_CODE if codes else _NO_CODE)
