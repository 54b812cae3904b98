"""The systems that may ask for data: each a department's or partner's, known by its own key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Actor, ActorKind, Deed, Organisation, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.sharing.documents import DataConsumer
from backend.sharing.refusals import CONSUMER_FORM, CONSUMER_KEY_IN_USE, CONSUMER_UNKNOWN
from backend.sharing.rules import is_code, is_words
from shared.clock import Clock
from shared.ecode.algorithms import InvalidKey, PublicKey
from shared.localized_text import LocalizedText
from shared.wire.request_proof import thumbprint

MAX_PEM = 1_000
_REGISTERED = LocalizedText(
    "登记或更换了数据接收方系统的密钥", "Registered a data consumer's system, or its new key"
)
_UNKNOWN = LocalizedText(
    "没有登记的系统请求共享个人信息", "A system nobody registered asked for data"
)
_STRANGER = Organisation("unknown", LocalizedText("没有登记的系统", "An unregistered system"))


@dataclass(frozen=True, slots=True)
class Consumer:
    """A system that may ask, and whose it is.

    `abroad`: it stands outside the mainland, in Hong Kong or Macao too, where another law holds:
    what it gets is a transfer across the border (PIPL 38 to 40).
    """

    code: str
    name: LocalizedText
    stopped: bool = False
    abroad: bool = False

    @property
    def organisation(self) -> Organisation:
        """It in the log and in "who used my data"."""
        return Organisation(self.code, self.name)


class Consumers:
    """Registers consumers and knows them by their keys."""

    def __init__(self, once: Once, refused_acts: RefusedActs, clock: Clock) -> None:
        self._once = once
        self._refused = refused_acts
        self._clock = clock

    async def register(
        self, caller: Caller | None, idempotency_key: str, consumer: Consumer, public_key: str
    ) -> Consumer | Refusal:
        """Register a system, or give it another name or key; its old key is refused from now."""
        denied = may(caller, Act.DATA_CONSUMER_REGISTER)
        if caller is None or denied is not None:
            return denied or SIGN_IN_NEEDED
        key = _thumbprint(public_key)
        if key is None or not is_code(consumer.code) or not is_words(consumer.name):
            return CONSUMER_FORM
        fields = {"zh": consumer.name.zh, "en": consumer.name.en, "thumbprint": key}

        async def act(session: Session) -> Answer | Refusal:
            consumers = DataConsumer.get_pymongo_collection()
            holder = await consumers.find_one({"thumbprint": key}, {"_id": 1}, session=session)
            if holder is not None and holder["_id"] != consumer.code:
                return CONSUMER_KEY_IN_USE
            await consumers.update_one(
                {"_id": consumer.code},
                {
                    "$set": {
                        **fields,
                        "abroad": consumer.abroad,
                        "changed_at": self._clock.now(),
                    }
                },
                upsert=True,
                session=session,
            )
            await audit.record(self._deed(caller, consumer.code), session)
            return {"consumer": consumer.code}

        try:
            done = await self._once.perform(
                caller=caller.actor.id,
                key=idempotency_key,
                request={
                    "act": "data consumer",
                    "consumer": consumer.code,
                    "abroad": str(consumer.abroad),
                    **fields,
                },
                now=self._clock.now(),
                act=act,
            )
        except DuplicateKeyError:
            return CONSUMER_KEY_IN_USE  # two at once with one key: the other was first
        return done if isinstance(done, Refusal) else consumer

    async def of_key(self, key: str) -> Consumer | None:
        """Return whose system has a key, by its thumbprint."""
        row = await DataConsumer.get_pymongo_collection().find_one({"thumbprint": key})
        return None if row is None else _consumer(row)

    async def of_code(self, code: str) -> Consumer | None:
        """Return a consumer by its code."""
        row = await DataConsumer.get_pymongo_collection().find_one({"_id": code})
        return None if row is None else _consumer(row)

    async def note_unknown(self, key: str) -> None:
        """Write down that a key nobody registered asked for data; `key` is its thumbprint."""
        await self._refused.record(
            Deed(
                at=self._clock.now(),
                # One actor for them all: new keys must not fill the log.
                actor=Actor(ActorKind.SYSTEM, "unregistered"),
                action="sharing.answered",
                words=_UNKNOWN,
                system=System.EXCHANGE,
                organisation=_STRANGER,
                result=audit.refused(CONSUMER_UNKNOWN),
                origin=f"key {key}",
            )
        )

    def _deed(self, caller: Caller, code: str) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action="sharing.consumer_registered",
            words=_REGISTERED,
            system=System.COUNTER if caller.staff_id else System.BATCH,
            organisation=caller.organisation,
            origin=code,
        )


def _consumer(row: Mapping[str, Any]) -> Consumer:
    flags = {name: row.get(name, False) for name in ("stopped", "abroad")}
    return Consumer(row["_id"], LocalizedText(row["zh"], row["en"]), **flags)


def _thumbprint(pem: str) -> str | None:
    if len(pem) > MAX_PEM:
        return None
    try:
        return thumbprint(PublicKey.of_pem(pem))
    except (InvalidKey, ValueError):
        return None
