"""Closing an account, the part of this area: what is left becomes a refund that is owed.

Account and ledger go on naming whom the refund is owed to, by a random id: who keeps prepaid money
keeps record of it (`rights/closing_rules.py`).
"""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.stored_value.court_returns import return_price
from backend.stored_value.documents import StoredValueAccount, StoredValueEntry
from backend.stored_value.ledger import Posting, post
from backend.stored_value.rules import EntryKind


class StoredValueLeaving(Leaving):
    """Refunds every balance of a person who leaves, and what is owed of courts called off."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        paid = {"resident_id": resident_id, "kind": EntryKind.SPEND.value}
        entries = StoredValueEntry.get_pymongo_collection().find(
            {**paid, "booking": {"$exists": True}}, {"booking": 1}, session=session
        )
        for entry in await entries.to_list():
            await return_price(entry["booking"], now, session, tells=False)
        own = {"resident_id": resident_id, "balance": {"$gt": 0}}
        accounts = StoredValueAccount.get_pymongo_collection()
        for account in await accounts.find(own, session=session).to_list():
            posting = Posting(EntryKind.REFUND, account["balance"], now, "account closing")
            await post(account, posting, session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase: they say no more than what is owed and to which id."""
