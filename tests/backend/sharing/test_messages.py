"""Partners that send again, out of order, or with other words (S117): applied once, in order."""

import asyncio
import json
from itertools import permutations
from typing import Any

import pytest

from tests.backend.accounts.actors import People
from tests.backend.sharing.desk import NUMBER, SharingDesk, consumer_of
from tests.backend.test_indexes import EXPLAINED, _stages
from tests.support.store import Command

STORY = ((1, "stop"), (2, "resume"), (3, "stop"), (4, "resume"))


async def _tell(desk: SharingDesk, number: Any, kind: Any, **more: Any) -> Any:
    body = {"number": number, "kind": kind, **more}
    answer = await desk.consumer.send("POST", "/sharing/v1/messages", json.dumps(body).encode())
    return answer.json()


async def _applied(desk: SharingDesk) -> list[str]:
    rows = await desk.rows(action={"$in": ["sharing.consumer_stop", "sharing.consumer_resume"]})
    return [row["action"].removeprefix("sharing.consumer_") for row in rows]


@pytest.mark.feature("S117")
async def test_what_is_replayed_or_reordered_is_applied_once_and_in_order(
    desk: SharingDesk, people: People
) -> None:
    await people.register(NUMBER)
    agreement = await desk.in_force()
    database = people.city.house.store.database
    for order in list(permutations(STORY))[::5]:
        for number, kind in [one for one in order for _ in range(2)]:
            await _tell(desk, number, kind)
        assert await _applied(desk) == ["stop", "resume", "stop", "resume"], order
        assert (await desk.call(agreement)).status_code == 200
        for name in ("inbox_messages", "inbox_cursors", "audit_rows"):
            await database[name].delete_many({})


@pytest.mark.feature("S117")
async def test_all_at_once_and_twice_is_still_once_each(desk: SharingDesk) -> None:
    said = await asyncio.gather(*(_tell(desk, *one) for one in STORY * 2))

    assert await _applied(desk) == ["stop", "resume", "stop", "resume"]
    assert {one["number"] for one in said} == {1, 2, 3, 4}
    again = [await _tell(desk, *one) for one in STORY]
    assert {one["outcome"] for one in again} == {"applied"}
    assert {one["awaits"] for one in again} == {5}


@pytest.mark.feature("S117")
async def test_the_same_number_with_other_words_is_refused(
    desk: SharingDesk, people: People
) -> None:
    agreement = await desk.in_force()
    assert (await _tell(desk, 2, "resume")) == {"number": 2, "outcome": None, "awaits": 1}
    assert (await _tell(desk, 1, "stop"))["outcome"] == "applied"
    assert (await _tell(desk, 1, "resume"))["code"] == "message_altered"
    assert (await _tell(desk, 103, "stop"))["code"] == "message_too_early"
    assert (await _tell(desk, 3, "stop"))["awaits"] == 4
    assert await desk.refused(agreement) == "data_consumer_stopped"
    # What is refused by the rules holds up nothing that follows.
    unknown = await _tell(desk, 4, "data_deleted", agreement="shr_nosuch")
    assert unknown["outcome"] == "refused:sharing_agreement_unknown"
    told = await _tell(desk, 5, "data_deleted", agreement=agreement.agreement)
    assert told == {"number": 5, "outcome": "applied", "awaits": 6}
    # Another sender counts for itself.
    desk.consumer = consumer_of(people.city)
    assert (await _tell(desk, 1, "stop"))["code"] == "data_consumer_unknown"
    await desk.register(desk.consumer, "library")
    assert (await _tell(desk, 1, "stop"))["awaits"] == 2


async def test_messages_that_are_none(desk: SharingDesk) -> None:
    for number, kind in ((0, "stop"), (True, "stop"), ("1", "stop"), (2**40, "stop"), (1, "x")):
        assert (await _tell(desk, number, kind))["code"] == "consumer_message_form"
    assert (await _tell(desk, 1, "stop", agreement={"$ne": 1}))["code"] == "consumer_message_form"
    assert (await _tell(desk, 1, ["stop"]))["code"] == "consumer_message_form"


async def test_every_query_has_its_index(
    desk: SharingDesk, people: People, sent: list[Command]
) -> None:
    await _tell(desk, 2, "resume")
    await _tell(desk, 1, "stop")
    asked = list(sent)
    assert await _applied(desk) == ["stop", "resume"]
    for name, command in asked:
        if name in EXPLAINED:
            assert "COLLSCAN" not in await _stages(people.city.house, command), command
