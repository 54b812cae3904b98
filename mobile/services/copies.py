"""A copy of everything held about the resident 个人信息副本, fetched and put where they find it."""

from datetime import datetime
from enum import StrEnum

from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.ports.documents import Documents, NotSaved
from mobile.services.account import Account
from mobile.services.transport import Told
from shared.clock import LOCAL_ZONE
from shared.localized_text import LocalizedText

_NOT_FETCHED = Trouble(
    UNREACHABLE.code,
    LocalizedText("连不上服务器，副本没有取到", "The service cannot be reached: there is no copy"),
    LocalizedText("请检查网络后再点一次", "Check the network and touch again"),
)


class CopyForm(StrEnum):
    """In which form: one to be read, one for other programs."""

    PDF = "pdf"
    JSON = "json"


_PATHS = {CopyForm.PDF: "/rights/v1/copy.pdf", CopyForm.JSON: "/rights/v1/copy.json"}
_MEDIA_TYPES = {CopyForm.PDF: "application/pdf", CopyForm.JSON: "application/json"}


class Copies:
    """Speaks for who is signed in; nothing of the copy stays with the app."""

    def __init__(self, account: Account, documents: Documents) -> None:
        self._account = account
        self._documents = documents

    async def save(self, form: CopyForm, now: datetime, told: Told) -> str | Trouble:
        """Fetch a copy and return where it was saved; empty where its owner chose no place."""
        content = await self._account.fetch(_PATHS[form], told)
        if isinstance(content, Trouble):
            return _NOT_FETCHED if content == UNREACHABLE else content
        name = f"yikatong-{now.astimezone(LOCAL_ZONE):%Y%m%d-%H%M}.{form}"
        try:
            return await self._documents.save(name, _MEDIA_TYPES[form], content)
        except NotSaved as error:
            return not_saved(error.reason)


def not_saved(reason: str) -> Trouble:
    """Return why a file could not be written, and what to do."""
    return Trouble(
        "not_saved",
        LocalizedText(f"文件存不下来（{reason}）", f"The file could not be saved ({reason})"),
        LocalizedText(
            "请清理空间或换个位置后再点一次", "Free some space or choose another place, then again"
        ),
    )
