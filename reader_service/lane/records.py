"""What the journal is told of a presentation: one record, whatever came of it."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from reader_service.card_reading import ReadCard
from shared.admission.answer import Answer
from shared.admission.evidence import Medium
from shared.admission.rules import Decision
from shared.ecode.reasons import Detail
from shared.ecode.verify import RefusedCode, VerifiedCode
from shared.wire.scans import MAX_COUNTED_ON, Direction, ScanRecord


@dataclass(frozen=True, slots=True)
class Passing:
    """Which way a lane lets people, how many stand there together, and what its screen asks.

    `challenge` are the digits shown; a venue that asks for them takes no code where none are.
    """

    direction: Direction = Direction.IN
    party: int = 1
    challenge: str | None = None


ONE_IN = Passing()


def record_of(
    answer: Answer, lane: int, medium: Medium, passing: Passing, now: datetime
) -> ScanRecord:
    """Return the record of an answer, of nobody yet."""
    return ScanRecord(
        scan_id=secrets.token_hex(16),
        lane=lane,
        scanned_at=milliseconds(now),
        medium=medium,
        verdict=answer.verdict,
        reason=answer.reason,
        detail=answer.detail,
        direction=passing.direction,
        party=passing.party,
    )


def of_phone(record: ScanRecord, code: VerifiedCode | RefusedCode) -> ScanRecord:
    """Return the record with the phone whose code it was, as far as the code could be read."""
    if code.certificate is None or code.proof is None:
        return record
    claims = code.certificate.claims
    return replace(
        record,
        region=claims.region,
        card_index=claims.card_index,
        device_serial=claims.device_serial,
        counter=code.proof.counter,
    )


def counted(record: ScanRecord, decision: Decision) -> ScanRecord:
    """Return the record of an admission with how many it lets in and what it is counted on."""
    if not decision.answer.verdict.opens or record.direction is Direction.OUT:
        return record
    held = [one.booking_id for one in decision.bookings] + [one.pass_id for one in decision.passes]
    return replace(record, admits=decision.admits, counted_on=tuple(held[:MAX_COUNTED_ON]))


def with_proof(answer: Answer, card: ReadCard) -> Answer:
    """Say in an answer how far the card was proven, and by which PSAM."""
    told: Detail = {"card_proof": card.proof.value}
    if card.terminal_number is not None:
        told = {**told, "terminal_number": card.terminal_number}
    return replace(answer, detail={**answer.detail, **told})


def milliseconds(instant: datetime) -> int:
    """Return an instant as records tell it."""
    return int(instant.timestamp() * 1000)
