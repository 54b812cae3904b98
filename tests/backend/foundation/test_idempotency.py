import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime

import pytest

from backend.app import House
from backend.foundation.idempotency import Act, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal, refusal

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NO = refusal("no", ("不行", "No"), ("算了", "Leave it"))


@pytest.fixture
def book(house: House) -> Act:
    """An act that books a row and would book another each time it is done."""
    rows = house.store.database["once_rows"]

    async def act(session: Session) -> dict[str, str]:
        row = await rows.insert_one({"of": "act"}, session=session)
        return {"row": str(row.inserted_id)}

    return act


async def _rows(house: House) -> int:
    rows = house.store.database["once_rows"]
    count = await rows.count_documents({})
    await rows.delete_many({})
    return count


async def _perform(house: House, act: Act, *, key: str = "key-12345", content: str = "a") -> object:
    return await Once(house.store).perform(
        caller="jkt", key=key, request={"content": content}, now=NOW, act=act
    )


async def test_a_repeated_request_gets_the_first_answer(house: House, book: Act) -> None:
    first = await _perform(house, book)

    assert await _perform(house, book) == first
    assert await _rows(house) == 1


async def test_twenty_at_once_are_done_once__and_twenty_times_without_the_guard(
    house: House, book: Act
) -> None:
    answers = await asyncio.gather(*(_perform(house, book) for _ in range(20)))
    assert len({str(answer) for answer in answers}) == 1
    assert await _rows(house) == 1

    async def unguarded() -> None:
        async with house.store.client.start_session() as session:
            await book(session)

    await asyncio.gather(*(unguarded() for _ in range(20)))
    assert await _rows(house) == 20


async def test_the_same_key_with_other_content_is_refused(house: House, book: Act) -> None:
    await _perform(house, book)

    refused = await _perform(house, book, content="b")

    assert isinstance(refused, Refusal)
    assert refused.code == "idempotency_key_reused"
    assert await _rows(house) == 1


async def test_a_refusal_undoes_the_act_and_a_later_try_can_succeed(
    house: House, book: Act
) -> None:
    async def refuse(session: Session) -> Refusal:
        await book(session)
        return NO

    assert await _perform(house, refuse) == NO
    assert await _rows(house) == 0
    assert isinstance(await _perform(house, book), dict)
    assert await _rows(house) == 1


async def test_a_failure_undoes_the_act_and_keeps_no_answer(house: House, book: Act) -> None:
    async def fail(session: Session) -> Refusal:
        await book(session)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await _perform(house, fail)
    assert await _rows(house) == 0
    assert isinstance(await _perform(house, book), dict)
    assert await _rows(house) == 1


async def test_kept_answers_go_after_a_week(house: House) -> None:
    indexes = await house.store.database["kept_answers"].index_information()

    assert [i["expireAfterSeconds"] for i in indexes.values() if "expireAfterSeconds" in i] == [
        7 * 24 * 3600
    ]


@pytest.mark.parametrize("likely", ["it is so", "it is not so"])
async def test_what_was_answered_is_kept_whether_it_was_likely_or_not(
    house: House, likely: str
) -> None:
    async def act(_: Session) -> dict[str, str]:
        return {"told": "it is so"}

    async def never(_: Session) -> dict[str, str]:
        raise AssertionError("done twice")

    def ask(what: Act) -> Awaitable[object]:
        return Once(house.store).perform(
            caller="jkt",
            key="key-likely",
            request={},
            now=NOW,
            act=what,
            likely={"told": likely},
        )

    assert await ask(act) == {"told": "it is so"}
    assert await ask(never) == {"told": "it is so"}


async def test_a_refused_act_keeps_nothing_of_what_was_likely(house: House, book: Act) -> None:
    async def refuses(_: Session) -> Refusal:
        return NO

    once = Once(house.store)
    refused = await once.perform(
        caller="jkt",
        key="key-12345",
        request={"content": "a"},
        now=NOW,
        act=refuses,
        likely={"x": 1},
    )
    assert refused == NO

    assert "row" in str(await _perform(house, book))
    assert await _rows(house) == 1
