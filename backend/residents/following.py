"""Following the population register: deaths, new names and moves reach the record, once each.

Nothing is revoked here. Each change marks the resident and leaves an event with a name, which the
areas above read and act on by their own rules.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from backend.foundation.audit import Actor, ActorKind, AuditRow, Deed, System, in_one_write, row_of
from backend.foundation.households import Households
from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import DuplicateKeyError, PyMongoError, Session
from backend.residents.documents import (
    Origin,
    RegisterCursor,
    Resident,
    ResidentEventKind,
    ResidentStatus,
    StoredResidentEvent,
)
from backend.residents.field_ledger import FieldLedger
from backend.residents.register import (
    ChangeKind,
    PopulationRegister,
    RegisterChange,
    RegisterDown,
)
from backend.residents.rules import LONGEST_NAME, PersonField, Source
from backend.residents.service import Residents
from backend.residents.source_rules import Word
from shared.clock import Clock
from shared.identity.person_name import NameFault, parse_person_name
from shared.localized_text import LocalizedText

PAGE = 200
LOOK_SECONDS = 60.0
_CURSOR = "population_register"
_TICK = timedelta(milliseconds=1)  # the store keeps no finer time
_REGISTER = Actor(ActorKind.SYSTEM, _CURSOR)
_log = logging.getLogger("yikatong.following")

_EVENTS = {
    ChangeKind.DEATH: ResidentEventKind.DECEASED,
    ChangeKind.DEATH_WITHDRAWN: ResidentEventKind.DEATH_WITHDRAWN,
    ChangeKind.NAME: ResidentEventKind.RENAMED,
    ChangeKind.MOVED_AWAY: ResidentEventKind.MOVED_AWAY,
    ChangeKind.RETURNED: ResidentEventKind.RETURNED,
}
_STATUS = {
    ChangeKind.DEATH: ResidentStatus.DECEASED,
    ChangeKind.DEATH_WITHDRAWN: ResidentStatus.RESIDENT,
    ChangeKind.MOVED_AWAY: ResidentStatus.MOVED_AWAY,
    ChangeKind.RETURNED: ResidentStatus.RESIDENT,
}
_WORDS = {
    ResidentEventKind.DECEASED: LocalizedText(
        "人口库登记为死亡，已作标记", "the population register reported a death; marked"
    ),
    ResidentEventKind.DEATH_WITHDRAWN: LocalizedText(
        "人口库撤销死亡登记，标记已取消", "the population register withdrew a death; mark removed"
    ),
    ResidentEventKind.RENAMED: LocalizedText(
        "按人口库更新了姓名", "your name was changed as the population register has it"
    ),
    ResidentEventKind.MOVED_AWAY: LocalizedText(
        "人口库登记为迁出，已作标记", "the population register reported a move away; marked"
    ),
    ResidentEventKind.RETURNED: LocalizedText(
        "人口库登记为迁入，标记已取消", "the population register reported a return; mark removed"
    ),
}


@dataclass(frozen=True, slots=True)
class ResidentEvent:
    """What happened to a resident; `event_id` never changes, so acting on it can be made once."""

    event_id: str
    resident_id: str
    kind: ResidentEventKind
    at: datetime


class Departures(Protocol):
    """Who must act in the same write as a death is marked: whoever keeps people signed in."""

    async def departed(self, resident_ids: Sequence[str], session: Session) -> None:
        """Take note of deaths."""
        ...


class RegisterFollower:
    """Brings the register's changes to the residents they are about."""

    def __init__(
        self,
        residents: Residents,
        register: PopulationRegister,
        departures: Departures,
        households: Households,
        clock: Clock,
    ) -> None:
        self._residents = residents
        self._register = register
        self._departures = departures
        self._households = households
        self._clock = clock

    async def follow(self) -> list[ResidentEvent]:
        """Take over the next changes and return the events they led to; none when all is done.

        Raises:
            RegisterDown: the register does not answer.
        """
        after = await _cursor()
        changes = _one_each(await self._register.changes(after, PAGE))
        if not changes:
            return []

        async def act(session: Session) -> list[ResidentEvent]:
            return await self._take(changes, after, session)

        try:
            return await in_one_write(act)
        except DuplicateKeyError:
            return []  # another server took the first changes at the same moment

    async def keep_following(self) -> None:
        """Follow for ever; a failure is logged and tried again."""
        while True:
            try:
                while await self._went_on():
                    pass
            except RegisterDown:
                _log.warning("the population register does not answer")
            except PyMongoError as error:
                _log.warning("cannot follow", extra={FIELDS: {"error": describe_error(error)}})
            await asyncio.sleep(LOOK_SECONDS)

    async def events(self, after: tuple[datetime, str] | None, limit: int) -> list[ResidentEvent]:
        """Return events after the last one acted on (its `at` and `event_id`), oldest first."""
        return await resident_events(after, limit)

    async def _went_on(self) -> bool:
        before = await _cursor()
        await self.follow()
        return before != await _cursor()

    async def _take(
        self, changes: Sequence[RegisterChange], after: str, session: Session
    ) -> list[ResidentEvent]:
        now = await self._moment(session)
        moved = await RegisterCursor.get_pymongo_collection().update_one(
            {"_id": _CURSOR, "after": after},
            {"$set": {"after": changes[-1].change_id, "event_at": now}},
            upsert=after == "",
            session=session,
        )
        if moved.matched_count == 0 and moved.upserted_id is None:
            return []  # another server is ahead
        indexes = [self._residents.number_index(change.number) for change in changes]
        residents = Resident.get_pymongo_collection()
        found = {
            bytes(one["number_index"]): one
            async for one in residents.find({"number_index": {"$in": indexes}}, session=session)
        }
        await self._residents.with_keys(found.values(), session)
        about = [(found[i], one) for i, one in zip(indexes, changes, strict=True) if i in found]
        updates, events = await self._heard(about, now, session)
        await self._residents.write(updates, session)
        if events:
            await _store(events, session)
        dead = [one.resident_id for one in events if one.kind is ResidentEventKind.DECEASED]
        if dead:
            await self._departures.departed(dead, session)
        return events

    async def _heard(
        self,
        about: Sequence[tuple[dict[str, Any], RegisterChange]],
        now: datetime,
        session: Session,
    ) -> tuple[dict[str, dict[str, Any]], list[ResidentEvent]]:
        """Return what changes of the residents found, and what is news of them."""
        updates: dict[str, dict[str, Any]] = {}
        events: list[ResidentEvent] = []
        for resident, change in about:
            if change.household is not None:
                await self._households.know(resident["_id"], change.number, session)
                await self._households.join(change.number, change.household, session)
            update, news = self._update(resident, change, now)
            if update:
                updates[resident["_id"]] = update
            if news:
                event_id = f"{change.change_id}:{resident['_id']}"
                events.append(ResidentEvent(event_id, resident["_id"], _EVENTS[change.kind], now))
        return updates, events

    async def _moment(self, session: Session) -> datetime:
        """Return the moment of the next events: later than all before, whatever clocks say.

        Who acts on events goes by their moments; a server whose clock is behind must not add one
        to what was read already.
        """
        found = await RegisterCursor.get(_CURSOR, session=session)
        now = self._clock.now()
        return now if found is None or found.event_at is None else max(now, found.event_at + _TICK)

    def _update(
        self, resident: dict[str, Any], change: RegisterChange, now: datetime
    ) -> tuple[dict[str, Any] | None, bool]:
        """Return what changes of a resident, None if nothing, and whether it is news to others."""
        if change.kind is ChangeKind.NAME:
            return self._renamed(resident, change.name or "", now)
        if change.kind is ChangeKind.HOUSEHOLD:
            return None, False  # it stands beside the record, and is nobody's news
        status = _STATUS[change.kind]
        dead = resident["status"] == ResidentStatus.DECEASED
        # Only the withdrawal of a death brings back whom the register called dead.
        stays = dead and change.kind is not ChangeKind.DEATH_WITHDRAWN
        if stays or resident["status"] == status:
            return None, False
        origin = Origin(source=Source.POPULATION_REGISTER, at=now).model_dump()
        return {"$set": {"status": status.value, "changed_at": now, "origins.status": origin}}, True

    def _renamed(
        self, resident: dict[str, Any], text: str, now: datetime
    ) -> tuple[dict[str, Any] | None, bool]:
        name = parse_person_name(text, LONGEST_NAME)
        if isinstance(name, NameFault):
            return None, False
        ledger = FieldLedger(self._residents, resident)
        if ledger.standing(PersonField.NAME) is None:
            return None, False
        changed = ledger.settle(PersonField.NAME, Word(Source.POPULATION_REGISTER, now, name))
        return ledger.update(now), changed


async def resident_events(after: tuple[datetime, str] | None, limit: int) -> list[ResidentEvent]:
    """Return events after the last one acted on, as `RegisterFollower.events`."""
    wish: dict[str, Any] = {}
    if after is not None:
        at, event_id = after
        wish = {"$or": [{"at": {"$gt": at}}, {"at": at, "_id": {"$gt": event_id}}]}
    found = StoredResidentEvent.find(wish).sort("at", "_id").limit(limit)
    return [ResidentEvent(one.id, one.resident_id, one.kind, one.at) async for one in found]


async def _cursor() -> str:
    found = await RegisterCursor.get(_CURSOR)
    return "" if found is None else found.after


async def _store(events: Sequence[ResidentEvent], session: Session) -> None:
    stored = [
        {"_id": one.event_id, "resident_id": one.resident_id, "kind": one.kind.value, "at": one.at}
        for one in events
    ]
    rows = [
        row_of(
            Deed(
                at=one.at,
                actor=_REGISTER,
                action=f"residents.{one.kind.value}",
                words=_WORDS[one.kind],
                system=System.BATCH,
                subject=one.resident_id,
            )
        )
        for one in events
    ]
    await StoredResidentEvent.get_pymongo_collection().insert_many(stored, session=session)
    await AuditRow.get_pymongo_collection().insert_many(rows, session=session)


def _one_each(changes: Sequence[RegisterChange]) -> list[RegisterChange]:
    """Return the first changes up to a second one of the same person, which waits its turn."""
    seen: set[str] = set()
    taken: list[RegisterChange] = []
    for change in changes:
        if change.number in seen:
            break
        seen.add(change.number)
        taken.append(change)
    return taken
