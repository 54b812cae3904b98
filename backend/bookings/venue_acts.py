"""How a venue's own staff do something to it: permitted there, once per key, in one write."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may_at
from backend.foundation.refusals import Refusal


async def once_at(
    once: Once,
    caller: Caller | None,
    key: str,
    venue: int,
    request: Mapping[str, str],
    now: datetime,
    work: Callable[[Session, Caller], Awaitable[Answer | Refusal]],
) -> Answer | Refusal:
    """Do `work` once for whoever manages the venue; the request says what the key was used for."""
    refused = may_at(caller, Act.VENUE_MANAGE, (venue,))
    if caller is None or refused is not None:
        return refused or SIGN_IN_NEEDED
    by = caller

    async def act(session: Session) -> Answer | Refusal:
        return await work(session, by)

    return await once.perform(
        caller=by.staff_id or "operator",
        key=key,
        request={**request, "venue": str(venue)},
        now=now,
        act=act,
    )
