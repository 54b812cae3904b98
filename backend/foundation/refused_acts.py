"""Refused acts in the audit log: the first of each kind in a while, so that no attack fills it.

Of one actor, act, person and reason one row is written in `WHILE`; what follows it within that time
is coalesced with it. An actor who is refused about very many people gets no more rows that name
them after `MOST`, only one more of each act and reason. A row's id follows from what is coalesced,
so several servers write one row too; each remembers what it wrote and does not ask the store again.
"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from backend.foundation.audit import Deed, record_once

WHILE = timedelta(minutes=10)
MOST = 100


class RefusedActs:
    """Records refused acts; keeps the present while in memory."""

    def __init__(self) -> None:
        self._while = 0
        self._written: set[str] = set()
        self._of_actor: Counter[str] = Counter()

    async def record(self, deed: Deed) -> None:
        """Write the row of a refused act, unless one like it stands; call it before the answer.

        Raises:
            PersonalDataInRow: its words hold a citizen number or a phone number.
        """
        self._begin(int(deed.at.timestamp() // WHILE.total_seconds()))
        actor = f"{deed.actor.kind}:{deed.actor.id}"
        if self._of_actor[actor] >= MOST:
            deed = replace(deed, subject=None)
        like = f"{self._while}\0{actor}\0{deed.action}\0{deed.subject}\0{deed.result}"
        if like in self._written:
            return
        await record_once(deed, like)
        self._written.add(like)
        self._of_actor[actor] += 1

    def _begin(self, number: int) -> None:
        if number != self._while:
            self._while = number
            self._written.clear()
            self._of_actor.clear()
