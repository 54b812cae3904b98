"""What both sides do with mandates: invite, take, confirm, stop, dispute, set limits."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from backend.figures import MandateFigures
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.households import of_same_household
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.wrong_tries import WrongTries
from backend.mandates import deeds
from backend.mandates import refusals as no
from backend.mandates.confirming import Confirmation, confirm, consent, worded
from backend.mandates.documents import Mandate
from backend.mandates.ending import dispute, end, stop_scope
from backend.mandates.granting import INVITATION_KEPT, Terms
from backend.mandates.guarding import may_stop_as_guardian
from backend.mandates.rules import Ending, MandateState, MoneyLimits
from backend.mandates.scopes import Channel, Evidence, Scope
from backend.mandates.stored import Row, is_party, read
from backend.mandates.views import MandateView, MandateViews, Side, own
from backend.residents.service import Residents
from shared.clock import Clock
from shared.identifiers import random_identifier

INVITATION_DIGITS = 12
"""Short enough to be said and typed; what it opens still waits for the principal's own word."""
WRONG_TRIES = 5
WRONG_TRIES_SECONDS = 60.0
Work = Callable[[Session, str], Awaitable[Answer | Refusal]]


@dataclass(frozen=True, slots=True)
class Invited:
    """A mandate that waits for the other side, and the invitation shown to them."""

    mandate: MandateView
    invitation: str = field(repr=False)


class Mandates:
    """Serves both sides."""

    def __init__(
        self,
        views: MandateViews,
        residents: Residents,
        once: Once,
        figures: MandateFigures,
        clock: Clock,
    ) -> None:
        self._views = views
        self._residents = residents
        self._once = once
        self._figures = figures
        self._clock = clock
        self._tries = WrongTries(clock, limit=WRONG_TRIES, seconds=WRONG_TRIES_SECONDS)

    async def invite(
        self, caller: Caller | None, key: str, side: Side, terms: Terms | Refusal
    ) -> Invited | Refusal:
        """Make an invitation; whoever takes it is on the other side."""
        now = self._clock.now()
        if isinstance(terms, Refusal):
            return may(caller, Act.MANDATE_MANAGE, _person(caller)) or terms

        async def work(session: Session, person: str) -> Answer:
            invitation = f"{secrets.randbelow(10**INVITATION_DIGITS):0{INVITATION_DIGITS}}"
            row: dict[str, Any] = {
                "_id": random_identifier("mnd"),
                side.value.lower(): person,
                **worded(terms),
                "state": MandateState.OFFERED.value,
                "offered_by": person,
                "offered_at": now,
                "invitation": _hash(invitation),
                "invitation_until": now + INVITATION_KEPT,
                "evidence": Evidence.SELF_DECLARED.value,
            }
            await Mandate.get_pymongo_collection().insert_one(row, session=session)
            await self._record(caller, "mandates.offered", row["_id"], session)
            return {"mandate": row["_id"], "invitation": invitation}

        request = {
            "act": f"invite as {side.value}",
            "terms": f"{terms.relation} {','.join(terms.scopes)} {terms.days}",
        }
        done = await self._perform(caller, key, request, work)
        if isinstance(done, Refusal):
            return done
        view = await self._seen(caller, done)
        return view if isinstance(view, Refusal) else Invited(view, done["invitation"])

    async def take(self, caller: Caller | None, key: str, invitation: str) -> MandateView | Refusal:
        """Be the other side of an invitation; the mandate then waits for the principal."""
        now, counted = self._clock.now(), False

        async def work(session: Session, person: str) -> Answer | Refusal:
            nonlocal counted  # a transaction that is tried again is the same try
            if not counted and not self._tries.take(person):
                return no.TOO_MANY_TRIES
            counted = True
            mandates = Mandate.get_pymongo_collection()
            wanted = {"invitation": _hash(invitation)}
            row = await mandates.find_one(wanted, session=session)
            if row is None or now >= row["invitation_until"]:
                return no.INVITATION_UNKNOWN
            if row["offered_by"] == person:
                return no.SELF
            missing = "delegate" if row.get("principal") else "principal"
            same = bool(await of_same_household(row["offered_by"], [person], session))
            found = Evidence.HOUSEHOLD_REGISTER if same else Evidence.SELF_DECLARED
            done = await mandates.update_one(
                {"_id": row["_id"], "state": MandateState.OFFERED.value},
                {
                    "$set": {
                        missing: person,
                        "state": MandateState.TAKEN.value,
                        "evidence": found.value,
                        **({"checker": "register"} if same else {}),
                    },
                    "$unset": {"invitation": "", "invitation_until": ""},
                },
                session=session,
            )
            if done.matched_count == 0:
                return no.INVITATION_UNKNOWN
            await self._record(caller, "mandates.taken", row["_id"], session)
            return {"mandate": row["_id"]}

        request = {"act": "take mandate", "invitation": _hash(invitation).hex()}
        done = await self._perform(caller, key, request, work)
        if counted and done is not no.INVITATION_UNKNOWN:
            self._tries.give_back(str(_person(caller)))
        return await self._seen(caller, done)

    async def confirm(
        self, caller: Caller | None, key: str, mandate_id: str
    ) -> MandateView | Refusal:
        """Confirm as the principal, in their own app; also the consent of a child of 14 (D13)."""
        now = self._clock.now()

        async def work(session: Session, person: str) -> Answer | Refusal:
            row = await own(mandate_id, person, session)
            if isinstance(row, Refusal):
                return row
            if caller is None or row.get("principal") != person:
                return no.CONSENT_NEEDED
            if row["state"] == MandateState.ACTIVE:
                return await self._consented(caller, row, session)
            if row["state"] != MandateState.TAKEN:
                return no.MANDATE_OVER if row["state"] == MandateState.ENDED else no.NOT_CONFIRMED
            checker = row.get("checker") or "principal"
            evidence = Evidence(row["evidence"])
            how = Confirmation(caller, Channel.APP, evidence, checker, now)
            refused = await confirm(row, how, self._residents, self._figures, session)
            return refused or {"mandate": row["_id"]}

        request = {"act": "confirm mandate", "mandate": mandate_id}
        return await self._seen(caller, await self._perform(caller, key, request, work))

    async def stop(
        self, caller: Caller | None, key: str, mandate_id: str, scope: Scope | None = None
    ) -> MandateView | Refusal:
        """Stop one scope, or all of a mandate; either side may, at any time (D7, D8).

        So may the guardian of a principal, who is answered with it as the principal sees it.
        """
        now = self._clock.now()

        async def work(session: Session, person: str) -> Answer | Refusal:
            row = await read(mandate_id, session)
            if row is None:
                return no.MANDATE_UNKNOWN
            why = Ending.BY_DELEGATE if row.get("delegate") == person else Ending.BY_PRINCIPAL
            if not is_party(row, person):
                if not await may_stop_as_guardian(row, person, now, session):
                    return no.MANDATE_UNKNOWN
                why = Ending.BY_GUARDIAN
            if scope is None:
                await end(row, why, caller, now, session)
            else:
                refused = await stop_scope(row, scope, why, caller, now, session)
                if refused is not None:
                    return refused
            return {"mandate": row["_id"]}

        request = {"act": "stop mandate", "mandate": mandate_id, "scope": str(scope)}
        return await self._seen(caller, await self._perform(caller, key, request, work))

    async def dispute(
        self, caller: Caller | None, key: str, mandate_id: str
    ) -> MandateView | Refusal:
        """Suspend a mandate until an outlet decides; no delegate pays meanwhile (D28)."""
        now = self._clock.now()

        async def work(session: Session, person: str) -> Answer | Refusal:
            row = await own(mandate_id, person, session)
            refused = row if isinstance(row, Refusal) else await dispute(row, caller, now, session)
            return refused or {"mandate": mandate_id}

        request = {"act": "dispute mandate", "mandate": mandate_id}
        return await self._seen(caller, await self._perform(caller, key, request, work))

    async def limit(
        self, caller: Caller | None, key: str, mandate_id: str, limits: MoneyLimits | Refusal
    ) -> MandateView | Refusal:
        """Set, as the principal, what a delegate may pay (D21)."""
        if isinstance(limits, Refusal):
            return may(caller, Act.MANDATE_MANAGE, _person(caller)) or limits
        fields = {
            "per_act": limits.per_act,
            "per_day": limits.per_day,
            "per_month": limits.per_month,
        }
        return await self._set(caller, key, mandate_id, {"limits": fields}, "mandates.limits")

    async def tell_views(
        self, caller: Caller | None, key: str, mandate_id: str, *, daily: bool
    ) -> MandateView | Refusal:
        """Choose, as the principal, to be told of views one by one, or once a day (D23)."""
        return await self._set(caller, key, mandate_id, {"daily_views": daily}, "mandates.notices")

    async def _consented(self, caller: Caller, row: Row, session: Session) -> Answer | Refusal:
        await consent(row, caller, self._clock.now(), session)
        return {"mandate": row["_id"]}

    async def _set(
        self, caller: Caller | None, key: str, mandate_id: str, fields: Row, action: str
    ) -> MandateView | Refusal:
        async def work(session: Session, person: str) -> Answer | Refusal:
            row = await own(mandate_id, person, session)
            if isinstance(row, Refusal):
                return row
            if row.get("principal") != person:
                return no.CONSENT_NEEDED
            done = await Mandate.get_pymongo_collection().update_one(
                {"_id": row["_id"], "state": {"$ne": MandateState.ENDED.value}},
                {"$set": fields},
                session=session,
            )
            if done.matched_count == 0:
                return no.MANDATE_OVER
            await self._record(caller, action, row["_id"], session)
            return {"mandate": row["_id"]}

        request = {"act": action, "mandate": mandate_id, "wish": repr(fields)}
        return await self._seen(caller, await self._perform(caller, key, request, work))

    async def _record(
        self, caller: Caller | None, action: str, mandate_id: str, session: Session
    ) -> None:
        about = _person(caller)
        now = self._clock.now()
        deed = deeds.of_caller(caller, action, about, now, mandate=mandate_id)
        await audit.record(deed, session)

    async def _perform(
        self, caller: Caller | None, key: str, request: dict[str, str], work: Work
    ) -> Answer | Refusal:
        person = _person(caller)
        refused = may(caller, Act.MANDATE_MANAGE, person)
        if caller is None or person is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        return await self._once.perform(
            caller=caller.thumbprint,
            key=key,
            request={**request, "resident": person},
            now=self._clock.now(),
            act=lambda session: work(session, person),
        )

    async def _seen(self, caller: Caller | None, done: Answer | Refusal) -> MandateView | Refusal:
        if isinstance(done, Refusal):
            return done
        return await self._views.view(done["mandate"], _person(caller))


def _person(caller: Caller | None) -> str | None:
    return caller.resident_id if caller else None


def _hash(invitation: str) -> bytes:
    return hashlib.sha256(invitation.encode("utf-8", "surrogatepass")).digest()
