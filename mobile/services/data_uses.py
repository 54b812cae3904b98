"""Asking who used the resident's data, page by page."""

from mobile.core.data_use import DataUsePage
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.answers import read_result

PAGE = 20


class DataUses:
    """Reads pages, newest first."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def read(self, after: str | None = None) -> DataUsePage | Trouble:
        """Return the page that follows `after`, None for the newest."""
        answer = await self._account.ask("DataUse", {"first": PAGE, "after": after})
        return read_result(answer, "dataUse", DataUsePage.of_wire)
