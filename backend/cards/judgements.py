"""What was judged for a certificate, and until when it stands: why most renewals read nothing.

The certificate that a phone holds is the record of what was judged, and the next one differs in its
times alone. So the condition of one write is the rule: the phone is the card's and got exactly that
certificate, the card counts, and what was judged stands (`Card.judged`) to the end of the new one.

Whatever changes what a certificate depends on says so in its own transaction (`CHANGED`): then the
holder is judged afresh. `Card.facts` counts it, so that a judgement made of what was read before is
not written after.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from typing_extensions import override

from backend.cards.documents import Card
from backend.cards.lifecycle import CardState
from backend.cards.rules import DeviceState
from backend.foundation.mongo import Session
from backend.residents.facts import Judges
from backend.residents.same_person import people_behind
from shared.ecode.certificate import Certificate

CHANGED: Mapping[str, Mapping[str, Any]] = {"$inc": {"facts": 1}, "$unset": {"judged": ""}}
"""The update that ends what was judged for a card's phones."""


class Judgements(Judges):
    """Ends what was judged of people whose facts change."""

    @override
    async def facts_changed(self, resident_ids: Sequence[str], session: Session) -> None:
        await facts_changed(resident_ids, session)


async def facts_changed(resident_ids: Sequence[str], session: Session) -> None:
    """Let the next renewal of each of these people's phones judge afresh.

    Of every card of theirs, whichever of their records it stands under.
    """
    people = await people_behind(resident_ids, session)
    records = sorted({one for family in people.values() for one in family})
    await Card.get_pymongo_collection().update_many(
        {"resident_id": {"$in": records}}, CHANGED, session=session
    )


def stands(held: Certificate, thumbprint: str, request: bytes, ends: datetime) -> dict[str, Any]:
    """Match the card of a phone that may have a certificate like `held` until `ends`.

    Not for the `request` that it was given for: that one is answered with what it got.
    """
    phone = {
        "thumbprint": thumbprint,
        "state": DeviceState.BOUND,
        "certificate": held.raw,
        "renewal_key": {"$ne": request},
    }
    return {
        "devices": {"$elemMatch": phone},
        "state": CardState.ACTIVE,
        # Also said by `judged`, which the card's own end bounds.
        "expires_at": {"$not": {"$lt": ends}},
        _place(held.claims.device_serial): {"$gte": ends},
    }


def judged(serial: int, until: datetime) -> dict[str, datetime]:
    """Return the field that says until when what was judged for a phone stands."""
    return {_place(serial): until}


def _place(serial: int) -> str:
    return f"judged.{serial}"
