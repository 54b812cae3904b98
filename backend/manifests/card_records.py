"""What of each card stands in a venue's set, kept from one making to the next.

Deriving a record's keys is the dearest part of making a set, and they stay the same as long as the
set's salt and what the card is shown with. Everything is compared with what is read now, so that
what was kept is never older than the store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from backend.cards.service import CardOpeners
from shared.wire.offline_set import (
    MOST_HELD,
    Holdings,
    RecordKey,
    card_secret,
    phone_secret,
    record_content,
    record_key,
)


@dataclass(frozen=True, slots=True)
class CardRecords:
    """The records of one card: one content, under a key for each thing it is shown with."""

    card: CardOpeners
    held: Holdings
    keys: tuple[RecordKey, ...] = field(repr=False)
    content: bytes = field(repr=False)


Known = Mapping[int, CardRecords]


def card_records(
    card: CardOpeners, held: Holdings, venue: int, salt: bytes, card_key: bytes, before: Known
) -> CardRecords:
    """Return a card's records, of those known before what is the same."""
    known = before.get(card.card_index)
    if known is None or known.card != card:
        keys = tuple(record_key(salt, venue, one) for one in _shown_with(card, card_key))
        return CardRecords(card, held, keys, record_content(_in_order(held)))
    if known.held != held:
        return replace(known, held=held, content=record_content(_in_order(held)))
    return known


def _shown_with(card: CardOpeners, card_key: bytes) -> Sequence[bytes]:
    secrets = [
        phone_secret(card.region, card.card_index, serial, key)
        for serial, key in card.phones.items()
    ]
    return secrets if card.digest is None else [*secrets, card_secret(card.digest, card_key)]


def _in_order(held: Holdings) -> Holdings:
    """Return holdings in one order, the soonest ones where there are more than fit."""
    bookings = sorted(held.bookings, key=lambda one: (one.starts_at, one.booking_id))
    passes = sorted(held.passes, key=lambda one: (one.days.first, one.pass_id))
    return Holdings(tuple(bookings[:MOST_HELD]), tuple(passes[:MOST_HELD]))
