"""What help can be asked for, of whom, and how often; pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from backend.foundation.refusals import Refusal
from backend.help_requests import refusals as no
from backend.mandates.rules import MandateFacts, ShownState, shown_state
from backend.mandates.scopes import Relation, Scope
from shared.localized_text import LocalizedText

KEPT = timedelta(hours=24)
"""How long a request stands; who needed help a day ago asks anew."""
WINDOW = timedelta(hours=1)
MOST_IN_WINDOW = 6


class HelpTopic(StrEnum):
    """With what help is needed; each names the page that the delegate comes to."""

    SHOW_CODE = "SHOW_CODE"  # 替我出示码
    BOOK = "BOOK"  # 替我预约
    PASSES = "PASSES"  # 看看我的票券
    TALK = "TALK"  # 给我回个电话


TOPIC_WORDS: Mapping[HelpTopic, LocalizedText] = {
    HelpTopic.SHOW_CODE: LocalizedText("替我出示码", "Show my code"),
    HelpTopic.BOOK: LocalizedText("替我预约", "Book for me"),
    HelpTopic.PASSES: LocalizedText("看看我的票券", "Look at my passes"),
    HelpTopic.TALK: LocalizedText("给我回个电话", "Call me back"),
}
TOPIC_SCOPES: Mapping[HelpTopic, Scope] = {
    HelpTopic.SHOW_CODE: Scope.CARD_SHOW,
    HelpTopic.BOOK: Scope.BOOK,
    HelpTopic.PASSES: Scope.BOOK,
}
"""What the delegate must be allowed to help with it; a call back takes nothing."""


def refusal_to_ask(
    mandate: MandateFacts | None,
    asker_is_principal: bool,
    relation: Relation | None,
    topic: HelpTopic,
    now: datetime,
) -> Refusal | None:
    """Return why a delegate cannot be asked for help with `topic`, or None where they can.

    Only a principal asks, and only family: a doorstep agent is reached through the outlet.
    """
    if mandate is None or not asker_is_principal or relation is Relation.ASSISTED:
        return no.HELPER_UNKNOWN
    if shown_state(mandate, now) is not ShownState.ACTIVE:
        return no.HELPER_NOT_LIVE
    scope = TOPIC_SCOPES.get(topic)
    if scope is None:
        return None
    live = any(
        one.scope is scope and one.since <= now and (one.until is None or now < one.until)
        for one in mandate.scopes
    )
    return None if live else no.HELP_NOT_ALLOWED


def too_often(asked: Sequence[datetime], now: datetime) -> Refusal | None:
    """Return why nothing more can be asked just now."""
    recent = sum(at > now - WINDOW for at in asked)
    return no.HELP_TOO_OFTEN if recent >= MOST_IN_WINDOW else None
