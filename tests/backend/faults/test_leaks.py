"""The listener of the run hears what it should; that the run is clean, each test's end tells."""

import logging

import httpx
import pytest

from backend.foundation.logs import FIELDS
from tests.backend.actors import City, id_number
from tests.backend.faults.leaks import Leaks, listening

_LOG = logging.getLogger("yikatong.leaks")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"for {id_number(sequence='555')}.", "a valid citizen number"),
        ('{"to": "13970700099"}', "a phone"),
        ("+8613970700099", "a phone"),
    ],
)
def test_what_is_said_in_clear_is_heard(text: str, kind: str) -> None:
    leaks = Leaks()
    leaks.judge("here", text)

    assert leaks.found == [("here", kind)]


@pytest.mark.parametrize(
    "text",
    [
        "3****************0",
        "139****0099",
        "1397070009912",
        "2026-11-22T08:00:00Z",
        "a" + id_number(),
    ],
)
def test_what_is_masked_or_something_else_is_not(text: str) -> None:
    leaks = Leaks()
    leaks.judge("here", text)

    assert leaks.found == []


@pytest.mark.feature("L32")
async def test_a_log_line_or_an_address_that_tells_a_name_is_heard(
    city: City, leaks: Leaks
) -> None:
    with listening() as inner:
        await city.resident(id_number(sequence="556"), "苏洵然")
        _LOG.info("request", extra={FIELDS: {"who": "苏洵然"}})
        await city.client.get("/livez", params={"number": id_number(sequence="556")})

    kinds = {kind for _, kind in inner.found}
    assert ("log yikatong.leaks", "a sealed value") in inner.found
    assert "a valid citizen number" in kinds
    assert "苏洵然" not in repr(inner.found)
    assert leaks.found, "the listener of the run heard it too"
    leaks.found.clear()


@pytest.mark.parametrize(
    ("operation", "member", "heard"),
    [("revealResident", "value", False), ("revealResident", "other", True), ("me", "value", True)],
)
def test_only_what_is_declared_of_an_answer_is_told_by_design(
    operation: str, member: str, heard: bool
) -> None:
    leaks, request = Leaks(), httpx.Request("POST", "http://city/graphql")
    told = {"data": {operation: {"values": [{member: id_number(sequence="557")}]}}}
    leaks.judge_answer(request, httpx.Response(200, json=told))

    assert bool(leaks.found) == heard


def test_a_leak_beside_what_is_told_is_heard() -> None:
    leaks, request = Leaks(), httpx.Request("POST", "http://city/graphql")
    text = {"data": {"revealResident": None}, "errors": [{"message": id_number(sequence="558")}]}
    leaks.judge_answer(request, httpx.Response(200, json=text))

    assert leaks.found == [("answer revealResident", "a valid citizen number")]
