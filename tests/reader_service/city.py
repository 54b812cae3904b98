"""A city for the reader's tests: keys, lists, a venue, and phones that show codes."""

import secrets
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from reader_service.snapshot import Kind, Snapshot
from shared.admission.holder_conditions import UnauthenticatedCard
from shared.admission.rules import AdmissionRules
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.certificate import (
    AgeBand,
    Certificate,
    CertificateClaims,
    ConcessionLevel,
    issue_certificate,
)
from shared.ecode.digits import to_digits
from shared.ecode.proof import counter_at, present
from shared.localized_text import LocalizedText
from shared.trust.function_list import FunctionGrant, FunctionList, encode_function_list
from shared.trust.status_list import StatusList, StatusSections, encode_status_list
from shared.trust.trust_list import KeyUse, TrustedKey, TrustList, sign_trust_list
from shared.wire.enrolment import TerminalEnrolment
from shared.wire.manifest import LaneManifest, VenueManifest, sign_manifest
from shared.wire.terminal_standing import TerminalStanding, sign_terminal_standing

REGION = 360700
TERMINAL = "ter_test"
VENUE = 7
PURPOSE = 3
ISSUER_KEY_ID = 1
LIST_KEY_ID = 9
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
OPEN_RULES = AdmissionRules(
    regions=frozenset({360000}), unauthenticated_card=UnauthenticatedCard.LOOK
)


@dataclass
class Phone:
    """One enrolled phone of one card."""

    certificate: Certificate
    key: SoftwareKey

    @property
    def holder(self) -> tuple[int, int]:
        claims = self.certificate.claims
        return claims.card_index, claims.device_serial

    def code(self, now: datetime, **proof: Any) -> str:
        """Return what the phone shows at `now`; keywords override the proof's fields."""
        seconds = int(now.timestamp())
        values: dict[str, Any] = {
            "issued_at": seconds,
            "counter": counter_at(seconds),
            "challenge": b"\0\0\0\0",
        }
        return to_digits(present(self.certificate, self.key, **{**values, **proof}))


@dataclass
class City:
    """Everything a reader trusts, made new for each test."""

    now: datetime = NOON
    root: SoftwareKey = field(default_factory=lambda: SoftwareKey.generate(Algorithm.ED25519))
    issuer: SoftwareKey = field(default_factory=lambda: SoftwareKey.generate(Algorithm.ED25519))
    list_key: SoftwareKey = field(default_factory=lambda: SoftwareKey.generate(Algorithm.ED25519))

    @property
    def enrolment(self) -> TerminalEnrolment:
        return TerminalEnrolment(TERMINAL, VENUE, REGION, LIST_KEY_ID, self.root.public)

    def trust_list(self, *, days: int = 30, issued_at: datetime | None = None) -> bytes:
        start, end = self.now - timedelta(days=1), self.now + timedelta(days=365)
        keys = (
            TrustedKey(REGION, ISSUER_KEY_ID, KeyUse.CERTIFICATE, self.issuer.public, start, end),
            TrustedKey(REGION, LIST_KEY_ID, KeyUse.LIST, self.list_key.public, start, end),
        )
        issued = issued_at or self.now
        trust = TrustList(keys, issued, issued + timedelta(days=days))
        return sign_trust_list(trust, self.root).encode()

    def status_list(
        self,
        *,
        epoch: int = 1,
        hours: int = 72,
        region: int = REGION,
        key: SoftwareKey | None = None,
        sections: Mapping[str, list[int]] = MappingProxyType({}),
    ) -> bytes:
        numbers = {name: array("Q", sorted(values)) for name, values in sections.items()}
        made = StatusList(
            region, epoch, 0, self.now, self.now + timedelta(hours=hours), StatusSections(**numbers)
        )
        return encode_status_list(made, key or self.list_key, LIST_KEY_ID)

    def manifest(
        self,
        rules: AdmissionRules = OPEN_RULES,
        *,
        venue: int = VENUE,
        issued_at: datetime | None = None,
        offline_set: bool = False,
        lane_codes_since: datetime | None = None,
    ) -> bytes:
        issued = issued_at or self.now
        made = VenueManifest(
            venue_number=venue,
            name=LocalizedText("长征出发地纪念园", "Long March Memorial Park"),
            region=REGION,
            purpose=PURPOSE,
            lanes=(
                LaneManifest(1, LocalizedText("东门 1 号通道", "East gate, lane 1")),
                LaneManifest(2, LocalizedText("东门 2 号通道", "East gate, lane 2")),
            ),
            rules=rules,
            issued_at=issued,
            valid_until=issued + timedelta(days=7),
            offline_set=offline_set,
            lane_codes_since=lane_codes_since,
        )
        return sign_manifest(made, self.list_key, LIST_KEY_ID).encode()

    def terminal_standing(
        self,
        *,
        blocked: bool = False,
        terminal: str = TERMINAL,
        issued_at: datetime | None = None,
        wipe: str | None = None,
        journal_key: bytes | None = None,
        venue_keys: Mapping[int, bytes] = MappingProxyType({}),
    ) -> bytes:
        issued = issued_at or self.now
        until = issued + timedelta(days=7)
        made = TerminalStanding(
            terminal, blocked, issued, until, wipe, journal_key, dict(venue_keys)
        )
        return sign_terminal_standing(made, self.list_key, LIST_KEY_ID).encode()

    def function_list(self, code: str = "transit", **changed: Any) -> bytes:
        usual = FunctionList(
            code=code,
            region=REGION,
            epoch=1,
            issued_at=self.now,
            valid_until=self.now + timedelta(hours=72),
            grant=FunctionGrant.ON_REQUEST,
            open=True,
            since=self.now - timedelta(days=30),
        )
        return encode_function_list(replace(usual, **changed), self.list_key, LIST_KEY_ID)

    def fill(self, snapshot: Snapshot, rules: AdmissionRules = OPEN_RULES) -> None:
        """Give a reader all its lists."""
        snapshot.offer(Kind.TRUST_LIST, self.trust_list(), '"t1"', self.now)
        snapshot.offer(Kind.TERMINAL_STANDING, self.terminal_standing(), '"b1"', self.now)
        snapshot.offer(Kind.MANIFEST, self.manifest(rules), '"m1"', self.now)
        snapshot.offer(Kind.STATUS_LIST, self.status_list(), '"s1"', self.now)

    def phone(self, issuer: SoftwareKey | None = None, **claims: Any) -> Phone:
        """Enrol a phone; keywords override the certificate's claims."""
        key = SoftwareKey.generate(Algorithm.ED25519)
        usual = CertificateClaims(
            region=REGION,
            issuer_key_id=ISSUER_KEY_ID,
            card_index=secrets.randbits(32),
            device_serial=1,
            age_band=AgeBand.ADULT,
            concession=ConcessionLevel.NONE,
            represented=False,
            not_before=self.now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1),
            lifetime_hours=48,
            device_key=key.public,
        )
        certificate = issue_certificate(replace(usual, **claims), issuer or self.issuer)
        return Phone(certificate, key)
