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
from backend.foundation.mongo import DuplicateKeyError, Store
from backend.foundation.refusals import Refusal
from backend.manifests.card_records import CardRecords, KeptRecords, Known, card_records
from backend.manifests.rules import (
    DAYS,
    KEPT,
    MOST_CHANGES,
    REISSUED,
    SET_TOO_LARGE,
    Changes,
    SetDates,
    base_of,
    begins_series,
    changes,
    covered_until,
    is_due,
    next_epoch,
    tag_of,
)
from backend.manifests.stored_sets import BATCH, begin, change, changed_after, fingerprints, head_of
from shared.clock import Clock
from shared.wire.offline_set import (
    CARD_KEY_BYTES,
    MOST_RECORDS,
    SALT_BYTES,
    Holdings,
    OfflineSet,
    RecordKey,
    encode_offline_set,
)

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
        self._kept = KeptRecords()

    async def download(
        self, venue: int, known: Sequence[str], *, delta: bool
    ) -> SetDownload | Refusal:
        """Return the set of a venue as it is now, for a reader that has the ETags `known`.

        `delta`: the reader can do with what changed since.
        """
        async with self._making[venue]:
            head = await head_of(venue)
            if is_due(_dates(head), self._clock.now()):
                try:
                    await self._make(venue, head)
                except _TooLarge:
                    return SET_TOO_LARGE
        return await self._given_out(venue, known, delta=delta)

    async def _given_out(self, venue: int, known: Sequence[str], *, delta: bool) -> SetDownload:
        for _ in range(_TRIES):
            head = await head_of(venue)
            if head is None:
                break
            salt, epoch = bytes(head["salt"]), head["epoch"]
            etag, card_key = tag_of(salt, epoch), bytes(head["card_key"])
            newest = base_of(known, salt)
            if newest == epoch:
                return SetDownload(etag, card_key, None)
            base = newest if delta and newest < epoch else 0
            rows = await changed_after(venue, salt, base)
            again = await head_of(venue)
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
        stored = {} if series.is_new else await fingerprints(venue, series.salt)
        changed = await asyncio.to_thread(changes, stored, wanted)
        if len(changed) > MOST_CHANGES and not series.is_new:
            series = _new_series(now)
            wanted, until = await self._wanted(venue, series, now)
            changed = Changes(wanted)
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
        try:
            if series.is_new:
                await begin(venue, head, fields, changed)
            else:
                await change(self._store, venue, head, fields, changed)
        except DuplicateKeyError:
            _log.info("offline set made by another server", extra={FIELDS: {"venue": venue}})

    async def _wanted(
        self, venue: int, series: _Series, now: datetime
    ) -> tuple[dict[RecordKey, bytes], datetime]:
        """Return what the set is to hold, for as many days as fit it, and their end."""
        for days in DAYS:
            until = covered_until(now, days)
            held = await self._held(venue, now, until)
            before, found = self._kept.of(venue, series.salt), dict[int, CardRecords]()
            indexes = list(held)
            for start in range(0, len(indexes), BATCH):
                cards = await self._cards.openers(indexes[start : start + BATCH], now)
                found |= await asyncio.to_thread(_records, cards, held, venue, series, before)
            wanted = {key: one.content for one in found.values() for key in one.keys}
            if len(wanted) <= MOST_RECORDS:
                self._kept.keep(venue, series.salt, found)
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
    cards: Sequence[CardOpeners],
    held: Mapping[int, Holdings],
    venue: int,
    series: _Series,
    before: Known,
) -> dict[int, CardRecords]:
    """Return the records of some cards by their indexes, one for each phone and physical card."""
    salt, card_key = series.salt, series.card_key
    return {
        card.card_index: card_records(card, held[card.card_index], venue, salt, card_key, before)
        for card in cards
    }


def _series(head: Row | None, now: datetime) -> _Series:
    """Return the series of a stored set, or a new one where that is over."""
    if head is None or begins_series(head["series_at"], now):
        return _new_series(now)
    return _Series(bytes(head["salt"]), bytes(head["card_key"]), head["series_at"])


def _new_series(now: datetime) -> _Series:
    salt, card_key = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(CARD_KEY_BYTES)
    return _Series(salt, card_key, now, is_new=True)


def _says_more(head: Row, changed: Changes, now: datetime) -> bool:
    """Tell whether a set says something new, if only that it is still so."""
    return len(changed) > 0 or now >= head["issued_at"] + REISSUED


def _dates(head: Row | None) -> SetDates | None:
    if head is None:
        return None
    return SetDates(head["read_at"], head["took_seconds"])
