import json
from datetime import timedelta

import pytest

from backend.app import MAX_BODY_BYTES, House
from backend.cards.status_list import build_status_list
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.settings import Settings
from shared.clock import ManualClock
from shared.trust.status_list import decode_status_list
from shared.trust.trust_list import TrustList, read_trust_list
from shared.wire.manifest import read_manifest
from shared.wire.request_proof import sign_request
from tests.backend.actors import REGION, City, Terminal, scan

MANIFEST = "/readers/v1/manifest"


@pytest.fixture
async def trust(city: City, keys: Keys, clock: ManualClock) -> TrustList:
    text = (await city.client.get("/readers/v1/trust-list")).text
    return read_trust_list(text, keys.root.public, clock.now())


async def test_the_trust_list_is_sent_once_an_hour_at_most(city: City, clock: ManualClock) -> None:
    first = await city.client.get("/readers/v1/trust-list")
    known = {"If-None-Match": f'"other", {first.headers["ETag"]}'}
    again = await city.client.get("/readers/v1/trust-list", headers=known)
    clock.advance(3600)
    later = await city.client.get("/readers/v1/trust-list", headers=known)

    assert (first.status_code, again.status_code, later.status_code) == (200, 304, 200)
    assert again.content == b""
    assert again.headers["ETag"] == first.headers["ETag"]


async def test_the_status_list_can_be_read_with_the_trust_list(
    city: City,
    mongod: RunningMongod,
    settings: Settings,
    keys: Keys,
    clock: ManualClock,
    trust: TrustList,
) -> None:
    early = await city.client.get("/readers/v1/status-list")
    assert (early.status_code, early.json()["code"]) == (503, "status_list_not_ready")
    await build_status_list(mongod.uri, settings.database, REGION, keys, clock)

    answer = await city.client.get("/readers/v1/status-list")

    assert answer.headers["content-type"] == "application/octet-stream"
    assert decode_status_list(answer.content, trust, clock.now()).epoch == 1
    known = {"If-None-Match": answer.headers["ETag"]}
    assert (await city.client.get("/readers/v1/status-list", headers=known)).status_code == 304
    await build_status_list(mongod.uri, settings.database, REGION, keys, clock)
    assert (await city.client.get("/readers/v1/status-list", headers=known)).status_code == 200


async def test_a_terminal_gets_the_manifest_of_its_own_venue(
    city: City, clock: ManualClock, trust: TrustList
) -> None:
    await city.venue(1)
    terminal = await city.terminal(2)

    answer = await terminal.send("GET", MANIFEST)

    manifest = read_manifest(answer.text, trust, REGION, 1, clock.now())
    assert (manifest.venue_number, manifest.name.zh) == (2, "赣州市博物馆")
    assert [lane.number for lane in manifest.lanes] == [1]
    known = answer.headers["ETag"]
    assert (await terminal.send("GET", MANIFEST, etag=known)).status_code == 304


async def test_without_a_proof_there_is_no_manifest(city: City) -> None:
    answer = await city.client.get(MANIFEST)

    assert (answer.status_code, answer.json()["code"]) == (401, "proof_missing")


async def test_an_unknown_key_is_no_terminal(city: City) -> None:
    answer = await Terminal(city.client, city.clock).send("GET", MANIFEST)

    assert (answer.status_code, answer.json()["code"]) == (403, "terminal_unknown")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", MANIFEST, b""),
        ("GET", "/readers/v1/scans", b""),
        ("GET", MANIFEST, b"x"),
    ],
)
async def test_a_proof_of_another_request_is_none(
    city: City, clock: ManualClock, method: str, path: str, body: bytes
) -> None:
    terminal = await city.terminal()
    proof = sign_request(terminal.key, method, path, body, clock.now())

    answer = await city.client.get(MANIFEST, headers={"DPoP": proof})

    assert (answer.status_code, answer.json()["code"]) == (401, "proof_invalid")


async def test_a_clock_that_is_off_is_told_by_how_much(city: City, clock: ManualClock) -> None:
    terminal = await city.terminal()
    ahead = clock.now() + timedelta(minutes=10)
    proof = sign_request(terminal.key, "GET", MANIFEST, b"", ahead)

    answer = await city.client.get(MANIFEST, headers={"DPoP": proof})

    assert (answer.status_code, answer.json()["code"]) == (401, "clock_off")
    assert 599 <= answer.json()["seconds_ahead"] <= 600


@pytest.mark.parametrize("proof", ["", "x", "a.b.c", "é", "x" * 5000])
async def test_junk_is_no_proof(city: City, proof: str) -> None:
    answer = await city.client.get(MANIFEST, headers=[(b"DPoP", proof.encode())])

    assert answer.status_code == 401
    assert set(answer.json()["detail"]) == {"zh", "en"}


@pytest.mark.parametrize(
    "body",
    [
        {"scans": []},
        {"version": 3, "scans": []},
        {"version": True, "scans": []},
        {"version": 1},
        {"version": 1, "scans": {"$ne": None}},
        {"version": {"$ne": 0}, "scans": []},
    ],
)
async def test_an_upload_of_another_form_is_refused(city: City, body: dict[str, object]) -> None:
    answer = await (await city.terminal()).upload_body(body)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")


async def test_an_upload_has_500_scans_at_most(city: City, house: House) -> None:
    terminal = await city.terminal()
    scans = [scan(city.clock.now()) for _ in range(501)]

    answer = await terminal.upload_body({"version": 1, "scans": scans})

    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_scans")
    assert await house.store.database["scans"].count_documents({}) == 0
    assert len(await terminal.upload(*scans[:500])) == 500


async def test_a_body_over_the_limit_is_refused(city: City) -> None:
    terminal = await city.terminal()

    answer = await terminal.send("POST", "/readers/v1/scans", b" " * (MAX_BODY_BYTES + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_an_unknown_address_is_a_problem_too(city: City) -> None:
    answer = await city.client.get("/readers/v2/%00%7B$ne%7D")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await city.client.delete(MANIFEST)).json()["code"] == "method_not_allowed"
    assert "$ne" not in json.dumps(answer.json())


async def test_health(city: City) -> None:
    assert (await city.client.get("/livez")).json() == {"status": "alive"}
    assert (await city.client.get("/readyz")).json() == {"status": "ready"}
