"""Answering consumers under agreements: the agreed fields, written down before they leave (S116).

Somebody whom the city does not know, who is not covered or who closed their account gets one and
the same refusal, after the same questions to the store and one row of the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from backend.cards.decisions import effective_state
from backend.cards.rules import age_band
from backend.cards.service import Cards
from backend.foundation.audit import OK, Actor, ActorKind, Deed, System, record_read, refused
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.residents.rules import PersonField, number_of
from backend.residents.service import RecordedIdentity, Residents
from backend.rights.consents import Consents
from backend.sharing.agreements import Agreements
from backend.sharing.consumers import Consumer
from backend.sharing.rates import rate_fault
from backend.sharing.refusals import (
    AGREEMENT_UNKNOWN,
    ANSWER_OVER,
    CONSUMER_STOPPED,
    PERSON_NOT_SHARED,
)
from backend.sharing.rules import (
    AgreedField,
    Agreement,
    SharedField,
    abroad_fault,
    asked_fields,
    call_fault,
    told_words,
)
from backend.sharing.transfer_rules import GROUND_WORDS
from shared.clock import Clock
from shared.identifiers import is_identifier
from shared.identity.age import local_day
from shared.identity.masking import mask_birth, mask_id_number, mask_name
from shared.localized_text import LocalizedText

LASTS = timedelta(minutes=5)
"""So long the same request may ask again for an answer that was lost."""
NO_CARD = "none"
_NOBODY = "res_nobody"
"""In place of a resident's id where there is none, so that both ways ask the same."""
_ASKED = LocalizedText("请求共享个人信息", "Asked for shared data")


@dataclass(frozen=True, slots=True)
class SharedRequest:
    """What a consumer asks; `fields` None means all that are agreed."""

    idempotency_key: str
    agreement: str
    purpose: str
    number: str = field(repr=False)
    fields: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """What a consumer gets; values are kept out of `repr`."""

    agreement: str
    version: int
    purpose: str
    values: Mapping[SharedField, str] = field(repr=False)
    answered_at: datetime


class Exchange:
    """Answers consumers."""

    def __init__(
        self,
        agreements: Agreements,
        residents: Residents,
        cards: Cards,
        consents: Consents,
        refused_acts: RefusedActs,
        once: Once,
        clock: Clock,
    ) -> None:
        self._agreements = agreements
        self._residents = residents
        self._cards = cards
        self._consents = consents
        self._refused = refused_acts
        self._once = once
        self._clock = clock

    async def ask(self, consumer: Consumer, asked: SharedRequest) -> SharedAnswer | Refusal:
        """Return a person's agreed fields, or why not; either is written down first.

        The same request again gets the same person's fields, for some minutes.
        """
        request = {
            "agreement": asked.agreement,
            "purpose": asked.purpose,
            "person": self._residents.fingerprint("sharing", asked.number),
            "fields": "\0".join(sorted(asked.fields)) if asked.fields is not None else "*",
        }
        kept = await self._once.answered(
            caller=consumer.code, key=asked.idempotency_key, request=request
        )
        if kept is None:
            kept = await self._first_time(consumer, asked, request)
        if isinstance(kept, Refusal):
            return kept
        return await self._answer(consumer, asked, kept)

    async def _first_time(
        self, consumer: Consumer, asked: SharedRequest, request: Mapping[str, str]
    ) -> Answer | Refusal:
        agreement = await self._agreement(asked)
        fault = self._call_fault(agreement, consumer, asked)
        if fault is None and agreement is not None:
            fault = await rate_fault(agreement.agreement, agreement.terms, self._clock.now())
        if fault is not None or agreement is None:
            why = fault or AGREEMENT_UNKNOWN
            await self._note(consumer, why, None, agreement)
            return why
        number = number_of(asked.number, local_day(self._clock.now()))
        if isinstance(number, Refusal):
            await self._note(consumer, number, None, agreement)
            return number
        subject, found = await self._covered(agreement, number.value)
        if found is None:
            # Never coalesced: a row that is not written would tell strangers from people known.
            result = refused(PERSON_NOT_SHARED)
            deed = self._deed(consumer, _tried(agreement), result, subject, agreement)
            await record_read(deed)
            return PERSON_NOT_SHARED
        return await self._write(consumer, asked, request, agreement, str(subject))

    def _call_fault(
        self, agreement: Agreement | None, consumer: Consumer, asked: SharedRequest
    ) -> Refusal | None:
        if consumer.stopped:
            return CONSUMER_STOPPED
        now = self._clock.now()
        fault = call_fault(agreement, consumer.code, asked.purpose, asked.fields, now)
        if fault is not None or agreement is None:
            return fault
        return abroad_fault(consumer.abroad, agreement.terms)

    async def _agreement(self, asked: SharedRequest) -> Agreement | None:
        if not is_identifier(asked.agreement):
            return None
        return await self._agreements.counting(asked.agreement)

    async def _covered(
        self, agreement: Agreement, number: str
    ) -> tuple[str | None, RecordedIdentity | None]:
        """Return whose number it is, and who they are if the agreement covers them."""
        known = await self._residents.of_login(number)
        subject = known[0] if known else None
        found = await self._residents.identity(subject or _NOBODY)
        covered = found is not None and not found.closed and not found.died
        purpose = agreement.terms.consent_purpose
        if purpose is not None:
            missing = await self._consents.require(subject or _NOBODY, purpose)
            covered = covered and missing is None
        return subject, found if covered else None

    async def _write(
        self,
        consumer: Consumer,
        asked: SharedRequest,
        request: Mapping[str, str],
        agreement: Agreement,
        subject: str,
    ) -> Answer | Refusal:
        now = self._clock.now()
        fields = asked_fields(agreement.terms, asked.fields)

        async def act(session: Session) -> Answer:
            words = _told(agreement, fields)
            await record_read(self._deed(consumer, words, OK, subject, agreement), session)
            # Of the person only the id: what is kept for the repeated request holds no value.
            return {
                "resident": subject,
                "version": agreement.version,
                "at": now.replace(microsecond=now.microsecond // 1000 * 1000),
            }

        return await self._once.perform(
            caller=consumer.code, key=asked.idempotency_key, request=request, now=now, act=act
        )

    async def _answer(
        self, consumer: Consumer, asked: SharedRequest, kept: Answer
    ) -> SharedAnswer | Refusal:
        """Return the answer by what is kept of it, if the agreement still lets it leave."""
        agreement = await self._agreement(asked)
        fault = self._call_fault(agreement, consumer, asked)
        if fault is not None or agreement is None:
            return fault or AGREEMENT_UNKNOWN
        over = self._clock.now() > kept["at"] + LASTS
        number = number_of(asked.number, local_day(self._clock.now()))
        if over or isinstance(number, Refusal) or agreement.version != kept["version"]:
            return ANSWER_OVER
        subject, found = await self._covered(agreement, number.value)
        if found is None or subject != kept["resident"]:
            return ANSWER_OVER
        return SharedAnswer(
            agreement=agreement.agreement,
            version=agreement.version,
            purpose=agreement.terms.purpose,
            values=await self._values(found, kept["resident"], asked, agreement),
            answered_at=kept["at"],
        )

    async def _values(
        self, found: RecordedIdentity, subject: str, asked: SharedRequest, agreement: Agreement
    ) -> dict[SharedField, str]:
        fields = asked_fields(agreement.terms, asked.fields)
        names = {one.field for one in fields}
        state = await self._card_state(subject) if SharedField.CARD_STATE in names else ""
        return {one.field: self._value(one, found, state) for one in fields}

    def _value(self, one: AgreedField, found: RecordedIdentity, state: str) -> str:
        birth = date.fromisoformat(found.values[PersonField.BIRTH])
        name, number = found.values[PersonField.NAME], found.values[PersonField.NUMBER]
        full = {
            SharedField.NAME: name,
            SharedField.NUMBER: number,
            SharedField.BIRTH: birth.isoformat(),
            SharedField.AGE_BAND: age_band(birth, self._clock.now()).name.lower(),
            SharedField.CARD_STATE: state,
        }
        masked = {
            SharedField.NAME: mask_name(name),
            SharedField.NUMBER: mask_id_number(number),
            SharedField.BIRTH: mask_birth(birth),
        }
        return masked[one.field] if one.masked else full[one.field]

    async def _card_state(self, subject: str) -> str:
        card_id = await self._cards.present_card(subject)
        if isinstance(card_id, Refusal):
            return NO_CARD
        facts = await self._cards.facts(card_id)
        return effective_state(facts.present, facts.expires_at, self._clock.now()).value

    async def _note(
        self,
        consumer: Consumer,
        why: Refusal,
        subject: str | None,
        agreement: Agreement | None,
    ) -> None:
        own = agreement is not None and agreement.terms.consumer == consumer.code
        words = _tried(agreement) if own and agreement is not None else _ASKED
        known = agreement if own else None
        await self._refused.record(self._deed(consumer, words, refused(why), subject, known))

    def _deed(
        self,
        consumer: Consumer,
        words: LocalizedText,
        result: str,
        subject: str | None,
        agreement: Agreement | None,
    ) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=Actor(ActorKind.SYSTEM, consumer.code),
            action="sharing.answered",
            words=words,
            system=System.EXCHANGE,
            subject=subject,
            organisation=consumer.organisation,
            result=result,
            origin="" if agreement is None else agreement.version_id,
        )


def _told(agreement: Agreement, fields: Sequence[AgreedField]) -> LocalizedText:
    words, purpose = list(map(told_words, fields)), agreement.terms.purpose_words
    zh, en = "、".join(one.zh for one in words), ", ".join(one.en for one in words)
    owner, transfer = agreement.provider.name, agreement.terms.transfer
    if transfer is None:
        return LocalizedText(
            f"为“{purpose.zh}”，按数据共享协议从{owner.zh}取得了您的：{zh}",
            f"obtained from {owner.en}, by a sharing agreement and for “{purpose.en}”: {en}",
        )
    way = GROUND_WORDS[transfer.ground]
    return LocalizedText(
        f"为“{purpose.zh}”，经您单独同意、依{way.zh}，从{owner.zh}向境外取得了您的：{zh}",
        f"obtained abroad from {owner.en}, by your separate consent and a {way.en}, "
        f"for “{purpose.en}”: {en}",
    )


def _tried(agreement: Agreement) -> LocalizedText:
    purpose = agreement.terms.purpose_words
    return LocalizedText(
        f"为“{purpose.zh}”请求共享个人信息，未提供",
        f"asked for shared data for “{purpose.en}” and got none",
    )
