"""Whether a terminal may go on working, signed for it alone: the answer to its heartbeat (S16)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.ecode.algorithms import SoftwareKey
from shared.trust.trust_list import TrustList, Untrusted, read_statement, sign_statement

TYPE = "yikatong-terminal+jwt"
VENUE_KEY_BYTES = 32
_ORDER = re.compile(r"[0-9a-z_]{1,64}")
_KEY = re.compile(r"[0-9a-f]{64}")
_WEEK_SECONDS = 7 * 24 * 3600
_MOST_KEYS = 4


def key_number(now: datetime) -> int:
    """Return the number of the venue key that is in use at `now`: one a week."""
    return int(now.timestamp()) // _WEEK_SECONDS


@dataclass(frozen=True, slots=True)
class TerminalStanding:
    """What the platform says of one terminal; a later statement replaces an earlier one.

    `wipe` is an order to erase all that the terminal holds. `journal_key` (X25519, 32 bytes) is
    what a journal that is carried out by hand is sealed for; a backend of before tells none.
    `venue_keys`, by `key_number`, are what readers of one venue tell each other by what they saw;
    a blocked terminal gets none.
    """

    terminal_id: str
    blocked: bool
    issued_at: datetime
    valid_until: datetime
    wipe: str | None = None
    journal_key: bytes | None = None
    venue_keys: Mapping[int, bytes] = field(default_factory=dict, repr=False)


def sign_terminal_standing(standing: TerminalStanding, key: SoftwareKey, key_id: int) -> str:
    """Return the statement as a JWT signed by the region's list key."""
    payload = {
        "iat": int(standing.issued_at.timestamp()),
        "exp": int(standing.valid_until.timestamp()),
        "terminal": standing.terminal_id,
        "blocked": standing.blocked,
        **({"wipe": standing.wipe} if standing.wipe else {}),
        **({"journal_key": standing.journal_key.hex()} if standing.journal_key else {}),
        **({"venue_keys": _keys_told(standing)} if standing.venue_keys else {}),
    }
    return sign_statement(payload, key, TYPE, {"kid": str(key_id)})


def read_terminal_standing(
    text: str, trust: TrustList, region: int, key_id: int, now: datetime
) -> TerminalStanding:
    """Verify and read a statement signed by key `key_id` of `region`.

    Raises:
        Untrusted: see its codes.
    """
    payload = read_statement(text, trust.list_key(region, key_id, now), TYPE, now)
    terminal, blocked = payload.get("terminal"), payload.get("blocked")
    wipe = payload.get("wipe")
    if not isinstance(terminal, str) or not isinstance(blocked, bool):
        raise Untrusted("malformed")
    if not (wipe is None or (isinstance(wipe, str) and _ORDER.fullmatch(wipe))):
        raise Untrusted("malformed")
    key = payload.get("journal_key")
    if not (key is None or (isinstance(key, str) and _KEY.fullmatch(key))):
        raise Untrusted("malformed")
    return TerminalStanding(
        terminal_id=terminal,
        blocked=blocked,
        issued_at=datetime.fromtimestamp(payload["iat"], UTC),
        valid_until=datetime.fromtimestamp(payload["exp"], UTC),
        wipe=wipe,
        journal_key=bytes.fromhex(key) if key else None,
        venue_keys=_venue_keys(payload.get("venue_keys", [])),
    )


def _keys_told(standing: TerminalStanding) -> list[list[int | str]]:
    return [[number, key.hex()] for number, key in standing.venue_keys.items()]


def _venue_keys(told: Any) -> dict[int, bytes]:
    try:
        keys = {int(number): bytes.fromhex(key) for number, key in told}
    except (TypeError, ValueError) as error:
        raise Untrusted("malformed") from error
    wrong = any(not 0 <= one < 2**32 or len(keys[one]) != VENUE_KEY_BYTES for one in keys)
    if wrong or len(keys) > _MOST_KEYS:
        raise Untrusted("malformed")
    return keys
