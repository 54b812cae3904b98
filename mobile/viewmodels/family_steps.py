"""The pages of 亲情代办 on which something is decided, one decision each."""

from mobile.core.account import grouped
from mobile.core.invitation_code import code_of
from mobile.core.mandate import (
    DELEGATE,
    INVITATION_DIGITS,
    LENGTHS,
    LIMIT_LADDER,
    RELATIONS,
    SCOPES,
    SENSITIVE,
    FamilySeen,
    Mandate,
)
from mobile.viewmodels.fact_cards import Fact, FactCard
from mobile.viewmodels.family_pages import Words, limits_said, may
from mobile.viewmodels.family_state import CARD, LENGTH, LIMIT_STEPS, TYPE, Course, FamilyState, Way

EACH, DAILY = "each", "daily"
_AMOUNTS_SHOWN = 6
PIN_DIGITS = 6


def relation_page(course: Course, words: Words) -> FamilyState:
    """Ask who the two are to each other."""
    choices = tuple((one, words.say(f"relation.{course.side}.{one}")) for one in RELATIONS)
    return FamilyState(title=words.say("relation"), choices=choices, chosen=course.relation)


def choose_page(course: Course, words: Words) -> FamilyState:
    """Ask what may be done; what is sensitive is not among it."""
    plain = [one for one in SCOPES if one not in SENSITIVE]
    chosen = [one for one in SCOPES if one in course.scopes]
    ways = []
    for one in plain:
        key, icon = ("take_away", "minus") if one in course.scopes else ("add", "plus")
        ways.append(Way(f"toggle:{one}", words.say(key, scope=words.scope(one)), icon))
    following = (Way(f"go:{LENGTH}", words.say("next"), "", "primary"),) if chosen else ()
    return FamilyState(
        title=words.say("scopes"),
        lead=words.say("scopes.lead"),
        cards=(FactCard(tuple(may(chosen, words))),) if chosen else (),
        ways=tuple(ways),
        acts=(*following, Way("sensitive", words.say("sensitive"), "lock", "outlined")),
    )


def ask_page(course: Course, words: Words) -> FamilyState:
    """Ask about one sensitive thing."""
    return FamilyState(
        title=words.say("sensitive.ask", scope=words.scope(course.asked[0])),
        lead=words.say("sensitive.lead"),
        acts=(
            Way("allow:", words.say("no"), "", "primary"),
            Way("allow:yes", words.say("yes"), "", "outlined"),
        ),
    )


def length_page(course: Course, words: Words) -> FamilyState:
    """Ask for how long; who will act can go on with the other's card in place of an invitation."""
    card = Way(f"go:{CARD}", words.say("card"), "card", "outlined")
    return FamilyState(
        title=words.say("length"),
        choices=tuple((str(one), words.say(f"length.{one}")) for one in LENGTHS),
        chosen=str(course.days),
        acts=(
            Way("make", words.say("make"), "", "primary"),
            *((card,) if course.side == DELEGATE else ()),
        ),
    )


def card_page(words: Words) -> FamilyState:
    """Ask for the relative's card."""
    return FamilyState(
        title=words.say("card"),
        lead=words.say("card.lead"),
        acts=(Way("read_card", words.say("card.read"), "card", "primary"),),
    )


def pin_page(course: Course, words: Words) -> FamilyState:
    """Ask the card's holder for the PIN, which shows nowhere."""
    ready = len(course.typed) == PIN_DIGITS
    send = Way("send_pin", words.say("next"), "", "primary")
    return FamilyState(
        title=words.say("pin"),
        lead=words.say("pin.lead"),
        typed=grouped("●" * len(course.typed), 3, 3),
        acts=(send,) if ready else (),
    )


def shown_page(course: Course, words: Words) -> FamilyState:
    """Show an invitation to the other side."""
    digits = course.invitation.digits if course.invitation else ""
    return FamilyState(
        title=words.say("shown"),
        lead=words.say("shown.lead"),
        digits=grouped(digits, 4, 4, 4),
        code=code_of(digits),
    )


def take_page(words: Words) -> FamilyState:
    """Ask for the code of an invitation, before the camera."""
    return FamilyState(
        title=words.say("take"),
        lead=words.say("scan.lead"),
        acts=(
            Way("scan", words.say("scan"), "camera", "primary"),
            Way(f"go:{TYPE}", words.say("type"), "phone-key", "outlined"),
        ),
    )


def type_page(course: Course, words: Words) -> FamilyState:
    """Ask for the digits of an invitation, where there is no camera."""
    ready = len(course.typed) == INVITATION_DIGITS
    send = Way("send", words.say("next"), "", "primary")
    return FamilyState(
        title=words.say("type"),
        lead=words.say("take.lead"),
        typed=grouped(course.typed, 4, 4, 4),
        acts=(send,) if ready else (),
    )


def limits_page(course: Course, known: FamilySeen | None, words: Words) -> FamilyState:
    """Ask what may be paid at once, then a day, then a month; none less than the one before."""
    step = LIMIT_STEPS[min(len(course.limits), len(LIMIT_STEPS) - 1)]
    least = course.limits[-1] if course.limits else 0
    amounts = [one for one in LIMIT_LADDER if one >= least][:_AMOUNTS_SHOWN]
    mandate = known.mandate(course.mandate) if known else None
    return FamilyState(
        title=words.say(f"limits.{step}"),
        lead=words.say("limits.lead"),
        cards=(_present(mandate, words),) if mandate and not course.limits else (),
        choices=tuple(
            (str(one), words.yuan(one) if one else words.say("limits.zero")) for one in amounts
        ),
    )


def _present(mandate: Mandate, words: Words) -> FactCard:
    now = Fact("wallet", words.say("limits.present"), limits_said(mandate.limits, words))
    return FactCard((now,))


def told_page(course: Course, known: FamilySeen | None, words: Words) -> FamilyState:
    """Ask how the principal wants to be told of views; acts are told one by one."""
    mandate = known.mandate(course.mandate) if known else None
    daily = mandate is not None and mandate.daily_views
    return FamilyState(
        title=words.say("told"),
        lead=words.say("told.lead"),
        choices=((EACH, words.say("told.each")), (DAILY, words.say("told.daily"))),
        chosen=DAILY if daily else EACH,
    )
