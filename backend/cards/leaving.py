"""Closing an account, the part of this area: phones are unbound; later, cards lose their values."""

from datetime import datetime

from typing_extensions import override

from backend.cards.documents import (
    AttestationRow,
    Card,
    EligibilityReview,
    EnrolmentCode,
    PaperCode,
    ReviewState,
)
from backend.cards.judgements import facts_changed
from backend.cards.rules import DeviceState
from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session


class CardLeaving(Leaving):
    """Ends the e-card on phones; what readers refuse ended cards by stays."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        cards, own = Card.get_pymongo_collection(), {"resident_id": resident_id}
        held = {"state": {"$ne": DeviceState.UNBOUND}}
        # The next status list names them; it looks for cards that changed.
        await cards.update_many(
            {**own, "devices": {"$elemMatch": held}},
            {
                "$set": {
                    "devices.$[held].state": DeviceState.UNBOUND,
                    "devices.$[held].unbound_at": now,
                    "changed_at": now,
                }
            },
            array_filters=[{"held.state": held["state"]}],
            session=session,
        )
        # People call their phones by their own names; a certificate tells of age and concession.
        await cards.update_many(
            {**own, "devices.serial": {"$exists": True}},
            {
                "$set": {"devices.$[].name": ""},
                "$unset": {"devices.$[].certificate": "", "devices.$[].renewal_key": ""},
            },
            session=session,
        )
        await PaperCode.get_pymongo_collection().update_many(
            {**own, "live": True}, {"$set": {"live": False, "stopped_at": now}}, session=session
        )
        ids = [row["_id"] async for row in cards.find(own, {"_id": 1}, session=session)]
        await EnrolmentCode.get_pymongo_collection().delete_many(
            {"card_id": {"$in": ids}}, session=session
        )

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        own = {"resident_id": resident_id}
        await Card.get_pymongo_collection().update_many(
            own,
            {"$set": {"number_tail": ""}, "$unset": {"number_sealed": "", "pin": ""}},
            session=session,
        )
        papers = PaperCode.get_pymongo_collection()
        await papers.delete_many({**own, "ends_at": {"$lte": now}}, session=session)
        # Until it ends, readers refuse one that was stopped by its serial; whose it was goes.
        nobody = {"resident_id": "", "card_id": "", "code_sealed": b""}
        await papers.update_many(own, {"$set": nobody}, session=session)
        await AttestationRow.get_pymongo_collection().delete_many(own, session=session)
        await facts_changed([resident_id], session)
        # There is no card left to decide about; what was decided before stays with its events.
        await EligibilityReview.get_pymongo_collection().delete_many(
            {**own, "state": ReviewState.OPEN}, session=session
        )
