"""The backend as its operator runs it: processes, signals, ports, commands."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.foundation.embedded_mongod import running_mongod
from backend.foundation.mongod_binary import find_mongod
from backend.schema import OPERATIONS
from backend.settings import read_settings
from reader_service.__main__ import main as reader_main
from reader_service.journal import Journal
from reader_service.lane.lane_codes import turning
from reader_service.snapshot import Snapshot
from reader_service.storage_keys import key_store
from reader_service.sync.terminal import load_terminal
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, PublicKey, SoftwareKey
from shared.trust.status_list import StatusList, decode_status_list
from shared.trust.trust_list import Untrusted, read_trust_list
from shared.wire.request_proof import sign_request
from shared.wire.scans import Direction, ScanRecord
from tests.backend.actors import code_scan, scan
from tests.support.processes import outer_environ, run_command

ROOT = Path(__file__).parents[2]
CLOCK = SystemClock()


class Server:
    """A `serve` process of its own installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.environ = {"YIKATONG_DATA_DIR": str(folder), "YIKATONG_PORT": str(self.port)}
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "serve.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backend", "serve"],
                cwd=ROOT,
                env=outer_environ(self.environ),
                stderr=out,
            )
        _until(self._ready)

    def command(self, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        return run_command(*arguments, environ={**self.environ, **environ})

    def said(self, *arguments: str) -> str:
        done = self.command(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def ask(self, key: SoftwareKey, operation: str, **variables: Any) -> Any:
        query = (OPERATIONS / f"{operation}.graphql").read_text(encoding="utf-8")
        content = {"query": query, "variables": variables}
        return self.post(key, "/graphql", content).json()["data"]

    def post(self, key: SoftwareKey, path: str, content: Any) -> httpx.Response:
        body = json.dumps(content).encode()
        proof = sign_request(key, "POST", path, body, CLOCK.now())
        headers = {"DPoP": proof, "Content-Type": "application/json"}
        return httpx.post(self.url + path, content=body, headers=headers)

    def status_list(self, root: PublicKey) -> StatusList:
        now = CLOCK.now()
        trust = read_trust_list(httpx.get(self.url + "/readers/v1/trust-list").text, root, now)
        return decode_status_list(
            httpx.get(self.url + "/readers/v1/status-list").content, trust, now
        )

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def _ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(self.url + "/readyz").status_code == 200
        except httpx.TransportError:
            return False


def _until(done: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("served"))
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture(scope="module")
def seeded(server: Server) -> list[dict[str, str]]:
    """The demo city's residents, put in place by a command that starts from nothing."""
    said = subprocess.check_output(
        [sys.executable, "-m", "backend", "seed-demo"],
        cwd=ROOT,
        env=outer_environ(server.environ),
    )
    residents: list[dict[str, str]] = json.loads(said)["residents"]
    return residents


def test_seeding_twice_changes_nothing(server: Server, seeded: list[dict[str, str]]) -> None:
    assert json.loads(server.said("seed-demo"))["residents"] == seeded
    assert [resident["masked_name"] for resident in seeded][:1] == ["钟*明"]


def test_a_phone_and_a_terminal_from_enrolment_to_the_visit(
    server: Server, seeded: list[dict[str, str]]
) -> None:
    phone, reader = (SoftwareKey.generate(Algorithm.ED25519) for _ in range(2))
    code = server.said("enrolment-code", "--resident", seeded[0]["resident_id"])
    wish = {"idempotencyKey": "first-try", "enrolmentCode": code, "deviceName": "手机"}
    enrolled = server.ask(phone, "EnrolDevice", input=wish)["enrolDevice"]
    assert enrolled["__typename"] == "EnrolledDevice"
    assert (
        server.ask(phone, "EnrolDevice", input=wish)["enrolDevice"]["certificate"]
        == (enrolled["certificate"])
    )
    renewed = server.ask(phone, "RenewCertificate", input={"idempotencyKey": "renew-one"})
    assert renewed["renewCertificate"]["__typename"] == "RenewedCertificate"

    token = server.said("terminal-token", "--venue", "1", "--name", "门岗")
    request = {"token": token, "public_key": reader.public.to_pem(), "name": "pc", "version": "1"}
    assert server.post(reader, "/readers/v1/enrolments", request).status_code == 201
    sent = scan(CLOCK.now())
    receipts = server.post(reader, "/readers/v1/scans", {"version": 1, "scans": [sent]}).json()
    assert receipts["receipts"][0]["outcome"] == "recorded"

    [visit] = server.ask(phone, "Visits")["visits"]["nodes"]
    assert visit["id"] == sent["scan_id"]
    assert abs(datetime.fromisoformat(visit["at"]) - CLOCK.now()).total_seconds() < 60


def test_a_card_that_is_suspended_is_listed_within_seconds(
    server: Server, seeded: list[dict[str, str]]
) -> None:
    """The server sees what another process changed and runs the batch program."""
    root_pem = (server.folder / "keys" / "root.pem").read_bytes()
    root = SoftwareKey.of_pem(root_pem).public
    url = server.url + "/readers/v1/status-list"
    _until(lambda: httpx.get(url).status_code == 200)
    assert len(server.status_list(root).sections.suspended) == 0

    card = seeded[1]["card_id"]
    assert server.said("card-service", "suspend", "--card", card) == f"{card} SUSPENDED"

    _until(lambda: len(server.status_list(root).sections.suspended) == 1, 30)
    assert server.said("card-service", "cancel", "--card", card) == f"{card} CANCELLED"
    refused = server.command("card-service", "lift_suspension", "--card", card)
    assert refused.returncode == 1
    assert "注销" in refused.stderr


@pytest.mark.usefixtures("seeded")
def test_a_reader_without_a_network_is_served_by_a_stick_and_by_a_code(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both programs by their commands alone; only for its enrolment the reader has a network."""
    monkeypatch.setenv("YIKATONG_READER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("YIKATONG_READER_BACKEND_URL", server.url)
    token = server.said("terminal-token", "--venue", "1", "--name", "小岛")
    assert reader_main(["enrol", "--token", token]) == 0
    monkeypatch.setenv("YIKATONG_READER_BACKEND_URL", "http://127.0.0.1:9")
    enrolment = load_terminal(tmp_path / "terminal.json").enrolment
    assert enrolment is not None
    bundle, stick, receipts = (tmp_path / name for name in ("lists", "stick", "receipts"))
    _until(lambda: httpx.get(server.url + "/readers/v1/status-list").status_code == 200)
    server.said("venue-bundle", "--terminal", enrolment.terminal_id, "--out", str(bundle))
    assert reader_main(["take-in", str(bundle)]) == 0

    keys = key_store(tmp_path, {})
    at = int(CLOCK.now().timestamp() * 1000)
    with closing(Journal(tmp_path / "journal.sqlite", keys)) as journal:
        journal.append(ScanRecord("5" * 32, 1, at, Medium.ECODE, Verdict.ADMIT))
    assert reader_main(["journal", "carry-out", str(stick)]) == 0
    take = ("take-journal", "--file", str(stick), "--receipt", str(receipts))
    assert server.said(*take).endswith(": 1 recorded, 0 known before, 0 rejected")
    assert server.said(*take).endswith(": 0 recorded, 1 known before, 0 rejected")
    assert reader_main(["take-in", str(receipts)]) == 0
    with closing(Journal(tmp_path / "journal.sqlite", keys)) as journal:
        assert journal.count_unsent() == 0

    code = server.said("update-code")
    snapshot = Snapshot(tmp_path / "snapshot.sqlite", enrolment, keys)
    snapshot.offer_update(code, CLOCK.now())
    with pytest.raises(Untrusted, match=r"forged|malformed"):
        snapshot.offer_update(code[:-17] + "1" * 17, CLOCK.now())

    drawn = tmp_path / "out.svg"
    turns = ("lane-code", "--venue", "1", "--direction", "out", "--picture", str(drawn))
    stands = (Direction.IN, True)
    answer, record = turning(server.said(*turns), snapshot.lists, 1, stands, CLOCK.now())
    assert (answer.verdict, record.direction) == (Verdict.AGAIN, Direction.OUT)
    assert b"<svg" in drawn.read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        ("enrolment-code", "--resident", "res_nobody"),
        ("terminal-token", "--venue", "999", "--name", "x"),
        ("terminal-token", "--venue", "1", "--name", "a\nb"),
        ("card-service", "suspend", "--card", "card_none"),
    ],
)
def test_a_command_that_is_refused_says_why_in_two_lines(
    server: Server, arguments: tuple[str, ...]
) -> None:
    done = server.command(*arguments)

    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 2
    assert done.stdout == ""


def test_a_second_server_is_told_that_the_port_is_taken(server: Server, tmp_path: Path) -> None:
    done = server.command("serve", YIKATONG_DATA_DIR=str(tmp_path))

    assert done.returncode == 2
    assert "YIKATONG_PORT" in done.stderr
    assert not (tmp_path / "mongo").exists()


def test_a_second_server_on_the_same_data_is_told_who_has_it(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])

    done = server.command("serve", YIKATONG_PORT=port)

    assert done.returncode == 2
    assert str(server.process.pid) in done.stderr
    assert server.process.poll() is None


def test_production_does_not_start_without_its_keys(server: Server, tmp_path: Path) -> None:
    production = {"YIKATONG_ENVIRONMENT": "production"}
    bare = server.command("serve", **production)
    given = {"YIKATONG_KEYS_DIR": str(tmp_path), "YIKATONG_MONGODB_URI": "mongodb://127.0.0.1:1"}
    empty = server.command("serve", **production, **given)

    assert (bare.returncode, empty.returncode) == (2, 2)
    assert "YIKATONG_KEYS_DIR" in bare.stderr
    assert "root.pem" in empty.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_not_there_is_told_without_its_address(
    server: Server, tmp_path: Path
) -> None:
    uri = "mongodb://user:secret@127.0.0.1:1/?serverSelectionTimeoutMS=300"
    done = server.command("seed-demo", YIKATONG_MONGODB_URI=uri, YIKATONG_DATA_DIR=str(tmp_path))

    assert done.returncode == 2
    assert "YIKATONG_MONGODB_URI" in done.stderr
    assert "secret" not in done.stderr


@pytest.mark.parametrize(
    "uri", ["junk/?serverSelectionTimeoutMS=300", "mongodb://", "mongodb://127.0.0.1:99999"]
)
def test_an_address_that_is_none_is_told_by_its_variable(
    server: Server, tmp_path: Path, uri: str
) -> None:
    done = server.command("seed-demo", YIKATONG_MONGODB_URI=uri, YIKATONG_DATA_DIR=str(tmp_path))

    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 2
    assert "YIKATONG_MONGODB_URI" in done.stderr


def test_a_mongod_without_a_replica_set_is_told(server: Server, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    command = [str(find_mongod(read_settings({}))), "--dbpath", str(tmp_path), "--port", port]
    alone = subprocess.Popen([*command, "--bind_ip", "127.0.0.1"], stdout=subprocess.DEVNULL)
    try:
        uri = f"mongodb://127.0.0.1:{port}/?serverSelectionTimeoutMS=30000"
        done = server.command("seed-demo", YIKATONG_MONGODB_URI=uri)
    finally:
        alone.terminate()
        alone.wait(30)

    assert done.returncode == 2
    assert "副本集" in done.stderr


def test_a_showing_at_two_gates_is_listed(server: Server, seeded: list[dict[str, str]]) -> None:
    assert seeded
    token = server.said("terminal-token", "--venue", "1", "--name", "东门")
    reader = SoftwareKey.generate(Algorithm.ED25519)
    request = {"token": token, "public_key": reader.public.to_pem(), "name": "pc", "version": "1"}
    assert server.post(reader, "/readers/v1/enrolments", request).status_code == 201
    here, there = (code_scan(CLOCK.now(), 12345, lane=lane) for lane in (1, 2))
    server.post(reader, "/readers/v1/scans", {"version": 1, "scans": [here, there]})

    listed = [json.loads(line) for line in server.said("two-gates").splitlines()]

    assert {scan["scan_id"] for scan in listed} == {here["scan_id"], there["scan_id"]}
    assert {scan["lane"] for scan in listed} == {1, 2}


def test_logs_are_one_json_object_a_line(server: Server, seeded: list[dict[str, str]]) -> None:
    lines = server.log.read_text(encoding="utf-8").splitlines()

    entries = [json.loads(line) for line in lines]
    assert {"at", "level", "logger", "event"} <= set(entries[0])
    assert seeded[0]["resident_id"] not in "".join(lines)


def test_stopping_ends_it_and_its_mongod(server: Server) -> None:
    settings = read_settings({"YIKATONG_DATA_DIR": str(server.folder)})
    mongod = running_mongod(settings)
    assert mongod is not None

    assert server.stop() == 0

    assert not Path(f"/proc/{mongod.pid}").exists()
    assert running_mongod(settings) is None
    assert server.said("seed-demo")  # the commands bring a mongod of their own
