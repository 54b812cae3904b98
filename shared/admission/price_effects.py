"""What a price rule makes of a price, reckoned exactly in parts of a fen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from shared.admission.wire_form import InvalidRules, read_number, read_object

MAX_FEN = 100_000_000


class Effect(Protocol):
    """What a rule makes of a price."""

    kind: ClassVar[str]

    def apply(self, price: int, unit: int) -> int:
        """Return the price after it, in parts of a fen, `unit` to one; never above `price`.

        `unit` is a power of 100 with a factor for each percentage still to come: none is rounded.
        """
        ...

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        ...


@dataclass(frozen=True, slots=True)
class PercentOfPrice:
    """The holder pays this share of the price: 50 is half price 五折, 0 is free."""

    kind: ClassVar[str] = "percent"

    percent: int

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= 100:
            raise InvalidRules("percent is not from 0 to 100")

    def apply(self, price: int, unit: int) -> int:  # noqa: ARG002 - a share has no unit
        """Return the share."""
        return price * self.percent // 100

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"kind": self.kind, "percent": self.percent}


@dataclass(frozen=True, slots=True)
class AmountOff:
    """The holder pays so many fen less, down to nothing."""

    kind: ClassVar[str] = "off"

    fen: int

    def __post_init__(self) -> None:
        if not 0 <= self.fen <= MAX_FEN:
            raise InvalidRules("amount off is out of bounds")

    def apply(self, price: int, unit: int) -> int:
        """Return the rest."""
        return max(0, price - self.fen * unit)

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"kind": self.kind, "fen": self.fen}


@dataclass(frozen=True, slots=True)
class FixedPrice:
    """The holder pays so many fen, where that is less."""

    kind: ClassVar[str] = "fixed"

    fen: int

    def __post_init__(self) -> None:
        if not 0 <= self.fen <= MAX_FEN:
            raise InvalidRules("fixed price is out of bounds")

    def apply(self, price: int, unit: int) -> int:
        """Return the fixed price."""
        return min(price, self.fen * unit)

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"kind": self.kind, "fen": self.fen}


FREE = PercentOfPrice(0)


_EFFECTS: Mapping[str, tuple[str, type[PercentOfPrice] | type[AmountOff] | type[FixedPrice]]] = {
    PercentOfPrice.kind: ("percent", PercentOfPrice),
    AmountOff.kind: ("fen", AmountOff),
    FixedPrice.kind: ("fen", FixedPrice),
}


def read_effect(values: Any, what: str) -> Effect:
    """Read an effect as its `to_wire` wrote it.

    Raises:
        InvalidRules: its kind is unknown or a part is not understood.
    """
    kind = values.get("kind") if isinstance(values, Mapping) else None
    if not isinstance(kind, str) or kind not in _EFFECTS:
        raise InvalidRules(f"{what} has an effect this program does not know")
    name, made = _EFFECTS[kind]
    effect = read_object(values, what, ("kind", name))
    return made(read_number(effect[name], what))
