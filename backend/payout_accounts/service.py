"""Naming the account one is paid to, taking a change back, and telling payers which one counts."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.accounts.rules import FRESH_SIGN_IN
from backend.accounts.sessions import Sessions
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.person_keys import KeyPurpose, sealer_of
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.mandates.documents import Mandate
from backend.mandates.notices import tell
from backend.mandates.rules import MandateState
from backend.mandates.scopes import Relation
from backend.mandates.stored import touch
from backend.payout_accounts import refusals as no
from backend.payout_accounts.documents import COLLECTION, PayoutAccount
from backend.payout_accounts.rules import HOLD, Payee, Version, in_force, waiting
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText

MOST_READ = 20
OWN_NOTICE = ""
"""In place of a mandate, in the notice to the person themselves."""
_WORDS: Mapping[str, LocalizedText] = {
    "payout.changed": LocalizedText("申请变更收款账户", "Asked for another payout account"),
    "payout.withdrawn": LocalizedText("撤回了收款账户变更", "Took a change of the account back"),
}
_TOLD = LocalizedText(
    "您申请变更收款账户，72小时后生效；如非本人操作请立即撤回",
    "Your payout account changes in 72 hours; take it back at once if this was not you",
)
_TOLD_DELEGATES = LocalizedText(
    "您代办的人申请变更收款账户，72小时后生效；如有疑问请与其本人核实",
    "Somebody you act for changes their payout account in 72 hours; ask them if in doubt",
)
Row = Mapping[str, Any]
Work = Callable[[Session, str], Awaitable[Answer | Refusal]]


@dataclass(frozen=True, slots=True)
class PayeeView:
    """An account as its holder sees it: never the whole number."""

    bank: str
    tail: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class PayoutAccountView:
    """The account in force and the change that is held, where there are such."""

    present: PayeeView | None
    held: PayeeView | None


class PayoutAccounts:
    """Serves whom an account belongs to; nobody names one for another person."""

    def __init__(self, sessions: Sessions, sealer: Sealer, once: Once, clock: Clock) -> None:
        self._sessions = sessions
        self._sealer = sealer
        self._once = once
        self._clock = clock

    async def own(self, caller: Caller | None) -> PayoutAccountView | Refusal:
        """Return the caller's account and what is held of it."""
        person = caller.resident_id if caller else None
        refused = may(caller, Act.ACCOUNT_MANAGE, person)
        if person is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        return await self._view(person)

    async def change(
        self, caller: Caller | None, key: str, payee: Payee | Refusal
    ) -> PayoutAccountView | Refusal:
        """Name another account, which counts 72 hours later; one that waited is replaced.

        The caller must have signed in by an SMS code just now, as for another password.
        """
        now = self._clock.now()

        async def work(session: Session, person: str) -> Answer | Refusal:
            if isinstance(payee, Refusal):
                return payee
            if caller is None or not await self._sessions.is_fresh_sms(
                caller.session_id, FRESH_SIGN_IN
            ):
                return no.SIGN_IN_AGAIN
            await touch([person], session)  # of two changes at once one replaces the other
            await _withdraw(person, now, session)
            version, own = random_identifier("pay"), await sealer_of(self._sealer, person, session)
            sealed = own.seal(
                payee.number,
                collection=COLLECTION,
                field="number_sealed",
                document=version,
                purpose=KeyPurpose.ACCOUNT,
            )
            row = {
                "_id": version,
                "resident_id": person,
                "bank": payee.bank,
                "number_sealed": sealed,
                "asked_at": now,
                "starts_at": now + HOLD,
            }
            await PayoutAccount.get_pymongo_collection().insert_one(row, session=session)
            await self._record(caller, "payout.changed", now, session)
            await _tell(version, person, now, session)
            return {"person": person}

        number = "" if isinstance(payee, Refusal) else f"{payee.bank} {payee.number}"
        named = self._sealer.blind_index(number, purpose="payout_accounts.request").hex()
        return await self._perform(caller, key, {"act": "change payout", "payee": named}, work)

    async def withdraw(self, caller: Caller | None, key: str) -> PayoutAccountView | Refusal:
        """Take a change back while it is held."""
        now = self._clock.now()

        async def work(session: Session, person: str) -> Answer | Refusal:
            await touch([person], session)
            if not await _withdraw(person, now, session):
                return no.NOTHING_WAITS
            await self._record(caller, "payout.withdrawn", now, session)
            return {"person": person}

        return await self._perform(caller, key, {"act": "withdraw payout change"}, work)

    async def _perform(
        self, caller: Caller | None, key: str, request: dict[str, str], work: Work
    ) -> PayoutAccountView | Refusal:
        person = caller.resident_id if caller else None
        refused = may(caller, Act.ACCOUNT_MANAGE, person)
        if caller is None or person is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        done = await self._once.perform(
            caller=caller.thumbprint,
            key=key,
            request={**request, "resident": person},
            now=self._clock.now(),
            act=lambda session: work(session, person),
        )
        return done if isinstance(done, Refusal) else await self._view(person)

    async def _record(
        self, caller: Caller | None, action: str, now: datetime, session: Session
    ) -> None:
        if caller is None:
            return
        deed = Deed(
            at=now,
            actor=caller.actor,
            action=action,
            words=_WORDS[action],
            system=System.APP,
            subject=caller.resident_id,
            disclosed=False,
        )
        await audit.record(deed, session)

    async def _view(self, person: str) -> PayoutAccountView:
        rows = await _rows(person, None)
        own = await sealer_of(self._sealer, person)
        known, now = {row["_id"]: row for row in rows}, self._clock.now()

        def shown(version: Version | None) -> PayeeView | None:
            if version is None:
                return None
            row, place = known[version.version_id], version.version_id
            sealed = row["number_sealed"]
            number = own.open(sealed, collection=COLLECTION, field="number_sealed", document=place)
            return PayeeView(row["bank"], Payee(row["bank"], number).tail, row["starts_at"])

        versions = list(map(_version, rows))
        return PayoutAccountView(shown(in_force(versions, now)), shown(waiting(versions, now)))


async def payee_at(resident_id: str, now: datetime, session: Session) -> str | None:
    """Return the id of the account that a payment goes to at `now`; None: the payment waits."""
    found = in_force(map(_version, await _rows(resident_id, session)), now)
    return None if found is None else found.version_id


async def _rows(person: str, session: Session | None) -> list[Row]:
    """Return the accounts that a person named last; withdrawn ones decide about nothing."""
    wanted = {"resident_id": person, "withdrawn_at": None}
    found = PayoutAccount.get_pymongo_collection().find(wanted, session=session)
    return list(await found.sort("starts_at", DESCENDING).limit(MOST_READ).to_list())


async def _withdraw(person: str, now: datetime, session: Session) -> bool:
    """Withdraw what is held; tell whether anything was."""
    held = {"resident_id": person, "starts_at": {"$gt": now}, "withdrawn_at": None}
    done = await PayoutAccount.get_pymongo_collection().update_many(
        held, {"$set": {"withdrawn_at": now}}, session=session
    )
    return done.modified_count > 0


async def _tell(version: str, person: str, now: datetime, session: Session) -> None:
    """Tell the person, and everybody who acts for them, of a change (D22)."""
    action = "payout.changed"
    await tell(version, [person], OWN_NOTICE, action, _TOLD, now, session)
    living = {
        "principal": person,
        "state": MandateState.ACTIVE.value,
        "relation": {"$ne": Relation.ASSISTED.value},
    }
    found = Mandate.get_pymongo_collection().find(living, {"delegate": 1}, session=session)
    for row in await found.to_list():
        about = (row["_id"], action, _TOLD_DELEGATES, now, session)
        await tell(f"{version}.{row['_id']}", [row["delegate"]], *about)


def _version(row: Row) -> Version:
    return Version(row["_id"], row["starts_at"], row.get("withdrawn_at") is not None)
