"""Registering for an examination 报名: opened by its department, once a person, in the window.

A place is taken off where it is counted, in the transaction of the registration, so that no more
register than there are places; what is shown before is a look, not a promise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.bookings.rules import Sitting
from backend.cards.asking import Asking
from backend.cards.concession import Category
from backend.cards.holder_evidence import HolderEvidence
from backend.cards.policies import EcardPolicies
from backend.cards.policy import EcardAction
from backend.cards.refusals import NO_CARD
from backend.exams import registration_rules as no
from backend.exams import rules
from backend.exams.documents import ExamRegistration, ExamSeat, StoredExamSession
from backend.exams.records import MOST_SHOWN, Row, by_staff, of_holder, session_in, session_row
from backend.exams.registration_rules import RegistrationState, Terms
from backend.exams.rules import ExamSession
from backend.exams.seating import around, place_guard
from backend.exams.sittings import booked_sittings, hold_person
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Act as Writing
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import ASCENDING, DESCENDING, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.mandates.acting import record_act
from shared.admission.evidence import Evidence
from shared.admission.prices import Quote, QuoteLine
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class Registration:
    """Somebody's registration, with the fee as it was quoted."""

    state: RegistrationState
    registered_at: datetime
    lines: tuple[QuoteLine, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """A session as the one who asks finds it.

    `lines` are what it costs them; `refused` says why they cannot register now, None where they
    can.
    """

    session: ExamSession
    terms: Terms
    left: int
    lines: tuple[QuoteLine, ...]
    registration: Registration | None
    refused: Refusal | None


class ExamRegistrations:
    """Opens sessions for registration, and registers people."""

    def __init__(
        self, evidence: HolderEvidence, policies: EcardPolicies, once: Once, clock: Clock
    ) -> None:
        self._evidence = evidence
        self._policies = policies
        self._once = once
        self._clock = clock

    async def open(
        self, caller: Caller | None, key: str, session: str, terms: Terms
    ) -> ExamSession | Refusal:
        """Open a session for registration; its terms stay as they were published."""
        refused = may(caller, Act.EXAM_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        now = self._clock.now()

        async def act(transaction: Session) -> Answer | Refusal:
            row = await session_row(session, transaction)
            if isinstance(row, Refusal):
                return row
            if row["owner"] != caller.organisation.code:
                return rules.SESSION_OF_OTHERS
            if row.get("registration") is not None:
                return no.OPENED
            fault = no.terms_fault(terms, session_in(row), now)
            if fault is not None:
                return fault
            # Seats that were given before there was a count: whoever gives one now writes here too.
            given = await ExamSeat.get_pymongo_collection().count_documents(
                {"session": session}, session=transaction
            )
            change = {"$set": {"registration": _stored(terms), "taken": given, "changed_at": now}}
            sessions = StoredExamSession.get_pymongo_collection()
            await sessions.update_one({"_id": session}, change, session=transaction)
            await audit.record(by_staff(caller, "exams.opened", None, now), transaction)
            return {"session": session}

        request = {"act": "exam opening", "session": session, "terms": str(_stored(terms))}
        who = caller.actor.id
        done = await self._once.perform(caller=who, key=key, request=request, now=now, act=act)
        if isinstance(done, Refusal):
            return done
        row = await session_row(done["session"])
        return row if isinstance(row, Refusal) else session_in(row)

    async def openings(self, asking: Asking) -> list[Opening]:
        """Return what can be registered for, or soon, and what the one who asks registered for.

        The soonest to close first, then by time.
        """
        now = self._clock.now()
        own = await self._own(asking.resident_id)
        sessions = StoredExamSession.get_pymongo_collection()
        still = sessions.find({"registration.closes_at": {"$gt": now}})
        rows = await still.sort("registration.closes_at", ASCENDING).limit(MOST_SHOWN).to_list()
        listed = {row["_id"] for row in rows}
        standing = [code for code, row in own.items() if code not in listed and _stands(row)]
        rows += await sessions.find({"_id": {"$in": standing}}).to_list()
        evidence = await self._evidence.of(asking.resident_id)
        barred = await self._barred(asking)
        held = [session_in(row) for row in rows if row["_id"] in own and _stands(own[row["_id"]])]
        booked = await booked_sittings(asking.resident_id)
        return [self._opening(row, own, evidence, barred, now, held, booked) for row in rows]

    async def register(self, asking: Asking, key: str, session: str) -> Opening | Refusal:
        """Register the one who asks, or for whom a delegate asks, once; the same key, once too."""
        now = self._clock.now()

        async def act(transaction: Session) -> Answer | Refusal:
            row = await _open_row(session, transaction)
            if isinstance(row, Refusal):
                return row
            known, terms = session_in(row), _terms(row)
            refused = no.window_refusal(terms, now) or await self._barred(asking)
            if refused is not None:
                return refused
            evidence = await self._evidence.of(asking.resident_id, transaction)
            if isinstance(evidence, Refusal):
                return evidence
            # Two sessions that clash are two documents: only this write makes one wait.
            await hold_person(asking.resident_id, transaction)
            refused = no.requirement_refusal(terms, known, evidence, now)
            refused = refused or await _engaged(known, asking.resident_id, transaction)
            booked = await booked_sittings(asking.resident_id, transaction)
            refused = refused or no.booked_refusal(known, booked)
            refused = refused or await _take_place(known, terms, transaction)
            if refused is not None:
                return refused
            quote = no.quoted(terms, known, evidence, now)
            await _write(known, asking.resident_id, quote, now, transaction)
            deed = of_holder("exams.registered", asking.resident_id, now, asking.origin)
            refused = await record_act(deed, asking.acting, transaction)
            return refused or {"session": known.code}

        return await self._done(asking, key, session, "register", act)

    async def withdraw(self, asking: Asking, key: str, session: str) -> Opening | Refusal:
        """Withdraw a registration while the window is open; its place is free again.

        The state of the card does not matter: nobody is kept to it by a lost card.
        """
        now = self._clock.now()

        async def act(transaction: Session) -> Answer | Refusal:
            row = await _open_row(session, transaction)
            if isinstance(row, Refusal):
                return row
            wanted = {"session": session, "resident_id": asking.resident_id}
            registrations = ExamRegistration.get_pymongo_collection()
            own = await registrations.find_one(wanted, session=transaction)
            refused = _kept_to_it(own, _terms(row), now)
            if own is None or refused is not None:
                return refused or no.NOT_REGISTERED
            gone = {"$set": {"state": RegistrationState.WITHDRAWN.value, "changed_at": now}}
            standing = {"_id": own["_id"], "state": RegistrationState.REGISTERED.value}
            await registrations.update_one(standing, gone, session=transaction)
            sessions = StoredExamSession.get_pymongo_collection()
            less = {"$inc": {"taken": -1, "registered": -1}}
            await sessions.update_one({"_id": session}, less, session=transaction)
            deed = of_holder("exams.withdrawn", asking.resident_id, now, asking.origin)
            refused = await record_act(deed, asking.acting, transaction)
            return refused or {"session": session}

        return await self._done(asking, key, session, "withdraw", act)

    async def _done(
        self, asking: Asking, key: str, session: str, what: str, act: Writing
    ) -> Opening | Refusal:
        """Do an act once, and return the session as it is for them by then."""
        request = {"act": f"exam {what}", "session": session, "who": asking.resident_id}
        now = self._clock.now()
        done = await self._once.perform(
            caller=asking.thumbprint, key=key, request=request, now=now, act=act
        )
        if isinstance(done, Refusal):
            return done
        row = await _open_row(done["session"])
        if isinstance(row, Refusal):
            return row
        own = await self._own(asking.resident_id)
        evidence = await self._evidence.of(asking.resident_id)
        return self._opening(row, own, evidence, await self._barred(asking), now)

    async def _barred(self, asking: Asking) -> Refusal | None:
        if asking.card is None:
            return NO_CARD
        return (await self._policies.present()).refusal(asking.card, EcardAction.BOOK)

    async def _own(self, resident_id: str) -> dict[str, Row]:
        found = ExamRegistration.get_pymongo_collection().find({"resident_id": resident_id})
        rows = await found.sort("starts_at", DESCENDING).limit(MOST_SHOWN).to_list()
        return {row["session"]: row for row in rows}

    def _opening(
        self,
        row: Row,
        own: Mapping[str, Row],
        evidence: Evidence | Refusal,
        barred: Refusal | None,
        now: datetime,
        held: Sequence[ExamSession] = (),
        booked: Sequence[Sitting] = (),
    ) -> Opening:
        known, terms = session_in(row), _terms(row)
        mine = own.get(known.code)
        stands = mine is not None and _stands(mine)
        left = max(0, terms.places - row["taken"])
        refused, lines = no.window_refusal(terms, now) or barred, tuple[QuoteLine, ...]()
        if isinstance(evidence, Refusal):
            refused = refused or evidence
        else:
            lines = no.quoted(terms, known, evidence, now).lines
            refused = refused or no.requirement_refusal(terms, known, evidence, now)
        other = no.clashing(known, held)
        refused = refused or (None if other is None else no.clash_with(other.name))
        refused = refused or no.booked_refusal(known, booked)
        if stands:
            refused = no.REGISTERED
        return Opening(
            session=known,
            terms=terms,
            left=left,
            lines=lines,
            registration=None if mine is None else _registration(mine),
            refused=refused or (None if left else no.FULL),
        )


async def _open_row(session: str, transaction: Session | None = None) -> Row | Refusal:
    row = await session_row(session, transaction)
    if isinstance(row, Refusal):
        return row
    return no.NOT_OPENED if row.get("registration") is None else row


async def _engaged(known: ExamSession, resident_id: str, transaction: Session) -> Refusal | None:
    """Return that somebody sits this session already, or which other at that time."""
    seated, registered = await around(known, resident_id, transaction)
    held = [one["session"] for one in (*seated, *registered)]
    if known.code in held:
        return no.REGISTERED
    if not held:
        return None
    sessions = StoredExamSession.get_pymongo_collection()
    rows = await sessions.find({"_id": {"$in": held}}, session=transaction).to_list()
    other = no.clashing(known, map(session_in, rows))
    return None if other is None else no.clash_with(other.name)


async def _take_place(known: ExamSession, terms: Terms, transaction: Session) -> Refusal | None:
    guard = place_guard(known.code, terms.places)
    more = {"$inc": {"taken": 1, "registered": 1}}
    sessions = StoredExamSession.get_pymongo_collection()
    done = await sessions.update_one(guard, more, session=transaction)
    return None if done.matched_count else no.FULL


async def _write(
    known: ExamSession, resident_id: str, quote: Quote, now: datetime, transaction: Session
) -> None:
    lines = [
        {"rule": one.rule, "zh": one.words.zh, "en": one.words.en, "fen": one.fen}
        for one in quote.lines
    ]
    now_so = {
        "state": RegistrationState.REGISTERED.value,
        "starts_at": known.starts_at,
        "ends_at": known.ends_at,
        "lines": lines,
        "registered_at": now,
        "changed_at": now,
    }
    await ExamRegistration.get_pymongo_collection().update_one(
        {"session": known.code, "resident_id": resident_id},
        {"$set": now_so, "$setOnInsert": {"_id": random_identifier("exr")}},
        upsert=True,
        session=transaction,
    )


def _kept_to_it(own: Row | None, terms: Terms, now: datetime) -> Refusal | None:
    if own is None or own["state"] == RegistrationState.WITHDRAWN:
        return no.NOT_REGISTERED
    if own["state"] == RegistrationState.SEATED:
        return no.SEAT_GIVEN
    return no.OVER if now >= terms.closes_at else None


def _stands(row: Row) -> bool:
    return bool(row["state"] != RegistrationState.WITHDRAWN)


def _registration(row: Row) -> Registration:
    lines = [
        QuoteLine(one["rule"], LocalizedText(one["zh"], one["en"]), one["fen"])
        for one in row["lines"]
    ]
    return Registration(RegistrationState(row["state"]), row["registered_at"], tuple(lines))


def _stored(terms: Terms) -> dict[str, Any]:
    return {
        "opens_at": terms.opens_at,
        "closes_at": terms.closes_at,
        "places": terms.places,
        "youngest": terms.youngest,
        **({} if terms.oldest is None else {"oldest": terms.oldest}),
        "categories": _codes(terms.categories),
        "fee_fen": terms.fee_fen,
        "free_for": _codes(terms.free_for),
    }


def _codes(categories: frozenset[Category]) -> Sequence[str]:
    return sorted(one.value for one in categories)


def _terms(row: Row) -> Terms:
    stored = row["registration"]
    plain = {name: stored[name] for name in ("opens_at", "closes_at", "places", "youngest")}
    return Terms(
        **plain,
        oldest=stored.get("oldest"),
        categories=frozenset(map(Category, stored["categories"])),
        fee_fen=stored["fee_fen"],
        free_for=frozenset(map(Category, stored["free_for"])),
    )
