"""No query of closings and corrections reads a whole collection."""

from datetime import timedelta
from typing import Any

from backend.cards.lifecycle import CardEvent
from backend.foundation.access import Role
from backend.rights.closing_rules import LOOK_AGAIN
from backend.rights.closing_sweep import ClosingSweep
from tests.backend.accounts.actors import People
from tests.backend.actors import new_key
from tests.backend.rights.test_copies import somebody
from tests.backend.test_indexes import EXPLAINED, _stages


async def test_every_query_has_its_index(
    people: People, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    city = people.city
    leaver = await somebody(people, await city.terminal(), "901")
    other, clerk = await people.signed_in("902"), await people.staff("clerk", Role.OUTLET_CLERK)
    await clerk.sign_in()
    sent.clear()
    await other.ask("ClosingTerms")
    await other.do("RequestClosing", idempotencyKey=new_key())
    await other.do("WithdrawClosing", idempotencyKey=new_key())
    wish = {"field": "NAME", "value": "钟大海", "explanation": "x"}
    asked = await other.do("RequestCorrection", idempotencyKey=new_key(), **wish)
    case = {"id": asked["correction"]["id"]}
    page = (await other.ask("Corrections", first=1))["corrections"]
    await other.ask("Corrections", first=1, after=page["pageInfo"]["endCursor"])
    page = (await clerk.device.ask("CorrectionCases", first=1))["correctionCases"]
    assert page["pageInfo"]["hasNextPage"]
    await clerk.device.ask("CorrectionCases", first=1, after=page["pageInfo"]["endCursor"])
    yes = {**case, "accept": True, "reason": "已核对"}
    assert "correction" in await clerk.device.do(
        "DecideCorrection", idempotencyKey=new_key(), **yes
    )
    again = await other.do(
        "RequestCorrection", idempotencyKey=new_key(), **{**wish, "value": "钟小海"}
    )
    withdrawn = {"id": again["correction"]["id"]}
    await other.do("WithdrawCorrection", idempotencyKey=new_key(), **withdrawn)
    city.clock.advance(timedelta(days=15).total_seconds())
    sweep = city.house.services[ClosingSweep]
    assert await sweep.run() == 1
    city.clock.advance(LOOK_AGAIN.total_seconds())
    assert await sweep.run() == 0
    await city.served(leaver.holder, CardEvent.CANCEL)
    city.clock.advance(LOOK_AGAIN.total_seconds())
    assert await sweep.run() == 1

    asked_of_store = [(name, command) for name, command in list(sent) if name in EXPLAINED]
    plans = [
        (name, command[name], command, await _stages(city.house, command))
        for name, command in asked_of_store
    ]
    assert [plan[:3] for plan in plans if "COLLSCAN" in plan[3]] == []
    touched = {collection for _, collection, _, _ in plans}
    assert touched >= {
        *("closings", "corrections", "residents", "person_keys", "cards", "sessions", "accounts"),
        *("consent_receipts", "attestations", "household_members", "resident_events", "sms_codes"),
    }
