"""What a close relative asks of a deceased person's data, at a counter 逝者信息 (PIPL 49, L9).

Each act is a row about the deceased that names the relative, and one that the relative finds in
"who used my data". A correction becomes a case that another clerk decides, a deletion a closing
whose cooling-off time runs: nobody ends a record alone.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from backend.figures import RightsPolicy
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed
from backend.foundation.households import of_same_household
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.residents.documents import ResidentStatus
from backend.residents.finding import ReadLimits
from backend.residents.rules import REVEAL_LASTS, REVEAL_OVER, number_of
from backend.residents.service import Residents
from backend.rights import deeds
from backend.rights.closing import latest
from backend.rights.closing_rules import (
    CLOSING_RUNS,
    ClosingEvent,
    ClosingState,
    decide,
    effective_at,
)
from backend.rights.copies import PersonalCopies, PersonalCopy
from backend.rights.correction_rules import CorrectableField, wanted_of
from backend.rights.corrections import CorrectionFacts, Corrections, case_of, facts_of
from backend.rights.documents import Closing
from backend.rights.relative_rules import (
    NOT_DECEASED,
    OF_OWN_HOUSEHOLD,
    RELATIVE_UNKNOWN,
    RELATIVE_WORDS,
    Claim,
    claim_fault,
)
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

_COPIED = LocalizedText("取得了逝者的个人信息副本", "took a copy of the deceased's data")
_CORRECTING = LocalizedText("申请更正逝者的信息", "asked for the deceased's data to be corrected")
_CLOSING = LocalizedText("申请删除逝者的信息", "asked for the deceased's data to be deleted")
_DEAD = frozenset({ResidentStatus.DECEASED})
_ALIVE = frozenset({ResidentStatus.RESIDENT, ResidentStatus.MOVED_AWAY})
_Work = Callable[["_Parties", Session], Awaitable[Answer | Refusal]]


@dataclass(frozen=True, slots=True)
class _Parties:
    """Who is asked about, who asks and who serves them; `reason` is the interest."""

    clerk: Caller
    deceased: str
    relative: str
    reason: str


class RelativesRights:
    """Serves close relatives of the deceased at a counter."""

    def __init__(
        self,
        residents: Residents,
        copies: PersonalCopies,
        corrections: Corrections,
        limits: ReadLimits,
        policy: RightsPolicy,
        once: Once,
        clock: Clock,
    ) -> None:
        self._residents = residents
        self._copies = copies
        self._corrections = corrections
        self._limits = limits
        self._policy = policy
        self._once = once
        self._clock = clock

    async def copy(
        self, caller: Caller | None, idempotency_key: str, claim: Claim
    ) -> PersonalCopy | Refusal:
        """Return the copy of a deceased person's data; the same request shows it some minutes."""
        now = self._clock.now()

        async def act(parties: _Parties, session: Session) -> Answer | Refusal:
            locked = await self._limits.of_reads(parties.clerk.staff_id or "")
            if locked is not None:
                return locked
            await self._record(parties, claim, "rights.relative_copied", _COPIED, session)
            return {"deceased": parties.deceased, "until": now + REVEAL_LASTS}

        answer = await self._perform(caller, idempotency_key, claim, "copy", act)
        if isinstance(answer, Refusal):
            return answer
        if answer["until"] < now:
            return REVEAL_OVER
        return await self._copies.of(answer["deceased"])

    async def correct(
        self,
        caller: Caller | None,
        idempotency_key: str,
        claim: Claim,
        which: CorrectableField,
        value: str,
    ) -> CorrectionFacts | Refusal:
        """Open a case to correct a field of the deceased's record; another clerk decides it."""
        today = local_day(self._clock.now())
        wanted = wanted_of(which, value, claim.interest, today, self._residents.longest_name)

        async def act(parties: _Parties, session: Session) -> Answer | Refusal:
            if isinstance(wanted, Refusal):
                return wanted
            asked = (parties.clerk, parties.deceased, wanted, session)
            done = await self._corrections.submit(*asked)
            if not isinstance(done, Refusal):
                action = "rights.relative_correction"
                await self._record(parties, claim, action, _CORRECTING, session)
            return done

        what = f"correct {which} {self._residents.fingerprint(value)}"
        answer = await self._perform(caller, idempotency_key, claim, what, act)
        if isinstance(answer, Refusal):
            return answer
        found = await case_of({"_id": answer["case"]}, None)
        if found is None:
            raise LookupError("no such case")
        return facts_of(found)

    async def close(
        self, caller: Caller | None, idempotency_key: str, claim: Claim
    ) -> datetime | Refusal:
        """Ask for the record to be erased; return when that is carried out."""

        async def act(parties: _Parties, session: Session) -> Answer | Refusal:
            now, found = self._clock.now(), await latest(parties.deceased, session)
            state = None if found is None else ClosingState(found["state"])
            outcome = decide(state, ClosingEvent.REQUEST)
            if isinstance(outcome, Refusal):
                return outcome
            at = effective_at(now, self._policy.closing_days)
            closing = Closing(
                id=random_identifier("cls"),
                resident_id=parties.deceased,
                state=outcome,
                requested_at=now,
                effective_at=at,
                due_at=at,
            )
            try:
                await closing.insert(session=session)
            except DuplicateKeyError:
                return CLOSING_RUNS
            await self._record(parties, claim, "rights.relative_closing", _CLOSING, session)
            return {"at": at}

        answer = await self._perform(caller, idempotency_key, claim, "close", act)
        return answer if isinstance(answer, Refusal) else answer["at"]

    async def _perform(
        self, caller: Caller | None, key: str, claim: Claim, what: str, work: _Work
    ) -> Answer | Refusal:
        refused = may(caller, Act.DECEASED_SERVE)
        if refused is not None or caller is None or caller.staff_id is None:
            return refused or SIGN_IN_NEEDED

        async def act(session: Session) -> Answer | Refusal:
            parties = await self._parties(caller, claim)
            return parties if isinstance(parties, Refusal) else await work(parties, session)

        people = f"{claim.number}\0{claim.relative_number}"
        return await self._once.perform(
            caller=caller.thumbprint or caller.staff_id,
            key=key,
            request={
                "act": f"for a relative: {what}",
                "people": self._residents.fingerprint(people),
                "shown": f"{claim.relative} {claim.paper} {claim.nothing_arranged}",
                "interest": claim.interest,
            },
            now=self._clock.now(),
            act=act,
        )

    async def _parties(self, clerk: Caller, claim: Claim) -> _Parties | Refusal:
        reason = audit.reason_of(claim.interest)
        fault = claim_fault(claim)
        if fault is not None or isinstance(reason, Refusal):
            return fault or reason  # type: ignore[return-value]
        deceased = await self._on_record(claim.number, _DEAD)
        if deceased is None or isinstance(deceased, Refusal):
            return deceased or NOT_DECEASED
        relative = await self._on_record(claim.relative_number, _ALIVE)
        if relative is None or isinstance(relative, Refusal):
            return relative or RELATIVE_UNKNOWN
        parties = _Parties(clerk, deceased, relative, reason)
        if await of_same_household(clerk.staff_id or "", [deceased, relative]):
            # The log raises the alert, as for a read (L31).
            words = LocalizedText("试图为家人办理逝者信息", "tried to serve their own family")
            deed = self._deed(parties, "rights.relative_refused", words, deceased)
            await audit.record_read(replace(deed, result=audit.refused(OF_OWN_HOUSEHOLD)))
            return OF_OWN_HOUSEHOLD
        return parties

    async def _on_record(
        self, text: str, statuses: frozenset[ResidentStatus]
    ) -> str | Refusal | None:
        number = number_of(text, local_day(self._clock.now()))
        if isinstance(number, Refusal):
            return number
        found = await self._residents.having(
            {"number_index": self._residents.number_index(number.value)}
        )
        return next((who for who, one in found.items() if one.status in statuses), None)

    async def _record(
        self, parties: _Parties, claim: Claim, action: str, words: LocalizedText, session: Session
    ) -> None:
        kin = RELATIVE_WORDS[claim.relative]
        told = LocalizedText(f"近亲属（{kin.zh}）{words.zh}", f"A relative ({kin.en}) {words.en}")
        deed = self._deed(parties, action, told, parties.deceased)
        await audit.record_read(replace(deed, origin=parties.relative), session)
        own = LocalizedText(f"作为近亲属，您{words.zh}", f"As a relative you {words.en}")
        await audit.record_read(self._deed(parties, action, own, parties.relative), session)

    def _deed(self, parties: _Parties, action: str, words: LocalizedText, subject: str) -> Deed:
        deed = deeds.of_caller(parties.clerk, action, words, subject, self._clock.now())
        return replace(deed, reason=parties.reason)
