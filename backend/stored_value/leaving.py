"""Closing an account, the part of this area: what is left becomes a refund that is owed.

Account and ledger go on naming whom the refund is owed to, by a random id: who keeps prepaid money
keeps record of it (`rights/closing_rules.py`).
"""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.stored_value.documents import StoredValueAccount
from backend.stored_value.ledger import Posting, post
from backend.stored_value.rules import EntryKind


class StoredValueLeaving(Leaving):
    """Refunds every balance of a person who leaves."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        own = {"resident_id": resident_id, "balance": {"$gt": 0}}
        accounts = StoredValueAccount.get_pymongo_collection()
        for account in await accounts.find(own, session=session).to_list():
            posting = Posting(EntryKind.REFUND, account["balance"], now, "account closing")
            await post(account, posting, session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase: they say no more than what is owed and to which id."""
