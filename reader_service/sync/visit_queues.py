"""A hospital's queues as its reader hears of them from the backend: numbers, and nobody's name."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from reader_service.sync.backend import NONSENSE, Backend, SyncProblem
from shared.localized_text import LocalizedText

_CODE = re.compile(r"[0-9A-Za-z_.-]{1,64}")
_STATE = re.compile(r"[A-Z_]{1,16}")
_MOST_DESK, _MOST_TITLE = 12, 80
_MOST_NUMBER = 1_000_000

T = TypeVar("T")


class InvalidQueue(ValueError):
    """An answer about a queue is not understood."""


@dataclass(frozen=True, slots=True)
class Department:
    """A department that calls numbers."""

    plan: str
    title: LocalizedText

    @classmethod
    def of_wire(cls, values: Any) -> "Department":
        """Read one.

        Raises:
            InvalidQueue: it is not understood.
        """
        try:
            zh, en = (str(values["title"][name])[:_MOST_TITLE] for name in ("zh", "en"))
            return cls(_matched(_CODE, values["plan"]), LocalizedText(zh, en))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidQueue from error


@dataclass(frozen=True, slots=True)
class QueueNumber:
    """A number and what became of it; `desk` is where it was called to."""

    number: int
    state: str
    slot_starts_at: datetime
    late: bool
    desk: str

    @classmethod
    def of_wire(cls, values: Any) -> "QueueNumber":
        """Read one.

        Raises:
            InvalidQueue: it is not understood.
        """
        try:
            number, late = values["number"], values["late"]
            if type(number) is not int or not 1 <= number <= _MOST_NUMBER or type(late) is not bool:
                raise InvalidQueue
            return cls(
                number,
                _matched(_STATE, values["state"]),
                datetime.fromisoformat(values["slot_starts_at"]),
                late,
                str(values["desk"] or "")[:_MOST_DESK],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidQueue from error


class VisitQueueDesk(Protocol):
    """What staff do with queues through this reader; each raises `SyncProblem`."""

    async def departments(self) -> list[Department]:
        """Return the departments that call numbers; none at a venue without."""
        ...

    async def numbers(self, plan: str) -> list[QueueNumber]:
        """Return today's queue of a department, by state, in the order in which it is called."""
        ...

    async def call(
        self, key: str, plan: str, desk: str, number: int | None, staff: str
    ) -> QueueNumber:
        """Call the next who waits, or a number by itself; once for a key."""
        ...

    async def settle(
        self, key: str, plan: str, number: int, settlement: str, staff: str
    ) -> QueueNumber:
        """Say that a number was seen, missed its call, or is back; once for a key."""
        ...


class BackendQueues:
    """Asks the backend, in this terminal's name."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def departments(self) -> list[Department]:
        """Return the departments that call numbers; none at a venue without."""
        answer = await self._backend.get_json("/readers/v1/visit-queues")
        return _read(lambda: [Department.of_wire(one) for one in answer["departments"]])

    async def numbers(self, plan: str) -> list[QueueNumber]:
        """Return today's queue of a department, by state, in the order in which it is called."""
        answer = await self._backend.get_json(f"/readers/v1/visit-queues/{quote(plan, safe='')}")
        return _read(lambda: [QueueNumber.of_wire(one) for one in answer["numbers"]])

    async def call(
        self, key: str, plan: str, desk: str, number: int | None, staff: str
    ) -> QueueNumber:
        """Call the next who waits, or a number by itself; once for a key."""
        asked = {"key": key, "plan": plan, "desk": desk, "number": number, "staff": staff}
        answer = await self._backend.post_json("/readers/v1/queue-calls", asked)
        return _read(lambda: QueueNumber.of_wire(answer))

    async def settle(
        self, key: str, plan: str, number: int, settlement: str, staff: str
    ) -> QueueNumber:
        """Say that a number was seen, missed its call, or is back; once for a key."""
        asked = {"key": key, "plan": plan, "number": number, "settlement": settlement}
        path = "/readers/v1/queue-settlements"
        answer = await self._backend.post_json(path, {**asked, "staff": staff})
        return _read(lambda: QueueNumber.of_wire(answer))


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except (KeyError, TypeError, InvalidQueue) as error:
        raise SyncProblem("nonsense", NONSENSE) from error


def _matched(pattern: re.Pattern[str], value: Any) -> str:
    if not (isinstance(value, str) and pattern.fullmatch(value)):
        raise InvalidQueue
    return value
