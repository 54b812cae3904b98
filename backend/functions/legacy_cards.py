"""Cards beside the one card 多卡合一: their register, and attempts to issue a new one (S14)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import OK, Deed, System, refused
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.functions.documents import CardTypeViolation, StoredCardType
from backend.functions.registry import FunctionRegistry, organisation_in, owner_of
from backend.functions.rules import (
    CARD_TYPE_KNOWN,
    CARD_TYPE_OVERLAPS,
    CardType,
    MergeStatus,
    card_type_fault,
    overlap,
    owner_fault,
)
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText

_REGISTERED = LocalizedText("登记了一个卡种", "Registered a card type")
_ATTEMPTED = LocalizedText(
    "申请另发功能重复的卡，已记为违规事项",
    "Asked to issue a card that repeats merged functions; recorded as a violation",
)


class LegacyCards:
    """The register of card types, and the cases of those that may not be issued."""

    def __init__(self, registry: FunctionRegistry, once: Once, clock: Clock) -> None:
        self._registry = registry
        self._once = once
        self._clock = clock

    async def register(
        self, caller: Caller | None, idempotency_key: str, kind: CardType
    ) -> CardType | Refusal:
        """Register a card type; one that repeats merged functions is refused and leaves a case."""
        no = may(caller, Act.CARD_TYPE_REGISTER) or card_type_fault(kind)
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED
        if no := owner_fault(caller, kind.owner):
            return no

        async def act(session: Session) -> Answer | Refusal:
            return await self._register(caller, kind, session)

        try:
            done = await self._once.perform(
                caller=caller.staff_id or caller.thumbprint or "operator",
                key=idempotency_key,
                request={name: str(value) for name, value in _row(kind).items()},
                now=self._clock.now(),
                act=act,
            )
        except DuplicateKeyError:
            return CARD_TYPE_KNOWN
        if isinstance(done, Refusal):
            return done
        return CARD_TYPE_OVERLAPS if "case" in done else kind

    async def violations(
        self, caller: Caller | None, first: int = 50
    ) -> list[CardTypeViolation] | Refusal:
        """Return the newest cases, for those who supervise."""
        if no := may(caller, Act.CARD_TYPE_REVIEW):
            return no
        return await CardTypeViolation.find().sort("-at", "-_id").limit(first).to_list()

    async def _register(self, caller: Caller, kind: CardType, session: Session) -> Answer | Refusal:
        if await StoredCardType.get(kind.code, session=session):
            return CARD_TYPE_KNOWN
        others = StoredCardType.get_pymongo_collection().find(
            {"functions": {"$in": sorted(kind.functions)}}, session=session
        )
        alike = [card_type_in(row) async for row in others]
        repeated = overlap(kind, alike, await self._registry.all())
        if repeated:
            case = self._case(caller, kind, repeated)
            await case.insert(session=session)
            await audit.record(self._deed(caller, refused(CARD_TYPE_OVERLAPS)), session)
            return {"case": case.id}
        row = _row(kind) | {"registered_at": self._clock.now()}
        await StoredCardType.get_pymongo_collection().insert_one(row, session=session)
        await audit.record(self._deed(caller, OK), session)
        return {"card_type": kind.code}

    def _case(self, caller: Caller, kind: CardType, repeated: frozenset[str]) -> CardTypeViolation:
        return CardTypeViolation(
            id=random_identifier("vio"),
            card_type=kind.code,
            zh=kind.name.zh,
            en=kind.name.en,
            owner=owner_of(kind.owner),
            functions=sorted(repeated),
            asked_by=caller.staff_id or "operator",
            at=self._clock.now(),
        )

    def _deed(self, caller: Caller, result: str) -> Deed:
        done = result == OK
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action="functions.card_type_registered",
            words=_REGISTERED if done else _ATTEMPTED,
            system=System.COUNTER if caller.staff_id else System.BATCH,
            organisation=caller.organisation,
            result=result,
        )


def card_type_in(row: Mapping[str, Any]) -> CardType:
    """Return a card type as stored."""
    sunset = row.get("sunset")
    return CardType(
        code=row["_id"],
        owner=organisation_in(row["owner"]),
        name=LocalizedText(row["zh"], row["en"]),
        functions=frozenset(row["functions"]),
        merge_status=MergeStatus(row["merge_status"]),
        sunset=date.fromisoformat(sunset) if sunset else None,
    )


def _row(kind: CardType) -> dict[str, Any]:
    row = {
        "_id": kind.code,
        "owner": owner_of(kind.owner).model_dump(),
        "zh": kind.name.zh,
        "en": kind.name.en,
        "functions": sorted(kind.functions),
        "merge_status": kind.merge_status.value,
    }
    return row | ({"sunset": kind.sunset.isoformat()} if kind.sunset else {})
