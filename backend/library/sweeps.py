"""What time does in the libraries: shelves are cleared, what was read is forgotten, leavers go.

Every step is a transaction of its own on what is due, found by an index; two sweeps at once do
nothing twice.
"""

from collections.abc import Mapping
from typing import Any

from backend.foundation import audit
from backend.foundation.kept_running import rounds
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
        done = 0
        for work in (self.clear_shelves, self.forget, self.see_leavers_off):
            while changed := await work():
                done += changed
        return done

    async def clear_shelves(self) -> int:
        """End holds that nobody came for; their copies go to the next."""
        now = self._clock.now()
        due = LibraryHold.get_pymongo_collection().find({"shelf_until": {"$lte": now}})
        return await self._end(await due.limit(AT_ONCE).to_list(), HoldState.EXPIRED, None)

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
        libraries = StoredLibrary.get_pymongo_collection()
        left = await libraries.find_one({"settled": False}, {"_id": 1})
        if left is None:
            return 0
        open_ = {"$in": sorted(OPEN_HOLDS)}
        to_it = {"pickup": left["_id"], "state": open_}
        holds = LibraryHold.get_pymongo_collection()
        found = await holds.find(to_it).limit(AT_ONCE).to_list()
        if found:
            return await self._end(found, HoldState.CANCELLED, LEFT)
        kept = {"home": left["_id"], "hold": {"$exists": True}}
        copies = LibraryCopy.get_pymongo_collection().find(kept, {"_id": 1, "hold": 1})
        rows = await copies.limit(AT_ONCE).to_list()
        if rows:
            return sum([await self._wait_again(row["_id"]) for row in rows])
        await self._cancel_hopeless(left["_id"])
        await libraries.update_one({"_id": left["_id"]}, {"$set": {"settled": True}})
        return 1

    async def _end(self, holds: list[dict[str, Any]], state: HoldState, why: str | None) -> int:
        now, done = self._clock.now(), 0
        for one in holds:

            async def act(session: Session, one: Row = one) -> Refusal | None:
                hold = await read_hold(one["_id"], session)
                refused = None if hold is None else await end_hold(hold, state, why, now, session)
                if refused is None:
                    deed = HOUSE.deed("library.hold_ended", one["resident_id"], now)
                    await audit.record(deed, session)
                return refused

            done += await audit.in_one_write(act) is None
        return done

    async def _wait_again(self, barcode: str) -> int:
        """Take a leaver's copy from the hold it was kept for, which waits on in its old place."""
        now = self._clock.now()

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

    async def _cancel_hopeless(self, code: str) -> None:
        """End holds on titles that no member has a copy of any more."""
        owned = await LibraryCopy.get_pymongo_collection().distinct("title", {"home": code})
        for title in owned:
            if await lendable(title):
                continue
            waiting = {"title": title, "state": HoldState.WAITING.value}
            found = await LibraryHold.get_pymongo_collection().find(waiting).to_list()
            await self._end(found, HoldState.CANCELLED, LEFT)


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
