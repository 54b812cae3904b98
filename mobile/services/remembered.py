"""What of the holder was seen last, kept sealed, so that it is there without a network."""

from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from mobile.ports.secret_box.box import BoxUnwritable
from mobile.services.holder import Holder
from mobile.services.kept_for_others import KeptForOthers, Wired

Seen = TypeVar("Seen", bound=Wired)


class Remembered(Generic[Seen]):
    """Holds what was seen last as `known`, None before anything was.

    What is the holder's is stored, and what is a principal's 被代办人 for as long as the mandate
    is in force; without a place for them (`kept`) only the holder's own is ever held.

    A service made upon it calls `_keep` with what it read.
    """

    def __init__(
        self,
        holder: Holder,
        known: Seen | None,
        save: Callable[[Seen], None],
        forget: Callable[[], None],
        kept: KeptForOthers[Seen] | None = None,
    ) -> None:
        self._holder = holder
        self._save = save
        self._forget = forget
        self._listeners: list[Callable[[], None]] = []
        self._own = known
        self._kept = kept
        self._others = kept.load() if kept else {}
        self._subject = ""
        holder.listen(self._follow)
        self._forget_ended()

    @property
    def known(self) -> Seen | None:
        """What was seen of whoever is in front."""
        subject = self._holder.subject
        if not subject:
            return self._own
        return self._others.get(subject) if subject in self._holder.principals else None

    @property
    def may_ask(self) -> bool:
        """Tell whether there is anybody to speak for."""
        return self._holder.may_ask

    @property
    def own_in_front(self) -> bool:
        """Tell whether the holder speaks for themselves."""
        return self.may_ask and not self._holder.subject

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever something else became known."""
        self._listeners.append(listener)

    def _keep(self, seen: Seen) -> None:
        """Hold what was seen; where it cannot be stored it holds until the app ends."""
        subject = self._holder.subject
        if subject:
            self._others[subject] = seen
            self._save_others()
            self._tell()
            return
        self._own = seen
        with suppress(BoxUnwritable):
            self._save(seen)
        self._tell()

    def _follow(self) -> None:
        """Forget what a card had that was removed, or who signed out."""
        if self._subject != self._holder.subject:
            self._subject = self._holder.subject
            self._tell()
        if not self.may_ask and (self._own is not None or self._others):
            self._own = None
            self._others.clear()
            with suppress(BoxUnwritable):
                self._forget()
            self._save_others()
            self._tell()
        self._forget_ended()

    def _forget_ended(self) -> None:
        """Wipe what is of principals whose mandates are over."""
        ended = self._others.keys() - self._holder.principals
        if ended:
            self._others = {one: seen for one, seen in self._others.items() if one not in ended}
            self._save_others()

    def _save_others(self) -> None:
        if self._kept is not None:
            with suppress(BoxUnwritable):
                self._kept.save(self._others)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
