"""A pass as it is stored, read: what of it decides, and what its holder sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backend.foundation.mongo import Session
from backend.foundation.pages import Position
from backend.passes.documents import StoredPass
from backend.passes.rules import PassFacts, PassKind, PassState, ShownState, shown_state
from shared.admission.circumstances import DayRange, HeldPass
from shared.admission.prices import Quote, QuoteLine
from shared.localized_text import LocalizedText

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PassView:
    """A pass as its holder sees it.

    `paid` is what it cost when it was taken, `reference` the receipt of a counter; `offered_until`
    says that it is being handed on.
    """

    facts: PassFacts
    kind: PassKind
    name: LocalizedText
    state: ShownState
    quantity: int
    paid: Quote
    reference: str | None
    issued_at: datetime
    offered_until: datetime | None

    @property
    def pass_id(self) -> str:
        """Its id."""
        return self.facts.held.pass_id

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.issued_at, self.pass_id)


def held_in(row: Row) -> HeldPass:
    """Return a stored pass as the admission rule takes it."""
    return HeldPass(
        pass_id=row["_id"],
        product=row["product"],
        days=DayRange(date.fromisoformat(row["first"]), date.fromisoformat(row["last"])),
        venues=frozenset(row["venues"]),
        uses=row.get("uses"),
        used=row["used"],
        blackouts=tuple(map(DayRange.of_wire, row["blackouts"])),
        personal=row["personal"],
    )


def facts_in(row: Row) -> PassFacts:
    """Return what of a stored pass decides."""
    until = row.get("refund_until")
    return PassFacts(
        held=held_in(row),
        state=PassState(row["state"]),
        left=row.get("left"),
        over=row["over"],
        refund_until=None if until is None else date.fromisoformat(until),
        paid_fen=row["paid_fen"],
        ended_at=row.get("ended_at"),
    )


def view(row: Row, now: datetime) -> PassView:
    """Return a stored pass as its holder sees it now."""
    facts, invitation = facts_in(row), row.get("invitation")
    lines = (
        QuoteLine(line["rule"], LocalizedText(line["zh"], line["en"]), line["fen"])
        for line in row["lines"]
    )
    until = None if invitation is None else invitation["until"]
    offered = until if until is not None and now < until else None
    return PassView(
        facts=facts,
        kind=PassKind(row["kind"]),
        name=LocalizedText(**row["name"]),
        state=shown_state(facts, now),
        quantity=row["quantity"],
        paid=Quote(row["product"], tuple(lines)),
        reference=row.get("reference"),
        issued_at=row["issued_at"],
        offered_until=offered,
    )


async def read(pass_id: str, session: Session | None = None) -> Row | None:
    """Return a stored pass."""
    return await StoredPass.get_pymongo_collection().find_one({"_id": pass_id}, session=session)
