"""How terminals and scans are stored."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.readers.fleet_rules import TerminalRole
from backend.readers.key_carrier_rules import CarrierEvent, CarrierKind, CarrierState

SCANS_KEPT = timedelta(days=180)
"""Where somebody was is sensitive: single scans are kept this long and no longer."""


class TerminalState(StrEnum):
    """Whether a terminal's token has been used, and whether it was wiped since."""

    INVITED = "INVITED"
    ENROLLED = "ENROLLED"
    WIPED = "WIPED"  # its key is nobody's any more


class Terminal(Document):
    """A venue's reader; `token_hash` names the one-time token it enrolled or will enrol with.

    `blocked` says that no lane of it may admit anybody, `standing_at` when that last changed.
    `health` is its last heartbeat, `heartbeat_at` when that came (at first its enrolment); `wipe`
    an order to erase all it holds, with `order`, `ordered_at` and, once it did, `done_at`.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    venue_number: int
    name: str
    state: TerminalState
    token_hash: bytes
    token_expires_at: datetime
    thumbprint: str | None = None
    host: str | None = None
    version: str | None = None
    enrolled_at: datetime | None = None
    blocked: bool = False
    standing_at: datetime | None = None
    role: TerminalRole = TerminalRole.STAFFED
    heartbeat_at: datetime | None = None
    health: dict[str, Any] | None = None
    wipe: dict[str, Any] | None = None
    journal_faults: list[str] | None = None  # what was changed in its journal, "kind:number"
    journal_last: int | None = None  # its last number when it last reported

    class Settings:
        """Where it is stored."""

        name = "terminals"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel("token_hash", unique=True),
            IndexModel("thumbprint", unique=True, sparse=True),
            IndexModel([("state", ASCENDING), ("heartbeat_at", ASCENDING), ("_id", ASCENDING)]),
            IndexModel(
                [
                    ("venue_number", ASCENDING),
                    ("state", ASCENDING),
                    ("heartbeat_at", ASCENDING),
                    ("_id", ASCENDING),
                ]
            ),
        ]


class Scan(Document):
    """One answer a lane gave; its id is the scan's own, so that it is booked once.

    Names of venue and lane are kept as they were. `visitor` is the resident, where the scan proves
    whose card it was; `shown_by` is the delegate who showed its code under a `mandate` 代办出示;
    `code_use` names the one showing of a code that was admitted; `flags` say
    what is odd about it. `persons` went through; `entered` and `left` count them as long as nothing
    annuls the scan, and `annulled_by` says what did. `counted_flags` are what the counters of the
    entitlements in `counted_on` found odd, `counted` how often they were asked. As long as `due`
    stands, entitlements and conflicts have yet to learn of it.
    """

    id: str  # type: ignore[assignment]  # the scan's own id, not an ObjectId
    terminal_id: str
    venue_number: int
    venue_name: dict[str, str]
    lane: int
    lane_name: dict[str, str]
    scanned_at: datetime
    received_at: datetime
    medium: str
    verdict: str
    reason: str | None = None
    region: int | None = None
    card_index: int | None = None
    device_serial: int | None = None
    counter: int | None = None
    card_digest: bytes | None = None
    detail: dict[str, Any]
    card_id: str | None = None
    visitor: str | None = None
    mandate: str | None = None
    shown_by: str | None = None
    code_use: bytes | None = None
    flags: list[str]
    direction: str = "in"
    party: int = 1
    persons: int = 0
    entered: int | None = None
    left: int | None = None
    counted_on: list[str] | None = None
    counted: int | None = None
    counted_flags: list[str] | None = None
    annuls: str | None = None
    annulled_by: str | None = None
    override_reason: str | None = None
    override_staff: list[str] | None = None
    due: bool | None = None

    class Settings:
        """Where it is stored."""

        name = "scans"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel(
                [("visitor", ASCENDING), ("scanned_at", DESCENDING), ("_id", DESCENDING)],
                partialFilterExpression={"visitor": {"$exists": True}},
            ),
            IndexModel("code_use", sparse=True),
            IndexModel(
                [("flags", ASCENDING), ("scanned_at", DESCENDING), ("_id", DESCENDING)],
                partialFilterExpression={"flags": {"$exists": True}},
            ),
            IndexModel("received_at", expireAfterSeconds=int(SCANS_KEPT.total_seconds())),
            IndexModel("annuls", sparse=True),
            IndexModel("counted_on", sparse=True),
            IndexModel(
                [("due", ASCENDING), ("received_at", ASCENDING)],
                name="due",
                partialFilterExpression={"due": True},
            ),
            # Whole counts are read from it alone (`flow`).
            IndexModel(
                [
                    ("venue_number", ASCENDING),
                    ("scanned_at", ASCENDING),
                    ("lane", ASCENDING),
                    ("verdict", ASCENDING),
                    ("entered", ASCENDING),
                    ("left", ASCENDING),
                ],
                name="flow",
            ),
        ]


class AdmissionClaim(Document):
    """Admissions answered to gates of one venue for one holder, whose scans have yet to come.

    Its id is made of both. `claims` name each scan to come, its instant, how many it lets in and
    on what; `revision` counts the writes, each made on the condition that nobody wrote since.
    """

    id: str  # type: ignore[assignment]  # a text of our own: venue and holder
    revision: int
    claims: list[dict[str, Any]]
    expires_at: datetime

    class Settings:
        """Where it is stored."""

        name = "admission_claims"
        indexes: ClassVar = [IndexModel("expires_at", expireAfterSeconds=0)]


class ScanConflict(Document):
    """What gates admitted that do not go together; its id is made of `kind` and `subject`.

    It is always the whole of what the scans say: `rows` are the entries in the order in which they
    happened, `at` is the last of them, `venues` whose gates they were. `revision` counts how often
    it was looked at anew.
    """

    id: str  # type: ignore[assignment]  # see above
    kind: str
    subject: str
    state: str
    rows: list[dict[str, Any]]
    venues: list[int]
    at: datetime
    found_at: datetime
    revision: int
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    note: str | None = None

    class Settings:
        """Where it is stored."""

        name = "scan_conflicts"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("venues", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel(
                [
                    ("venues", ASCENDING),
                    ("state", ASCENDING),
                    ("at", DESCENDING),
                    ("_id", DESCENDING),
                ]
            ),
            IndexModel("found_at", expireAfterSeconds=int(SCANS_KEPT.total_seconds())),
        ]


class ServiceWindow(Document):
    """A window 服务窗口 of a hall; its id is made of both. `devices`: kind, serial, `working`."""

    id: str  # type: ignore[assignment]  # see above
    hall: str
    number: int
    required: list[str]
    devices: list[dict[str, Any]]
    closed: bool = False
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "service_windows"
        indexes: ClassVar = [IndexModel([("hall", ASCENDING), ("number", ASCENDING)], unique=True)]


class KeyCarrier(Document):
    """A carrier of keys 密钥载体; `revision` counts its events, staff stand by their ids."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    kind: CarrierKind
    serial: str
    key_version: int
    custodian: str
    location: str
    state: CarrierState
    terminals: list[str]
    changed_at: datetime
    revision: int = 0
    offered_to: str | None = None

    class Settings:
        """Where it is stored."""

        name = "key_carriers"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("kind", ASCENDING), ("serial", ASCENDING)], unique=True),
            IndexModel([("changed_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("state", ASCENDING), ("changed_at", DESCENDING), ("_id", DESCENDING)]),
        ]


class KeyCarrierEvent(Document):
    """One event of a key carrier; only ever inserted. `(carrier_id, revision)` leaves no gap."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    carrier_id: str
    revision: int
    at: datetime
    event: CarrierEvent
    before: CarrierState | None = None
    after: CarrierState
    custodian: str
    location: str
    terminals: list[str]
    actor_id: str

    class Settings:
        """Where it is stored."""

        name = "key_carrier_events"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("carrier_id", ASCENDING), ("revision", ASCENDING)], unique=True)
        ]
