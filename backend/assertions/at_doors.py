"""Codes that are shown to an agent at a door, verified as at any counter."""

from backend.assertions.evidence import Shown
from backend.assertions.presenting import Presenting
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.mandates.doorstep import ShownAtDoor


class ShownAtDoors:
    """Tells the doorstep who shows a code and what it answers."""

    def __init__(self, presenting: Presenting) -> None:
        self._presenting = presenting

    async def at_door(self, code: str) -> ShownAtDoor | Refusal:
        """Return who shows a code, or why it is nobody's."""
        holder = await self._presenting.holder(Shown(code=code))
        if isinstance(holder, Refusal):
            return holder
        challenge = b"" if holder.code is None else holder.code.challenge

        async def use(session: Session) -> Refusal | None:
            return await self._presenting.use(holder, session)

        return ShownAtDoor(holder.resident_id, challenge, use)
