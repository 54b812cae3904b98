"""The part of the card office that knows venues and takes bookings, for one resident.

Like the rest of the office it is written from the contract alone; its attributes are a test's to
change. The key of a request is checked before any rule.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.clock import Clock

Wire = dict[str, Any]
HOLD = timedelta(minutes=10)


def both(zh: str) -> Wire:
    """Return a text."""
    return {"zh": zh, "en": f"{zh} in English"}


def refused(code: str, zh: str, step: str) -> Wire:
    """Return a refusal."""
    return {"__typename": "Refusal", "code": code, "text": both(zh), "nextStep": both(step)}


def venue(number: int, name: str, **changes: Any) -> Wire:
    """Return a venue without barriers that is open."""
    return {
        "__typename": "Venue",
        "number": number,
        "name": both(name),
        "kind": "MUSEUM",
        "region": 360700,
        "address": both(f"{name}路 1 号"),
        "position": {"latitude": 25.83, "longitude": 114.93},
        "capacity": 500,
        "areas": [],
        "accessibility": ["WHEELCHAIR", "TOILET"],
        "needsBooking": True,
        "acceptsAllRegions": True,
        "acceptedRegions": [],
        "distance": None,
        "openNow": True,
        "nextOpening": None,
        "openings": [],
        **changes,
    }


@dataclass
class BookingDesk:
    """Finds venues, shows slots, holds places, confirms and cancels."""

    clock: Clock
    venues: list[Wire] = field(default_factory=list)
    slots: list[Wire] = field(default_factory=list)
    bookings: list[Wire] = field(default_factory=list)
    searched: list[Wire] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    answers: dict[str, Wire] = field(default_factory=dict)
    refuse: Wire | None = None
    numbers: int = 3

    def add_slot(self, name: str, start: datetime, free: int = 12, **changes: Any) -> Wire:
        """Open a slot of an hour at the first venue."""
        slot = {
            "id": name,
            "venue": self.venues[0]["number"],
            "area": "hall",
            "kind": "VISIT",
            "title": both("常设展参观"),
            "startsAt": start.isoformat(),
            "endsAt": (start + timedelta(hours=1)).isoformat(),
            "bookingEndsAt": start.isoformat(),
            "freeCancelUntil": (start - timedelta(hours=2)).isoformat(),
            "open": True,
            "capacity": 100,
            "free": free,
            "waiting": 0,
            "limit": 5,
            **changes,
        }
        self.slots.append(slot)
        return slot

    def add_booking(self, slot: Wire, state: str = "CONFIRMED", quantity: int = 1) -> Wire:
        """Enter a booking of a slot."""
        expires = self.clock.now() + HOLD if state in {"HELD", "OFFERED"} else None
        booking = {
            "__typename": "Booking",
            "id": f"booking_{len(self.bookings)}",
            "slot": slot["id"],
            "kind": slot["kind"],
            "title": slot["title"],
            "venue": self.venues[0],
            "startsAt": slot["startsAt"],
            "endsAt": slot["endsAt"],
            "entryFrom": slot.get("entryFrom", slot["startsAt"]),
            "entryUntil": slot.get("entryUntil", slot["endsAt"]),
            "freeCancelUntil": slot["freeCancelUntil"],
            "quantity": quantity,
            "state": state,
            "expiresAt": expires.isoformat() if expires else None,
            "entered": 0,
            "forfeited": False,
            "remark": None,
            "checkInFrom": slot.get("checkInFrom"),
            "queue": None,
        }
        self.bookings.append(booking)
        return booking

    def resolvers(self) -> dict[str, Callable[..., Any]]:
        """Return what answers the fields about venues and bookings."""
        acts = {
            "bookPlace": self._book,
            "joinWaitingList": self._wait,
            "confirmBooking": self._confirm,
            "cancelBooking": self._cancel,
            "rescheduleBooking": self._move,
            "checkInForVisit": self._check_in,
        }
        return {
            "venues": lambda _info, **given: self._search(given),
            "venue": lambda _info, number: self._venue(number),
            "slots": lambda _info, **given: self._open_slots(given),
            "bookings": lambda _info, first, **_given: {
                "__typename": "BookingConnection",
                "nodes": sorted(self.bookings, key=lambda one: one["startsAt"], reverse=True)[
                    :first
                ],
                "pageInfo": {"hasNextPage": len(self.bookings) > first, "endCursor": None},
            },
            "booking": lambda _info, id: self._booking({"booking": id}),  # noqa: A006
            "comingBookings": lambda _info, first: {
                "__typename": "ComingBookings",
                "nodes": sorted(self.bookings, key=lambda one: one["startsAt"])[:first],
            },
            **{name: self._once(act) for name, act in acts.items()},
        }

    def _once(self, act: Callable[[Wire], Wire]) -> Callable[..., Wire]:
        """Return what does an act once a key and answers the same again."""

        def resolve(_info: object, **given: Any) -> Wire:
            key = given["input"]["idempotencyKey"]
            self.keys.append(key)
            if key not in self.answers:
                self.answers[key] = self.refuse or act(given["input"])
            return self.answers[key]

        return resolve

    def _search(self, given: Wire) -> Wire:
        self.searched.append(given)
        wanted = given.get("accessibility") or ()
        nodes = [
            one
            for one in self.venues
            if (given.get("text") or "") in one["name"]["zh"]
            and (one["openNow"] or not given.get("openNow"))
            and set(wanted) <= set(one["accessibility"])
        ]
        if given.get("near"):
            nodes = [{**one, "distance": 450.0 + index} for index, one in enumerate(nodes)]
        page = {"hasNextPage": False, "endCursor": None}
        return {"__typename": "VenueConnection", "nodes": nodes, "pageInfo": page}

    def _venue(self, number: int) -> Wire:
        return next(one for one in self.venues if one["number"] == number)

    def _open_slots(self, given: Wire) -> Wire:
        slots = [slot for slot in self.slots if slot["venue"] == given["venue"]]
        return {"__typename": "SlotList", "slots": sorted(slots, key=lambda one: one["startsAt"])}

    def _slot(self, given: Wire) -> Wire:
        return next(slot for slot in self.slots if slot["id"] == given["slot"])

    def _book(self, given: Wire) -> Wire:
        slot = self._slot(given)
        if slot["free"] < given["quantity"]:
            return self._full(given["quantity"])
        slot["free"] -= given["quantity"]
        return self._changed(self.add_booking(slot, "HELD", given["quantity"]))

    def _full(self, quantity: int) -> Wire:
        free = next((one for one in self.slots if one["free"] >= quantity), None)
        return {
            **refused("slot_full", "该时段剩余名额不足。", "也可加入候补。"),
            "__typename": "SlotFull",
            "nextFree": free,
        }

    def _move(self, given: Wire) -> Wire:
        booking, slot = self._booking(given), self._slot(given)
        if slot["free"] < booking["quantity"]:
            return self._full(booking["quantity"])
        self._slot(booking)["free"] += booking["quantity"]
        slot["free"] -= booking["quantity"]
        times = {name: slot[name] for name in ("startsAt", "endsAt", "freeCancelUntil")}
        entry = {"entryFrom": slot["startsAt"], "entryUntil": slot["endsAt"]}
        booking.update(times, **entry, slot=slot["id"])
        return self._changed(booking)

    def _wait(self, given: Wire) -> Wire:
        return self._changed(self.add_booking(self._slot(given), "WAITING", given["quantity"]))

    def _confirm(self, given: Wire) -> Wire:
        booking = self._booking(given)
        booking.update(state="CONFIRMED", expiresAt=None)
        return self._changed(booking)

    def _cancel(self, given: Wire) -> Wire:
        booking = self._booking(given)
        if booking["state"] != "WAITING":
            self._slot(booking)["free"] += booking["quantity"]
        booking["state"] = "CANCELLED"
        return self._changed(booking)

    def _check_in(self, given: Wire) -> Wire:
        """Give the next number, with everybody before it still waiting."""
        booking = self._booking(given)
        self.numbers += 1
        place = {"number": self.numbers, "state": "WAITING", "ahead": self.numbers - 1}
        booking["queue"] = {**place, "desk": None, "late": False}
        return self._changed(booking)

    def _booking(self, given: Wire) -> Wire:
        return next(one for one in self.bookings if one["id"] == given["booking"])

    def _changed(self, booking: Wire) -> Wire:
        now = self.clock.now().isoformat()
        return {"__typename": "BookingChanged", "booking": dict(booking), "serverTime": now}
