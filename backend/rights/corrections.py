"""Corrections 更正 (PIPL 46): asked for by the resident, decided by a clerk, seen by both."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, DuplicateKeyError, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.person_keys import KeyPurpose, PersonSealer, sealer_of
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.mandates.acting import Acting, record_act
from backend.residents.rules import PersonField
from backend.residents.service import Residents
from backend.rights import deeds
from backend.rights.correction_rules import (
    CORRECTION_RUNS,
    CORRECTION_SAME,
    CORRECTION_UNKNOWN,
    CorrectableField,
    CorrectionEvent,
    CorrectionState,
    Wanted,
    decide,
    wanted_of,
)
from backend.rights.documents import CorrectionCase
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

COLLECTION = "corrections"
PERSON_FIELDS = {
    CorrectableField.NAME: PersonField.NAME,
    CorrectableField.BIRTH: PersonField.BIRTH,
    CorrectableField.NUMBER: PersonField.NUMBER,
}
_PLAIN = {"field": 1, "state": 1, "submitted_at": 1, "decided_at": 1, "reason": 1}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CorrectionFacts:
    """A case as the person sees it; `reason` is the clerk's, once it is decided."""

    case_id: str
    field: CorrectableField
    state: CorrectionState
    submitted_at: datetime
    decided_at: datetime | None
    reason: LocalizedText | None

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.submitted_at, self.case_id)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person typed: which field, its right value, and why."""

    which: CorrectableField
    value: str = field(repr=False)
    explanation: str = field(repr=False)


class Corrections:
    """Takes, withdraws and lists a resident's cases, for them or for who acts for them."""

    def __init__(self, residents: Residents, sealer: Sealer, once: Once, clock: Clock) -> None:
        self._residents = residents
        self._sealer = sealer
        self._once = once
        self._clock = clock

    async def of_caller(
        self,
        caller: Caller | None,
        first: int,
        after: Position | None,
        acting: Acting | None = None,
    ) -> Page[CorrectionFacts] | Refusal:
        """Return a page of the caller's cases, or the principal's, the last submitted first."""
        resident_id = _whose(caller, acting)
        refused = _refusal(caller, acting)
        if refused is not None:
            return refused
        wanted = {"resident_id": resident_id, **beyond(after, "$lt")}
        order = [("submitted_at", DESCENDING), ("_id", DESCENDING)]
        found = CorrectionCase.get_pymongo_collection().find(wanted, _PLAIN).sort(order)
        return cut_page([facts_of(row) async for row in found.limit(first + 1)], first)

    async def request(
        self,
        caller: Caller | None,
        idempotency_key: str,
        wish: Wish,
        acting: Acting | None = None,
    ) -> CorrectionFacts | Refusal:
        """Take the request to correct a field of the caller's record, or the principal's."""
        today, longest_name = local_day(self._clock.now()), self._residents.longest_name
        wanted = wanted_of(wish.which, wish.value, wish.explanation, today, longest_name)
        resident_id = _whose(caller, acting) or ""

        async def act(who: Caller, session: Session) -> Answer | Refusal:
            if isinstance(wanted, Refusal):
                return wanted
            return await self.submit(who, resident_id, wanted, session, acting)

        stands_for = self._sealer.blind_index(
            f"{wish.value}\0{wish.explanation}", purpose="rights.correction"
        ).hex()
        request = {"act": "request correction", "field": wish.which, "wish": stands_for}
        request["resident"] = resident_id
        return _refusal(caller, acting) or await done_once(
            self._once, self._clock, caller, idempotency_key, request, act
        )

    async def withdraw(
        self,
        caller: Caller | None,
        idempotency_key: str,
        case_id: str,
        acting: Acting | None = None,
    ) -> CorrectionFacts | Refusal:
        """Withdraw a case of the caller's or the principal's; somebody else's is unknown."""
        resident_id = _whose(caller, acting)

        async def act(who: Caller, session: Session) -> Answer | Refusal:
            found = await case_of({"_id": case_id, "resident_id": resident_id}, session)
            outcome = decide(state_of(found), CorrectionEvent.WITHDRAW)
            if found is None or isinstance(outcome, Refusal):
                return outcome if isinstance(outcome, Refusal) else CORRECTION_UNKNOWN
            await settle(found, {"state": outcome, "decided_at": self._clock.now()}, session)
            words = words_of(found, "撤回了", "Withdrew")
            action = "rights.correction_withdrawn"
            return await self._record(who, action, words, found, session, acting) or {
                "case": case_id
            }

        request = {"act": "withdraw correction", "case": case_id}
        refused = _refusal(caller, acting)
        if refused is None and not is_identifier(case_id):
            refused = CORRECTION_UNKNOWN
        return refused or await done_once(
            self._once, self._clock, caller, idempotency_key, request, act
        )

    async def submit(
        self,
        who: Caller,
        resident_id: str,
        wanted: Wanted,
        session: Session,
        acting: Acting | None = None,
    ) -> Answer | Refusal:
        """Open a case for a resident, in the transaction of the act that asks for it.

        A delegate is not told that the record says so already: they could guess what it says.
        """
        record = await self._residents.stored(resident_id, session)
        if record is None:
            return CORRECTION_SAME
        present = self._residents.open(record, PERSON_FIELDS[wanted.which])
        if acting is None and present == wanted.value:
            return CORRECTION_SAME
        case_id = random_identifier("cor")
        own = await sealer_of(self._sealer, resident_id, session)
        case = CorrectionCase(
            id=case_id,
            resident_id=resident_id,
            field=wanted.which,
            state=CorrectionState.SUBMITTED,
            value_sealed=_seal(own, wanted.value, "value_sealed", case_id),
            explanation_sealed=_seal(own, wanted.explanation, "explanation_sealed", case_id),
            submitted_at=self._clock.now(),
            submitted_by=who.staff_id,
        )
        try:
            await case.insert(session=session)
        except DuplicateKeyError:
            return CORRECTION_RUNS
        words = deeds.correction(wanted.which, "提交了", "Submitted")
        row = {"resident_id": resident_id}
        action = "rights.correction_requested"
        return await self._record(who, action, words, row, session, acting) or {"case": case_id}

    async def _record(
        self,
        who: Caller,
        action: str,
        words: LocalizedText,
        row: Row,
        session: Session,
        acting: Acting | None,
    ) -> Refusal | None:
        deed = deeds.of_caller(who, action, words, row["resident_id"], self._clock.now())
        return await record_act(deed, acting, session)


def _whose(caller: Caller | None, acting: Acting | None) -> str | None:
    if acting is not None:
        return acting.principal
    return caller.resident_id if caller else None


def _refusal(caller: Caller | None, acting: Acting | None) -> Refusal | None:
    """Return why nobody's cases are the caller's; a mandate is checked in the write of its use."""
    return None if acting else may(caller, Act.RIGHTS_EXERCISE, _whose(caller, acting))


async def done_once(
    once: Once,
    clock: Clock,
    caller: Caller | None,
    idempotency_key: str,
    request: Mapping[str, str],
    act: Callable[[Caller, Session], Awaitable[Answer | Refusal]],
) -> CorrectionFacts | Refusal:
    """Do an act on a case once for a caller, and return the case as it stands then."""
    if caller is None:
        return SIGN_IN_NEEDED
    by = caller.resident_id or caller.staff_id or "operator"
    answer = await once.perform(
        caller=caller.thumbprint or by,
        key=idempotency_key,
        request={**request, "by": by},
        now=clock.now(),
        act=lambda session: act(caller, session),
    )
    if isinstance(answer, Refusal):
        return answer
    found = await case_of({"_id": answer["case"]}, None)
    if found is None:
        raise LookupError("no such case")
    return facts_of(found)


def _seal(own: PersonSealer, value: str, name: str, case_id: str) -> bytes:
    """A case is the account's: it is unreadable once that is closed."""
    return own.seal(
        value, collection=COLLECTION, field=name, document=case_id, purpose=KeyPurpose.ACCOUNT
    )


async def case_of(wanted: Row, session: Session | None) -> Row | None:
    """Return one case as stored."""
    return await CorrectionCase.get_pymongo_collection().find_one(wanted, session=session)


async def settle(found: Row, change: Row, session: Session) -> None:
    """Write how a case ended."""
    await CorrectionCase.get_pymongo_collection().update_one(
        {"_id": found["_id"]}, {"$set": change}, session=session
    )


def state_of(found: Row | None) -> CorrectionState | None:
    """Return where a case stands, None where there is none."""
    return None if found is None else CorrectionState(found["state"])


def words_of(row: Row, zh: str, en: str) -> LocalizedText:
    """Return the words of an act on a stored case."""
    return deeds.correction(CorrectableField(row["field"]), zh, en)


def beyond(after: Position | None, further: str) -> dict[str, Any]:
    """Return what selects the rows that follow `after`, `further` being `$lt` or `$gt`."""
    if after is None:
        return {}
    same = {"submitted_at": after.at, "_id": {further: after.row_id}}
    return {
        "submitted_at": {f"{further}e": after.at},
        "$or": [{"submitted_at": {further: after.at}}, same],
    }


def facts_of(row: Row) -> CorrectionFacts:
    """Return a stored case as the person sees it."""
    reason = row.get("reason")
    return CorrectionFacts(
        case_id=row["_id"],
        field=CorrectableField(row["field"]),
        state=CorrectionState(row["state"]),
        submitted_at=row["submitted_at"],
        decided_at=row.get("decided_at"),
        # A clerk writes in one language; it is shown as it was written.
        reason=None if reason is None else LocalizedText(reason, reason),
    )
