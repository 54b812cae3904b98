"""Cards and codes that are shown at a desk where visitors check in, verified as at any counter."""

from backend.assertions.evidence import Shown
from backend.assertions.presenting import Presenting
from backend.bookings.visit_queues import ShownAtDesk
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal


class ShownAtDesks:
    """Tells the desk whose card or code is shown."""

    def __init__(self, presenting: Presenting) -> None:
        self._presenting = presenting

    async def at_desk(
        self, code: str | None, identification_code: str | None
    ) -> ShownAtDesk | Refusal:
        """Return whose it is, or why it is nobody's."""
        holder = await self._presenting.holder(Shown(code, identification_code))
        if isinstance(holder, Refusal):
            return holder

        async def use(session: Session) -> Refusal | None:
            return await self._presenting.use(holder, session)

        return ShownAtDesk(holder.resident_id, use)
