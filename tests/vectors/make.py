"""Write `ecode.json`, codes with every layer and the reason expected, and `admission.json`.

``python -m tests.vectors.make`` writes the files, ``--check`` fails when they would differ.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.vectors import admission_table
from tests.vectors.independent import (
    ED25519,
    ES256,
    SM2,
    VectorKey,
    digits_of,
    pack_certificate,
    pack_proof,
)

FILE = Path(__file__).with_name("ecode.json")
ADMISSION = Path(__file__).with_name("admission.json")

NOW = int(datetime(2026, 11, 22, 2, 30, tzinfo=UTC).timestamp())
EPOCH = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())
HOUR = (NOW - EPOCH) // 3600
YEAR = 365 * 86400

GANZHOU, LIANYUNGANG, NOWHERE = 360700, 320700, 990000
REVOKED, SUSPENDED, UNBOUND = 7_000_001, 7_000_002, 7_000_003

ISSUER = VectorKey("issuer ganzhou 1", ED25519)
ISSUER_ES256 = VectorKey("issuer ganzhou 2", ES256)
ISSUER_OLD = VectorKey("issuer ganzhou 3", ED25519)
ISSUER_PARTNER = VectorKey("issuer lianyungang 1", ED25519)
DEVICE = VectorKey("device", ED25519)
DEVICE_ES256 = VectorKey("device es256", ES256)
STRANGER = VectorKey("stranger", ED25519)

TRUSTED = [
    (GANZHOU, 1, ISSUER, NOW - YEAR, NOW + YEAR),
    (GANZHOU, 2, ISSUER_ES256, NOW - YEAR, NOW + YEAR),
    (GANZHOU, 3, ISSUER_OLD, NOW - 3 * YEAR, NOW - YEAR),
    (LIANYUNGANG, 1, ISSUER_PARTNER, NOW - YEAR, NOW + YEAR),
]

CERTIFICATE = {
    "version": 1,
    "issuer_algorithm": ED25519,
    "device_algorithm": ED25519,
    "region": GANZHOU,
    "issuer_key_id": 1,
    "card_index": 305_419_896,
    "device_serial": 1,
    "age_band": 0,
    "concession": 0,
    "reserved": 0,
    "flags": 0,
    "not_before_hour": HOUR - 1,
    "lifetime_hours": 48,
}
PROOF = {
    "issued_at": NOW - 2,
    "counter": 1_234_567,
    "purpose": 0,
    "venue": 0,
    "challenge": "00c0ffee",
}
PAPER = {
    "version": 2,
    "flags": 2,
    "device_serial": 0x7001,
    "not_before_hour": HOUR - 10,
    "lifetime_hours": 24,
}
"""The paper of 22 November: from 16:00 UTC of the day before, which is 00:00 in the city."""
PRINTED = {"issued_at": NOW - 3600}
CONTEXT = {"venue": 1, "purpose": 3, "challenge": None, "representative_allowed": False}


def case(
    name: str,
    why: str,
    expect: str = "verified",
    *,
    certificate: dict[str, Any] | None = None,
    proof: dict[str, Any] | None = None,
    context: dict[str, Any] | None = None,
    issuer: VectorKey = ISSUER,
    device: VectorKey = DEVICE,
    signer: VectorKey | None = None,
    device_key: bytes | None = None,
    detail: dict[str, Any] | None = None,
    change: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Build one case; `signer` signs the proof in the device's stead, `change` flips a bit.

    `change` is (byte, mask) over the whole code, counted from the end when negative.
    """
    certificate_fields = {**CERTIFICATE, **(certificate or {})}
    proof_fields = {**PROOF, **(proof or {})}
    body = pack_certificate(certificate_fields, device_key or device.public)
    signed = body + issuer.sign(b"SSC1c" + body)
    head = pack_proof(proof_fields)
    raw = bytearray(signed + head + (signer or device).sign(b"SSC1p" + signed + head))
    if change:
        raw[change[0]] ^= change[1]
    return {
        "name": name,
        "why": why,
        "expect": expect,
        "detail": detail or {},
        "now": NOW,
        "context": {**CONTEXT, **(context or {})},
        "certificate": certificate_fields,
        "proof": proof_fields,
        "bytes": raw.hex(),
        "text": digits_of(bytes(raw)),
    }


def text_case(name: str, why: str, expect: str, text: str, **detail: Any) -> dict[str, Any]:
    """Build a case that is only a text."""
    context = dict(CONTEXT)
    return {
        "name": name,
        "why": why,
        "expect": expect,
        "detail": detail,
        "now": NOW,
        "context": context,
        "text": text,
    }


def good() -> Iterator[dict[str, Any]]:
    es_device = {"device_algorithm": ES256}
    es_issuer = {"issuer_algorithm": ES256, "issuer_key_id": 2}
    yield case("ed25519", "both keys Ed25519")
    yield case(
        "device-es256",
        "a phone whose keystore has P-256 only",
        certificate=es_device,
        device=DEVICE_ES256,
    )
    yield case("issuer-es256", "an issuer on P-256", certificate=es_issuer, issuer=ISSUER_ES256)
    yield case(
        "both-es256",
        "both on P-256",
        certificate={**es_issuer, **es_device},
        issuer=ISSUER_ES256,
        device=DEVICE_ES256,
    )
    yield case(
        "partner-region",
        "issued by another trusted region",
        certificate={"region": LIANYUNGANG},
        issuer=ISSUER_PARTNER,
    )
    yield case("concession", "a reduced fare from 70", certificate={"age_band": 5, "concession": 1})
    yield case("oldest-accepted", "issued 15 s ago", proof={"issued_at": NOW - 15})
    yield case("fastest-accepted", "issued 5 s ahead", proof={"issued_at": NOW + 5})
    yield case("first-second", "the certificate begins now", certificate={"not_before_hour": HOUR})
    yield case(
        "last-hour",
        "the certificate ends within the hour",
        certificate={"not_before_hour": HOUR - 47},
    )
    yield case("bound-to-venue", "bound to this venue", proof={"venue": 1})
    yield case("bound-to-purpose", "bound to this scene", proof={"purpose": 3})
    yield case(
        "answers-challenge",
        "carries the venue's challenge",
        proof={"challenge": "01020304"},
        context={"challenge": "01020304"},
    )
    yield case(
        "represented-allowed",
        "shown by a representative where that is allowed",
        certificate={"flags": 1},
        context={"representative_allowed": True},
    )


def on_paper() -> Iterator[dict[str, Any]]:
    yield case("paper", "printed an hour ago, good all day", certificate=PAPER, proof=PRINTED)
    yield case(
        "paper-printed-the-day-before",
        "its proof was signed before its day began",
        certificate=PAPER,
        proof={"issued_at": NOW - 11 * 3600},
    )
    yield case(
        "paper-es256",
        "an issuer on P-256",
        certificate={**PAPER, "issuer_algorithm": ES256, "issuer_key_id": 2},
        proof=PRINTED,
        issuer=ISSUER_ES256,
    )
    yield case(
        "paper-of-yesterday",
        "its day is over",
        "paper_day_over",
        certificate={**PAPER, "not_before_hour": HOUR - 34},
        proof=PRINTED,
        detail={"date": "2026-11-21"},
    )
    yield case(
        "paper-of-tomorrow",
        "its day has not begun",
        "paper_not_yet",
        certificate={**PAPER, "not_before_hour": HOUR + 14},
        proof=PRINTED,
        detail={"date": "2026-11-23"},
    )
    yield case(
        "paper-void",
        "it was revoked, or printed anew",
        "paper_void",
        certificate={**PAPER, "card_index": UNBOUND, "device_serial": 1},
        proof=PRINTED,
    )
    yield case(
        "paper-of-a-suspended-card",
        "the card's state counts for its paper",
        "card_suspended",
        certificate={**PAPER, "card_index": SUSPENDED},
        proof=PRINTED,
    )
    yield case(
        "paper-to-a-challenge",
        "paper cannot answer, even by the digits that were printed",
        "paper_not_allowed",
        certificate=PAPER,
        proof=PRINTED,
        context={"challenge": "00c0ffee"},
    )
    yield case(
        "paper-as-a-phone",
        "the version was turned back to a phone's, which has no such flag",
        "damaged",
        certificate=PAPER,
        proof={"issued_at": NOW - 2},
        change=(0, 0x30),
    )
    yield case(
        "paper-by-nobody",
        "signed by a stranger",
        "certificate_forged",
        certificate=PAPER,
        issuer=STRANGER,
    )
    yield case(
        "paper-proof-changed",
        "the proof is another's",
        "proof_forged",
        certificate=PAPER,
        proof=PRINTED,
        signer=STRANGER,
    )
    yield case(
        "paper-without-its-flag",
        "version 2 says that it is on paper",
        "damaged",
        certificate={**PAPER, "flags": 0},
    )
    yield case(
        "paper-of-a-representative",
        "no paper is shown for another",
        "damaged",
        certificate={**PAPER, "flags": 3},
    )
    yield case(
        "paper-flag-on-a-phone",
        "version 1 reserves the bit",
        "damaged",
        certificate={"flags": 2},
    )


def unreadable() -> Iterator[dict[str, Any]]:
    whole = case("whole", "")["text"]
    yield text_case("empty", "nothing at all", "not_ours", "")
    yield text_case("address", "a web address", "not_ours", "https://example.org/?q=1")
    yield text_case("barcode", "the number of a book", "not_ours", "9787020002207")
    yield text_case("hanzi", "a text", "not_ours", "扫码入园")
    yield text_case("wide-digits", "full-width digits are not ASCII", "not_ours", "０" * 467)
    yield text_case("too-long", "longer than any code", "not_ours", "1" * 470)
    yield text_case("cut-short", "the last group is missing", "damaged", whole[:-8])
    yield text_case("odd-length", "a rest of impossible length", "damaged", whole + "0")
    out_of_range = whole[:17] + "9" * 17 + whole[34:]
    yield text_case("group-range", "a digit group out of range", "damaged", out_of_range)
    yield case(
        "es256-length",
        "names a P-256 device key but has an Ed25519 key's length",
        "damaged",
        certificate={"device_algorithm": ES256},
    )
    yield case(
        "version-3",
        "a later version",
        "version_unknown",
        certificate={"version": 3},
        detail={"version": 3},
    )
    yield case("version-0", "no version of ours", "not_ours", certificate={"version": 0})
    yield case("issuer-3", "algorithm 3", "damaged", certificate={"issuer_algorithm": 3})
    yield case("device-3", "algorithm 3", "damaged", certificate={"device_algorithm": 3})
    yield case(
        "reserved", "a reserved bit of the concession", "damaged", certificate={"reserved": 1}
    )
    yield case("flags", "a reserved flag", "damaged", certificate={"flags": 4})
    yield case("age-band-6", "an unknown age band", "damaged", certificate={"age_band": 6})
    yield case("level-3", "an unknown concession", "damaged", certificate={"concession": 3})
    yield case("lifetime-0", "a lifetime of nothing", "damaged", certificate={"lifetime_hours": 0})
    yield case("region-7-digits", "no GB/T 2260 code", "damaged", certificate={"region": 1_000_000})


def out_of_time() -> Iterator[dict[str, Any]]:
    yield case(
        "not-yet",
        "the certificate begins in half an hour",
        "certificate_not_yet_valid",
        certificate={"not_before_hour": HOUR + 1},
        detail={"minutes": 30},
    )
    yield case(
        "expired",
        "the certificate ended two hours ago",
        "certificate_expired",
        certificate={"not_before_hour": HOUR - 50},
        detail={"hours": 2},
    )
    yield case(
        "screenshot", "20 s old", "stale", proof={"issued_at": NOW - 20}, detail={"seconds": 20}
    )
    yield case(
        "just-stale", "16 s old", "stale", proof={"issued_at": NOW - 16}, detail={"seconds": 16}
    )
    yield case(
        "slow-clock",
        "a phone clock 10 min slow",
        "stale",
        proof={"issued_at": NOW - 600},
        detail={"seconds": 600},
    )
    yield case(
        "fast-clock",
        "a phone clock 10 min fast",
        "clock_ahead",
        proof={"issued_at": NOW + 600},
        detail={"seconds": 600},
    )


def untrusted() -> Iterator[dict[str, Any]]:
    yield case(
        "unknown-region",
        "a region no trust list names",
        "issuer_unknown",
        certificate={"region": NOWHERE},
        detail={"region": "990000"},
    )
    yield case(
        "unknown-key",
        "a key the region never had",
        "issuer_unknown",
        certificate={"issuer_key_id": 9},
        detail={"region": "360700"},
    )
    yield case(
        "old-key",
        "a key whose time is over",
        "issuer_key_not_valid",
        certificate={"issuer_key_id": 3},
        issuer=ISSUER_OLD,
        detail={"region": "360700"},
    )
    yield case("revoked", "a revoked card", "card_revoked", certificate={"card_index": REVOKED})
    yield case(
        "suspended", "a suspended card", "card_suspended", certificate={"card_index": SUSPENDED}
    )
    yield case(
        "unbound", "a phone that was unbound", "device_unbound", certificate={"card_index": UNBOUND}
    )
    yield case(
        "other-device",
        "another phone of the same card still counts",
        certificate={"card_index": UNBOUND, "device_serial": 2},
    )


def forged() -> Iterator[dict[str, Any]]:
    yield case("stranger-issuer", "signed by a stranger", "certificate_forged", issuer=STRANGER)
    yield case(
        "issuer-of-another-region",
        "a partner's key signed for this region",
        "certificate_forged",
        issuer=ISSUER_PARTNER,
    )
    yield case("younger", "the age band was changed", "certificate_forged", change=(12, 0b101))
    yield case(
        "representative-dropped",
        "the representative flag was dropped",
        "certificate_forged",
        certificate={"flags": 1},
        change=(13, 1),
    )
    yield case(
        "issuer-algorithm-swapped",
        "names P-256 for an Ed25519 key",
        "certificate_forged",
        certificate={"issuer_algorithm": ES256},
    )
    yield case("stranger-device", "proof by another key", "proof_forged", signer=STRANGER)
    yield case("proof-bit", "one bit of the proof's signature", "proof_forged", change=(-1, 1))
    yield case("counter-changed", "the counter was raised", "proof_forged", change=(-72, 1))
    yield case(
        "point-off-curve",
        "a device key that is no point of the curve",
        "proof_forged",
        certificate={"device_algorithm": ES256},
        device=DEVICE_ES256,
        device_key=b"\x02" + b"\xff" * 32,
    )
    yield case(
        "sm2-device",
        "an SM2 device key, which this build cannot check",
        "algorithm_unsupported",
        certificate={"device_algorithm": SM2},
        device=DEVICE_ES256,
    )


def out_of_place() -> Iterator[dict[str, Any]]:
    yield case(
        "represented",
        "shown by a representative where that is not allowed",
        "representative_not_allowed",
        certificate={"flags": 1},
    )
    yield case("other-purpose", "bound to another scene", "wrong_purpose", proof={"purpose": 4})
    yield case("other-venue", "bound to another venue", "wrong_venue", proof={"venue": 2})
    yield case(
        "other-challenge",
        "another challenge than the venue's",
        "wrong_challenge",
        context={"challenge": "01020304"},
    )


def document() -> dict[str, Any]:
    """Return the whole file's content."""
    groups = (
        good(),
        on_paper(),
        unreadable(),
        out_of_time(),
        untrusted(),
        forged(),
        out_of_place(),
    )
    return {
        "format": "e-card code, versions 1 and 2",
        "trusted": [
            {
                "region": region,
                "key_id": key_id,
                "algorithm": key.algorithm,
                "public": key.public.hex(),
                "not_before": start,
                "not_after": end,
            }
            for region, key_id, key, start, end in TRUSTED
        ],
        "status": {
            "revoked": [REVOKED],
            "suspended": [SUSPENDED],
            "unbound": [[UNBOUND, 1]],
        },
        "cases": [entry for group in groups for entry in group],
    }


def main() -> int:
    """Write or check the files."""
    written = [_settle(FILE, document()), _settle(ADMISSION, admission_table.document())]
    return max(written)


def _settle(file: Path, content: dict[str, Any]) -> int:
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    if "--check" not in sys.argv:
        file.write_text(text, encoding="utf-8")
        return 0
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{file.name} is out of date: run `make vectors`\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
