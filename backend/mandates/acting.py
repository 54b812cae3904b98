"""Acting for another person 代办: the one check, made at the act, when it is done (D9).

A request names its mandate in the signed proof (`shared/wire/request_proof.py`). Who is behind it
is looked up when it begins; whether it may be is asked where it acts, in the transaction of the
act, by a write to the mandate: a revocation writes the same document, so of the two one is first
and the other sees it. The same write leaves the row with both people in the audit log and the
principal's one notice.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backend.figures import MandateFigures
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Actor, Deed, Organisation, System
from backend.foundation.mongo import ReturnDocument, Session
from backend.foundation.permissions import SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.mandates import deeds
from backend.mandates import refusals as no
from backend.mandates.documents import Mandate, MandateParty
from backend.mandates.notices import tell, tell_daily
from backend.mandates.reach import Delegable
from backend.mandates.rules import is_dormant, refusal_to_use
from backend.mandates.scopes import SENSITIVE, Relation, Scope
from backend.mandates.stored import Row, facts_in, read
from shared.clock import Clock
from shared.identifiers import is_identifier
from shared.identity.age import local_day
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody who acts for `principal`, in one scope of one mandate."""

    mandate: str
    principal: str
    delegate: str
    scope: Scope
    actor: Actor
    system: System
    organisation: Organisation
    figures: MandateFigures
    relation: Relation | None = None
    """Who the principal is to the delegate."""


class MandateUses:
    """Tells for whom a request acts."""

    def __init__(self, figures: MandateFigures, clock: Clock) -> None:
        self._figures = figures
        self._clock = clock

    async def acting(self, caller: Caller | None, wanted: Delegable) -> Acting | Refusal:
        """Return for whom a signed-in caller acts, or why not.

        A read is an act of its own and is recorded here: its check is in that write, and nothing is
        looked at before. Anything else is looked at here too, in what was read with the session,
        though what counts is the check that `record_act` makes where it is done: kept answers and
        the refusals of rules come before that, and would tell whom nobody allows any more about
        the principal.
        """
        delegate = None if caller is None else caller.resident_id or caller.staff_id
        if caller is None or delegate is None:
            return SIGN_IN_NEEDED
        if not is_identifier(caller.acting_for):
            return no.MANDATE_UNKNOWN
        now = self._clock.now()
        if wanted.seen is not None:
            asked = self._acting(caller, delegate, wanted.scope)
            return await _seen(asked, wanted.seen, now)
        # Read with the session; of a request's further acts each reads its own, later.
        looked = caller.mandates_read
        row: Row | None = looked.pop() if looked else await read(caller.acting_for)
        if row is None or row.get("principal") is None:
            return no.MANDATE_UNKNOWN
        facts = facts_in(row, wanted.scope)
        refused = refusal_to_use(facts, delegate, wanted.scope, self._figures, now)
        return refused or self._acting(caller, delegate, wanted.scope, row)

    def _acting(
        self, caller: Caller, delegate: str, scope: Scope, row: Row | None = None
    ) -> Acting:
        """Return who acts in a scope, for the principal of a mandate that was read."""
        return Acting(
            mandate=caller.acting_for,
            principal="" if row is None else row["principal"],
            delegate=delegate,
            scope=scope,
            actor=caller.actor,
            system=System.APP if caller.staff_id is None else System.COUNTER,
            organisation=_behalf(caller, caller.acting_for),
            figures=self._figures,
            relation=None if row is None else Relation(row["relation"]),
        )


async def record_act(deed: Deed, acting: Acting | None, session: Session) -> Refusal | None:
    """Write the row of what a person did, or of what was done for them under a mandate.

    The one place where a use is checked and counted. A refusal must undo the transaction.

    Args:
        deed: as if the person had done it themselves.
        acting: who did it, where that is another.
        session: the transaction of the act.
    """
    if acting is None:
        await audit.record(deed, session)
        return None
    refused = await _used(acting, deed.at, session)
    if refused is not None:
        return refused
    row_id = await audit.record(_by_delegate(deed, acting), session)
    about = (acting.mandate, deed.action, deed.words, deed.at, session)
    await tell(row_id, [acting.principal], *about, by_delegate=True)
    return None


async def record_upkeep(deed: Deed, acting: Acting, session: Session) -> Refusal | None:
    """Check and log what a phone goes on with by itself, which is no act of the delegate's.

    It is neither told nor counted, or a phone left in a drawer would keep sensitive scopes from
    lapsing (D29). The caller must write what an end of the mandate writes too.
    """
    row = await read(acting.mandate, session)
    if row is None or row.get("principal") != acting.principal:
        return no.MANDATE_UNKNOWN
    facts = facts_in(row, acting.scope)
    refused = refusal_to_use(facts, acting.delegate, acting.scope, acting.figures, deed.at)
    if refused is None:
        # Without the mandate's id it is no line of what they did, only of the log.
        kept = replace(_by_delegate(deed, acting), disclosed=False, mandate=None)
        await audit.record(kept, session)
    return refused


async def _seen(asked: Acting, words: LocalizedText, now: datetime) -> Acting | Refusal:
    """Record that a delegate looked at what is the principal's, before they see it."""

    async def act(session: Session) -> Acting | Refusal:
        found = await _used_row(asked, now, session)
        if isinstance(found, Refusal):
            return found
        acting = replace(asked, principal=found["principal"], relation=Relation(found["relation"]))
        deed = Deed(
            at=now,
            actor=acting.actor,
            action="mandates.seen",
            words=words,
            system=acting.system,
            subject=acting.principal,
        )
        row_id = await audit.record(_by_delegate(deed, acting), session)
        about = (acting.mandate, deed.action, words, now, session)
        if found["daily_views"]:
            notice_id = f"{acting.mandate}.{local_day(now).isoformat()}.{acting.scope.value}"
            await tell_daily(notice_id, acting.principal, *about)
        else:
            await tell(row_id, [acting.principal], *about, by_delegate=True)
        return acting

    return await audit.in_one_write(act)


async def _used(acting: Acting, now: datetime, session: Session) -> Refusal | None:
    found = await _used_row(acting, now, session)
    if isinstance(found, Refusal):
        return found
    return None if found["principal"] == acting.principal else no.MANDATE_UNKNOWN


async def _used_row(acting: Acting, now: datetime, session: Session) -> dict[str, Any] | Refusal:
    """Count a use on the delegate's mandate and return it as it was before, if it allows it."""
    row: dict[str, Any] | None = await Mandate.get_pymongo_collection().find_one_and_update(
        {"_id": acting.mandate, "delegate": acting.delegate, "principal": {"$exists": True}},
        {"$set": {"used_at": now}, "$inc": {"uses": 1}},
        return_document=ReturnDocument.BEFORE,
        session=session,
    )
    if row is None:
        return no.MANDATE_UNKNOWN
    facts = facts_in(row, acting.scope)
    refused = refusal_to_use(facts, acting.delegate, acting.scope, acting.figures, now)
    if refused is None and is_dormant(facts, acting.figures, now):
        await _let_lapse(acting.mandate, now, session)
    if refused is None and row["relation"] == Relation.ASSISTED:
        refused = await _counted(acting, now, session)
    return row if refused is None else refused


async def _let_lapse(mandate: str, now: datetime, session: Session) -> None:
    """End the sensitive scopes of a mandate that slept too long: a use does not wake them (D29)."""
    await Mandate.get_pymongo_collection().update_one(
        {"_id": mandate},
        {"$min": {"scopes.$[slept].until": now}},
        array_filters=[{"slept.scope": {"$in": [one.value for one in SENSITIVE]}}],
        session=session,
    )


async def _counted(acting: Acting, now: datetime, session: Session) -> Refusal | None:
    """Count an act of a doorstep agent on their day (D31)."""
    today = local_day(now).isoformat()
    again = {"$eq": ["$acted_on", today]}
    party = await MandateParty.get_pymongo_collection().find_one_and_update(
        {"_id": acting.delegate},
        [
            {
                "$set": {
                    "acts": {"$cond": [again, {"$add": ["$acts", 1]}, 1]},
                    "acted_on": today,
                    "revision": {"$add": [{"$ifNull": ["$revision", 0]}, 1]},
                }
            }
        ],
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    over = party is not None and party["acts"] > acting.figures.agent_acts_per_day
    return no.DAILY_CAP if over else None


def _by_delegate(deed: Deed, acting: Acting) -> Deed:
    """Return a deed as the delegate's: it is a use of the principal's data, and they see it."""
    return replace(
        deed,
        actor=acting.actor,
        system=acting.system,
        subject=acting.principal,
        organisation=acting.organisation,
        disclosed=True,
        mandate=acting.mandate,
    )


def _behalf(caller: Caller, mandate_id: str) -> Organisation:
    """Return for whom the log says the delegate acts: a mandate, or an agent's organisation."""
    if caller.staff_id is not None:
        return caller.organisation
    return Organisation(mandate_id, deeds.AGENT)
