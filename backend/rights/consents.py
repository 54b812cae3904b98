"""Separate consents 单独同意: one purpose each, withdrawn by one act as they are given by one.

There is no act for several purposes, and nothing that is required asks for one (L3, L7). Services
that need one ask `Consents.require` at each access, so that a withdrawal stops the next.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Organisation
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.residents.same_person import surviving
from backend.rights import deeds
from backend.rights.documents import ConsentReceipt
from backend.rights.rules import (
    PURPOSE_OUTDATED,
    PURPOSE_UNKNOWN,
    Consent,
    Purpose,
    consent_refusal,
)
from backend.rights.texts import RightsTexts
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText

Row = Mapping[str, Any]
_DECIDING = {"purpose": 1, "version": 1, "until": 1, "withdrawn_at": 1}


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """A receipt as the person sees it (S118): what for, what, for whom, from when until when."""

    receipt_id: str
    purpose: str
    version: int
    title: LocalizedText
    fields: Sequence[LocalizedText]
    recipient: Organisation
    given_at: datetime
    until: datetime
    withdrawn_at: datetime | None

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.given_at, self.receipt_id)


@dataclass(frozen=True, slots=True)
class Standing:
    """A purpose as it is explained now, and whether the person's consent to it stands."""

    purpose: Purpose
    consented: bool


class Consents:
    """Takes, withdraws, lists and requires consents."""

    def __init__(self, texts: RightsTexts, once: Once, clock: Clock) -> None:
        self.texts = texts
        self._once = once
        self._clock = clock

    @property
    def recipients(self) -> Mapping[str, str]:
        """The codes of what a consent can be given for, and of who gets the data then."""
        return {code: one.recipient.code for code, one in self.texts.purposes.items()}

    async def require(
        self, resident_id: str, purpose: str, session: Session | None = None
    ) -> Refusal | None:
        """Return why a person's data may not be used for a purpose now, or None.

        Raises:
            KeyError: the house has no such purpose.
        """
        explained = self.texts.purposes[purpose]
        # Of one person's records the kept one's consents count, which they see and withdraw.
        whose = await surviving(resident_id, session)
        found = await _latest(whose, purpose, session)
        return consent_refusal(_consent(found), explained, self._clock.now())

    async def standings(self, caller: Caller | None) -> Sequence[Standing] | Refusal:
        """Return every purpose with whether the caller's consent to it stands."""
        resident_id = caller.resident_id if caller else None
        refused = may(caller, Act.RIGHTS_EXERCISE, resident_id)
        if refused is not None or resident_id is None:
            return refused or SIGN_IN_NEEDED
        return await self.standings_of(resident_id)

    async def standings_of(self, resident_id: str) -> Sequence[Standing]:
        """Return them for whom the caller may ask."""
        purposes = self.texts.purposes
        found = ConsentReceipt.get_pymongo_collection().find(
            {"resident_id": resident_id, "purpose": {"$in": list(purposes)}, "latest": True},
            _DECIDING,
        )
        given = {row["purpose"]: _consent(row) async for row in found}
        now = self._clock.now()
        return [
            Standing(one, consent_refusal(given.get(code), one, now) is None)
            for code, one in purposes.items()
        ]

    async def receipts(
        self, caller: Caller | None, first: int, after: Position | None
    ) -> Page[ConsentFacts] | Refusal:
        """Return a page of the caller's receipts, the last given first."""
        resident_id = caller.resident_id if caller else None
        refused = may(caller, Act.RIGHTS_EXERCISE, resident_id)
        if refused is not None:
            return refused
        wanted: dict[str, Any] = {"resident_id": resident_id}
        if after is not None:
            wanted["given_at"] = {"$lte": after.at}
            wanted["$or"] = [{"given_at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        order = [("given_at", DESCENDING), ("_id", DESCENDING)]
        found = ConsentReceipt.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        return cut_page([_facts(row) async for row in found], first)

    async def give(
        self, caller: Caller | None, idempotency_key: str, purpose: str, version: int
    ) -> ConsentFacts | Refusal:
        """Take the caller's consent to one purpose, in the version they were shown."""

        async def act(who: Caller, resident_id: str, session: Session) -> Answer | Refusal:
            return await self.given(who, resident_id, purpose, version, session)

        request = {"act": "give consent", "purpose": purpose, "version": str(version)}
        answer = await self._once_on_purpose(caller, idempotency_key, request, act)
        return answer if isinstance(answer, Refusal) else await _read(answer["receipt"])

    async def withdraw(
        self, caller: Caller | None, idempotency_key: str, purpose: str
    ) -> ConsentFacts | Refusal | None:
        """Withdraw the caller's consent to one purpose; None where none was ever given."""

        async def act(who: Caller, resident_id: str, session: Session) -> Answer | Refusal:
            return await self.withdrawn(who, resident_id, purpose, session)

        request = {"act": "withdraw consent", "purpose": purpose}
        answer = await self._once_on_purpose(caller, idempotency_key, request, act)
        return answer if isinstance(answer, Refusal) else await receipt_of(answer)

    async def given(
        self, by: Caller, resident_id: str, purpose: str, version: int, session: Session
    ) -> Answer | Refusal:
        """Take a person's consent in the transaction of an act that may do so.

        Args:
            by: who asks: the person, or a clerk before whom they stand.
            resident_id: the person.
            purpose: one that there is.
            version: in which it was explained to them.
            session: the transaction.
        """
        explained = self.texts.purposes[purpose]
        if version != explained.version:
            return PURPOSE_OUTDATED
        found, now = await _latest(resident_id, purpose, session), self._clock.now()
        if found is not None and consent_refusal(_consent(found), explained, now) is None:
            return {"receipt": found["_id"]}
        await _close(found, now, session)
        receipt = _receipt(explained, resident_id, now)
        await receipt.insert(session=session)
        await self._record(by, resident_id, "given", deeds.CONSENT_GIVEN, session)
        return {"receipt": receipt.id}

    async def withdrawn(
        self, by: Caller, resident_id: str, purpose: str, session: Session
    ) -> Answer:
        """Withdraw a person's consent in the transaction of an act that may do so."""
        found = await _latest(resident_id, purpose, session)
        if found is None:
            return {"receipt": None}
        if found.get("withdrawn_at") is None:
            change = {"$set": {"withdrawn_at": self._clock.now()}}
            await ConsentReceipt.get_pymongo_collection().update_one(
                {"_id": found["_id"]}, change, session=session
            )
            await self._record(by, resident_id, "withdrawn", deeds.CONSENT_WITHDRAWN, session)
        return {"receipt": found["_id"]}

    async def _once_on_purpose(
        self,
        caller: Caller | None,
        idempotency_key: str,
        request: Mapping[str, str],
        act: Callable[[Caller, str, Session], Awaitable[Answer | Refusal]],
    ) -> Answer | Refusal:
        """Do `act` once for the caller, on a purpose that there is."""
        resident_id = caller.resident_id if caller else None
        refused = may(caller, Act.RIGHTS_EXERCISE, resident_id)
        if refused is not None or caller is None or resident_id is None:
            return refused or SIGN_IN_NEEDED
        if request["purpose"] not in self.texts.purposes:
            return PURPOSE_UNKNOWN
        return await self._once.perform(
            caller=caller.thumbprint or resident_id,
            key=idempotency_key,
            request={**request, "resident": resident_id},
            now=self._clock.now(),
            act=lambda session: act(caller, resident_id, session),
        )

    async def _record(
        self, by: Caller, resident_id: str, what: str, words: LocalizedText, session: Session
    ) -> None:
        action = f"rights.consent_{what}"
        deed = deeds.of_caller(by, action, words, resident_id, self._clock.now())
        await audit.record(deed, session)


async def receipt_of(answer: Answer) -> ConsentFacts | None:
    """Return the receipt that an act left; None where there was nothing to withdraw."""
    return None if answer["receipt"] is None else await _read(answer["receipt"])


async def _latest(resident_id: str, purpose: str, session: Session | None) -> Row | None:
    return await ConsentReceipt.get_pymongo_collection().find_one(
        {"resident_id": resident_id, "purpose": purpose, "latest": True}, _DECIDING, session=session
    )


async def _close(found: Row | None, now: datetime, session: Session) -> None:
    """Make room for another receipt; one that was not withdrawn ends now at the latest."""
    if found is None:
        return
    change = {"latest": False}
    ended = {} if found.get("withdrawn_at") else {"until": min(found["until"], now)}
    await ConsentReceipt.get_pymongo_collection().update_one(
        {"_id": found["_id"]}, {"$set": {**change, **ended}}, session=session
    )


async def _read(receipt_id: str) -> ConsentFacts:
    found = await ConsentReceipt.get_pymongo_collection().find_one({"_id": receipt_id})
    if found is None:
        raise LookupError("no such receipt")
    return _facts(found)


def _receipt(purpose: Purpose, resident_id: str, now: datetime) -> ConsentReceipt:
    name = purpose.recipient.name
    return ConsentReceipt(
        id=random_identifier("con"),
        resident_id=resident_id,
        purpose=purpose.code,
        version=purpose.version,
        digest=purpose.digest,
        title={"zh": purpose.title.zh, "en": purpose.title.en},
        fields=[{"zh": one.zh, "en": one.en} for one in purpose.fields],
        recipient={"code": purpose.recipient.code, "name": {"zh": name.zh, "en": name.en}},
        given_at=now,
        until=now + purpose.lasting,
        latest=True,
    )


def _consent(found: Row | None) -> Consent | None:
    if found is None:
        return None
    return Consent(found["version"], found["until"], found.get("withdrawn_at") is not None)


def _facts(row: Row) -> ConsentFacts:
    recipient = row["recipient"]
    return ConsentFacts(
        receipt_id=row["_id"],
        purpose=row["purpose"],
        version=row["version"],
        title=LocalizedText(**row["title"]),
        fields=tuple(LocalizedText(**one) for one in row["fields"]),
        recipient=Organisation(recipient["code"], LocalizedText(**recipient["name"])),
        given_at=row["given_at"],
        until=row["until"],
        withdrawn_at=row.get("withdrawn_at"),
    )
