"""Reading what an operation's union answered: the result, or why there is none."""

from collections.abc import Callable
from typing import TypeVar

from mobile.core.trouble import NONSENSE, NOT_UNDERSTOOD, Trouble
from mobile.services.backend import Data

Result = TypeVar("Result")


def read_result(
    answer: Data | Trouble, field: str, read: Callable[[Data], Result]
) -> Result | Trouble:
    """Return what `read` makes of the answer's `field`; a refusal there is a trouble."""
    if isinstance(answer, Trouble):
        return answer
    try:
        result = answer[field]
        if result.get("__typename") == "Refusal":
            return Trouble.of_wire(result)
        return read(result)
    except NONSENSE:
        return NOT_UNDERSTOOD
