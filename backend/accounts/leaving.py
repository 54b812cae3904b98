"""Closing an account, the part of this area: password, sign-ins, codes on their way."""

from datetime import datetime

from typing_extensions import override

from backend.accounts.documents import Account, DeviceSession, SessionEnd
from backend.accounts.sessions import Sessions
from backend.accounts.sms_codes import SmsCodes
from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.residents.service import Residents


class AccountLeaving(Leaving):
    """Ends an account; what sign-ins there were stays as the log of them."""

    def __init__(self, residents: Residents, sessions: Sessions, codes: SmsCodes) -> None:
        self._residents = residents
        self._sessions = sessions
        self._codes = codes

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        phone = await self._residents.phone_of(resident_id, session)
        if phone is not None:
            await self._codes.withdraw(phone, resident_id, session)
        await self._sessions.end_all(resident_id, SessionEnd.ACCOUNT_CLOSED, session)
        # People call their phones by their own names.
        await DeviceSession.get_pymongo_collection().update_many(
            {"subject": resident_id}, {"$set": {"device_name": ""}}, session=session
        )
        await Account.get_pymongo_collection().delete_one({"_id": resident_id}, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase."""
