"""A mandate stopped at the moment of its use: of the two one is first, however they meet."""

import asyncio
import secrets

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow
from backend.foundation.refusals import Refusal
from backend.mandates.acting import Acting, MandateUses, record_act
from backend.mandates.deeds import of_caller
from backend.mandates.documents import Mandate, MandateNotice
from backend.mandates.reach import Delegable
from backend.mandates.rules import MandateState
from backend.mandates.scopes import Scope
from backend.mandates.service import Mandates
from shared.localized_text import LocalizedText
from tests.backend.actors import City, new_key
from tests.backend.mandates.family import GRANDMOTHER, Family
from tests.support.soak import SOAK

ROUNDS = 1_000 if SOAK else 50
LOOK = LocalizedText("查看了预约", "Looked at bookings")


async def _race(city: City, mandate: str, people: tuple[str, str], *, guarded: bool) -> str:
    """Use and stop at once; tell whether a use that began after the stop was done all the same."""
    principal, delegate = people
    await MandateNotice.find({"mandate": mandate}).delete()
    await Mandate.find({"_id": mandate}).set({"state": MandateState.ACTIVE, "ended": None})
    caller = Caller(resident_id=delegate, thumbprint="d", acting_for=mandate)
    acting = await city.house.services[MandateUses].acting(caller, Delegable(Scope.BOOK))
    assert isinstance(acting, Acting), acting
    stopped = asyncio.Event()

    async def stop() -> None:
        await asyncio.sleep(secrets.randbelow(4000) / 1e6)
        by = Caller(resident_id=principal, thumbprint="p")
        assert not isinstance(
            await city.house.services[Mandates].stop(by, new_key(), mandate), Refusal
        )
        stopped.set()

    async def use() -> str:
        if secrets.randbelow(4):
            await asyncio.sleep(secrets.randbelow(30_000) / 1e6)
        else:  # a busy machine may take any time to stop it: some uses surely begin afterwards
            await stopped.wait()
        late = stopped.is_set()
        deed = of_caller(None, "mandates.notices", principal, city.clock.now(), mandate=mandate)
        if guarded:
            done = await audit.in_one_write(lambda session: record_act(deed, acting, session))
            refused = done is not None
        else:  # as if the look before the act were enough
            await audit.in_one_write(lambda session: audit.record(deed, session))
            refused = False
        return "refused" if refused else "late" if late else "done"

    _, said = await asyncio.gather(stop(), use())
    stored = await Mandate.get(mandate)
    assert stored is not None
    assert stored.state is MandateState.ENDED
    return said


async def _look_race(city: City, mandate: str, people: tuple[str, str], *, guarded: bool) -> str:
    """Look and stop at once; tell whether a look that began after the stop was answered."""
    principal, delegate = people
    await MandateNotice.find({"mandate": mandate}).delete()
    await Mandate.find({"_id": mandate}).set({"state": MandateState.ACTIVE, "ended": None})
    uses = city.house.services[MandateUses]
    caller, stopped = Caller(resident_id=delegate, acting_for=mandate), asyncio.Event()
    before = await uses.acting(caller, Delegable(Scope.BOOK))

    async def stop() -> None:
        await asyncio.sleep(secrets.randbelow(4000) / 1e6)
        by = Caller(resident_id=principal, thumbprint="p")
        await city.house.services[Mandates].stop(by, new_key(), mandate)
        stopped.set()

    async def look() -> str:
        if secrets.randbelow(4):
            await asyncio.sleep(secrets.randbelow(30_000) / 1e6)
        else:
            await stopped.wait()
        late = stopped.is_set()
        # Unguarded, as if who may look were remembered from the request before.
        seen = await uses.acting(caller, Delegable(Scope.BOOK, LOOK)) if guarded else before
        return "refused" if isinstance(seen, Refusal) else "late" if late else "done"

    _, said = await asyncio.gather(stop(), look())
    return said


async def test_d7_d9_no_look_after_a_stop_and_with_a_remembered_check_there_would_be(
    city: City, family: Family
) -> None:
    """A read is checked in the write that records it: no look at the mandate goes before."""
    grandmother, daughter = await family.relative(GRANDMOTHER), await family.relative()
    mandate = await family.mandate(grandmother, daughter)
    people = (grandmother.resident_id, daughter.resident_id)

    said = [await _look_race(city, mandate, people, guarded=True) for _ in range(ROUNDS)]
    remembered = [await _look_race(city, mandate, people, guarded=False) for _ in range(ROUNDS)]

    assert "late" not in said
    assert {"refused", "done"} <= set(said)
    assert "late" in remembered
    seen = {"mandate": mandate, "action": "mandates.seen"}
    assert await AuditRow.find(seen).count() == said.count("done")  # a refused look leaves nothing


async def test_d7_no_use_after_a_stop_and_without_the_check_there_would_be(
    city: City, family: Family
) -> None:
    grandmother = await family.relative(GRANDMOTHER)
    daughter = await family.relative()
    mandate = await family.mandate(grandmother, daughter)
    people = (grandmother.resident_id, daughter.resident_id)

    said = [await _race(city, mandate, people, guarded=True) for _ in range(ROUNDS)]
    unguarded = [await _race(city, mandate, people, guarded=False) for _ in range(ROUNDS)]

    assert "late" not in said
    assert {"refused", "done"} <= set(said)  # they did meet in both orders
    assert "late" in unguarded
