"""Saying that one is well 报平安, by the card's phone alone: no sign-in stands in the way.

A delegate who gets copies of notices reads how their principal's stands, and does nothing to it.
"""

from mobile.core.safe_check import SafeCheck
from mobile.core.trouble import Trouble
from mobile.services.acts import Act
from mobile.services.answers import read_result
from mobile.services.backend import Data
from mobile.services.holder import Holder

_OFF = "safe_check_off"


class SafeChecks:
    """Holds it as last read until the app ends; `known` None where it is off or was never read."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self._set = Act("SetSafeCheck", SafeCheck.of_wire)
        self._well = Act("CheckInSafe", SafeCheck.of_wire)
        self._stop = Act("StopSafeCheck", _stopped)
        self.known: SafeCheck | None = None
        self.was_read = False
        self._subject = holder.subject
        holder.listen(self._follow)

    @property
    def may_ask(self) -> bool:
        """Tell whether there is anybody to speak for."""
        return self._holder.may_ask

    @property
    def subject(self) -> str:
        """Whose it is: a mandate's id, empty for one's own; nobody says for another it is well."""
        return self._holder.subject

    async def read(self) -> Trouble | None:
        """Read how it stands; that it is off is no trouble."""
        answer = await self._holder.ask("SafeCheck", {})
        found = read_result(answer, "safeCheck", SafeCheck.of_wire)
        if isinstance(found, Trouble) and found.code == _OFF:
            self.known, self.was_read = None, True
            return None
        return self._learn(found)

    async def set(self, minute: int, contacts: tuple[str, ...]) -> Trouble | None:
        """Switch it on, or change it."""
        wish = {"minute": minute, "contacts": contacts}
        return self._learn(await self._set.perform(self._holder.ask, wish))

    async def say_well(self) -> Trouble | None:
        """Say that one is well, once however often it is sent."""
        return self._learn(await self._well.perform(self._holder.ask, {}))

    async def stop(self) -> Trouble | None:
        """Switch it off."""
        done = await self._stop.perform(self._holder.ask, {})
        if isinstance(done, Trouble):
            return done
        self.known = None
        return None

    def _learn(self, found: SafeCheck | Trouble) -> Trouble | None:
        if isinstance(found, Trouble):
            return found
        self.known, self.was_read = found, True
        return None

    def _follow(self) -> None:
        """Forget at once what is another's than who is in front."""
        if not self._holder.may_ask or self._subject != self._holder.subject:
            self._subject = self._holder.subject
            self.known, self.was_read = None, False


def _stopped(wire: Data) -> str:
    return str(wire["serverTime"])
