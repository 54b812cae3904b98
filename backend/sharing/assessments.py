"""The register of impact assessments: recorded, withdrawn, asked before processing begins (L13)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System, reason_of
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.sharing.assessment_rules import (
    Assessed,
    Assessment,
    Processing,
    assessed_fault,
    coverage_fault,
)
from backend.sharing.documents import ImpactAssessment, StoredAgreement
from backend.sharing.refusals import ASSESSMENT_UNKNOWN
from backend.sharing.rules import AgreementState
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.localized_text import LocalizedText

_RECORDED = LocalizedText("登记了个人信息保护影响评估", "Recorded an impact assessment")
_WITHDRAWN = LocalizedText(
    "撤回了个人信息保护影响评估，并暂停依据它的共享协议",
    "Withdrew an impact assessment and suspended the agreements that rest on it",
)


class ImpactAssessments:
    """Keeps the register."""

    def __init__(self, once: Once, clock: Clock, catalogue: frozenset[str]) -> None:
        self._once = once
        self._clock = clock
        self._catalogue = catalogue

    async def record(
        self, caller: Caller | None, idempotency_key: str, assessed: Assessed
    ) -> Assessment | Refusal:
        """Record an assessment; from its start it lets what it covers begin."""
        denied = may(caller, Act.IMPACT_ASSESS)
        if caller is None or denied is not None:
            return denied or SIGN_IN_NEEDED
        now = self._clock.now()
        fault = assessed_fault(assessed, self._catalogue, now)
        if fault is not None:
            return fault
        fields = _fields(assessed)

        async def act(session: Session) -> Answer:
            row = {"_id": random_identifier("pia"), **fields, "recorded_at": now}
            row["recorded_by"] = caller.actor.id
            await ImpactAssessment.get_pymongo_collection().insert_one(row, session=session)
            deed = self._deed(caller, "sharing.impact_assessed", _RECORDED, row["_id"])
            await audit.record(deed, session)
            return {"assessment": row["_id"]}

        done = await self._once.perform(
            caller=caller.actor.id,
            key=idempotency_key,
            request={name: str(value) for name, value in fields.items()},
            now=now,
            act=act,
        )
        return done if isinstance(done, Refusal) else await self._known(done["assessment"])

    async def withdraw(
        self, caller: Caller | None, idempotency_key: str, assessment_id: str, reason: str
    ) -> Assessment | Refusal:
        """Withdraw an assessment that no longer holds; what rests on it stops in the same write."""
        denied = may(caller, Act.IMPACT_ASSESSMENT_WITHDRAW)
        if caller is None or denied is not None:
            return denied or SIGN_IN_NEEDED
        why = reason_of(reason)
        if isinstance(why, Refusal):
            return why
        if not is_identifier(assessment_id):
            return ASSESSMENT_UNKNOWN
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            change = {"withdrawn_at": now, "withdrawn_by": caller.actor.id, "reason": why}
            done = await ImpactAssessment.get_pymongo_collection().update_one(
                {"_id": assessment_id, "withdrawn_at": None}, {"$set": change}, session=session
            )
            if not done.matched_count:
                return ASSESSMENT_UNKNOWN
            await _suspend_resting_on(assessment_id, caller, why, now, session)
            action = "sharing.impact_assessment_withdrawn"
            deed = self._deed(caller, action, _WITHDRAWN, assessment_id, why)
            await audit.record(deed, session)
            return {"assessment": assessment_id}

        done = await self._once.perform(
            caller=caller.actor.id,
            key=idempotency_key,
            request={"act": "withdraw assessment", "assessment": assessment_id, "reason": why},
            now=now,
            act=act,
        )
        return done if isinstance(done, Refusal) else await self._known(assessment_id)

    async def page(
        self, caller: Caller | None, first: int, after: Position | None
    ) -> Page[Assessment] | Refusal:
        """Return a page of the register, the last recorded first."""
        denied = may(caller, Act.SHARING_READ)
        if denied is not None:
            return denied
        wanted: dict[str, Any] = {}
        if after is not None:
            wanted["recorded_at"] = {"$lte": after.at}
            wanted["$or"] = [{"recorded_at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        order = [("recorded_at", DESCENDING), ("_id", DESCENDING)]
        found = ImpactAssessment.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        return cut_page([_assessment(row) async for row in found], first)

    async def fault(
        self,
        assessment_id: str,
        kinds: frozenset[Processing],
        items: frozenset[str],
        until: datetime,
        session: Session,
    ) -> Refusal | None:
        """Return why an assessment does not let processing of these kinds begin, or None."""
        row = await ImpactAssessment.get_pymongo_collection().find_one(
            {"_id": assessment_id}, session=session
        )
        known = None if row is None else _assessment(row)
        return coverage_fault(known, kinds, items, until, self._clock.now())

    async def _known(self, assessment_id: str) -> Assessment | Refusal:
        row = await ImpactAssessment.get_pymongo_collection().find_one({"_id": assessment_id})
        return ASSESSMENT_UNKNOWN if row is None else _assessment(row)

    def _deed(
        self, caller: Caller, action: str, words: LocalizedText, origin: str, reason: str = ""
    ) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action=action,
            words=words,
            system=System.COUNTER,
            organisation=caller.organisation,
            origin=origin,
            reason=reason,
        )


async def _suspend_resting_on(
    assessment_id: str, caller: Caller, why: str, now: datetime, session: Session
) -> None:
    await StoredAgreement.get_pymongo_collection().update_many(
        {"assessment": assessment_id, "state": AgreementState.APPROVED.value},
        {
            "$set": {
                "state": AgreementState.SUSPENDED.value,
                "decided_by": caller.actor.id,
                "reason": why,
                "changed_at": now,
            }
        },
        session=session,
    )


def _fields(assessed: Assessed) -> dict[str, Any]:
    return {
        "title": assessed.title,
        "kinds": sorted(one.value for one in assessed.kinds),
        "items": sorted(assessed.items),
        "necessity": assessed.necessity,
        "impact": assessed.impact,
        "measures": assessed.measures,
        "starts_at": assessed.starts_at,
        "ends_at": assessed.ends_at,
    }


def _assessment(row: Mapping[str, Any]) -> Assessment:
    return Assessment(
        assessment_id=row["_id"],
        assessed=Assessed(
            title=row["title"],
            kinds=frozenset(map(Processing, row["kinds"])),
            items=frozenset(row["items"]),
            necessity=row["necessity"],
            impact=row["impact"],
            measures=row["measures"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
        ),
        recorded_by=row["recorded_by"],
        recorded_at=row["recorded_at"],
        withdrawn_at=row.get("withdrawn_at"),
    )
