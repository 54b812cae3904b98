"""Key carriers 密钥载体 (S16): who keeps which, where; a lost one blocks the terminals it is in.

Each act is one transaction: the carrier, conditional on the revision that was judged, its row in
`key_carrier_events`, the audit row, and the terminals that it blocks.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System, reason_of
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, DuplicateKeyError, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.readers.documents import KeyCarrier, KeyCarrierEvent, Terminal, TerminalState
from backend.readers.key_carrier_rules import (
    CARRIER_FORM,
    CARRIER_KNOWN,
    CARRIER_UNKNOWN,
    EVENT_WORDS,
    TERMINAL_NOT_BLOCKED,
    TERMINALS_UNKNOWN,
    Carrier,
    CarrierEvent,
    CarrierKind,
    CarrierState,
    after,
    form_fault,
    is_plain,
    keeper,
    move_fault,
)
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.localized_text import LocalizedText

_BLOCKED = LocalizedText("密钥载体遗失，终端停用", "Blocked a terminal: its key carrier is lost")
_LIFTED = LocalizedText("恢复终端使用", "Lifted a terminal's block")
Change = Callable[[Carrier], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class NewCarrier:
    """A carrier as it comes into stock."""

    kind: CarrierKind
    serial: str
    key_version: int
    location: str


@dataclass(frozen=True, slots=True)
class Move:
    """What one person does to a carrier; `terminals` for installing, `location` where it goes."""

    event: CarrierEvent
    terminals: tuple[str, ...] = ()
    location: str | None = None


class KeyCarriers:
    """The inventory of key carriers."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def register(
        self, caller: Caller | None, idempotency_key: str, new: NewCarrier
    ) -> Carrier | Refusal:
        """Take a carrier into stock; who registers it keeps it."""
        no = may(caller, Act.KEY_CARRIER_REGISTER)
        no = no or form_fault(new.serial, new.location, new.key_version)
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED

        async def act(session: Session) -> Answer | Refusal:
            taken = {"kind": new.kind, "serial": new.serial}
            if await KeyCarrier.find_one(taken, session=session) is not None:
                return CARRIER_KNOWN
            document = KeyCarrier(
                id=random_identifier("kc"),
                kind=new.kind,
                serial=new.serial,
                key_version=new.key_version,
                custodian=keeper(caller),
                location=new.location,
                state=CarrierState.IN_STOCK,
                terminals=[],
                changed_at=self._clock.now(),
            )
            await document.insert(session=session)
            made = carrier_in(document.model_dump() | {"_id": document.id})
            await self._record(made, None, CarrierEvent.REGISTER, caller, session)
            return {"carrier": made.carrier_id}

        request = {"kind": new.kind.value, "serial": new.serial, "at": new.location}
        request["key_version"] = str(new.key_version)
        return await self._done(caller, idempotency_key, request, act)

    async def move(
        self, caller: Caller | None, idempotency_key: str, carrier_id: str, move: Move
    ) -> Carrier | Refusal:
        """Issue, install, remove, return, report lost or destroy a carrier."""
        no = move_fault(move.event, move.terminals, move.location)

        def change(carrier: Carrier) -> Mapping[str, Any]:
            fields: dict[str, Any] = {"location": move.location or carrier.location}
            if move.event is CarrierEvent.INSTALL:
                fields["terminals"] = sorted(set(move.terminals))
            if move.event is CarrierEvent.REMOVE:
                fields["terminals"] = []
            return fields

        request = {"terminals": ",".join(move.terminals), "at": move.location or ""}
        return await self._happen(
            caller, idempotency_key, carrier_id, move.event, no, request, change
        )

    async def offer(
        self, caller: Caller | None, idempotency_key: str, carrier_id: str, to: str
    ) -> Carrier | Refusal:
        """交接: offer a carrier to another; until they confirm it, its custodian stays."""
        no = None if is_plain(to) else CARRIER_FORM
        return await self._happen(
            caller,
            idempotency_key,
            carrier_id,
            CarrierEvent.OFFER,
            no,
            {"to": to},
            lambda _: {"offered_to": to},
        )

    async def accept(
        self, caller: Caller | None, idempotency_key: str, carrier_id: str
    ) -> Carrier | Refusal:
        """交接: confirm that a carrier that was offered was taken over."""
        return await self._happen(
            caller,
            idempotency_key,
            carrier_id,
            CarrierEvent.ACCEPT,
            None,
            {},
            lambda carrier: {"custodian": carrier.offered_to},
        )

    async def lift_block(
        self, caller: Caller | None, idempotency_key: str, terminal_id: str, reason: str
    ) -> str | Refusal:
        """Let a blocked terminal work again, and say why; return its id."""
        no, why = may(caller, Act.TERMINAL_BLOCK), reason_of(reason)
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED
        if isinstance(why, Refusal):
            return why
        if not is_identifier(terminal_id):
            return TERMINAL_NOT_BLOCKED
        by, now = caller, self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            done = await Terminal.get_pymongo_collection().update_one(
                {"_id": terminal_id, "blocked": True, "wipe": {"$exists": False}},
                {"$set": {"blocked": False, "standing_at": now}},
                session=session,
            )
            if done.matched_count == 0:
                return TERMINAL_NOT_BLOCKED
            deed = _deed(by, "readers.terminal_block_lifted", _LIFTED, now, terminal_id, why)
            await audit.record(deed, session)
            return {"terminal": terminal_id}

        request = {"terminal": terminal_id, "reason": why}
        done = await self._once.perform(
            caller=keeper(caller), key=idempotency_key, request=request, now=now, act=act
        )
        return done if isinstance(done, Refusal) else terminal_id

    async def page(
        self, caller: Caller | None, state: CarrierState | None, first: int, after: Position | None
    ) -> Page[Carrier] | Refusal:
        """Return a page of carriers, those changed last first."""
        if no := may(caller, Act.KEY_CARRIER_KEEP):
            return no
        wanted: dict[str, Any] = {} if state is None else {"state": state}
        if after is not None:
            wanted["changed_at"] = {"$lte": after.at}
            wanted["$or"] = [{"changed_at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        order = [("changed_at", DESCENDING), ("_id", DESCENDING)]
        found = KeyCarrier.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        return cut_page([carrier_in(row) async for row in found], first)

    async def _happen(
        self,
        caller: Caller | None,
        idempotency_key: str,
        carrier_id: str,
        event: CarrierEvent,
        fault: Refusal | None,
        request: Mapping[str, str],
        change: Change,
    ) -> Carrier | Refusal:
        no = may(caller, Act.KEY_CARRIER_KEEP) or fault
        if no is None and not is_identifier(carrier_id):
            no = CARRIER_UNKNOWN
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED
        by = caller

        async def act(session: Session) -> Answer | Refusal:
            carrier = await _carrier(carrier_id, session)
            if carrier is None:
                return CARRIER_UNKNOWN
            state = after(carrier, event, by)
            if isinstance(state, Refusal):
                return state
            fields = {**change(carrier), "state": state}
            if event is CarrierEvent.INSTALL and not await _enrolled(fields["terminals"], session):
                return TERMINALS_UNKNOWN
            await self._write(carrier, event, fields, by, session)
            return {"carrier": carrier_id}

        asked = {"carrier": carrier_id, "event": event.value, **request}
        return await self._done(caller, idempotency_key, asked, act)

    async def _done(
        self,
        caller: Caller,
        idempotency_key: str,
        request: Mapping[str, str],
        act: Callable[[Session], Awaitable[Answer | Refusal]],
    ) -> Carrier | Refusal:
        try:
            done = await self._once.perform(
                caller=keeper(caller),
                key=idempotency_key,
                request=request,
                now=self._clock.now(),
                act=act,
            )
        except DuplicateKeyError:
            return CARRIER_KNOWN  # two took the same serial into stock at one moment
        if isinstance(done, Refusal):
            return done
        return await _carrier(done["carrier"], None) or CARRIER_UNKNOWN

    async def _write(
        self,
        carrier: Carrier,
        event: CarrierEvent,
        fields: Mapping[str, Any],
        by: Caller,
        session: Session,
    ) -> None:
        now = self._clock.now()
        change: dict[str, Any] = {"$set": {**fields, "changed_at": now}, "$inc": {"revision": 1}}
        if "offered_to" not in fields:
            change["$unset"] = {"offered_to": ""}  # whatever happens ends an open offer
        done = await KeyCarrier.get_pymongo_collection().update_one(
            {"_id": carrier.carrier_id, "revision": carrier.revision}, change, session=session
        )
        if done.matched_count != 1:
            raise RuntimeError("a key carrier changed inside the transaction that judged it")
        changed = await _carrier(carrier.carrier_id, session)
        if changed is not None:
            await self._record(changed, carrier, event, by, session)
        if event is CarrierEvent.REPORT_LOST:
            await _block(carrier.terminals, by, now, session)

    async def _record(
        self,
        carrier: Carrier,
        before: Carrier | None,
        event: CarrierEvent,
        by: Caller,
        session: Session,
    ) -> None:
        now = self._clock.now()
        row = KeyCarrierEvent(
            id=random_identifier("kce"),
            carrier_id=carrier.carrier_id,
            revision=carrier.revision,
            at=now,
            event=event,
            before=before.state if before else None,
            after=carrier.state,
            custodian=carrier.custodian,
            location=carrier.location,
            terminals=list(carrier.terminals),
            actor_id=keeper(by),
        )
        await row.insert(session=session)
        action = f"readers.key_carrier_{event.value}"
        deed = _deed(by, action, EVENT_WORDS[event], now, carrier.carrier_id)
        await audit.record(deed, session)


def carrier_in(row: Mapping[str, Any]) -> Carrier:
    """Return a carrier as stored."""
    return Carrier(
        carrier_id=row["_id"],
        kind=CarrierKind(row["kind"]),
        serial=row["serial"],
        key_version=row["key_version"],
        custodian=row["custodian"],
        location=row["location"],
        state=CarrierState(row["state"]),
        terminals=tuple(row["terminals"]),
        changed_at=row["changed_at"],
        revision=row["revision"],
        offered_to=row.get("offered_to"),
    )


async def _carrier(carrier_id: str, session: Session | None) -> Carrier | None:
    row = await KeyCarrier.get_pymongo_collection().find_one({"_id": carrier_id}, session=session)
    return None if row is None else carrier_in(row)


async def _enrolled(terminals: Sequence[str], session: Session) -> bool:
    wanted = {"_id": {"$in": list(terminals)}, "state": TerminalState.ENROLLED}
    found = Terminal.get_pymongo_collection().find(wanted, {"_id": 1}, session=session)
    return len(await found.to_list()) == len(terminals)


async def _block(terminals: Sequence[str], by: Caller, now: datetime, session: Session) -> None:
    """Block terminals: each hears it with its next heartbeat."""
    await Terminal.get_pymongo_collection().update_many(
        {"_id": {"$in": list(terminals)}},
        {"$set": {"blocked": True, "standing_at": now}},
        session=session,
    )
    for terminal_id in terminals:
        await audit.record(
            _deed(by, "readers.terminal_blocked", _BLOCKED, now, terminal_id), session
        )


def _deed(
    by: Caller, action: str, words: LocalizedText, now: datetime, origin: str, reason: str = ""
) -> Deed:
    return Deed(
        at=now,
        actor=by.actor,
        action=action,
        words=words,
        system=System.COUNTER if by.staff_id else System.BATCH,
        organisation=by.organisation,
        origin=origin,
        reason=reason,
    )
