"""Whether a terminal may go on working, signed for it alone: the answer to its heartbeat (S16)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.ecode.algorithms import SoftwareKey
from shared.trust.trust_list import TrustList, Untrusted, read_statement, sign_statement

TYPE = "yikatong-terminal+jwt"


@dataclass(frozen=True, slots=True)
class TerminalStanding:
    """What the platform says of one terminal; a later statement replaces an earlier one."""

    terminal_id: str
    blocked: bool
    issued_at: datetime
    valid_until: datetime


def sign_terminal_standing(standing: TerminalStanding, key: SoftwareKey, key_id: int) -> str:
    """Return the statement as a JWT signed by the region's list key."""
    payload = {
        "iat": int(standing.issued_at.timestamp()),
        "exp": int(standing.valid_until.timestamp()),
        "terminal": standing.terminal_id,
        "blocked": standing.blocked,
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
    if not isinstance(terminal, str) or not isinstance(blocked, bool):
        raise Untrusted("malformed")
    return TerminalStanding(
        terminal_id=terminal,
        blocked=blocked,
        issued_at=datetime.fromtimestamp(payload["iat"], UTC),
        valid_until=datetime.fromtimestamp(payload["exp"], UTC),
    )
