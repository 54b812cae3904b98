"""Whom an elder may ask for help, with what, how often: rules alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.help_requests.rules import (
    MOST_IN_WINDOW,
    TOPIC_WORDS,
    WINDOW,
    HelpTopic,
    refusal_to_ask,
    too_often,
)
from backend.mandates.rules import MandateFacts, MandateState, ScopeGrant
from backend.mandates.scopes import Relation, Scope

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ELDER = Relation.ELDER
LIVE = MandateFacts(
    delegate="res_d",
    state=MandateState.ACTIVE,
    scopes=(ScopeGrant(Scope.BOOK, NOW),),
    ends_at=NOW + timedelta(days=31),
    used_at=None,
)


def _said(facts: MandateFacts | None, topic: HelpTopic = HelpTopic.BOOK) -> str:
    refused = refusal_to_ask(facts, facts is not None, ELDER, topic, NOW)
    return refused.code if refused else "asked"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (LIVE, "asked"),
        (None, "helper_unknown"),
        (replace(LIVE, state=MandateState.TAKEN), "helper_not_live"),
        (replace(LIVE, state=MandateState.ENDED), "helper_not_live"),
        (replace(LIVE, ends_at=NOW), "helper_not_live"),
        (replace(LIVE, disputed=True), "helper_not_live"),
        (replace(LIVE, scopes=(ScopeGrant(Scope.BOOK, NOW, NOW),)), "help_not_allowed"),
        (replace(LIVE, scopes=()), "help_not_allowed"),
    ],
)
def test_only_a_live_delegate_of_that_scope_is_asked(facts: MandateFacts | None, said: str) -> None:
    assert _said(facts) == said


def test_a_call_back_takes_no_scope_and_showing_takes_its_own() -> None:
    assert _said(replace(LIVE, scopes=()), HelpTopic.TALK) == "asked"
    assert _said(LIVE, HelpTopic.SHOW_CODE) == "help_not_allowed"
    assert TOPIC_WORDS.keys() == set(HelpTopic)


def test_only_the_principal_asks_and_only_family() -> None:
    other = refusal_to_ask(LIVE, False, ELDER, HelpTopic.TALK, NOW)
    agent = refusal_to_ask(LIVE, True, Relation.ASSISTED, HelpTopic.TALK, NOW)
    assert other is not None
    assert other == agent


def test_some_requests_an_hour_and_then_a_wait() -> None:
    asked = [NOW - timedelta(minutes=one) for one in range(MOST_IN_WINDOW)]
    assert too_often(asked[1:], NOW) is None
    assert too_often(asked, NOW) is not None
    assert too_often(asked, NOW + WINDOW) is None
