"""S13: grounds for the card, wider than 户籍; losing the last one starts a review and no more."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from backend.app import House
from backend.cards.card_service_frame import CardChange, Wish
from backend.cards.card_services import CardServices
from backend.cards.commands import COUNTER
from backend.cards.documents import ReviewState
from backend.cards.eligibility_reviews import DUE, Decision, EligibilityReviews, Review
from backend.cards.lifecycle import CardEvent
from backend.foundation.access import Caller, Role
from backend.foundation.pages import Position
from backend.foundation.refusals import Refusal
from backend.residents.eligibility import Ground, GroundKind, Grounds
from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind
from backend.residents.sandbox import SandboxRegister
from shared.clock import ManualClock
from shared.identity.age import local_day
from tests.backend.actors import City, Holder, id_number, new_key
from tests.backend.cards.conftest import SignedIn
from tests.backend.test_indexes import EXPLAINED, _stages

OFFICER = Caller(staff_id="stf_hr", roles=frozenset({Role.DEPARTMENT_OFFICER}))
AUDITOR = Caller(staff_id="stf_audit", roles=frozenset({Role.AUDITOR}))
DAY = timedelta(days=1)


@pytest.fixture
def grounds(house: House) -> Grounds:
    return house.services[Grounds]


@pytest.fixture
def reviews(house: House) -> EligibilityReviews:
    return house.services[EligibilityReviews]


def _code(answer: object) -> str:
    return answer.code if isinstance(answer, Refusal) else "done"


async def _moved_away(house: House, number: str, change: str = "c1") -> None:
    """The population register reports a move, and the house follows."""
    house.services[SandboxRegister].report(change, ChangeKind.MOVED_AWAY, number)
    await house.services[RegisterFollower].follow()
    await house.services[EligibilityReviews].follow()


async def _returned(house: House, number: str) -> None:
    house.services[SandboxRegister].report("c2", ChangeKind.RETURNED, number)
    await house.services[RegisterFollower].follow()
    await house.services[EligibilityReviews].follow()


async def _work(grounds: Grounds, holder: Holder, clock: ManualClock, days: int = 10) -> str:
    today = local_day(clock.now())
    word = Ground(GroundKind.EMPLOYMENT, "赣州市人社局", today, today + days * DAY, "HT-2026-17")
    done = await grounds.record(OFFICER, new_key(), holder.resident_id, word)
    assert isinstance(done, str), done
    return done


async def _open(reviews: EligibilityReviews) -> list[Review]:
    page = await reviews.page(COUNTER, 10, None)
    assert not isinstance(page, Refusal)
    return list(page.rows)


async def _state(house: House, holder: Holder) -> str:
    card = await house.store.database["cards"].find_one({"_id": holder.card_id})
    assert card is not None
    return str(card["state"])


@pytest.mark.feature("S13")
async def test_losing_the_last_ground_starts_a_review_and_cancels_nothing(
    city: City,
    house: House,
    grounds: Grounds,
    reviews: EligibilityReviews,
    clock: ManualClock,
) -> None:
    holder, beside = await city.holder("901"), await city.holder("902", digest=None)
    phone = await city.phone(holder)
    await _work(grounds, holder, clock)
    await _moved_away(house, id_number(sequence="901"))
    assert await reviews.sweep() == 0  # work still holds
    assert await _open(reviews) == []
    assert (await phone.renew())["__typename"] == "RenewedCertificate"  # nor is the e-card ended

    clock.advance(11 * DAY.total_seconds())
    assert await reviews.sweep() == 1
    assert await reviews.sweep() == 0

    [review] = await _open(reviews)
    assert review.resident_id == holder.resident_id
    assert review.due_at == review.opened_at + DUE
    clock.advance(2 * DUE.total_seconds())  # nobody decided in time
    await reviews.sweep()
    assert (await _state(house, holder), await _state(house, beside)) == ("ACTIVE", "ACTIVE")
    row = await house.store.database["audit_rows"].find_one({"action": "cards.review_opened"})
    assert row is not None
    assert (row["subject"], row["disclosed"]) == (holder.resident_id, True)
    suspended = await phone.ask("SuspendCard", input={"idempotencyKey": new_key()})
    assert suspended["suspendCard"]["__typename"] == "CardServed"  # the card is a card


async def test_a_ground_ends_with_its_last_local_day(
    city: City, grounds: Grounds, reviews: EligibilityReviews, house: House, clock: ManualClock
) -> None:
    holder = await city.holder("901")
    await _moved_away(house, id_number(sequence="901"))
    await _work(grounds, holder, clock, days=0)
    midnight = (local_day(clock.now()) + DAY).isoformat()
    [first, work] = await grounds.of(holder.resident_id)
    assert (first.holds, work.holds) == (False, True)
    assert work.ground.last_day is not None
    assert (work.ground.last_day + DAY).isoformat() == midnight

    clock.advance(DAY.total_seconds())
    assert await reviews.sweep() == 1


@pytest.mark.feature("S13")
@pytest.mark.parametrize("decision", Decision)
async def test_a_clerk_decides_once(
    city: City,
    house: House,
    reviews: EligibilityReviews,
    clock: ManualClock,
    decision: Decision,
) -> None:
    holder = await city.holder("901")
    await _moved_away(house, id_number(sequence="901"))
    clock.advance(1)
    await reviews.sweep()
    [review] = await _open(reviews)
    one, key = review.review_id, new_key()

    done = await reviews.decide(COUNTER, key, one, decision, "已电话核实")
    again = await reviews.decide(COUNTER, key, one, decision, "已电话核实")

    assert isinstance(done, Review)
    assert done == again
    ended = decision is Decision.END
    assert done.state is (ReviewState.ENDED if ended else ReviewState.KEPT)
    assert await _state(house, holder) == ("CANCELLED" if ended else "ACTIVE")
    assert await _open(reviews) == []
    other = Decision.KEEP if ended else Decision.END
    refused = await reviews.decide(COUNTER, new_key(), one, other, "改判")
    assert _code(refused) == "review_decided"
    rows = house.store.database["audit_rows"]
    assert await rows.count_documents({"action": "cards.review_decided"}) == 1
    assert await rows.count_documents({"action": "cards.cancel"}) == int(ended)
    row = await rows.find_one({"action": "cards.review_decided"})
    assert row is not None
    assert row["reason"] == "已电话核实"


async def test_of_two_clerks_at_once_one_decides(
    city: City, house: House, reviews: EligibilityReviews, clock: ManualClock
) -> None:
    holder = await city.holder("901")
    await _moved_away(house, id_number(sequence="901"))
    clock.advance(1)
    await reviews.sweep()
    [review] = await _open(reviews)

    answers = await asyncio.gather(
        *(
            reviews.decide(COUNTER, new_key(), review.review_id, decision, "核查")
            for decision in (Decision.KEEP, Decision.END) * 2
        )
    )

    assert sorted(map(_code, answers)) == ["done"] + ["review_decided"] * 3
    [won] = [one for one in answers if isinstance(one, Review)]
    ended = won.state is ReviewState.ENDED
    assert await _state(house, holder) == ("CANCELLED" if ended else "ACTIVE")


async def test_sweeps_at_once_begin_one_review(
    city: City, house: House, reviews: EligibilityReviews, clock: ManualClock
) -> None:
    await city.holder("901")
    await _moved_away(house, id_number(sequence="901"))
    clock.advance(1)

    assert sum(await asyncio.gather(*(reviews.sweep() for _ in range(4)))) == 1
    assert len(await _open(reviews)) == 1


async def test_who_comes_back_has_the_ground_again(
    city: City, house: House, reviews: EligibilityReviews, clock: ManualClock
) -> None:
    await city.holder("901")
    number = id_number(sequence="901")
    await _moved_away(house, number)
    clock.advance(1)
    await _returned(house, number)
    clock.advance(1)

    assert await reviews.sweep() == 0


async def test_somebody_without_a_card_is_not_reviewed(
    city: City, house: House, reviews: EligibilityReviews, clock: ManualClock
) -> None:
    await city.resident(id_number(sequence="901"))
    await _moved_away(house, id_number(sequence="901"))
    clock.advance(1)

    assert await reviews.sweep() == 0


async def test_an_application_needs_a_ground_that_holds(
    city: City, house: House, grounds: Grounds, services: CardServices, clock: ManualClock
) -> None:
    resident_id = await city.resident(id_number(sequence="901"))  # with 户籍, by the register
    [first] = await grounds.of(resident_id)
    assert (first.ground.kind, first.ground.source) == (GroundKind.HOUSEHOLD, "公安机关")
    await _moved_away(house, id_number(sequence="901"))
    clock.advance(1)
    refused = await services.apply(Wish(COUNTER, new_key()), resident_id)
    assert _code(refused) == "no_ground"

    tomorrow = Ground(GroundKind.EDUCATION, "江西理工大学", local_day(clock.now()) + DAY)
    await grounds.record(OFFICER, new_key(), resident_id, tomorrow)
    assert _code(await services.apply(Wish(COUNTER, new_key()), resident_id)) == "no_ground"
    clock.advance(DAY.total_seconds())
    assert isinstance(await services.apply(Wish(COUNTER, new_key()), resident_id), CardChange)


async def test_what_a_ground_says_is_sealed(
    city: City, house: House, grounds: Grounds, clock: ManualClock
) -> None:
    holder = await city.holder("901")
    await _work(grounds, holder, clock)

    rows = await house.store.database["eligibility_grounds"].find().to_list()
    stored = repr(rows)
    assert len(rows) == 2
    assert not any(word in stored for word in ("employment", "household", "人社局", "HT-2026-17"))
    assert "HT-2026-17" not in repr((await grounds.of(holder.resident_id))[1])


@pytest.mark.parametrize(
    "changed",
    [
        {"source": ""},
        {"source": "x" * 61},
        {"source": "a\0b"},
        {"reference": "\ud800"},
        {"last_day": date(2025, 12, 31)},
        {"first_day": date(1, 1, 1)},
        {"last_day": date.max},
    ],
)
async def test_a_ground_of_another_form_is_refused(
    city: City, grounds: Grounds, changed: dict[str, Any]
) -> None:
    holder = await city.holder("901")
    usual: dict[str, Any] = {
        "kind": GroundKind.INSURANCE,
        "source": "市社保中心",
        "first_day": date(2026, 1, 1),
        "last_day": date(2026, 12, 31),
    }
    ground = Ground(**{**usual, **changed})

    refused = await grounds.record(OFFICER, new_key(), holder.resident_id, ground)

    assert _code(refused) == "ground_form"


async def test_who_may_what(city: City, grounds: Grounds, reviews: EligibilityReviews) -> None:
    holder = await city.holder("901")
    word = Ground(GroundKind.INSURANCE, "市社保中心", date(2026, 1, 1))
    me = Caller(resident_id=holder.resident_id, thumbprint="t")

    for caller, code in ((None, "sign_in_needed"), (me, "not_permitted")):
        assert _code(await grounds.record(caller, new_key(), holder.resident_id, word)) == code
        assert _code(await grounds.end(caller, new_key(), "gnd_x")) == code
        assert _code(await reviews.page(caller, 5, None)) == code
        decided = await reviews.decide(caller, new_key(), "rev_x", Decision.KEEP, "核查")
        assert _code(decided) == code
    assert _code(await reviews.page(OFFICER, 5, None)) == "not_permitted"
    unknown = await reviews.decide(COUNTER, new_key(), "rev_x", Decision.KEEP, "核查")
    assert _code(unknown) == "review_unknown"
    assert _code(await grounds.record(OFFICER, new_key(), "res_x", word)) == "resident_unknown"
    assert _code(await grounds.end(OFFICER, new_key(), "gnd_x")) == "ground_unknown"
    key = new_key()
    one = await grounds.record(OFFICER, key, holder.resident_id, word)
    assert await grounds.record(OFFICER, key, holder.resident_id, word) == one
    assert len(await grounds.of(holder.resident_id)) == 2


async def test_the_holder_reads_their_own_grounds(signed_in: SignedIn) -> None:
    [ground] = (await signed_in.device.do("EligibilityGrounds"))["nodes"]

    assert (ground["kind"], ground["holds"]) == ("HOUSEHOLD", True)
    assert ground["name"] == {"zh": "户籍", "en": "Household registration"}


async def test_every_query_has_its_index(
    city: City,
    house: House,
    grounds: Grounds,
    reviews: EligibilityReviews,
    clock: ManualClock,
    sent: list[tuple[str, dict[str, Any]]],
) -> None:
    holder = await city.holder("901")
    work = await _work(grounds, holder, clock)
    await grounds.of(holder.resident_id)
    await _moved_away(house, id_number(sequence="901"))
    await grounds.end(OFFICER, new_key(), work)
    clock.advance(1)
    assert await reviews.sweep() == 1
    [review] = await _open(reviews)
    await reviews.page(COUNTER, 1, Position(review.due_at, review.review_id))
    await reviews.decide(COUNTER, new_key(), review.review_id, Decision.END, "核查")
    await _returned(house, id_number(sequence="901"))

    own = {"eligibility_grounds", "eligibility_reviews"}
    ours = [c for name, c in list(sent) if name in EXPLAINED and c[name] in own | {"cards"}]
    assert {next(iter(command.values())) for command in ours} == own | {"cards"}
    assert [c for c in ours if "COLLSCAN" in await _stages(house, c)] == []
    assert await _state(house, holder) == "CANCELLED"
    assert _code(await city.serve(holder, CardEvent.SUSPEND)) == "card_cancelled"
