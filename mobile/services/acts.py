"""Acts for the resident: the same wish is one request, however often it is sent."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

from mobile.core.trouble import Trouble, is_undecided
from mobile.services.answers import read_result
from mobile.services.backend import Data
from shared.identifiers import random_identifier

Result = TypeVar("Result")
Ask = Callable[[str, Data], Awaitable[Data | Trouble]]


class Act(Generic[Result]):
    """One mutation; a wish keeps its idempotency key until the server has decided on it."""

    def __init__(self, operation: str, read: Callable[[Data], Result]) -> None:
        self._operation = operation
        self._field = operation[0].lower() + operation[1:]
        self._read = read
        self._keys: dict[tuple[tuple[str, Any], ...], str] = {}

    async def perform(self, ask: Ask, wish: Mapping[str, Any]) -> Result | Trouble:
        """Have `wish` done by `ask` and return what came of it."""
        known = tuple(sorted(wish.items()))
        key = self._keys.setdefault(known, random_identifier("act"))
        answer = await ask(self._operation, {"input": {**wish, "idempotencyKey": key}})
        result = read_result(answer, self._field, self._read)
        if not (isinstance(result, Trouble) and is_undecided(result)):
            self._keys.pop(known, None)
        return result
