"""What a venue's reader needs to know of its venue, signed, with a date."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.admission.rules import AdmissionRules
from shared.admission.wire_form import InvalidRules
from shared.ecode.algorithms import SoftwareKey
from shared.localized_text import LocalizedText
from shared.trust.trust_list import TrustList, Untrusted, read_statement, sign_statement

TYPE = "yikatong-manifest+jwt"


@dataclass(frozen=True, slots=True)
class LaneManifest:
    """One lane 通道 of a venue."""

    number: int
    name: LocalizedText


@dataclass(frozen=True, slots=True)
class VenueManifest:
    """A venue as its reader sees it; `region` is the GB/T 2260 number whose lists apply."""

    venue_number: int
    name: LocalizedText
    region: int
    purpose: int
    lanes: tuple[LaneManifest, ...]
    rules: AdmissionRules
    issued_at: datetime
    valid_until: datetime


def sign_manifest(manifest: VenueManifest, key: SoftwareKey, key_id: int) -> str:
    """Return the manifest as a JWT signed by the region's list key."""
    payload = {
        "iat": int(manifest.issued_at.timestamp()),
        "exp": int(manifest.valid_until.timestamp()),
        "venue": manifest.venue_number,
        "name": _words(manifest.name),
        "region": manifest.region,
        "purpose": manifest.purpose,
        "lanes": [{"number": lane.number, "name": _words(lane.name)} for lane in manifest.lanes],
        "rules": manifest.rules.to_wire(),
    }
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
            lanes=tuple(
                LaneManifest(int(lane["number"]), _text(lane["name"])) for lane in payload["lanes"]
            ),
            rules=AdmissionRules.of_wire(payload["rules"]),
            issued_at=datetime.fromtimestamp(payload["iat"], UTC),
            valid_until=datetime.fromtimestamp(payload["exp"], UTC),
        )
    except (KeyError, TypeError, ValueError, InvalidRules) as error:
        raise Untrusted("malformed") from error


def _words(text: LocalizedText) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _text(value: Any) -> LocalizedText:
    return LocalizedText(str(value["zh"]), str(value["en"]))
