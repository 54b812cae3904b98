"""Registering for an examination: who may, until when, what for, and how many (S8)."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from backend.app import House
from backend.cards.asking import Asking
from backend.cards.commands import COUNTER
from backend.cards.concession import Attestation, Category
from backend.cards.concessions import Concessions
from backend.cards.lifecycle import CardState
from backend.exams import registration, rules, seating
from backend.exams import registration_rules as no
from backend.exams.demo_sessions import seed_exams
from backend.exams.documents import ExamRegistration, ExamSeat, StoredExamSession
from backend.exams.leaving import ExamLeaving
from backend.exams.merging import REGISTERED_AHEAD, no_exams_ahead
from backend.exams.records import SeatView
from backend.exams.registration import ExamRegistrations, Opening
from backend.exams.registration_rules import RegistrationState
from backend.exams.rules import ExamSession
from backend.exams.seating import ExamSeating
from backend.exams.service import Exams
from backend.exams.sittings import ExamSittings
from backend.foundation import audit
from backend.foundation.idempotency import KEY_REUSED, Act, Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import NOT_PERMITTED
from backend.foundation.refusals import Refusal
from backend.mandates.documents import MandateNotice
from backend.mandates.scopes import Scope
from shared.admission.evidence import AgeRange, Evidence, Medium
from shared.admission.evidence import Category as Held
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from tests.backend.actors import REGION, City, new_key
from tests.backend.bookings.hall import code
from tests.backend.bookings.test_indexes import EXPLAINED, parts, stages
from tests.backend.exams.hall import DOOR, OFFICER, open_session, session, terms
from tests.backend.mandates.family import GRANDMOTHER, Family


@pytest.fixture
def desk(house: House) -> ExamRegistrations:
    return house.services[ExamRegistrations]


@pytest.fixture
def giving(house: House) -> ExamSeating:
    return house.services[ExamSeating]


async def people(city: City, count: int) -> list[Asking]:
    """Return so many card holders, each by their own phone."""
    made = [await city.holder(f"8{number:02}", digest=None) for number in range(count)]
    return [Asking(one.resident_id, f"phone {one.card_id}", CardState.ACTIVE) for one in made]


async def taken(session_code: str) -> tuple[int, int]:
    """Return the count of a session's places, and how many registrations stand."""
    row = await StoredExamSession.get_pymongo_collection().find_one({"_id": session_code})
    assert row is not None
    standing = {"session": session_code, "state": {"$ne": "WITHDRAWN"}}
    return row["taken"], await ExamRegistration.get_pymongo_collection().count_documents(standing)


async def test_in_the_app_somebody_registers_withdraws_comes_back_and_is_told_the_seat(
    city: City, house: House, clock: ManualClock, giving: ExamSeating
) -> None:
    holder = await city.holder("955", digest=None)
    phone = await city.phone(holder)
    word = Attestation(Category.MINIMUM_LIVING, "赣州市民政局", date(2020, 1, 1))
    attested = await house.services[Concessions].attest(
        COUNTER, new_key(), holder.resident_id, word
    )
    assert not isinstance(attested, Refusal), attested
    waived = frozenset({Category.MINIMUM_LIVING})
    await open_session(house, clock, places=2, youngest=18, fee_fen=9_000, free_for=waived)

    async def seen() -> Any:
        [one] = (await phone.ask("ExamOpenings"))["examOpenings"]["openings"]
        return one

    async def do(operation: str, key: str) -> Any:
        wish = {"idempotencyKey": key, "session": "civil-1"}
        [answer] = (await phone.ask(operation, input=wish)).values()
        return answer

    before = await seen()
    assert (before["left"], before["registration"], before["refused"]) == (2, None, None)
    assert [(line["rule"], line["fen"]) for line in before["lines"]] == [
        ("civil-1", 9_000),
        ("waived", -9_000),
    ]
    key = new_key()
    registered = await do("RegisterForExam", key)
    assert registered["opening"]["left"] == 1
    assert registered["opening"]["registration"]["state"] == "REGISTERED"
    assert registered["opening"]["registration"]["lines"] == before["lines"]
    assert (await do("RegisterForExam", new_key()))["code"] == "exam_registered"

    away = await do("WithdrawExamRegistration", new_key())
    assert (away["opening"]["left"], away["opening"]["registration"]["state"]) == (2, "WITHDRAWN")
    assert (await do("WithdrawExamRegistration", new_key()))["code"] == "exam_not_registered"
    assert (await do("RegisterForExam", new_key()))["opening"]["left"] == 1

    clock.advance(61 * 60)
    # The key comes before the window: a lost answer is told again though registration is over.
    assert (await do("RegisterForExam", key))["__typename"] == "ExamRegistrationChanged"
    assert (await do("RegisterForExam", new_key()))["code"] == "exam_registration_over"
    assert (await do("WithdrawExamRegistration", new_key()))["code"] == "exam_registration_over"
    assert (await seen())["registration"]["state"] == "REGISTERED"  # shown though it is over
    assert await giving.draw(OFFICER, new_key(), "civil-1") == 1
    assert (await seen())["registration"]["state"] == "SEATED"
    assert (await do("WithdrawExamRegistration", new_key()))["code"] == "exam_seat_given"
    [seat] = (await phone.ask("ExamSeats"))["examSeats"]["seats"]
    assert (seat["session"], 1 <= seat["seat"] <= 30) == ("civil-1", True)
    assert await taken("civil-1") == (1, 1)


def _person(age: int, *categories: Held) -> Evidence:
    ages = AgeRange.exactly(age)
    return Evidence(Medium.ECODE, REGION, authenticated=True, ages=ages, categories=categories)


@pytest.mark.parametrize(
    ("person", "text"),
    [
        (_person(17, Held("veteran")), "须年满18周岁。"),
        (_person(18, Held("veteran")), None),
        (_person(35, Held("veteran")), None),
        (_person(36, Held("veteran")), "年龄须不超过35周岁。"),
        (_person(20), "仅限：残疾人、退役军人。"),
        (_person(20, Held("veteran", date(2020, 1, 1))), "仅限：残疾人、退役军人。"),
    ],
)
def test_who_does_not_meet_a_requirement_is_told_which(
    clock: ManualClock, person: Evidence, text: str | None
) -> None:
    only = frozenset({Category.VETERAN, Category.DISABLED})
    asked = terms(clock, youngest=18, oldest=35, categories=only)
    found = no.requirement_refusal(asked, session(clock), person, clock.now())
    assert (found and found.text.zh) == text


def test_the_fee_is_quoted_line_by_line_and_the_window_tells_its_beginning(
    clock: ManualClock,
) -> None:
    asked = terms(clock, fee_fen=9_000, free_for=frozenset({Category.MINIMUM_LIVING}))
    for who, fen in ((_person(30), 9_000), (_person(30, Held("minimum_living")), 0)):
        quote = no.quoted(asked, session(clock), who, clock.now())
        assert (quote.total_fen, quote.lines[0].fen) == (fen, 9_000)
    second = timedelta(seconds=1)
    early = no.window_refusal(asked, asked.opens_at - second)
    assert early is not None
    assert (early.code, "开始报名" in early.next_step.zh) == ("exam_registration_ahead", True)
    assert no.window_refusal(asked, asked.opens_at) is None
    assert no.window_refusal(asked, asked.closes_at - second) is None
    assert no.window_refusal(asked, asked.closes_at) == no.OVER


@pytest.mark.parametrize(
    "wrong",
    [
        {"places": 0},
        {"places": 31},
        {"youngest": 36, "oldest": 35},
        {"youngest": -1},
        {"oldest": 10**6},
        {"fee_fen": -1},
        {"fee_fen": 10**9},
        {"closes_at": None},
        {"opens_at": None},
    ],
)
def test_terms_that_make_no_sense_are_refused(clock: ManualClock, wrong: dict[str, Any]) -> None:
    held = session(clock)
    late = {"closes_at": held.starts_at + timedelta(1), "opens_at": held.starts_at}
    asked = {name: late[name] if value is None else value for name, value in wrong.items()}
    assert no.terms_fault(terms(clock, **asked), held, clock.now()) == no.TERMS_FORM
    assert no.terms_fault(terms(clock), held, clock.now()) is None


async def test_who_is_not_eligible_or_has_another_examination_is_told_so(
    desk: ExamRegistrations, giving: ExamSeating, city: City, house: House, clock: ManualClock
) -> None:
    [one, other] = await people(city, 2)
    name = LocalizedText("教师资格考试", "Teachers' examination")
    await open_session(house, clock, "old", oldest=20, held={"starts_at": _later(clock, 9)})
    await open_session(house, clock, "a", held={"name": name})
    await open_session(house, clock, "b")
    await open_session(house, clock, "later", held={"starts_at": _later(clock, 5)})

    async def register(session_code: str, who: Asking = one, key: str = "") -> Opening | Refusal:
        return await desk.register(who, key or new_key(), session_code)

    too_old = await register("old")
    assert code(too_old) == "exam_requirement"
    key = new_key()
    assert isinstance(await register("a", key=key), Opening)
    assert await register("b", key=key) == KEY_REUSED
    clash = await register("b")
    assert isinstance(clash, Refusal)
    assert (clash.code, "教师资格考试" in clash.text.zh) == ("exam_clash", True)
    told = {each.session.code: each.refused for each in await desk.openings(one)}
    assert told == {"old": too_old, "a": no.REGISTERED, "b": clash, "later": None}
    assert isinstance(await register("later"), Opening)

    # A seat that was given by hand stands in the way too, and nobody is seated past another's word.
    assert isinstance(await giving.assign(OFFICER, new_key(), "a", other.resident_id, 3), SeatView)
    assert code(await register("b", other)) == "exam_clash"
    assert await register("a", other) == no.REGISTERED
    assert await giving.assign(OFFICER, new_key(), "b", one.resident_id, 3) == rules.CLASH

    assert await register("$where") == rules.SESSION_UNKNOWN
    assert await register("x" * 10_000) == rules.SESSION_UNKNOWN
    nothing = Asking("res_none", "phone", None)
    assert code(await register("b", nothing)) == "no_card"
    lost = replace(other, card=CardState.SUSPENDED)
    assert code(await register("later", lost)) == "card_suspended"
    assert code(await desk.open(DOOR, new_key(), "a", terms(clock))) == NOT_PERMITTED.code
    assert await desk.open(OFFICER, new_key(), "a", terms(clock)) == no.OPENED
    stranger = replace(OFFICER, organisation=replace(OFFICER.organisation, code="360700-zj"))
    assert await desk.open(stranger, new_key(), "a", terms(clock)) == rules.SESSION_OF_OTHERS
    assert await giving.draw(stranger, new_key(), "a") == rules.SESSION_OF_OTHERS
    assert await giving.draw(OFFICER, new_key(), "a") == no.STILL_OPEN
    put = await house.services[Exams].put(OFFICER, new_key(), session(clock, "closed"))
    assert isinstance(put, ExamSession), put
    assert await giving.draw(OFFICER, new_key(), "closed") == no.NEVER_OPENED


def _later(clock: ManualClock, hours: int) -> Any:
    return clock.now() + timedelta(hours=hours)


async def test_of_ten_who_want_three_places_three_register_and_one_given_back_is_taken_again(
    desk: ExamRegistrations, city: City, house: House, clock: ManualClock
) -> None:
    await open_session(house, clock, places=3)
    wanting = await people(city, 10)
    answers = await asyncio.gather(*(desk.register(one, new_key(), "civil-1") for one in wanting))
    assert Counter(map(code, answers)) == {"Opening": 3, "exam_full": 7}
    assert await taken("civil-1") == (3, 3)
    won = [who for who, said in zip(wanting, answers, strict=True) if isinstance(said, Opening)]
    key = new_key()
    gone = await asyncio.gather(*(desk.withdraw(won[0], key, "civil-1") for _ in range(4)))
    assert Counter(map(code, gone)) == {"Opening": 4}
    assert await taken("civil-1") == (2, 2)  # the same request, four times
    [late] = [one for one in wanting if one not in won][:1]
    assert isinstance(await desk.register(late, new_key(), "civil-1"), Opening)
    assert await taken("civil-1") == (3, 3)


async def test_seats_that_were_given_before_the_opening_are_taken_from_its_places(
    desk: ExamRegistrations,
    giving: ExamSeating,
    city: City,
    house: House,
    clock: ManualClock,
) -> None:
    given, late = await people(city, 2)
    put = await house.services[Exams].put(OFFICER, new_key(), session(clock))
    assert isinstance(put, ExamSession), put
    seat = await giving.assign(OFFICER, new_key(), put.code, given.resident_id, 1)
    assert isinstance(seat, SeatView), seat
    before = {"_id": put.code}  # as it was stored before there was a count
    await StoredExamSession.get_pymongo_collection().update_one(before, {"$unset": {"taken": ""}})
    opened = await desk.open(OFFICER, new_key(), put.code, terms(clock, places=1))
    assert isinstance(opened, ExamSession), opened
    assert code(await desk.register(late, new_key(), put.code)) == "exam_full"


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_places_are_kept_by_the_write_and_without_its_condition_oversold(
    desk: ExamRegistrations,
    city: City,
    house: House,
    clock: ManualClock,
    guarded: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: without the transactions' order, the condition in the write decides."""

    async def perform(self: Once, *, act: Act, **_: Any) -> Answer | Refusal:
        async with self._store.client.start_session() as session:
            return await act(session)

    await open_session(house, clock, places=3)
    monkeypatch.setattr(Once, "perform", perform)
    if not guarded:
        monkeypatch.setattr(registration, "place_guard", lambda session, _: {"_id": session})
    wanting = await people(city, 8)
    await asyncio.gather(*(desk.register(one, new_key(), "civil-1") for one in wanting))
    assert await taken("civil-1") == ((3, 3) if guarded else (8, 8))


@pytest.mark.parametrize("locked", [True, False])
async def test_who_registers_for_clashing_sessions_at_once_sits_one(
    desk: ExamRegistrations,
    city: City,
    house: House,
    clock: ManualClock,
    locked: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: sessions are different documents, so without the lock nobody waits."""
    [who], read = await people(city, 1), registration._engaged
    codes = [f"clash-{number}" for number in range(4)]
    for one in codes:
        await open_session(house, clock, one)

    async def engaged(*asked: Any) -> Refusal | None:
        found = await read(*asked)
        await asyncio.sleep(0.05)  # all have read before the first commits
        return found

    async def unlocked(*_: Any) -> None:
        """Lock nothing."""

    monkeypatch.setattr(registration, "_engaged", engaged)
    if not locked:
        monkeypatch.setattr(registration, "hold_person", unlocked)
    answers = await asyncio.gather(*(desk.register(who, new_key(), one) for one in codes))
    assert Counter(map(code, answers)) == (
        {"Opening": 1, "exam_clash": 3} if locked else {"Opening": 4}
    )


async def test_seats_are_drawn_for_all_once_though_it_stops_half_way_or_is_asked_twice(
    desk: ExamRegistrations,
    giving: ExamSeating,
    city: City,
    house: House,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seating, "DRAWN_AT_ONCE", 2)
    await open_session(house, clock, places=5, held={"seats": 6})
    wanting = await people(city, 7)
    for one in wanting[:5]:
        assert isinstance(await desk.register(one, new_key(), "civil-1"), Opening)

    async def assign(who: Asking, seat: int) -> str:
        given = await giving.assign(OFFICER, new_key(), "civil-1", who.resident_id, seat)
        return code(given)

    assert await assign(wanting[0], 6) == "SeatView"  # by hand, on the place registered for
    assert await assign(wanting[5], 2) == "SeatView"  # by hand, the last of the hall's places
    assert await assign(wanting[6], 3) == "exam_full"
    clock.advance(61 * 60)

    draw, calls = seating._drawn, 0

    async def killed(*asked: Any) -> int | Refusal:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise asyncio.CancelledError
        return await draw(*asked)

    with monkeypatch.context() as broken:
        broken.setattr(seating, "_drawn", killed)
        with pytest.raises(asyncio.CancelledError):
            await giving.draw(OFFICER, new_key(), "civil-1")
    assert await ExamSeat.get_pymongo_collection().count_documents({}) == 4
    both = await asyncio.gather(*(giving.draw(OFFICER, new_key(), "civil-1") for _ in range(2)))
    assert both == [6, 6]
    rows = await ExamSeat.get_pymongo_collection().find({}).to_list()
    assert sorted(row["seat"] for row in rows) == [1, 2, 3, 4, 5, 6]
    assert len({row["resident_id"] for row in rows}) == 6
    states = [row["state"] async for row in ExamRegistration.get_pymongo_collection().find({})]
    assert states == [RegistrationState.SEATED] * 5
    told = await MandateNotice.get_pymongo_collection().find({"code": "exams.seated"}).to_list()
    seats = {row["resident_id"]: str(row["seat"]) for row in rows}
    assert {one["person"]: one["words"]["en"].rpartition(" is ")[2] for one in told} == seats
    assert len(told) == 6  # each once, however often it was drawn


async def test_a_delegate_registers_their_principal_by_the_scope_to_hand_in_alone(
    city: City, house: House, clock: ManualClock
) -> None:
    family = Family(city)
    elder, daughter = await family.relative(GRANDMOTHER, card=True), await family.relative()
    son = await family.relative("19780214")
    await open_session(house, clock)
    wish = {"session": "civil-1"}
    son.phone.acting_for = await family.mandate(elder, son, Scope.BOOK)
    assert await son.say("RegisterForExam", **wish) == "mandate_scope_missing"
    mandate = await family.mandate(elder, daughter, Scope.CASE_SUBMIT)
    daughter.phone.acting_for = mandate
    seen = await daughter.see("ExamOpenings")
    assert [one["session"] for one in seen["openings"]] == ["civil-1"]
    assert await daughter.say("RegisterForExam", **wish) == "ExamRegistrationChanged"
    daughter.phone.acting_for = ""
    own = await ExamRegistration.get_pymongo_collection().find({}).to_list()
    assert [row["resident_id"] for row in own] == [elder.resident_id]
    told = (await elder.see("MandateNotices"))["nodes"]
    assert "exams.registered" in [row["code"] for row in told]


async def test_the_demonstration_city_has_one_to_register_for_however_often_it_is_seeded(
    desk: ExamRegistrations, city: City, house: House, clock: ManualClock
) -> None:
    [who] = await people(city, 1)
    for _ in range(2):
        assert await seed_exams(house.services, clock.now()) is None
        clock.advance(24 * 60 * 60)
    seen = await desk.openings(who)
    assert [(one.left, one.refused) for one in seen if "social-work" in one.session.code] == [
        (30, None)
    ] * len({one.session.code for one in seen})


async def test_a_leaver_frees_their_place_a_merge_waits_and_every_query_has_its_index(
    desk: ExamRegistrations,
    city: City,
    house: House,
    clock: ManualClock,
    sent: list[tuple[str, dict[str, Any]]],
) -> None:
    [who] = await people(city, 1)
    await open_session(house, clock)
    assert isinstance(await desk.register(who, new_key(), "civil-1"), Opening)
    await desk.openings(who)
    assert await ExamSittings().not_over([who.resident_id], clock.now())
    _, obstacle = no_exams_ahead(clock)

    async def against(session: Session) -> object:
        return await obstacle.against("res_b", who.resident_id, session)

    assert await audit.in_one_write(against) == REGISTERED_AHEAD

    async def leave(session: Session) -> None:
        await ExamLeaving().close_account(who.resident_id, clock.now(), session)

    await audit.in_one_write(leave)
    assert await taken("civil-1") == (0, 0)
    clock.advance(61 * 60)
    assert await house.services[ExamSeating].draw(OFFICER, new_key(), "civil-1") == 0
    asked: Sequence[tuple[str, dict[str, Any]]] = [one for one in sent if one[0] in EXPLAINED]
    for name, command in asked:
        if not str(command[name]).startswith("exam_"):
            continue
        for part in parts(name, command):
            plan = await house.store.database.command(
                {"explain": part, "verbosity": "queryPlanner"}
            )
            assert not {"COLLSCAN", "SORT"} & stages(plan), part
