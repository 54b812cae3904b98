"""Agreements as officers keep them: proposed by one, decided by another, every version kept."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, Organisation, System, reason_of
from backend.foundation.idempotency import Act as OnceAct
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, DuplicateKeyError, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import NOT_PERMITTED, SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.sharing.assessments import ImpactAssessments
from backend.sharing.consumers import Consumers
from backend.sharing.documents import StoredAgreement
from backend.sharing.refusals import (
    AGREEMENT_CHANGED,
    AGREEMENT_UNKNOWN,
    ASSESSMENT_UNKNOWN,
    CONSUMER_FORM,
    OF_ANOTHER_PROVIDER,
)
from backend.sharing.rules import (
    LIVE,
    STEPS,
    AgreedField,
    Agreement,
    AgreementState,
    Decision,
    LegalBasis,
    SharedField,
    Terms,
    abroad_fault,
    decision_fault,
    terms_fault,
)
from backend.sharing.transfer_rules import Transfer, TransferGround
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.localized_text import LocalizedText

_PROPOSED = LocalizedText("提出了一份数据共享协议", "Proposed a sharing agreement")
_DECIDED: Mapping[Decision, LocalizedText] = {
    Decision.APPROVE: LocalizedText("批准了一份数据共享协议", "Approved a sharing agreement"),
    Decision.DECLINE: LocalizedText("未批准一份数据共享协议", "Declined a sharing agreement"),
    Decision.SUSPEND: LocalizedText("暂停了一份数据共享协议", "Suspended a sharing agreement"),
    Decision.RESUME: LocalizedText("恢复了一份数据共享协议", "Resumed a sharing agreement"),
    Decision.END: LocalizedText("终止了一份数据共享协议", "Ended a sharing agreement"),
}


class Agreements:
    """Keeps agreements.

    Args:
        once: guards the acts.
        clock: tells the present instant.
        consumers: who can be one.
        assessments: asked before a version is approved (L13).
        sensitive: the stored fields whose label says so (L2).
        consent_recipients: the consents that people can give, and for whom each is.
    """

    def __init__(
        self,
        once: Once,
        clock: Clock,
        consumers: Consumers,
        assessments: ImpactAssessments,
        sensitive: frozenset[str],
        consent_recipients: Mapping[str, str],
    ) -> None:
        self._once = once
        self._clock = clock
        self._consumers = consumers
        self._assessments = assessments
        self._sensitive = sensitive
        self._consent_recipients = consent_recipients

    async def propose(
        self,
        caller: Caller | None,
        idempotency_key: str,
        terms: Terms,
        agreement: str | None = None,
    ) -> Agreement | Refusal:
        """Propose an agreement, or the next version of one; the caller's department provides."""
        denied = may(caller, Act.SHARING_PROPOSE)
        if caller is None or denied is not None:
            return denied or SIGN_IN_NEEDED
        fault = terms_fault(terms, self._consent_recipients, self._clock.now())
        if fault is not None:
            return fault
        if not is_identifier(terms.assessment):
            return ASSESSMENT_UNKNOWN
        if agreement is not None and not is_identifier(agreement):
            return AGREEMENT_UNKNOWN
        unfit = await self._consumer_fault(terms)
        if unfit is not None:
            return unfit

        async def act(session: Session) -> Answer | Refusal:
            number = await _next_version(agreement, caller, session)
            if isinstance(number, Refusal):
                return number
            row = self._row(caller, terms, agreement or random_identifier("shr"), number)
            await StoredAgreement.get_pymongo_collection().insert_one(row, session=session)
            await audit.record(self._deed(caller, "proposed", _PROPOSED, row["_id"]), session)
            return {"version": row["_id"]}

        request = {"act": "propose", "terms": repr(terms), "agreement": agreement or ""}
        return await self._perform(caller, idempotency_key, request, act)

    async def _consumer_fault(self, terms: Terms) -> Refusal | None:
        consumer = await self._consumers.of_code(terms.consumer)
        return CONSUMER_FORM if consumer is None else abroad_fault(consumer.abroad, terms)

    async def decide(
        self,
        caller: Caller | None,
        idempotency_key: str,
        version_id: str,
        decision: Decision,
        reason: str,
    ) -> Agreement | Refusal:
        """Approve, decline, suspend, resume or end a version; approving one ends the one before."""
        denied = may(caller, Act.SHARING_DECIDE)
        if caller is None or denied is not None:
            return denied or SIGN_IN_NEEDED
        if not caller.roles & STEPS[decision].by:
            return NOT_PERMITTED
        why = reason_of(reason)
        if isinstance(why, Refusal):
            return why
        if not is_identifier(version_id):
            return AGREEMENT_UNKNOWN

        request = {"act": decision.value, "version": version_id, "reason": why}
        act = partial(self._decided, caller, version_id, decision, why)
        return await self._perform(caller, idempotency_key, request, act)

    async def page(
        self,
        caller: Caller | None,
        first: int,
        after: Position | None,
        state: AgreementState | None = None,
    ) -> Page[Agreement] | Refusal:
        """Return a page of all versions, the last proposed first."""
        denied = may(caller, Act.SHARING_READ)
        if denied is not None:
            return denied
        wanted: dict[str, Any] = {} if state is None else {"state": state.value}
        if after is not None:
            wanted["proposed_at"] = {"$lte": after.at}
            wanted["$or"] = [{"proposed_at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        order = [("proposed_at", DESCENDING), ("_id", DESCENDING)]
        found = StoredAgreement.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        return cut_page([_agreement(row) async for row in found], first)

    async def counting(self, agreement: str) -> Agreement | None:
        """Return the version of an agreement that counts: the live one, else the newest."""
        row = await StoredAgreement.get_pymongo_collection().find_one(
            {"agreement": agreement}, sort=[("live", -1), ("version", -1)]
        )
        return None if row is None else _agreement(row)

    async def _decided(
        self, caller: Caller, version_id: str, decision: Decision, why: str, session: Session
    ) -> Answer | Refusal:
        known = await _version(version_id, session)
        if isinstance(known, Refusal):
            return known
        fault = decision_fault(known, decision, caller, self._clock.now())
        fault = fault or await self._unassessed(known, decision, session)
        if fault is not None:
            return fault
        if not await self._move(known, decision, caller, why, session):
            return AGREEMENT_CHANGED
        words, name = _DECIDED[decision], decision.value
        await audit.record(self._deed(caller, name, words, version_id, why), session)
        return {"version": version_id}

    async def _perform(
        self, caller: Caller, key: str, request: Mapping[str, str], act: OnceAct
    ) -> Agreement | Refusal:
        try:
            done = await self._once.perform(
                caller=caller.actor.id, key=key, request=request, now=self._clock.now(), act=act
            )
        except DuplicateKeyError:
            return AGREEMENT_CHANGED  # two versions at once: the other one was first
        return done if isinstance(done, Refusal) else await _version(done["version"])

    async def _unassessed(
        self, known: Agreement, decision: Decision, session: Session
    ) -> Refusal | None:
        if STEPS[decision].after is not AgreementState.APPROVED:
            return None
        terms = known.terms
        kinds = terms.processing(self._sensitive)
        return await self._assessments.fault(
            terms.assessment, kinds, terms.items, terms.ends_at, session
        )

    async def _move(
        self, known: Agreement, decision: Decision, caller: Caller, why: str, session: Session
    ) -> bool:
        """Write a decision, if nobody was before it."""
        rows, now = StoredAgreement.get_pymongo_collection(), self._clock.now()
        after = STEPS[decision].after
        if decision is Decision.APPROVE:
            over = {"live": False, "state": AgreementState.SUPERSEDED.value, "changed_at": now}
            live = {"agreement": known.agreement, "live": True}
            await rows.update_one(live, {"$set": over}, session=session)
        change = {
            "state": after.value,
            "live": after in LIVE,
            "decided_by": caller.actor.id,
            "reason": why,
            "changed_at": now,
        }
        wanted = {"_id": known.version_id, "state": known.state.value}
        done = await rows.update_one(wanted, {"$set": change}, session=session)
        return done.matched_count == 1

    def _row(self, caller: Caller, terms: Terms, agreement: str, number: int) -> dict[str, Any]:
        now, owner = self._clock.now(), caller.organisation
        row = {
            "_id": f"{agreement}_{number}",
            "agreement": agreement,
            "version": number,
            "live": False,
            "state": AgreementState.PROPOSED.value,
            "provider": {"code": owner.code, "zh": owner.name.zh, "en": owner.name.en},
            "consumer": terms.consumer,
            "fields": [{"field": one.field.value, "masked": one.masked} for one in terms.fields],
            "purpose": terms.purpose,
            "purpose_words": {"zh": terms.purpose_words.zh, "en": terms.purpose_words.en},
            "basis": terms.basis.value,
            "basis_words": {"zh": terms.basis_words.zh, "en": terms.basis_words.en},
            "starts_at": terms.starts_at,
            "ends_at": terms.ends_at,
            "per_day": terms.per_day,
            "per_minute": terms.per_minute,
            "assessment": terms.assessment,
            "proposed_by": caller.actor.id,
            "proposed_at": now,
            "changed_at": now,
        }
        if terms.consent_purpose is not None:
            row["consent_purpose"] = terms.consent_purpose
        if terms.transfer is not None:
            contact = terms.transfer.contact
            row["transfer"] = {
                "ground": terms.transfer.ground.value,
                "filing": terms.transfer.filing,
                "contact": {"zh": contact.zh, "en": contact.en},
            }
        return row

    def _deed(
        self, caller: Caller, name: str, words: LocalizedText, origin: str, reason: str = ""
    ) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action=f"sharing.agreement_{name}",
            words=words,
            system=System.COUNTER,
            organisation=caller.organisation,
            origin=origin,
            reason=reason,
        )


async def _next_version(agreement: str | None, caller: Caller, session: Session) -> int | Refusal:
    if agreement is None:
        return 1
    row = await StoredAgreement.get_pymongo_collection().find_one(
        {"agreement": agreement}, {"version": 1, "provider": 1}, sort=[("version", -1)],
        session=session,
    )  # fmt: skip
    if row is None:
        return AGREEMENT_UNKNOWN
    own = row["provider"]["code"] == caller.organisation.code
    return int(row["version"]) + 1 if own else OF_ANOTHER_PROVIDER


async def _version(version_id: str, session: Session | None = None) -> Agreement | Refusal:
    row = await StoredAgreement.get_pymongo_collection().find_one(
        {"_id": version_id}, session=session
    )
    return AGREEMENT_UNKNOWN if row is None else _agreement(row)


def _agreement(row: Mapping[str, Any]) -> Agreement:
    owner = row["provider"]
    return Agreement(
        version_id=row["_id"],
        agreement=row["agreement"],
        version=row["version"],
        provider=Organisation(owner["code"], LocalizedText(owner["zh"], owner["en"])),
        terms=_terms(row),
        state=AgreementState(row["state"]),
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        changed_at=row["changed_at"],
        reason=row.get("reason"),
    )


def _terms(row: Mapping[str, Any]) -> Terms:
    fields = [AgreedField(SharedField(one["field"]), one["masked"]) for one in row["fields"]]
    return Terms(
        consumer=row["consumer"],
        fields=tuple(fields),
        purpose=row["purpose"],
        purpose_words=LocalizedText(**row["purpose_words"]),
        basis=LegalBasis(row["basis"]),
        basis_words=LocalizedText(**row["basis_words"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        per_day=row["per_day"],
        per_minute=row["per_minute"],
        assessment=row["assessment"],
        consent_purpose=row.get("consent_purpose"),
        transfer=_transfer(row.get("transfer")),
    )


def _transfer(row: Mapping[str, Any] | None) -> Transfer | None:
    if row is None:
        return None
    return Transfer(TransferGround(row["ground"]), row["filing"], LocalizedText(**row["contact"]))
