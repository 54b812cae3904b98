"""What authorities attest about residents for concessions: kept sealed, read for certificates."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.cards import deeds
from backend.cards import refusals as no
from backend.cards.concession import Attestation, Category
from backend.cards.documents import AttestationRow
from backend.cards.judgements import facts_changed
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.person_keys import sealer_in, sealer_of
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.residents.merging import hold
from backend.residents.rules import RESIDENT_UNKNOWN
from backend.residents.same_person import RECORDS, surviving
from backend.residents.standing import status_of
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier

MAX_ISSUER = 60
_COLLECTION = "attestations"


class Concessions:
    """The register of attestations."""

    def __init__(self, once: Once, sealer: Sealer, clock: Clock) -> None:
        self._once = once
        self._sealer = sealer
        self._clock = clock

    async def attest(
        self, caller: Caller | None, idempotency_key: str, resident_id: str, word: Attestation
    ) -> str | Refusal:
        """Record an authority's word about a resident and return its id."""
        refused = may(caller, Act.RESIDENT_CORRECT, resident_id) or _form(word)
        if refused is not None or caller is None:
            return refused or SIGN_IN_NEEDED
        if not is_identifier(resident_id) or await status_of(resident_id) is None:
            return RESIDENT_UNKNOWN
        text = _text(word)

        async def act(session: Session) -> Answer:
            row = AttestationRow(
                id=random_identifier("att"),
                resident_id=resident_id,
                sealed=b"",
                recorded_at=self._clock.now(),
            )
            # A merge at this moment would not know of it: one of the two waits for the other.
            await hold(await surviving(resident_id, session), row.id, session)
            own = await sealer_of(self._sealer, resident_id, session)
            row.sealed = own.seal(text, collection=_COLLECTION, field="sealed", document=row.id)
            await row.insert(session=session)
            await facts_changed([resident_id], session)
            deed = deeds.of_caller(
                caller, "cards.attested", deeds.ATTESTED, resident_id, self._clock.now()
            )
            await audit.record(deed, session)
            return {"attestation": row.id}

        stands_for = self._sealer.blind_index(text, purpose="cards.attestation").hex()
        answer = await self._once.perform(
            caller=caller.staff_id or caller.thumbprint or "operator",
            key=idempotency_key,
            request={"resident": resident_id, "word": stands_for},
            now=self._clock.now(),
            act=act,
        )
        return answer if isinstance(answer, Refusal) else str(answer["attestation"])

    def words_in(self, row: Mapping[str, Any]) -> list[Attestation]:
        """Return the attestations that `beside` put there; the keys stand beside the row too.

        Whichever record of a person each was recorded under.
        """
        found = row[_COLLECTION]
        whose = {one["resident_id"] for one in found}
        own = {one: sealer_in(row, self._sealer, one) for one in whose}
        return [self._word(one["_id"], one["sealed"], own[one["resident_id"]]) for one in found]

    def _word(self, row_id: str, sealed: bytes, own: Sealer) -> Attestation:
        text = own.open(sealed, collection=_COLLECTION, field="sealed", document=row_id)
        values = json.loads(text)
        last = values["last_day"]
        return Attestation(
            category=Category(values["category"]),
            issuer=values["issuer"],
            first_day=date.fromisoformat(values["first_day"]),
            last_day=None if last is None else date.fromisoformat(last),
        )


def beside() -> dict[str, Any]:
    """Return the stage of an aggregation that puts the attestations of a person beside a row.

    Of all their records, whose ids stand there already (`same_person.records_beside`).
    """
    return {
        "$lookup": {
            "from": _COLLECTION,
            "localField": RECORDS,
            "foreignField": "resident_id",
            "pipeline": [{"$project": {"resident_id": 1, "sealed": 1}}],
            "as": _COLLECTION,
        }
    }


def _form(word: Attestation) -> Refusal | None:
    issuer_fits = 1 <= len(word.issuer) <= MAX_ISSUER and word.issuer.isprintable()
    ordered = word.last_day is None or word.first_day <= word.last_day < date.max
    return None if issuer_fits and ordered else no.ATTESTATION_FORM


def _text(word: Attestation) -> str:
    return json.dumps(
        {
            "category": word.category.value,
            "issuer": word.issuer,
            "first_day": word.first_day.isoformat(),
            "last_day": word.last_day.isoformat() if word.last_day else None,
        },
        ensure_ascii=False,
    )
