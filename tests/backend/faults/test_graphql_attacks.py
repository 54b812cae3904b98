"""One request that wants to be many, or more than a request: multiplied, deep, huge, ambiguous."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from backend.app import House, make_app
from backend.foundation.keys import Keys
from backend.settings import Environment, Settings
from shared.clock import ManualClock
from tests.backend.accounts.actors import PASSWORD, Device, People
from tests.backend.actors import City, document, new_key
from tests.backend.faults.answers import judged
from tests.backend.faults.schema_walk import Known, operations

WRONG_CODE = "0000000001"


@pytest.fixture
async def production(
    settings: Settings, house: House, keys: Keys, clock: ManualClock
) -> AsyncIterator[City]:
    app = make_app(replace(settings, environment=Environment.PRODUCTION), house, keys, clock)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://city") as client:
        yield City(client, house, clock)


def _aliases(field: str, inputs: list[str]) -> str:
    answer = "{ __typename ... on Refusal { code } }"
    fields = " ".join(f"a{n}: {field}(input: {one}) {answer}" for n, one in enumerate(inputs))
    return f"mutation {{ {fields} }}"


def _codes(content: dict[str, Any]) -> Counter[str]:
    members = (content.get("data") or {}).values()
    return Counter(member.get("code", member["__typename"]) for member in members)


def _enrolment(code: str) -> str:
    return f'{{idempotencyKey: "{new_key()}", enrolmentCode: "{code}", deviceName: "x"}}'


async def test_aliases_do_not_multiply_tries_of_activation_codes(
    people: People, known: Known
) -> None:
    """The right code stands last: by then there are no tries left."""
    stranger = people.device()
    inputs = [_enrolment(f"{n:010}") for n in range(14)] + [_enrolment(known.code)]

    codes = _codes(judged(await stranger.post(_aliases("enrolDevice", inputs))))

    assert codes == {"enrolment_code_wrong": 5, "too_many_tries": 10}


async def test_requests_side_by_side_do_not_multiply_tries_of_activation_codes(
    people: People, known: Known
) -> None:
    wishes = [
        people.device().post(_aliases("enrolDevice", [_enrolment(f"{n:010}")])) for n in range(30)
    ]
    answers = [_codes(judged(answer)) for answer in await asyncio.gather(*wishes)]

    looked_at = sum(answer["enrolment_code_wrong"] for answer in answers)
    assert looked_at <= 5, "more codes were looked at than the limit"
    last = _codes(
        judged(await people.device().post(_aliases("enrolDevice", [_enrolment(known.code)])))
    )
    assert last == {"too_many_tries": 1}


async def test_aliases_do_not_multiply_tries_of_sms_codes(people: People, known: Known) -> None:
    device = people.device()
    await device.do("RequestSmsCode", phone=known.phone)
    [text] = [text for text in await people.inbox() if "Code" in text]
    code = text.partition("验证码")[2][:6]
    assert code.isdigit(), text
    wrong = [f"{(int(code) + n) % 10**6:06}" for n in range(1, 15)]
    inputs = [
        f'{{idempotencyKey: "{new_key()}", phone: "{known.phone}", code: "{one}", deviceName: "x"}}'
        for one in (*wrong, code)
    ]

    codes = _codes(judged(await device.post(_aliases("signInWithSms", inputs))))

    assert "SessionTokens" not in codes
    assert sum(codes.values()) == 15


async def test_fields_of_one_name_with_other_arguments_are_no_way_round(people: People) -> None:
    """Without aliases two tries cannot stand in one operation."""
    two = " ".join(
        f'signInWithPassword(input: {{idempotencyKey: "{new_key()}", login: "a", '
        f'password: "{n}", deviceName: "x"}}) {{ __typename }}'
        for n in range(2)
    )
    content = judged(await people.device().post(f"mutation {{ {two} }}"))

    assert {e["extensions"]["code"] for e in content["errors"]} == {"bad_operation"}
    assert content.get("data") is None


async def test_several_operations_in_one_document_run_one(people: People, known: Known) -> None:
    wish = (
        f'idempotencyKey: "{new_key()}", login: "{known.number}", password: "no", deviceName: "x"'
    )
    many = " ".join(
        f"mutation M{n} {{ signInWithPassword(input: {{{wish}}}) {{ __typename }} }}"
        for n in range(10)
    )
    content = judged(await people.device().post(many))

    assert len(content.get("data") or {}) <= 1
    tries = people.city.house.store.database["sign_in_tries"]
    assert max([row["taken"] async for row in tries.find()], default=0) <= 1


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("{" + "sessions{... on DeviceSessions{nodes{" * 200 + "id", id="deep"),
        pytest.param("[" * 5_000, id="brackets"),
        pytest.param('{ visits(after: ' + "[" * 900 + ") { nodes { id } } }", id="deep list"),
        pytest.param('{ visits(after: "' + "\\u0000" * 50_000 + '") { nodes { id } } }', id="nul"),
        pytest.param("{ serverTime " + "@skip(if: false) " * 150 + "}", id="directives"),
        pytest.param("{ serverTime " + "@x " * 450 + "}", id="unknown directives"),
        pytest.param("#" * 500_000 + "\n{ serverTime }", id="a long remark"),
        pytest.param(" " * 900_000 + "{ serverTime }", id="blanks"),
        pytest.param(
            "{" + "...F0 " * 200 + "}"
            + "".join(f"fragment F{n} on Query {{ ...F{n + 1} }} " for n in range(60))
            + "fragment F60 on Query { serverTime }",
            id="chained fragments",
        ),
        pytest.param("query(" + "".join(f"$v{n}: Int " for n in range(300)) + ") { serverTime }",
                     id="variables"),
        pytest.param("{ " + "serverTime " * 480 + "}", id="the same again"),
        pytest.param("{ a: " + "x" * 200_000 + " }", id="a long name"),
        pytest.param(
            "query " + "x" * 500_000 + "(" + "".join(f"$v{n}: Int " for n in range(150))
            + ") { serverTime }",
            id="a long name in each error",
        ),
    ],
)  # fmt: skip
async def test_a_document_that_is_a_bomb_is_answered_soon(people: People, query: str) -> None:
    started = asyncio.get_running_loop().time()

    content = judged(await people.device().post(query))

    assert asyncio.get_running_loop().time() - started < 3
    assert len(json.dumps(content)) < 60_000, "a short question got a long answer"


@pytest.mark.parametrize(
    "variables",
    [
        {"first": 10**400},
        {"first": 1e308},
        {"first": -(2**31) - 1},
        {"first": [[[[1]]]]},
        {"first": {"$gt": 0}},
        {"after": ["x"] * 50_000},
        {"after": "x" * 900_000},
        {f"v{n}": n for n in range(20_000)},
        {"first": 5, "after": None, "__proto__": {"x": 1}, "": {}},
    ],
    ids=lambda variables: repr(variables)[:30],
)
async def test_huge_and_odd_variables(device: Device, variables: dict[str, Any]) -> None:
    content = judged(await device.post(document("Visits"), variables))

    assert "x" * 100 not in json.dumps(content), "the answer repeats what was sent"
    assert len(json.dumps(content)) < 5_000


async def test_a_body_over_the_limit_is_refused(device: Device) -> None:
    for size in (1_000_001, 5_000_000):
        answer = await device.send("POST", "/graphql", b'{"query": "' + b"x" * size + b'"}')
        assert judged(answer)["code"] == "body_too_large"
        assert answer.status_code == 413


async def test_of_a_name_twice_the_proof_covers_what_is_run(people: People, known: Known) -> None:
    """A key twice has one meaning, and the body's hash in the proof covers both."""
    query = json.dumps(document("SignInWithPassword"))
    first, second = (
        json.dumps(
            {"idempotencyKey": new_key(), "login": known.number, "password": p, "deviceName": "x"}
        )
        for p in ("wrong password", PASSWORD)
    )
    body = f'{{"query": {query}, "variables": {{"input": {first}, "input": {second}}}}}'
    content = judged(await people.device().send("POST", "/graphql", body.encode()))
    assert content["data"]["signInWithPassword"]["__typename"] == "SessionTokens"

    twice = '{"query": "{ serverTime }", "query": "{ __schema { types { name } } }"}'
    judged(await people.device().send("POST", "/graphql", twice.encode()))


async def test_a_field_of_an_input_twice_is_refused(device: Device) -> None:
    query = (
        f'mutation {{ suspendCard(input: {{idempotencyKey: "{new_key()}", '
        f'idempotencyKey: "{new_key()}"}}) {{ __typename }} }}'
    )
    content = judged(await device.post(query))

    assert content["errors"][0]["extensions"]["code"] == "bad_operation"
    assert content.get("data") is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_only_a_post_is_a_question(device: Device, method: str) -> None:
    query = "mutation { signOut { __typename } }"
    for path in ("/graphql", "/graphql/"):
        answer = await device.client.request(method, path, params={"query": query})
        assert answer.status_code in {200, 204, 400, 404, 405}
        assert "SessionEnded" not in answer.text
        if answer.status_code == 200:
            assert method in {"GET", "HEAD", "OPTIONS"}
    assert (await device.ask("Sessions"))["sessions"]["__typename"] == "DeviceSessions"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/plain;application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/graphql",
        "text/plain; x=application/json",
        "",
        "\xff",
    ],
)
async def test_another_content_type_is_refused(device: Device, kind: str) -> None:
    body = b'{"query": "mutation { signOut { __typename } }"}'
    plain = await device.client.post(
        "/graphql", content=body, headers={b"Content-Type": kind.encode("latin-1")}
    )

    assert plain.status_code in {400, 415}
    judged(plain)


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-16", "application/json; charset=x"]
)
async def test_a_charset_of_their_own_changes_nothing(people: People, kind: str) -> None:
    for text in ("utf-8", "utf-16"):
        body = '{"query": "{ serverTime }"}'.encode(text)
        judged(
            await people.city.client.post("/graphql", content=body, headers={"Content-Type": kind})
        )


async def test_a_body_packed_small_is_not_unpacked(people: People) -> None:
    answer = await people.city.client.post(
        "/graphql",
        content=b"\x1f\x8b" + b"\0" * 100,
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )

    assert judged(answer)["code"] == "malformed_body"


async def test_production_tells_nothing_of_its_schema(production: City) -> None:
    stranger = production.stranger()
    for query in (
        "{ __schema { types { name } } }",
        '{ a: __type(name: "Card") { fields { name } } }',
        "{ ...F } fragment F on Query { __schema { queryType { name } } }",
        "{ serverTim }",
        "mutation { signInWithPasword { __typename } }",
        *(operation.document for operation in operations()),
    ):
        content = judged(await stranger.post(query))
        assert content.get("data") is None
        assert {e["extensions"]["code"] for e in content["errors"]} == {"operation_not_trusted"}
        assert "Did you mean" not in json.dumps(content)
    batch = json.dumps([{"query": document("Home")}] * 3).encode()
    assert (await stranger.send("POST", "/graphql", batch)).status_code == 400
