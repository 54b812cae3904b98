"""What a card proves of its holder to an admission rule or a price, as exact as this house knows.

A code tells an age band and a level; here the birth date and what authorities attest are known, so
that a price turns on a birthday at 00:00 local without anybody applying for it (免申即享).
"""

from backend.cards.concession import LEVELS
from backend.cards.concessions import Concessions
from backend.cards.concessions import beside as attestations_beside
from backend.cards.documents import Card
from backend.cards.lifecycle import LIVE
from backend.cards.refusals import NO_CARD
from backend.foundation.mongo import Session
from backend.foundation.person_keys import beside as keys_beside
from backend.foundation.refusals import Refusal
from backend.residents.same_person import RECORDS, records_beside, same_person
from backend.residents.service import Residents
from backend.residents.standing import beside as residents_beside
from backend.residents.standing import standing_in
from shared.admission.evidence import AgeRange, Category, Evidence, Medium
from shared.clock import Clock
from shared.ecode.certificate import ConcessionLevel
from shared.identity.age import age_on, local_day


class HolderEvidence:
    """Tells what holders of live cards would prove with them now."""

    def __init__(self, residents: Residents, concessions: Concessions, clock: Clock) -> None:
        self._residents = residents
        self._concessions = concessions
        self._clock = clock

    async def of(self, resident_id: str, session: Session | None = None) -> Evidence | Refusal:
        """Return a resident's evidence, or that they have no card that counts.

        Card, person, keys and attestations are read in one round trip, by all of their records.
        """
        people = await same_person(resident_id, session)
        found = await Card.get_pymongo_collection().aggregate(
            [
                {"$match": {"resident_id": {"$in": people}, "state": {"$in": list(LIVE)}}},
                {"$project": {"resident_id": 1, "region": 1}},
                *records_beside("resident_id"),
                keys_beside(RECORDS),
                residents_beside(),
                attestations_beside(),
            ],
            session=session,
        )
        rows = await found.to_list(1)
        person = standing_in(rows[0], self._residents) if rows else None
        if person is None or not person.present:
            return NO_CARD
        today = local_day(self._clock.now())
        words = [one for one in self._concessions.words_in(rows[0]) if one.holds_on(today)]
        return Evidence(
            medium=Medium.ECODE,
            region=rows[0]["region"],
            authenticated=True,
            ages=AgeRange.exactly(age_on(person.birth, today)),
            concession=max((LEVELS[one.category] for one in words), default=ConcessionLevel.NONE),
            categories=tuple(Category(one.category.value, one.last_day) for one in words),
        )
