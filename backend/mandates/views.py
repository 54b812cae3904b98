"""A mandate as both sides see it, and the pages of them and of what was done by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from backend.foundation.access import Caller
from backend.foundation.audit import OK, AuditRow
from backend.foundation.mongo import DESCENDING, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.mandates import refusals as no
from backend.mandates.documents import Mandate
from backend.mandates.notices import NoticeView, page_of
from backend.mandates.rules import (
    Ending,
    MandateState,
    MoneyLimits,
    ShownState,
    shown_state,
    spent_in,
)
from backend.mandates.scopes import DELEGATE_WORDS, Channel, Evidence, Relation, Scope
from backend.mandates.stored import facts_in, is_party, read
from backend.mandates.texts import text_of
from backend.residents.service import Person, Residents
from shared.clock import Clock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

Row = Mapping[str, Any]
BETWEEN_PRINCIPAL_AND_OUTLET = frozenset(
    {"mandates.disputed", "mandates.settled", "mandates.limits", "mandates.notices"}
)
"""What a principal said of a delegate, or how they watch them: no line for the delegate (D30)."""


class Side(StrEnum):
    """On which side of a mandate somebody is."""

    PRINCIPAL = "PRINCIPAL"
    DELEGATE = "DELEGATE"


@dataclass(frozen=True, slots=True)
class ScopeView:
    """A scope of a mandate; `since` None before the confirmation."""

    scope: Scope
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class MandateView:
    """A mandate as one side sees it; `other_name` is the other's, masked."""

    mandate_id: str
    side: Side
    other_name: str | None
    relation: Relation
    delegate_is: LocalizedText
    state: ShownState
    scopes: tuple[ScopeView, ...]
    days: int | None
    text: LocalizedText
    offered_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    review_by: datetime | None
    consent_from: datetime | None
    channel: Channel | None
    evidence: Evidence
    limits: MoneyLimits
    spent_today: int
    spent_this_month: int
    daily_views: bool
    uses: int
    used_at: datetime | None
    ended_at: datetime | None
    ended: Ending | None

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.offered_at, self.mandate_id)


@dataclass(frozen=True, slots=True)
class ActView:
    """One act under a mandate, as the log has it."""

    row_id: str
    at: datetime
    action: str
    words: LocalizedText
    by_delegate: bool
    done: bool

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.at, self.row_id)


class MandateViews:
    """Reads mandates for those whose they are."""

    def __init__(self, residents: Residents, clock: Clock) -> None:
        self._residents = residents
        self._clock = clock

    async def page(
        self, caller: Caller | None, side: Side, first: int, after: Position | None
    ) -> Page[MandateView] | Refusal:
        """Return a page of the caller's mandates on one side, the last offered first."""
        person = caller.resident_id if caller else None
        refused = may(caller, Act.MANDATE_MANAGE, person)
        if person is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        return await self.page_of(person, side, first, after)

    async def page_of(
        self, person: str, side: Side, first: int, after: Position | None
    ) -> Page[MandateView]:
        """Return a page of a person's mandates; asks nobody for leave."""
        wanted: dict[str, Any] = {side.value.lower(): person}
        if after is not None:
            wanted["offered_at"] = {"$lte": after.at}
            wanted["$or"] = [{"offered_at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        order = [("offered_at", DESCENDING), ("_id", DESCENDING)]
        found = Mandate.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        page = cut_page(await found.to_list(), first)
        return Page(await self._views(page.rows, person), page.has_more)

    async def view(self, mandate_id: str, person: str | None) -> MandateView | Refusal:
        """Return one mandate as a person on either side sees it; asks nobody for leave."""
        row = await read(mandate_id)
        if row is None:
            return no.MANDATE_UNKNOWN
        # A guardian, who is on neither side, sees it as the principal does.
        side = person if is_party(row, person) else row.get("principal")
        [view] = await self._views([row], side)
        return view

    async def acts(
        self, caller: Caller | None, mandate_id: str, first: int, after: Position | None
    ) -> Page[ActView] | Refusal:
        """Return a page of what was done under a mandate, newest first, for its two people."""
        person = caller.resident_id if caller else None
        refused = may(caller, Act.MANDATE_MANAGE, person)
        if refused is not None:
            return refused
        row = await read(mandate_id)
        if row is None or not is_party(row, person):
            return no.MANDATE_UNKNOWN
        wanted: dict[str, Any] = {"mandate": row["_id"]}
        if row.get("delegate") == person:
            wanted["action"] = {"$nin": sorted(BETWEEN_PRINCIPAL_AND_OUTLET)}
        if after is not None:
            wanted["at"] = {"$lte": after.at}
            wanted["$or"] = [{"at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        order = [("at", DESCENDING), ("_id", DESCENDING)]
        found = AuditRow.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        return cut_page([_act(one, row.get("delegate")) async for one in found], first)

    async def notices(
        self, caller: Caller | None, first: int, after: Position | None
    ) -> Page[NoticeView] | Refusal:
        """Return a page of what the caller was told of mandates, newest first."""
        person = caller.resident_id if caller else None
        refused = may(caller, Act.MANDATE_MANAGE, person)
        if person is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        return await page_of(person, first, after, self._residents)

    async def _views(self, rows: Sequence[Row], person: str | None) -> list[MandateView]:
        others = {_other(row, person) for row in rows} - {None}
        known = await self._residents.persons([one for one in others if one]) if others else {}
        now = self._clock.now()
        return [_view(row, person, known, now) for row in rows]


async def own(mandate_id: str, person: str | None, session: Session) -> Row | Refusal:
    """Return a mandate to somebody on either side; anybody else's is nobody's."""
    row = await read(mandate_id, session)
    return row if row is not None and is_party(row, person) else no.MANDATE_UNKNOWN


def _other(row: Row, person: str | None) -> str | None:
    side = "delegate" if row.get("principal") == person else "principal"
    other: str | None = row.get(side)
    return other


def _view(row: Row, person: str | None, known: Mapping[str, Person], now: datetime) -> MandateView:
    other = known.get(_other(row, person) or "")
    relation, limits = Relation(row["relation"]), row["limits"]
    spent = spent_in(row.get("spent"), local_day(now))
    wished = tuple(Scope(one) for one in row["wished"])
    state = MandateState(row["state"])
    as_delegate = row.get("delegate") == person
    return MandateView(
        mandate_id=row["_id"],
        side=Side.DELEGATE if as_delegate else Side.PRINCIPAL,
        other_name=None if other is None else other.masked_name,
        relation=relation,
        delegate_is=DELEGATE_WORDS[relation],
        state=shown_state(facts_in(row), now),
        scopes=tuple(
            ScopeView(Scope(one["scope"]), one["since"], one.get("until"))
            for one in row.get("scopes", ())
        )
        if state is MandateState.ACTIVE
        else tuple(ScopeView(one, None, None) for one in wished),
        days=row.get("days"),
        text=text_of(wished, row.get("days")),
        offered_at=row["offered_at"],
        starts_at=row.get("starts_at"),
        ends_at=row.get("ends_at"),
        review_by=row.get("review_by"),
        consent_from=row.get("consent_from"),
        channel=None if row.get("channel") is None else Channel(row["channel"]),
        evidence=Evidence(row["evidence"]),
        limits=MoneyLimits(limits["per_act"], limits["per_day"], limits["per_month"]),
        spent_today=spent[0],
        spent_this_month=spent[1],
        daily_views=row["daily_views"],
        uses=row["uses"],
        used_at=row.get("used_at"),
        ended_at=row.get("ended_at"),
        ended=None if row.get("ended") is None else Ending(row["ended"]),
    )


def _act(row: Row, delegate: str | None) -> ActView:
    return ActView(
        row_id=row["_id"],
        at=row["at"],
        action=row["action"],
        words=LocalizedText(**row["words"]),
        by_delegate=row["actor"]["id"] == delegate,
        done=row["result"] == OK,
    )
