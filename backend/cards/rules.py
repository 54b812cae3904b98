"""What a card's phones may do: pure, on values."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from backend.cards import refusals as no
from backend.cards.concession import Concession
from backend.cards.lifecycle import CardState
from backend.cards.policy import EcardAction, EcardPolicy
from backend.figures import CardFigures
from backend.foundation.refusals import Refusal
from shared.clock import LOCAL_ZONE
from shared.ecode.algorithms import PublicKey
from shared.ecode.certificate import AgeBand, CertificateClaims
from shared.identity.age import age_on, birthday_in, local_day

CODE_DIGITS = 10
CODE_VALID = timedelta(minutes=15)
MAX_DEVICE_NAME = 40
_CODE = re.compile(r"[0-9]{10}")
JUDGED_FOR = timedelta(days=30)
"""How long what was judged for a certificate stands at most, though nothing seems to change.

A release that judges otherwise has reached every phone after that.
"""
_HOUR = timedelta(hours=1)
_DAY_HOURS = 24


class DeviceState(StrEnum):
    """Whether a phone may speak for the card."""

    AWAITING_VERIFICATION = "AWAITING_VERIFICATION"  # known; its holder is not proven yet
    BOUND = "BOUND"
    UNBOUND = "UNBOUND"


_DEVICE: dict[str, Refusal | None] = {
    DeviceState.BOUND: None,
    DeviceState.UNBOUND: no.DEVICE_UNBOUND,
    DeviceState.AWAITING_VERIFICATION: no.DEVICE_UNVERIFIED,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a phone gets a certificate; `device` None is one not known yet."""

    card_state: CardState
    holder_present: bool
    device: DeviceState | None = DeviceState.BOUND
    bound_devices: int = 0


def may_be_certified(standing: Standing, policy: EcardPolicy) -> Refusal | None:
    """Tell why a phone gets no certificate, or None where it does."""
    refused = _DEVICE[standing.device] if standing.device else None
    refused = refused or policy.refusal(standing.card_state, EcardAction.RENEW_CERTIFICATE)
    if refused is not None:
        return refused
    return None if standing.holder_present else no.HOLDER_ABSENT


def may_enrol(standing: Standing, policy: EcardPolicy, figures: CardFigures) -> Refusal | None:
    """Tell why another phone cannot be enrolled, or None where it can."""
    if standing.bound_devices >= figures.bound_devices:
        return no.TOO_MANY_DEVICES
    refused = policy.refusal(standing.card_state, EcardAction.ADD_PHONE)
    if refused is not None:
        return refused
    return None if standing.holder_present else no.HOLDER_ABSENT


def refusal_of_device(device: DeviceState) -> Refusal | None:
    """Return why a phone does not speak for its card, or None where it does."""
    return _DEVICE[device]


def code_of(text: str) -> str | Refusal:
    """Return an activation code as typed: spaces and hyphens between its digits are accepted."""
    code = text.replace(" ", "").replace("-", "")
    return code if _CODE.fullmatch(code) else no.CODE_WRONG


def device_name_of(text: str) -> str | Refusal:
    """Return a phone's name as its owner will see it."""
    name = text.strip()
    fits = 1 <= len(name) <= MAX_DEVICE_NAME and name.isprintable()
    return name if fits else no.DEVICE_NAME_FORM


def age_band(birth: date, now: datetime) -> AgeBand:
    """Return the holder's age band on the city's present day."""
    return AgeBand.of_age(age_on(birth, local_day(now)))


def expiry_of(issued_at: datetime, figures: CardFigures) -> datetime:
    """Return the first instant at which a card enabled now no longer counts: 00:00 local."""
    day = local_day(issued_at)
    last = birthday_in(day, day.year + figures.valid_years)
    return datetime(last.year, last.month, last.day, tzinfo=LOCAL_ZONE)


@dataclass(frozen=True, slots=True)
class CertifiedPhone:
    """The facts a certificate is made of."""

    region: int
    issuer_key_id: int
    card_index: int
    device_serial: int
    device_key: PublicKey


def plan_claims(
    phone: CertifiedPhone,
    concession: Concession,
    card_expires_at: datetime | None,
    figures: CardFigures,
    now: datetime,
    represented_until: datetime | None = None,
) -> CertificateClaims:
    """Return the claims of a certificate that holds from the present hour.

    It outlives nothing it says: it ends with the hour at which band or level change (00:00 local of
    a birthday, say) or the card expires. With `represented_until` it is for a delegate 代办人, and
    ends then at the latest.
    """
    not_before = now.replace(minute=0, second=0, microsecond=0)
    limits = (concession.changes_at, card_expires_at, represented_until)
    ends = [end for end in limits if end is not None]
    hours = [figures.certificate_hours, *((end - not_before) // _HOUR for end in ends)]
    return CertificateClaims(
        region=phone.region,
        issuer_key_id=phone.issuer_key_id,
        card_index=phone.card_index,
        device_serial=phone.device_serial,
        age_band=concession.age_band,
        concession=concession.level,
        represented=represented_until is not None,
        not_before=not_before,
        lifetime_hours=max(1, min(hours)),
        device_key=phone.device_key,
    )


def stands_until(
    concession: Concession, card_expires_at: datetime | None, now: datetime
) -> datetime:
    """Return until when a certificate like the one planned now may be given unseen."""
    limits = (concession.changes_at, card_expires_at, now + JUDGED_FOR)
    return min(limit for limit in limits if limit is not None)


def next_claims(
    held: CertificateClaims, issuer_key_id: int, figures: CardFigures, now: datetime
) -> CertificateClaims:
    """Return what `plan_claims` says while all stands that `held` says: another time, whole."""
    return replace(
        held,
        issuer_key_id=issuer_key_id,
        not_before=now.replace(minute=0, second=0, microsecond=0),
        lifetime_hours=figures.certificate_hours,
    )


def local_midnight(day: date) -> datetime:
    """Return the instant at which a local day begins, a whole hour of UTC in China."""
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL_ZONE).astimezone(UTC)


def plan_paper(phone: CertifiedPhone, concession: Concession, day: date) -> CertificateClaims:
    """Return the claims of a code on paper 纸质当日码: good on one local day, until 24:00."""
    return CertificateClaims(
        region=phone.region,
        issuer_key_id=phone.issuer_key_id,
        card_index=phone.card_index,
        device_serial=phone.device_serial,
        age_band=concession.age_band,
        concession=concession.level,
        represented=False,
        not_before=local_midnight(day),
        lifetime_hours=_DAY_HOURS,
        device_key=phone.device_key,
        paper=True,
    )


def refusal_of_paper(day: date, today: date, printed: int, figures: CardFigures) -> Refusal | None:
    """Tell why a card's code is not put on paper for `day`, or None where it is.

    `printed` is how often it was for that day.
    """
    if day < today or (day - today).days > figures.paper_days_ahead:
        return no.paper_day(figures.paper_days_ahead)
    return no.paper_prints(figures.paper_prints) if printed >= figures.paper_prints else None


def renew_after(not_before: datetime, not_after: datetime, figures: CardFigures) -> datetime:
    """Return when a phone should ask for the next certificate: at half of this one's life.

    One that was cut short is asked for again at its end: sooner, no better one could be given.
    """
    life = not_after - not_before
    cut_short = life < timedelta(hours=figures.certificate_hours)
    return not_after if cut_short else not_before + life / 2
