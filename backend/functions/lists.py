"""Function lists for readers: built by a batch program, stored signed, kept fresh by the server."""

import asyncio
import hashlib
import logging
import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import backend
from backend.cards.service import Cards
from backend.foundation.bulk import BATCH, read_in_bulk
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import DuplicateKeyError, PyMongoError
from backend.functions.documents import FunctionChoice, StoredFunction, StoredFunctionList
from backend.functions.registry import FunctionRegistry
from backend.functions.rules import CardFunction, FunctionStatus
from shared.clock import Clock
from shared.trust.function_list import FunctionList, encode_function_list
from shared.trust.status_list import card_number_of

VALID = timedelta(hours=72)
LOOK_SECONDS = 2.0
RETRY_SECONDS = 30.0
REST = 4
"""After a batch the next one waits so many times as long as it took: a fifth of a core at most."""
# A change stamped before reading began may be written after it: look back a little.
_OVERLAP = timedelta(seconds=5)
_log = logging.getLogger("yikatong.function_lists")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a batch program reads and for which region."""

    uri: str
    database: str
    region: int


class FunctionLists:
    """Gives out the newest list of each function and sees to it that it is new enough."""

    def __init__(
        self, registry: FunctionRegistry, cards: Cards, clock: Clock, environ: Mapping[str, str]
    ) -> None:
        self._registry = registry
        self._cards = cards
        self._clock = clock
        self._environ = environ

    async def newest(self, code: str) -> bytes | None:
        """Return the newest signed list of a function, or None before the first is built."""
        stored = await StoredFunctionList.get(code)
        return stored.content if stored else None

    async def build(self, place: Place, keys: Keys) -> int:
        """Read everybody's choices, store the lists that say something new, and count them."""
        new = 0
        for function in await self._registry.all():
            new += await self._build_one(place, keys, function)
        return new

    async def is_due(self) -> bool:
        """Tell whether a choice, a function or a card changed since, or a list grows old."""
        functions = await self._registry.all()
        if not functions:
            return False
        heads = {head["_id"]: head async for head in _heads()}
        if heads.keys() < {function.code for function in functions}:
            return True
        if self._clock.now() >= min(h["issued_at"] for h in heads.values()) + VALID / 2:
            return True
        since = min(head["read_at"] for head in heads.values()) - _OVERLAP
        return await _changed_after(since) or await self._cards.changed_after(since)

    async def keep_fresh(self) -> None:
        """Run the batch program whenever a list is due, until cancelled."""
        while True:
            seconds = LOOK_SECONDS
            began = self._clock.monotonic()
            try:
                if await self.is_due():
                    failed = await self._run_batch() != 0
                    took = self._clock.monotonic() - began
                    seconds = RETRY_SECONDS if failed else max(LOOK_SECONDS, REST * took)
            except (PyMongoError, OSError) as error:
                _log.warning("cannot look", extra={FIELDS: {"error": describe_error(error)}})
                seconds = RETRY_SECONDS
            await asyncio.sleep(seconds)

    async def _build_one(self, place: Place, keys: Keys, function: CardFunction) -> bool:
        read_at = self._clock.now()
        cards, physical = await self._exceptions(place, function)
        collection = StoredFunctionList.get_pymongo_collection()
        before = await collection.find_one({"_id": function.code}, {"content": 0})
        issued_at = read_at.replace(microsecond=0)
        made = FunctionList(
            code=function.code,
            region=place.region,
            epoch=1 + before["epoch"] if before else 1,
            issued_at=issued_at,
            valid_until=issued_at + VALID,
            grant=function.grant,
            open=function.status is FunctionStatus.OPEN,
            since=function.since,
            until=function.until,
            cards=cards,
            physical_cards=physical,
        )
        fingerprint = _fingerprint(made)
        fresh = before is not None and issued_at < before["issued_at"] + VALID / 2
        if before is not None and fresh and bytes(before["fingerprint"]) == fingerprint:
            await collection.update_one(
                {"_id": function.code, "epoch": before["epoch"]}, {"$set": {"read_at": read_at}}
            )
            return False
        fields = {
            "epoch": made.epoch,
            "content": encode_function_list(made, keys.lists, LIST_KEY_ID),
            "fingerprint": fingerprint,
            "read_at": read_at,
            "issued_at": issued_at,
        }
        known = {"_id": function.code, "epoch": made.epoch - 1}
        try:
            await collection.update_one(known, {"$set": fields}, upsert=before is None)
        except DuplicateKeyError:
            return False  # another run was faster; what it missed makes a list due again
        return True

    async def _exceptions(
        self, place: Place, function: CardFunction
    ) -> tuple["array[int]", "array[int]"]:
        """Return the valid cards whose holders chose what the function does not grant itself."""
        cards, physical = array("Q"), array("Q")
        chosen = read_in_bulk(
            place.uri,
            place.database,
            FunctionChoice.get_collection_name(),
            matching={"function": function.code, "enabled": not function.granted},
            fields={"resident_id": 1},
        )
        waiting: list[str] = []

        async def look_up() -> None:
            for index, digest in await self._cards.live_numbers(waiting):
                cards.append(index)
                if digest is not None:
                    physical.append(card_number_of(digest))
            waiting.clear()

        async for choice in chosen:
            waiting.append(choice["resident_id"])
            if len(waiting) >= BATCH:
                await look_up()
        await look_up()
        return array("Q", sorted(set(cards))), array("Q", sorted(set(physical)))

    async def _run_batch(self) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "backend", "build-function-lists"),
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
        _log.info("function lists built", extra={FIELDS: {"exit_status": status}})
        return status


def _heads() -> Any:
    shown = {"read_at": 1, "issued_at": 1}
    return StoredFunctionList.get_pymongo_collection().find({}, shown, sort=[("_id", 1)])


async def _changed_after(instant: datetime) -> bool:
    choice = await FunctionChoice.get_pymongo_collection().find_one(
        {"since": {"$gt": instant}}, {"_id": 1}
    )
    if choice is not None:
        return True
    functions = StoredFunction.get_pymongo_collection().find(
        {}, {"changed_at": 1}, sort=[("_id", 1)]
    )
    return any([row["changed_at"] > instant async for row in functions])


def _fingerprint(made: FunctionList) -> bytes:
    """Return what tells two lists apart that differ in more than their dates and number."""
    head = replace(made, epoch=0, issued_at=made.since, valid_until=made.since)
    plain = repr(replace(head, cards=(), physical_cards=())).encode()
    return hashlib.sha256(
        b"\0".join((plain, bytes(array("Q", made.cards)), bytes(array("Q", made.physical_cards))))
    ).digest()
