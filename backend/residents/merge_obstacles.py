"""What keeps two records from becoming one: what stands under one and cannot follow (S115).

A merge rewrites nothing. What is found by the kept record or by a card follows the pointer; what
stands under the merged record's own id, and still has effects, has to be settled first.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from typing_extensions import override

from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.residents.merging import MergeObstacle
from shared.clock import Clock

Wanted = Callable[[str, datetime], Mapping[str, Any]]
"""From a resident's id and the present moment to what finds the rows that still have effects."""


class LeftBehind(MergeObstacle):
    """Lets no merge leave rows of one collection behind."""

    def __init__(
        self, rows: Callable[[], Any], wanted: Wanted, refusal: Refusal, clock: Clock
    ) -> None:
        """`rows` returns the collection; `refusal` names what has to be settled."""
        self._rows = rows
        self._wanted = wanted
        self._refusal = refusal
        self._clock = clock

    @override
    async def against(self, kept: str, merged: str, session: Session) -> Refusal | None:
        found = await self._rows().find_one(
            self._wanted(merged, self._clock.now()), {"_id": 1}, session=session
        )
        return None if found is None else self._refusal
