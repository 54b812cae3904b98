"""Update codes 更新码: what was stopped in the last two days, for a reader without a network."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.cards.documents import Card
from backend.cards.lifecycle import ENDED, CardState
from backend.cards.policies import stored_policy
from backend.cards.policy import EcardAction
from backend.cards.status_list import LISTED
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.foundation.mongo import DESCENDING
from backend.foundation.refusals import Refusal, refusal
from backend.mandates.representing import codes_stopped
from shared.trust.list_update import ListUpdate, TooMany, encode_list_update
from shared.trust.status_list import device_number

COVERS = timedelta(hours=49)
"""The certificates' 48 hours, and one that their start is rounded down by."""
VALID = timedelta(hours=12)
_MOST_READ = 5000
_UNTIL = "devices.certified_until"
UPDATE_TOO_LARGE = refusal(
    "update_too_large",
    ("两天内停用的卡太多，一个码装不下。", "Too many cards were stopped for one code."),
    ("请用离线更新文件。", "Bring the lists by an update file."),
)


@dataclass(frozen=True, slots=True)
class UpdateCode:
    """The digits to be shown, until when they are taken, and how many phones found no room."""

    digits: str
    valid_until: datetime
    left_out: int


async def update_code(region: int, keys: Keys, now: datetime) -> UpdateCode | Refusal:
    """Return a signed update code: every card that was stopped, and the phones that fit beside."""
    issued_at = now.replace(microsecond=0)
    since, until = issued_at - COVERS, issued_at + VALID
    stopped = await _stopped_cards(region, since)
    if stopped is None:
        return UPDATE_TOO_LARGE
    phones = await _stopped_phones(region, since, now)

    def encoded(count: int) -> str | None:
        unbound = sorted(set(phones[:count]))
        update = ListUpdate(region, issued_at, until, since, *stopped, unbound)
        try:
            return encode_list_update(update, keys.lists, LIST_KEY_ID)
        except TooMany:
            return None

    if encoded(0) is None:
        return UPDATE_TOO_LARGE
    room = bisect_left(range(1, len(phones) + 1), True, key=lambda count: encoded(count) is None)
    digits = encoded(room)
    return UpdateCode(digits, until, len(phones) - room) if digits else UPDATE_TOO_LARGE


async def _stopped_cards(region: int, since: datetime) -> tuple[list[int], list[int]] | None:
    """Return the indexes ended and suspended, None where there are more than any code holds."""
    policy, _ = await stored_policy()
    stopped: dict[bool, set[int]] = {True: set(), False: set()}
    found = Card.get_pymongo_collection().find(
        {"changed_at": {"$gte": since}, "state": {"$in": list(LISTED)}, "region": region},
        {"card_index": 1, "state": 1},
        limit=_MOST_READ,
    )
    read = 0
    async for card in found:
        read += 1
        state = CardState(card["state"])
        if EcardAction.SHOW_CODE not in policy.allowed[state]:
            stopped[state in ENDED].add(card["card_index"])
    return None if read == _MOST_READ else (sorted(stopped[True]), sorted(stopped[False]))


async def _stopped_phones(region: int, since: datetime, now: datetime) -> list[int]:
    """Return the numbers of phones whose codes would still hold, as they go into a code.

    Codes of representatives, which somebody took back, come first, then phones, the newest first.
    """
    taken_back = [device_number(*one) for one in await codes_stopped(since, now)]
    found = Card.get_pymongo_collection().find(
        {"devices.unbound_at": {"$gte": since}, "region": region},
        {"card_index": 1, "devices.serial": 1, "devices.unbound_at": 1, _UNTIL: 1},
        sort=[("devices.unbound_at", DESCENDING)],
        limit=_MOST_READ,
    )
    unbound = [
        (device["unbound_at"], device_number(card["card_index"], device["serial"]))
        async for card in found
        for device in card["devices"]
        if device.get("unbound_at", since) > since and device.get("certified_until", now) > now
    ]
    return [*taken_back, *(number for _, number in sorted(unbound, reverse=True))]
