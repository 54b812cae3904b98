"""From what a lane read to the answer it gives: pure, no memory, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from reader_service.card_reading import ReadCard
from reader_service.lane.entries import EarlierEntries
from reader_service.snapshot import FunctionBitmaps, Lists, StatusBitmaps
from shared.admission.answer import Answer, refuse
from shared.admission.circumstances import Circumstances
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
    functions: FunctionBitmaps | None = None


def usable_lists(lists: Lists, now: datetime) -> UsableLists | Answer:
    """Return the lists to decide with, or why this reader cannot decide."""
    trust, manifest, status, standing = lists.trust, lists.manifest, lists.status, lists.standing
    if standing is not None and standing.blocked:
        return refuse(Reason.TERMINAL_BLOCKED)
    if trust is None or manifest is None or status is None or standing is None:
        return refuse(Reason.LISTS_MISSING)
    functions = _required_functions(lists, manifest)
    if isinstance(functions, Answer):
        return functions
    dated = (trust, manifest, status, standing)
    overdue = [document.issued_at for document in dated if now >= document.valid_until]
    if functions and now >= functions.valid_until:
        overdue.append(functions.issued_at)
    if overdue:
        return refuse(Reason.LISTS_TOO_OLD, {"hours": (now - min(overdue)) // timedelta(hours=1)})
    return UsableLists(manifest, status, functions)


def presentation_context(manifest: VenueManifest) -> PresentationContext:
    """Return where a code is presented."""
    return PresentationContext(
        venue=manifest.venue_number,
        purpose=manifest.purpose,
        representative_allowed=manifest.rules.representative_allowed,
    )


def decide_code(
    code: VerifiedCode, lists: UsableLists, now: datetime, earlier: EarlierEntries
) -> Answer:
    """Apply the venue's rule to a verified code that was not seen before."""
    claims, functions = code.certificate.claims, lists.functions
    function = functions.of_code(claims.region, claims.card_index, now) if functions else None
    evidence = Evidence.of_certificate(claims, function)
    return decide(evidence, _around(lists.manifest, now, earlier), lists.manifest.rules).answer


def decide_card(
    card: ReadCard, lists: UsableLists, now: datetime, earlier: EarlierEntries
) -> Answer:
    """Check a physical card's date and status, then apply the venue's rule."""
    if card.expires_on is not None and now.astimezone(LOCAL_ZONE).date() > card.expires_on:
        return refuse(Reason.CARD_EXPIRED, {"date": card.expires_on.isoformat()})
    code = card.identification_code
    digest, functions = card_digest(code.raw), lists.functions
    barred = _BY_STATUS.get(lists.status.card_status(digest))
    if barred:
        return refuse(barred)
    function = functions.of_card(code.division, digest, now) if functions else None
    evidence = Evidence(Medium.CARD, code.division, card.authenticated, function=function)
    return decide(evidence, _around(lists.manifest, now, earlier), lists.manifest.rules).answer


def _around(manifest: VenueManifest, now: datetime, earlier: EarlierEntries) -> Circumstances:
    """Return what this reader knows around a visit: no bookings, passes or live count yet."""
    return Circumstances(
        now, manifest.venue_number, entries_today=earlier.today, last_entry=earlier.last
    )


def _required_functions(lists: Lists, manifest: VenueManifest) -> FunctionBitmaps | Answer | None:
    """Return the list of the function the venue asks for, None where it asks for none."""
    code = manifest.rules.required_function
    if code is None:
        return None
    found = lists.functions
    return found if found and found.code == code else refuse(Reason.LISTS_MISSING)
