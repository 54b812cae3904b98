"""How offline sets are stored: a head for each venue, and its sealed records."""

from datetime import datetime
from typing import ClassVar

from beanie import Document
from pymongo import ASCENDING, IndexModel


class OfflineSetHead(Document):
    """The offline set of a venue; its id is the venue's number.

    `salt` and `card_key` are those of the series, which began at `series_at`. `read_at` is when
    reading for it began last, `took_seconds` how long that lasted. All of it goes at `kept_until`.
    """

    id: int  # type: ignore[assignment]  # the venue's number, not an ObjectId
    salt: bytes
    card_key: bytes
    series_at: datetime
    epoch: int
    issued_at: datetime
    valid_until: datetime
    read_at: datetime
    took_seconds: float
    kept_until: datetime

    class Settings:
        """Where it is stored."""

        name = "offline_sets"
        indexes: ClassVar = [IndexModel("kept_until", expireAfterSeconds=0)]


class OfflineRecord(Document):
    """A sealed record; `epoch` is the set's at which it last changed, `sealed` None: removed.

    `series` is the beginning of its salt: a series is filled before the head names it.
    `fingerprint` tells whether what it holds changed: a hash of that with the record's own key.
    """

    id: str  # type: ignore[assignment]  # a text of our own: venue and locator
    venue: int
    series: bytes
    locator: bytes
    epoch: int
    sealed: bytes | None
    fingerprint: bytes | None
    kept_until: datetime

    class Settings:
        """Where it is stored."""

        name = "offline_records"
        indexes: ClassVar = [
            IndexModel([("venue", ASCENDING), ("series", ASCENDING), ("epoch", ASCENDING)]),
            IndexModel("kept_until", expireAfterSeconds=0),
        ]
