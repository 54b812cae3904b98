"""Walks the committed schema: each field as a whole request, each of its texts by its place.

Nothing is listed by hand, so a field that is added tomorrow is attacked too.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    build_schema,
)

from backend.schema import SCHEMA_FILE
from tests.backend.accounts.actors import PASSWORD
from tests.backend.actors import new_key
from tests.backend.library.reading_room import CITY

SCHEMA = build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))
_TEXTS = {"String", "ID"}
_DEPTH = 6
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is true of one person, so that a request passes up to the value under test."""

    number: str
    phone: str
    resident_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One field of Query or Mutation as a whole request."""

    kind: str
    name: str
    field: GraphQLField

    @property
    def document(self) -> str:
        """The request's text, every argument a variable and every answer asked for."""
        declared = ", ".join(f"${name}: {one.type}" for name, one in self.field.args.items())
        passed = ", ".join(f"{name}: ${name}" for name in self.field.args)
        head, call = (f"({declared})", f"({passed})") if declared else ("", "")
        return f"{self.kind} Ask{head} {{ {self.name}{call} {_selection(self.field.type)} }}"

    def variables(self, known: Known) -> dict[str, Any]:
        """Return variables that are as right as can be without knowing the rules."""
        return {name: _value(name, one.type, known) for name, one in self.field.args.items()}

    def texts(self) -> Iterator[Path]:
        """Yield the place of each text in the variables."""
        for name, one in self.field.args.items():
            yield from _texts((name,), one.type)


def operations() -> list[Operation]:
    """Return every field of the schema's roots."""
    roots = {"query": SCHEMA.query_type, "mutation": SCHEMA.mutation_type}
    return [
        Operation(kind, name, field)
        for kind, root in roots.items()
        if root is not None
        for name, field in root.fields.items()
    ]


def put(variables: dict[str, Any], place: Path, value: Any) -> dict[str, Any]:
    """Return the variables with another value at one place."""
    changed = deepcopy(variables)
    inner = changed
    for name in place[:-1]:
        inner = inner[name][0] if isinstance(inner[name], list) else inner[name]
    inner[place[-1]] = [value] if isinstance(inner[place[-1]], list) else value
    return changed


def _selection(kind: Any, depth: int = _DEPTH) -> str:
    named = named_type(kind)
    if isinstance(named, GraphQLUnionType):
        members = " ".join(f"... on {one.name} {_selection(one, depth)}" for one in named.types)
        return f"{{ __typename {members} }}"
    if not isinstance(named, GraphQLObjectType):
        return ""
    fields = [
        f"{name} {_selection(field.type, depth - 1)}"
        for name, field in named.fields.items()
        if depth > 0 or isinstance(named_type(field.type), GraphQLScalarType | GraphQLEnumType)
    ]
    return f"{{ {' '.join(fields)} }}"


def _texts(place: Path, kind: Any) -> Iterator[Path]:
    named = named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        for name, field in named.fields.items():
            yield from _texts((*place, name), field.type)
    elif named.name in _TEXTS:
        yield place


def _value(name: str, kind: Any, known: Known) -> Any:
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if isinstance(kind, GraphQLList):
        return [_value(name, kind.of_type, known)]
    if isinstance(kind, GraphQLInputObjectType):
        return {one: _value(one, field.type, known) for one, field in kind.fields.items()}
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    plain: dict[str, Any] = {"Int": 1, "Float": 1.0, "Boolean": True, "Date": "1988-03-12"}
    plain |= {"DateTime": "2026-01-01T00:00:00+00:00"}
    texts = {
        "idempotencyKey": new_key(),
        "after": None,
        "subject": None,
        "login": known.number,
        "number": known.number,
        "phone": known.phone,
        "enrolmentCode": known.code,
        "library": CITY,
        "password": PASSWORD,
        "currentPassword": PASSWORD,
    }
    return plain.get(kind.name, texts.get(name, "text"))


def named_type(kind: Any) -> Any:
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        kind = kind.of_type
    return kind
