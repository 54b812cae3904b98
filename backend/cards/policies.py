"""The e-card policy as the city set it, kept in the store and read by every server."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.cards import deeds
from backend.cards.documents import StoredPolicy
from backend.cards.policy import DEFAULT, EcardPolicy, policy_of
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from shared.clock import Clock

NAME = "ecard"
FRESH_SECONDS = 2.0
"""How long a server goes on with the policy it read: as long as a status list takes to be due."""


class EcardPolicies:
    """Reads and changes the policy."""

    def __init__(self, once: Once, refused: RefusedActs, clock: Clock) -> None:
        self._once = once
        self._refused = refused
        self._clock = clock
        self._read: tuple[float, EcardPolicy] | None = None

    async def present(self) -> EcardPolicy:
        """Return the policy in force; the default until a city sets one."""
        now = self._clock.monotonic()
        if self._read is None or now - self._read[0] >= FRESH_SECONDS:
            self._read = now, (await stored_policy())[0]
        return self._read[1]

    async def change(
        self, caller: Caller | None, idempotency_key: str, table: Mapping[str, Any]
    ) -> EcardPolicy | Refusal:
        """Put another policy in force; the next status list follows it."""
        may_not, now = may(caller, Act.ECARD_POLICY_SET), self._clock.now()
        if caller is None or may_not is not None:
            if caller is not None and may_not is not None:
                await self._refused.record(deeds.of_policy(caller, now, may_not))
            return may_not or SIGN_IN_NEEDED
        policy = policy_of(table)
        if isinstance(policy, Refusal):
            return policy
        allowed = policy.to_table()

        async def act(session: Session) -> Answer:
            await StoredPolicy.get_pymongo_collection().update_one(
                {"_id": NAME},
                {"$set": {"allowed": allowed, "changed_at": now}},
                upsert=True,
                session=session,
            )
            await audit.record(deeds.of_policy(caller, now), session)
            return {}

        request = {state: ",".join(actions) for state, actions in allowed.items()}
        done = await self._once.perform(
            caller=caller.staff_id or caller.thumbprint or "operator",
            key=idempotency_key,
            request=request,
            now=now,
            act=act,
        )
        self._read = None
        return done if isinstance(done, Refusal) else policy


async def stored_policy() -> tuple[EcardPolicy, datetime | None]:
    """Return the policy in force and when it was set.

    Raises:
        ValueError: the stored table is not one that `EcardPolicies.change` wrote.
    """
    stored = await StoredPolicy.get(NAME)
    if stored is None:
        return DEFAULT, None
    policy = policy_of(stored.allowed)
    if isinstance(policy, EcardPolicy):
        return policy, stored.changed_at
    raise ValueError(f"the stored e-card policy is not usable: {policy.code}")
