"""What a compliance audit 合规审计 is shown of this house, in one file about nobody (L15).

It tells what is stored and why, who may do what, what was assessed and agreed, which keys seal, and
how often each act was done and refused. Whom an act was about stays in the log, with the auditor.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import OPERATOR, Caller
from backend.foundation.audit import Alert, AuditRow, Deed, System
from backend.foundation.audit_verify import last_anchor, last_verification
from backend.foundation.data_catalogue import CatalogueItem
from backend.foundation.data_keys import DataKey
from backend.foundation.pages import Page, Position
from backend.foundation.permissions import ALLOWED
from backend.foundation.refusals import Refusal
from backend.rights.texts import RightsTexts
from backend.sharing.agreements import Agreements
from backend.sharing.assessments import ImpactAssessments
from shared.clock import Clock
from shared.localized_text import LocalizedText

FORMAT = "yikatong.compliance_evidence/1"
_PAGE = 200
_TAKEN = LocalizedText("导出了合规审计证据", "Took out the evidence for a compliance audit")
_Ask = Callable[[Caller, int, Position | None], Awaitable[Page[Any] | Refusal]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Gathers the evidence; `catalogue` is what is stored, `texts` what people are told."""

    agreements: Agreements
    assessments: ImpactAssessments
    texts: RightsTexts
    catalogue: Sequence[CatalogueItem]
    clock: Clock

    async def gather(self, since: datetime, until: datetime) -> dict[str, Any]:
        """Return the evidence of a time, after the row that tells that it was taken out."""
        now = self.clock.now()
        await audit.record_read(
            Deed(
                at=now,
                actor=OPERATOR.actor,
                action="audit.evidence_taken",
                words=_TAKEN,
                system=System.BATCH,
                organisation=OPERATOR.organisation,
                disclosed=False,
            )
        )
        anchor, checked = await last_anchor(), await last_verification()
        return {
            "format": FORMAT,
            "made_at": now,
            "since": since,
            "until": until,
            "stored_fields": [_field(one) for one in self.catalogue],
            "permissions": {act.value: sorted(map(str, who)) for act, who in ALLOWED.items()},
            "notices": [_text(one) for one in self.texts.notices.values()],
            "consent_purposes": [_text(one) for one in self.texts.purposes.values()],
            "impact_assessments": [asdict(one) async for one in _all(self.assessments.page)],
            "sharing_agreements": [asdict(one) async for one in _all(self.agreements.page)],
            "sealing_keys": await _keys(),
            "audit_log": {
                "last_check": None if checked is None else asdict(checked),
                "anchor": None if anchor is None else asdict(anchor),
                "acts": await _acts(since, until),
                "alerts": await _alerts(since, until),
            },
        }


def as_json(evidence: Mapping[str, Any]) -> str:
    """Return evidence as JSON: times in ISO 8601, sets as sorted lists."""
    return json.dumps(evidence, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    raise TypeError(type(value).__name__)


async def _all(ask: _Ask) -> AsyncIterator[Any]:
    after: Position | None = None
    while True:
        page = await ask(OPERATOR, _PAGE, after)
        if isinstance(page, Refusal):
            raise PermissionError(page.code)
        for row in page.rows:
            yield row
        if not page.has_more:
            return
        after = page.rows[-1].position


async def _acts(since: datetime, until: datetime) -> list[Mapping[str, Any]]:
    """Count acts by kind, post of the house and result; by the index of the log's time."""
    found = await AuditRow.get_pymongo_collection().aggregate(
        [
            {"$match": {"at": {"$gte": since, "$lt": until}}},
            {
                "$group": {
                    "_id": {"action": "$action", "by": "$actor.kind", "result": "$result"},
                    "times": {"$sum": 1},
                }
            },
            {"$sort": {"_id": 1}},
        ],
        hint="newest",
    )
    return [{**row["_id"], "times": row["times"]} async for row in found]


async def _alerts(since: datetime, until: datetime) -> dict[str, int]:
    rows = AuditRow.get_pymongo_collection()
    span = {"$gte": since, "$lt": until}
    return {one.value: await rows.count_documents({"alert": one, "at": span}) for one in Alert}


async def _keys() -> list[Mapping[str, Any]]:
    shown = {"use": 1, "algorithm": 1, "kek": 1, "made_at": 1, "used_from": 1}
    found = DataKey.get_pymongo_collection().find({}, shown).sort("_id")
    return [{"number": row.pop("_id"), **row} async for row in found]


def _field(one: CatalogueItem) -> dict[str, Any]:
    label = one.label
    return {
        "item": one.name,
        "grade": label and label.grade,
        "sensitive": label and label.sensitive,
        "purpose": one.purpose and asdict(one.purpose),
        "kept": one.kept and asdict(one.kept),
    }


def _text(one: Any) -> dict[str, Any]:
    return {"code": one.code, "version": one.version, "day": one.day, "sha256": one.digest}
