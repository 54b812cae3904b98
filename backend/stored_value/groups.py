"""Groups of venues that share a stored value: described, and ended with every balance refunded."""

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may, may_at
from backend.foundation.refusals import Refusal
from backend.stored_value import deeds
from backend.stored_value.documents import StoredValueAccount, StoredValueGroup
from backend.stored_value.ledger import Posting, Row, group_of, post
from backend.stored_value.rules import EntryKind, GroupState, ValueGroup, group_fault
from shared.clock import Clock

AT_ONCE = 50


class StoredValueGroups:
    """Describes groups and ends them."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def put(self, caller: Caller | None, key: str, group: ValueGroup) -> ValueGroup | Refusal:
        """Add a group or change it; one that was ended stays ended."""
        refused = may(caller, Act.STORED_VALUE_MANAGE) or group_fault(group)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        by, now = caller, self._clock.now()
        fields = {
            "name": {"zh": group.name.zh, "en": group.name.en},
            "venues": sorted(group.venues),
            "prices": [{"plan": plan, "fen": fen} for plan, fen in sorted(group.prices.items())],
            "terms": [
                {"minutes_before": one.minutes_before, "percent": one.percent}
                for one in group.terms
            ],
        }

        async def act(session: Session) -> Answer:
            await StoredValueGroup.get_pymongo_collection().update_one(
                {"_id": group.code},
                {
                    "$set": {**fields, "changed_at": now},
                    "$setOnInsert": {"state": GroupState.OPEN.value},
                },
                upsert=True,
                session=session,
            )
            await audit.record(deeds.of_staff(by, "stored_value.group", None, now), session)
            return {"group": group.code}

        request = {"act": "put stored value group", "group": group.code, "is": str(fields)}
        done = await self._once.perform(
            caller=by.staff_id or "operator", key=key, request=request, now=now, act=act
        )
        return done if isinstance(done, Refusal) else await group_of(group.code)

    async def close(self, caller: Caller | None, key: str, code: str, why: str) -> int | Refusal:
        """End a group: it takes and pays nothing more, and every balance is refunded.

        Some accounts at a time, each lot one transaction: killed, the same request goes on with
        what is left. Returns how many were refunded now.
        """
        reason, known = audit.reason_of(why), await group_of(code)
        refused = may(caller, Act.STORED_VALUE_CLOSE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        if isinstance(known, Refusal):
            return known
        if isinstance(reason, Refusal):
            return reason
        elsewhere = may_at(caller, Act.STORED_VALUE_CLOSE, known.venues)
        if elsewhere is not None:
            return elsewhere
        by, now = caller, self._clock.now()

        async def act(session: Session) -> Answer:
            ended = {"state": GroupState.CLOSED.value, "changed_at": now}
            groups = StoredValueGroup.get_pymongo_collection()
            await groups.update_one({"_id": code}, {"$set": ended}, session=session)
            deed = deeds.of_staff(by, "stored_value.closed", None, now, reason)
            await audit.record(deed, session)
            return {}

        request = {"act": "close stored value group", "group": code, "why": reason}
        done = await self._once.perform(
            caller=by.staff_id or "operator", key=key, request=request, now=now, act=act
        )
        if isinstance(done, Refusal):
            return done
        refunded = 0
        while lot := await _lot(code):
            refunded += await self._refund(by, lot, reason)
        return refunded

    async def _refund(self, by: Caller, lot: list[Row], reason: str) -> int:
        async def act(session: Session) -> int:
            done, now = 0, self._clock.now()
            wanted = {"_id": {"$in": [row["_id"] for row in lot]}, "balance": {"$gt": 0}}
            # Read again: whoever took theirs out meanwhile is passed over.
            rows = StoredValueAccount.get_pymongo_collection().find(wanted, session=session)
            for row in await rows.to_list():
                posting = Posting(EntryKind.REFUND, row["balance"], now, by.staff_id or "operator")
                await post(row, posting, session)
                whose = row["resident_id"]
                deed = deeds.of_staff(by, "stored_value.refunded", whose, now, reason)
                await audit.record(deed, session)
                done += 1
            return done

        return await audit.in_one_write(act)


async def _lot(group: str) -> list[Row]:
    """Return some that have a balance; what was refunded is not among the next."""
    wanted = {"group": group, "balance": {"$gt": 0}}
    found = StoredValueAccount.get_pymongo_collection().find(wanted)
    return await found.hint("to_refund").limit(AT_ONCE).to_list()
