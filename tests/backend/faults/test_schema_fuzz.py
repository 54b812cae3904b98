"""Requests that a generator makes from the committed schema, against the real application.

The seed is fixed and the number of requests bounded; `make soak` sends many more.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from backend.schema import SCHEMA_FILE
from tests.backend.accounts.actors import Device, People
from tests.backend.faults.answers import judged
from tests.backend.faults.schema_walk import Known
from tests.backend.test_reach import PHONE, REACH, RESIDENT, STRANGER
from tests.support.soak import SOAK

pytestmark = pytest.mark.soak
LOADED = schemathesis.graphql.from_path(str(SCHEMA_FILE))
OPERATIONS = {
    found.ok().label: found.ok() for found in LOADED.get_all_operations() if isinstance(found, Ok)
}
EXAMPLES = 2_000 if SOAK else 5
UNHEARD_EXAMPLES = 2_000 if SOAK else 2  # a refusal before any rule reads the request
HEARD = {
    label for label in OPERATIONS if REACH[label.partition(".")[2]] & {STRANGER, PHONE, RESIDENT}
}
UNHEARD = [label for label in OPERATIONS if label not in HEARD]
# Who is refused before any rule changes nothing: those fields share their people, many by many.
GROUPS = {
    **{label: [label] for label in OPERATIONS if label in HEARD},
    **{f"unheard {first}": UNHEARD[first : first + 25] for first in range(0, len(UNHEARD), 25)},
}
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
# Refusals of a request that the schema allows and the rules do not; "bad_operation" is not among
# them: it would mean that what the schema promises is not understood.
UNDERSTOOD = {
    "cost_limit",
    "aliases_limit",
    "depth_limit",
    "page_size",
    "cursor_unknown",
    "not_permitted",
    "sign_in_needed",
    "proof_missing",
    # Of attendance: a month is a text, whose form the schema cannot say; the askers have no card.
    "attendance_month_form",
    "device_unknown",
}
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
async def run() -> Callable[[Awaitable[Any]], Any]:
    """Runs a coroutine on the tests' loop from a test that is none itself, as generators need."""
    return asyncio.get_running_loop().run_until_complete


def test_every_field_of_the_schema_is_asked() -> None:
    assert {"Query.visits", "Mutation.enrolDevice"} <= HEARD
    assert "Mutation.addStaff" in UNHEARD
    assert sorted(label for group in GROUPS.values() for label in group) == sorted(OPERATIONS)


@pytest.mark.parametrize("group", GROUPS)
def test_requests_made_from_the_schema(
    run: Callable[[Awaitable[Any]], Any], device: Device, people: People, known: Known, group: str
) -> None:
    askers = (device, people.device())
    for label in GROUPS[group]:
        _ask(run, askers, known, label)


def _ask(
    run: Callable[[Awaitable[Any]], Any], askers: tuple[Device, Device], known: Known, label: str
) -> None:
    @settings(BOUNDED, max_examples=EXAMPLES if label in HEARD else UNHEARD_EXAMPLES)
    @given(case=OPERATIONS[label].as_strategy(), who=st.sampled_from(range(len(askers))))
    def ask(case: schemathesis.Case[Any], who: int) -> None:
        asker = askers[who]
        answer = run(asker.post(str(case.body)))
        if answer.status_code == 401:  # the case before ended this session
            asker.access = None
            run(asker.sign_in(known.number))
        # The generator writes what the schema allows: all of it is understood.
        content = judged(answer)
        codes = [error["extensions"]["code"] for error in content.get("errors", [])]
        assert set(codes) <= UNDERSTOOD, (label, content)
        if not codes:  # the checks take a refusal that is ours for a failure
            case.validate_response(answer)

    ask()


def test_bodies_of_any_json(run: Callable[[Awaitable[Any]], Any], device: Device) -> None:
    @BOUNDED
    @given(
        _JSON
        | st.fixed_dictionaries(
            {"query": _JSON | st.just("{ serverTime }")},
            optional={"variables": _JSON, "operationName": _JSON, "extensions": _JSON},
        )
    )
    def ask(body: Any) -> None:
        judged(run(device.send("POST", "/graphql", json.dumps(body).encode())))

    ask()
