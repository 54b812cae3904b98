"""The alliance 通办地区 and the outlets qualified for it, and how many cases were done (T9)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.cards.lifecycle import CardEvent
from backend.cross_region import deeds
from backend.cross_region.documents import AllianceRegion, CaseCount, QualifiedOutlet, Row
from backend.cross_region.rules import (
    ALLIANCE_FORM,
    ITEMS,
    OWN_REGION,
    Direction,
    Membership,
    is_outlet,
    same_city,
)
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Act as Work
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from shared.clock import Clock
from shared.identity.regions import region_of

_THUMBPRINT = re.compile(r"[0-9A-Za-z_-]{43}")
_NAME_EN = re.compile(r"[A-Za-z][A-Za-z .'-]{0,59}")


@dataclass(frozen=True, slots=True)
class Allied:
    """A region to be recorded: its services, its system's key, and when it leaves, if it does."""

    region: int
    name_en: str
    items: frozenset[CardEvent]
    key_thumbprint: str | None = None
    ends_at: datetime | None = None


class Alliance:
    """Records who takes part, and answers who does."""

    def __init__(self, once: Once, region: int, clock: Clock) -> None:
        self._once = once
        self._region = region
        self._clock = clock

    async def record(self, caller: Caller | None, key: str, one: Allied) -> Refusal | None:
        """Record a region of the alliance, or change what is recorded of it."""
        refused = may(caller, Act.CROSS_REGION_MANAGE) or _fault(one, self._region)
        if refused is not None or caller is None:
            return refused or SIGN_IN_NEEDED
        row: Row = {
            "name_en": one.name_en,
            "items": sorted(one.items),
            "changed_at": self._clock.now(),
        }
        gone = {"key_thumbprint": one.key_thumbprint, "ends_at": one.ends_at}
        kept = {name: value for name, value in gone.items() if value is not None}
        change: Row = {"$set": row | kept}
        if unset := dict.fromkeys(gone.keys() - kept.keys(), ""):
            change["$unset"] = unset

        async def act(session: Session) -> Answer | Refusal:
            try:
                await AllianceRegion.get_pymongo_collection().update_one(
                    {"_id": one.region}, change, upsert=True, session=session
                )
            except DuplicateKeyError:
                return ALLIANCE_FORM  # the key is another region's
            await self._recorded(caller, session)
            return {}

        said = {"act": "alliance", "region": str(one.region), "row": repr(sorted(one.items))}
        return await self._done(caller, key, {**said, "more": repr((one.name_en, gone))}, act)

    async def qualify(
        self, caller: Caller | None, key: str, outlet: str, items: frozenset[CardEvent]
    ) -> Refusal | None:
        """Set what an outlet may do for other regions; nothing, where `items` is empty."""
        refused = may(caller, Act.CROSS_REGION_MANAGE)
        if refused is not None or caller is None:
            return refused or SIGN_IN_NEEDED
        if not is_outlet(outlet) or not items <= ITEMS:
            return ALLIANCE_FORM

        async def act(session: Session) -> Answer:
            await QualifiedOutlet.get_pymongo_collection().update_one(
                {"_id": outlet},
                {"$set": {"items": sorted(items), "changed_at": self._clock.now()}},
                upsert=True,
                session=session,
            )
            await self._recorded(caller, session)
            return {}

        request = {"act": "qualify", "outlet": outlet, "items": repr(sorted(items))}
        return await self._done(caller, key, request, act)

    async def counts(self, caller: Caller | None) -> Mapping[CardEvent, int] | Refusal:
        """Return how many cases of our outlets were done, by item."""
        refused = may(caller, Act.CROSS_REGION_COUNT)
        if refused is not None:
            return refused
        items = {_count_id(Direction.OUTGOING, item): item for item in ITEMS}
        found = CaseCount.get_pymongo_collection().find({"_id": {"$in": sorted(items)}})
        return {items[row["_id"]]: int(row["done"]) async for row in found}

    async def _recorded(self, caller: Caller, session: Session) -> None:
        deed = deeds.of_staff(
            caller, deeds.MANAGED, None, self._clock.now(), None, "cross_region.alliance"
        )
        await audit.record(deed, session)

    async def _done(
        self, caller: Caller, key: str, request: Mapping[str, str], act: Work
    ) -> Refusal | None:
        answer = await self._once.perform(
            caller=caller.thumbprint or caller.actor.id,
            key=key,
            request=request,
            now=self._clock.now(),
            act=act,
        )
        return answer if isinstance(answer, Refusal) else None


async def membership(region: int, session: Session | None = None) -> Membership | None:
    """Return how a region takes part; None where it is not recorded."""
    found = await AllianceRegion.get_pymongo_collection().find_one({"_id": region}, session=session)
    return None if found is None else _membership(found)


async def sender(thumbprint: str) -> tuple[int, Membership] | None:
    """Return the region whose system has a key."""
    wanted = {"key_thumbprint": thumbprint}
    found = await AllianceRegion.get_pymongo_collection().find_one(wanted)
    return None if found is None else (found["_id"], _membership(found))


async def outlet_items(outlet: str, session: Session) -> frozenset[CardEvent]:
    """Return what an outlet is qualified for."""
    found = await QualifiedOutlet.get_pymongo_collection().find_one(
        {"_id": outlet}, session=session
    )
    return frozenset(map(CardEvent, found["items"])) if found else frozenset()


async def count(row: Row, session: Session) -> None:
    """Count a case that was done, in the transaction that says so."""
    await CaseCount.get_pymongo_collection().update_one(
        {"_id": _count_id(row["direction"], row["item"])},
        {"$inc": {"done": 1}},
        upsert=True,
        session=session,
    )


def _count_id(direction: str, item: str) -> str:
    return f"{direction}.{item}"


def _membership(found: Row) -> Membership:
    return Membership(frozenset(map(CardEvent, found["items"])), found.get("ends_at"))


def _fault(one: Allied, city: int) -> Refusal | None:
    if same_city(one.region, city):
        return OWN_REGION
    named = region_of(one.region) is not None and _NAME_EN.fullmatch(one.name_en)
    key = one.key_thumbprint is None or _THUMBPRINT.fullmatch(one.key_thumbprint)
    return None if named and key and one.items and one.items <= ITEMS else ALLIANCE_FORM
