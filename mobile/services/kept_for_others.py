"""What was last seen of the people the holder acts for 代办, one sealed entry a kind."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from mobile.core.trouble import NONSENSE
from mobile.ports.secret_box.box import BoxDamaged, SecretBox


class Wired(Protocol):
    """What JSON can hold."""

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        ...


Seen = TypeVar("Seen", bound=Wired)


class KeptForOthers(Generic[Seen]):
    """Each principal's by the id of their mandate, kept as sealed as the holder's own."""

    def __init__(self, box: SecretBox, name: str, read: Callable[[Any], Seen]) -> None:
        self._box = box
        self._name = name
        self._of_wire = read

    def load(self) -> dict[str, Seen]:
        """Return all of it; what is damaged or missing is to be read anew."""
        try:
            stored = self._box.get(self._name)
            wire = json.loads(stored) if stored else {}
            return {str(one): self._of_wire(seen) for one, seen in wire.items()}
        except (BoxDamaged, *NONSENSE):
            return {}

    def save(self, seen: Mapping[str, Seen]) -> None:
        """Keep exactly this, and no entry where it is nothing; raises `BoxUnwritable`."""
        if not seen:
            self._box.forget(self._name)
            return
        wire = {mandate: one.to_wire() for mandate, one in seen.items()}
        self._box.put(self._name, json.dumps(wire, ensure_ascii=False).encode())
