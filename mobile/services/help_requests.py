"""Calls for help 求助: what the holder asked, and who asks the holder."""

from collections.abc import Callable
from datetime import datetime, timedelta

from mobile.core.help_request import HelpRequest
from mobile.core.mandate import DELEGATE, PRINCIPAL
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.acts import Act
from mobile.services.answers import read_result
from mobile.services.backend import Data
from mobile.services.city_time import CityTime
from mobile.services.family import Family

LOOK_AGAIN = timedelta(seconds=20)


class HelpRequests:
    """Holds both sides as last read until the app ends; an old call for help is of no use."""

    def __init__(self, account: Account, family: Family, time: CityTime) -> None:
        self._account = account
        self._family = family
        self._time = time
        self._listeners: list[Callable[[], None]] = []
        self._looked_at: datetime | None = None
        self._ask = Act("AskForHelp", _changed)
        self._answer = Act("AnswerHelpRequest", _changed)
        self._withdraw = Act("WithdrawHelpRequest", _changed)
        self.asked: tuple[HelpRequest, ...] = ()
        self.waiting: tuple[HelpRequest, ...] = ()
        account.listen(self._follow)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever something else became known."""
        self._listeners.append(listener)

    async def keep_fresh(self) -> None:
        """Look now and then whether somebody asks; to be called while the app runs."""
        now, known = self._time.now(), self._family.known
        if not self._account.signed_in or known is None or not known.principals:
            return
        if self._looked_at is None or now - self._looked_at >= LOOK_AGAIN:
            self._looked_at = now
            await self._read(DELEGATE)

    async def read_asked(self) -> Trouble | None:
        """Read what the holder asked, and whether it was answered."""
        return await self._read(PRINCIPAL)

    async def ask(self, mandate: str, topic: str) -> HelpRequest | Trouble:
        """Ask the delegate of a mandate; the same wish is one request however often it is sent."""
        asked = await self._ask.perform(self._account.ask, {"mandate": mandate, "topic": topic})
        return self._learn(asked)

    async def withdraw(self, request: str) -> HelpRequest | Trouble:
        """Ask no longer."""
        withdrawn = await self._withdraw.perform(self._account.ask, {"helpRequest": request})
        return self._learn(withdrawn)

    async def answer(self, request: str) -> Trouble | None:
        """Tell who asked that one is at it; where that fails they still wait."""
        answered = await self._answer.perform(self._account.ask, {"helpRequest": request})
        if isinstance(answered, Trouble):
            return answered
        self.waiting = tuple(one for one in self.waiting if one.identifier != request)
        self._tell()
        return None

    async def _read(self, side: str) -> Trouble | None:
        answer = await self._account.ask("HelpRequests", {"side": side})
        found = read_result(
            answer, "helpRequests", lambda wire: tuple(map(HelpRequest.of_wire, wire["nodes"]))
        )
        if isinstance(found, Trouble):
            return found
        if side == DELEGATE:
            self.waiting = found
        else:
            self.asked = found
        self._tell()
        return None

    def _learn(self, changed: HelpRequest | Trouble) -> HelpRequest | Trouble:
        if isinstance(changed, HelpRequest):
            others = (one for one in self.asked if one.identifier != changed.identifier)
            self.asked = (changed, *others)
            self._tell()
        return changed

    def _follow(self) -> None:
        if not self._account.signed_in and (self.asked or self.waiting):
            self.asked = self.waiting = ()
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _changed(wire: Data) -> HelpRequest:
    return HelpRequest.of_wire(wire["helpRequest"])
