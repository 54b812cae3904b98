"""Whether a venue would let its holder in now, and if not, why: the gate's own rule on the phone.

The phone knows the card, its certificate, the bookings and passes it last read. How many are inside
and which card functions are loaded it does not know, and asks nothing of them.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from mobile.core.booking import Booking, BookingState
from mobile.core.card import IssuedCertificate
from mobile.core.passes import Pass, PassState
from shared.admission.answer import Answer
from shared.admission.circumstances import Circumstances, HeldBooking, HeldPass
from shared.admission.evidence import Evidence
from shared.admission.rules import AdmissionRules, decide
from shared.ecode.reasons import explain
from shared.localized_text import LocalizedText

MOST_RULES = 100_000
"""Characters of a venue's rules that this app reads."""


def read_rules(text: str | None) -> AdmissionRules | None:
    """Read a venue's rules; None where there are none, or some that this app is too old for.

    Raises:
        TypeError: it is no text.
    """
    if text is None or len(text) > MOST_RULES:
        return None
    try:
        rules = AdmissionRules.of_wire(json.loads(text))
    except ValueError:  # `InvalidRules`, and what is no JSON
        return None
    return replace(rules, required_function=None)


def entry_answer(
    rules: AdmissionRules,
    venue: int,
    certificate: IssuedCertificate,
    bookings: Iterable[Booking],
    passes: Iterable[Pass],
    now: datetime,
) -> Answer:
    """Return what a gate of `venue` would answer to the holder's code now."""
    around = Circumstances(
        now,
        venue,
        bookings=tuple(map(_booked, filter(_is_confirmed, bookings))),
        passes=tuple(_held(one) for one in passes if one.state_at(now) in _HELD),
    )
    return decide(Evidence.of_certificate(certificate.certificate.claims), around, rules).answer


def said_to_holder(answer: Answer, now: datetime) -> tuple[LocalizedText, LocalizedText | None]:
    """Return an answer in words for the holder: what it is, and what would help."""
    if answer.verdict.opens or answer.reason is None:
        return answer.headline, answer.next_step
    text = explain(answer.reason, answer.detail, now)
    return text.resident, text.next_step


_HELD = frozenset({PassState.VALID, PassState.NOT_YET, PassState.USED_UP, PassState.EXPIRED})


def _is_confirmed(booking: Booking) -> bool:
    return booking.state is BookingState.CONFIRMED


def _booked(booking: Booking) -> HeldBooking:
    return HeldBooking(
        booking.identifier,
        booking.venue_number,
        booking.starts_at,
        booking.ends_at,
        booking.quantity,
        booking.entered,
    )


def _held(held: Pass) -> HeldPass:
    return HeldPass(
        held.identifier,
        held.product,
        held.days,
        venues=frozenset(place.number for place in held.places),
        uses=held.uses,
        used=held.used,
        blackouts=held.blackouts,
        personal=held.personal,
    )
