"""The part of the card office that registers for examinations, for one candidate.

Written from the contract alone; the key of a request is checked before any rule.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shared.clock import Clock
from tests.mobile.booking_desk import Wire, both, refused

FULL = refused("exam_full", "该场次名额已满。", "请选择其他场次。")


@dataclass
class ExamDesk:
    """Tells what can be registered for, registers and withdraws."""

    clock: Clock
    openings: list[Wire] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    answers: dict[str, Wire] = field(default_factory=dict)

    def offer(self, name: str, left: int = 8, fen: int = 0, **changes: Any) -> Wire:
        """Open a session in ten days, for which one registers within three."""
        now = self.clock.now()
        opening = {
            "session": f"exam-{len(self.openings)}",
            "name": both(name),
            "startsAt": (now + timedelta(days=10)).isoformat(),
            "endsAt": (now + timedelta(days=10, hours=2)).isoformat(),
            "opensAt": (now - timedelta(hours=1)).isoformat(),
            "closesAt": (now + timedelta(days=3)).isoformat(),
            "places": 30,
            "left": left,
            "youngest": 18,
            "oldest": None,
            "categories": [],
            "lines": [{"rule": "fee", "words": both("考务费"), "fen": fen}],
            "registration": None,
            "refused": None,
            "venue": {"number": 71, "name": both("赣州三中"), "address": None},
            **changes,
        }
        self.openings.append(opening)
        return opening

    def resolvers(self) -> dict[str, Callable[..., Any]]:
        """Return what answers the fields about registering."""
        return {
            "examOpenings": lambda _info: {
                "__typename": "ExamOpeningList",
                "openings": self.openings,
                "serverTime": self.clock.now().isoformat(),
            },
            "registerForExam": self._once(self._register),
            "withdrawExamRegistration": self._once(self._withdraw),
        }

    def _once(self, act: Callable[[Wire], Wire]) -> Callable[..., Wire]:
        def resolve(_info: object, **given: Any) -> Wire:
            key = given["input"]["idempotencyKey"]
            self.keys.append(key)
            if key not in self.answers:
                self.answers[key] = act(self._of(given["input"]["session"]))
            return self.answers[key]

        return resolve

    def _of(self, session: str) -> Wire:
        return next(one for one in self.openings if one["session"] == session)

    def _register(self, opening: Wire) -> Wire:
        if not opening["left"]:
            return FULL
        at = self.clock.now().isoformat()
        own = {"state": "REGISTERED", "registeredAt": at, "lines": opening["lines"]}
        opening.update(left=opening["left"] - 1, registration=own)
        return self._changed(opening)

    def _withdraw(self, opening: Wire) -> Wire:
        own = {**opening["registration"], "state": "WITHDRAWN"}
        opening.update(left=opening["left"] + 1, registration=own)
        return self._changed(opening)

    def _changed(self, opening: Wire) -> Wire:
        at = self.clock.now().isoformat()
        return {"__typename": "ExamRegistrationChanged", "opening": opening, "serverTime": at}
