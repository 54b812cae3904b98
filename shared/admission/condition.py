"""What a condition is: data that, asked about a case, holds or says why it does not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum, IntEnum
from typing import Any, ClassVar, Protocol, Self

from shared.admission.circumstances import Circumstances, HeldBooking, HeldPass
from shared.admission.evidence import Evidence
from shared.admission.regions import RegionRules
from shared.admission.scene import Scene
from shared.admission.wire_form import read_object
from shared.ecode.reasons import Detail, Reason
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class Case:
    """One visitor at one moment at one scene: what every condition is asked about.

    `day` is the local day of the moment; `priced` says that entering on neither a booking nor a
    pass costs something.
    """

    evidence: Evidence
    around: Circumstances
    scene: Scene
    regions: RegionRules
    day: date
    priced: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """What staff check of somebody whom a condition lets in: headline, check, and why."""

    headline: LocalizedText
    check: LocalizedText
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A condition holds.

    `bookings` and `passes` are what it holds by and what the entry is to be counted on; `admits`
    is how many of the party that lets in, None for all.
    """

    remarks: tuple[Remark, ...] = ()
    bookings: tuple[HeldBooking, ...] = ()
    passes: tuple[HeldPass, ...] = ()
    admits: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A condition does not hold: which, why, and from when on it would, where that is known."""

    condition: "Condition"
    reason: Reason
    detail: Detail
    works_at: datetime | None = None


class Condition(Protocol):
    """A condition of admission; values of it are frozen and have no memory."""

    kind: ClassVar[str]
    """Its name on the wire; it never changes meaning."""

    def check(self, case: Case) -> Held | Failure:
        """Ask it about a case."""
        ...

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values, `kind` among them."""
        ...


HELD = Held()


class Leaf:
    """A condition without others in it: a dataclass whose fields `FORM` reads from the wire."""

    __slots__ = ()

    kind: ClassVar[str]
    FORM: ClassVar[Mapping[str, Callable[[Any, str], Any]]] = {}

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values, `kind` among them."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]  # every leaf is a dataclass
        return {"kind": self.kind, **{name: _plain(value) for name, value in values.items()}}

    @classmethod
    def of_wire(cls, values: Any) -> Self:
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is missing, unknown or not understood.
        """
        parts = read_object(values, cls.kind, ("kind", *cls.FORM))
        return cls(**{name: read(parts[name], cls.kind) for name, read in cls.FORM.items()})


def _plain(value: Any) -> Any:
    if hasattr(value, "to_wire"):
        return value.to_wire()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Enum):
        return value.name.lower() if isinstance(value, IntEnum) else value.value
    return value
