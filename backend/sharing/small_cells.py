"""Statistics that tell of nobody: cells of fewer than ten people are never shown (L27): pure.

Where the sum of all cells is shown, a single hidden one could be told by subtraction; so the
smallest of the others is hidden with it (complementary suppression). How many different people
stand behind several hidden cells is not known, but it is as many as behind the largest of them:
what the sum gives away is a number about ten people at least, in two cells at least.
"""

from collections.abc import Mapping
from dataclasses import dataclass

LEAST = 10
"""k: of fewer different people nothing is said."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, and how many different people are known to stand behind it."""

    value: int
    people: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be told: some cells, the rest of them together, and the sum of all.

    `others` and `total` are None where they would tell of too few; cells that are not shown are
    not named, so that an empty one and a small one look alike.
    """

    cells: Mapping[str, int]
    others: int | None
    total: int | None


def shown(cells: Mapping[str, Cell], least: int = LEAST) -> Shown:
    """Return what may be told of cells whose sum is told too."""
    small = [name for name, cell in cells.items() if cell.people < least]
    large = sorted(set(cells) - set(small), key=lambda name: (cells[name].people, name))
    hidden = [*small, *(large[:1] if small else [])]
    told = {name: cells[name].value for name in large[1 if small else 0 :]}
    if small and not large:
        return Shown({}, None, None)
    total = sum(cell.value for cell in cells.values())
    others = total - sum(told.values()) if hidden else 0
    return Shown(told, others, total) if cells else Shown({}, None, None)
