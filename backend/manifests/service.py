"""Offline sets: read when a reader asks, stored as what changed, given out whole or as a delta."""

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.cards.service import CardOpeners, Cards
from backend.foundation.entitlements import Positions, TouchTeller, WatchedEntitlements
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import DuplicateKeyError, PyMongoError, Store
from backend.foundation.refusals import Refusal
from backend.manifests.card_records import CardRecords, Known, card_records
from backend.manifests.kept_sets import KeptSet, KeptSets, Span
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
    covered_from,
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
    encode_offline_set,
)

_TRIES = 5
MOST_REREAD = 2_000
"""Holders whose rows are read again; with more than that the set is read whole."""
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
        sources: Sequence[WatchedEntitlements],
        cards: Cards,
        openers: TouchTeller,
        store: Store,
        keys: Keys,
        region: int,
        clock: Clock,
    ) -> None:
        self._sources = sources
        self._tellers: Sequence[TouchTeller] = (*sources, openers)
        self._cards = cards
        self._store = store
        self._keys = keys
        self._region = region
        self._clock = clock
        self._making: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._kept = KeptSets()

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
        kept, changed = await self._brought_up(venue, head, series, now)
        if len(changed) > MOST_CHANGES and not series.is_new:
            series = _new_series(now)
            kept = await self._whole(venue, series, now)
            changed = Changes(kept.wanted())
        fields: dict[str, Any] = {"read_at": now}
        if head is None or series.is_new or _says_more(head, changed, now):
            fields |= {
                "salt": series.salt,
                "card_key": series.card_key,
                "series_at": series.since,
                "epoch": next_epoch(head["epoch"] if head else None, now),
                "issued_at": now.replace(microsecond=0),
                "valid_until": kept.span.until,
                "kept_until": series.since + KEPT,
            }
        fields["took_seconds"] = self._clock.monotonic() - began
        kept.epoch = None  # not known, should the write break off
        self._kept.keep(venue, kept)
        try:
            if series.is_new:
                await begin(venue, head, fields, changed)
            else:
                await change(self._store, venue, head, fields, changed)
        except DuplicateKeyError:
            _log.info("offline set made by another server", extra={FIELDS: {"venue": venue}})
        else:
            kept.epoch = fields["epoch"] if "epoch" in fields or head is None else head["epoch"]

    async def _brought_up(
        self, venue: int, head: Row | None, series: _Series, now: datetime
    ) -> tuple[KeptSet, Changes]:
        """Return what the set is made of now, and what that changes of the stored one."""
        if head is None or series.is_new:
            kept = await self._whole(venue, series, now)
            return kept, Changes(kept.wanted())
        known = self._kept.take(venue, series.salt)
        changed = None if known is None else await self._followed(known, venue, series, now)
        if known is not None and changed is not None and known.epoch == head["epoch"]:
            return known, changed
        if known is None or changed is None:
            known = await self._whole(venue, series, now, known)
        stored = await fingerprints(venue, series.salt)
        return known, await asyncio.to_thread(changes, stored, known.wanted())

    async def _followed(
        self, kept: KeptSet, venue: int, series: _Series, now: datetime
    ) -> Changes | None:
        """Read again what was touched since; None where all of it is to be."""
        if kept.span != _span(venue, now, DAYS[0]) or not kept.positions:
            return None
        positions = await self._positions()
        if positions is None:
            return None
        tellers = zip(self._tellers, kept.positions, positions, strict=True)
        told = [await one.touched(venue, before, after) for one, before, after in tellers]
        residents = {one for each in told for one in each.residents}
        theirs = {one for each in told[: len(self._sources)] for one in each.residents}
        touched = (
            theirs
            | kept.among(residents)
            | kept.owners(one for each in told for one in each.references)
        )
        if any(each.all_of_it for each in told) or len(touched) > MOST_REREAD:
            return None
        cards = {one for each in told for one in each.cards if one in kept.records}
        cards |= kept.cards_of(touched) | kept.over(now)
        kept.take(touched)
        await self._read(kept, venue, touched)
        cards |= kept.cards_of(touched)
        made = await self._records(kept, sorted(cards), venue, series, kept.records, now)
        kept.positions = positions
        changed = kept.renew(cards, made)
        return changed if kept.count() <= MOST_RECORDS else None

    async def _whole(
        self, venue: int, series: _Series, now: datetime, before: KeptSet | None = None
    ) -> KeptSet:
        """Return what the set is to hold, for as many days as fit it."""
        records = before.records if before else {}
        for days in DAYS:
            positions = await self._positions()
            kept = KeptSet(
                series.salt, _span(venue, now, days), positions or (), [{} for _ in self._sources]
            )
            await self._read(kept, venue, None)
            made = await self._records(kept, kept.cards(), venue, series, records, now)
            kept.renew(made, made)
            if kept.count() <= MOST_RECORDS:
                return kept
        _log.error("offline set too large", extra={FIELDS: {"venue": venue}})
        raise _TooLarge

    async def _positions(self) -> Sequence[Positions] | None:
        try:
            return [await one.positions() for one in self._tellers]
        except PyMongoError as error:
            _log.warning("no log of changes", extra={FIELDS: {"error": describe_error(error)}})
            return None

    async def _read(self, kept: KeptSet, venue: int, residents: Collection[str] | None) -> None:
        """Note what the sources tell, of all holders or of some."""
        if residents is not None and not residents:
            return
        from_, until = kept.span.from_, kept.span.until
        for number, source in enumerate(self._sources):
            async for one in source.of_venue(venue, from_, until, residents):
                kept.put(number, one)

    async def _records(
        self,
        kept: KeptSet,
        indexes: Sequence[int],
        venue: int,
        series: _Series,
        before: Known,
        now: datetime,
    ) -> dict[int, CardRecords]:
        """Return the records of cards, but of those that are not valid or that hold nothing."""
        found = dict[int, CardRecords]()
        for start in range(0, len(indexes), BATCH):
            cards = await self._cards.openers(indexes[start : start + BATCH], now)
            held = {card.card_index: kept.holdings(card.card_index) for card in cards}
            some = [card for card in cards if held[card.card_index] != Holdings()]
            found |= await asyncio.to_thread(_records, some, held, venue, series, before)
        return found

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


def _span(venue: int, now: datetime, days: int) -> Span:
    return Span(covered_from(venue, now), covered_until(now, days))


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
