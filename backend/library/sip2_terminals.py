"""Self-service machines 自助借还机: who they are by a secret of their own, and where they stand.

A secret is 192 random bits, made here, shown once and stored as a hash: nobody guesses it, so
there is nothing to lock, and a slow hash would protect nothing.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.library import refusals as no
from backend.library.deeds import librarian
from backend.library.documents import Sip2Terminal
from backend.library.network import members_among
from backend.library.rules import is_library_code
from shared.clock import Clock

_NAME = re.compile(r"[0-9A-Za-z-]{3,32}")
_CONTEXT = b"yikatong sip2 terminal\0"
_MOST_SECRET = 255
_NOBODY = bytes(32)


@dataclass(frozen=True, slots=True)
class Terminal:
    """A machine that signed in; `checks_codes`: what it says of e-card codes is taken."""

    name: str
    library: str
    checks_codes: bool


class Sip2Terminals:
    """Registers machines and lets them in."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def register(
        self, caller: Caller | None, name: str, library: str, *, checks_codes: bool
    ) -> str | Refusal:
        """Return a machine's new secret; one it had before is good no longer."""
        refused = may(caller, Act.LIBRARY_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        if _NAME.fullmatch(name) is None:
            return no.TERMINAL_FORM
        if not is_library_code(library) or not await members_among([library]):
            return no.LIBRARY_UNKNOWN
        secret = secrets.token_urlsafe(24)
        facts = {"library": library, "secret": _hash(secret), "checks_codes": checks_codes}
        await self._write(caller, name, {**facts, "blocked": False})
        return secret

    async def block(self, caller: Caller | None, name: str) -> Refusal | None:
        """Let a machine in no longer; its next line is not answered."""
        refused = may(caller, Act.LIBRARY_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        if _NAME.fullmatch(name) is None or await Sip2Terminal.get(name) is None:
            return no.TERMINAL_FORM
        await self._write(caller, name, {"blocked": True})
        return None

    async def let_in(self, name: str, secret: str) -> Terminal | None:
        """Return the machine of a name and secret, or None; unknown names cost the same."""
        found = None
        if _NAME.fullmatch(name) is not None:
            found = await Sip2Terminal.get_pymongo_collection().find_one({"_id": name})
        stored = _NOBODY if found is None else bytes(found["secret"])
        right = hmac.compare_digest(stored, _hash(secret[:_MOST_SECRET]))
        if found is None or not right or found["blocked"]:
            return None
        return Terminal(name, found["library"], found["checks_codes"])

    async def still_good(self, terminal: Terminal) -> bool:
        """Tell whether a machine that signed in has not been blocked since."""
        good = {"_id": terminal.name, "library": terminal.library, "blocked": False}
        terminals = Sip2Terminal.get_pymongo_collection()
        return await terminals.find_one(good, {"_id": 1}) is not None

    async def _write(self, caller: Caller, name: str, facts: dict[str, object]) -> None:
        now = self._clock.now()
        await Sip2Terminal.get_pymongo_collection().update_one(
            {"_id": name}, {"$set": {**facts, "changed_at": now}}, upsert=True
        )
        await audit.record_read(librarian(caller).deed("library.terminal", None, now))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(_CONTEXT + secret.encode()).digest()
