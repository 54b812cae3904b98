"""Looking up at a gate who is expected today 现场查找, by a name or the end of a number.

Names never lie on a reader: staff there ask here, with a reason. Only who has booked this venue for
now or later today is looked among; what is found is masked, and everyone found reads of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.bookings.expected import ExpectedBookings
from backend.foundation.audit import (
    Actor,
    ActorKind,
    Deed,
    Organisation,
    System,
    reason_of,
    record_reads,
)
from backend.foundation.refusals import Refusal
from backend.readers.rules import (
    LOOK_UP_FORM,
    LOOK_UP_TOO_MANY,
    STAFF_FORM,
    VENUE_UNKNOWN,
    is_staff_number,
)
from backend.readers.service import TerminalFacts
from backend.residents.finding import ReadLimits
from backend.residents.service import Person, Residents
from backend.venues.service import Venues
from shared.admission.circumstances import HeldBooking
from shared.clock import Clock
from shared.identity.masking import mask_name
from shared.localized_text import LocalizedText

MOST_EXPECTED = 3_000
"""So many bookings of a day are looked among; a larger venue's staff search at its counter."""
_MOST_FOUND = 20
_TAIL = re.compile(r"[0-9]{3}[0-9X]")
_NAME = re.compile(r"[^\W\d_][^\d_]{0,29}")
_FOUND = LocalizedText(
    "在入口查找了您的预约（姓名、号码已隐去部分）", "looked up your booking at the gate; masked"
)
_NOBODY = LocalizedText("在入口查找预约，没有找到", "looked for a booking at the gate in vain")


@dataclass(frozen=True, slots=True)
class ExpectedVisitor:
    """Somebody who booked, masked, and what they booked."""

    person: Person
    booking: HeldBooking


class LookUps:
    """Finds who is expected."""

    def __init__(
        self,
        expected: ExpectedBookings,
        venues: Venues,
        residents: Residents,
        limits: ReadLimits,
        clock: Clock,
    ) -> None:
        self._expected = expected
        self._venues = venues
        self._residents = residents
        self._limits = limits
        self._clock = clock

    async def find(
        self, terminal: TerminalFacts, staff: str, name: str, tail: str, reason: str
    ) -> Sequence[ExpectedVisitor] | Refusal:
        """Return who is expected today by their name or their number's last four."""
        said = reason_of(reason)
        if isinstance(said, Refusal):
            return said
        if not is_staff_number(staff):
            return STAFF_FORM
        wanted_tail, wanted_name = tail.strip().upper(), name.strip()
        by_tail = bool(_TAIL.fullmatch(wanted_tail)) and not wanted_name
        if not by_tail and (wanted_tail or not _NAME.fullmatch(wanted_name)):
            return LOOK_UP_FORM
        venue = await self._venues.facts(terminal.venue_number)
        if venue is None:
            return VENUE_UNKNOWN
        too_often = await self._limits.of_reads(f"{terminal.terminal_id}/{staff}")
        if too_often is not None:
            return too_often
        booked = await self._expected.of_today(
            terminal.venue_number, self._clock.now(), MOST_EXPECTED + 1
        )
        if len(booked) > MOST_EXPECTED:
            return LOOK_UP_TOO_MANY
        persons = await self._residents.persons(list({one for one, _ in booked}))
        masked = mask_name(wanted_name)
        found = [
            (resident, ExpectedVisitor(persons[resident], booking))
            for resident, booking in booked
            if resident in persons
            and (
                persons[resident].masked_number.endswith(wanted_tail)
                if by_tail
                else persons[resident].masked_name == masked
            )
        ][:_MOST_FOUND]
        here = Organisation(f"venue-{venue.number}", venue.name)
        subjects: list[str | None] = [*dict.fromkeys(resident for resident, _ in found)] or [None]
        await record_reads([self._deed(terminal, staff, one, here, said) for one in subjects])
        return [visitor for _, visitor in found]

    def _deed(
        self,
        terminal: TerminalFacts,
        staff: str,
        subject: str | None,
        here: Organisation,
        reason: str,
    ) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=Actor(ActorKind.TERMINAL, f"{terminal.terminal_id}/{staff}"),
            action="readers.looked_up",
            words=_FOUND if subject else _NOBODY,
            system=System.READER,
            subject=subject,
            organisation=here,
            reason=reason,
            origin=terminal.terminal_id,
        )
