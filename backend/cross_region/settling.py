"""Writing what came of a case: state, count and audit row in one transaction, once."""

from datetime import datetime
from typing import Any

from backend.cross_region import deeds
from backend.cross_region.alliance import count
from backend.cross_region.documents import CrossRegionCase, Row
from backend.cross_region.issuing_region import RegionAnswer, Said
from backend.cross_region.rules import (
    CASE_UNKNOWN,
    NO_ANSWER,
    UNTOLD,
    CaseEvent,
    CaseState,
    Direction,
    Repeat,
    decide,
    is_code,
    shown_text,
)
from backend.foundation import audit
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from shared.localized_text import LocalizedText

NO_ANSWER_CODE = "no_answer"
_EVENTS = {
    Said.ACCEPTED: CaseEvent.ACCEPT,
    Said.DONE: CaseEvent.COMPLETE,
    Said.REFUSED: CaseEvent.REFUSE,
}


async def take_answer(region: int, answer: RegionAnswer, now: datetime) -> CaseState | Refusal:
    """Write what `region` said of one of our outgoing cases; return where the case stands."""
    more: Row = {}
    if answer.said is Said.REFUSED:
        code = answer.code if answer.code and is_code(answer.code) else "refused"
        text = (answer.text and shown_text(answer.text)) or UNTOLD
        more = _result(code, text)
    return await _settle(region, answer.case_id, _EVENTS[answer.said], more, now)


async def give_up(region: int, case_id: str, now: datetime) -> CaseState | Refusal:
    """Write that the region did not answer in time."""
    more = _result(NO_ANSWER_CODE, NO_ANSWER)
    return await _settle(region, case_id, CaseEvent.GIVE_UP, more, now)


async def _settle(
    region: int, case_id: str, event: CaseEvent, more: Row, now: datetime
) -> CaseState | Refusal:
    cases = CrossRegionCase.get_pymongo_collection()
    # A region speaks of its own cards alone.
    own = {"_id": case_id, "direction": Direction.OUTGOING.value, "origin_region": region}

    async def act(session: Session) -> CaseState | Refusal:
        row = await cases.find_one(own, session=session)
        if row is None:
            return CASE_UNKNOWN
        present = CaseState(row["state"])
        outcome = decide(present, event)
        if isinstance(outcome, Repeat):
            if outcome is Repeat.OTHERWISE and "disputed_at" not in row:
                await cases.update_one(own, {"$set": {"disputed_at": now}}, session=session)
                await audit.record(deeds.disputed(row, now), session)
            return present
        change: dict[str, Any] = {"$set": {"state": outcome.value, "changed_at": now, **more}}
        ended = ["due_at"] if outcome is not CaseState.ACCEPTED else []
        if outcome is CaseState.DONE:
            ended += ["result_code", "result_text"]  # of an answer that came late after all
            await count(row, session)
        if ended:
            change["$unset"] = dict.fromkeys(ended, "")
        await cases.update_one({**own, "state": present.value}, change, session=session)
        await audit.record(deeds.settled(row, outcome, now), session)
        return outcome

    return await audit.in_one_write(act)


def _result(code: str, text: LocalizedText) -> Row:
    return {"result_code": code, "result_text": {"zh": text.zh, "en": text.en}}
