"""What consumers tell of themselves, by numbered messages (S117): stop, resume, data deleted.

A partner that suspects its key was stolen stops its own calls; told out of order, the last word
still counts last. What was obtained under an agreement is to be deleted when it ends, and the
partner's word that it was stands in the log.
"""

from enum import StrEnum

from backend.foundation import audit
from backend.foundation.audit import Actor, ActorKind, Deed, System
from backend.foundation.inbox import Content, Inbox, Receipt
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.sharing.agreements import Agreements
from backend.sharing.consumers import Consumer
from backend.sharing.documents import DataConsumer
from backend.sharing.refusals import AGREEMENT_UNKNOWN
from shared.clock import Clock
from shared.identifiers import is_identifier
from shared.localized_text import LocalizedText


class MessageKind(StrEnum):
    """What a consumer may say."""

    STOP = "stop"
    RESUME = "resume"
    DATA_DELETED = "data_deleted"


_WORDS = {
    MessageKind.STOP: LocalizedText("要求停止自己的数据调用", "Stopped its own calls for data"),
    MessageKind.RESUME: LocalizedText("恢复自己的数据调用", "Resumed its own calls for data"),
    MessageKind.DATA_DELETED: LocalizedText(
        "告知已删除按协议取得的数据", "Said that data obtained under an agreement were deleted"
    ),
}


class ConsumerMessages:
    """Acts on what consumers say."""

    def __init__(self, inbox: Inbox, agreements: Agreements, clock: Clock) -> None:
        self._inbox = inbox
        self._agreements = agreements
        self._clock = clock

    async def take(
        self, consumer: Consumer, number: int, kind: MessageKind, agreement: str
    ) -> Receipt | Refusal:
        """Take a message of a consumer; `agreement` is empty where it is about none."""

        async def apply(content: Content, session: Session) -> Refusal | None:
            said = MessageKind(content["kind"])
            if said is MessageKind.DATA_DELETED and not await self._own(consumer, content):
                return AGREEMENT_UNKNOWN
            if said is not MessageKind.DATA_DELETED:
                await DataConsumer.get_pymongo_collection().update_one(
                    {"_id": consumer.code},
                    {"$set": {"stopped": said is MessageKind.STOP}},
                    session=session,
                )
            await audit.record(self._deed(consumer, said, content["agreement"]), session)
            return None

        content = {"kind": kind.value, "agreement": agreement}
        now = self._clock.now()
        return await self._inbox.take(consumer.code, number, content, now, apply)

    async def _own(self, consumer: Consumer, content: Content) -> bool:
        name = content["agreement"]
        known = await self._agreements.counting(name) if is_identifier(name) else None
        return known is not None and known.terms.consumer == consumer.code

    def _deed(self, consumer: Consumer, said: MessageKind, agreement: str) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=Actor(ActorKind.SYSTEM, consumer.code),
            action=f"sharing.consumer_{said.value}",
            words=_WORDS[said],
            system=System.EXCHANGE,
            organisation=consumer.organisation,
            origin=agreement,
        )
