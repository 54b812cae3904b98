"""Update codes 更新码: what was stopped in the last two days, for a reader without a network."""

from datetime import datetime, timedelta

from backend.cards.documents import Card
from backend.cards.lifecycle import ENDED, CardState
from backend.cards.policies import stored_policy
from backend.cards.policy import EcardAction
from backend.cards.status_list import LISTED
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.foundation.refusals import Refusal, refusal
from shared.trust.list_update import ListUpdate, TooMany, encode_list_update

COVERS = timedelta(hours=49)
"""The certificates' 48 hours, and one that their start is rounded down by."""
VALID = timedelta(hours=12)
_MOST_READ = 5000
UPDATE_TOO_LARGE = refusal(
    "update_too_large",
    ("两天内停用的卡太多，一个码装不下。", "Too many cards were stopped for one code."),
    ("请用离线更新文件。", "Bring the lists by an update file."),
)


async def update_code(region: int, keys: Keys, now: datetime) -> str | Refusal:
    """Return the digits of a signed update code."""
    policy, _ = await stored_policy()
    issued_at = now.replace(microsecond=0)
    since = issued_at - COVERS
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
    if read == _MOST_READ:
        return UPDATE_TOO_LARGE
    update = ListUpdate(
        region, issued_at, issued_at + VALID, since, sorted(stopped[True]), sorted(stopped[False])
    )
    try:
        return encode_list_update(update, keys.lists, LIST_KEY_ID)
    except TooMany:
        return UPDATE_TOO_LARGE
