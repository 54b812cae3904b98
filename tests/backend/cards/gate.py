"""A venue's gate beside the backend: a reader's own snapshot and verifier on real lists."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.app import House
from backend.cards.status_list import StatusLists, build_status_list
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.readers.trust import own_trust_list
from backend.settings import Settings
from reader_service.snapshot import Kind, Snapshot
from shared.clock import ManualClock
from shared.ecode.algorithms import SoftwareKey
from shared.ecode.certificate import Certificate, parse_certificate
from shared.ecode.digits import to_digits
from shared.ecode.proof import counter_at, present
from shared.ecode.verify import (
    CardStatus,
    CodeVerifier,
    PresentationContext,
    RefusedCode,
    VerifiedCode,
)
from shared.wire.enrolment import TerminalEnrolment
from tests.backend.actors import REGION, Phone


@dataclass
class Gate:
    """A gate that knows what its last refresh told it."""

    mongod: RunningMongod
    settings: Settings
    house: House
    keys: Keys
    clock: ManualClock
    folder: Path

    def __post_init__(self) -> None:
        root = self.keys.root.public
        enrolment = TerminalEnrolment("trm_gate", 1, REGION, LIST_KEY_ID, root)
        self.snapshot = Snapshot(self.folder / "snapshot.sqlite", enrolment)
        self.verifier = CodeVerifier(self.snapshot, self.snapshot)

    async def refresh(self) -> None:
        """One list refresh: the list is built where it is due, and fetched."""
        lists, now = self.house.services[StatusLists], self.clock.now()
        if await lists.is_due():
            uri, database = self.mongod.uri, self.settings.database
            await build_status_list(uri, database, REGION, self.keys, self.clock)
        trust = own_trust_list(self.keys, REGION, now).encode()
        self.snapshot.offer(Kind.TRUST_LIST, trust, None, now)
        content = await lists.newest()
        assert content is not None
        self.snapshot.offer(Kind.STATUS_LIST, content, None, now)

    def answer(
        self, phone: Phone, certificate: Certificate, *, representative_allowed: bool = False
    ) -> str:
        """Return what the gate says to a code shown now: `admit`, or the reason."""
        verified = self.verified(phone.key, certificate, allowed=representative_allowed)
        return "admit" if isinstance(verified, VerifiedCode) else verified.reason.value

    def verified(
        self, key: SoftwareKey, certificate: Certificate, *, allowed: bool
    ) -> VerifiedCode | RefusedCode:
        """Return what the reader makes of a code that `key` shows now."""
        now = self.clock.now()
        seconds = int(now.timestamp())
        code = present(
            certificate,
            key,
            issued_at=seconds,
            counter=counter_at(seconds),
            challenge=b"\0\0\0\0",
        )
        context = PresentationContext(venue=1, representative_allowed=allowed)
        return self.verifier.verify(to_digits(code), now, context)

    def card(self, digest: bytes) -> CardStatus:
        """Return what the gate knows of a physical card."""
        status = self.snapshot.lists.status
        assert status is not None
        return status.card_status(digest)


def certificate_in(answer: Mapping[str, Any]) -> Certificate:
    """Return the certificate of an answer."""
    text = answer["certificate"]["certificate"]
    return parse_certificate(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
