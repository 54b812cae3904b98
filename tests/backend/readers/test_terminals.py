import asyncio

import pytest

from backend.app import House
from shared.clock import ManualClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.wire.enrolment import TerminalEnrolment
from tests.backend.actors import City, Terminal


@pytest.fixture
async def token(city: City) -> str:
    await city.venue()
    return await city.token()


async def test_a_terminal_enrols_and_pins_the_root_key(city: City, token: str) -> None:
    answer = await Terminal(city.client, city.clock).enrol(token)

    assert answer.status_code == 201
    enrolled = TerminalEnrolment.of_wire(answer.json())
    assert (enrolled.venue_number, enrolled.list_region) == (1, 360700)


async def test_the_same_token_and_key_again_get_the_same_answer(city: City, token: str) -> None:
    terminal = Terminal(city.client, city.clock)

    first = await terminal.enrol(token)
    again = await asyncio.gather(*(terminal.enrol(token) for _ in range(5)))

    assert {answer.text for answer in again} == {first.text}


async def test_of_many_keys_with_one_token_at_once_one_is_enrolled(
    city: City, house: House, token: str
) -> None:
    answers = await asyncio.gather(
        *(Terminal(city.client, city.clock).enrol(token) for _ in range(6))
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    problem = next(answer for answer in answers if answer.status_code == 409)
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "terminal_token_used"
    assert await house.store.database["terminals"].count_documents({"state": "ENROLLED"}) == 1


async def test_a_token_ends_after_a_day(city: City, clock: ManualClock, token: str) -> None:
    clock.advance(24 * 3600 + 1)

    answer = await Terminal(city.client, city.clock).enrol(token)

    assert (answer.status_code, answer.json()["code"]) == (403, "terminal_token_wrong")


@pytest.mark.feature("S111")
async def test_a_key_is_one_terminal_only(city: City, token: str) -> None:
    terminal = Terminal(city.client, city.clock)
    await terminal.enrol(token)

    answer = await terminal.enrol(await city.token())

    assert (answer.status_code, answer.json()["code"]) == (409, "terminal_key_in_use")


async def test_a_token_is_stored_as_a_keyed_hash(house: House, token: str) -> None:
    stored = await house.store.database["terminals"].find_one({})

    assert token not in str(stored)


@pytest.mark.parametrize(
    "changed",
    [
        {"public_key": "junk"},
        {"public_key": ""},
        {"public_key": "\ud800"},
        {"public_key": None},
        {"public_key": SoftwareKey.generate(Algorithm.ED25519).to_pem().decode()},
        {"name": ""},
        {"name": "a\u0000"},
        {"name": "x" * 65},
        {"name": {"$ne": None}},
        {"version": ["1"]},
        {"token": {"$gt": ""}},
        {"token": 7},
    ],
)
async def test_a_request_of_a_wrong_form_is_refused_and_the_token_stays_good(
    city: City, token: str, changed: dict[str, object]
) -> None:
    terminal = Terminal(city.client, city.clock)

    answer = await terminal.enrol(token, **changed)

    assert (answer.status_code, answer.json()["code"]) == (400, "terminal_form")
    assert (await terminal.enrol(token)).status_code == 201


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"[" * 100_000, b'{"a":"\xff"}'])
async def test_a_body_that_is_no_object_is_refused(city: City, body: bytes) -> None:
    answer = await Terminal(city.client, city.clock).send("POST", "/readers/v1/enrolments", body)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")
