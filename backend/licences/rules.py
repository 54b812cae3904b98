"""What a desk may ask for, who decides, and when a grant serves; pure (S26).

授权调取: the holder, present at the desk, lets it see the named licences, all or none of them. A
grant is for that desk, that member of staff and that terminal; it serves once, for some minutes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from backend.foundation.audit import reason_of
from backend.foundation.refusals import Refusal
from backend.licences import refusals as no
from backend.licences.registry import Licence, LicenceKind
from shared.localized_text import LocalizedText

KIND_WORDS: Mapping[LicenceKind, LocalizedText] = {
    LicenceKind.DRIVING: LocalizedText("机动车驾驶证", "Driving licence"),
    LicenceKind.HOUSEHOLD: LocalizedText("户籍登记证明", "Household registration"),
    LicenceKind.QUALIFICATION: LocalizedText("职业资格证书", "Professional qualification"),
    LicenceKind.BIRTH: LocalizedText("出生医学证明", "Birth certificate"),
}


class RequestState(StrEnum):
    """How a request is stored; that its time has ended is told by the clock alone."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    USED = "used"


class ShownState(StrEnum):
    """How a request is shown."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    USED = "used"
    EXPIRED = "expired"


class LicenceStatus(StrEnum):
    """How a licence stands today."""

    VALID = "valid"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Desk:
    """Which desk it is: its organisation's code, who sits there, and the terminal's key."""

    organisation: str
    staff: str
    terminal: str


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What decides about a request."""

    desk: Desk
    state: RequestState
    until: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """Which licences a desk asks for, and what for."""

    kinds: tuple[LicenceKind, ...]
    purpose: str


def wish_of(kinds: Sequence[LicenceKind], purpose: str) -> Wish | Refusal:
    """Return what a desk asks for, fit to be stored and shown: each kind once, with a purpose."""
    if not kinds or len(set(kinds)) != len(kinds):
        return no.LICENCE_KINDS_FORM
    said = reason_of(purpose)
    return said if isinstance(said, Refusal) else Wish(tuple(kinds), said)


def shown_state(state: RequestState, until: datetime, now: datetime) -> ShownState:
    """Return how a request stands at a moment."""
    open_still = state in {RequestState.ASKED, RequestState.GRANTED}
    return ShownState.EXPIRED if open_still and now >= until else ShownState(state.value)


def refusal_to_decide(facts: RequestFacts, now: datetime) -> Refusal | None:
    """Return why a request is not decided any more."""
    state = shown_state(facts.state, facts.until, now)
    if state is ShownState.ASKED:
        return None
    over = state is ShownState.EXPIRED and facts.state is RequestState.ASKED
    return no.LICENCE_REQUEST_EXPIRED if over else no.LICENCE_REQUEST_DECIDED


def refusal_to_withdraw(facts: RequestFacts, now: datetime) -> Refusal | None:
    """Return why there is no grant that could be taken back."""
    if facts.state is RequestState.USED:
        return no.LICENCE_GRANT_USED
    standing = shown_state(facts.state, facts.until, now)
    return None if standing is ShownState.GRANTED else no.LICENCE_NOT_GRANTED


def refusal_to_fetch(facts: RequestFacts | None, desk: Desk, now: datetime) -> Refusal | None:
    """Return why a desk may not see the licences; whose request it is comes first."""
    if facts is None:
        return no.LICENCE_REQUEST_UNKNOWN
    asked = facts.desk
    if (desk.organisation, desk.staff) != (asked.organisation, asked.staff):
        return no.LICENCE_OTHER_DESK
    if desk.terminal != asked.terminal:
        return no.LICENCE_OTHER_TERMINAL
    standing = shown_state(facts.state, facts.until, now)
    if standing is ShownState.EXPIRED and facts.state is RequestState.ASKED:
        return no.LICENCE_REQUEST_EXPIRED
    return _NOT_SERVING.get(standing)


def own_licences(
    found: Iterable[Licence], number: str, kinds: Sequence[LicenceKind]
) -> tuple[Licence, ...] | Refusal:
    """Return the holder's own licences of the named kinds, in the order of the kinds.

    Of a kind that is filed under them for somebody else alone, say their child, nothing is told,
    nor of the others then: what was granted is whole or nothing.
    """
    filed = tuple(found)
    for kind in kinds:
        holders = {one.holder for one in filed if one.kind is kind}
        if holders and number not in holders:
            return no.LICENCE_OF_ANOTHER
    return tuple(
        one for kind in kinds for one in filed if one.kind is kind and one.holder == number
    )


def standing_of(licence: Licence, today: date) -> LicenceStatus:
    """Return how a licence stands on a day, its last one included."""
    if licence.revoked:
        return LicenceStatus.REVOKED
    if today < licence.valid_from:
        return LicenceStatus.NOT_YET
    ended = licence.valid_until is not None and today > licence.valid_until
    return LicenceStatus.EXPIRED if ended else LicenceStatus.VALID


_NOT_SERVING: Mapping[ShownState, Refusal] = {
    ShownState.ASKED: no.LICENCE_NOT_DECIDED,
    ShownState.REFUSED: no.LICENCE_REFUSED,
    ShownState.WITHDRAWN: no.LICENCE_WITHDRAWN,
    ShownState.USED: no.LICENCE_GRANT_USED,
    ShownState.EXPIRED: no.LICENCE_GRANT_EXPIRED,
}
