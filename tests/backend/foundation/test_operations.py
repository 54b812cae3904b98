import json
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import _lru_cache_wrapper
from typing import Any

import httpx
import pytest
import strawberry
from strawberry.extensions import ParserCache, QueryDepthLimiter, ValidationCache
from strawberry.extensions.parser_cache import _get_parse_cache
from strawberry.extensions.validation_cache import _get_validate_cache

from backend.app import House, make_app
from backend.foundation.keys import Keys
from backend.foundation.operations import CACHED_DOCUMENTS, document_id, guarded_schema
from backend.foundation.problems import MALFORMED_BODY
from backend.residents.service import Residents
from backend.schema import Mutation, Query
from backend.settings import Environment, Settings
from shared.clock import ManualClock
from tests.backend.actors import City, Phone, document, id_number


@pytest.fixture
async def production(
    settings: Settings, house: House, keys: Keys, clock: ManualClock
) -> AsyncIterator[City]:
    app = make_app(replace(settings, environment=Environment.PRODUCTION), house, keys, clock)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://city") as client:
        yield City(client, house, clock)


async def _codes(city: City, query: str, **variables: Any) -> set[str]:
    answer = (await city.stranger().post(query, variables)).json()
    return {error["extensions"]["code"] for error in answer["errors"]}


def _misses(maxsize: int = CACHED_DOCUMENTS) -> tuple[int, int]:
    caches: tuple[Any, ...] = (_get_parse_cache(maxsize), _get_validate_cache(maxsize))
    assert all(isinstance(cache, _lru_cache_wrapper) for cache in caches)
    parsed, validated = (cache.cache_info().misses for cache in caches)
    return parsed, validated


async def test_a_repeated_document_is_parsed_and_validated_once(city: City) -> None:
    phone = await city.phone(await city.holder())
    query = document("Home") + "# a document nobody sent before\n"
    before = _misses()

    for _ in range(10):
        assert (await phone.post(query)).json()["data"]["card"]["__typename"] == "Card"

    parsed, validated = _misses()
    assert (parsed - before[0], validated - before[1]) == (1, 1)


async def test_the_documented_set_up_validates_every_time() -> None:
    """The control of the test above: it would notice rules that are made anew."""

    @strawberry.type
    class Query:
        one: int = 1

    schema = strawberry.Schema(
        Query,
        extensions=[
            lambda: QueryDepthLimiter(max_depth=8),
            lambda: ParserCache(maxsize=17),
            lambda: ValidationCache(maxsize=17),
        ],
    )
    for _ in range(10):
        await schema.execute("{ one }", root_value=Query())

    assert _misses(17) == (1, 10)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{" + "a{" * 9 + "b" + "}" * 10, "depth_limit"),
        ("{" + "a{" * 60 + "b" + "}" * 61, "depth_limit"),
        ("{" + " ".join(f"a{n}: serverTime" for n in range(16)) + "}", "aliases_limit"),
        (
            "{"
            + " ".join(f"a{n}: visits(first: 50) {{ nodes {{ id at }} }}" for n in range(14))
            + "}",
            "cost_limit",
        ),
        (
            "query($n: Int!) {"
            + " ".join(f"a{n}: visits(first: $n) {{ nodes {{ id at }} }}" for n in range(14))
            + "}",
            "cost_limit",
        ),
        (
            "{"
            + " ".join(
                f"a{n}: passes(first: 50) {{ ... on PassConnection {{ nodes {{ id left }} }} }}"
                for n in range(14)
            )
            + "}",
            "cost_limit",
        ),
        (
            # One page alone, with more below each pass than a page may cost.
            "{ passes(first: 50) { ... on PassConnection { nodes { id days { first last } lines"
            " { rule fen words { zh en } } blackouts { first last } goodAt { number capacity"
            " name { zh en } address { zh en } areas { code capacity name { zh en } } openings"
            " { start end lastEntry } openingCalendar { lastEntryMinutes version closures { first"
            " last why { zh en } } } position { latitude longitude } } } } } }",
            "cost_limit",
        ),
        (
            "{ passes { ... on PassConnection { nodes { goodAt { openingCalendar { seasons"
            " { week { monday { x { y { z } } } } } } } } } } }",
            "depth_limit",
        ),
        (
            "{ passes { ... on PassConnection { nodes {"
            + " ".join(f"a{n}: left" for n in range(16))
            + " } } } }",
            "aliases_limit",
        ),
        (
            "{" + " ".join(f"a{n}: passProducts {{ code }}" for n in range(16)) + "}",
            "aliases_limit",
        ),
    ],
)
async def test_what_asks_for_too_much_is_refused(city: City, query: str, code: str) -> None:
    assert code in await _codes(city, query, n=1)


async def test_what_the_app_asks_of_passes_is_within_the_limits(city: City) -> None:
    """The control: a whole page of passes, by the app's own document, is answered."""
    answer = (await city.stranger().post(document("Passes"), {"first": 50})).json()
    assert "errors" not in answer


async def test_the_default_page_counts_too(city: City) -> None:
    visit = "nodes { id at medium verdict venueName { zh en } laneName { zh en } reason { zh } }"
    query = "{" + " ".join(f"a{n}: visits {{ {visit} }}" for n in range(10)) + "}"

    assert await _codes(city, query) == {"cost_limit"}


async def test_limits_hold_through_fragments(city: City) -> None:
    deep = "".join(f"fragment F{n} on Query {{ x {{ ...F{n + 1} }} }} " for n in range(10))
    aliases = (
        "{ ...A } fragment A on Query {" + " ".join(f"a{n}: serverTime" for n in range(16)) + "}"
    )

    assert "depth_limit" in await _codes(city, "{ ...F0 } " + deep + "fragment F10 on Query { y }")
    assert "aliases_limit" in await _codes(city, aliases)


async def test_fragments_that_double_are_judged_at_once(city: City) -> None:
    """2 to the power of 60 selections: only judging each fragment once ever ends."""
    doubling = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    query = f"{{ ...F0 }} {doubling} fragment F60 on Query {{ a: serverTime }}"

    assert "aliases_limit" in await _codes(city, query)


async def test_a_cycle_of_fragments_is_refused(city: City) -> None:
    query = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"

    assert await _codes(city, query) == {"bad_operation"}


@pytest.mark.parametrize(
    "query", ["{ " + "serverTime " * 1001 + "}", "{" * 1000, "\u0000", "", "😀"]
)
async def test_a_document_that_is_too_long_or_none_is_refused(city: City, query: str) -> None:
    answer = await city.stranger().post(query)

    assert answer.status_code in {200, 400}
    assert "internal_error" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'"x"',
        b"null",
        b"[" * 100_000,
        b'{"query": 7}',
        b'{"query": {"$ne": 1}}',
        b'{"query": "{serverTime}", "variables": []}',
        b'{"query": "{serverTime}", "variables": "x"}',
        b'{"query": "{serverTime}", "operationName": {}}',
        b'{"query": "{serverTime}", "extensions": []}',
        b'{"extensions": {"persistedQuery": {"sha256Hash": {"$ne": 1}}}}',
        b'{"extensions": {"persistedQuery": 7}}',
        b'{"query": "\xff"}',
        b'[{"query": "{serverTime}"}]',
        b'{"query": "{serverTime}", "operationName": "Nobody"}',
    ],
)
async def test_a_body_of_another_form_is_refused(
    city: City, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    answer = await city.stranger().send("POST", "/graphql", body)

    content = answer.json()
    assert answer.status_code in {200, 400}
    assert answer.status_code == 400 or content["errors"]
    assert "internal_error" not in answer.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_failure_reaches_neither_the_caller_nor_the_log_in_words(
    city: City,
    house: House,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    phone = await city.phone(await city.holder())

    async def fail(*_: object) -> None:
        raise ValueError(f"cannot read {id_number()} of 钟小明")

    monkeypatch.setattr(house.services[Residents], "person", fail)
    answer = await phone.post(document("Home"))

    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "internal_error"
    assert set(error["extensions"]["text"]) == {"zh", "en"}
    [record] = [r for r in caplog.records if r.name == "yikatong.operations"]
    told = json.dumps(record.__dict__, default=str, ensure_ascii=False)
    assert "ValueError at" in told
    for text in (answer.text, told):
        assert id_number() not in text
        assert "钟小明" not in text


async def test_production_takes_the_apps_own_documents_only(production: City) -> None:
    phone = await production.phone(await production.holder())

    assert (await phone.ask("Home"))["card"]["maskedName"] == "钟*明"
    assert await _codes(production, "{ serverTime }") == {"operation_not_trusted"}
    assert await _codes(production, document("Home") + " ") == {"operation_not_trusted"}


async def _by_hash(phone: Phone, sha256: str) -> Any:
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256}}}
    return (await phone.send("POST", "/graphql", json.dumps(named).encode())).json()


async def test_a_document_can_be_named_by_its_hash(city: City, production: City) -> None:
    holder = await city.holder()
    for place in (city, production):
        phone = await place.phone(holder)
        found = await _by_hash(phone, document_id(document("Home")))
        assert found["data"]["card"]["__typename"] == "Card"
        unknown = await _by_hash(phone, "0" * 64)
        assert unknown["errors"][0]["extensions"]["code"] == "operation_not_trusted"


@pytest.mark.parametrize("field", ["__schema { types { name } }", '__type(name: "Card") { name }'])
async def test_introspection_is_for_development(city: City, production: City, field: str) -> None:
    assert "errors" not in (await city.stranger().post(f"{{ {field} }}")).json()
    assert await _codes(production, f"{{ {field} }}") == {"operation_not_trusted"}


async def test_production_would_refuse_introspection_also_in_a_trusted_document() -> None:
    query = "{ __schema { types { name } } }"
    trusted = {document_id(query): query}

    refused = await guarded_schema(Query, Mutation, trusted, frozenset(), production=True).execute(
        query
    )
    answered = await guarded_schema(
        Query, Mutation, trusted, frozenset(), production=False
    ).execute(query)

    assert refused.errors is not None
    assert "introspection" in refused.errors[0].message
    assert answered.errors is None


async def _named(city: City, name: str | None) -> dict[str, Any]:
    query = "query Time { serverTime } query Kind { __typename }"
    content = {"query": query} if name is None else {"query": query, "operationName": name}
    answer = await city.stranger().send("POST", "/graphql", json.dumps(content).encode())
    found: dict[str, Any] = answer.json()
    return found


async def test_among_several_operations_the_client_chooses(city: City) -> None:
    """As the specification wants it (GetOperation); none is done that nobody named."""
    assert (await _named(city, "Kind"))["data"] == {"__typename": "Query"}
    assert (await _named(city, "Time"))["data"].keys() == {"serverTime"}
    unnamed, other = await _named(city, None), await _named(city, "Other")
    assert unnamed.get("data") is None
    assert [e["extensions"]["code"] for e in unnamed["errors"]] == ["operation_name_needed"]
    assert (other.get("data"), other["code"]) == (None, MALFORMED_BODY.code)
    one = await city.stranger().send("POST", "/graphql", b'{"query": "query A { serverTime }"}')
    assert "errors" not in one.json(), "a single operation needs no name"


async def test_graphiql_is_for_development(city: City, production: City) -> None:
    browser = {"Accept": "text/html"}

    found = await city.client.get("/graphql", headers=browser)
    hidden = await production.client.get("/graphql", headers=browser)

    assert found.status_code == 200
    assert "graphiql" in found.text.lower()
    assert "graphiql" not in hidden.text.lower()
    assert hidden.status_code in {400, 404}


async def test_a_question_is_never_asked_by_get(city: City) -> None:
    answer = await city.client.get("/graphql", params={"query": "{ serverTime }"})

    assert answer.status_code == 400


async def test_a_form_post_is_refused(city: City) -> None:
    """A foreign page can send one without asking the browser's leave."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = await city.client.post(
            "/graphql", content=b'{"query":"{serverTime}"}', headers={"Content-Type": kind}
        )
        assert answer.status_code == 400
