"""What a venue's reader needs to know of its venue, signed, with a date."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.admission.entitlement_conditions import BookingHeld, PassHeld
from shared.admission.rules import AdmissionRules
from shared.admission.wire_form import InvalidRules
from shared.ecode.algorithms import SoftwareKey
from shared.localized_text import LocalizedText
from shared.trust.trust_list import TrustList, Untrusted, read_statement, sign_statement

TYPE = "yikatong-manifest+jwt"


@dataclass(frozen=True, slots=True)
class LaneManifest:
    """One lane 通道 of a venue; `area` is what it leads into, None for the whole venue."""

    number: int
    name: LocalizedText
    area: str | None = None


@dataclass(frozen=True, slots=True)
class VenueManifest:
    """A venue as its reader sees it; `region` is the GB/T 2260 number whose lists apply.

    `offline_set` tells that its rules ask what a holder has booked or holds: its reader cannot
    decide without the venue's offline set (`shared.wire.offline_set`). Configuration codes 配置码
    made before `lane_codes_since` were revoked.
    """

    venue_number: int
    name: LocalizedText
    region: int
    purpose: int
    lanes: tuple[LaneManifest, ...]
    rules: AdmissionRules
    issued_at: datetime
    valid_until: datetime
    offline_set: bool = False
    lane_codes_since: datetime | None = None


def asks_for_holdings(rules: AdmissionRules) -> bool:
    """Tell whether rules ask anywhere for bookings or passes of the holder."""
    wire = rules.to_wire()
    return _names_holdings([wire["conditions"], wire["prices"]])


def sign_manifest(manifest: VenueManifest, key: SoftwareKey, key_id: int) -> str:
    """Return the manifest as a JWT signed by the region's list key."""
    payload: dict[str, Any] = {
        "iat": int(manifest.issued_at.timestamp()),
        "exp": int(manifest.valid_until.timestamp()),
        "venue": manifest.venue_number,
        "name": _words(manifest.name),
        "region": manifest.region,
        "purpose": manifest.purpose,
        "lanes": [
            {"number": lane.number, "name": _words(lane.name), "area": lane.area}
            for lane in manifest.lanes
        ],
        "rules": manifest.rules.to_wire(),
        "offline_set": manifest.offline_set,
    }
    if manifest.lane_codes_since is not None:
        payload["lane_codes_since"] = int(manifest.lane_codes_since.timestamp())
    return sign_statement(payload, key, TYPE, {"kid": str(key_id)})


def read_manifest(
    text: str, trust: TrustList, region: int, key_id: int, now: datetime
) -> VenueManifest:
    """Verify and read a manifest signed by key `key_id` of `region`.

    Raises:
        Untrusted: see its codes.
    """
    payload = read_statement(text, trust.list_key(region, key_id, now), TYPE, now)
    try:
        return VenueManifest(
            venue_number=int(payload["venue"]),
            name=_text(payload["name"]),
            region=int(payload["region"]),
            purpose=int(payload["purpose"]),
            lanes=tuple(_lane(lane) for lane in payload["lanes"]),
            rules=AdmissionRules.of_wire(payload["rules"]),
            issued_at=datetime.fromtimestamp(payload["iat"], UTC),
            valid_until=datetime.fromtimestamp(payload["exp"], UTC),
            offline_set=payload.get("offline_set") is True,
            lane_codes_since=_instant(payload.get("lane_codes_since")),
        )
    except (KeyError, TypeError, ValueError, OverflowError, OSError, InvalidRules) as error:
        raise Untrusted("malformed") from error


def _names_holdings(wire: Any) -> bool:
    if isinstance(wire, dict):
        asked = wire.get("kind") in {BookingHeld.kind, PassHeld.kind}
        return asked or any(map(_names_holdings, wire.values()))
    return isinstance(wire, list) and any(map(_names_holdings, wire))


def _lane(values: Any) -> LaneManifest:
    area = values.get("area")
    return LaneManifest(
        int(values["number"]), _text(values["name"]), None if area is None else str(area)
    )


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _words(text: LocalizedText) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _text(value: Any) -> LocalizedText:
    return LocalizedText(str(value["zh"]), str(value["en"]))
