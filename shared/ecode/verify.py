"""The order of checks on a code, cheap before dear.

not ours, malformed → version → certificate validity → issued-at window → issuer key → card and
device status → signatures → representative → purpose → venue → challenge. A code on paper 纸质码
proves no moment: it has no issued-at window, and it answers no challenge. What comes after, the
counter and the scene's own rule, needs memory and rules and stands in `replay` and
`shared.admission`.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Protocol

from shared.clock import LOCAL_ZONE
from shared.ecode.algorithms import InvalidKey, PublicKey, UnsupportedAlgorithm
from shared.ecode.certificate import Certificate, parse_certificate
from shared.ecode.digits import MAX_LENGTH, MIN_LENGTH, from_digits
from shared.ecode.layout import PAPER_VERSION, Malformed
from shared.ecode.proof import ANY, Proof, parse_proof, signed_part, split_code
from shared.ecode.reasons import Detail, Reason

MAX_AGE = timedelta(seconds=15)
MAX_AHEAD = timedelta(seconds=5)
CACHED_CERTIFICATES = 4096

_NOTHING: Detail = {}


class CardStatus(Enum):
    """What a status list says of a card and the device that speaks for it."""

    ACTIVE = "active"
    SUSPENDED = "suspended"  # 临时挂失, reversible
    REVOKED = "revoked"  # 正式挂失 or 注销, final
    DEVICE_UNBOUND = "device_unbound"


class StatusLookup(Protocol):
    """A status list held ready for look-ups."""

    def status(self, region: int, card_index: int, device_serial: int) -> CardStatus:
        """Return the status; a card that no list names is active."""
        ...


@dataclass(frozen=True, slots=True)
class NoIssuerKey:
    """The trust list's answer for a key it does not give; `known` when only its time is over."""

    known: bool


class IssuerKeys(Protocol):
    """The trust list, as far as codes need it."""

    def certificate_key(self, region: int, key_id: int, now: datetime) -> PublicKey | NoIssuerKey:
        """Return the region's key of that id, if it is valid now."""
        ...


@dataclass(frozen=True, slots=True)
class PresentationContext:
    """Where a code is presented.

    `purpose` is the scene's number and `venue` the venue's short number; `challenge` is None where
    the venue asks none.
    """

    venue: int
    purpose: int = ANY
    challenge: bytes | None = None
    representative_allowed: bool = False


@dataclass(frozen=True, slots=True)
class VerifiedCode:
    """A code whose issuer and device both signed it, presented in time."""

    certificate: Certificate
    proof: Proof


@dataclass(frozen=True, slots=True)
class RefusedCode:
    """A code that is not to be admitted, with the numbers its words need.

    `certificate` and `proof` are there as far as they could be read, for the journal; before the
    signatures were checked they are only what the code claims.
    """

    reason: Reason
    detail: Detail = field(default_factory=dict)
    certificate: Certificate | None = None
    proof: Proof | None = None


class CodeVerifier:
    """Verifies codes against one set of lists; holds a cache of certificates already proven.

    A certificate counts as proven by its whole bytes under the issuer key it was checked with, so
    a changed list is never outlived by the cache: status and key validity are asked each time.
    """

    def __init__(self, issuers: IssuerKeys, statuses: StatusLookup) -> None:
        self._issuers = issuers
        self._statuses = statuses
        self._proven: OrderedDict[tuple[bytes, PublicKey], None] = OrderedDict()

    def verify(
        self, text: str, now: datetime, context: PresentationContext
    ) -> VerifiedCode | RefusedCode:
        """Check `text` as the scanner gave it; never raises for what a code may contain."""
        try:
            certificate_raw, proof_raw = split_code(_bytes_of(text))
            certificate, proof = parse_certificate(certificate_raw), parse_proof(proof_raw)
        except Malformed as error:
            return _unreadable(error)
        refusal = (
            _certificate_time(certificate, now)
            or (None if certificate.claims.paper else _proof_time(proof, now))
            or self._issuer_and_status(certificate, proof_raw, now)
            or _context(certificate, proof, context)
        )
        if refusal:
            reason, detail = refusal
            return RefusedCode(reason, detail, certificate, proof)
        return VerifiedCode(certificate, proof)

    def is_genuine(self, text: str) -> bool:
        """Tell whether a code that is out of time was made by an enrolled phone, when it says.

        Never a reason to admit: a copy is as genuine. It says what time the phone had.
        """
        try:
            certificate_raw, proof_raw = split_code(_bytes_of(text))
            certificate, proof = parse_certificate(certificate_raw), parse_proof(proof_raw)
        except Malformed:
            return False
        then = datetime.fromtimestamp(proof.issued_at, UTC)
        wrong = _certificate_time(certificate, then)
        return not (wrong or self._issuer_and_status(certificate, proof_raw, then))

    def _issuer_and_status(
        self, certificate: Certificate, proof_raw: bytes, now: datetime
    ) -> tuple[Reason, Detail] | None:
        claims = certificate.claims
        issuer = self._issuers.certificate_key(claims.region, claims.issuer_key_id, now)
        if isinstance(issuer, NoIssuerKey):
            unknown = Reason.ISSUER_KEY_NOT_VALID if issuer.known else Reason.ISSUER_UNKNOWN
            return unknown, {"region": f"{claims.region:06}"}
        status = self._statuses.status(claims.region, claims.card_index, claims.device_serial)
        if status is not CardStatus.ACTIVE:
            void = claims.paper and status is CardStatus.DEVICE_UNBOUND
            return Reason.PAPER_VOID if void else _BY_STATUS[status], _NOTHING
        return self._signatures(certificate, proof_raw, issuer)

    def _signatures(
        self, certificate: Certificate, proof_raw: bytes, issuer: PublicKey
    ) -> tuple[Reason, Detail] | None:
        if certificate.issuer_algorithm is not issuer.algorithm:
            return Reason.CERTIFICATE_FORGED, _NOTHING
        try:
            if not self._is_proven(certificate, issuer):
                return Reason.CERTIFICATE_FORGED, _NOTHING
            message = signed_part(certificate.raw, proof_raw)
            if not certificate.claims.device_key.verify(proof_raw[-64:], message):
                return Reason.PROOF_FORGED, _NOTHING
        except UnsupportedAlgorithm:
            return Reason.ALGORITHM_UNSUPPORTED, _NOTHING
        except InvalidKey:
            return Reason.PROOF_FORGED, _NOTHING
        return None

    def _is_proven(self, certificate: Certificate, issuer: PublicKey) -> bool:
        key = (certificate.raw, issuer)
        if key in self._proven:
            self._proven.move_to_end(key)
            return True
        if not issuer.verify(certificate.signature, certificate.signed_part):
            return False
        self._proven[key] = None
        if len(self._proven) > CACHED_CERTIFICATES:
            self._proven.popitem(last=False)
        return True


_BY_STATUS: Mapping[CardStatus, Reason] = {
    CardStatus.SUSPENDED: Reason.CARD_SUSPENDED,
    CardStatus.REVOKED: Reason.CARD_REVOKED,
    CardStatus.DEVICE_UNBOUND: Reason.DEVICE_UNBOUND,
}


def _bytes_of(text: str) -> bytes:
    """Return the code's bytes; whatever does not even look like one of ours is foreign.

    The first group begins with the version nibble, so the first digits of every version-1 code
    lie in one narrow range; a number of another length or range is somebody else's.
    """
    if len(text) > MAX_LENGTH:
        raise Malformed("too long", foreign=True)
    if not (text.isascii() and text.isdigit()):
        raise Malformed("not a number", foreign=True)
    if len(text) < MIN_LENGTH:
        raise Malformed("too short", foreign=len(text) < MIN_LENGTH // 2)
    return from_digits(text)


def _unreadable(error: Malformed) -> RefusedCode:
    if error.foreign:
        return RefusedCode(Reason.NOT_OURS)
    if error.version is not None and error.version > PAPER_VERSION:
        return RefusedCode(Reason.VERSION_UNKNOWN, {"version": error.version})
    return RefusedCode(Reason.NOT_OURS if error.version is not None else Reason.DAMAGED)


def _certificate_time(certificate: Certificate, now: datetime) -> tuple[Reason, Detail] | None:
    claims = certificate.claims
    if claims.paper and not certificate.holds_at(now):
        reason = Reason.PAPER_NOT_YET if now < claims.not_before else Reason.PAPER_DAY_OVER
        return reason, {"date": claims.not_before.astimezone(LOCAL_ZONE).date().isoformat()}
    if now < claims.not_before:
        minutes = -(-(claims.not_before - now) // timedelta(minutes=1))
        return Reason.CERTIFICATE_NOT_YET_VALID, {"minutes": minutes}
    if now >= claims.not_after:
        hours = (now - claims.not_after) // timedelta(hours=1)
        return Reason.CERTIFICATE_EXPIRED, {"hours": hours}
    return None


def _proof_time(proof: Proof, now: datetime) -> tuple[Reason, Detail] | None:
    age = now - datetime.fromtimestamp(proof.issued_at, UTC)
    if age > MAX_AGE:
        return Reason.STALE, {"seconds": int(age.total_seconds())}
    if age < -MAX_AHEAD:
        return Reason.CLOCK_AHEAD, {"seconds": int(-age.total_seconds())}
    return None


def _context(
    certificate: Certificate, proof: Proof, context: PresentationContext
) -> tuple[Reason, Detail] | None:
    if certificate.claims.represented and not context.representative_allowed:
        return Reason.REPRESENTATIVE_NOT_ALLOWED, _NOTHING
    if proof.purpose not in {ANY, context.purpose}:
        return Reason.WRONG_PURPOSE, _NOTHING
    if proof.venue not in {ANY, context.venue}:
        return Reason.WRONG_VENUE, _NOTHING
    if context.challenge is not None and certificate.claims.paper:
        return Reason.PAPER_NOT_ALLOWED, _NOTHING
    if context.challenge is not None and proof.challenge != context.challenge:
        return Reason.WRONG_CHALLENGE, _NOTHING
    return None
