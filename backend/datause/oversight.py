"""Oversight 审计与告警: what auditors read of the log, and the alerts that two officers look at.

Reading is a deed of its own: who watches is watched. Nobody acknowledges an alert about themselves.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.datause.documents import AlertAcknowledgement
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Alert, AuditRow, Deed, Organisation, System, reason_of
from backend.foundation.audit_chain import HEAD, ChainHead
from backend.foundation.audit_verify import LastVerification, last_verification
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal, refusal
from shared.clock import Clock
from shared.localized_text import LocalizedText

Row = Mapping[str, Any]
_PLAIN = re.compile(r"[0-9A-Za-z_.-]{1,64}")
_READ = LocalizedText("审计人员查阅了与您有关的日志", "an auditor read the log about you")
_BROWSED = LocalizedText("查阅了审计日志", "Read the audit log")
_ALERTS_READ = LocalizedText("查阅了告警", "Read the alerts")
_ACKNOWLEDGED = LocalizedText("处理了一条告警", "Acknowledged an alert")

FILTER_FORM = refusal(
    "audit_filter_form",
    (
        "筛选条件应为1至64位字母、数字、点、横线；起始时间应早于结束时间。",
        "A filter has 1 to 64 letters, digits, dots and dashes, and begins before it ends.",
    ),
    ("请核对筛选条件。", "Check the filters."),
)
ALERT_UNKNOWN = refusal(
    "alert_unknown",
    ("没有这条告警。", "There is no such alert."),
    ("请从列表中重新选择。", "Choose it from the list again."),
)
OWN_ALERT = refusal(
    "own_alert",
    ("不能处理关于本人的告警。", "Nobody acknowledges an alert about themselves."),
    ("请由另一位人员处理。", "Ask another officer."),
)


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows of the log are asked for; None asks for all."""

    subject: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def wanted(self) -> dict[str, Any] | Refusal:
        """Return it as a query that has an index, or why it is none."""
        given = [one for one in (self.subject, self.actor, self.action) if one is not None]
        if not all(map(_PLAIN.fullmatch, given)):
            return FILTER_FORM
        if self.since is not None and self.until is not None and self.since >= self.until:
            return FILTER_FORM
        span = {"$gte": self.since, "$lt": self.until}
        wanted: dict[str, Any] = {
            "subject": self.subject,
            "actor.id": self.actor,
            "action": self.action,
            "at": {name: at for name, at in span.items() if at is not None} or None,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    @property
    def index(self) -> str:
        """The index that finds the fewest rows; the store's own choice goes astray on pages."""
        if self.subject is not None:
            return "of_subject"
        if self.actor is not None:
            return "of_actor"
        return "newest" if self.action is None else "of_action"


@dataclass(frozen=True, slots=True)
class RowFacts:
    """A row of the log as officers read it."""

    row_id: str
    at: datetime
    actor_kind: str
    actor_id: str
    action: str
    words: LocalizedText
    system: str
    organisation: Organisation
    result: str
    subject: str | None
    reason: str | None
    origin: str | None
    alert: str | None

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.at, self.row_id)


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """A row that raised an alert, and who looked at it."""

    row: RowFacts
    acknowledged_by: str | None
    acknowledged_at: datetime | None

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return self.row.position


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """Where the chain over the log ends, and what its last verification found."""

    seq: int
    hash: str
    followed_at: datetime | None
    last: LastVerification | None


class Oversight:
    """Shows the log and its alerts to officers."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def rows(
        self, caller: Caller | None, asked: RowFilter, first: int, after: Position | None
    ) -> Page[RowFacts] | Refusal:
        """Return a page of the log, newest first, after writing down that it was read."""
        wanted = asked.wanted()
        denied = await self._denied(caller, Act.AUDIT_READ, "audit.read", _BROWSED)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        if isinstance(wanted, Refusal):
            return wanted
        words = _BROWSED if asked.subject is None else _READ
        await audit.record_read(self._deed(caller, "audit.read", words, asked.subject))
        if after is not None:
            wanted["at"] = {**wanted.get("at", {}), "$lte": after.at}
            wanted["$or"] = [{"at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        order = [("at", DESCENDING), ("_id", DESCENDING)]
        # `disclosed` stands between in the index of a subject: each value has an order of its own.
        parts = [{"disclosed": value} for value in (True, False)] if asked.subject else [{}]
        finds = [
            AuditRow.get_pymongo_collection().find({**wanted, **part}).hint(asked.index)
            for part in parts
        ]
        found = [_facts(row) for one in finds async for row in one.sort(order).limit(first + 1)]
        found.sort(key=lambda row: (row.at, row.row_id), reverse=True)
        return cut_page(found[: first + 1], first)

    async def chain(self, caller: Caller | None) -> ChainFacts | Refusal:
        """Return the chain's head and the result of its last verification."""
        denied = await self._denied(caller, Act.AUDIT_READ, "audit.chain_read", _BROWSED)
        if denied is not None:
            return denied
        head = await ChainHead.get_pymongo_collection().find_one({"_id": HEAD}) or {}
        return ChainFacts(
            seq=head.get("seq", 0),
            hash=bytes(head.get("hash", b"")).hex(),
            followed_at=head.get("followed_at"),
            last=await last_verification(),
        )

    async def alerts(
        self, caller: Caller | None, first: int, after: Position | None
    ) -> Page[AlertFacts] | Refusal:
        """Return a page of the alerts, newest first, with who looked at each."""
        denied = await self._denied(caller, Act.ALERTS_READ, "audit.alerts_read", _ALERTS_READ)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        await audit.record_read(self._deed(caller, "audit.alerts_read", _ALERTS_READ))
        page = await audit.alerts(Alert.OWN_HOUSEHOLD, first, after)
        seen = await _acknowledgements([row["_id"] for row in page.rows])
        facts = [_alert(row, seen.get(row["_id"])) for row in page.rows]
        return Page(facts, page.has_more)

    async def acknowledge(
        self, caller: Caller | None, idempotency_key: str, alert_id: str, note: str
    ) -> AlertFacts | Refusal:
        """Note that an officer looked at an alert, and what came of it; the first one counts."""
        denied = await self._denied(
            caller, Act.ALERTS_READ, "audit.alert_acknowledged", _ACKNOWLEDGED
        )
        if denied is not None or caller is None or caller.staff_id is None:
            return denied or SIGN_IN_NEEDED
        staff_id, reason = caller.staff_id, reason_of(note)
        if isinstance(reason, Refusal):
            return reason
        row = await _alert_row(alert_id)
        if row is None:
            return ALERT_UNKNOWN
        if row["actor"]["id"] == staff_id:
            return OWN_ALERT

        async def act(session: Session) -> Answer:
            now = self._clock.now()
            noted = await AlertAcknowledgement.get_pymongo_collection().update_one(
                {"_id": row["_id"]},
                {"$setOnInsert": {"by": staff_id, "at": now}},
                upsert=True,
                session=session,
            )
            if noted.upserted_id is not None:
                deed = self._deed(caller, "audit.alert_acknowledged", _ACKNOWLEDGED, reason=reason)
                await audit.record(deed, session)
            return {}

        answer = await self._once.perform(
            caller=caller.thumbprint or staff_id,
            key=idempotency_key,
            request={"act": "acknowledge", "alert": alert_id, "note": reason},
            now=self._clock.now(),
            act=act,
        )
        if isinstance(answer, Refusal):
            return answer
        return _alert(row, (await _acknowledgements([row["_id"]])).get(row["_id"]))

    async def _denied(
        self, caller: Caller | None, act: Act, action: str, words: LocalizedText
    ) -> Refusal | None:
        """Return why the caller may not; the try of whoever is signed in is written down."""
        denied = may(caller, act)
        if denied is not None and caller is not None:
            result = audit.refused(denied)
            await audit.record_read(self._deed(caller, action, words, result=result))
        return denied

    def _deed(
        self,
        caller: Caller,
        action: str,
        words: LocalizedText,
        subject: str | None = None,
        result: str = audit.OK,
        reason: str = "",
    ) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action=action,
            words=words,
            system=System.COUNTER,
            subject=subject,
            organisation=caller.organisation,
            result=result,
            reason=reason,
        )


async def _alert_row(alert_id: str) -> Row | None:
    if not _PLAIN.fullmatch(alert_id):
        return None
    row = await AuditRow.get_pymongo_collection().find_one({"_id": alert_id})
    return row if row is not None and row.get("alert") else None


async def _acknowledgements(row_ids: Sequence[str]) -> dict[str, Row]:
    found = AlertAcknowledgement.get_pymongo_collection().find({"_id": {"$in": list(row_ids)}})
    return {row["_id"]: row async for row in found}


def _alert(row: Row, seen: Row | None) -> AlertFacts:
    if seen is None:
        return AlertFacts(_facts(row), None, None)
    return AlertFacts(_facts(row), seen["by"], seen["at"])


def _facts(row: Row) -> RowFacts:
    organisation = row["organisation"]
    return RowFacts(
        row_id=row["_id"],
        at=row["at"],
        actor_kind=row["actor"]["kind"],
        actor_id=row["actor"]["id"],
        action=row["action"],
        words=LocalizedText(**row["words"]),
        system=row["system"],
        organisation=Organisation(organisation["code"], LocalizedText(**organisation["name"])),
        result=row["result"],
        subject=row.get("subject"),
        reason=row.get("reason"),
        origin=row.get("origin"),
        alert=row.get("alert"),
    )
