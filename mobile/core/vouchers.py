"""Training vouchers 职业培训券 as their holder reads them, and as the phone keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from mobile.core.passes import Place
from shared.admission.circumstances import DayRange
from shared.identity.age import local_day
from shared.localized_text import LocalizedText


class VoucherState(StrEnum):
    """A voucher's life; a state this app does not know is `OTHER`."""

    AVAILABLE = "AVAILABLE"
    RESERVED = "RESERVED"
    CONFIRMED = "CONFIRMED"
    SETTLED = "SETTLED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    OTHER = "OTHER"

    @classmethod
    def of_wire(cls, value: str) -> "VoucherState":
        """Return the state of that name."""
        return cls(value) if value in cls.__members__ else cls.OTHER


OPEN = frozenset({VoucherState.AVAILABLE, VoucherState.RESERVED, VoucherState.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Course:
    """A seat in a course: `number` is the provider's own, `provider` its venue's."""

    course_type: str
    number: str
    provider: int
    starts_on: date

    def to_wire(self) -> dict[str, Any]:
        """Return it as the operation takes it."""
        return {
            "courseType": self.course_type,
            "course": self.number,
            "provider": self.provider,
            "startsOn": self.starts_on.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Settlement:
    """Hours attended of hours planned, and what was paid for them."""

    attended: int
    planned: int
    fen: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher; `held_until` is when a reservation that nobody confirms lapses."""

    identifier: str
    name: LocalizedText
    state: VoucherState
    value_fen: int
    course_types: tuple[str, ...]
    days: DayRange
    least_percent: int
    course: Course | None
    place: Place | None
    held_until: datetime | None
    settlement: Settlement | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a voucher; raises KeyError, TypeError or ValueError for what is none."""
        last, course, held = wire["lastDay"], wire["course"], wire["heldUntil"]
        return cls(
            identifier=wire["id"],
            name=read_text(wire["name"]),
            state=VoucherState.of_wire(wire["state"]),
            value_fen=wire["valueFen"],
            course_types=tuple(wire["courseTypes"]),
            days=DayRange(
                date.fromisoformat(wire["firstDay"]), date.fromisoformat(last) if last else None
            ),
            least_percent=wire["leastPercent"],
            course=_course(course) if course else None,
            place=Place.of_wire(course["place"]) if course and course["place"] else None,
            held_until=read_instant(held) if held else None,
            settlement=_settlement(wire["settlement"]) if wire["settlement"] else None,
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the voucher as `of_wire` reads it."""
        place = self.place.to_wire() if self.place else None
        settled = self.settlement
        return {
            "id": self.identifier,
            "name": write_text(self.name),
            "state": self.state.value,
            "valueFen": self.value_fen,
            "courseTypes": list(self.course_types),
            "firstDay": self.days.first.isoformat(),
            "lastDay": self.days.last.isoformat() if self.days.last else None,
            "leastPercent": self.least_percent,
            "course": {**self.course.to_wire(), "place": place} if self.course else None,
            "heldUntil": self.held_until.isoformat() if self.held_until else None,
            "settlement": {
                "attended": settled.attended,
                "planned": settled.planned,
                "fen": settled.fen,
                "at": settled.at.isoformat(),
            }
            if settled
            else None,
        }

    def state_at(self, now: datetime) -> VoucherState:
        """Return the state, minding what time has made of it since it was read."""
        state = self.state
        lapsed = self.held_until is not None and now >= self.held_until
        if state is VoucherState.RESERVED and lapsed:
            state = VoucherState.AVAILABLE
        over = state is VoucherState.AVAILABLE and not self.days.covers(local_day(now))
        return VoucherState.EXPIRED if over else state

    def is_open(self, now: datetime) -> bool:
        """Tell whether its holder has still something of it."""
        return self.state_at(now) in OPEN


@dataclass(frozen=True, slots=True)
class VouchersSeen:
    """The vouchers as the server told them at `seen_at`."""

    vouchers: tuple[Voucher, ...]
    seen_at: datetime

    def with_voucher(self, voucher: Voucher) -> "VouchersSeen":
        """Return these with `voucher` as it is now."""
        others = (one for one in self.vouchers if one.identifier != voucher.identifier)
        return VouchersSeen((voucher, *others), self.seen_at)

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        return cls(tuple(map(Voucher.of_wire, wire["vouchers"])), read_instant(wire["seenAt"]))

    def to_wire(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        return {
            "vouchers": [one.to_wire() for one in self.vouchers],
            "seenAt": self.seen_at.isoformat(),
        }


def _course(wire: Mapping[str, Any]) -> Course:
    return Course(
        str(wire["courseType"]),
        str(wire["course"]),
        int(wire["provider"]),
        date.fromisoformat(wire["startsOn"]),
    )


def _settlement(wire: Mapping[str, Any]) -> Settlement:
    return Settlement(
        int(wire["attended"]), int(wire["planned"]), int(wire["fen"]), read_instant(wire["at"])
    )
