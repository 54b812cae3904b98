"""Acts without an answer, kept sealed: an app that ended in the middle sends the same key again."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from mobile.core.pending import KEPT, PendingAct
from mobile.ports.secret_box.box import BoxUnwritable
from mobile.services.city_time import CityTime
from mobile.services.holder import Holder
from mobile.services.wallet import WalletStore
from shared.identifiers import random_identifier


class PendingActs:
    """Gives each wish its key, stored before it is first sent, until it is decided."""

    def __init__(self, holder: Holder, store: WalletStore, time: CityTime) -> None:
        self._holder = holder
        self._store = store
        self._time = time
        self._going: set[str] = set()
        self._listeners: list[Callable[[], None]] = []
        self._acts = store.pending_acts()
        self._held = self._is_held()
        self.unwritable = ""
        """Why the acts could not be stored, in the system's word; empty where they are."""
        holder.listen(self._follow)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever an answer is missing, or came."""
        self._listeners.append(listener)

    def unanswered(self, *operations: str) -> tuple[PendingAct, ...]:
        """Return the acts of those operations that may or may not have been done, the first first.

        One so old that the server may not know its key any more is none of them.
        """
        return tuple(
            act
            for act in self._own()
            if act.operation in operations
            and act.subject == self._holder.subject
            and act.key not in self._going
        )

    def _own(self) -> list[PendingAct]:
        """Return the acts of whoever holds this phone, young enough to be sent again."""
        oldest, names = self._time.now() - KEPT, ("", *self._holder.names)
        return [act for act in self._acts if act.holder in names and act.since > oldest]

    def begin(self, operation: str, wish: Mapping[str, Any]) -> PendingAct:
        """Return the act that is to be sent: with its first key where it was sent before."""
        subject, holder = self._holder.subject, next(iter(self._holder.names), "")
        same = (one for one in self._own() if one.is_of(operation, wish, subject))
        act = next(same, None)
        if act is None:
            key = random_identifier("act")
            act = PendingAct(operation, dict(wish), key, self._time.now(), subject, holder)
            self._keep((*self._acts, act))
        elif self.unwritable:
            self._keep(self._acts)
        self._going.add(act.key)
        return act

    def lost(self, act: PendingAct) -> None:
        """Note that no answer came."""
        self._going.discard(act.key)
        if self.unwritable:
            self._keep(self._acts)
        self._tell()

    def settled(self, act: PendingAct) -> None:
        """Forget an act: the server decided on it, or its owner lets it be."""
        self._going.discard(act.key)
        self._keep(tuple(one for one in self._acts if one.key != act.key))
        self._tell()

    def _keep(self, acts: tuple[PendingAct, ...]) -> None:
        """Hold them; where they cannot be stored they hold until the app ends, and that is said."""
        oldest = self._time.now() - KEPT
        self._acts = tuple(act for act in acts if act.since > oldest)
        try:
            self._store.save_pending_acts(self._acts)
            self.unwritable = ""
        except BoxUnwritable as error:
            self.unwritable = error.reason
            self._holder.cannot_store(error.reason)

    def _follow(self) -> None:
        """Forget the acts of a card that was removed, or of who signed out.

        Those of a card that cannot be opened, or of a session that ended by itself, wait until
        their holder is here again; after a restart they wait as well.
        """
        held, self._held = self._held, self._is_held()
        if self._acts and held and not self._held:
            self._acts = ()
            with suppress(BoxUnwritable):
                self._store.forget_pending_acts()
            self._tell()

    def _is_held(self) -> bool:
        return self._holder.may_ask or self._holder.is_expected

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
