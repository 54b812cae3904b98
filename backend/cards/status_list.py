"""The status list: built by a batch program, stored signed, kept fresh by the server."""

import asyncio
import logging
import sys
from array import array
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import backend
from backend.cards.documents import Card, StoredStatusList
from backend.cards.lifecycle import ENDED, CardState
from backend.cards.paper_register import paper_stopped_after, papers_stopped
from backend.cards.policies import stored_policy
from backend.cards.policy import EcardAction
from backend.foundation.bulk import read_in_bulk
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import DESCENDING, DuplicateKeyError, PyMongoError
from backend.mandates.representing import codes_stopped, stopped_after
from shared.clock import Clock
from shared.trust.status_list import (
    StatusList,
    StatusSections,
    card_number_of,
    device_number,
    encode_status_list,
)

VALID = timedelta(hours=72)
LOOK_SECONDS = 2.0
RETRY_SECONDS = 30.0
# A change stamped before reading began may be written after it: look back a little.
_OVERLAP = timedelta(seconds=5)
_CODES_HELD = timedelta(hours=255)
"""No certificate lasts longer than the field of its lifetime can say."""
_FIELDS = {
    "card_index": 1,
    "card_digest": 1,
    "state": 1,
    "devices.serial": 1,
    "devices.unbound_at": 1,
    "devices.certified_until": 1,
}
LISTED = (CardState.SUSPENDED, *ENDED)
"""States that readers are told of: the first can be lifted, the others are final.

The physical card is listed whatever the city says; of the e-card the city's policy decides. A card
not enabled yet has no e-card, and nobody holds it.
"""
_log = logging.getLogger("yikatong.status_list")


async def build_status_list(
    uri: str, database: str, region: int, keys: Keys, clock: Clock
) -> StatusList:
    """Read every card that does not simply count, and store the signed list (a batch program)."""
    read_at = clock.now()
    sections = await _read_sections(uri, database, region, read_at)
    while True:
        latest = await _latest()
        issued_at = clock.now().replace(microsecond=0)
        status_list = StatusList(
            region=region,
            epoch=1 if latest is None else latest["_id"] + 1,
            base_epoch=0,
            issued_at=issued_at,
            valid_until=issued_at + VALID,
            sections=sections,
        )
        stored = StoredStatusList(
            id=status_list.epoch,
            content=encode_status_list(status_list, keys.lists, LIST_KEY_ID),
            read_at=read_at,
            issued_at=issued_at,
            valid_until=status_list.valid_until,
        )
        try:
            await stored.insert()
        except DuplicateKeyError:
            continue  # another run was faster: take the next epoch
        return status_list


class StatusLists:
    """Gives out the newest list and sees to it that it is new enough."""

    def __init__(self, clock: Clock, environ: Mapping[str, str]) -> None:
        self._clock = clock
        self._environ = environ
        self._cached: tuple[int, bytes] | None = None

    async def newest(self) -> bytes | None:
        """Return the newest signed list, or None before the first is built."""
        latest = await _latest()
        if latest is None:
            return None
        if self._cached is None or self._cached[0] != latest["_id"]:
            stored = await StoredStatusList.get(latest["_id"])
            if stored is None:
                return None
            self._cached = (stored.id, stored.content)
        return self._cached[1]

    async def is_due(self) -> bool:
        """Tell whether a card changed since the newest list, or half of its time is over."""
        latest = await _latest()
        now = self._clock.now()
        if latest is None or now >= latest["issued_at"] + VALID / 2:
            return True
        _, policy_changed_at = await stored_policy()
        if policy_changed_at is not None and policy_changed_at > latest["read_at"] - _OVERLAP:
            return True
        changed = await Card.get_pymongo_collection().find_one(
            {"changed_at": {"$gt": latest["read_at"] - _OVERLAP}}, {"_id": 1}
        )
        since = latest["read_at"] - _OVERLAP
        return changed is not None or await stopped_after(since) or await paper_stopped_after(since)

    async def keep_fresh(self) -> None:
        """Run the batch program whenever a list is due, until cancelled."""
        while True:
            seconds = LOOK_SECONDS
            try:
                if await self.is_due() and await self._run_batch() != 0:
                    seconds = RETRY_SECONDS
            except (PyMongoError, OSError) as error:
                _log.warning("cannot look", extra={FIELDS: {"error": describe_error(error)}})
                seconds = RETRY_SECONDS
            await asyncio.sleep(seconds)

    async def _run_batch(self) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "backend", "build-status-list"),
            cwd=Path(backend.__file__).parent.parent,
            env=dict(self._environ),
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
        _log.info("status list built", extra={FIELDS: {"exit_status": status}})
        return status


async def _read_sections(uri: str, database: str, region: int, now: datetime) -> StatusSections:
    policy, _ = await stored_policy()
    revoked, suspended, revoked_cards, suspended_cards, unbound = (array("Q") for _ in range(5))
    halted = read_in_bulk(
        uri,
        database,
        "cards",
        matching={"state": {"$in": list(LISTED)}, "region": region},
        fields=_FIELDS,
    )
    async for card in halted:
        state = CardState(card["state"])
        if EcardAction.SHOW_CODE not in policy.allowed[state]:
            (revoked if state in ENDED else suspended).append(card["card_index"])
        if "card_digest" in card:
            number = card_number_of(bytes(card["card_digest"]))
            (revoked_cards if state in ENDED else suspended_cards).append(number)
    # A phone unbound before its certificate ended: afterwards the certificate's end refuses it.
    lost = read_in_bulk(
        uri,
        database,
        "cards",
        matching={"devices.unbound_at": {"$type": "date"}, "region": region},
        fields=_FIELDS,
    )
    async for card in lost:
        for device in card["devices"]:
            if "unbound_at" in device and device.get("certified_until", now) > now:
                unbound.append(device_number(card["card_index"], device["serial"]))
    stopped = await codes_stopped(now - _CODES_HELD, now) + await papers_stopped(now)
    for index, serial in stopped:
        unbound.append(device_number(index, serial))
    return StatusSections(
        *(
            array("Q", sorted(set(s)))
            for s in (revoked, suspended, unbound, revoked_cards, suspended_cards)
        )
    )


async def _latest() -> dict[str, Any] | None:
    return await StoredStatusList.get_pymongo_collection().find_one(
        {}, {"content": 0}, sort=[("_id", DESCENDING)]
    )
