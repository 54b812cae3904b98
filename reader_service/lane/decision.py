"""From what a lane read to the answer it gives: pure, no memory, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from reader_service.card_reading import ReadCard
from reader_service.snapshot import Lists, StatusBitmaps
from shared.admission.answer import Answer, refuse
from shared.admission.evidence import Evidence, Medium
from shared.admission.rules import decide
from shared.clock import LOCAL_ZONE
from shared.ecode.reasons import Reason
from shared.ecode.verify import CardStatus, PresentationContext, VerifiedCode
from shared.trust.status_list import card_digest
from shared.wire.manifest import VenueManifest

_BY_STATUS: Mapping[CardStatus, Reason] = {
    CardStatus.REVOKED: Reason.CARD_REVOKED,
    CardStatus.SUSPENDED: Reason.CARD_SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class UsableLists:
    """All that a decision needs, there and in date."""

    manifest: VenueManifest
    status: StatusBitmaps


def usable_lists(lists: Lists, now: datetime) -> UsableLists | Answer:
    """Return the lists to decide with, or why this reader cannot decide."""
    trust, manifest, status = lists.trust, lists.manifest, lists.status
    if trust is None or manifest is None or status is None:
        return refuse(Reason.LISTS_MISSING)
    overdue = [lst.issued_at for lst in (trust, manifest, status) if now >= lst.valid_until]
    if overdue:
        return refuse(Reason.LISTS_TOO_OLD, {"hours": (now - min(overdue)) // timedelta(hours=1)})
    return UsableLists(manifest, status)


def presentation_context(manifest: VenueManifest) -> PresentationContext:
    """Return where a code is presented."""
    return PresentationContext(
        venue=manifest.venue_number,
        purpose=manifest.purpose,
        representative_allowed=manifest.rules.representative_allowed,
    )


def decide_code(code: VerifiedCode, manifest: VenueManifest) -> Answer:
    """Apply the venue's rule to a verified code that was not seen before."""
    return decide(Evidence.of_certificate(code.certificate.claims), manifest.rules)


def decide_card(card: ReadCard, lists: UsableLists, now: datetime) -> Answer:
    """Check a physical card's date and status, then apply the venue's rule."""
    if card.expires_on is not None and now.astimezone(LOCAL_ZONE).date() > card.expires_on:
        return refuse(Reason.CARD_EXPIRED, {"date": card.expires_on.isoformat()})
    code = card.identification_code
    barred = _BY_STATUS.get(lists.status.card_status(card_digest(code.raw)))
    if barred:
        return refuse(barred)
    return decide(Evidence(Medium.CARD, code.division, card.authenticated), lists.manifest.rules)
