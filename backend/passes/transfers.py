"""Handing a pass on 转让: its holder invites, and whoever has the invitation accepts.

Both consent by what they do. Until it is accepted the pass stays its holder's and can be used;
what was used of it stays used. The invitation is a random text of some days; a new one ends the one
before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.cards.asking import Asking
from backend.cards.policies import EcardPolicies
from backend.cards.policy import EcardAction
from backend.cards.refusals import NO_CARD
from backend.foundation import audit
from backend.foundation.idempotency import Act as Work
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.passes import deeds
from backend.passes import refusals as no
from backend.passes.documents import StoredPass
from backend.passes.rules import INVITATION_KEPT, PassState, refusal_to_hand_on
from backend.passes.views import PassView, facts_in, read, view
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offered:
    """A pass that is being handed on, and the invitation that its holder sends."""

    invitation: str
    offered: PassView


class PassTransfers:
    """Hands passes on."""

    def __init__(self, policies: EcardPolicies, once: Once, clock: Clock) -> None:
        self._policies = policies
        self._once = once
        self._clock = clock

    async def offer(self, asking: Asking, key: str, pass_id: str) -> Offered | Refusal:
        """Return an invitation by which somebody else can have the caller's own pass."""
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            row = await _own(asking, pass_id, session)
            if isinstance(row, Refusal):
                return row
            refused = await self._refused(asking) or refusal_to_hand_on(facts_in(row), now)
            if refused is not None:
                return refused
            invitation = {"text": random_identifier("inv"), "until": now + INVITATION_KEPT}
            change = {"$set": {"invitation": invitation, "changed_at": now}}
            return await _written(_guard(row), change, session) or await _recorded(
                asking, "passes.offered", now, session, {"invitation": invitation["text"]}
            )

        done = await self._perform(asking, key, {"act": "offer pass", "pass": pass_id}, act)
        if isinstance(done, Refusal):
            return done
        seen = await self._seen(pass_id, done)
        return seen if isinstance(seen, Refusal) else Offered(done["invitation"], seen)

    async def withdraw(self, asking: Asking, key: str, pass_id: str) -> PassView | Refusal:
        """Take an invitation back; the pass stays the caller's."""
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            row = await _own(asking, pass_id, session)
            if isinstance(row, Refusal):
                return row
            if row.get("invitation") is None:
                return no.NOT_OFFERED
            change = {"$unset": {"invitation": ""}, "$set": {"changed_at": now}}
            return await _written(_guard(row), change, session) or await _recorded(
                asking, "passes.offer_withdrawn", now, session, {}
            )

        done = await self._perform(asking, key, {"act": "keep pass", "pass": pass_id}, act)
        return await self._seen(pass_id, done)

    async def accept(self, asking: Asking, key: str, invitation: str) -> PassView | Refusal:
        """Give the pass of an invitation to the card holder who sends it."""
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            if not is_identifier(invitation):
                return no.INVITATION_UNKNOWN
            row = await StoredPass.get_pymongo_collection().find_one(
                {"invitation.text": invitation}, session=session
            )
            if row is None or now >= row["invitation"]["until"]:
                return no.INVITATION_UNKNOWN
            giver = row["resident_id"]
            own = no.OWN_INVITATION if giver == asking.resident_id else None
            refused = own or await self._refused(asking) or refusal_to_hand_on(facts_in(row), now)
            if refused is not None:
                return refused
            change = {
                "$set": {"resident_id": asking.resident_id, "held_since": now, "changed_at": now},
                "$unset": {"invitation": ""},
            }
            guard = _guard(row) | {"invitation.text": invitation}
            refused = await _written(guard, change, session)
            if refused is not None:
                return refused
            handed = deeds.of_holder("passes.handed_on", giver, now)
            await audit.record(handed, session)
            return await _recorded(asking, "passes.accepted", now, session, {"pass": row["_id"]})

        done = await self._perform(
            asking, key, {"act": "accept pass", "invitation": invitation}, act
        )
        if isinstance(done, Refusal):
            return done
        return await self._seen(done["pass"], done)

    async def _refused(self, asking: Asking) -> Refusal | None:
        if asking.card is None:
            return NO_CARD
        return (await self._policies.present()).refusal(asking.card, EcardAction.BOOK)

    async def _perform(
        self, asking: Asking, key: str, request: Mapping[str, str], act: Work
    ) -> Answer | Refusal:
        return await self._once.perform(
            caller=asking.thumbprint,
            key=key,
            request={**request, "resident": asking.resident_id},
            now=self._clock.now(),
            act=act,
        )

    async def _seen(self, pass_id: str, done: Answer | Refusal) -> PassView | Refusal:
        if isinstance(done, Refusal):
            return done
        row = await read(pass_id)
        return no.PASS_UNKNOWN if row is None else view(row, self._clock.now())


async def _own(asking: Asking, pass_id: str, session: Session) -> Row | Refusal:
    row = await read(pass_id, session) if is_identifier(pass_id) else None
    if row is None or row["resident_id"] != asking.resident_id:
        return no.PASS_UNKNOWN
    return row


def _guard(row: Row) -> dict[str, Any]:
    """Match a pass only while it is good and its holder's."""
    return {
        "_id": row["_id"],
        "resident_id": row["resident_id"],
        "state": PassState.ACTIVE.value,
    }


async def _written(guard: Row, change: Row, session: Session) -> Refusal | None:
    passes = StoredPass.get_pymongo_collection()
    done = await passes.update_one(guard, change, session=session)
    return None if done.matched_count else no.PASS_UNKNOWN


async def _recorded(
    asking: Asking, action: str, now: datetime, session: Session, answer: Answer
) -> Answer:
    deed = deeds.of_holder(action, asking.resident_id, now, asking.origin)
    await audit.record(deed, session)
    return answer
