"""kill -9 in the middle of a refresh: the phone is never left with nothing that works."""

import asyncio
import signal
from multiprocessing.connection import Connection

import httpx
import pytest

from backend.foundation.embedded_mongod import RunningMongod
from backend.settings import Settings
from shared.clock import ManualClock
from tests.backend.accounts.actors import Device, People, body_of
from tests.backend.accounts.dying_server import serve_until_death
from tests.backend.actors import document, new_key
from tests.support.processes import FORKS

POINTS = ["sent", "50", "300", "1000", "written", "answered"]


@pytest.mark.parametrize("point", POINTS)
async def test_after_a_kill_in_a_refresh_the_same_request_works(
    people: People, mongod: RunningMongod, settings: Settings, clock: ManualClock, point: str
) -> None:
    device, key = await people.signed_in(), new_key()
    old, (told, tells) = device.refresh, FORKS.Pipe(duplex=False)
    environ = {
        "YIKATONG_DATA_DIR": str(settings.data_dir),
        "YIKATONG_MONGODB_URI": mongod.uri,
    }
    server = FORKS.Process(target=serve_until_death, args=(point, clock.now(), environ, tells))
    server.start()
    try:
        answered = await _answered(people, device, await _port(told), (old, key))
        if point == "answered":  # the control: the kill comes after the answer
            server.kill()
        await asyncio.to_thread(server.join, 20)
        assert server.exitcode == -signal.SIGKILL
    finally:
        server.kill()
    # On a busy machine a timer's kill may come after the answer too.
    if not point.isdigit():
        assert answered == (point == "answered")

    stored = await people.city.house.store.database["sessions"].find_one({"_id": device.session})
    assert stored is not None
    rotated = stored.get("previous_hash") is not None
    assert rotated or point not in {"written", "answered"}
    assert not rotated or point != "sent"
    assert rotated or not answered
    repeated = await device.renew_session(old, key)
    assert repeated["__typename"] == "SessionTokens"
    assert (await device.renew_session())["__typename"] == "SessionTokens"
    assert (await device.do("Sessions"))["nodes"][0]["id"] == device.session


async def _port(told: "Connection[None, int]") -> int:
    """Return the server's port once it answers there."""
    port = await asyncio.to_thread(told.recv)
    async with httpx.AsyncClient() as client:
        for _ in range(200):
            try:
                await client.get(f"http://127.0.0.1:{port}/livez")
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
            else:
                return port
    raise AssertionError("the server does not listen")


async def _answered(people: People, device: Device, port: int, wish: tuple[str, str]) -> bool:
    """Send the refresh to the server that dies, and tell whether an answer came."""
    token, key = wish
    body = body_of(
        document("RefreshSession"), {"input": {"refreshToken": token, "idempotencyKey": key}}
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        other = people.device()
        other.client, other.key = client, device.key
        try:
            answer = await other.send("POST", "/graphql", body)
        except httpx.TransportError:
            return False
        return "SessionTokens" in answer.text
