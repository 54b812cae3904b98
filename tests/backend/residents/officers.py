"""Two officers who merge records of one person."""

from dataclasses import dataclass
from typing import Any

from backend.app import House
from backend.foundation.access import Caller, Role
from backend.foundation.refusals import Refusal
from backend.residents.merging import MergeFacts, RecordMerging
from backend.residents.service import Residents
from shared.clock import ManualClock
from tests.backend.actors import REGION, id_number, new_key

FIRST = Caller(staff_id="stf_first", roles=frozenset({Role.OUTLET_CLERK}))
SECOND = Caller(staff_id="stf_second", roles=frozenset({Role.DEPARTMENT_OFFICER}))
WHY = "号码变更，核对户口本为同一人"


@dataclass
class Officers:
    """What the two do, one after the other."""

    house: House

    @property
    def merging(self) -> RecordMerging:
        return self.house.services[RecordMerging]

    async def proposed(self, kept: str, merged: str) -> str:
        done = await self.merging.propose(FIRST, new_key(), kept, merged, WHY)
        assert isinstance(done, MergeFacts), done
        return done.merge_id

    async def decided(self, merge_id: str, *, accept: bool = True) -> MergeFacts:
        done = await self.merging.decide(SECOND, new_key(), merge_id, WHY, accept=accept)
        assert isinstance(done, MergeFacts), done
        return done

    async def merged(self, kept: str, merged: str) -> str:
        return (await self.decided(await self.proposed(kept, merged))).merge_id

    async def unmerged(self, merge_id: str) -> None:
        done = await self.merging.propose_unmerge(FIRST, new_key(), merge_id, WHY)
        assert isinstance(done, MergeFacts), done
        await self.decided(merge_id)

    async def refused(self, kept: str, merged: str) -> str:
        """Return why a merge is not even proposed."""
        done = await self.merging.propose(FIRST, new_key(), kept, merged, WHY)
        assert isinstance(done, Refusal), done
        return done.code

    async def stored(self) -> dict[str, list[Any]]:
        """What a merge must not change for good: everything but its own row, the log and keys."""
        beside = {"record_merges", "audit_rows", "kept_answers", "sessions"}
        without = {"cards": {"facts": 0, "judged": 0}}  # that it was judged, not what
        database = self.house.store.database
        names = sorted(set(await database.list_collection_names()) - beside)
        return {
            name: await database[name].find({}, without.get(name)).sort("_id").to_list()
            for name in names
        }


async def leave_a_merge(house: House, clock: ManualClock, resident_id: str, sequence: str) -> None:
    """Have a merge of somebody's record declined: a row with every part."""
    number = id_number(sequence=sequence)
    other = await house.services[Residents].register(number, "钟小明", REGION, clock.now())
    assert not isinstance(other, Refusal)
    officers = Officers(house)
    await officers.decided(await officers.proposed(resident_id, other.resident_id), accept=False)
