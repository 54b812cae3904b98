"""Every field of the schema, asked by whoever should not get an answer.

The schema is walked, not listed: a field that is added tomorrow is asked too. Its arguments are
filled with what a stranger could know of the victim: ids, the citizen number, the phone. Who is
heard at a field at all is said and proven in `test_reach.py`: where the asker is not, one request
with the best guess shows that a refusal tells nothing; where they are, each thing known is tried.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLUnionType,
    build_schema,
)

from backend.foundation.access import Role
from backend.schema import SCHEMA_FILE
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, Holder, id_number, new_key
from tests.backend.test_reach import REACH, RESIDENT, STRANGER

SCHEMA = build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))
ROOTS = {"query": SCHEMA.query_type, "mutation": SCHEMA.mutation_type}
FIELDS = [(kind, name) for kind, root in ROOTS.items() if root is not None for name in root.fields]
SEQUENCE, NAME = "931", "欧阳清照"
PHONE, DEVICE_NAME = "13970700031", "清照的旧手机"
DEPTH = 6
_LOCKS_END = 1000  # seconds
_WRONG = "wrong password"
_NEW_KEY = re.compile(r'"idempotencyKey": "[^"]*"')
_PLAIN: dict[str, Any] = {
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "Date": "1988-03-12",
    "DateTime": "2026-01-01T00:00:00+00:00",
}


class Victim:
    """Whose data must not come back, and what others may know of them."""

    def __init__(self, holder: Holder, session: str) -> None:
        self.number = id_number(sequence=SEQUENCE)
        self.known = {
            "number": self.number,
            "login": self.number,
            "phone": PHONE,
            "name": NAME,
            "resident": holder.resident_id,
            "card": holder.card_id,
            "session": session,
        }
        # What would tell something of the person, masked or not. What the asker sent is no answer.
        self.secrets = {
            NAME, "欧**照", "欧阳*照", "清照", self.number[:4] + "*", self.number[-4:] + '"',
            "397****0031", "139****0031", DEVICE_NAME, f"D15600{SEQUENCE}", '"0931"',
        }  # fmt: skip


@pytest.fixture
async def victim(city: City, people: People) -> Victim:
    resident_id = await people.register(id_number(sequence=SEQUENCE), PHONE, NAME)
    await people.give_password(resident_id)
    holder = await people.card_of(resident_id, SEQUENCE)
    phone = await city.phone(holder)
    await phone.renew()
    device = Device(city.client, city.clock)
    await device.sign_in(id_number(sequence=SEQUENCE), device_name=DEVICE_NAME)
    return Victim(holder, device.session)


async def test_without_a_token(people: People, victim: Victim) -> None:
    async def sign_in() -> Device:
        return people.device()

    await _ask_everything(sign_in, victim, STRANGER)


async def test_with_another_residents_token(people: People, victim: Victim) -> None:
    number = await people.resident("941")

    async def sign_in() -> Device:
        people.city.clock.advance(_LOCKS_END)
        device = people.device()
        assert (await device.sign_in(number))["__typename"] == "SessionTokens"
        return device

    await _ask_everything(sign_in, victim, RESIDENT)


@pytest.mark.parametrize("role", [Role.VENUE_STAFF, Role.SYSTEM_ADMINISTRATOR, None])
async def test_with_a_role_that_has_nothing_to_do_with_residents(
    people: People, victim: Victim, role: Role | None
) -> None:
    staff = await people.staff("nosy.one", *([role] if role else []))

    async def sign_in() -> Device:
        people.city.clock.advance(_LOCKS_END)
        staff.device.access = None
        assert (await staff.sign_in())["__typename"] == "SessionTokens"
        return staff.device

    await _ask_everything(sign_in, victim, role)


async def test_the_victim_gets_what_the_others_do_not(people: People, victim: Victim) -> None:
    """The control: these secrets do come back, to the one they belong to."""
    device = people.device()
    await device.sign_in(victim.number)
    answer = await device.post(_query("query", "sessions"))

    assert DEVICE_NAME in json.dumps(answer.json(), ensure_ascii=False)


async def _ask_everything(
    sign_in: Callable[[], Awaitable[Device]], victim: Victim, who: str | None
) -> None:
    device = await sign_in()
    for kind, name in FIELDS:
        root = ROOTS[kind]
        assert root is not None
        for variables in islice(
            _different(root.fields[name], victim), None if who in REACH[name] else 1
        ):
            sent = json.dumps(variables, ensure_ascii=False)
            if _WRONG in sent:
                device = await sign_in()  # when the locks of earlier tries have ended
            answer = await device.post(_query(kind, name), variables)
            if answer.status_code == 401:  # the request before signed the asker out
                assert "data" not in answer.json()
                device = await sign_in()
                answer = await device.post(_query(kind, name), variables)
                assert answer.status_code != 401, name
            text = json.dumps(answer.json(), ensure_ascii=False)
            assert "internal_error" not in text, text
            assert "bad_operation" not in text, text
            told = [secret for secret in victim.secrets if secret in text and secret not in sent]
            assert not told, (told, text)


def _query(kind: str, name: str) -> str:
    root = ROOTS[kind]
    assert root is not None
    field = root.fields[name]
    declared = ", ".join(f"${one}: {argument.type}" for one, argument in field.args.items())
    passed = ", ".join(f"{one}: ${one}" for one in field.args)
    head = f"{kind} Ask({declared})" if declared else f"{kind} Ask"
    body = f"{name}({passed})" if passed else name
    return f"{head} {{ {body} {_selection(field.type)} }}"


def _selection(kind: GraphQLOutputType, depth: int = DEPTH) -> str:
    named = _named(kind)
    if isinstance(named, GraphQLUnionType):
        members = " ".join(f"... on {one.name} {_selection(one, depth)}" for one in named.types)
        return f"{{ __typename {members} }}"
    if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        fields = [
            f"{name} {_selection(field.type, depth - 1)}"
            for name, field in named.fields.items()
            if depth > 0 or isinstance(_named(field.type), GraphQLScalarType | GraphQLEnumType)
        ]
        return f"{{ {' '.join(fields)} }}"
    return ""


def _different(field: GraphQLField, victim: Victim) -> Iterator[dict[str, Any]]:
    """Yield the variables of each thing known; those that name none of them once."""
    seen = set()
    for known in victim.known.values():
        variables = _variables(field, victim, known)
        if (shape := _NEW_KEY.sub("", json.dumps(variables))) not in seen:
            seen.add(shape)
            yield variables


def _variables(field: GraphQLField, victim: Victim, known: str) -> dict[str, Any]:
    arguments: Iterator[tuple[str, GraphQLArgument]] = iter(field.args.items())
    return {name: _value(name, argument.type, victim, known) for name, argument in arguments}


def _value(name: str, kind: GraphQLInputType, victim: Victim, known: str) -> Any:
    """Return a value for an argument: what its name asks for, or else `known`."""
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if isinstance(kind, GraphQLList):
        return [_value(name, kind.of_type, victim, known)]
    if isinstance(kind, GraphQLInputObjectType):
        return {one: _value(one, field.type, victim, known) for one, field in kind.fields.items()}
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    return _PLAIN[kind.name] if kind.name in _PLAIN else _text(name, victim, known)


def _text(name: str, victim: Victim, known: str) -> str | None:
    if name == "idempotencyKey":
        return new_key()
    if name == "after":
        return None
    if "password" in name.lower() or name == "code":
        return _WRONG
    hints = [value for hint, value in victim.known.items() if hint in name.lower()]
    return hints[0] if hints and known == victim.number else known


def _named(kind: Any) -> Any:
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        kind = kind.of_type
    return kind
