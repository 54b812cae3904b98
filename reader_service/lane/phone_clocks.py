"""Codes out of time: what they teach this reader's clock, and whose clock is to blame for them."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from shared.ecode.reasons import READER_OFF, Reason
from shared.ecode.verify import MAX_AGE, MAX_AHEAD, CodeVerifier, RefusedCode, VerifiedCode

_OUT_OF_TIME = frozenset(
    {
        Reason.STALE,
        Reason.CLOCK_AHEAD,
        Reason.CERTIFICATE_NOT_YET_VALID,
        Reason.CERTIFICATE_EXPIRED,
    }
)


class PhoneTimes(Protocol):
    """Who learns from phones what time it is."""

    def wants_evidence(self) -> bool:
        """Tell whether a code out of time is worth checking now."""
        ...

    def hear_phone(self, phone: tuple[int, int], issued_at: int) -> None:
        """Take the time of a genuine code."""
        ...

    def uncorrected(self) -> float:
        """Return by how many seconds this reader is known to be ahead, beyond what it corrects."""
        ...


def hear_time(
    times: PhoneTimes, code: VerifiedCode | RefusedCode, text: str, verifier: CodeVerifier
) -> None:
    """Let this reader's clock learn what time a phone has."""
    if code.certificate is None or code.proof is None or code.certificate.claims.paper:
        return
    if isinstance(code, RefusedCode) and not (
        code.reason in _OUT_OF_TIME and times.wants_evidence() and verifier.is_genuine(text)
    ):
        return
    claims = code.certificate.claims
    times.hear_phone((claims.card_index, claims.device_serial), code.proof.issued_at)


def blamed(times: PhoneTimes, code: RefusedCode, now: datetime) -> RefusedCode:
    """Return a refusal that blames this reader's clock where a right one would have been content.

    A phone is told to set its clock only if that is what is wrong.
    """
    off = times.uncorrected()
    if not off or code.reason not in _OUT_OF_TIME or code.certificate is None or code.proof is None:
        return code
    right, claims = now - timedelta(seconds=off), code.certificate.claims
    age = right - datetime.fromtimestamp(code.proof.issued_at, UTC)
    in_time = -MAX_AHEAD <= age <= MAX_AGE and claims.not_before <= right < claims.not_after
    if not in_time:
        return code
    detail = {**code.detail, READER_OFF: abs(round(off))}
    return RefusedCode(code.reason, detail, code.certificate, code.proof)
