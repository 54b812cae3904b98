"""The phones of delegates that may show their principals' codes 代为出示, kept in the mandate.

What stops a mandate writes the same document, so a code and a stop cannot miss one another. Readers
are told of stopped codes by the status list until the last certificate has ended by itself.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.foundation.mongo import Session
from backend.foundation.store_changes import Watched
from backend.mandates.documents import Mandate, StoredCode
from backend.mandates.rules import MandateState
from backend.mandates.scopes import Relation, Scope
from shared.ecode.algorithms import Algorithm, PublicKey
from shared.ecode.representation import (
    PHONES,
    Representative,
    representative_of,
    representative_serial,
)

CODES_KEPT = timedelta(days=30)
SHOWN_CARDS = Watched(Mandate.get_pymongo_collection, ("codes.card_index",))
"""The mandates that say which phones show which cards."""
_IS_TO_PRINCIPAL: Mapping[Relation, Representative] = {
    Relation.ELDER: Representative.YOUNGER,
    Relation.CHILD: Representative.PARENT,
    Relation.SPOUSE: Representative.SPOUSE,
    Relation.OTHER: Representative.OTHER,
    Relation.WARD: Representative.GUARDIAN,
    Relation.ASSISTED: Representative.AGENT,
}


@dataclass(frozen=True, slots=True)
class ShownBy:
    """By which mandate, and by whom, a code was shown for its holder."""

    mandate: str
    delegate: str


@dataclass(frozen=True, slots=True)
class CodePlace:
    """The serial under which a delegate's phone shows a card, and until when at most.

    `known` says that this phone shows this card already; `others`, how many more of the mandate do.
    """

    serial: int
    until: datetime | None
    known: bool
    others: int


async def place_of_code(
    mandate_id: str, card_index: int, thumbprint: str, now: datetime, session: Session
) -> CodePlace:
    """Return where a phone stands among those that show a card."""
    mandates = Mandate.get_pymongo_collection()
    row = await mandates.find_one({"_id": mandate_id}, session=session) or {}
    going = [
        one
        for one in row.get("codes", ())
        # What delegates put on paper for their principals stands here too, and is no phone.
        if one.get("stopped_at") is None and representative_of(one["serial"]) is not None
    ]
    others = sum(one["thumbprint"] != thumbprint and one["certified_until"] > now for one in going)
    for one in going:
        if (one["card_index"], one["thumbprint"]) == (card_index, thumbprint):
            return CodePlace(one["serial"], until_in(row), known=True, others=others)
    theirs = mandates.find({"codes.card_index": card_index}, {"codes": 1}, session=session)
    used = {
        one["serial"]
        async for other in theirs
        for one in other["codes"]
        if one["card_index"] == card_index
    }
    who = _IS_TO_PRINCIPAL[Relation(row["relation"])]
    while (serial := representative_serial(who, secrets.randbelow(PHONES))) in used:
        pass
    return CodePlace(serial, until_in(row), known=False, others=others)


async def keep_code(mandate_id: str, code: StoredCode, now: datetime, session: Session) -> None:
    """Note a phone with its last certificate; what ended long ago is forgotten.

    Not before the scans of it can have come from readers that had no network.
    """
    mandates = Mandate.get_pymongo_collection()
    over = {"serial": code.serial, "card_index": code.card_index}
    for gone in (over, {"certified_until": {"$lte": now - CODES_KEPT}}):
        pulled = {"$pull": {"codes": gone}}
        await mandates.update_one({"_id": mandate_id}, pulled, session=session)
    fields = code.model_dump(exclude_none=True)
    await mandates.update_one({"_id": mandate_id}, {"$push": {"codes": fields}}, session=session)


async def until_shown(mandate_id: str, session: Session) -> datetime | None:
    """Return when a mandate lets nobody show a code any more, None where its end is an event."""
    row = await Mandate.get_pymongo_collection().find_one({"_id": mandate_id}, session=session)
    return until_in(row or {"scopes": ()})


async def forget_code(mandate_id: str, card_index: int, serial: int, session: Session) -> None:
    """Drop a code that is stopped elsewhere."""
    await Mandate.get_pymongo_collection().update_one(
        {"_id": mandate_id},
        {"$pull": {"codes": {"card_index": card_index, "serial": serial}}},
        session=session,
    )


async def codes_going(mandate_ids: Sequence[str]) -> frozenset[tuple[int, int]]:
    """Return card index and serial of the codes of mandates that none of them stopped."""
    if not mandate_ids:
        return frozenset()
    found = Mandate.get_pymongo_collection().find({"_id": {"$in": list(mandate_ids)}}, {"codes": 1})
    going = {
        (one["card_index"], one["serial"])
        async for row in found
        for one in row.get("codes", ())
        if one.get("stopped_at") is None
    }
    return frozenset(going)


async def stop_codes(mandate_id: str, now: datetime, session: Session) -> None:
    """Let no phone show its principal's code by this mandate any more."""
    await Mandate.get_pymongo_collection().update_one(
        {"_id": mandate_id, "codes.card_index": {"$exists": True}},
        {"$set": {"codes.$[going].stopped_at": now}},
        array_filters=[{"going.stopped_at": {"$exists": False}}],
        session=session,
    )


async def codes_stopped(since: datetime, now: datetime) -> list[tuple[int, int]]:
    """Return card index and serial of codes stopped after `since` that would still hold."""
    found = Mandate.get_pymongo_collection().find(
        {"codes.stopped_at": {"$gt": since}}, {"codes": 1}
    )
    return [
        (one["card_index"], one["serial"])
        async for row in found
        for one in row["codes"]
        if one.get("stopped_at") is not None and one["certified_until"] > now
    ]


async def stopped_after(instant: datetime) -> bool:
    """Tell whether any code was stopped after `instant`."""
    wanted = {"codes.stopped_at": {"$gt": instant}}
    return await Mandate.get_pymongo_collection().find_one(wanted, {"_id": 1}) is not None


@dataclass(frozen=True, slots=True)
class ShowingPhone:
    """A delegate's phone that shows a card until `ends_at`."""

    key: PublicKey
    ends_at: datetime


async def phones_showing(
    card_indexes: Sequence[int], now: datetime
) -> dict[int, dict[int, ShowingPhone]]:
    """Return delegates' phones by card index and serial, in one read."""
    found = Mandate.get_pymongo_collection().find(
        {
            "codes.card_index": {"$in": list(card_indexes)},
            "state": MandateState.ACTIVE.value,
        },
        {"codes": 1},
    )
    wanted, phones = set(card_indexes), dict[int, dict[int, ShowingPhone]]()
    async for row in found:
        for one in row["codes"]:
            ends = one.get("stopped_at") or one["certified_until"]
            if one["card_index"] in wanted and ends > now:
                key = PublicKey(Algorithm(one["algorithm"]), bytes(one["public_key"]))
                phone = ShowingPhone(key, ends)
                phones.setdefault(one["card_index"], {})[one["serial"]] = phone
    return phones


async def who_showed(codes: Sequence[tuple[int, int]]) -> dict[tuple[int, int], ShownBy]:
    """Return by whom codes were shown, by card index and serial, in one read."""
    codes = [one for one in codes if representative_of(one[1]) is not None]
    if not codes:
        return {}
    wanted = [
        {"codes": {"$elemMatch": {"card_index": index, "serial": serial}}}
        for index, serial in set(codes)
    ]
    # Naming the cards beside lets the partial index serve several codes, not only one.
    cards = {"codes.card_index": {"$in": sorted({index for index, _ in codes})}}
    found = Mandate.get_pymongo_collection().find(
        {**cards, "$or": wanted}, {"codes": 1, "delegate": 1}
    )
    return {
        (one["card_index"], one["serial"]): ShownBy(row["_id"], row["delegate"])
        async for row in found
        for one in row["codes"]
    }


def until_in(row: Mapping[str, Any]) -> datetime | None:
    """Return the first instant at which the mandate lets nobody show the code by itself."""
    ends = [row.get("ends_at"), row.get("review_by"), row.get("consent_from")]
    ends += [one.get("until") for one in row["scopes"] if one["scope"] == Scope.CARD_SHOW]
    return min((end for end in ends if end is not None), default=None)
