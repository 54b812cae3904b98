"""The fleet: readers' heartbeats, and what officers do to readers: invite, block, wipe.

A wipe is ordered once and acknowledged once: the reader hears of it in its signed standing, hands
over its journal, erases what it holds and says so; from then on its key is nobody's.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Actor, ActorKind, Deed, System, reason_of
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import ASCENDING, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.readers.documents import Terminal, TerminalState
from backend.readers.fleet_rules import (
    ADDRESS_FORM,
    TERMINAL_NOT_ENROLLED,
    WIPE_UNKNOWN,
    FleetTerminal,
    Health,
    TerminalRole,
)
from backend.readers.key_carrier_rules import keeper
from backend.readers.service import Terminals
from backend.venues.calendars import Calendars
from shared.admission.opening import OpeningCalendar
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.localized_text import LocalizedText
from shared.wire.enrolment import EnrolmentCode, InvalidEnrolment

_BLOCKED = LocalizedText("停用终端", "Blocked a terminal")
_WIPE = LocalizedText("命令清除终端", "Ordered a terminal to be wiped")
_WIPED = LocalizedText("终端已清除", "A terminal was wiped")


@dataclass(frozen=True, slots=True)
class Invitation:
    """A terminal to be: where, what staff call it, how it stands; `address` is the backend's."""

    venue: int
    name: str
    role: TerminalRole
    address: str


class Fleet:
    """Officers' view of all readers."""

    def __init__(
        self, terminals: Terminals, calendars: Calendars, once: Once, clock: Clock
    ) -> None:
        self._terminals = terminals
        self._calendars = calendars
        self._once = once
        self._clock = clock

    async def hear(self, terminal_id: str, health: Health) -> datetime:
        """Keep a reader's heartbeat; only the last one is kept."""
        now = self._clock.now()
        await Terminal.get_pymongo_collection().update_one(
            {"_id": terminal_id, "state": TerminalState.ENROLLED},
            {"$set": {"heartbeat_at": now, "health": asdict(health)}},
        )
        return now

    async def page(
        self, caller: Caller | None, venue: int | None, first: int, after: Position | None
    ) -> Page[FleetTerminal] | Refusal:
        """Return a page of the readers in use, those heard of longest ago first."""
        if no := may(caller, Act.TERMINAL_READ):
            return no
        wanted: dict[str, Any] = {"state": TerminalState.ENROLLED}
        if venue is not None:
            wanted["venue_number"] = venue
        if after is not None:
            wanted["heartbeat_at"] = {"$gte": after.at}
            wanted["$or"] = [{"heartbeat_at": {"$gt": after.at}}, {"_id": {"$gt": after.row_id}}]
        order = [("heartbeat_at", ASCENDING), ("_id", ASCENDING)]
        found = Terminal.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        rows = await found.to_list()
        hours = await self._calendars.of_venues({row["venue_number"] for row in rows})
        return cut_page([_facts(row, hours.get(row["venue_number"])) for row in rows], first)

    async def invite(
        self, caller: Caller | None, key: str, invitation: Invitation
    ) -> EnrolmentCode | Refusal:
        """Return a code with which one reader can enrol; asked again, the same code.

        The token in it is made anew from the request's key: nothing that is stored tells it.
        """
        no = may(caller, Act.TERMINAL_INVITE)
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED
        try:
            token = self._terminals.token_of(keeper(caller), key)
            code = self._terminals.code(invitation.address, token)
        except InvalidEnrolment:
            return ADDRESS_FORM
        by, now = caller, self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            no = await self._terminals.put_invited(
                (invitation.venue, invitation.name, invitation.role), token, by.actor, now, session
            )
            return no or {"invited": True}

        request = {"venue": str(invitation.venue), "name": invitation.name}
        request |= {"role": invitation.role.value, "address": invitation.address}
        done = await self._once.perform(
            caller=keeper(caller), key=key, request=request, now=now, act=act
        )
        return done if isinstance(done, Refusal) else code

    async def block(
        self, caller: Caller | None, key: str, terminal_id: str, reason: str
    ) -> str | Refusal:
        """Have no lane of a reader admit anybody from its next heartbeat on; return its id."""
        deed = ("readers.terminal_blocked", _BLOCKED)
        return await self._order(caller, key, (terminal_id, reason), deed, dict)

    async def wipe(
        self, caller: Caller | None, key: str, terminal_id: str, reason: str
    ) -> str | Refusal:
        """Order a reader to erase its keys and all it holds, and block it; return its id."""
        now = self._clock.now()

        def order() -> Mapping[str, Any]:
            return {"wipe": {"order": random_identifier("wip"), "ordered_at": now}}

        deed = ("readers.terminal_wipe_ordered", _WIPE)
        return await self._order(caller, key, (terminal_id, reason), deed, order)

    async def acknowledge_wipe(self, jkt: str, order: str) -> str | Refusal:
        """Take a reader's word that it is wiped, once; said again, the answer is the same."""
        now = self._clock.now()
        wanted = {"thumbprint": jkt, "wipe.order": order}
        found = await Terminal.get_pymongo_collection().find_one(wanted, {"state": 1})
        if found is None:
            return WIPE_UNKNOWN

        async def act(session: Session) -> None:
            done = await Terminal.get_pymongo_collection().update_one(
                {"_id": found["_id"], "state": TerminalState.ENROLLED, "wipe.order": order},
                {"$set": {"state": TerminalState.WIPED, "wipe.done_at": now}},
                session=session,
            )
            if done.modified_count:
                actor = Actor(ActorKind.TERMINAL, found["_id"])
                deed = Deed(now, actor, "readers.terminal_wiped", _WIPED, System.READER)
                await audit.record(deed, session)

        if found["state"] == TerminalState.ENROLLED:
            await audit.in_one_write(act)
        return order

    async def _order(
        self,
        caller: Caller | None,
        key: str,
        what: tuple[str, str],
        deed: tuple[str, LocalizedText],
        more: Callable[[], Mapping[str, Any]],
    ) -> str | Refusal:
        terminal_id, why = what[0], reason_of(what[1])
        no = may(caller, Act.TERMINAL_BLOCK)
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED
        if isinstance(why, Refusal):
            return why
        if not is_identifier(terminal_id):
            return TERMINAL_NOT_ENROLLED
        act = _ordering(caller, terminal_id, why, deed, more(), self._clock.now())
        done = await self._once.perform(
            caller=keeper(caller),
            key=key,
            request={"terminal": terminal_id, "reason": why, "act": deed[0]},
            now=self._clock.now(),
            act=act,
        )
        return done if isinstance(done, Refusal) else terminal_id


def _ordering(
    by: Caller,
    terminal_id: str,
    why: str,
    deed: tuple[str, LocalizedText],
    more: Mapping[str, Any],
    now: datetime,
) -> Callable[[Session], Awaitable[Answer | Refusal]]:
    async def act(session: Session) -> Answer | Refusal:
        # An order to wipe stands: a second one would make the first one's answer unknown.
        wanted: dict[str, Any] = {"_id": terminal_id, "state": TerminalState.ENROLLED}
        if more:
            wanted["wipe"] = {"$exists": False}
        done = await Terminal.get_pymongo_collection().update_one(
            wanted, {"$set": {"blocked": True, "standing_at": now, **more}}, session=session
        )
        if done.matched_count == 0:
            return TERMINAL_NOT_ENROLLED
        row = Deed(
            at=now,
            actor=by.actor,
            action=deed[0],
            words=deed[1],
            system=System.COUNTER,
            organisation=by.organisation,
            origin=terminal_id,
            reason=why,
        )
        await audit.record(row, session)
        return {"terminal": terminal_id}

    return act


def _facts(row: Mapping[str, Any], calendar: OpeningCalendar | None) -> FleetTerminal:
    health, wipe = row.get("health"), row.get("wipe")
    return FleetTerminal(
        terminal_id=row["_id"],
        venue_number=row["venue_number"],
        name=row["name"],
        role=TerminalRole(row.get("role", TerminalRole.STAFFED)),
        heard_at=row.get("heartbeat_at") or row["enrolled_at"],
        blocked=row.get("blocked", False),
        wipe_ordered_at=wipe and wipe["ordered_at"],
        health=Health(**{**health, "faults": tuple(health["faults"])}) if health else None,
        calendar=calendar,
    )
