"""What the readers of a venue know of an entry or exit: enough for rules on earlier ones."""

from dataclasses import dataclass
from enum import IntEnum


class Way(IntEnum):
    """What became of somebody at a gate."""

    IN = 1
    OUT = 2
    TAKEN_BACK = 3  # the passage of that scan did not happen: the turnstile did not turn


@dataclass(frozen=True, slots=True)
class Passed:
    """A holder went through a gate, or did not after all.

    `scan_id` is 32 hex digits, `holder` as `lane.entries.holder_of` names one, `at` unix
    milliseconds as its reader's journal says, `age` milliseconds since, whatever clocks say.
    """

    scan_id: str
    holder: str
    way: Way
    at: int
    age: int
