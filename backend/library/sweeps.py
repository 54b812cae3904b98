"""What time does in the libraries: shelves are cleared, what was read is forgotten, leavers go.

Every step is a transaction of its own on what is due, found by an index; two sweeps at once do
nothing twice.
"""

from collections.abc import AsyncIterable, Mapping
from typing import Any

from backend.foundation import audit
from backend.foundation.kept_running import each, rounds
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.library.copies import lock_title, read_copy, release
from backend.library.deeds import HOUSE
from backend.library.documents import (
    LibraryCopy,
    LibraryFine,
    LibraryHold,
    LibraryLoan,
    LibraryPatron,
    StoredLibrary,
)
from backend.library.holds import end_hold, lendable, read_hold
from backend.library.loans import NOBODY
from backend.library.network import policy_in_force
from backend.library.rules import OPEN_HOLDS, HoldState
from shared.clock import Clock

SECONDS = 30.0
AT_ONCE = 200
LEFT = "library_left"
Row = Mapping[str, Any]


class LibrarySweeps:
    """Does what has become due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def keep_swept(self) -> None:
        """Sweep for ever; what fails is tried again."""
        await rounds(self.sweep, SECONDS)

    async def sweep(self) -> int:
        """Do all that is due now; return how many rows changed."""
        done = await self.clear_shelves()
        while forgotten := await self.forget():
            done += forgotten
        return done + await self.see_leavers_off()

    async def clear_shelves(self) -> int:
        """End holds that nobody came for; their copies go to the next."""
        now = self._clock.now()
        due = LibraryHold.get_pymongo_collection().find({"shelf_until": {"$lte": now}})
        return await self._end(due.batch_size(AT_ONCE), HoldState.EXPIRED, None)

    async def forget(self) -> int:
        """Forget whose the loans were that came back and the fines that are paid."""
        now, done = self._clock.now(), 0
        for document in (LibraryLoan, LibraryFine):
            rows = document.get_pymongo_collection()
            due = rows.find({"forget_at": {"$lte": now}}, {"resident_id": 1}).limit(AT_ONCE)
            found = await due.to_list()
            if not found:
                continue
            changed = await rows.update_many(
                {"_id": {"$in": [row["_id"] for row in found]}},
                {"$set": {"resident_id": NOBODY}, "$unset": {"forget_at": ""}},
            )
            done += changed.modified_count
            await _drop_left({row["resident_id"] for row in found})
        return done

    async def see_leavers_off(self) -> int:
        """Do what follows from a library's leaving: no hold is left that nobody can serve."""
        left = StoredLibrary.get_pymongo_collection().find({"settled": False}, {"_id": 1})
        return await each(left, self._see_off)

    async def _see_off(self, left: Row) -> int:
        """Settle what one library left behind; it is settled once nothing is."""
        holds = LibraryHold.get_pymongo_collection()
        to_it = {"pickup": left["_id"], "state": {"$in": sorted(OPEN_HOLDS)}}
        done = await self._end(holds.find(to_it), HoldState.CANCELLED, LEFT)
        copies = LibraryCopy.get_pymongo_collection()
        kept = {"home": left["_id"], "hold": {"$exists": True}}
        done += await each(copies.find(kept, {"_id": 1}), self._wait_again)
        if await holds.find_one(to_it, {"_id": 1}) or await copies.find_one(kept, {"_id": 1}):
            return done
        if not await self._cancel_hopeless(left["_id"]):
            return done
        settled = {"$set": {"settled": True}}
        await StoredLibrary.get_pymongo_collection().update_one({"_id": left["_id"]}, settled)
        return done + 1

    async def _end(self, holds: AsyncIterable[Row], state: HoldState, why: str | None) -> int:
        """End holds, each by itself; return how many ended."""
        now = self._clock.now()

        async def one(found: Row) -> int:
            async def act(session: Session) -> Refusal | None:
                hold = await read_hold(found["_id"], session)
                refused = None if hold is None else await end_hold(hold, state, why, now, session)
                if refused is None:
                    deed = HOUSE.deed("library.hold_ended", found["resident_id"], now)
                    await audit.record(deed, session)
                return refused

            return await audit.in_one_write(act) is None

        return await each(holds, one)

    async def _wait_again(self, row: Row) -> int:
        """Take a leaver's copy from the hold it was kept for, which waits on in its old place."""
        now, barcode = self._clock.now(), row["_id"]

        async def act(session: Session) -> int:
            copy = await read_copy(barcode, session)
            if copy is None or copy.get("hold") is None:
                return 0
            await lock_title(copy["title"], session)
            await LibraryHold.get_pymongo_collection().update_one(
                {"_id": copy["hold"], "state": {"$in": sorted(OPEN_HOLDS)}},
                {
                    "$set": {"state": HoldState.WAITING.value, "changed_at": now},
                    "$unset": {"copy_id": "", "shelf_until": ""},
                },
                session=session,
            )
            await release(copy, await policy_in_force(session), now, session)
            return 1

        return await audit.in_one_write(act)

    async def _cancel_hopeless(self, code: str) -> bool:
        """End holds on titles that no member has a copy of any more; tell whether none is left."""
        holds = LibraryHold.get_pymongo_collection()
        owned = await LibraryCopy.get_pymongo_collection().distinct("title", {"home": code})
        hopeless = [title for title in owned if not await lendable(title)]
        waiting = {"title": {"$in": hopeless}, "state": HoldState.WAITING.value}
        await self._end(holds.find(waiting), HoldState.CANCELLED, LEFT)
        return await holds.find_one(waiting, {"_id": 1}) is None


async def _drop_left(residents: set[str]) -> None:
    """Delete readers who closed their account, once nothing is out or owed any more."""
    await LibraryPatron.get_pymongo_collection().delete_many(
        {
            "resident_id": {"$in": sorted(residents)},
            "leaving": True,
            "open_loans": {"$lte": 0},
            "owed_fen": {"$lte": 0},
        }
    )
