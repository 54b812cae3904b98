"""Closing an account, the part of this area: requests are forgotten, so no grant serves on."""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.licences.documents import LicenceRequest


class LicenceLeaving(Leaving):
    """Forgets requests and grants."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        requests = LicenceRequest.get_pymongo_collection()
        await requests.delete_many({"resident_id": resident_id}, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase."""
