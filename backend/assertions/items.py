"""The registry of items 事项: which department needs which fields for what.

The platform registers them, not the department that would like to know more than it needs.
"""

from collections.abc import Mapping
from typing import Any

from backend.assertions.documents import Department, StoredItem
from backend.assertions.rules import (
    MAX_ITEMS,
    TOO_MANY_ITEMS,
    AssertedField,
    IdentityItem,
    item_fault,
)
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, Organisation, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from shared.clock import Clock
from shared.localized_text import LocalizedText

_REGISTERED = LocalizedText(
    "登记或变更了一个身份核验事项", "Registered or changed an item for identity assertions"
)


class IdentityItems:
    """Registers items and tells which there are."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def put(
        self, caller: Caller | None, idempotency_key: str, item: IdentityItem
    ) -> IdentityItem | Refusal:
        """Register an item, or change it to these facts."""
        refused = may(caller, Act.IDENTITY_ITEM_MANAGE) or item_fault(item)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        fields = _fields(item)

        async def act(session: Session) -> Answer | Refusal:
            known = await self.of(item.code, session)
            if known is None and len(await self.all()) >= MAX_ITEMS:
                return TOO_MANY_ITEMS
            await StoredItem.get_pymongo_collection().update_one(
                {"_id": item.code},
                {"$set": {**fields, "changed_at": self._clock.now()}},
                upsert=True,
                session=session,
            )
            await audit.record(self._deed(caller), session)
            return {"item": item.code}

        done = await self._once.perform(
            caller=caller.staff_id or caller.thumbprint or "operator",
            key=idempotency_key,
            request={"item": item.code, **{name: str(one) for name, one in fields.items()}},
            now=self._clock.now(),
            act=act,
        )
        return done if isinstance(done, Refusal) else item

    async def all(self) -> list[IdentityItem]:
        """Return every item, by code; at most `MAX_ITEMS`."""
        found = StoredItem.get_pymongo_collection().find({}, sort=[("_id", 1)])
        return [_item_in(row) async for row in found]

    async def of(self, code: str, session: Session | None = None) -> IdentityItem | None:
        """Return an item by its code."""
        row = await StoredItem.get_pymongo_collection().find_one({"_id": code}, session=session)
        return None if row is None else _item_in(row)

    def _deed(self, caller: Caller) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action="assertions.item_registered",
            words=_REGISTERED,
            system=System.COUNTER if caller.staff_id else System.BATCH,
            organisation=caller.organisation,
        )


def _fields(item: IdentityItem) -> dict[str, Any]:
    owner = item.department
    department = Department(code=owner.code, zh=owner.name.zh, en=owner.name.en)
    return {
        "department": department.model_dump(),
        "zh": item.name.zh,
        "en": item.name.en,
        "fields": [one.value for one in AssertedField if one in item.fields],
        "open": item.open,
    }


def _item_in(row: Mapping[str, Any]) -> IdentityItem:
    owner = row["department"]
    return IdentityItem(
        code=row["_id"],
        department=Organisation(owner["code"], LocalizedText(owner["zh"], owner["en"])),
        name=LocalizedText(row["zh"], row["en"]),
        fields=tuple(map(AssertedField, row["fields"])),
        open=row["open"],
    )
