"""How often something may be tried: counted in the store before each try is looked at.

Counting first means that tries sent side by side (many requests, many aliases of one operation)
are counted each. What is counted stands as a keyed hash: neither login names nor addresses do.
"""

import ipaddress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.accounts.documents import Tries
from backend.accounts.rules import RESEND_AFTER, Locked
from backend.figures import AccountPolicy
from backend.foundation.mongo import DuplicateKeyError, ReturnDocument, Session
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from shared.clock import Clock

# What tries are counted for.
PASSWORD, PASSWORD_CHANGE, STAFF = "password", "password_change", "staff"
REGISTRATION, PHONE_CHANGE = "registration", "phone_change"
_ADDRESS = "address"
_HOUR = 3600
_IPV6_SITE_BITS = 64  # what one household or phone gets; it may use any address in it


class TryLimits:
    """Takes and gives back tries."""

    def __init__(self, sealer: Sealer, policy: AccountPolicy, clock: Clock) -> None:
        self._sealer = sealer
        self._policy = policy
        self._clock = clock

    async def of_account(self, purpose: str, name: str) -> Refusal | None:
        """Count one try to prove to be `name`, known or not."""
        locked = await self.take(purpose, name, self._policy.tries, self._policy.lock_seconds)
        if locked is None:
            return None
        return locked.refusal(
            "sign_in_locked",
            "输错次数过多，已暂时锁定。",
            "There were too many wrong tries; it is locked for a while.",
        )

    async def of_address(self, address: str) -> Refusal | None:
        """Count one try from a network address; right ones are given back."""
        locked = await self.take(
            _ADDRESS,
            address_of(address),
            self._policy.address_tries,
            self._policy.address_lock_seconds,
        )
        if locked is None:
            return None
        return locked.refusal(
            "address_locked",
            "这个网络地址的尝试次数过多。",
            "There were too many tries from this network address.",
        )

    async def of_messages(self, phone: str) -> Refusal | None:
        """Count one message to a phone: one a minute, a few an hour."""
        minute = int(RESEND_AFTER.total_seconds())
        locked = await self.take("sms_minute", phone, 1, minute)
        locked = locked or await self.take("sms_hour", phone, self._policy.sms_per_hour, _HOUR)
        if locked is None:
            return None
        return locked.refusal(
            "sms_too_often", "验证码获取过于频繁。", "Codes were asked for too often."
        )

    async def of_reads(self, staff_id: str) -> Refusal | None:
        """Count one read of a resident by a member of staff, in the present hour of the clock."""
        hour = int(self._clock.now().timestamp()) // _HOUR
        locked = await self.take(
            "reads", f"{staff_id}\0{hour}", self._policy.staff_reads_per_hour, _HOUR
        )
        if locked is None:
            return None
        return replace(locked, until=datetime.fromtimestamp((hour + 1) * _HOUR, UTC)).refusal(
            "reads_too_many",
            "本小时查询居民信息的次数已达上限。",
            "You have read as many residents' data as one may in an hour.",
        )

    async def take(self, purpose: str, value: str, limit: int, seconds: int) -> Locked | None:
        """Count one try of `value`; return the lock where it was one too many.

        After `limit` tries, less than `seconds` apart, the next is refused until `seconds` after
        the last that was let through. Refused tries do not make the lock longer.
        """
        now = self._clock.now()
        counted = {"$cond": [{"$gt": ["$until", now]}, {"$add": ["$taken", 1]}, 1]}
        until = now + timedelta(seconds=seconds)
        change: list[dict[str, Any]] = [
            {"$set": {"taken": counted}},
            {"$set": {"until": {"$cond": [{"$lte": ["$taken", limit]}, until, "$until"]}}},
        ]
        count, ends = await self._count(self._id(purpose, value), change)
        return Locked(ends) if count > limit else None

    async def forget(self, purpose: str, name: str, session: Session | None = None) -> None:
        """Forget the tries of `name`: the last one was right, or somebody lifts the lock."""
        await Tries.get_pymongo_collection().delete_one(
            {"_id": self._id(purpose, name)}, session=session
        )

    async def was_right(self, purpose: str, name: str, address: str) -> None:
        """Forget the tries of `name` and give one back to the address, by one command."""
        named, gone = self._id(purpose, name), self._id(_ADDRESS, address_of(address))
        less = {"$max": [0, {"$subtract": ["$taken", 1]}]}
        taken = {"$cond": [{"$eq": ["$_id", named]}, 0, less]}
        await Tries.get_pymongo_collection().update_many(
            {"_id": {"$in": [named, gone]}}, [{"$set": {"taken": taken}}]
        )

    async def give_back(self, address: str) -> None:
        """Count one try of an address less: it was right."""
        await Tries.get_pymongo_collection().update_one(
            {"_id": self._id(_ADDRESS, address_of(address)), "taken": {"$gt": 0}},
            {"$inc": {"taken": -1}},
        )

    async def _count(self, tries_id: str, change: list[dict[str, Any]]) -> tuple[int, datetime]:
        while True:
            try:
                found = await Tries.get_pymongo_collection().find_one_and_update(
                    {"_id": tries_id}, change, upsert=True, return_document=ReturnDocument.AFTER
                )
            except DuplicateKeyError:
                continue  # two first tries at once: the other one made the document
            if found is not None:
                return int(found["taken"]), found["until"]

    def _id(self, purpose: str, value: str) -> str:
        return self._sealer.blind_index(value, purpose=f"accounts.tries.{purpose}").hex()


def address_of(text: str) -> str:
    """Return what stands for a client's address: its site, where it is IPv6."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address), _IPV6_SITE_BITS), strict=False))
