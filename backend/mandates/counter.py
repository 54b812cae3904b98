"""Mandates at an outlet 网点 and on doorsteps: by the principal's card and PIN, or by papers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from backend.figures import MandateFigures
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.mandates import deeds
from backend.mandates import refusals as no
from backend.mandates.confirming import Confirmation, confirm, consent, worded
from backend.mandates.documents import Mandate, MandateParty
from backend.mandates.ending import end, lift_guardianship, settle
from backend.mandates.granting import Terms
from backend.mandates.rules import Ending, MandateState
from backend.mandates.scopes import DEFAULT_SCOPES, SENSITIVE, Channel, Evidence, Relation, Scope
from backend.mandates.stored import read, touch
from backend.mandates.views import MandateView, MandateViews
from backend.residents.rules import RESIDENT_UNKNOWN
from backend.residents.service import Residents
from backend.residents.standing import status_of
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier

Work = Callable[[Caller, Session], Awaitable[Answer | Refusal]]


class HolderPins(Protocol):
    """Proves that the holder of a card stands there; cards stand behind it."""

    async def refusal(self, resident_id: str, pin: str) -> Refusal | None:
        """Return why card and PIN 社保卡密码 prove nothing; a wrong PIN is counted."""
        ...

    async def holder_by(self, digest: bytes, pin: str) -> str | Refusal:
        """Return whose card that is, or why card and PIN prove nothing; wrong PINs are counted."""
        ...


@dataclass(frozen=True, slots=True)
class CounterGrant:
    """What a clerk was asked for; without a PIN only papers stand for the principal's word."""

    principal: str
    delegate: str
    terms: Terms
    evidence: Evidence
    pin: str = field(default="", repr=False)


class MandateCounter:
    """Serves both sides at an outlet, and agents on doorsteps."""

    def __init__(
        self,
        views: MandateViews,
        residents: Residents,
        pins: HolderPins,
        once: Once,
        figures: MandateFigures,
        clock: Clock,
    ) -> None:
        self._views = views
        self._residents = residents
        self._pins = pins
        self._once = once
        self._figures = figures
        self._clock = clock

    async def grant(
        self, caller: Caller | None, key: str, wish: CounterGrant | Refusal
    ) -> MandateView | Refusal:
        """Make and confirm a mandate between two people at an outlet."""
        denied = may(caller, Act.MANDATE_SERVE)
        if denied is not None:
            return denied
        if isinstance(wish, Refusal):
            return wish
        if wish.terms.relation is Relation.ASSISTED:
            return no.SCOPES_FORM
        request = {
            "act": "grant mandate",
            "people": f"{wish.principal} {wish.delegate}",
            "terms": repr(wish.terms),
            "evidence": wish.evidence.value,
        }
        refused = await self._unproven(caller, key, request, wish.principal, wish.pin)
        if refused is not None:
            return refused
        channel = Channel.OUTLET if wish.pin else Channel.DOCUMENT

        async def work(by: Caller, session: Session) -> Answer | Refusal:
            return await self.granted(by, wish, channel, session)

        return await self._seen(await self._perform(caller, key, request, work))

    async def assist(
        self, caller: Caller | None, key: str, principal: str, pin: str, scopes: tuple[Scope, ...]
    ) -> MandateView | Refusal:
        """Let the agent themself act for who stands before them, for one day (D31)."""
        wanted, denied = scopes or DEFAULT_SCOPES, may(caller, Act.MANDATE_SERVE)
        if denied is not None:
            return denied
        if not SENSITIVE.isdisjoint(wanted) or len(set(wanted)) != len(wanted):
            return no.SCOPES_FORM
        if not pin:
            return no.CONSENT_NEEDED
        request = {"act": "assist", "person": principal, "scopes": ",".join(wanted)}
        refused = await self._unproven(caller, key, request, principal, pin)
        if caller is None or caller.staff_id is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        terms = Terms(Relation.ASSISTED, wanted, 1)
        wish = CounterGrant(principal, caller.staff_id, terms, Evidence.PRESENCE)

        async def work(by: Caller, session: Session) -> Answer | Refusal:
            return await self.granted(by, wish, Channel.DOORSTEP, session)

        return await self._seen(await self._perform(caller, key, request, work))

    async def stop(
        self, caller: Caller | None, key: str, mandate_id: str, reason: str
    ) -> MandateView | Refusal:
        """End a mandate for somebody who stands at the counter (D7)."""
        why = audit.reason_of(reason)

        async def work(by: Caller, session: Session) -> Answer | Refusal:
            row = await read(mandate_id, session)
            if isinstance(why, Refusal) or row is None:
                return why if isinstance(why, Refusal) else no.MANDATE_UNKNOWN
            await end(row, Ending.BY_OUTLET, by, self._clock.now(), session, why)
            return {"mandate": row["_id"]}

        request = {"act": "end mandate", "mandate": mandate_id, "reason": reason}
        return await self._seen(await self._perform(caller, key, request, work))

    async def settle(
        self, caller: Caller | None, key: str, mandate_id: str, reason: str, *, upheld: bool
    ) -> MandateView | Refusal:
        """Decide a dispute by the documents of both sides (D28)."""
        why = audit.reason_of(reason)

        async def work(by: Caller, session: Session) -> Answer | Refusal:
            row = await read(mandate_id, session)
            if isinstance(why, Refusal) or row is None:
                return why if isinstance(why, Refusal) else no.MANDATE_UNKNOWN
            refused = await settle(row, by, self._clock.now(), session, why, upheld=upheld)
            return refused or {"mandate": row["_id"]}

        request = {"act": f"settle {upheld}", "mandate": mandate_id, "reason": reason}
        return await self._seen(await self._perform(caller, key, request, work))

    async def consent(
        self, caller: Caller | None, key: str, mandate_id: str, pin: str
    ) -> MandateView | Refusal:
        """Take the consent of a child of 14 who has no phone, by their card and PIN (D13)."""
        denied = may(caller, Act.MANDATE_SERVE)
        if denied is not None:
            return denied
        row = await read(mandate_id)
        if row is None or row["state"] != MandateState.ACTIVE:
            return no.MANDATE_UNKNOWN
        if not pin:
            return no.CONSENT_NEEDED
        request = {"act": "consent to mandate", "mandate": mandate_id}
        refused = await self._unproven(caller, key, request, row["principal"], pin)
        if refused is not None:
            return refused

        async def work(by: Caller, session: Session) -> Answer | Refusal:
            found = await read(mandate_id, session)
            if found is None or found["state"] != MandateState.ACTIVE:
                return no.MANDATE_UNKNOWN
            await consent(found, by, self._clock.now(), session)
            return {"mandate": found["_id"]}

        return await self._seen(await self._perform(caller, key, request, work))

    async def review(
        self, caller: Caller | None, key: str, mandate_id: str
    ) -> MandateView | Refusal:
        """Note that a guardian's papers were looked at again: another year (D16)."""
        now = self._clock.now()

        async def work(by: Caller, session: Session) -> Answer | Refusal:
            row = await read(mandate_id, session)
            if row is None or row.get("review_by") is None or row["state"] != MandateState.ACTIVE:
                return no.MANDATE_UNKNOWN
            until = now + timedelta(days=self._figures.review_days)
            await Mandate.get_pymongo_collection().update_one(
                {"_id": row["_id"]}, {"$set": {"review_by": until}}, session=session
            )
            deed = deeds.of_caller(
                by, "mandates.reviewed", row["principal"], now, mandate=row["_id"]
            )
            await audit.record(deed, session)
            return {"mandate": row["_id"]}

        request = {"act": "review mandate", "mandate": mandate_id}
        return await self._seen(await self._perform(caller, key, request, work))

    async def exclude(
        self, caller: Caller | None, key: str, principal: str, person: str, reason: str
    ) -> str | Refusal:
        """Note that a court keeps a person from acting for another, and end what there is (D15)."""
        why, now = audit.reason_of(reason), self._clock.now()

        async def work(by: Caller, session: Session) -> Answer | Refusal:
            if isinstance(why, Refusal):
                return why
            for one in (principal, person):
                if not is_identifier(one) or await status_of(one, session) is None:
                    return RESIDENT_UNKNOWN
            await touch([principal], session)
            await MandateParty.get_pymongo_collection().update_one(
                {"_id": principal}, {"$addToSet": {"excluded": person}}, session=session
            )
            living = {"principal": principal, "delegate": person, "state": {"$ne": "ENDED"}}
            found = Mandate.get_pymongo_collection().find(living, session=session)
            for row in await found.to_list():
                await end(row, Ending.BY_OUTLET, by, now, session, why)
            deed = deeds.of_caller(by, "mandates.excluded", principal, now, reason=why)
            await audit.record(deed, session)
            return {"principal": principal}

        request = {"act": "exclude", "people": f"{principal} {person}", "reason": reason}
        done = await self._perform(caller, key, request, work)
        return done if isinstance(done, Refusal) else principal

    async def lift_guardianship(
        self, caller: Caller | None, key: str, principal: str, reason: str
    ) -> str | Refusal:
        """Note by a court's papers that somebody is under guardianship no more (D17)."""
        why, now = audit.reason_of(reason), self._clock.now()

        async def work(by: Caller, session: Session) -> Answer | Refusal:
            if isinstance(why, Refusal):
                return why
            if not is_identifier(principal) or await status_of(principal, session) is None:
                return RESIDENT_UNKNOWN
            refused = await lift_guardianship(principal, by, now, session, why)
            return refused or {"principal": principal}

        request = {"act": "lift guardianship", "person": principal, "reason": reason}
        done = await self._perform(caller, key, request, work)
        return done if isinstance(done, Refusal) else principal

    async def granted(
        self, by: Caller, wish: CounterGrant, channel: Channel, session: Session
    ) -> Answer | Refusal:
        """Make and confirm a mandate within the transaction of an act that may do so."""
        now = self._clock.now()
        people = {wish.principal, wish.delegate} - {by.staff_id}
        for one in people:
            if not is_identifier(one) or await status_of(one, session) is None:
                return RESIDENT_UNKNOWN
        row: dict[str, Any] = {
            "_id": random_identifier("mnd"),
            "principal": wish.principal,
            "delegate": wish.delegate,
            **worded(wish.terms),
            "state": MandateState.TAKEN.value,
            "offered_by": wish.principal,
            "offered_at": now,
            "evidence": wish.evidence.value,
        }
        await Mandate.get_pymongo_collection().insert_one(row, session=session)
        how = Confirmation(by, channel, wish.evidence, by.staff_id or "operator", now)
        refused = await confirm(row, how, self._residents, self._figures, session)
        return refused or {"mandate": row["_id"]}

    async def _unproven(
        self, caller: Caller | None, key: str, request: dict[str, str], principal: str, pin: str
    ) -> Refusal | None:
        """Look at the PIN, unless this very request was answered before."""
        refused = may(caller, Act.MANDATE_SERVE)
        if caller is None or refused is not None or not pin:
            return refused or (SIGN_IN_NEEDED if caller is None else None)
        if not is_identifier(principal):
            return RESIDENT_UNKNOWN
        asks = caller.staff_id or "operator"
        if await self._once.answered(caller=asks, key=key, request=request) is not None:
            return None
        return await self._pins.refusal(principal, pin)

    async def _perform(
        self, caller: Caller | None, key: str, request: dict[str, str], work: Work
    ) -> Answer | Refusal:
        refused = may(caller, Act.MANDATE_SERVE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        return await self._once.perform(
            caller=caller.staff_id or "operator",
            key=key,
            request=request,
            now=self._clock.now(),
            act=lambda session: work(caller, session),
        )

    async def _seen(self, done: Answer | Refusal) -> MandateView | Refusal:
        if isinstance(done, Refusal):
            return done
        return await self._views.view(done["mandate"], None)
