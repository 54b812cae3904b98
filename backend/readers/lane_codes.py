"""Configuration codes 配置码: staff show one to a lane, which then lets people the other way.

Whoever holds one may turn the lanes of one venue until it ends: it lives hours, and one word ends
all of a venue's codes, at each reader with the manifest that it fetches next.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System, reason_of
from backend.foundation.idempotency import Answer, Once
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may_at
from backend.foundation.refusals import Refusal
from backend.readers.key_carrier_rules import keeper
from backend.readers.rules import VENUE_UNKNOWN, lane_code_fault
from backend.venues.service import Venues
from shared.clock import Clock
from shared.localized_text import LocalizedText
from shared.trust.lane_code import LaneCode, encode_lane_code
from shared.wire.scans import Direction

_MADE = LocalizedText("发了通道配置码", "Made a configuration code for lanes")
_REVOKED = LocalizedText("作废了本馆的通道配置码", "Revoked a venue's configuration codes")
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class WantedLaneCode:
    """Which way a venue's lane is to be turned, and for how long one may; None is any lane."""

    venue: int
    lane: int | None
    direction: Direction
    hours: int


@dataclass(frozen=True, slots=True)
class MadeLaneCode:
    """The digits to be shown, and until when they are taken."""

    digits: str
    valid_until: datetime


class LaneCodes:
    """Makes configuration codes and ends them."""

    def __init__(self, venues: Venues, keys: Keys, once: Once, clock: Clock) -> None:
        self._venues = venues
        self._keys = keys
        self._once = once
        self._clock = clock

    async def make(
        self, caller: Caller | None, key: str, wanted: WantedLaneCode
    ) -> MadeLaneCode | Refusal:
        """Return a signed code; asked again, the same one: what is stored does not tell it."""
        no = may_at(caller, Act.LANE_CODE, (wanted.venue,))
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED
        venue, by, now = await self._venues.facts(wanted.venue), caller, self._clock.now()
        if venue is None:
            return VENUE_UNKNOWN
        lanes = venue.lanes
        issued_at = max(_whole(now), venue.lane_codes_since or _whole(now))

        async def act(session: Session) -> Answer | Refusal:
            if fault := lane_code_fault(wanted.lane, wanted.hours, lanes):
                return fault
            place = f"venue-{wanted.venue}/{wanted.lane or 'any'}/{wanted.direction.value}"
            await audit.record(_deed(by, "readers.lane_code_made", _MADE, place, now), session)
            return {"issued_at": int(issued_at.timestamp())}

        request = _request(wanted)
        done = await self._once.perform(
            caller=keeper(caller), key=key, request=request, now=now, act=act
        )
        if isinstance(done, Refusal):
            return done
        at = datetime.fromtimestamp(done["issued_at"], now.tzinfo)
        until, out = at + timedelta(hours=wanted.hours), wanted.direction is Direction.OUT
        code = LaneCode(venue.region, venue.number, wanted.lane, out, keeper(caller), at, until)
        return MadeLaneCode(encode_lane_code(code, self._keys.lists, LIST_KEY_ID), until)

    async def revoke(
        self, caller: Caller | None, key: str, venue: int, reason: str
    ) -> int | Refusal:
        """End every code of a venue that was made until now; return the venue."""
        no, why = may_at(caller, Act.LANE_CODE, (venue,)), reason_of(reason)
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED
        if isinstance(why, Refusal):
            return why
        by, now = caller, self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            # Codes are dated in seconds: those of this second are ended with the earlier ones.
            if not await self._venues.revoke_lane_codes(venue, _whole(now) + _SECOND, session):
                return VENUE_UNKNOWN
            deed = _deed(by, "readers.lane_codes_revoked", _REVOKED, f"venue-{venue}", now, why)
            await audit.record(deed, session)
            return {"venue": venue}

        request = {"venue": str(venue), "reason": why, "act": "revoke_lane_codes"}
        done = await self._once.perform(
            caller=keeper(caller), key=key, request=request, now=now, act=act
        )
        return done if isinstance(done, Refusal) else venue


def _request(wanted: WantedLaneCode) -> Mapping[str, str]:
    return {
        "venue": str(wanted.venue),
        "lane": str(wanted.lane),
        "direction": wanted.direction.value,
        "hours": str(wanted.hours),
        "act": "make_lane_code",
    }


def _deed(
    by: Caller, action: str, words: LocalizedText, place: str, now: datetime, why: str = ""
) -> Deed:
    return Deed(
        at=now,
        actor=by.actor,
        action=action,
        words=words,
        system=System.COUNTER,
        organisation=by.organisation,
        origin=place,
        reason=why,
    )


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)
