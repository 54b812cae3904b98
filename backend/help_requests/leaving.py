"""Closing an account, the part of this area: what the person asked or was asked is forgotten."""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.help_requests.documents import HelpRequest


class HelpLeaving(Leaving):
    """Forgets calls for help."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        requests = HelpRequest.get_pymongo_collection()
        for side in ("principal", "delegate"):
            await requests.delete_many({side: resident_id}, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase."""
