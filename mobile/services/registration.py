"""Real-name registration 实名注册 by document, face and phone; whoever did it is signed in."""

import base64
from dataclasses import dataclass, field

from mobile.core.account import SentCode
from mobile.core.trouble import Trouble
from mobile.ports.camera import Camera, NoPicture
from mobile.services.account import Account, Way
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a person gives; kept out of `repr`, and no longer than it is needed."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    phone: str = field(repr=False)
    sms_code: str = field(repr=False)
    picture: bytes = field(repr=False)


class Registration:
    """Takes the picture, has the code sent, registers."""

    def __init__(self, account: Account, camera: Camera) -> None:
        self._account = account
        self._camera = camera

    async def take_picture(self) -> bytes | Trouble | None:
        """Return a picture of the face; None when the user went back."""
        try:
            return await self._camera.take()
        except NoPicture as error:
            return _no_picture(error.reason)

    async def request_code(self, phone: str) -> SentCode | Trouble:
        """Have a code sent to a phone that need not be registered."""
        return await self._account.request_code(phone, "RequestRegistrationCode")

    async def register(self, applicant: Applicant) -> Trouble | None:
        """Register who agreed to the comparison of their face; None when they are signed in."""
        return await self._account.sign_in(
            Way.REGISTRATION,
            {
                "number": applicant.number,
                "name": applicant.name,
                "phone": applicant.phone,
                "smsCode": applicant.sms_code,
                "picture": base64.b64encode(applicant.picture).decode(),
                "faceConsent": True,
            },
        )


def _no_picture(reason: str) -> Trouble:
    return Trouble(
        "no_picture",
        LocalizedText(f"没有拍到照片（{reason}）", f"There is no picture ({reason})"),
        LocalizedText(
            "请再拍一次；拍不了就带身份证到服务网点注册",
            "Try again, or register at a service outlet with your identity card",
        ),
    )
