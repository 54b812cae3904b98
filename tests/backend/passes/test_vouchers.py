"""A training voucher's life: who may do what, when it lapses, and what attendance pays."""

from datetime import timedelta
from typing import Any

import pytest

from backend.foundation.access import Caller
from backend.foundation.refusals import Refusal
from backend.passes.voucher_records import VoucherView
from backend.passes.voucher_refusals import PROGRAMME_FORM
from backend.passes.voucher_rules import ShownVoucherState, programme_fault
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key
from tests.backend.passes.desk import (
    COLLEAGUE,
    OFFICER,
    OUTSIDER,
    VENUE_STAFF,
    Desk,
    code,
    programme,
)


async def _settled(desk: Desk, held: str, attended: int, planned: int = 40) -> Any:
    return await desk.vouchers.settle(OFFICER, new_key(), held, attended, planned)


async def _confirmed(desk: Desk, who: str) -> str:
    held = await desk.voucher(who)
    assert isinstance(await desk.reserve(who, held), VoucherView)
    done = await desk.vouchers.confirm(VENUE_STAFF, new_key(), held, "E-2026-1")
    assert isinstance(done, VoucherView), done
    return held


async def test_partial_attendance_pays_its_share_and_too_little_leaves_the_voucher(
    desk: Desk,
) -> None:
    await desk.run()
    most, least, too_few = [await _confirmed(desk, who) for who in "abc"]
    for attended, planned in ((41, 40), (-1, 40), (0, 0), (1, 1_000_000)):
        assert code(await _settled(desk, most, attended, planned)) == "voucher_hours"
    assert (await _settled(desk, most, 40)).settled.fen == 120_000
    assert (await _settled(desk, least, 32)).settled.fen == 96_000  # 80 % is just enough
    freed = await _settled(desk, too_few, 31)
    assert (freed.state, freed.settled, freed.course) == (ShownVoucherState.AVAILABLE, None, None)
    assert code(await _settled(desk, most, 40)) == "voucher_settled"
    assert isinstance(await desk.reserve("c", too_few, name="E-2"), VoucherView)


async def test_a_reservation_nobody_confirms_lapses_by_itself(desk: Desk) -> None:
    await desk.run()
    held = await desk.voucher("a")
    first = await desk.reserve("a", held)
    assert isinstance(first, VoucherView)
    assert first.held_until == desk.clock.now() + timedelta(days=7)
    assert code(await desk.reserve("a", held, name="E-2")) == "voucher_reserved"
    desk.later(days=7)
    late = await desk.vouchers.confirm(VENUE_STAFF, new_key(), held, "E-2026-1")
    assert code(late) == "voucher_reservation_lapsed"
    [mine] = await desk.vouchers.of_resident((await desk.person("a")).resident_id)
    assert (mine.state, mine.course) == (ShownVoucherState.AVAILABLE, None)
    again = await desk.reserve("a", held, name="E-2")
    assert isinstance(again, VoucherView)
    other = await desk.vouchers.confirm(COLLEAGUE, new_key(), held, "E-2026-1")
    assert code(other) == "venue_of_others"
    wrong = await desk.vouchers.confirm(VENUE_STAFF, new_key(), held, "E-2026-1")
    assert code(wrong) == "voucher_other_course"


async def test_a_voucher_ends_with_its_time_and_by_revocation(desk: Desk) -> None:
    await desk.run()
    expired, revoked = await desk.voucher("a"), await desk.voucher("b")
    assert code(await desk.vouchers.revoke(OFFICER, new_key(), revoked, "")) == "audit_reason_form"
    done = await desk.vouchers.revoke(OFFICER, new_key(), revoked, "不符合条件")
    assert isinstance(done, VoucherView)
    assert done.state is ShownVoucherState.REVOKED
    assert code(await desk.reserve("b", revoked)) == "voucher_revoked"
    desk.later(days=180)
    assert code(await desk.reserve("a", expired)) == "voucher_expired"
    [mine] = await desk.vouchers.of_resident((await desk.person("a")).resident_id)
    assert mine.state is ShownVoucherState.EXPIRED


async def test_bad_courses_and_other_peoples_vouchers_are_refused(desk: Desk) -> None:
    await desk.run()
    held = await desk.voucher("a")
    bad: list[tuple[dict[str, Any], str]] = [
        ({"course_type": "cooking"}, "voucher_course_type"),
        ({"course_type": '{"$ne": 1}'}, "voucher_course_type"),
        ({"name": ""}, "voucher_course_form"),
        ({"name": "\u0000" * 50}, "voucher_course_form"),
        ({"provider": 60_000}, "voucher_provider_unknown"),
        ({"starts_on": desk.today - timedelta(days=1)}, "voucher_course_date"),
        ({"starts_on": desk.today + timedelta(days=180)}, "voucher_course_date"),
    ]
    for changed, refused in bad:
        assert code(await desk.reserve("a", held, **changed)) == refused
    assert code(await desk.reserve("b", held)) == "voucher_unknown"
    assert code(await desk.reserve("a", "vou_none")) == "voucher_unknown"
    assert code(await desk.reserve("a", '{"$gt": ""}')) == "voucher_unknown"
    assert (await desk.stored_voucher(held))["revision"] == 0


async def test_each_step_is_for_its_own_post(desk: Desk) -> None:
    await desk.run()
    held, whose = await desk.voucher("a"), (await desk.person("a")).resident_id
    steps = desk.vouchers

    async def answers(caller: Caller | None) -> set[str]:
        key = new_key
        return {
            code(await steps.put(caller, [programme()])),
            code(await steps.issue(caller, key(), whose, "skills")),
            code(await steps.confirm(caller, key(), held, "E")),
            code(await steps.withdraw(caller, key(), held)),
            code(await steps.settle(caller, key(), held, 1, 1)),
            code(await steps.revoke(caller, key(), held, "理由")),
        }

    assert await answers(None) == {"sign_in_needed"}
    assert await answers(OUTSIDER) == {"not_permitted"}


async def test_one_a_person_as_long_as_there_are_any(desk: Desk) -> None:
    await desk.run(programme(quota=2), programme(code="shut", closed=True))
    await desk.voucher("a")
    whose = {who: (await desk.person(who)).resident_id for who in "abc"}

    async def issued(who: str, run: str = "skills") -> str:
        return code(await desk.vouchers.issue(OFFICER, new_key(), whose[who], run))

    assert await issued("a") == "voucher_held"
    assert await issued("b") == "VoucherView"
    assert await issued("c") == "voucher_programme_closed"
    assert await issued("c", "shut") == "voucher_programme_closed"
    assert await issued("c", "none") == "voucher_programme_unknown"
    assert code(await desk.vouchers.issue(OFFICER, new_key(), "res_none", "skills")) == "no_card"
    assert code(await desk.vouchers.issue(OFFICER, new_key(), "$", "skills")) == "no_card"


async def test_a_repeated_step_is_done_once(desk: Desk) -> None:
    await desk.run()
    held, key = await desk.voucher("a"), new_key()
    first = await desk.reserve("a", held, key)
    assert first == await desk.reserve("a", held, key)
    assert code(await desk.reserve("a", held, key, name="E-2")) == "idempotency_key_reused"
    assert (await desk.stored_voucher(held))["revision"] == 1
    assert not isinstance(first, Refusal)


@pytest.mark.parametrize(
    "changed",
    [
        {"value_fen": 0},
        {"course_types": ()},
        {"course_types": ("Two words",)},
        {"valid_days": 0},
        {"hold_days": 0},
        {"least_percent": 101},
        {"quota": 0},
        {"code": ""},
        {"name": LocalizedText("", "x")},
    ],
)
def test_a_programme_that_is_not_whole_has_a_fault(changed: dict[str, Any]) -> None:
    assert programme_fault(programme()) is None
    assert programme_fault(programme(**changed)) == PROGRAMME_FORM
