"""What the city asks of the outside world about a person: the population register, a face check.

Both stand outside this house. The sandboxes that ship with it are in `sandbox`; production has
neither until a city connects its own.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from typing_extensions import override


class RegisterDown(Exception):
    """The population register does not answer."""


class FaceCheckDown(Exception):
    """The face check does not answer."""


class RegisterAnswer(StrEnum):
    """What the register says of a number and a name together."""

    CONFIRMED = "confirmed"
    NAME_DIFFERS = "name_differs"
    UNKNOWN = "unknown"
    DECEASED = "deceased"


class ChangeKind(StrEnum):
    """What the register reports of people afterwards."""

    DEATH = "death"
    DEATH_WITHDRAWN = "death_withdrawn"
    NAME = "name"
    MOVED_AWAY = "moved_away"
    RETURNED = "returned"
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """One reported change; `name` or `household` 户号 is the new one, where that changed.

    Kept out of `repr`.
    """

    change_id: str
    kind: ChangeKind
    number: str = field(repr=False)
    name: str | None = field(repr=False, default=None)
    household: str | None = field(repr=False, default=None)


class PopulationRegister(Protocol):
    """The population register 人口库 of the public security authorities."""

    async def verify(self, number: str, name: str) -> RegisterAnswer:
        """Compare a number and a name with the register.

        Raises:
            RegisterDown: it does not answer.
        """
        ...

    async def household(self, number: str) -> str | None:
        """Return the number of the household 户号 a person is of, None where none is known.

        Raises:
            RegisterDown: it does not answer.
        """
        ...

    async def changes(self, after: str, limit: int) -> list[RegisterChange]:
        """Return what changed after the change `after` ("" for all), oldest first.

        Raises:
            RegisterDown: it does not answer.
        """
        ...


class FaceComparison(Protocol):
    """Compares a face with the picture the authorities have; pictures are kept nowhere (L28)."""

    async def compare(self, number: str, name: str, picture: bytes) -> bool:
        """Tell whether `picture` shows the living person of that number and name.

        Raises:
            FaceCheckDown: it does not answer.
        """
        ...


class NoRegister(PopulationRegister, FaceComparison):
    """Stands where a city has connected neither: both are down."""

    @override
    async def verify(self, number: str, name: str) -> RegisterAnswer:
        raise RegisterDown

    @override
    async def household(self, number: str) -> str | None:
        raise RegisterDown

    @override
    async def changes(self, after: str, limit: int) -> list[RegisterChange]:
        raise RegisterDown

    @override
    async def compare(self, number: str, name: str, picture: bytes) -> bool:
        raise FaceCheckDown
