"""Acts for the resident: the same wish is one request, however often it is sent."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

from mobile.core.trouble import Trouble, act_unkept, is_undecided
from mobile.services.answers import read_result
from mobile.services.backend import Data
from mobile.services.pending import PendingActs
from shared.identifiers import random_identifier

Result = TypeVar("Result")
Ask = Callable[[str, Data], Awaitable[Data | Trouble]]


class Act(Generic[Result]):
    """One mutation; a wish keeps its idempotency key until the server has decided on it."""

    def __init__(self, operation: str, read: Callable[[Data], Result]) -> None:
        self._operation = operation
        self._read = read
        self._keys: dict[tuple[tuple[str, Any], ...], str] = {}

    async def perform(self, ask: Ask, wish: Mapping[str, Any]) -> Result | Trouble:
        """Have `wish` done by `ask` and return what came of it."""
        known = tuple(sorted(wish.items()))
        key = self._keys.setdefault(known, random_identifier("act"))
        result = read_result(
            await ask(self._operation, _input(wish, key)), _field(self._operation), self._read
        )
        if not (isinstance(result, Trouble) and is_undecided(result)):
            self._keys.pop(known, None)
        return result


class KeptAct(Generic[Result]):
    """One mutation whose keys outlive the app, for what must not be done twice a day later.

    What came of it is told to `learn` before its key is let go: an app that is killed in between
    asks once more, and never has neither the question nor the answer.
    """

    def __init__(
        self,
        operation: str,
        read: Callable[[Data], Result],
        pending: PendingActs,
        learn: Callable[[Result], None] | None = None,
    ) -> None:
        self._operation = operation
        self._read = read
        self._pending = pending
        self._learn = learn

    async def perform(self, ask: Ask, wish: Mapping[str, Any]) -> Result | Trouble:
        """Have `wish`, of JSON values, done by `ask` and return what came of it."""
        act = self._pending.begin(self._operation, wish)
        decided = False
        try:
            result = read_result(
                await ask(self._operation, _input(wish, act.key)),
                _field(self._operation),
                self._read,
            )
            if self._learn is not None and not isinstance(result, Trouble):
                self._learn(result)
            decided = not (isinstance(result, Trouble) and is_undecided(result))
        finally:
            if decided:
                self._pending.settled(act)
            else:
                self._pending.lost(act)
        if not decided and self._pending.unwritable:
            return act_unkept(self._pending.unwritable)
        return result


def _input(wish: Mapping[str, Any], key: str) -> Data:
    return {"input": {**wish, "idempotencyKey": key}}


def _field(operation: str) -> str:
    return operation[0].lower() + operation[1:]
