"""Password hashes (argon2id, RFC 9106), worked out beside the event loop, a few at a time.

Each hash takes its memory and a core for a while, so a few threads do them all (argon2 gives the
interpreter free) and the queue before them is bounded. Where there is no hash to compare with, a
decoy's is: the answer takes as long.
"""

import asyncio
import base64
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.accounts.rules import TOO_BUSY, prepared_password
from backend.figures import AccountPolicy
from backend.foundation.refusals import Refusal

QUEUE_PER_WORKER = 16
Result = TypeVar("Result")


class Passwords:
    """Makes and compares password hashes."""

    def __init__(self, policy: AccountPolicy) -> None:
        self._hasher = PasswordHasher(
            time_cost=policy.password_passes,
            memory_cost=policy.password_kib,
            parallelism=policy.password_lanes,
        )
        self._decoy = _decoy(self._hasher)
        self._pool = ThreadPoolExecutor(policy.password_workers, "passwords")
        self._room = policy.password_workers * (1 + QUEUE_PER_WORKER)

    async def hash(self, password: str) -> str | Refusal:
        """Return the hash of a password that the rules allow."""
        return await self._work(partial(self._hasher.hash, prepared_password(password) or ""))

    async def verify(self, stored: str | None, password: str) -> bool | Refusal:
        """Tell whether `password` is the one of the hash `stored`, None being nobody's.

        The work is the same for every password and every account, known or not.
        """
        prepared = prepared_password(password)
        return await self._work(partial(self._verify, stored, prepared))

    def is_outdated(self, stored: str) -> bool:
        """Tell whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str | None, password: str | None) -> bool:
        compared = self._decoy if stored is None else stored
        try:
            self._hasher.verify(compared, password or "")
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None and password is not None

    async def _work(self, work: Callable[[], Result]) -> Result | Refusal:
        if self._room <= 0:
            return TOO_BUSY
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._room += 1


def _decoy(hasher: PasswordHasher) -> str:
    """Return a well-formed hash of no password."""
    salt, end = (
        base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
        for size in (hasher.salt_len, hasher.hash_len)
    )
    work = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${work}${salt}${end}"
