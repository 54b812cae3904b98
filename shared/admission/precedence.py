"""Which of several failures tells the person most: written down, and the same on every machine.

Of conditions that must all hold, the one is told that is hardest to mend: what will never work for
this card, then what must be got first, then what only takes time (the longest), then what passes on
the spot. Somebody who is told "opens at nine" must not be refused at nine for a card that is not
taken. Of alternatives, the one is told that is easiest to mend, by the same order: who holds a
booking for later is told the time and not that a pass would do too.
"""

import json
from collections.abc import Iterable
from enum import IntEnum

from shared.admission.condition import Failure
from shared.ecode.reasons import Reason


class Mending(IntEnum):
    """How a failure can be mended, the hardest first."""

    NEVER = 0
    GET_FIRST = 1
    WAIT = 2
    ON_THE_SPOT = 3


PRECEDENCE: tuple[tuple[Mending, tuple[Reason, ...]], ...] = (
    (
        Mending.NEVER,
        (
            Reason.REGION_NOT_ACCEPTED,
            Reason.NO_LONGER_LOCAL,
            Reason.NOT_LOCAL,
            Reason.LOCAL_PENDING,
            Reason.AGE_TOO_OLD,
            Reason.AGE_TOO_YOUNG,
            Reason.CATEGORY_NOT_HELD,
            Reason.CONCESSION_NOT_HELD,
            Reason.SCENE_ENDED,
            Reason.FUNCTION_CLOSED,
            Reason.CLOSED_FOR_LONG,
        ),
    ),
    (
        Mending.GET_FIRST,
        (
            Reason.REPRESENTATIVE_NOT_ALLOWED,
            Reason.PAPER_NOT_ALLOWED,
            Reason.CARD_NOT_AUTHENTICATED,
            Reason.AGE_UNPROVEN,
            Reason.FUNCTION_DISABLED,
            Reason.CATEGORY_EXPIRED,
            Reason.PASS_NEEDED,
            Reason.BOOKING_NEEDED,
            Reason.PASS_OTHER_VENUE,
            Reason.PASS_PERSONAL,
            Reason.PASS_EXPIRED,
            Reason.BOOKING_TOO_LATE,
            Reason.PASS_USED_UP,
            Reason.ALREADY_USED,
        ),
    ),
    (
        Mending.WAIT,
        (
            Reason.NOT_LOCAL_YET,
            Reason.SCENE_NOT_BEGUN,
            Reason.NOT_OPEN,
            Reason.LAST_ENTRY_PASSED,
            Reason.PASS_NOT_YET,
            Reason.PASS_BLACKOUT,
            Reason.BOOKING_TOO_EARLY,
            Reason.ENTRIES_USED_UP,
            Reason.TOO_SOON,
        ),
    ),
    (Mending.ON_THE_SPOT, (Reason.ALREADY_INSIDE, Reason.AREA_FULL)),
)
_RANK = {
    reason: (mending, place)
    for mending, reasons in PRECEDENCE
    for place, reason in enumerate(reasons)
}


def mending(reason: Reason) -> Mending:
    """Return how a condition's reason can be mended."""
    return _RANK[reason][0]


def hardest_first(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    """Return failures that stand side by side, the one to tell first."""
    found = tuple(failures)
    if len(found) <= 1:
        return found
    if len({_hardness(failure) for failure in found}) == len(found):
        return tuple(sorted(found, key=_hardness))
    return tuple(sorted(found, key=lambda failure: (_hardness(failure), _canonical(failure))))


def nearest(alternatives: Iterable[Failure]) -> Failure:
    """Return which of some alternatives' failures to tell.

    Raises:
        ValueError: there are none.
    """
    return max(hardest_first(alternatives), key=_hardness)


def _hardness(failure: Failure) -> tuple[Mending, float, int]:
    stage, place = _RANK[failure.reason]
    # Of two waits the longer is the harder; nothing that is mended otherwise has a time.
    return stage, 0.0 if failure.works_at is None else -failure.works_at.timestamp(), place


def _canonical(failure: Failure) -> str:
    """Return a text that orders like failures alike wherever they stood among the rules."""
    wire = failure.condition.to_wire()
    return json.dumps([wire, sorted(failure.detail.items())], sort_keys=True)
