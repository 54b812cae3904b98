"""A seat, the door, and whoever comes twice, late, or for somebody else (S8)."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.app import House
from backend.assertions.evidence import Shown
from backend.assertions.presenting import PresentHolder, Presenting
from backend.cards.refusals import NO_CARD
from backend.demo_city import IDENTIFICATION_CODE
from backend.exams import rules, seating, service
from backend.exams.leaving import ExamLeaving
from backend.exams.merging import SEAT_AHEAD, no_exams_ahead
from backend.exams.records import SeatView
from backend.exams.rules import ExamSession, SeatFacts, entry_refusal, session_fault
from backend.exams.seating import ExamSeating
from backend.exams.service import DoorWish, Exams
from backend.foundation import audit
from backend.foundation.idempotency import Act, Answer, Once
from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.foundation.permissions import NOT_PERMITTED, OTHER_VENUE
from backend.foundation.refusals import Refusal
from backend.residents.face_check import FACE_CHECK_ABSENT
from shared.clock import ManualClock
from tests.backend.actors import REGION, City, new_key
from tests.backend.assertions.test_assertions import Person, person
from tests.backend.bookings.hall import code
from tests.backend.bookings.test_indexes import EXPLAINED, parts, stages
from tests.backend.exams.hall import DOOR, OFFICER, session

__all__ = ["person"]
CARD = Shown(identification_code=IDENTIFICATION_CODE.hex())


@pytest.fixture
def exams(house: House) -> Exams:
    return house.services[Exams]


@pytest.fixture
def giving(house: House) -> ExamSeating:
    return house.services[ExamSeating]


@pytest.fixture
async def seated(
    exams: Exams, giving: ExamSeating, person: Person, clock: ManualClock
) -> ExamSession:
    """A session in two hours, in which `person` has seat 7."""
    made = session(clock)
    assert isinstance(await exams.put(OFFICER, new_key(), made), ExamSession)
    given = await giving.assign(OFFICER, new_key(), made.code, person.holder.resident_id, 7)
    assert isinstance(given, SeatView), given
    clock.advance(90 * 60)
    return made


async def door(exams: Exams, shown: Shown, key: str = "", **more: Any) -> SeatView | Refusal:
    return await exams.check_in(DOOR, key or new_key(), DoorWish("civil-1", shown, **more))


@pytest.mark.feature("S8")
async def test_the_second_check_in_for_a_seat_is_refused_as_already_used(
    exams: Exams, person: Person, seated: ExamSession, clock: ManualClock
) -> None:
    key, shown = new_key(), Shown(person.code())
    first = await door(exams, shown, key)
    assert isinstance(first, SeatView), first
    assert (first.seat, first.entered_at) == (7, clock.now())
    assert await door(exams, shown, key) == first  # the same request, repeated

    clock.advance(60)
    assert code(await door(exams, Shown(person.code()))) == "already_used"
    assert code(await door(exams, CARD)) == "already_used"
    [own] = await exams.of_resident(person.holder.resident_id)
    assert (own.session.code, own.seat, own.entered_at) == (seated.code, 7, first.entered_at)
    # A door that goes on trying is on record once a while (`RefusedActs`).
    rows = audit.AuditRow.get_pymongo_collection().find({"action": "exams.checked_in"})
    assert Counter([row["result"] async for row in rows]) == {
        "ok": 1,
        "refused:already_used": 1,
    }


@pytest.mark.feature("S8")
async def test_a_code_that_was_shown_elsewhere_a_moment_before_opens_no_door(
    exams: Exams, person: Person, seated: ExamSession, house: House
) -> None:
    shown, presenting = Shown(person.code()), house.services[Presenting]
    holder = await presenting.holder(shown)
    assert isinstance(holder, PresentHolder), holder

    async def elsewhere(session: Session) -> Refusal | None:
        return await presenting.use(holder, session)

    assert await audit.in_one_write(elsewhere) is None
    assert code(await door(exams, shown)) == "code_shown_before"
    [own] = await exams.of_resident(person.holder.resident_id)
    assert (own.session.code, own.entered_at) == (seated.code, None)


@pytest.mark.parametrize(
    ("minutes", "answer"),
    [(-61, "booking_too_early"), (-60, None), (14, None), (15, "booking_too_late")],
)
def test_who_comes_early_or_late_is_told_so_by_the_admission_rule(
    clock: ManualClock, minutes: int, answer: str | None
) -> None:
    held = session(clock)
    at = held.starts_at + timedelta(minutes=minutes)
    found = entry_refusal(held, SeatFacts(7, entered=False, impersonated=False), REGION, at)
    assert (found and found.code) == answer
    assert entry_refusal(held, None, REGION, at) == rules.NO_SEAT


@pytest.mark.feature("S8")
async def test_another_face_is_refused_on_record_and_noted(
    exams: Exams, person: Person, seated: ExamSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[bool | Refusal] = [False, FACE_CHECK_ABSENT]

    async def matches(resident_id: str, picture: bytes) -> bool | Refusal:
        assert (resident_id, picture) == (person.holder.resident_id, b"face")
        return said.pop(0)

    monkeypatch.setattr(exams._faces, "matches", matches)
    assert await door(exams, CARD, picture=b"face") == rules.PHOTO_DIFFERS
    noted = await exams.note_impersonation(DOOR, new_key(), seated.code, 7, "他人持卡入场")
    assert isinstance(noted, SeatView)
    assert await door(exams, CARD, picture=b"face") == rules.IMPERSONATED
    rows = audit.AuditRow.get_pymongo_collection().find(
        {"action": {"$in": ["exams.checked_in", "exams.impersonated"]}}
    )
    assert [row["subject"] async for row in rows] == [person.holder.resident_id] * 3


@pytest.mark.usefixtures("seated")
async def test_of_ten_who_check_in_at_once_one_is_let_in(exams: Exams) -> None:
    answers = await asyncio.gather(*(door(exams, CARD) for _ in range(10)))
    assert Counter(map(code, answers)) == {"SeatView": 1, "already_used": 9}


@pytest.mark.usefixtures("seated")
@pytest.mark.parametrize("guarded", [True, False])
async def test_the_write_alone_lets_one_in_and_without_its_condition_several_are(
    exams: Exams, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the transactions' order, the condition in the write decides."""

    async def perform(self: Once, *, act: Act, **_: Any) -> Answer | Refusal:
        async with self._store.client.start_session() as session:
            return await act(session)

    monkeypatch.setattr(Once, "perform", perform)
    if not guarded:
        monkeypatch.setattr(service, "unentered", lambda row: {"_id": row["_id"]})
    answers = await asyncio.gather(*(door(exams, CARD) for _ in range(10)))
    let_in = Counter(map(code, answers))["SeatView"]
    assert let_in == 1 if guarded else let_in > 1


async def test_a_seat_is_one_persons_and_nobody_sits_two_at_once(
    exams: Exams,
    giving: ExamSeating,
    person: Person,
    seated: ExamSession,
    city: City,
    clock: ManualClock,
) -> None:
    who, other = person.holder.resident_id, (await city.holder("955", digest=None)).resident_id
    again = session(clock, "civil-2", starts_at=seated.starts_at, ends_at=seated.ends_at)
    later = session(clock, "civil-3", starts_at=seated.ends_at + timedelta(hours=1))
    later = replace(later, ends_at=later.starts_at + timedelta(hours=1))
    for one in (again, later):
        assert isinstance(await exams.put(OFFICER, new_key(), one), ExamSession)

    async def give(code: str, resident: str, seat: int) -> SeatView | Refusal:
        return await giving.assign(OFFICER, new_key(), code, resident, seat)

    assert await give("civil-1", who, 8) == rules.SEATED
    assert await give("civil-1", other, 7) == rules.SEAT_TAKEN
    assert await give("civil-1", other, 31) == rules.SEAT_FORM
    assert await give("civil-2", who, 1) == rules.CLASH
    assert isinstance(await give("civil-3", who, 1), SeatView)
    assert code(await give("civil-1", "res_none", 9)) == "no_card"
    assert await give("$where", who, 9) == rules.SESSION_UNKNOWN
    assert await exams.put(OFFICER, new_key(), again) == rules.SESSION_KNOWN
    assert session_fault(replace(again, ends_at=again.starts_at)) == rules.SESSION_FORM

    stranger = replace(OFFICER, organisation=replace(OFFICER.organisation, code="360700-zj"))
    wrong = await giving.assign(stranger, new_key(), "civil-1", other, 9)
    assert wrong == rules.SESSION_OF_OTHERS
    assert await giving.assign(DOOR, new_key(), "civil-1", other, 9) == NOT_PERMITTED
    elsewhere = replace(DOOR, organisation=replace(DOOR.organisation, code="venue-99"))
    wish = DoorWish("civil-1", CARD)
    assert await exams.check_in(elsewhere, new_key(), wish) == OTHER_VENUE
    assert await exams.check_in(OFFICER, new_key(), wish) == NOT_PERMITTED


@pytest.mark.parametrize("text", ["", "\ud800", "a\0b", '{"$ne": null}', "x" * 65, "../res"])
async def test_the_store_is_asked_about_no_candidate_who_cannot_be_one(
    giving: ExamSeating, seated: ExamSession, text: str, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    sent.clear()
    assert await giving.assign(OFFICER, new_key(), seated.code, text, 9) == NO_CARD
    asked = [command for name, command in sent if name in {"find", "aggregate"}]
    tables = {one.get("find") or one.get("aggregate") for one in asked}
    assert tables.isdisjoint({"cards", "residents", "exam_seats"}), tables
    assert "exam_sessions" in tables, "the look at the session was seen"


@pytest.mark.feature("S8")
@pytest.mark.parametrize("locked", [True, False])
async def test_of_six_clashing_sessions_assigned_at_once_somebody_sits_one(
    exams: Exams,
    giving: ExamSeating,
    person: Person,
    clock: ManualClock,
    locked: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: sessions and seats are different documents, so without the lock nobody waits."""
    who, read = person.holder.resident_id, seating._unseatable
    codes = [f"clash-{number}" for number in range(6)]
    for one in codes:
        assert isinstance(await exams.put(OFFICER, new_key(), session(clock, one)), ExamSession)

    async def unseatable(*asked: Any) -> Refusal | None:
        found = await read(*asked)
        await asyncio.sleep(0.05)  # all have read before the first commits
        return found

    async def unlocked(*_: Any) -> None:
        """Lock nothing."""

    monkeypatch.setattr(seating, "_unseatable", unseatable)
    if not locked:
        monkeypatch.setattr(seating, "hold_person", unlocked)
    answers = await asyncio.gather(
        *(giving.assign(OFFICER, new_key(), one, who, 7) for one in codes)
    )
    assert len(await exams.of_resident(who)) == (1 if locked else 6)
    assert Counter(map(code, answers)) == (
        {"SeatView": 1, "exam_clash": 5} if locked else {"SeatView": 6}
    )


@pytest.mark.usefixtures("seated")
async def test_every_query_has_its_index_and_a_leaver_is_forgotten(
    exams: Exams,
    person: Person,
    house: House,
    clock: ManualClock,
    sent: list[tuple[str, dict[str, Any]]],
) -> None:
    who = person.holder.resident_id
    await exams.of_resident(who)
    (obstacle, _), leaving = no_exams_ahead(clock), ExamLeaving()

    async def against(session: Session) -> object:
        return await obstacle.against("res_b", who, session)

    assert await audit.in_one_write(against) == SEAT_AHEAD
    clock.advance(40 * 60)  # ten minutes late, and still let in
    assert await audit.in_one_write(against) == SEAT_AHEAD
    assert isinstance(await door(exams, CARD), SeatView)
    clock.advance(2 * 60 * 60)
    assert await audit.in_one_write(against) is None

    async def leave(session: Session) -> None:
        left: Leaving = leaving
        await left.close_account(who, clock.now(), session)

    await audit.in_one_write(leave)
    assert await exams.of_resident(who) == []
    for name, command in [one for one in sent if one[0] in EXPLAINED]:
        if not str(command[name]).startswith("exam_"):
            continue
        for part in parts(name, command):
            plan = await house.store.database.command(
                {"explain": part, "verbosity": "queryPlanner"}
            )
            assert not {"COLLSCAN", "SORT"} & stages(plan), part
