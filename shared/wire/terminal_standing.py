"""Whether a terminal may go on working, signed for it alone: the answer to its heartbeat (S16)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.ecode.algorithms import SoftwareKey
from shared.trust.trust_list import TrustList, Untrusted, read_statement, sign_statement

TYPE = "yikatong-terminal+jwt"
_ORDER = re.compile(r"[0-9a-z_]{1,64}")
_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class TerminalStanding:
    """What the platform says of one terminal; a later statement replaces an earlier one.

    `wipe` is an order to erase all that the terminal holds. `journal_key` (X25519, 32 bytes) is
    what a journal that is carried out by hand is sealed for; a backend of before tells none.
    """

    terminal_id: str
    blocked: bool
    issued_at: datetime
    valid_until: datetime
    wipe: str | None = None
    journal_key: bytes | None = None


def sign_terminal_standing(standing: TerminalStanding, key: SoftwareKey, key_id: int) -> str:
    """Return the statement as a JWT signed by the region's list key."""
    payload = {
        "iat": int(standing.issued_at.timestamp()),
        "exp": int(standing.valid_until.timestamp()),
        "terminal": standing.terminal_id,
        "blocked": standing.blocked,
        **({"wipe": standing.wipe} if standing.wipe else {}),
        **({"journal_key": standing.journal_key.hex()} if standing.journal_key else {}),
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
    )
