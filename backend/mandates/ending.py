"""How mandates end or pause: each end with its audit row and a notice to both sides, once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.mandates import deeds
from backend.mandates import refusals as no
from backend.mandates.documents import Mandate, MandateParty
from backend.mandates.notices import tell
from backend.mandates.representing import stop_codes
from backend.mandates.rules import Ending, MandateState
from backend.mandates.scopes import SCOPE_WORDS, Relation, Scope
from backend.mandates.stored import Row, touch
from shared.localized_text import LocalizedText

CLAIMS_KEPT = 20
_GONE = {"due_at": "", "invitation": "", "invitation_until": ""}
_DISPUTED = LocalizedText(
    "一项代办授权有争议，已暂停，请到网点处理",
    "A mandate is disputed and suspended; an outlet decides",
)
_LIFTED = LocalizedText(
    "监护关系已登记终止，您可以自己授权代办",
    "The guardianship is noted as over; you can allow others to act for you yourself",
)
WORDS: Mapping[Ending, LocalizedText] = {
    Ending.WITHDRAWN: LocalizedText("代办邀请已撤回", "An invitation to a mandate was taken back"),
    Ending.BY_PRINCIPAL: LocalizedText("本人停止了代办授权", "The principal stopped a mandate"),
    Ending.BY_DELEGATE: LocalizedText("代办人停止了代办", "The delegate gave a mandate up"),
    Ending.BY_GUARDIAN: LocalizedText("监护人停止了代办授权", "The guardian stopped a mandate"),
    Ending.BY_OUTLET: LocalizedText("网点停止了代办授权", "An outlet stopped a mandate"),
    Ending.FALSE_CLAIM: LocalizedText("因关系不实，代办授权已终止", "A false claim ended it"),
    Ending.EXPIRED: LocalizedText("代办授权已到期", "A mandate has expired"),
    Ending.COMING_OF_AGE: LocalizedText("已满18周岁，父母代办结束", "At 18 it ends by itself"),
    Ending.DEATH: LocalizedText("代办授权已终止", "A mandate has ended"),
    Ending.ACCOUNT_CLOSED: LocalizedText("代办授权已终止", "A mandate has ended"),
}


async def end(
    row: Row, why: Ending, by: Caller | None, now: datetime, session: Session, reason: str = ""
) -> None:
    """End a mandate, unless it has ended."""
    before = row["state"] != MandateState.ACTIVE
    by_people = why in {Ending.BY_PRINCIPAL, Ending.BY_DELEGATE}
    ended = Ending.WITHDRAWN if before and by_people else why
    done = await Mandate.get_pymongo_collection().update_one(
        {"_id": row["_id"], "state": {"$ne": MandateState.ENDED.value}},
        {
            "$set": {
                "state": MandateState.ENDED.value,
                "ended_at": now,
                "ended": ended.value,
            },
            "$unset": _GONE,
        },
        session=session,
    )
    if done.matched_count == 0:
        return
    await stop_codes(row["_id"], now, session)
    if row["disputed"]:  # with it the dispute is over, and so is what it froze
        await _thaw_money(row["principal"], session)
    if ended is Ending.FALSE_CLAIM and row["relation"] == Relation.WARD:
        await _unguard(row["principal"], session)
    action = "mandates.ended" if by is None else "mandates.stopped"
    deed = deeds.of_caller(by, action, row.get("principal"), now, mandate=row["_id"], reason=reason)
    await audit.record(deed, session)
    if not before:
        people = _people(row)
        words = WORDS[ended]
        await tell(f"{row['_id']}.ended", people, row["_id"], action, words, now, session)


async def stop_scope(
    row: Row, scope: Scope, why: Ending, by: Caller | None, now: datetime, session: Session
) -> Refusal | None:
    """Stop one scope and leave the others; without any other the mandate ends (D8)."""
    if row["state"] != MandateState.ACTIVE:
        return no.MANDATE_OVER
    live = [one for one in row["scopes"] if one.get("until") is None or one["until"] > now]
    if scope not in {one["scope"] for one in live}:
        return None  # it is stopped already
    if len(live) == 1:
        await end(row, why, by, now, session)
        return None
    await Mandate.get_pymongo_collection().update_one(
        {"_id": row["_id"], "scopes.scope": scope.value},
        {"$set": {"scopes.$.until": now}},
        session=session,
    )
    if scope is Scope.CARD_SHOW:
        await stop_codes(row["_id"], now, session)
    action, words = "mandates.scope_stopped", SCOPE_WORDS[scope]
    deed = deeds.of_caller(by, action, row["principal"], now, mandate=row["_id"])
    row_id = await audit.record(deed, session)
    told = LocalizedText(f"已停止代办事项：{words.zh}", f"No longer in a mandate: {words.en}")
    await tell(row_id, _people(row), row["_id"], action, told, now, session)
    return None


async def dispute(row: Row, by: Caller | None, now: datetime, session: Session) -> Refusal | None:
    """Suspend a mandate; while it is disputed nobody pays for its principal (D28)."""
    if row["state"] != MandateState.ACTIVE:
        return no.MANDATE_OVER
    if row["disputed"]:
        return None
    await Mandate.get_pymongo_collection().update_one(
        {"_id": row["_id"]}, {"$set": {"disputed": True}}, session=session
    )
    await stop_codes(row["_id"], now, session)
    # A mandate confirmed at this moment writes the same party: it starts frozen, or is frozen here.
    await touch([row["principal"]], session)
    await _freeze_money(row["principal"], session, frozen=True)
    action = "mandates.disputed"
    deed = deeds.of_caller(by, action, row["principal"], now, mandate=row["_id"])
    row_id = await audit.record(deed, session)
    await tell(row_id, _people(row), row["_id"], action, _DISPUTED, now, session)
    return None


async def settle(
    row: Row, by: Caller, now: datetime, session: Session, reason: str, *, upheld: bool
) -> Refusal | None:
    """Let a disputed mandate go on, or end it as a false claim (D28)."""
    if not row["disputed"] or row["state"] != MandateState.ACTIVE:
        return no.NOTHING_DISPUTED
    mandates = Mandate.get_pymongo_collection()
    await mandates.update_one({"_id": row["_id"]}, {"$set": {"disputed": False}}, session=session)
    action = "mandates.settled"
    deed = deeds.of_caller(by, action, row["principal"], now, mandate=row["_id"], reason=reason)
    await audit.record(deed, session)
    if upheld:
        await _thaw_money(row["principal"], session)
    else:
        await end(row, Ending.FALSE_CLAIM, by, now, session, reason)
        await _note_false_claim(row, by, now, session, reason)
    return None


async def _note_false_claim(
    row: Row, by: Caller, now: datetime, session: Session, reason: str
) -> None:
    """Keep what a delegate falsely claimed to be, for the case that may follow (D27, S125)."""
    delegate = row["delegate"]
    claim = {
        "mandate": row["_id"],
        "relation": row["relation"],
        "evidence": row["evidence"],
        "found_at": now,
        "found_by": by.staff_id or "operator",
    }
    await touch([delegate], session)
    await MandateParty.get_pymongo_collection().update_one(
        {"_id": delegate},
        {"$push": {"false_claims": {"$each": [claim], "$slice": -CLAIMS_KEPT}}},
        session=session,
    )
    action = "mandates.false_claim"
    deed = deeds.of_caller(by, action, delegate, now, mandate=row["_id"], reason=reason)
    await audit.record(deed, session)


async def lift_guardianship(
    principal: str, by: Caller, now: datetime, session: Session, reason: str
) -> Refusal | None:
    """Note that a court ended a guardianship 监护终止, and end the guardians' mandates.

    No mandate's end lifts it by itself: who lost a guardian is still not able to grant alone
    (民法典 Art. 39). A claim that was false never made it.
    """
    parties = await touch([principal], session)
    if not parties[principal].get("under_guardianship"):
        return no.NOT_GUARDED
    wards = {"principal": principal, "relation": Relation.WARD.value}
    found = Mandate.get_pymongo_collection().find(wards, session=session).sort("offered_at", 1)
    rows = await found.to_list()
    for row in rows:
        await end(row, Ending.BY_OUTLET, by, now, session, reason)
    change = {"$set": {"under_guardianship": False}}
    party = MandateParty.get_pymongo_collection()
    await party.update_one({"_id": principal}, change, session=session)
    action = "mandates.guardianship_lifted"
    row_id = await audit.record(deeds.of_caller(by, action, principal, now, reason=reason), session)
    for row in rows[-1:]:
        await tell(row_id, [principal], row["_id"], action, _LIFTED, now, session)
    return None


async def _unguard(principal: str, session: Session) -> None:
    """Take somebody for able to grant again, unless another guardian's mandate stands."""
    await touch([principal], session)
    wards = {
        "principal": principal,
        "relation": Relation.WARD.value,
        "state": MandateState.ACTIVE.value,
    }
    if await Mandate.get_pymongo_collection().find_one(wards, {"_id": 1}, session=session) is None:
        await MandateParty.get_pymongo_collection().update_one(
            {"_id": principal}, {"$set": {"under_guardianship": False}}, session=session
        )


async def end_of(people: Sequence[str], why: Ending, now: datetime, session: Session) -> None:
    """End every mandate of people who died or left, on either side."""
    living = {"$ne": MandateState.ENDED.value}
    theirs = {"$in": list(people)}
    found = Mandate.get_pymongo_collection().find(
        {
            "$or": [
                {"principal": theirs, "state": living},
                {"delegate": theirs, "state": living},
            ]
        },
        session=session,
    )
    for row in await found.to_list():
        await end(row, why, None, now, session)


async def money_is_frozen(principal: str, session: Session) -> bool:
    """Tell whether a mandate of a person is disputed, so that nobody pays for them (D28)."""
    disputed = {"principal": principal, "state": MandateState.ACTIVE.value, "disputed": True}
    mandates = Mandate.get_pymongo_collection()
    return await mandates.find_one(disputed, {"_id": 1}, session=session) is not None


async def _thaw_money(principal: str, session: Session) -> None:
    """Let delegates pay again, unless another mandate of the person is disputed."""
    await touch([principal], session)
    if not await money_is_frozen(principal, session):
        await _freeze_money(principal, session, frozen=False)


async def _freeze_money(principal: str, session: Session, *, frozen: bool) -> None:
    await Mandate.get_pymongo_collection().update_many(
        {"principal": principal, "state": MandateState.ACTIVE.value},
        {"$set": {"money_frozen": frozen}},
        session=session,
    )


def _people(row: Row) -> list[Any]:
    if row["relation"] == Relation.ASSISTED:
        return [row["principal"]]
    return [row["principal"], row["delegate"]]
