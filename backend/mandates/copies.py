"""Notices that go to their person and, in copy 抄送通知, to those who may have copies of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.foundation.mongo import Session
from backend.mandates.documents import Mandate, MandateNotice
from backend.mandates.notices import tell_each
from backend.mandates.rules import MandateState, hears
from backend.mandates.stored import Row, facts_in
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class CopiedNotice:
    """What somebody is told; the words of a `copy` follow their masked name."""

    notice_id: str
    person: str
    words: LocalizedText
    copy: LocalizedText


async def tell_with_copies(
    notices: Sequence[CopiedNotice], code: str, now: datetime, session: Session
) -> None:
    """Leave notices and their copies, in the transaction of what they are about."""
    if not notices:
        return
    own = [(one.notice_id, one.person, one.words) for one in notices]
    await tell_each(own, code, now, session)
    given: dict[str, list[Row]] = {}
    for row in await _hearers([one.person for one in notices], now, session):
        given.setdefault(row["principal"], []).append(row)
    copies = [
        {
            "_id": f"{one.notice_id}.{row['_id']}",
            "person": row["delegate"],
            "mandate": row["_id"],
            "code": code,
            "words": {"zh": one.copy.zh, "en": one.copy.en},
            "at": now,
            "times": 1,
            "sms_at": now,
            "of_principal": True,
        }
        for one in notices
        for row in given.get(one.person, ())
    ]
    if copies:
        await MandateNotice.get_pymongo_collection().insert_many(copies, session=session)


async def _hearers(people: Sequence[str], now: datetime, session: Session) -> list[Row]:
    """Return the mandates by which others hear of what these people are told."""
    wanted = {
        "principal": {"$in": sorted(set(people))},
        "state": MandateState.ACTIVE.value,
        "delegate": {"$exists": True},
    }
    found = await Mandate.get_pymongo_collection().find(wanted, session=session).to_list()
    return [row for row in found if hears(facts_in(row), now)]
