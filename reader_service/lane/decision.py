"""From what a lane read to the answer it gives: pure, no memory, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from reader_service.card_reading import ReadCard
from reader_service.lane.entries import EarlierEntries
from reader_service.lane.uses import Uses
from reader_service.offline_holdings import HeldSet
from reader_service.status_bitmaps import StatusBitmaps
from reader_service.trusted_lists import FunctionBitmaps, Lists
from shared.admission.answer import Answer, Verdict, refuse
from shared.admission.circumstances import Circumstances
from shared.admission.evidence import Evidence, Medium
from shared.admission.rules import Decision, decide
from shared.clock import LOCAL_ZONE
from shared.ecode.reasons import Reason
from shared.ecode.verify import CardStatus, PresentationContext, VerifiedCode
from shared.localized_text import LocalizedText
from shared.trust.status_list import card_digest
from shared.trust.trust_list import Untrusted
from shared.wire.manifest import VenueManifest
from shared.wire.offline_set import Holdings

_WITHOUT_HOLDINGS = frozenset({Reason.BOOKING_NEEDED, Reason.PASS_NEEDED})
_BY_STATUS: Mapping[CardStatus, Reason] = {
    CardStatus.REVOKED: Reason.CARD_REVOKED,
    CardStatus.SUSPENDED: Reason.CARD_SUSPENDED,
}


class _Dated(Protocol):
    @property
    def issued_at(self) -> datetime: ...

    @property
    def valid_until(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class UsableLists:
    """All that a decision needs, there and in date."""

    manifest: VenueManifest
    status: StatusBitmaps
    functions: FunctionBitmaps | None = None
    holdings: HeldSet | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """What this reader knows around a visit; `people_inside` None is not counted."""

    now: datetime
    earlier: EarlierEntries = field(default_factory=EarlierEntries)
    party: int = 1
    area: str | None = None
    people_inside: int | None = None


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
    holdings = lists.holdings if manifest.offline_set else None
    if manifest.offline_set and holdings is None:
        return refuse(Reason.LISTS_MISSING)
    dated: list[_Dated] = [trust, manifest, status, standing]
    dated += [holdings] if holdings else []
    overdue = [document.issued_at for document in dated if now >= document.valid_until]
    if functions and now >= functions.valid_until:
        overdue.append(functions.issued_at)
    if overdue:
        return refuse(Reason.LISTS_TOO_OLD, {"hours": (now - min(overdue)) // timedelta(hours=1)})
    return UsableLists(manifest, status, functions, holdings)


def presentation_context(
    manifest: VenueManifest, challenge: bytes | None = None
) -> PresentationContext:
    """Return where a code is presented, and what it must answer there."""
    return PresentationContext(
        venue=manifest.venue_number,
        purpose=manifest.purpose,
        challenge=challenge,
        representative_allowed=manifest.rules.representative_allowed,
    )


def decide_code(
    code: VerifiedCode, lists: UsableLists, visit: Visit, uses: Uses | None
) -> Decision:
    """Apply the venue's rule to a verified code; `uses` None leaves out what was used before."""
    claims, held = code.certificate.claims, lists.holdings
    evidence = evidence_of_code(code, lists, visit.now)
    try:
        holdings = held.of_code(claims) if held else None
    except Untrusted:
        return Decision(refuse(Reason.LISTS_MISSING))
    return _decided(evidence, lists, visit, _left(holdings, held, uses))


def evidence_of_code(code: VerifiedCode, lists: UsableLists, now: datetime) -> Evidence:
    """Return what a verified code proves."""
    claims, functions = code.certificate.claims, lists.functions
    function = functions.of_code(claims.region, claims.card_index, now) if functions else None
    return Evidence.of_certificate(claims, function)


def evidence_of_card(card: ReadCard, lists: UsableLists, now: datetime) -> Evidence:
    """Return what a physical card proves."""
    code, functions = card.identification_code, lists.functions
    digest = card_digest(code.raw)
    function = functions.of_card(code.division, digest, now) if functions else None
    return Evidence(Medium.CARD, code.division, card.authenticated, function=function)


def decide_card(card: ReadCard, lists: UsableLists, visit: Visit, uses: Uses) -> Decision:
    """Check a physical card's date and status, then apply the venue's rule."""
    now = visit.now
    if card.expires_on is not None and now.astimezone(LOCAL_ZONE).date() > card.expires_on:
        return Decision(refuse(Reason.CARD_EXPIRED, {"date": card.expires_on.isoformat()}))
    digest, held = card_digest(card.identification_code.raw), lists.holdings
    barred = _BY_STATUS.get(lists.status.card_status(digest))
    if barred:
        return Decision(refuse(barred))
    evidence = evidence_of_card(card, lists, now)
    try:
        holdings = held.of_card(digest) if held else None
    except Untrusted:
        return Decision(refuse(Reason.LISTS_MISSING))
    decision = _decided(evidence, lists, visit, _left(holdings, held, uses))
    if held and holdings is None and decision.answer.reason in _WITHOUT_HOLDINGS:
        # They may well have booked: this reader is to blame, and says so.
        return Decision(refuse(Reason.LISTS_MISSING))
    return decision


def leaving() -> Decision:
    """Let somebody out: no rule keeps a person in, whatever has become of their card."""
    return Decision(Answer(Verdict.ADMIT, LocalizedText("请慢走", "Goodbye")))


def _decided(evidence: Evidence, lists: UsableLists, visit: Visit, holdings: Holdings) -> Decision:
    """Decide by what this reader knows around a visit."""
    rules, earlier = lists.manifest.rules, visit.earlier
    around = Circumstances(
        visit.now,
        lists.manifest.venue_number,
        area=visit.area,
        party=visit.party,
        bookings=holdings.bookings,
        passes=holdings.passes,
        entries_today=earlier.today,
        last_entry=earlier.last,
        inside=earlier.inside,
        people_inside=visit.people_inside,
    )
    decision = decide(evidence, around, rules)
    if not decision.answer.verdict.opens:
        return decision
    said = {**decision.answer.detail}
    if decision.quote is not None:
        said["price_fen"] = decision.quote.total_fen
    for booking in decision.bookings[:1]:
        said |= {"quantity": booking.quantity, "entered": booking.entered + decision.admits}
    return replace(decision, answer=replace(decision.answer, detail=said))


def _left(holdings: Holdings | None, held: HeldSet | None, uses: Uses | None) -> Holdings:
    """Return holdings without what this reader's own entries have used of them since."""
    if holdings is None or held is None or uses is None:
        return holdings or Holdings()
    return uses.taken_off(holdings, held.asked_at)


def _required_functions(lists: Lists, manifest: VenueManifest) -> FunctionBitmaps | Answer | None:
    """Return the list of the function the venue asks for, None where it asks for none."""
    code = manifest.rules.required_function
    if code is None:
        return None
    found = lists.functions
    return found if found and found.code == code else refuse(Reason.LISTS_MISSING)
