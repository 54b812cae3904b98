"""What a city decides about each area: figures and terms, with what is usual as their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """How people sign in; each figure may be set by the city.

    Password work: OWASP's least is 19 MiB in 2 passes, RFC 9106's second choice 64 MiB in 3 passes
    and 4 lanes; production takes no less than OWASP's. Tries: GB/T 22239-2019 §8.1.4.1 asks for a
    limit and leaves the number to the operator. A code by SMS lives 5 minutes.
    """

    password_kib: int
    password_passes: int
    password_lanes: int
    password_workers: int
    tries: int
    lock_seconds: int
    address_tries: int
    address_lock_seconds: int
    sms_per_hour: int
    sms_code_tries: int
    access_seconds: int
    session_days: int
    staff_session_hours: int
    staff_reads_per_hour: int


@dataclass(frozen=True, slots=True)
class RegistrationPolicy:
    """What a real-name registration takes.

    `longest_name` in characters: GA/T identity data give a name 50; a card's own record is shorter
    and is cut by the card's rules, not by these.
    """

    longest_name: int


@dataclass(frozen=True, slots=True)
class NoShowRule:
    """After `most` no-shows 爽约 within `within_days` nothing is booked for `paused_days`."""

    most: int
    within_days: int
    paused_days: int


@dataclass(frozen=True, slots=True)
class BookingFigures:
    """What a city decides about bookings; a venue's plan of slots may be stricter.

    `hold_minutes`: places are held so long for whoever has not confirmed; `offer_minutes`: the same
    for places offered from a waiting list of at most `waiting`. One person has at most `per_day`
    bookings a local day and `ahead` in all. Slots are made `days_ahead`. Who has an appointment
    checks in from `check_in_minutes` before it on. Who does not come too often books none of that
    kind of slot for a while, by its rule in `no_shows`. No standard names any of these
    figures; museums and hospitals publish such limits of their own.
    """

    hold_minutes: int = 15
    offer_minutes: int = 60
    per_day: int = 4
    ahead: int = 20
    waiting: int = 100
    days_ahead: int = 14
    check_in_minutes: int = 60
    no_shows: Mapping[str, "NoShowRule"] = field(
        default_factory=lambda: {
            "VISIT": NoShowRule(3, 60, 30),
            "COURT": NoShowRule(3, 60, 30),
            "APPOINTMENT": NoShowRule(3, 90, 60),
        }
    )

    @property
    def hold(self) -> timedelta:
        """How long places are held."""
        return timedelta(minutes=self.hold_minutes)

    @property
    def offer(self) -> timedelta:
        """How long places offered from the waiting list are kept."""
        return timedelta(minutes=self.offer_minutes)


@dataclass(frozen=True, slots=True)
class Sip2Figures:
    """Where self-service machines of libraries speak SIP2, and how many at a time.

    `certificate` and `key` are PEM files; without them the port speaks in the clear, which
    production allows on the loopback only.
    """

    host: str = "127.0.0.1"
    port: int = 6001
    certificate: Path | None = None
    key: Path | None = None
    machines: int = 200


@dataclass(frozen=True, slots=True)
class RightsPolicy:
    """How people use their rights.

    `copies_per_hour` of one's own data: the law asks that copies be had readily (PIPL 45) and names
    no figure; making one costs the server seconds. `closing_days` is the cooling-off time 冷静期 of
    a closing, in days; GB/T 35273-2020 8.5 wants an account closed within 15 working days.
    """

    copies_per_hour: int
    closing_days: int


@dataclass(frozen=True, slots=True)
class CardFigures:
    """What a city decides about its cards.

    `renewal_days`: an expiring card may be replaced from so many days before its end. `pin_tries`:
    wrong PINs in a row after which the PIN is locked. `pin_unlocks`: how often in a card's life a
    locked PIN may be reset. `valid_years`: how long a new card is valid. `bound_devices`: phones
    that may speak for a card at the same time. `certificate_hours`: the longest life of a phone's
    certificate. `paper_prints`: how often a card's code is put on paper 纸质当日码 for one day, and
    `paper_days_ahead` how many days before it; 0 prints for the present day alone.

    Cities' guides to the third-generation card: renewal from 60 days before its end, the PIN locked
    by six wrong ones (one guide says three), ten unlocks in a card's life, valid for ten years. The
    regulation names none of them; phones and hours are this product's own choice.
    """

    renewal_days: int = 60
    pin_tries: int = 6
    pin_unlocks: int = 10
    valid_years: int = 10
    bound_devices: int = 5
    certificate_hours: int = 48
    paper_prints: int = 5
    paper_days_ahead: int = 1


@dataclass(frozen=True, slots=True)
class MandateFigures:
    """What a city decides about acting for another person 亲情代办.

    Ages: a child under 14 is processed by a guardian's consent (PIPL 个人信息保护法 Art 31), one of
    16 who lives by own work counts as of full capacity (Civil Code 民法典 Art 18), majority is 18
    (Art 17). No law names the other figures: quotas follow published guides to e-cards (ten
    relatives in all), which differ by place and time. `false_claim_days`: how long who claimed a
    kinship falsely is given mandates by papers alone. `delegates`: who may act for one person;
    `showing_phones`: on how many phones at once one delegate may show one principal's code.
    """

    consent_age: int = 14
    deciding_age: int = 16
    adult_age: int = 18
    elders: int = 4
    children: int = 3
    spouses: int = 1
    others: int = 2
    delegates: int = 3
    bindings_per_month: int = 6
    cool_down_hours: int = 24
    dormant_days: int = 180
    review_days: int = 365
    false_claim_days: int = 365
    agent_acts_per_day: int = 30
    showing_phones: int = 3


@dataclass(frozen=True, slots=True)
class LicenceFigures:
    """How many minutes a request to see licences waits for its holder, and a grant for its desk.

    The regulation says that the holder lets them and names no figure; these are our own choice.
    """

    decide_minutes: int = 10
    grant_minutes: int = 15
