"""A lane that asks a challenge 挑战码 takes only the code that answers what it shows."""

from dataclasses import replace

import pytest
from playwright.async_api import Browser, expect

from reader_service.lane.challenges import GOOD_SECONDS
from reader_service.lane.records import ONE_IN
from reader_service.snapshot import Kind
from shared.admission.rules import AdmissionRules
from shared.admission.wire_form import InvalidRules
from shared.ecode.challenge import challenge_bytes
from shared.ecode.reasons import Reason
from tests.reader_service.city import OPEN_RULES, Phone
from tests.reader_service.conftest import Venue, VenueMaker
from tests.reader_service.pages import checked, opened_page, serving_site

ASKING = replace(OPEN_RULES, challenge=True)


@pytest.fixture
def asking(make_venue: VenueMaker) -> Venue:
    made = make_venue()
    made.city.fill(made.snapshot, ASKING)
    made.lanes[1].let_go_of_party()
    made.lanes[2].let_go_of_party()
    return made


def _shown(venue: Venue, lane: int = 1) -> str:
    digits = venue.board.lanes()[lane - 1].challenge
    assert digits is not None
    return digits


def _show(venue: Venue, phone: Phone, digits: str, lane: int = 1) -> tuple[bool, Reason | None]:
    code = phone.code(venue.clock.now(), challenge=challenge_bytes(digits))
    answer = venue.lanes[lane].present_code(code).answer
    return answer.verdict.opens, answer.reason


def test_only_the_code_that_answers_this_lanes_digits_is_let_in(asking: Venue) -> None:
    phone, digits, elsewhere = asking.city.phone(), _shown(asking), _shown(asking, 2)
    assert digits != elsewhere

    code = phone.code(asking.clock.now())
    assert asking.lanes[1].present_code(code).answer.reason is Reason.WRONG_CHALLENGE
    asking.clock.advance(5)
    assert _show(asking, phone, elsewhere) == (False, Reason.WRONG_CHALLENGE)
    asking.clock.advance(5)
    assert _shown(asking) == digits, "nobody answered it yet"
    assert asking.opened() == 0
    assert _show(asking, phone, digits) == (True, None)
    assert asking.opened() == 1
    assert asking.reasons() == ["wrong_challenge", "wrong_challenge", None]


def test_the_next_visitor_is_asked_something_else(asking: Venue) -> None:
    first, second, digits = asking.city.phone(), asking.city.phone(), _shown(asking)
    assert _show(asking, first, digits) == (True, None)

    assert _shown(asking) != digits
    assert _show(asking, second, digits) == (False, Reason.WRONG_CHALLENGE)
    asking.clock.advance(5)
    assert _show(asking, second, _shown(asking)) == (True, None)


def test_a_phone_still_in_view_keeps_its_answer_and_opens_nothing_more(asking: Venue) -> None:
    phone, digits = asking.city.phone(), _shown(asking)
    assert _show(asking, phone, digits) == (True, None)
    after = _shown(asking)

    for _ in range(3):
        asking.clock.advance(1)
        code = phone.code(asking.clock.now(), challenge=challenge_bytes(digits))
        assert asking.lanes[1].present_code(code).again
    assert (asking.opened(), _shown(asking)) == (1, after)
    assert asking.reasons() == [None]
    # Its copy at the other lane answers nothing that was asked there.
    code = phone.code(asking.clock.now(), challenge=challenge_bytes(digits))
    assert asking.lanes[2].present_code(code).answer.reason is Reason.WRONG_CHALLENGE


def test_one_that_nobody_answers_is_replaced(asking: Venue) -> None:
    digits = _shown(asking)
    asking.clock.advance(GOOD_SECONDS)
    asking.lanes[1].let_go_of_party()

    assert _shown(asking) != digits
    assert _show(asking, asking.city.phone(), digits) == (False, Reason.WRONG_CHALLENGE)


def test_a_venue_that_asks_takes_nothing_where_no_digits_are_shown(asking: Venue) -> None:
    code = asking.city.phone().code(asking.clock.now())

    assert asking.gatekeeper.decide_code(code, 1, (), ONE_IN).answer.reason is (
        Reason.WRONG_CHALLENGE
    )


def test_nobody_is_asked_on_the_way_out_or_where_the_rules_do_not_ask(
    make_venue: VenueMaker,
) -> None:
    venue = make_venue(directions=("out", "in"))
    venue.city.fill(venue.snapshot, ASKING)
    venue.lanes[1].let_go_of_party()
    assert venue.board.lanes()[0].challenge is None
    assert venue.lanes[1].present_code(venue.city.phone().code(venue.clock.now())).out

    venue.city.now = venue.clock.now()
    venue.clock.advance(1)
    plain = venue.city.manifest(issued_at=venue.clock.now())
    venue.snapshot.offer(Kind.MANIFEST, plain, None, venue.clock.now())
    venue.lanes[2].let_go_of_party()
    assert venue.board.lanes()[1].challenge is None
    code = venue.city.phone().code(venue.clock.now())
    assert venue.lanes[2].present_code(code).answer.verdict.opens


def test_the_rule_is_said_only_where_it_is_asked() -> None:
    """Readers of before refuse rules that they cannot check, and take those that they know."""
    assert "challenge" not in OPEN_RULES.to_wire()
    assert AdmissionRules.of_wire(OPEN_RULES.to_wire()) == OPEN_RULES
    assert AdmissionRules.of_wire(ASKING.to_wire()) == ASKING
    with pytest.raises(InvalidRules, match="challenge"):
        AdmissionRules.of_wire({**ASKING.to_wire(), "challenge": 1})


async def test_the_page_shows_the_digits_and_the_next_ones(browser: Browser, asking: Venue) -> None:
    async with serving_site(asking) as site, opened_page(browser, site) as page:
        shown = page.locator("#lane-1 .challenge strong")
        digits = _shown(asking)
        await expect(shown).to_have_text(f"{digits[:3]} {digits[3:]}")
        await expect(shown).to_have_accessible_name(" ".join(digits))
        await checked(page, "challenge-zh")

        _show(asking, asking.city.phone(), digits)
        after = _shown(asking)
        await expect(shown).to_have_text(f"{after[:3]} {after[3:]}")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="English").click()
        await expect(page.locator("#lane-1 .challenge")).to_contain_text("challenge code")
        await checked(page, "challenge-en")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
async def test_the_visitors_screen_shows_the_digits_and_nothing_of_the_staffs(
    browser: Browser, asking: Venue, language: str, width: int, height: int
) -> None:
    async with serving_site(asking) as site, opened_page(browser, site) as page:
        asking.lanes[1].present_code("junk")
        asking.board.set_fault(1, Reason.CAMERA_LOST, asking.clock.now())
        await page.set_viewport_size({"width": width, "height": height})
        await page.goto(f"{site.url}/?lane=1&visitors&lang={language}")

        shown = page.locator("#lane-1 .challenge strong")
        await expect(shown).to_be_in_viewport(ratio=1)
        size = await shown.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
        assert size >= 66, "as tall as an answer's words on a telephone, more on a tablet"
        for theirs in ("#lock", "#emergency", "#state", "#lane-1 ol", "#lane-1 .fault"):
            await expect(page.locator(theirs)).to_be_hidden()
        await checked(page, f"visitors-{language}-{width}")
