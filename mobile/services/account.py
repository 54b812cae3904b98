"""The resident's sign-in on this phone: kept sealed, renewed before it ends, forgotten at sign-out.

The card and its code do not need it: a phone bound by an activation code speaks by its key alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from mobile.core.account import SIGN_IN_NEEDED, SentCode, Tokens
from mobile.core.card import read_instant
from mobile.core.trouble import Trouble, storage_unwritable
from mobile.ports.secret_box.box import BoxDamaged, BoxUnwritable
from mobile.services.answers import read_result
from mobile.services.backend import Backend, Data
from mobile.services.city_time import CityTime
from mobile.services.session import Session
from mobile.services.transport import Told
from mobile.services.wallet import WalletStore
from shared.ecode.algorithms import SoftwareKey
from shared.identifiers import random_identifier

Answer = TypeVar("Answer")
Saying = Callable[[SoftwareKey, str], Awaitable[Answer | Trouble]]
"""Sends one request with the device's key and an access token."""
_MARGIN = timedelta(seconds=30)
"""An access token this near its end is renewed first, so that it does not end on its way."""
_TOKEN_SPENT = frozenset({"token_expired", "token_invalid"})
_OVER = frozenset({"session_ended", "refresh_reused", "refresh_superseded", "token_invalid"})


class Way(StrEnum):
    """How to sign in: the operation that does it."""

    SMS = "SignInWithSms"
    REGISTRATION = "Register"
    PASSWORD = "SignInWithPassword"  # noqa: S105, the name of an operation


class Account:
    """Holds the tokens and speaks with them; screens listen to it."""

    def __init__(
        self,
        backend: Backend,
        session: Session,
        store: WalletStore,
        time: CityTime,
        device_name: str,
    ) -> None:
        self._backend = backend
        self._session = session
        self._store = store
        self._time = time
        self._device_name = device_name
        self._tokens: Tokens | None = None
        self._attempt: tuple[Mapping[str, str | bool], str] | None = None
        self._renewing = asyncio.Lock()
        self._listeners: list[Callable[[], None]] = []
        self.ended: Trouble | None = None
        """Why a session ended by itself; whoever it was may come back to what they had begun."""
        self._ended_holder = ""
        session.listen(self._follow)

    def open(self) -> None:
        """Load what is kept on the phone; tokens that cannot be opened mean a new sign-in."""
        try:
            self._tokens = self._store.tokens() if self._session.key else None
        except BoxDamaged:
            self._tokens = None

    @property
    def signed_in(self) -> bool:
        """Tell whether somebody is signed in, as far as this phone knows."""
        return self._tokens is not None

    @property
    def holder(self) -> str:
        """Who is signed in, by what the server calls them; empty where unknown."""
        return self._tokens.holder if self._tokens else ""

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each sign-in, sign-out, and end from elsewhere."""
        self._listeners.append(listener)

    async def request_code(
        self, phone: str, operation: str = "RequestSmsCode"
    ) -> SentCode | Trouble:
        """Have a code sent to `phone`; the answer is the same whether it is registered or not."""
        key = self._session.device_key()
        if isinstance(key, Trouble):
            return key
        asked = self._time.reading()
        answer = await self._backend.ask(operation, {"input": {"phone": phone}}, key)

        def read(wire: Data) -> SentCode:
            sent = SentCode.of_wire(wire)
            self._time.settle(read_instant(wire["serverTime"]), asked)
            return sent

        return read_result(answer, operation[0].lower() + operation[1:], read)

    async def sign_in(self, way: Way, credentials: Mapping[str, str | bool]) -> Trouble | None:
        """Sign in; None when that is done, else why not.

        The same credentials are one request however often they are sent, until it is answered.
        """
        key = self._session.device_key()
        if isinstance(key, Trouble):
            return key
        if self._attempt is None or self._attempt[0] != credentials:
            self._attempt = (credentials, random_identifier("signin"))
        request = {
            **credentials,
            "idempotencyKey": self._attempt[1],
            "deviceName": self._device_name,
        }
        asked = self._time.reading()
        answer = await self._backend.ask(way.value, {"input": request}, key)

        def read(wire: Data) -> Tokens:
            tokens = Tokens.of_wire(wire)
            self._time.settle(read_instant(wire["serverTime"]), asked)
            return tokens

        tokens = read_result(answer, way.value[0].lower() + way.value[1:], read)
        return tokens if isinstance(tokens, Trouble) else self._accept(tokens)

    async def ask(self, operation: str, variables: Data, acting_for: str = "") -> Data | Trouble:
        """Run an operation that speaks for the resident; a session that is over is forgotten.

        With `acting_for` it is made under that mandate, for its principal.
        """
        return await self._speak(
            lambda key, access: self._backend.ask(operation, variables, key, access, acting_for)
        )

    async def fetch(self, path: str, told: Told) -> bytes | Trouble:
        """Fetch a file that is for the resident alone; `told` hears how far it came."""
        return await self._speak(lambda key, access: self._backend.fetch(path, key, access, told))

    async def _speak(self, say: "Saying[Answer]") -> Answer | Trouble:
        answer, used = await self._speak_once(say, "")
        if isinstance(answer, Trouble) and answer.code in _TOKEN_SPENT and used:
            answer, used = await self._speak_once(say, used)
        if isinstance(answer, Trouble) and answer.code in _OVER and self._is_present(used):
            self._end(answer)
        return answer

    async def sign_out(self) -> None:
        """Forget the tokens at once, and tell the server if it can be reached."""
        tokens, key = self._tokens, self._session.key
        self.ended = self._attempt = None
        self._drop()
        if tokens is None or key is None:
            return
        if tokens.renewal_key or self._ends(tokens):
            renewed = await self._renewed(tokens, key)
            if isinstance(renewed, Trouble):
                return
            tokens = renewed
        await self._backend.ask("SignOut", {}, key, tokens.access)

    async def _speak_once(self, say: "Saying[Answer]", spent: str) -> tuple[Answer | Trouble, str]:
        """Return the answer, and the access token it was asked with."""
        async with self._renewing:
            access = await self._access(spent)
        key = self._session.key
        if isinstance(access, Trouble) or key is None:
            return (access if isinstance(access, Trouble) else SIGN_IN_NEEDED), ""
        return await say(key, access), access

    async def _access(self, spent: str) -> str | Trouble:
        """Return an access token that is not `spent`, renewed if need be."""
        tokens, key = self._tokens, self._session.key
        if tokens is None or key is None:
            return self.ended or SIGN_IN_NEEDED
        if tokens.access != spent and not self._ends(tokens):
            return tokens.access
        if not tokens.renewal_key:
            tokens = replace(tokens, renewal_key=random_identifier("refresh"))
            self._keep(tokens)
        renewed = await self._renewed(tokens, key)
        if self._tokens is not tokens:  # signed out meanwhile
            return SIGN_IN_NEEDED
        if not isinstance(renewed, Trouble):
            self._keep(renewed)
            return renewed.access
        if renewed.code in _OVER:
            self._end(renewed)
        return renewed

    async def _renewed(self, tokens: Tokens, key: SoftwareKey) -> Tokens | Trouble:
        renewal = tokens.renewal_key or random_identifier("refresh")
        request = {"idempotencyKey": renewal, "refreshToken": tokens.refresh}
        answer = await self._backend.ask("RefreshSession", {"input": request}, key)
        return read_result(answer, "refreshSession", Tokens.of_wire)

    def _is_present(self, access: str) -> bool:
        return self._tokens is not None and self._tokens.access == access

    def _ends(self, tokens: Tokens) -> bool:
        return tokens.access_ends - self._time.now() <= _MARGIN

    def _accept(self, tokens: Tokens) -> Trouble | None:
        try:
            self._store.save_tokens(tokens)
        except BoxUnwritable as error:
            return storage_unwritable(error.reason)
        if self.ended is not None and not self._is_back(tokens):
            self.ended = None
            self._tell()  # as after a sign-out: nothing of who was here stays for somebody else
        self._tokens, self._attempt, self.ended = tokens, None, None
        self._tell()
        return None

    def _is_back(self, tokens: Tokens) -> bool:
        """Tell whether it is whose session ended who signs in again."""
        return bool(tokens.holder) and tokens.holder == self._ended_holder

    def _keep(self, tokens: Tokens) -> None:
        """Hold tokens of a renewal; where they cannot be stored they hold until the app ends."""
        self._tokens = tokens
        try:
            self._store.save_tokens(tokens)
        except BoxUnwritable as error:
            self._session.storage_trouble = storage_unwritable(error.reason)

    def _end(self, why: Trouble) -> None:
        self.ended = why
        if self._tokens is not None:
            self._ended_holder = self._tokens.holder
        self._drop()

    def _drop(self) -> None:
        self._tokens = None
        try:
            self._store.forget_tokens()
        except BoxUnwritable as error:
            self._session.storage_trouble = storage_unwritable(error.reason)
        self._tell()

    def _follow(self) -> None:
        """Know that without the device's key, which a removed card takes along, nothing is left."""
        if self._session.key is None and (self._tokens or self.ended):
            self._tokens = self.ended = None
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
