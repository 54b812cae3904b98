"""Rating visits 好差评: which wait for it, and the rating itself.

Nothing of it is stored on the phone: neither where one was asked about, nor what one answered.
"""

from collections.abc import Callable

from mobile.core.rating import RatableVisit
from mobile.core.trouble import Trouble
from mobile.services.acts import Act
from mobile.services.answers import read_result
from mobile.services.holder import Holder


class Ratings:
    """Speaks for the holder alone: nobody rates for another."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self._known: tuple[RatableVisit, ...] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._rating = Act("RateVisit", lambda wire: str(wire["visit"]))
        holder.listen(self._follow)

    @property
    def own_in_front(self) -> bool:
        """Tell whether the holder speaks for themselves."""
        return self._holder.may_ask and not self._holder.subject

    @property
    def waiting(self) -> tuple[RatableVisit, ...] | None:
        """What may be rated, the latest first; None before that was read."""
        return self._known if self.own_in_front else None

    def find(self, identifier: str) -> RatableVisit | None:
        """Return a visit that may be rated."""
        return next((one for one in self.waiting or () if one.identifier == identifier), None)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever something else may be rated."""
        self._listeners.append(listener)

    async def read(self) -> Trouble | None:
        """Read what may be rated."""
        answer = await self._holder.ask("RatableVisits", {})
        waiting = read_result(
            answer, "ratableVisits", lambda wire: tuple(map(RatableVisit.of_wire, wire["nodes"]))
        )
        if isinstance(waiting, Trouble):
            return waiting
        self._hold(waiting)
        return None

    async def rate(self, identifier: str, grade: str) -> Trouble | None:
        """Rate a visit, once however often it is sent; None when it is counted."""
        wish = {"visit": identifier, "satisfaction": grade}
        done = await self._rating.perform(self._holder.ask, wish)
        if isinstance(done, Trouble):
            return done
        self._hold(tuple(one for one in self._known or () if one.identifier != done))
        return None

    def _hold(self, waiting: tuple[RatableVisit, ...]) -> None:
        self._known = waiting
        self._tell()

    def _follow(self) -> None:
        """Forget what a card had that was removed, or who signed out."""
        if not self._holder.may_ask:
            self._known = None
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
