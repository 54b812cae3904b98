"""An access token at the door: every request that carries one must hold, or is turned away."""

from typing import Any

import httpx
import pytest

from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.wire.request_proof import sign_request
from tests.backend.accounts.actors import Device, People, body_of
from tests.backend.actors import JSON, City, document

QUERY = body_of(document("Sessions"), {})


async def _send(device: Device, **headers: str | None) -> httpx.Response:
    proof = sign_request(device.key, "POST", "/graphql", QUERY, device.clock.now())
    sent: dict[str, Any] = {**JSON, "DPoP": proof, "Authorization": f"DPoP {device.access}"}
    for name, value in headers.items():
        sent.pop(name)
        if value is not None:
            sent[name] = value
    return await device.client.post("/graphql", content=QUERY, headers=sent)


@pytest.fixture
async def device(city: City) -> Device:
    return await People(city).signed_in()


def _nodes(answer: httpx.Response) -> Any:
    return answer.json()["data"]["sessions"].get("nodes")


async def test_with_token_and_key_the_caller_is_known(device: Device) -> None:
    assert len(_nodes(await _send(device))) == 1


async def test_without_a_token_nobody_is_signed_in(device: Device) -> None:
    answer = await _send(device, Authorization=None)

    assert answer.json()["data"]["sessions"]["code"] == "sign_in_needed"


async def test_a_token_without_a_proof(device: Device) -> None:
    answer = await _send(device, DPoP=None)

    assert (answer.status_code, answer.json()["code"]) == (401, "proof_missing")


async def test_a_stolen_token_does_not_work_with_the_thiefs_key(device: Device) -> None:
    thief = SoftwareKey.generate(Algorithm.ED25519)
    proof = sign_request(thief, "POST", "/graphql", QUERY, device.clock.now())

    answer = await _send(device, DPoP=proof)

    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_a_captured_proof_does_not_carry_another_request(device: Device) -> None:
    body = body_of("mutation { signOut { __typename } }", {})
    proof = sign_request(device.key, "POST", "/graphql", QUERY, device.clock.now())
    headers = {**JSON, "DPoP": proof, "Authorization": f"DPoP {device.access}"}

    answer = await device.client.post("/graphql", content=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "proof_invalid")
    assert len(_nodes(await _send(device))) == 1


async def test_a_captured_request_is_refused_a_minute_later(device: Device) -> None:
    proof = sign_request(device.key, "POST", "/graphql", QUERY, device.clock.now())
    device.clock.advance(61)

    answer = await _send(device, DPoP=proof)

    assert (answer.status_code, answer.json()["code"]) == (401, "clock_off")


async def test_a_token_ends_after_ten_minutes(device: Device) -> None:
    device.clock.advance(599)
    assert len(_nodes(await _send(device))) == 1
    device.clock.advance(1)

    answer = await _send(device)

    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


@pytest.mark.parametrize(
    "header",
    ["", "DPoP", "DPoP ", "dpop x", "Bearer {}", "Basic eDp5", "{}", "DPoP {} x", "DPoP DPoP {}"],
)
async def test_a_header_of_another_form(device: Device, header: str) -> None:
    answer = await _send(device, Authorization=header.format(device.access))

    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_a_session_that_was_ended_gives_no_access_from_then_on(device: Device) -> None:
    await device.do("SignOut")

    answer = await _send(device)

    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


async def test_the_session_ends_by_itself(device: Device) -> None:
    device.clock.advance(30 * 86_400)

    assert (await device.renew_session())["code"] == "session_ended"
