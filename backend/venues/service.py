"""The register of venues and what a venue's reader is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.foundation.mongo import Session
from backend.venues.documents import Lane, Venue, Words
from backend.venues.recognition import by_lists_of_both
from backend.venues.rules import gate_rules
from shared.admission.opening import OpeningCalendar
from shared.admission.rules import AdmissionRules
from shared.localized_text import LocalizedText
from shared.wire.manifest import LaneManifest, VenueManifest, asks_for_holdings, sign_manifest

VALID = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """A venue as the other areas see it; `lanes` are names by number.

    `lane_areas` says by number which area a lane leads into; the others lead into the whole.
    `calendar` is the catalogue's, as it goes over the wire: who changes it changes what gates do.
    Configuration codes 配置码 made before `lane_codes_since` were revoked.
    """

    number: int
    name: LocalizedText
    region: int
    purpose: int
    lanes: dict[int, LocalizedText]
    rules: AdmissionRules
    lane_areas: Mapping[int, str] = field(default_factory=dict)
    calendar: Mapping[str, Any] | None = None
    lane_codes_since: datetime | None = None

    @property
    def gate_rules(self) -> AdmissionRules:
        """What its gates decide by: its rules, and its opening times unless they name some."""
        opening = None if self.calendar is None else OpeningCalendar.of_wire(self.calendar)
        return gate_rules(self.rules, opening)


class Venues:
    """The register of venues."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def put(self, venue: VenueFacts) -> None:
        """Add a venue, or change it to these facts; what the catalogue has of it stays."""
        document = Venue(
            id=venue.number,
            name=_words(venue.name),
            region=venue.region,
            purpose=venue.purpose,
            lanes=[
                Lane(number=lane, name=_words(name), area=venue.lane_areas.get(lane))
                for lane, name in venue.lanes.items()
            ],
            rules=venue.rules.to_wire(),
        )
        facts = document.model_dump(include={"name", "region", "purpose", "lanes", "rules"})
        await Venue.get_pymongo_collection().update_one(
            {"_id": venue.number}, {"$set": facts}, upsert=True
        )

    async def facts(self, number: int) -> VenueFacts | None:
        """Return a venue, if there is one of that number."""
        venue = await Venue.get(number)
        if venue is None:
            return None
        return VenueFacts(
            number=venue.id,
            name=_text(venue.name),
            region=venue.region,
            purpose=venue.purpose,
            lanes={lane.number: _text(lane.name) for lane in venue.lanes},
            rules=await by_lists_of_both(AdmissionRules.of_wire(venue.rules)),
            lane_areas={lane.number: lane.area for lane in venue.lanes if lane.area is not None},
            calendar=venue.calendar,
            lane_codes_since=venue.lane_codes_since,
        )

    async def revoke_lane_codes(self, number: int, since: datetime, session: Session) -> bool:
        """Have gates take no configuration code made before `since`; False: no such venue."""
        done = await Venue.get_pymongo_collection().update_one(
            {"_id": number}, {"$max": {"lane_codes_since": since}}, session=session
        )
        return done.matched_count == 1

    def manifest(self, venue: VenueFacts, now: datetime) -> str:
        """Return the venue's manifest, signed; the same within an hour while nothing changes."""
        issued_at = now.replace(minute=0, second=0, microsecond=0)
        manifest = VenueManifest(
            venue_number=venue.number,
            name=venue.name,
            region=venue.region,
            purpose=venue.purpose,
            lanes=tuple(
                LaneManifest(number, name, venue.lane_areas.get(number))
                for number, name in venue.lanes.items()
            ),
            rules=venue.gate_rules,
            issued_at=issued_at,
            valid_until=issued_at + VALID,
            offline_set=asks_for_holdings(venue.rules),
            lane_codes_since=venue.lane_codes_since,
        )
        return sign_manifest(manifest, self._keys.lists, LIST_KEY_ID)


def _words(text: LocalizedText) -> Words:
    return Words(zh=text.zh, en=text.en)


def _text(words: Words) -> LocalizedText:
    return LocalizedText(words.zh, words.en)
