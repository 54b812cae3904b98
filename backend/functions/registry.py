"""The registry of card functions 卡功能: registered and changed by the department that owns one."""

from collections.abc import Mapping
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, Organisation, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.functions.documents import Owner, StoredFunction
from backend.functions.rules import (
    MAX_FUNCTIONS,
    TOO_MANY_FUNCTIONS,
    CardFunction,
    FunctionStatus,
    function_fault,
    owner_fault,
)
from shared.clock import Clock
from shared.localized_text import LocalizedText
from shared.trust.function_list import FunctionGrant

_REGISTERED = LocalizedText("登记或变更了一项卡功能", "Registered or changed a card function")


class FunctionRegistry:
    """Registers functions and tells which there are."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def put(
        self, caller: Caller | None, idempotency_key: str, function: CardFunction
    ) -> CardFunction | Refusal:
        """Register a function, or change it to these facts; its owner stays what it was."""
        refused = may(caller, Act.FUNCTION_MANAGE) or function_fault(function)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED

        async def act(session: Session) -> Answer | Refusal:
            known = await self.of(function.code, session)
            owner = known.owner if known else function.owner
            if refused := owner_fault(caller, owner):
                return refused
            if known is None and len(await self.all()) >= MAX_FUNCTIONS:
                return TOO_MANY_FUNCTIONS
            await _write(function, owner, self._clock, session)
            await audit.record(_deed(caller, self._clock), session)
            return {"function": function.code}

        done = await self._once.perform(
            caller=caller.staff_id or caller.thumbprint or "operator",
            key=idempotency_key,
            request={name: str(value) for name, value in _fields(function).items()},
            now=self._clock.now(),
            act=act,
        )
        return done if isinstance(done, Refusal) else function

    async def all(self) -> list[CardFunction]:
        """Return every function, by code; at most `MAX_FUNCTIONS`."""
        found = StoredFunction.get_pymongo_collection().find({}, sort=[("_id", 1)])
        return [function_in(row) async for row in found]

    async def of(self, code: str, session: Session | None = None) -> CardFunction | None:
        """Return a function by its code."""
        row = await StoredFunction.get_pymongo_collection().find_one({"_id": code}, session=session)
        return None if row is None else function_in(row)


def function_in(row: Mapping[str, Any]) -> CardFunction:
    """Return a function as stored."""
    return CardFunction(
        code=row["_id"],
        owner=organisation_in(row["owner"]),
        name=LocalizedText(row["zh"], row["en"]),
        status=FunctionStatus(row["status"]),
        grant=FunctionGrant(row["grant"]),
        since=row["since"],
        until=row.get("until"),
        params=row["params"],
    )


def organisation_in(owner: Mapping[str, str]) -> Organisation:
    """Return a department as stored."""
    return Organisation(owner["code"], LocalizedText(owner["zh"], owner["en"]))


def owner_of(organisation: Organisation) -> Owner:
    """Return a department as it is stored."""
    return Owner(code=organisation.code, zh=organisation.name.zh, en=organisation.name.en)


def _fields(function: CardFunction) -> dict[str, Any]:
    fields = {
        "zh": function.name.zh,
        "en": function.name.en,
        "status": function.status.value,
        "grant": function.grant.value,
        "since": function.since,
        "until": function.until,
        "params": dict(function.params),
    }
    return {name: value for name, value in fields.items() if value is not None}


async def _write(
    function: CardFunction, owner: Organisation, clock: Clock, session: Session
) -> None:
    fields = _fields(function) | {"changed_at": clock.now()}
    change: dict[str, Any] = {
        "$set": fields,
        "$setOnInsert": {"owner": owner_of(owner).model_dump()},
    }
    if function.until is None:
        change["$unset"] = {"until": ""}
    await StoredFunction.get_pymongo_collection().update_one(
        {"_id": function.code}, change, upsert=True, session=session
    )


def _deed(caller: Caller, clock: Clock) -> Deed:
    return Deed(
        at=clock.now(),
        actor=caller.actor,
        action="functions.registered",
        words=_REGISTERED,
        system=System.COUNTER if caller.staff_id else System.BATCH,
        organisation=caller.organisation,
    )
