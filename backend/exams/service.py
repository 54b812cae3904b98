"""Sessions of examinations and their door: card or code, once, in time, by the person."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.assertions.evidence import Shown
from backend.assertions.presenting import PresentHolder, Presenting
from backend.exams import rules
from backend.exams.documents import ExamSeat, StoredExamSession
from backend.exams.records import (
    MOST_SHOWN,
    Row,
    SeatView,
    by_staff,
    facts_in,
    seat_told,
    seat_view,
    session_in,
    session_of,
)
from backend.exams.rules import ExamSession, SeatFacts
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Act as Writing
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may, may_at
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.residents.face_check import FaceCheck
from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class DoorWish:
    """What the door sends: for which session, what is shown, and a picture where one is taken."""

    session: str
    shown: Shown
    picture: bytes | None = field(default=None, repr=False)


class Exams:
    """Describes sessions and checks people in."""

    def __init__(
        self,
        presenting: Presenting,
        faces: FaceCheck,
        refused_acts: RefusedActs,
        once: Once,
        region: int,
        clock: Clock,
    ) -> None:
        self._presenting = presenting
        self._faces = faces
        self._refused = refused_acts
        self._once = once
        self._region = region
        self._clock = clock

    async def put(
        self, caller: Caller | None, key: str, session: ExamSession
    ) -> ExamSession | Refusal:
        """Describe a session; once described it stays as it is, for seats stand on it."""
        refused = may(caller, Act.EXAM_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        fault, now = rules.session_fault(session), self._clock.now()
        if fault is not None:
            return fault
        name = {"zh": session.name.zh, "en": session.name.en}
        numbers = ("venue", "starts_at", "ends_at", "seats", "early_minutes", "late_minutes")
        fields = {"name": name, **{one: getattr(session, one) for one in numbers}}
        row = {
            "_id": session.code,
            "owner": caller.organisation.code,
            **fields,
            "taken": 0,
            "registered": 0,
            "changed_at": now,
        }

        async def act(transaction: Session) -> Answer | Refusal:
            sessions = StoredExamSession.get_pymongo_collection()
            known = await sessions.find_one({"_id": session.code}, session=transaction)
            if known is not None:
                return rules.SESSION_KNOWN
            await sessions.insert_one(row, session=transaction)
            await audit.record(by_staff(caller, "exams.session", None, now), transaction)
            return {"session": session.code}

        request = {"act": "exam session", "session": session.code, "is": str(fields)}
        done = await self._perform(caller, key, request, act)
        return done if isinstance(done, Refusal) else await session_of(session.code)

    async def check_in(self, caller: Caller | None, key: str, wish: DoorWish) -> SeatView | Refusal:
        """Let the holder of a seat in by what they show, once; the same request is the same answer.

        What is shown must be the candidate's own: a code that a representative shows counts for
        nobody here. Whoever is refused is refused on record.
        """
        refused = may(caller, Act.EXAM_CHECK_IN)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        known = await session_of(wish.session)
        if isinstance(known, Refusal):
            return known
        elsewhere = may_at(caller, Act.EXAM_CHECK_IN, (known.venue,))
        if elsewhere is not None:
            return elsewhere
        evidence = wish.shown.code or wish.shown.identification_code or ""
        request = {"act": "exam check-in", "session": wish.session, "shown": evidence}
        kept = await self._once.answered(caller=caller.actor.id, key=key, request=request)
        if kept is not None:
            return await seat_told(kept)
        holder = await self._presenting.holder(wish.shown)
        if isinstance(holder, Refusal):
            return holder
        photo = await self._photo(holder.resident_id, wish.picture)
        done: Answer | Refusal = photo if isinstance(photo, Refusal) else {}
        if not isinstance(photo, Refusal):
            act = self._entering(caller, known, holder, photo)
            done = await self._perform(caller, key, request, act)
        if isinstance(done, Refusal):
            now, whose = self._clock.now(), holder.resident_id
            deed = by_staff(caller, "exams.checked_in", whose, now, result=audit.refused(done))
            await self._refused.record(deed)
        return await seat_told(done)

    async def note_impersonation(
        self, caller: Caller | None, key: str, session: str, seat: int, why: str
    ) -> SeatView | Refusal:
        """Note that somebody else sits, or tried to sit, for the candidate of a seat 替考."""
        refused, reason = may(caller, Act.EXAM_CHECK_IN), audit.reason_of(why)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        known = await session_of(session)
        if isinstance(known, Refusal):
            return known
        if isinstance(reason, Refusal):
            return reason
        elsewhere = may_at(caller, Act.EXAM_CHECK_IN, (known.venue,))
        if elsewhere is not None:
            return elsewhere
        now, noted = self._clock.now(), reason

        async def act(transaction: Session) -> Answer | Refusal:
            wanted = {"_id": f"{session}.{seat}"}
            seats = ExamSeat.get_pymongo_collection()
            row = await seats.find_one(wanted, session=transaction)
            if row is None:
                return rules.SEAT_FORM
            change = {"$set": {"impersonated_at": now}}
            await seats.update_one(wanted, change, session=transaction)
            deed = by_staff(caller, "exams.impersonated", row["resident_id"], now, reason=noted)
            await audit.record(deed, transaction)
            return {"seat": row["_id"]}

        request = {"act": "exam impersonation", "seat": f"{session}.{seat}", "why": noted}
        return await seat_told(await self._perform(caller, key, request, act))

    async def of_resident(self, resident_id: str) -> list[SeatView]:
        """Return a resident's own seats, the latest session first."""
        order = [("starts_at", DESCENDING)]
        own = ExamSeat.get_pymongo_collection().find({"resident_id": resident_id})
        rows = await own.sort(order).limit(MOST_SHOWN).to_list()
        codes = {"_id": {"$in": [row["session"] for row in rows]}}
        found = StoredExamSession.get_pymongo_collection().find(codes)
        sessions = {row["_id"]: session_in(row) async for row in found}
        return [seat_view(row, sessions[row["session"]]) for row in rows]

    def _entering(
        self, caller: Caller, known: ExamSession, holder: PresentHolder, photo: str | None
    ) -> Writing:
        async def act(transaction: Session) -> Answer | Refusal:
            now, seats = self._clock.now(), ExamSeat.get_pymongo_collection()
            wanted = {"session": known.code, "resident_id": holder.resident_id}
            row = await seats.find_one(wanted, session=transaction)
            fault = rules.entry_refusal(known, row and facts_in(row), self._region, now)
            fault = fault or await self._presenting.use(holder, transaction)
            if fault is not None or row is None:
                return fault or rules.NO_SEAT
            change = {"entered_at": now, **({} if photo is None else {"photo": photo})}
            done = await seats.update_one(unentered(row), {"$set": change}, session=transaction)
            if done.matched_count == 0:
                used = SeatFacts(row["seat"], entered=True, impersonated=False)
                return rules.entry_refusal(known, used, self._region, now) or rules.NO_SEAT
            deed = by_staff(caller, "exams.checked_in", holder.resident_id, now)
            await audit.record(deed, transaction)
            return {"seat": row["_id"]}

        return act

    async def _photo(self, resident_id: str, picture: bytes | None) -> str | Refusal | None:
        """Return how the comparison ended; where there is none, staff look themselves."""
        if picture is None:
            return None
        found = await self._faces.matches(resident_id, picture)
        if isinstance(found, Refusal):
            return "unavailable"
        return "matched" if found else rules.PHOTO_DIFFERS

    async def _perform(
        self, caller: Caller, key: str, request: Mapping[str, str], act: Writing
    ) -> Answer | Refusal:
        now, who = self._clock.now(), caller.actor.id
        return await self._once.perform(caller=who, key=key, request=request, now=now, act=act)


def unentered(row: Row) -> dict[str, object]:
    """Match a seat only while nobody was let in on it."""
    return {"_id": row["_id"], "entered_at": {"$exists": False}}
