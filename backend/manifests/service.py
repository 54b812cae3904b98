"""Offline sets: read when a reader asks, stored as what changed, given out whole or as a delta."""

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.cards.service import CardOpeners, Cards
from backend.foundation.entitlements import Entitlements
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.foundation.logs import FIELDS
from backend.foundation.mongo import DuplicateKeyError, Session, Store, UpdateOne
from backend.foundation.refusals import Refusal
from backend.manifests.documents import OfflineRecord, OfflineSetHead
from backend.manifests.rules import (
    DAYS,
    KEPT,
    REISSUED,
    SET_TOO_LARGE,
    Changes,
    SetDates,
    base_of,
    begins_series,
    changes,
    covered_until,
    fingerprint,
    is_due,
    next_epoch,
    tag_of,
)
from shared.clock import Clock
from shared.wire.offline_set import (
    CARD_KEY_BYTES,
    MOST_HELD,
    MOST_RECORDS,
    SALT_BYTES,
    Holdings,
    OfflineSet,
    RecordKey,
    card_secret,
    encode_offline_set,
    phone_secret,
    plain_record,
    record_key,
    seal_record,
)

_BATCH = 1_000
_TRIES = 5
Row = Mapping[str, Any]
_log = logging.getLogger("yikatong.offline_sets")


@dataclass(frozen=True, slots=True)
class SetDownload:
    """A set as it goes to a reader; `content` None: the one it has is the newest.

    `base` is the ETag that a delta leads on from, None for a whole set.
    """

    etag: str
    card_key: bytes
    content: bytes | None
    base: str | None = None


@dataclass(frozen=True, slots=True)
class _Series:
    """The series that a set belongs to."""

    salt: bytes
    card_key: bytes
    since: datetime
    is_new: bool = False


class _TooLarge(Exception):
    """The set would have more records than one may have."""


class OfflineSets:
    """Makes and gives out the venues' offline sets from what `sources` tell."""

    def __init__(
        self,
        sources: Sequence[Entitlements],
        cards: Cards,
        store: Store,
        keys: Keys,
        region: int,
        clock: Clock,
    ) -> None:
        self._sources = sources
        self._cards = cards
        self._store = store
        self._keys = keys
        self._region = region
        self._clock = clock
        self._making: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def download(
        self, venue: int, known: Sequence[str], *, delta: bool
    ) -> SetDownload | Refusal:
        """Return the set of a venue as it is now, for a reader that has the ETags `known`.

        `delta`: the reader can do with what changed since.
        """
        async with self._making[venue]:
            head = await _head(venue)
            if is_due(_dates(head), self._clock.now()):
                try:
                    await self._make(venue, head)
                except _TooLarge:
                    return SET_TOO_LARGE
        return await self._given_out(venue, known, delta=delta)

    async def _given_out(self, venue: int, known: Sequence[str], *, delta: bool) -> SetDownload:
        for _ in range(_TRIES):
            head = await _head(venue)
            if head is None:
                break
            salt, epoch = bytes(head["salt"]), head["epoch"]
            etag, card_key = tag_of(salt, epoch), bytes(head["card_key"])
            newest = base_of(known, salt)
            if newest == epoch:
                return SetDownload(etag, card_key, None)
            base = newest if delta and newest < epoch else 0
            rows = await _changed_after(venue, base)
            again = await _head(venue)
            if again is None or again["epoch"] != epoch:
                continue  # another server made a newer one meanwhile: these rows may be of both
            content = await asyncio.to_thread(self._signed, head, base, rows)
            return SetDownload(etag, card_key, content, tag_of(salt, base) if base else None)
        raise LookupError("the offline set changes all the time")

    async def _make(self, venue: int, head: Row | None) -> None:
        """Bring the stored set up to date; where another server was faster, its set stands."""
        began, now = self._clock.monotonic(), self._clock.now()
        series = _series(head, now)
        wanted, until = await self._wanted(venue, series, now)
        stored = {} if series.is_new else await _fingerprints(venue)
        changed = await asyncio.to_thread(changes, stored, wanted)
        fields: dict[str, Any] = {"read_at": now}
        if head is None or series.is_new or _says_more(head, changed, now):
            fields |= {
                "salt": series.salt,
                "card_key": series.card_key,
                "series_at": series.since,
                "epoch": next_epoch(head["epoch"] if head else None, now),
                "issued_at": now.replace(microsecond=0),
                "valid_until": until,
                "kept_until": series.since + KEPT,
            }
        fields["took_seconds"] = self._clock.monotonic() - began
        await self._write(venue, head, fields, changed, new_series=series.is_new)

    async def _wanted(
        self, venue: int, series: _Series, now: datetime
    ) -> tuple[dict[RecordKey, bytes], datetime]:
        """Return what the set is to hold, for as many days as fit it, and their end."""
        for days in DAYS:
            until = covered_until(now, days)
            held = await self._held(venue, now, until)
            wanted: dict[RecordKey, bytes] = {}
            indexes = list(held)
            for start in range(0, len(indexes), _BATCH):
                cards = await self._cards.openers(indexes[start : start + _BATCH])
                wanted |= await asyncio.to_thread(_records, cards, held, venue, series)
            if len(wanted) <= MOST_RECORDS:
                return wanted, until
        _log.error("offline set too large", extra={FIELDS: {"venue": venue}})
        raise _TooLarge

    async def _held(self, venue: int, now: datetime, until: datetime) -> dict[int, Holdings]:
        held: dict[int, Holdings] = {}
        for source in self._sources:
            async for card in source.of_venue(venue, now, until):
                before = held.get(card.card_index, Holdings())
                held[card.card_index] = Holdings(
                    (*before.bookings, *card.bookings), (*before.passes, *card.passes)
                )
        return held

    async def _write(
        self, venue: int, head: Row | None, fields: Row, changed: Changes, *, new_series: bool
    ) -> None:
        writes = await asyncio.to_thread(_writes, venue, fields, changed)

        async def transact(session: Session) -> None:
            await OfflineSetHead.get_pymongo_collection().update_one(
                {"_id": venue, "epoch": head["epoch"] if head else 0},
                {"$set": fields},
                upsert=True,
                session=session,
            )
            records = OfflineRecord.get_pymongo_collection()
            if new_series:
                await records.delete_many({"venue": venue}, session=session)
            if writes:
                await records.bulk_write(writes, ordered=False, session=session)

        try:
            async with self._store.client.start_session() as session:
                await session.with_transaction(transact)
        except DuplicateKeyError:
            _log.info("offline set made by another server", extra={FIELDS: {"venue": venue}})

    def _signed(self, head: Row, base: int, rows: Sequence[Row]) -> bytes:
        gone = (bytes(row["locator"]) for row in rows if row["sealed"] is None)
        made = OfflineSet(
            region=self._region,
            venue=head["_id"],
            salt=bytes(head["salt"]),
            epoch=head["epoch"],
            base_epoch=base,
            issued_at=head["issued_at"],
            valid_until=head["valid_until"],
            records={
                bytes(row["locator"]): bytes(row["sealed"])
                for row in rows
                if row["sealed"] is not None
            },
            removed=frozenset(gone) if base else frozenset(),
        )
        return encode_offline_set(made, self._keys.lists, LIST_KEY_ID)


def _records(
    cards: Sequence[CardOpeners], held: Mapping[int, Holdings], venue: int, series: _Series
) -> dict[RecordKey, bytes]:
    """Return the contents of some cards' records, one for each phone and physical card."""
    found: dict[RecordKey, bytes] = {}
    for card in cards:
        plain = plain_record(_in_order(held[card.card_index]))
        shown_with = [
            phone_secret(card.region, card.card_index, serial, key)
            for serial, key in card.phones.items()
        ]
        if card.digest is not None:
            shown_with.append(card_secret(card.digest, series.card_key))
        found |= {record_key(series.salt, venue, secret): plain for secret in shown_with}
    return found


def _in_order(held: Holdings) -> Holdings:
    """Return holdings in one order, the soonest ones where there are more than fit."""
    bookings = sorted(held.bookings, key=lambda one: (one.starts_at, one.booking_id))
    passes = sorted(held.passes, key=lambda one: (one.days.first, one.pass_id))
    return Holdings(tuple(bookings[:MOST_HELD]), tuple(passes[:MOST_HELD]))


def _writes(venue: int, fields: Row, changed: Changes) -> list[UpdateOne]:
    def write(locator: bytes, sealed: bytes | None, known: bytes | None) -> UpdateOne:
        return UpdateOne(
            {"_id": f"{venue}.{locator.hex()}"},
            {
                "$set": {
                    "venue": venue,
                    "locator": locator,
                    "epoch": fields["epoch"],
                    "sealed": sealed,
                    "fingerprint": known,
                    "kept_until": fields["kept_until"],
                }
            },
            upsert=True,
        )

    return [
        *(
            write(key.locator, seal_record(key, plain), fingerprint(key, plain))
            for key, plain in changed.put.items()
        ),
        *(write(locator, None, None) for locator in changed.removed),
    ]


def _series(head: Row | None, now: datetime) -> _Series:
    """Return the series of a stored set, or a new one where that is over."""
    if head is None or begins_series(head["series_at"], now):
        salt, card_key = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(CARD_KEY_BYTES)
        return _Series(salt, card_key, now, is_new=True)
    return _Series(bytes(head["salt"]), bytes(head["card_key"]), head["series_at"])


def _says_more(head: Row, changed: Changes, now: datetime) -> bool:
    """Tell whether a set says something new, if only that it is still so."""
    return bool(changed.put or changed.removed) or now >= head["issued_at"] + REISSUED


def _dates(head: Row | None) -> SetDates | None:
    if head is None:
        return None
    return SetDates(head["read_at"], head["took_seconds"])


async def _head(venue: int) -> Row | None:
    return await OfflineSetHead.get_pymongo_collection().find_one({"_id": venue})


async def _fingerprints(venue: int) -> dict[bytes, bytes | None]:
    found = OfflineRecord.get_pymongo_collection().find(
        {"venue": venue}, {"locator": 1, "fingerprint": 1}, batch_size=_BATCH
    )
    return {bytes(row["locator"]): _bytes(row["fingerprint"]) async for row in found}


async def _changed_after(venue: int, epoch: int) -> list[Row]:
    found = OfflineRecord.get_pymongo_collection().find(
        {"venue": venue, "epoch": {"$gt": epoch}}, {"locator": 1, "sealed": 1}, batch_size=_BATCH
    )
    return [row async for row in found]


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
