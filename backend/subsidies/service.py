"""Filing payments of subsidies as a department, and reading one's own.

The message of a final state is written with the state, in one transaction, under an id made of
both: it is there once or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.cards.asking import Asking
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.deeds import AreaDeeds
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.person_keys import (
    KeyDestroyed,
    KeyPurpose,
    PersonSealer,
    beside,
    sealer_in,
    sealer_of,
)
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.mandates.notices import tell_sealed
from backend.residents.rules import is_resident_id
from backend.residents.same_person import same_person, surviving
from backend.residents.service import Residents
from backend.subsidies import refusals as no
from backend.subsidies.documents import COLLECTION, SubsidyPayment
from backend.subsidies.rules import (
    TOLD,
    Filing,
    PaymentState,
    UnpaidReason,
    filing_fault,
    message,
    step_fault,
)
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText

Row = Mapping[str, Any]
_DEEDS = AreaDeeds(
    "subsidies", {"subsidies.filed": LocalizedText("登记了补贴发放", "Filed a subsidy payment")}
)
_TITLE = LocalizedText("您有一笔补贴的消息，请在应用里查看", "News of a subsidy: see the app")
"""What is left of a message whose sealed words were erased."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What a department is told: its payment's id, and the state as it was filed then."""

    payment_id: str
    state: PaymentState


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment as its recipient sees it."""

    payment_id: str
    payer: LocalizedText
    filing: Filing
    filed_at: datetime
    changed_at: datetime

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.filed_at, self.payment_id)


@dataclass(frozen=True, slots=True)
class _Recipient:
    """The record that is kept of somebody; the dead read no message, nor does their phone."""

    person: str
    reads: bool


class Subsidies:
    """Takes what departments file; shows people their own."""

    def __init__(self, residents: Residents, sealer: Sealer, once: Once, clock: Clock) -> None:
        self._residents = residents
        self._sealer = sealer
        self._once = once
        self._clock = clock

    async def file(
        self, caller: Caller | None, key: str, resident_id: str, filing: Filing
    ) -> Filed | Refusal:
        """File a payment, or the next state of one by its reference; a final one is told.

        The same again, by whatever key, changes nothing and gets the same answer.
        """
        refused = may(caller, Act.SUBSIDY_FILE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        request = {
            "act": "file subsidy",
            "content": self._sealer.blind_index(
                repr((resident_id, filing.reference, *filing.particulars)),
                purpose="subsidies.request",
            ).hex(),
            "state": filing.state.value,
            "reason": filing.reason or "",
        }

        async def act(session: Session) -> Answer | Refusal:
            fault = filing_fault(filing)
            return fault or await self._filed(caller, resident_id, filing, session)

        done = await self._once.perform(
            caller=caller.staff_id or caller.thumbprint or "operator",
            key=key,
            request=request,
            now=self._clock.now(),
            act=act,
        )
        if isinstance(done, Refusal):
            return done
        return Filed(done["payment"], PaymentState(done["state"]))

    async def page(self, asking: Asking, first: int, after: Position | None) -> Page[PaymentView]:
        """Return a page of somebody's payments, by all of their records, the newest first."""
        people = await same_person(asking.resident_id)
        wanted: dict[str, Any] = {"resident_id": {"$in": people}}
        if after is not None:
            wanted["filed_at"] = {"$lte": after.at}
            wanted["$or"] = [{"filed_at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        order = {"filed_at": DESCENDING, "_id": DESCENDING}
        stages: list[dict[str, Any]] = [{"$match": wanted}, {"$sort": order}, {"$limit": first + 1}]
        found = await SubsidyPayment.get_pymongo_collection().aggregate(
            [*stages, beside("resident_id")]
        )
        views = [
            _view(row, sealer_in(row, self._sealer, row["resident_id"])) async for row in found
        ]
        return cut_page(views, first)

    async def _filed(
        self, caller: Caller, resident_id: str, filing: Filing, session: Session
    ) -> Answer | Refusal:
        if not is_resident_id(resident_id):
            return no.RECIPIENT_UNKNOWN
        person = await surviving(resident_id, session)
        which = {"payer": caller.organisation.code, "reference": filing.reference}
        row = await SubsidyPayment.get_pymongo_collection().find_one(which, session=session)
        theirs = row is not None and await surviving(row["resident_id"], session) == person
        # A payment to who died since goes on to its end, most of all back; none begins.
        lives = await self._residents.may_sign_in(person, session)
        if not (lives or theirs):
            return no.RECIPIENT_UNKNOWN
        if row is not None and not theirs:
            return no.PAYMENT_DIFFERS
        to = _Recipient(person, reads=lives)
        if row is not None:
            return await self._gone_on(caller, to, row, filing, session)
        fault = step_fault(None, filing.state)
        if fault is not None:
            return fault
        now, own = self._clock.now(), await sealer_of(self._sealer, person, session)
        fresh = {**which, **_fresh(caller, person, filing, own, now), **_standing(filing, now)}
        await SubsidyPayment.get_pymongo_collection().insert_one(fresh, session=session)
        return await self._noted(caller, to, fresh["_id"], filing, now, session)

    async def _gone_on(
        self, caller: Caller, to: _Recipient, row: Row, filing: Filing, session: Session
    ) -> Answer | Refusal:
        whose = row["resident_id"]
        known = _filing(row, await sealer_of(self._sealer, whose, session))
        if known.particulars != filing.particulars:
            return no.PAYMENT_DIFFERS
        if (known.state, known.reason) == (filing.state, filing.reason):
            return _answer(row["_id"], filing)
        fault = step_fault(known.state, filing.state)
        if fault is not None:
            return fault
        now = self._clock.now()
        await SubsidyPayment.get_pymongo_collection().update_one(
            {"_id": row["_id"]}, {"$set": _standing(filing, now)}, session=session
        )
        return await self._noted(caller, to, row["_id"], filing, now, session)

    async def _noted(
        self,
        caller: Caller,
        to: _Recipient,
        payment_id: str,
        filing: Filing,
        now: datetime,
        session: Session,
    ) -> Answer:
        """Leave the row of the log and, of a final state, the message."""
        person = to.person
        await audit.record(_DEEDS.of_staff(caller, "subsidies.filed", person, now), session)
        if to.reads and filing.state in TOLD:
            own = await sealer_of(self._sealer, person, session)
            notice, code = f"{payment_id}_{filing.state.value}", f"subsidy.{filing.state.value}"
            about = (_TITLE, message(filing), own, now, session)
            await tell_sealed(notice, person, code, *about)
        return _answer(payment_id, filing)


def _answer(payment_id: str, filing: Filing) -> Answer:
    return {"payment": payment_id, "state": filing.state.value}


def _standing(filing: Filing, now: datetime) -> dict[str, Any]:
    """Return the fields that a step changes."""
    reason = {} if filing.reason is None else {"reason": filing.reason.value}
    return {"state": filing.state.value, "changed_at": now, **reason}


def _fresh(
    caller: Caller, person: str, filing: Filing, own: PersonSealer, now: datetime
) -> dict[str, Any]:
    name, payment_id = caller.organisation.name, random_identifier("sub")
    sealed = own.seal(
        filing.tail,
        collection=COLLECTION,
        field="tail_sealed",
        document=payment_id,
        purpose=KeyPurpose.ACCOUNT,
    )
    return {
        "_id": payment_id,
        "payer_name": {"zh": name.zh, "en": name.en},
        "resident_id": person,
        "policy": {"zh": filing.policy.zh, "en": filing.policy.en},
        "period": filing.period,
        "amount_fen": filing.amount_fen,
        "bank": {"zh": filing.bank.zh, "en": filing.bank.en},
        "tail_sealed": sealed,
        "filed_at": now,
    }


def _filing(row: Row, own: PersonSealer) -> Filing:
    reason = row.get("reason")
    try:
        tail = own.open(
            row["tail_sealed"], collection=COLLECTION, field="tail_sealed", document=row["_id"]
        )
    except KeyDestroyed:
        tail = ""
    return Filing(
        reference=row["reference"],
        policy=LocalizedText(**row["policy"]),
        period=row["period"],
        amount_fen=row["amount_fen"],
        bank=LocalizedText(**row["bank"]),
        tail=tail,
        state=PaymentState(row["state"]),
        reason=None if reason is None else UnpaidReason(reason),
    )


def _view(row: Row, own: PersonSealer) -> PaymentView:
    return PaymentView(
        payment_id=row["_id"],
        payer=LocalizedText(**row["payer_name"]),
        filing=_filing(row, own),
        filed_at=row["filed_at"],
        changed_at=row["changed_at"],
    )
