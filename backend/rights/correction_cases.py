"""What a clerk does with requests for correction: sees those that wait, and decides them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from backend.cards.service import Cards
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.households import Households, of_same_household
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import ASCENDING, DuplicateKeyError, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.person_keys import sealer_of, sealers_of
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.residents.correcting import RecordCorrection
from backend.residents.finding import ReadLimits
from backend.residents.rules import PersonField
from backend.residents.service import Person, Residents
from backend.rights import deeds
from backend.rights.correction_rules import (
    CORRECTION_UNKNOWN,
    NUMBER_TAKEN,
    OWN_HOUSEHOLD,
    OWN_SUBMISSION,
    CorrectableField,
    CorrectionEvent,
    CorrectionState,
    decide,
)
from backend.rights.corrections import (
    COLLECTION,
    PERSON_FIELDS,
    CorrectionFacts,
    Row,
    beyond,
    case_of,
    done_once,
    facts_of,
    settle,
    state_of,
    words_of,
)
from backend.rights.documents import CorrectionCase
from shared.clock import Clock
from shared.identifiers import is_identifier
from shared.identity.masking import mask_birth, mask_id_number, mask_name


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as the clerk sees it: present and wanted value masked, and the explanation."""

    case: CorrectionFacts
    resident_id: str
    present: str
    wanted: str
    explanation: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a clerk decided of a case, and why."""

    case_id: str
    accept: bool
    reason: str


@dataclass(frozen=True, slots=True)
class CaseValues:
    """What is to be compared with the document, in full; kept out of `repr`."""

    present: str = field(repr=False)
    wanted: str = field(repr=False)


class CorrectionCases:
    """Shows and decides cases."""

    def __init__(
        self,
        residents: Residents,
        cards: Cards,
        limits: ReadLimits,
        sealer: Sealer,
        once: Once,
        clock: Clock,
    ) -> None:
        self._cards = cards
        self._limits = limits
        self._residents = residents
        self._records = RecordCorrection(residents, Households(sealer))
        self._sealer = sealer
        self._once = once
        self._clock = clock

    async def cases(
        self, caller: Caller | None, first: int, after: Position | None
    ) -> Page[CaseFacts] | Refusal:
        """Return a page of the cases that wait, the oldest first; each person shown is told."""
        refused = may(caller, Act.RESIDENT_CORRECT)
        if refused is not None or caller is None:
            return refused or SIGN_IN_NEEDED
        wanted = {"state": CorrectionState.SUBMITTED, **beyond(after, "$gt")}
        order = [("submitted_at", ASCENDING), ("_id", ASCENDING)]
        found = CorrectionCase.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        page = cut_page(await found.to_list(), first)
        shown = await self._shown(page.rows)
        now, action = self._clock.now(), "rights.correction_read"
        words = [words_of(row, "查看了您", "Looked at") for row in page.rows]
        await audit.record_reads(
            [
                deeds.of_caller(caller, action, said, row["resident_id"], now)
                for row, said in zip(page.rows, words, strict=True)
            ]
        )
        return Page(shown, page.has_more)

    async def reveal(self, caller: Caller | None, case_id: str) -> CaseValues | Refusal:
        """Return both values of a case that waits, in full, after the row that tells of it.

        A clerk compares them with the document; each look is one for the person to find, and counts
        among those that one member of staff may have.
        """
        refused = may(caller, Act.RESIDENT_CORRECT) or may(caller, Act.RESIDENT_UNMASK)
        if refused is not None or caller is None:
            return refused or SIGN_IN_NEEDED
        found = await case_of({"_id": case_id}, None) if is_identifier(case_id) else None
        outcome = decide(state_of(found), CorrectionEvent.ACCEPT)
        if found is None or isinstance(outcome, Refusal):
            return outcome if isinstance(outcome, Refusal) else CORRECTION_UNKNOWN
        resident_id, which = found["resident_id"], CorrectableField(found["field"])
        locked = await self._limits.of_reads(caller.staff_id or "")
        words = words_of(found, "查看了您未隐去的", "Looked in full at")
        now, action = self._clock.now(), "rights.correction_revealed"
        deed = deeds.of_caller(caller, action, words, resident_id, now, locked)
        await audit.record_read(deed)
        if locked is not None:
            return locked
        record, own = await asyncio.gather(
            self._residents.stored(resident_id), sealer_of(self._sealer, resident_id)
        )
        present = record and self._residents.open(record, PERSON_FIELDS[which])
        return CaseValues(present or "", _open(own, found, "value_sealed"))

    async def decide(
        self, caller: Caller | None, idempotency_key: str, decision: Decision
    ) -> CorrectionFacts | Refusal:
        """Decide a case; acceptance changes the record in the same write."""
        refused = may(caller, Act.RESIDENT_CORRECT)
        if refused is None and not is_identifier(decision.case_id):
            refused = CORRECTION_UNKNOWN
        reason = audit.reason_of(decision.reason)

        async def act(who: Caller, session: Session) -> Answer | Refusal:
            if isinstance(reason, Refusal):
                return reason
            found = await case_of({"_id": decision.case_id}, session)
            if found and await of_same_household(who.actor.id, [found["resident_id"]], session):
                return OWN_HOUSEHOLD
            if found and found.get("submitted_by") == who.actor.id:
                return OWN_SUBMISSION
            return await self._decide(who, found, decision, reason, session)

        request = {
            "act": "decide correction",
            "case": decision.case_id,
            "accept": str(decision.accept),
            "reason": decision.reason,
        }
        done = refused or await done_once(
            self._once, self._clock, caller, idempotency_key, request, act
        )
        if caller is not None and done is OWN_HOUSEHOLD:
            await self._note_own_household(caller, decision.case_id)
        return done

    async def _note_own_household(self, caller: Caller, case_id: str) -> None:
        """Write the try down; the log raises the alert, as for a read."""
        found = await case_of({"_id": case_id}, None)
        if found is None:
            return
        words, action = (
            words_of(found, "试图办理您", "Tried to decide"),
            "rights.correction_decided",
        )
        now, whose = self._clock.now(), found["resident_id"]
        deed = deeds.of_caller(caller, action, words, whose, now, OWN_HOUSEHOLD)
        await audit.record_read(deed)

    async def _decide(
        self, who: Caller, found: Row | None, decision: Decision, reason: str, session: Session
    ) -> Answer | Refusal:
        event = CorrectionEvent.ACCEPT if decision.accept else CorrectionEvent.DECLINE
        outcome, now = decide(state_of(found), event), self._clock.now()
        if found is None or isinstance(outcome, Refusal):
            return outcome if isinstance(outcome, Refusal) else CORRECTION_UNKNOWN
        if decision.accept:
            which = PERSON_FIELDS[CorrectableField(found["field"])]
            own = await sealer_of(self._sealer, found["resident_id"], session)
            value = _open(own, found, "value_sealed")
            try:
                await self._records.correct(found["resident_id"], which, value, now, session)
            except DuplicateKeyError:
                return NUMBER_TAKEN
            if which is not PersonField.NAME:  # certificates tell of age
                await self._cards.renew_at(found["resident_id"], now, session)
        change = {"state": outcome, "decided_at": now, "decided_by": who.staff_id, "reason": reason}
        await settle(found, change, session)
        verb = ("批准了您", "Accepted") if decision.accept else ("未批准您", "Declined")
        action = f"rights.correction_{outcome.lower()}"
        deed = deeds.of_caller(who, action, words_of(found, *verb), found["resident_id"], now)
        await audit.record(replace(deed, reason=reason), session)
        return {"case": found["_id"]}

    async def _shown(self, rows: Sequence[Row]) -> list[CaseFacts]:
        whose = [row["resident_id"] for row in rows]
        people, own = await asyncio.gather(
            self._residents.persons(whose), sealers_of(self._sealer, whose)
        )
        return [
            CaseFacts(
                case=facts_of(row),
                resident_id=row["resident_id"],
                present=_present(CorrectableField(row["field"]), people.get(row["resident_id"])),
                wanted=_masked(
                    CorrectableField(row["field"]),
                    _open(own[row["resident_id"]], row, "value_sealed"),
                ),
                explanation=_open(own[row["resident_id"]], row, "explanation_sealed"),
            )
            for row in rows
        ]


def _open(own: Sealer, row: Row, name: str) -> str:
    return own.open(row[name], collection=COLLECTION, field=name, document=row["_id"])


def _present(which: CorrectableField, person: Person | None) -> str:
    if person is None:
        return ""
    if which is CorrectableField.NAME:
        return person.masked_name
    if which is CorrectableField.NUMBER:
        return person.masked_number
    return mask_birth(person.birth)


def _masked(which: CorrectableField, value: str) -> str:
    if which is CorrectableField.NAME:
        return mask_name(value)
    if which is CorrectableField.NUMBER:
        return mask_id_number(value)
    return mask_birth(date.fromisoformat(value))
