"""Mutual recognition lists 互认清单 (S129): our side's, and what the other side says of its own.

Each side writes its own list alone: ours an officer, theirs their system by a signed request. What
gates and prices go by is what both say alike (`shared.admission.mutual_lists`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Actor, ActorKind, Deed, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal, refusal
from backend.venues.documents import RecognitionList
from shared.admission.mutual_lists import ListedItem, MutualList, SideList
from shared.admission.regions import RegionRules, lies_in
from shared.admission.rules import AdmissionRules
from shared.admission.wire_form import InvalidRules, read_list
from shared.clock import Clock
from shared.identity.regions import region_of
from shared.localized_text import LocalizedText

MOST_CURRENT = 50
"""Items on one side's list at a time; versions before stay beside them."""
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_LONGEST_NAME = 60
_LISTED = LocalizedText("修改了地区互认清单", "Changed a list of what regions recognise")
_TOLD = LocalizedText("对方修改了地区互认清单", "The other side changed its list of recognition")
Row = Mapping[str, Any]

LIST_UNKNOWN = refusal(
    "recognition_list_unknown",
    ("没有这份互认清单。", "There is no such recognition list."),
    ("请核对清单编号。", "Check the list's code."),
)
LIST_FORM = refusal(
    "recognition_list_form",
    ("互认清单内容不完整或不正确。", "The recognition list is incomplete or wrong."),
    ("请核对地区、事项、版本、场景和日期。", "Check regions, items, versions, scenes and dates."),
)
VERSION_NEEDED = refusal(
    "recognition_version_needed",
    ("已列入的版本不能修改。", "A version that is listed stays as it is."),
    ("请用更高的版本号列入修改后的事项。", "List what changed under a higher version."),
)
LIST_CHANGED = refusal(
    "recognition_list_changed",
    ("清单已被他人修改。", "The list was changed by somebody else."),
    ("请刷新后再修改。", "Read it again, then change it."),
)


@dataclass(frozen=True, slots=True)
class OwnListing:
    """Our side of a list as an officer wants it; `items` as they go over the wire."""

    code: str
    name: LocalizedText
    own_region: int
    peer_region: int
    items: Sequence[Mapping[str, Any]]
    based_on: int | None = None


@dataclass(frozen=True, slots=True)
class ListState:
    """A list as it stands: both sides, what is in force and what waits for whom."""

    code: str
    name: LocalizedText
    revision: int
    lists: MutualList


class RecognitionLists:
    """Takes what each side lists."""

    def __init__(self, once: Once, region: int, clock: Clock) -> None:
        self._once = once
        self._region = region
        self._clock = clock

    async def list_own(
        self, caller: Caller | None, key: str, wish: OwnListing
    ) -> ListState | Refusal:
        """Say what our side recognises from now on; the first time it makes the list."""
        refused = may(caller, Act.CROSS_REGION_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        by, now, items = caller, self._clock.now(), _read(list(wish.items))
        fault = self._fault(wish)

        async def act(session: Session) -> Answer | Refusal:
            if fault is not None or isinstance(items, Refusal):
                return fault or LIST_FORM
            row = await _row(wish.code, session)
            if row is not None and wish.based_on not in (None, row["revision"]):
                return LIST_CHANGED
            sides = (wish.own_region, wish.peer_region)
            if row is not None and sides != (row["own"]["region"], row["peer"]["region"]):
                return LIST_FORM
            before = SideList.of_wire(row["own"]) if row else SideList(wish.own_region)
            own = _relisted(before, items)
            if isinstance(own, Refusal):
                return own
            name = {"zh": wish.name.zh, "en": wish.name.en}
            first = {"peer": SideList(wish.peer_region).to_wire(), "serial": 0}
            await RecognitionList.get_pymongo_collection().update_one(
                {"_id": wish.code},
                {
                    "$set": {"name": name, "own": own.to_wire(), "changed_at": now},
                    "$setOnInsert": first,
                    "$inc": {"revision": 1},
                },
                upsert=True,
                session=session,
            )
            await audit.record(
                Deed(
                    at=now,
                    actor=by.actor,
                    action="venues.recognition_listed",
                    words=_LISTED,
                    system=System.COUNTER if by.staff_id else System.BATCH,
                    subject=None,
                    organisation=by.organisation,
                ),
                session,
            )
            return {}

        request = {
            "act": "list recognition",
            "code": wish.code,
            "is": repr((wish.name, wish.own_region, wish.peer_region, wish.based_on)),
            "items": json.dumps(list(wish.items), sort_keys=True),
        }
        done = await self._once.perform(
            caller=by.staff_id or "operator", key=key, request=request, now=now, act=act
        )
        return done if isinstance(done, Refusal) else await self._state(wish.code)

    async def list_theirs(
        self, region: int, code: str, serial: int, items: object
    ) -> ListState | Refusal:
        """Take the list of the region whose key signed it; one older than the last says nothing.

        `serial` counts their lists, so that what comes again or late changes nothing.
        """
        if not _CODE.fullmatch(code):
            return LIST_UNKNOWN
        now, listed = self._clock.now(), _read(items)
        if isinstance(listed, Refusal):
            return listed

        async def act(session: Session) -> Refusal | None:
            row = await _row(code, session)
            if row is None or row["peer"]["region"] != region:
                return LIST_UNKNOWN  # whose lists there are besides is not theirs to know
            if serial <= row["serial"]:
                return None
            peer = _relisted(SideList.of_wire(row["peer"]), listed)
            if isinstance(peer, Refusal):
                return peer
            await RecognitionList.get_pymongo_collection().update_one(
                {"_id": code, "serial": row["serial"]},
                {
                    "$set": {"peer": peer.to_wire(), "serial": serial, "changed_at": now},
                    "$inc": {"revision": 1},
                },
                session=session,
            )
            await audit.record(
                Deed(
                    at=now,
                    actor=Actor(ActorKind.SYSTEM, f"region_{region}"),
                    action="venues.recognition_told",
                    words=_TOLD,
                    system=System.BATCH,
                    subject=None,
                ),
                session,
            )
            return None

        refused = await audit.in_one_write(act)
        return refused if refused is not None else await self._state(code)

    async def show(self, caller: Caller | None, code: str) -> ListState | Refusal:
        """Return a list to who keeps it."""
        refused = may(caller, Act.CROSS_REGION_MANAGE)
        return refused or await self._state(code)

    async def _state(self, code: str) -> ListState | Refusal:
        row = await _row(code) if _CODE.fullmatch(code) else None
        if row is None:
            return LIST_UNKNOWN
        return ListState(code, LocalizedText(**row["name"]), row["revision"], _lists(row))

    def _fault(self, wish: OwnListing) -> Refusal | None:
        named = all(
            1 <= len(one.strip()) <= _LONGEST_NAME and one.isprintable()
            for one in (wish.name.zh, wish.name.en)
        )
        ours = lies_in(self._region, (wish.own_region,))
        apart = not lies_in(self._region, (wish.peer_region,))
        known = region_of(wish.own_region) is not None and region_of(wish.peer_region) is not None
        code = _CODE.fullmatch(wish.code) is not None
        return None if named and ours and apart and known and code else LIST_FORM


async def by_lists_of_both(rules: AdmissionRules) -> AdmissionRules:
    """Return rules with what both sides list now, where an agreement rests on such lists."""
    return replace(rules, region_rules=await regions_by_lists_of_both(rules.region_rules))


async def regions_by_lists_of_both(regions: RegionRules) -> RegionRules:
    """Return region rules with what both sides list now; nothing is read where none ask."""
    codes = [one.code for one in regions.agreements if one.listed is not None]
    if not codes:
        return regions
    found = RecognitionList.get_pymongo_collection().find({"_id": {"$in": codes}})
    lists = {row["_id"]: _lists(row) async for row in found}
    return replace(
        regions,
        agreements=tuple(
            # Where the house keeps no such list, what the rules themselves say stands.
            one if one.listed is None else replace(one, listed=lists.get(one.code, one.listed))
            for one in regions.agreements
        ),
    )


def _read(items: object) -> tuple[ListedItem, ...] | Refusal:
    if not isinstance(items, list) or len(items) > MOST_CURRENT:
        return LIST_FORM
    try:
        listed = read_list(items, "items", ListedItem.of_wire)
    except InvalidRules:
        return LIST_FORM
    whole = all(_CODE.fullmatch(item.code) for item in listed)
    once = len({item.code for item in listed}) == len(listed)
    return listed if whole and once else LIST_FORM


def _relisted(side: SideList, items: Sequence[ListedItem]) -> SideList | Refusal:
    try:
        return side.relisted(items)
    except InvalidRules:
        return VERSION_NEEDED


def _lists(row: Row) -> MutualList:
    return MutualList((SideList.of_wire(row["own"]), SideList.of_wire(row["peer"])))


async def _row(code: str, session: Session | None = None) -> Row | None:
    return await RecognitionList.get_pymongo_collection().find_one({"_id": code}, session=session)
