"""Asserting an identity 身份核验: the fields an item declares, written down before they leave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from backend.assertions.evidence import EvidenceDesk, ReadCode, Shown
from backend.assertions.items import IdentityItems
from backend.assertions.presenting import fault_of
from backend.assertions.rules import (
    ASSERTION_OVER,
    CARD_NOT_FOUND,
    EVIDENCE_FORM,
    FIELD_WORDS,
    ITEM_UNKNOWN,
    LASTS,
    AssertedField,
    Evidence,
    IdentityItem,
    is_item_code,
    use_fault,
)
from backend.cards.rules import age_band
from backend.cards.service import ShownCard
from backend.foundation.access import Caller
from backend.foundation.audit import OK, Deed, System, record_read, refused
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.foundation.sealing import Sealer
from backend.residents.finding import ReadLimits
from backend.residents.rules import PersonField
from backend.residents.service import RecordedIdentity, Residents
from shared.clock import Clock
from shared.identity.masking import mask_id_number, mask_name
from shared.identity.regions import region_digits
from shared.localized_text import LocalizedText

_ASKED = LocalizedText("以社会保障卡核验身份", "Asked for an identity assertion by card")


@dataclass(frozen=True, slots=True)
class IdentityAssertion:
    """Who stands at the counter, as far as the item asks; values are kept out of `repr`.

    `subject` names the person to this item alone: another item knows them by another token.
    `authenticated` is false where a physical card could not be proven genuine.
    """

    item: IdentityItem
    subject: str
    evidence: Evidence
    authenticated: bool
    values: Mapping[AssertedField, str] = field(repr=False)
    asserted_at: datetime


class IdentityAssertions:
    """Makes assertions for staff."""

    def __init__(
        self,
        items: IdentityItems,
        desk: EvidenceDesk,
        residents: Residents,
        limits: ReadLimits,
        refused_acts: RefusedActs,
        once: Once,
        sealer: Sealer,
        clock: Clock,
    ) -> None:
        self._items = items
        self._desk = desk
        self._residents = residents
        self._limits = limits
        self._refused = refused_acts
        self._once = once
        self._sealer = sealer
        self._clock = clock

    async def items(self, caller: Caller | None) -> list[IdentityItem] | Refusal:
        """Return the items that `caller` may use."""
        refused = may(caller, Act.IDENTITY_ASSERT)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        return [one for one in await self._items.all() if use_fault(caller, one) is None]

    async def make(
        self, caller: Caller | None, idempotency_key: str, item_code: str, shown: Shown
    ) -> IdentityAssertion | Refusal:
        """Return what an item may know of who showed a card; the person finds it in their list.

        The same request again is the same assertion, for some minutes.

        Args:
            caller: the member of staff at the counter.
            idempotency_key: the client's.
            item_code: for what.
            shown: the evidence.
        """
        may_not = may(caller, Act.IDENTITY_ASSERT)
        if caller is None or caller.staff_id is None or may_not is not None:
            if caller is not None:
                await self._note(caller, may_not or SIGN_IN_NEEDED, None, None)
            return may_not or SIGN_IN_NEEDED
        kind = shown.kind
        if kind is None or not is_item_code(item_code):
            return EVIDENCE_FORM if kind is None else ITEM_UNKNOWN
        evidence = shown.code or shown.identification_code or ""
        request = {"act": "assert", "item": item_code, "evidence": evidence}
        kept = await self._once.answered(
            caller=caller.staff_id, key=idempotency_key, request=request
        )
        if kept is None:
            kept = await self._first_time(caller, idempotency_key, request, item_code, shown)
        return kept if isinstance(kept, Refusal) else await self._answer(kept)

    async def _first_time(
        self,
        caller: Caller,
        key: str,
        request: Mapping[str, str],
        item_code: str,
        shown: Shown,
    ) -> Answer | Refusal:
        item = await self._items.of(item_code)
        unusable = use_fault(caller, item) or await self._limits.of_reads(caller.staff_id or "")
        if item is None or unusable is not None:
            await self._note(caller, unusable or ITEM_UNKNOWN, item, None)
            return unusable or ITEM_UNKNOWN
        read = await self._desk.read(shown, self._clock.now())
        if isinstance(read, Refusal):
            await self._note(caller, read, item, None)
            return read
        card, code = read
        found = await self._residents.identity(card.resident_id)
        now = self._clock.now()
        fault = CARD_NOT_FOUND if found is None else fault_of(card, found, now)
        if fault is None:
            fault_or_kept = await self._write(caller, key, request, item, card, code)
            if not isinstance(fault_or_kept, Refusal):
                return fault_or_kept
            fault = fault_or_kept
        await self._note(caller, fault, item, card.resident_id)
        return fault

    async def _write(
        self,
        caller: Caller,
        key: str,
        request: Mapping[str, str],
        item: IdentityItem,
        card: ShownCard,
        code: ReadCode | None,
    ) -> Answer | Refusal:
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            taken = None if code is None else await self._desk.take(code, now, session)
            if taken is not None:
                return taken
            deed = self._deed(caller, _words(item, code), OK, card.resident_id)
            await record_read(deed, session)
            # Of the person only the id: what is kept for the repeated request holds no value.
            return {
                "item": item.code,
                "resident": card.resident_id,
                "fields": [one.value for one in item.fields],
                "evidence": (Evidence.CARD if code is None else Evidence.CODE).value,
                "state": card.state.value,
                "region": card.region,
                "at": now.replace(microsecond=now.microsecond // 1000 * 1000),
            }

        return await self._once.perform(
            caller=caller.staff_id or "", key=key, request=request, now=now, act=act
        )

    async def _answer(self, kept: Answer) -> IdentityAssertion | Refusal:
        """Return an assertion by what is kept of it: the values are read when they leave."""
        if self._clock.now() > kept["at"] + LASTS:
            return ASSERTION_OVER
        found = await self._residents.identity(kept["resident"])
        item = await self._items.of(kept["item"])
        if found is None or found.closed or item is None:
            return ASSERTION_OVER
        values = self._values(found, kept)
        evidence = Evidence(kept["evidence"])
        return IdentityAssertion(
            item=item,
            subject=self.subject(item.code, kept["resident"]),
            evidence=evidence,
            authenticated=evidence is Evidence.CODE,
            values={AssertedField(one): values[AssertedField(one)] for one in kept["fields"]},
            asserted_at=kept["at"],
        )

    def subject(self, item_code: str, resident_id: str) -> str:
        """Return by what one item knows a person; without the key it leads to nobody."""
        purpose = f"assertions.subject.{item_code}"
        return f"sub_{self._sealer.blind_index(resident_id, purpose=purpose).hex()}"

    def _values(self, found: RecordedIdentity, kept: Answer) -> dict[AssertedField, str]:
        name, number = found.values[PersonField.NAME], found.values[PersonField.NUMBER]
        birth = found.values[PersonField.BIRTH]
        return {
            AssertedField.MASKED_NAME: mask_name(name),
            AssertedField.NAME: name,
            AssertedField.MASKED_NUMBER: mask_id_number(number),
            AssertedField.NUMBER: number,
            AssertedField.BIRTH: birth,
            AssertedField.AGE_BAND: age_band(date.fromisoformat(birth), self._clock.now()).name,
            AssertedField.CARD_STATE: kept["state"],
            AssertedField.REGION: region_digits(kept["region"]),
        }

    async def _note(
        self, caller: Caller, why: Refusal, item: IdentityItem | None, subject: str | None
    ) -> None:
        words = _ASKED if item is None else _tried(item)
        await self._refused.record(self._deed(caller, words, refused(why), subject))

    def _deed(self, caller: Caller, words: LocalizedText, result: str, subject: str | None) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action="assertions.made",
            words=words,
            system=System.COUNTER,
            subject=subject,
            organisation=caller.organisation,
            result=result,
        )


def _words(item: IdentityItem, code: ReadCode | None) -> LocalizedText:
    zh = "、".join(FIELD_WORDS[one].zh for one in item.fields) or "不含个人信息的凭据"
    en = ", ".join(FIELD_WORDS[one].en for one in item.fields) or "a token without your data"
    by_zh, by_en = ("电子社保卡码", "your e-card code") if code else ("实体社保卡", "your card")
    return LocalizedText(
        f"办理“{item.name.zh}”时用{by_zh}核验了您的身份，取得：{zh}",
        f"verified your identity by {by_en} for “{item.name.en}” and learnt: {en}",
    )


def _tried(item: IdentityItem) -> LocalizedText:
    return LocalizedText(
        f"办理“{item.name.zh}”时核验身份，未通过",
        f"asked for an identity assertion for “{item.name.en}” and got none",
    )
