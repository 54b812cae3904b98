"""挑战码: what is typed off the venue's screen is what the code then answers."""

import pytest

from mobile.core.preferences import Preferences
from mobile.viewmodels.code import CHALLENGE_SECONDS
from shared.ecode.challenge import challenge_bytes
from shared.ecode.reasons import Reason
from shared.ecode.verify import PresentationContext, RefusedCode, VerifiedCode
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI


def verdict(ui: UI, office: CardOffice, challenge: str) -> VerifiedCode | RefusedCode:
    """Return what a gate says that shows `challenge`."""
    digits = ui.code()
    assert digits is not None, ui.texts()
    gate = PresentationContext(venue=1, challenge=challenge_bytes(challenge))
    return office.verifier().verify(digits, office.clock.now(), gate)


def answer(ui: UI, challenge: str) -> None:
    ui.tap("challenge")
    for digit in challenge:
        ui.tap(digit)
    ui.tap("submit")


@pytest.mark.parametrize("elder", [False, True])
def test_the_code_answers_what_was_typed_and_nothing_else(
    ui: UI, office: CardOffice, *, elder: bool
) -> None:
    ui.app.models.preferences.value = Preferences(elder=elder)
    ui.go("code")
    refused = verdict(ui, office, "048392")
    assert isinstance(refused, RefusedCode)
    assert refused.reason is Reason.WRONG_CHALLENGE

    answer(ui, "048392")

    assert isinstance(verdict(ui, office, "048392"), VerifiedCode)
    assert isinstance(verdict(ui, office, "048393"), RefusedCode)
    ui.later(5)
    assert isinstance(verdict(ui, office, "048392"), VerifiedCode), "the next code as well"


@pytest.mark.parametrize("end", ["time", "page", "word"])
def test_it_ends_with_the_minute_the_page_or_a_touch(ui: UI, office: CardOffice, end: str) -> None:
    answer(ui, "048392")
    assert ui.shows("已带挑战码 048392")
    if end == "time":
        ui.later(CHALLENGE_SECONDS)
    elif end == "page":
        ui.tap("我的")
        ui.tap("码")
    else:
        ui.tap("不用挑战码")

    assert not ui.shows("已带挑战码")
    assert isinstance(verdict(ui, office, "048392"), RefusedCode)


def test_the_button_waits_for_six_digits_and_back_leads_to_the_code(ui: UI) -> None:
    ui.tap("challenge")
    for digit in "0483":
        ui.tap(digit)
    assert ui.target("submit").disabled
    assert ui.shows("还差 2 位")

    ui.press(27)
    ui.later(0.5)
    assert ui.app.models.place.name == "code"
    ui.tap("challenge")
    assert ui.shows("还差 6 位"), "each begins anew"
