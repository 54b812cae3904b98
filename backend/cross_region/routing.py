"""Sending cases to the regions that issued the cards: the outbox, until each is answered.

A case that is due is claimed by moving its time on, which is also its back-off: a server that dies
with it leaves it due again later. The case's id is the idempotency key at the other end, so that
being sent twice does nothing twice.
"""

import asyncio
import logging

from backend.cards.lifecycle import CardEvent, ReplacementReason
from backend.cross_region.documents import CrossRegionCase, Row
from backend.cross_region.issuing_region import CaseRequest, IssuingRegion, RegionAnswer, RegionDown
from backend.cross_region.rules import GIVE_UP_AFTER, CaseState, wait_after
from backend.cross_region.settling import give_up, take_answer
from backend.foundation.kept_running import attempt, rounds
from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import ASCENDING
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import SealBroken
from backend.residents.rules import PersonField
from backend.residents.service import Residents
from shared.clock import Clock

AT_ONCE = 20
ANSWER_SECONDS = 20.0
LOOK_SECONDS = 5.0
_log = logging.getLogger("yikatong.cross_region")


class CaseRouting:
    """Takes cases to the issuing regions and brings back what these say."""

    def __init__(self, residents: Residents, regions: IssuingRegion, clock: Clock) -> None:
        self._residents = residents
        self._regions = regions
        self._clock = clock

    async def keep_routed(self) -> None:
        """Send for ever; a failure is logged and tried again."""
        await rounds(self.send_due, LOOK_SECONDS, until_idle=True)

    async def send_due(self) -> int:
        """Send what is due now, some cases side by side; return how many were sent."""
        now = self._clock.now()
        due = CrossRegionCase.get_pymongo_collection().find({"due_at": {"$lte": now}})
        rows = await due.sort("due_at", ASCENDING).limit(AT_ONCE).to_list()
        sent = await asyncio.gather(*(attempt(self._send, row) for row in rows))
        return sum(map(bool, sent))

    async def _send(self, row: Row) -> bool:
        now, case_id, region = self._clock.now(), row["_id"], row["origin_region"]
        claimed = await CrossRegionCase.get_pymongo_collection().update_one(
            {"_id": case_id, "due_at": row["due_at"]},
            {"$set": {"due_at": now + wait_after(row["tries"] + 1)}, "$inc": {"tries": 1}},
        )
        if claimed.modified_count != 1:
            return False  # another server has it
        said = await self._asked(row)
        late = now - row["opened_at"] >= GIVE_UP_AFTER
        done: CaseState | Refusal | None = None
        if said is not None:
            done = await take_answer(region, said, self._clock.now())
        if late and done in (None, CaseState.ACCEPTED):
            await give_up(region, case_id, self._clock.now())
        return True

    async def _asked(self, row: Row) -> RegionAnswer | None:
        """Return what the region says; None where it does not answer."""
        try:
            request = await self._request(row)
            async with asyncio.timeout(ANSWER_SECONDS):
                said = await self._regions.submit(request)
        except (RegionDown, TimeoutError):
            _log.warning("no answer", extra={FIELDS: {"region": row["origin_region"]}})
            return None
        except (LookupError, SealBroken) as error:
            _log.error("cannot be sent", extra={FIELDS: {"error": describe_error(error)}})
            return None
        # Of another case than was asked about, nothing is believed.
        return said if said.case_id == row["_id"] else None

    async def _request(self, row: Row) -> CaseRequest:
        found = await self._residents.stored(row["resident_id"])
        number = found and self._residents.open(found, PersonField.NUMBER)
        name = found and self._residents.open(found, PersonField.NAME)
        if not number or not name:
            raise LookupError("the person of the case is not on the record")
        reason = row.get("reason")
        return CaseRequest(
            case_id=row["_id"],
            origin_region=row["origin_region"],
            handling_region=row["handling_region"],
            handling_outlet=row["handling_outlet"],
            item=CardEvent(row["item"]),
            reason=ReplacementReason(reason) if reason else None,
            card_in_hand=row["card_in_hand"],
            opened_at=row["opened_at"],
            number=number,
            name=name,
        )
