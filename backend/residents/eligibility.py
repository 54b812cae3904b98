"""Grounds for holding the card 持卡资格 (S13): 户籍 and wider; each with its source and validity.

What a ground says is sealed under the person's key; only its time stands open, for the sweep that
finds those that ended. A ground that ended takes nothing away: `cards.eligibility_reviews` looks
whether it was the last one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.person_keys import PersonSealer, sealer_of
from backend.foundation.refusals import Refusal, refusal
from backend.foundation.sealing import Sealer
from backend.residents.documents import ON_RECORD, EligibilityGround, Resident
from backend.residents.rules import RESIDENT_UNKNOWN
from shared.clock import LOCAL_ZONE, Clock
from shared.identifiers import is_identifier, random_identifier
from shared.identity.id_number import IdNumberKind
from shared.localized_text import LocalizedText

COLLECTION = "eligibility_grounds"
MAX_TEXT = 60

GROUND_FORM = refusal(
    "ground_form",
    ("资格来源单位、凭证号或有效期不对。", "The ground's source, reference or dates are wrong."),
    ("请核对证明材料后重新录入。", "Check the paper and enter it again."),
)
GROUND_UNKNOWN = refusal(
    "ground_unknown",
    ("没有这项资格，或已经终止。", "There is no such ground, or it has ended."),
    ("请刷新后核对。", "Load the list again."),
)


class GroundKind(StrEnum):
    """Why somebody may hold the city's card (H6: wider than household registration)."""

    HOUSEHOLD = "household"  # 户籍
    RESIDENCE_PERMIT = "residence_permit"  # 居住证
    EMPLOYMENT = "employment"  # 就业
    EDUCATION = "education"  # 就学
    INSURANCE = "insurance"  # 参保


GROUND_WORDS: Mapping[GroundKind, LocalizedText] = {
    GroundKind.HOUSEHOLD: LocalizedText("户籍", "Household registration"),
    GroundKind.RESIDENCE_PERMIT: LocalizedText("居住证", "Residence permit"),
    GroundKind.EMPLOYMENT: LocalizedText("就业", "Employment"),
    GroundKind.EDUCATION: LocalizedText("就学", "Education"),
    GroundKind.INSURANCE: LocalizedText("参保", "Social insurance"),
}
_REGISTER = "公安机关"
_RECORDED = LocalizedText("登记了一项持卡资格", "Recorded a ground for holding the card")
_ENDED = LocalizedText("终止了一项持卡资格", "Ended a ground for holding the card")


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground as an authority vouches for it, on the local days from first to last, both included.

    `reference` is the paper's number with that authority.
    """

    kind: GroundKind
    source: str
    first_day: date
    last_day: date | None = None
    reference: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class KeptGround:
    """A ground on the record, and whether it holds now."""

    ground_id: str
    ground: Ground
    holds: bool


class Grounds:
    """The register of grounds."""

    def __init__(self, once: Once, sealer: Sealer, clock: Clock) -> None:
        self._once = once
        self._sealer = sealer
        self._clock = clock

    async def record(
        self, caller: Caller | None, idempotency_key: str, resident_id: str, ground: Ground
    ) -> str | Refusal:
        """Record a ground of a resident and return its id."""
        no = may(caller, Act.ELIGIBILITY_RECORD) or _fault(ground)
        if no is None and not is_identifier(resident_id):
            no = RESIDENT_UNKNOWN
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED
        text, by = _text(ground), caller

        async def act(session: Session) -> Answer | Refusal:
            known = {"_id": resident_id, "status": {"$in": list(ON_RECORD)}}
            residents = Resident.get_pymongo_collection()
            if await residents.find_one(known, {"_id": 1}, session=session) is None:
                return RESIDENT_UNKNOWN
            own = await sealer_of(self._sealer, resident_id, session)
            row = _row(random_identifier("gnd"), resident_id, ground, own, self._clock.now())
            await EligibilityGround.get_pymongo_collection().insert_one(row, session=session)
            await audit.record(self._deed(by, "recorded", _RECORDED, resident_id), session)
            return {"ground": row["_id"]}

        stands_for = self._sealer.blind_index(text, purpose="residents.ground").hex()
        done = await self._once.perform(
            caller=caller.staff_id or caller.thumbprint or "operator",
            key=idempotency_key,
            request={"resident": resident_id, "ground": stands_for},
            now=self._clock.now(),
            act=act,
        )
        return done if isinstance(done, Refusal) else str(done["ground"])

    async def end(
        self, caller: Caller | None, idempotency_key: str, ground_id: str
    ) -> str | Refusal:
        """End a ground now, before its day; the card stays as it is (see the reviews)."""
        no = may(caller, Act.ELIGIBILITY_RECORD)
        if no is None and not is_identifier(ground_id):
            no = GROUND_UNKNOWN
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED
        now, by = self._clock.now(), caller

        async def act(session: Session) -> Answer | Refusal:
            row = await EligibilityGround.get_pymongo_collection().find_one_and_update(
                {"_id": ground_id, "$or": [{"ends_at": None}, {"ends_at": {"$gt": now}}]},
                {"$set": {"ends_at": now, "settled": False}},
                session=session,
            )
            if row is None:
                return GROUND_UNKNOWN
            await audit.record(self._deed(by, "ended", _ENDED, row["resident_id"]), session)
            return {"ground": ground_id}

        done = await self._once.perform(
            caller=caller.staff_id or caller.thumbprint or "operator",
            key=idempotency_key,
            request={"end": ground_id},
            now=now,
            act=act,
        )
        return done if isinstance(done, Refusal) else ground_id

    async def of(self, resident_id: str) -> list[KeptGround]:
        """Return every ground of a resident, for themselves; staff see them in reviews."""
        own, now = await sealer_of(self._sealer, resident_id), self._clock.now()
        found = EligibilityGround.get_pymongo_collection().find({"resident_id": resident_id})
        return [
            KeptGround(row["_id"], ground_in(row, own), _holds(row, now)) async for row in found
        ]

    def _deed(self, by: Caller, what: str, words: LocalizedText, resident_id: str) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=by.actor,
            action=f"residents.ground_{what}",
            words=words,
            system=System.COUNTER if by.staff_id else System.BATCH,
            subject=resident_id,
            organisation=by.organisation,
        )


async def keep_first_ground(
    kind: IdNumberKind, own: PersonSealer, now: datetime, session: Session
) -> None:
    """Record, once, what the register vouches for when a person is registered."""
    household = kind is IdNumberKind.CITIZEN
    named = GroundKind.HOUSEHOLD if household else GroundKind.RESIDENCE_PERMIT
    ground = Ground(named, _REGISTER, now.astimezone(LOCAL_ZONE).date())
    row = _row(_first_id(own.resident_id), own.resident_id, ground, own, now)
    fresh = {name: value for name, value in row.items() if name != "_id"} | {"starts_at": now}
    await EligibilityGround.get_pymongo_collection().update_one(
        {"_id": row["_id"]}, {"$setOnInsert": fresh}, upsert=True, session=session
    )


async def end_first_grounds(resident_ids: Sequence[str], now: datetime, session: Session) -> None:
    """End what the register vouched for of people who moved away."""
    await EligibilityGround.get_pymongo_collection().update_many(
        {"_id": {"$in": [_first_id(one) for one in resident_ids]}, "ends_at": None},
        {"$set": {"ends_at": now, "settled": False}},
        session=session,
    )


async def restore_first_grounds(
    resident_ids: Sequence[str], now: datetime, session: Session
) -> None:
    """Let it hold again for people who came back."""
    await EligibilityGround.get_pymongo_collection().update_many(
        {"_id": {"$in": [_first_id(one) for one in resident_ids]}},
        {"$set": {"starts_at": now, "settled": False}, "$unset": {"ends_at": ""}},
        session=session,
    )


async def holding(
    resident_ids: Sequence[str], now: datetime, session: Session | None = None
) -> set[str]:
    """Return those of these residents who have a ground that holds, in one read."""
    found = EligibilityGround.get_pymongo_collection().find(
        {
            "resident_id": {"$in": list(resident_ids)},
            "starts_at": {"$lte": now},
            "$or": [{"ends_at": None}, {"ends_at": {"$gt": now}}],
        },
        {"resident_id": 1},
        session=session,
    )
    return {row["resident_id"] async for row in found}


async def take_ended(now: datetime, limit: int, session: Session) -> list[str]:
    """Return whose grounds ended since the last look, each once: they are settled by this."""
    collection = EligibilityGround.get_pymongo_collection()
    ended = {"settled": False, "ends_at": {"$lte": now}}
    rows = await collection.find(ended, {"resident_id": 1}, session=session).to_list(limit)
    ids = [row["_id"] for row in rows]
    await collection.update_many(
        {"_id": {"$in": ids}}, {"$set": {"settled": True}}, session=session
    )
    return sorted({row["resident_id"] for row in rows})


def ground_in(row: Mapping[str, Any], own: Sealer) -> Ground:
    """Return a ground as stored.

    Raises:
        SealBroken: it was altered.
    """
    text = own.open(row["sealed"], collection=COLLECTION, field="sealed", document=row["_id"])
    values = json.loads(text)
    last = values["last_day"]
    return Ground(
        kind=GroundKind(values["kind"]),
        source=values["source"],
        first_day=date.fromisoformat(values["first_day"]),
        last_day=date.fromisoformat(last) if last else None,
        reference=values["reference"],
    )


def _row(
    ground_id: str, resident_id: str, ground: Ground, own: Sealer, now: datetime
) -> dict[str, Any]:
    row = {
        "_id": ground_id,
        "resident_id": resident_id,
        "sealed": own.seal(
            _text(ground), collection=COLLECTION, field="sealed", document=ground_id
        ),
        "starts_at": _start_of(ground.first_day),
        "settled": False,
        "recorded_at": now,
    }
    if ground.last_day is not None:
        row["ends_at"] = _start_of(ground.last_day + timedelta(days=1))
    return row


def _holds(row: Mapping[str, Any], now: datetime) -> bool:
    ends_at = row.get("ends_at")
    return bool(row["starts_at"] <= now and (ends_at is None or now < ends_at))


def _fault(ground: Ground) -> Refusal | None:
    texts = (ground.source, ground.reference or "-")
    plain = all(1 <= len(text) <= MAX_TEXT and text.isprintable() for text in texts)
    # The store keeps instants of a thousand years around now, and a day must follow the last one.
    last = ground.last_day or ground.first_day
    dated = date(1900, 1, 1) <= ground.first_day <= last <= date(2999, 12, 31)
    return None if plain and dated else GROUND_FORM


def _text(ground: Ground) -> str:
    values = {
        "kind": ground.kind.value,
        "source": ground.source,
        "first_day": ground.first_day.isoformat(),
        "last_day": ground.last_day.isoformat() if ground.last_day else None,
        "reference": ground.reference,
    }
    return json.dumps(values, ensure_ascii=False)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)


def _first_id(resident_id: str) -> str:
    return f"{resident_id}:register"
