"""A principal's code shown by a delegate at a gate 代办出示: one act, one row, one notice.

The gate decided by the certificate, perhaps without a network, so there is nothing to refuse any
more when its scan arrives; what is left is to say so to the principal.
"""

from dataclasses import dataclass
from datetime import datetime

from backend.foundation import audit
from backend.foundation.audit import Actor, ActorKind, Deed, Organisation, System
from backend.foundation.mongo import Session
from backend.mandates.documents import Mandate, MandateNotice
from backend.mandates.notices import tell
from shared.localized_text import LocalizedText

_ACTION = "mandates.shown"


@dataclass(frozen=True, slots=True)
class Showing:
    """Where and when somebody's code was shown for them, and by whom."""

    scan_id: str
    mandate: str
    principal: str
    delegate: str
    venue: Organisation
    at: datetime


async def note_showing(showing: Showing, now: datetime, session: Session) -> None:
    """Write the row and the notice of a showing, once however often its scan is settled."""
    notice = f"{showing.scan_id}.shown"
    told = MandateNotice.get_pymongo_collection()
    if await told.find_one({"_id": f"{notice}.0"}, {"_id": 1}, session=session) is not None:
        return
    venue = showing.venue.name
    words = LocalizedText(f"在{venue.zh}出示了电子社保卡", f"showed your e-card at {venue.en}")
    deed = Deed(
        at=now,
        actor=Actor(ActorKind.RESIDENT, showing.delegate),
        action=_ACTION,
        words=words,
        system=System.READER,
        subject=showing.principal,
        organisation=showing.venue,
        disclosed=False,  # the scan itself is among the uses of their data
        mandate=showing.mandate,
    )
    await audit.record(deed, session)
    about = (showing.mandate, _ACTION, words, now, session)
    await tell(notice, [showing.principal], *about, by_delegate=True)
    await Mandate.get_pymongo_collection().update_one(
        {"_id": showing.mandate},
        {"$max": {"used_at": showing.at}, "$inc": {"uses": 1}},
        session=session,
    )
