"""Training vouchers 职业培训券: issued by a department, reserved by their holder, used once.

A provider confirms the enrolment; the department settles by the hours attended. What is owed is
recorded here; that it is paid is another area's work. Every step is one write under the condition
that the voucher still is as it was judged.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from backend.cards.asking import Asking
from backend.cards.policies import EcardPolicies
from backend.cards.policy import EcardAction
from backend.cards.refusals import NO_CARD
from backend.cards.service import Cards
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Act as Writing
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, Session, UpdateOne
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may, may_at
from backend.foundation.refusals import Refusal
from backend.passes import deeds
from backend.passes import voucher_refusals as no
from backend.passes.documents import TrainingVoucher, VoucherProgramme
from backend.passes.voucher_records import (
    ACTIONS,
    Change,
    Row,
    Step,
    VoucherView,
    change,
    counted,
    freed,
    read,
    stored,
    view,
)
from backend.passes.voucher_rules import (
    Course,
    Programme,
    VoucherEvent,
    VoucherFacts,
    VoucherState,
    is_code,
    owed,
    programme_fault,
    refusal_of_course,
)
from backend.venues.catalogue import Catalogue
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.identity.age import local_day

MOST_VOUCHERS = 100
"""Vouchers of one person in one answer: one a programme."""


class TrainingVouchers:
    """Does what is done with vouchers."""

    def __init__(
        self,
        cards: Cards,
        catalogue: Catalogue,
        policies: EcardPolicies,
        once: Once,
        clock: Clock,
    ) -> None:
        self._cards = cards
        self._catalogue = catalogue
        self._policies = policies
        self._once = once
        self._clock = clock

    async def put(self, caller: Caller | None, programmes: Iterable[Programme]) -> Refusal | None:
        """Add programmes or change them; vouchers that were issued stay as they are."""
        described = list(programmes)
        refused = may(caller, Act.VOUCHER_MANAGE)
        if caller is None or refused is not None:
            return refused
        faults = [fault for one in described if (fault := programme_fault(one))]
        if faults or not described:
            return faults[0] if faults else None

        async def act(session: Session) -> None:
            changes = [
                UpdateOne(
                    {"_id": one.code},
                    {"$set": stored(one), "$setOnInsert": {"issued": 0}}
                    | ({"$unset": {"quota": ""}} if one.quota is None else {}),
                    upsert=True,
                )
                for one in described
            ]
            await VoucherProgramme.get_pymongo_collection().bulk_write(changes, session=session)
            deed = deeds.of_staff(caller, "vouchers.programme", None, self._clock.now())
            await audit.record(deed, session)

        await audit.in_one_write(act)
        return None

    async def of_resident(self, resident_id: str) -> list[VoucherView]:
        """Return a resident's own vouchers, the newest first."""
        order = [("issued_at", DESCENDING), ("_id", DESCENDING)]
        own = TrainingVoucher.get_pymongo_collection().find({"resident_id": resident_id})
        now = self._clock.now()
        return [view(row, now) async for row in own.sort(order).limit(MOST_VOUCHERS)]

    async def issue(
        self, caller: Caller | None, key: str, resident_id: str, programme: str
    ) -> VoucherView | Refusal:
        """Issue a voucher to a person whom the department found eligible; one a programme."""
        refused = may(caller, Act.VOUCHER_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED

        async def act(session: Session) -> Answer | Refusal:
            return await self._issue(caller, resident_id, programme, session)

        request = {"act": "issue voucher", "resident": resident_id, "programme": programme}
        return await self._performed(_name(caller), key, request, act)

    async def reserve(
        self, asking: Asking, key: str, voucher_id: str, course: Course
    ) -> VoucherView | Refusal:
        """Reserve a seat in a course with the caller's own voucher."""
        now = self._clock.now()

        async def step(row: Row, facts: VoucherFacts) -> Change | Refusal:
            refused = await self._refused(asking) or refusal_of_course(facts, course, now)
            if refused is not None:
                return refused
            if await self._catalogue.of_numbers([course.provider]) == [None]:
                return no.PROVIDER_UNKNOWN
            reservation = {
                "course_type": course.course_type,
                "course": course.course,
                "provider": course.provider,
                "starts_on": course.starts_on.isoformat(),
                "at": now,
                "until": now + timedelta(days=row["hold_days"]),
            }
            return {"$set": {"state": VoucherState.RESERVED.value, "reservation": reservation}}

        what = f"reserve {course}"
        return await self._own(asking, key, voucher_id, VoucherEvent.RESERVE, what, step)

    async def release(self, asking: Asking, key: str, voucher_id: str) -> VoucherView | Refusal:
        """Take back the caller's own reservation, as long as it is not confirmed."""

        async def step(row: Row, facts: VoucherFacts) -> Change | Refusal:  # noqa: ARG001
            confirmed = facts.state is VoucherState.CONFIRMED
            return no.ALREADY_CONFIRMED if confirmed else freed()

        return await self._own(asking, key, voucher_id, VoucherEvent.RELEASE, "release", step)

    async def confirm(
        self, caller: Caller | None, key: str, voucher_id: str, course: str
    ) -> VoucherView | Refusal:
        """Confirm, as the provider, that the holder is enrolled in the course they reserved."""

        async def step(row: Row, facts: VoucherFacts) -> Change | Refusal:  # noqa: ARG001
            elsewhere = _elsewhere(caller, row)
            if elsewhere is None and row["reservation"]["course"] != course:
                return no.NOT_THEIRS
            return elsewhere or {"$set": {"state": VoucherState.CONFIRMED.value}}

        work = (VoucherEvent.CONFIRM, f"confirm {course}", step)
        return await self._by_staff(caller, Act.VOUCHER_CONFIRM, key, voucher_id, *work)

    async def withdraw(
        self, caller: Caller | None, key: str, voucher_id: str
    ) -> VoucherView | Refusal:
        """Free a voucher, as the provider: the course is off, or its holder dropped out."""

        async def step(row: Row, facts: VoucherFacts) -> Change | Refusal:  # noqa: ARG001
            return _elsewhere(caller, row) or freed()

        work = (VoucherEvent.RELEASE, "withdraw", step)
        return await self._by_staff(caller, Act.VOUCHER_CONFIRM, key, voucher_id, *work)

    async def settle(
        self, caller: Caller | None, key: str, voucher_id: str, attended: int, planned: int
    ) -> VoucherView | Refusal:
        """Settle a voucher by the hours attended; whoever attended too few keeps it, unpaid."""
        now = self._clock.now()

        async def step(row: Row, facts: VoucherFacts) -> Change | Refusal:  # noqa: ARG001
            fen = owed(facts, attended, planned)
            if isinstance(fen, Refusal):
                return fen
            if not fen:
                return freed()
            settled = {"attended": attended, "planned": planned, "fen": fen, "at": now}
            return {"$set": {"state": VoucherState.SETTLED.value, "settlement": settled}}

        work = (VoucherEvent.SETTLE, f"settle {attended}/{planned}", step)
        return await self._by_staff(caller, Act.VOUCHER_MANAGE, key, voucher_id, *work)

    async def revoke(
        self, caller: Caller | None, key: str, voucher_id: str, reason: str
    ) -> VoucherView | Refusal:
        """Revoke a voucher that was not settled."""
        why = audit.reason_of(reason)
        if isinstance(why, Refusal):
            return may(caller, Act.VOUCHER_MANAGE) or why

        async def step(row: Row, facts: VoucherFacts) -> Change | Refusal:  # noqa: ARG001
            return {"$set": {"state": VoucherState.REVOKED.value}}

        work = (VoucherEvent.REVOKE, f"revoke: {why}", step, why)
        return await self._by_staff(caller, Act.VOUCHER_MANAGE, key, voucher_id, *work)

    async def _issue(
        self, caller: Caller, resident_id: str, programme: str, session: Session
    ) -> Answer | Refusal:
        holds = is_identifier(resident_id) and await self._cards.holds_card(resident_id, session)
        if not holds:
            return NO_CARD
        now, vouchers = self._clock.now(), TrainingVoucher.get_pymongo_collection()
        had = {"resident_id": resident_id, "programme": programme}
        if not is_code(programme):
            return no.PROGRAMME_UNKNOWN
        if await vouchers.find_one(had, {"_id": 1}, session=session) is not None:
            return no.VOUCHER_HELD
        run = await counted(programme, session)
        if isinstance(run, Refusal):
            return run
        today = local_day(now)
        row = {
            **had,
            "_id": random_identifier("vou"),
            **{name: run[name] for name in ("name", "value_fen", "course_types")},
            **{name: run[name] for name in ("hold_days", "least_percent")},
            "first": today.isoformat(),
            "last": (today + timedelta(days=run["valid_days"] - 1)).isoformat(),
            "state": VoucherState.ISSUED.value,
            "issued_at": now,
            "changed_at": now,
            "revision": 0,
        }
        await vouchers.insert_one(row, session=session)
        deed = deeds.of_staff(caller, "vouchers.issued", resident_id, now)
        await audit.record(deed, session)
        return {"voucher": row["_id"]}

    async def _own(
        self,
        asking: Asking,
        key: str,
        voucher_id: str,
        event: VoucherEvent,
        what: str,
        step: Step,
    ) -> VoucherView | Refusal:
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            row = await read(voucher_id, session)
            if row is None or row["resident_id"] != asking.resident_id:
                return no.VOUCHER_UNKNOWN
            deed = deeds.of_holder(ACTIONS[event], asking.resident_id, now, asking.origin)
            return await change(row, event, step, deed, session, asking.acting)

        request = {"act": f"voucher: {what}", "voucher": voucher_id}
        request["resident"] = asking.resident_id
        return await self._performed(asking.thumbprint, key, request, act)

    async def _by_staff(
        self,
        caller: Caller | None,
        need: Act,
        key: str,
        voucher_id: str,
        event: VoucherEvent,
        what: str,
        step: Step,
        reason: str = "",
    ) -> VoucherView | Refusal:
        refused = may(caller, need)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            row = await read(voucher_id, session)
            if row is None:
                return no.VOUCHER_UNKNOWN
            deed = deeds.of_staff(caller, ACTIONS[event], row["resident_id"], now, reason)
            return await change(row, event, step, deed, session)

        request = {"act": f"voucher: {what}", "voucher": voucher_id}
        return await self._performed(_name(caller), key, request, act)

    async def _performed(
        self, caller: str, key: str, request: Mapping[str, str], act: Writing
    ) -> VoucherView | Refusal:
        now = self._clock.now()
        done = await self._once.perform(caller=caller, key=key, request=request, now=now, act=act)
        if isinstance(done, Refusal):
            return done
        row = await read(done["voucher"])
        return no.VOUCHER_UNKNOWN if row is None else view(row, now)

    async def _refused(self, asking: Asking) -> Refusal | None:
        if asking.card is None:
            return NO_CARD
        return (await self._policies.present()).refusal(asking.card, EcardAction.BOOK)


def _elsewhere(caller: Caller | None, row: Row) -> Refusal | None:
    """Return that somebody does not work at the provider of the course that is reserved."""
    return may_at(caller, Act.VOUCHER_CONFIRM, (row["reservation"]["provider"],))


def _name(caller: Caller) -> str:
    return caller.staff_id or caller.thumbprint or "operator"
