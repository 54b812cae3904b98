"""kill -9 of the server while a city uses it: nothing half done, nothing acknowledged lost.

Each client sends a request again, under the same idempotency key, until it is answered, as the app
and the reader do. `make soak` kills more often, with more people, and takes the server's own
mongod down with it.
"""

import hashlib
import json
import socket
import threading
import time
from collections import Counter
from pathlib import Path
from secrets import SystemRandom, token_hex
from typing import Any

import httpx
import pytest
from pymongo import MongoClient
from typing_extensions import override

from backend.foundation.embedded_mongod import RunningMongod, running_mongod
from backend.settings import read_settings
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.wire.request_proof import sign_request, thumbprint
from tests.backend.accounts.actors import PASSWORD
from tests.backend.actors import document, scan
from tests.backend.faults.drill_city import make_city
from tests.backend.faults.leaks import Leaks
from tests.support.processes import FORKS, run_command, start_command
from tests.support.soak import SOAK

KILLS, PEOPLE = (40, 60) if SOAK else (2, 2)
CLOCK, CHANCE = SystemClock(), SystemRandom()
_AGAIN = {"too_many_tries", "address_locked"}


class Server:
    """`python -m backend serve` on one port, killed and started again."""

    def __init__(self, folder: Path, mongod: RunningMongod | None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.mongod = mongod
        self.url = f"http://127.0.0.1:{port}"
        self.environ = {
            "YIKATONG_DATA_DIR": str(folder),
            "YIKATONG_PORT": str(port),
            "YIKATONG_DATABASE": f"drill_{token_hex(4)}",
            "YIKATONG_PASSWORD_KIB": "8",
            "YIKATONG_PASSWORD_PASSES": "1",
            "YIKATONG_PASSWORD_LANES": "1",
            "YIKATONG_ADDRESS_TRIES": "10000",
        }
        if mongod is not None:
            self.environ["YIKATONG_MONGODB_URI"] = mongod.uri
        self.log = folder / "serve.log"

    def start(self) -> None:
        self.process = start_command("serve", environ=self.environ, err=self.log)
        deadline = time.monotonic() + 60
        while not self._ready():
            assert self.process.is_alive(), self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.join(30)
        if self.mongod is not None:
            # The dead server's transactions end by themselves after a time; here at once.
            with MongoClient[dict[str, Any]](self.mongod.uri) as client:
                client.admin.command({"killAllSessions": []})

    def stop(self) -> None:
        self.process.terminate()
        self.process.join(30)

    def store(self) -> MongoClient[dict[str, Any]]:
        settings = read_settings(self.environ)
        running = None if settings.mongodb_uri else running_mongod(settings)
        return MongoClient(settings.mongodb_uri or (running.uri if running else ""), tz_aware=True)

    def _ready(self) -> bool:
        try:
            return httpx.get(self.url + "/readyz").status_code == 200
        except httpx.TransportError:
            return False


class Client(threading.Thread):
    """Somebody who asks until answered."""

    def __init__(self, url: str, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.key = SoftwareKey.generate(Algorithm.ED25519)
        self.http = httpx.Client(base_url=url, timeout=15)
        self.over, self.access = over, ""
        self.failures: list[str] = []
        self.interrupted = 0

    @override
    def run(self) -> None:
        try:
            self.act()
        except Exception as error:  # noqa: BLE001 - told to the test, whose thread this is not
            self.failures.append(repr(error))
        finally:
            self.http.close()

    def act(self) -> None:
        raise NotImplementedError

    def send(self, path: str, content: Any) -> httpx.Response:
        body = json.dumps(content).encode()
        deadline = time.monotonic() + 90
        while True:
            headers = {"DPoP": sign_request(self.key, "POST", path, body, CLOCK.now())}
            headers |= {"Authorization": f"DPoP {self.access}"} if self.access else {}
            headers["Content-Type"] = "application/json"
            try:
                answer = self.http.post(path, content=body, headers=headers)
                if answer.status_code < 500 and "internal_error" not in answer.text:
                    return answer
                self.failures.append(answer.text)
            except httpx.ConnectError:
                pass  # the server is not up again yet
            except httpx.TransportError:
                self.interrupted += 1
            if time.monotonic() > deadline:
                raise TimeoutError(path)
            time.sleep(0.2)

    def ask(self, operation: str, **wish: Any) -> Any:
        wish = {"idempotencyKey": token_hex(8), **wish}
        content = {"query": document(operation), "variables": {"input": wish}}
        while True:
            answer = self.send("/graphql", content).json()
            [member] = answer["data"].values()
            if member.get("code") not in _AGAIN:
                return member
            time.sleep(0.2)


class Resident(Client):
    """Enrols a phone, signs in, then suspends and lifts, refreshes and renews without end."""

    def __init__(self, url: str, over: threading.Event, who: dict[str, str]) -> None:
        super().__init__(url, over)
        self.who = who
        self.certificate, self.refresh, self.session, self.state = "", "", "", "ACTIVE"
        self.done: Counter[str] = Counter()

    @override
    def act(self) -> None:
        enrolled = self.ask("EnrolDevice", enrolmentCode=self.who["code"], deviceName="手机")
        self.certificate = enrolled["certificate"]["certificate"]
        self.done["enrolled"] += 1
        wish = {"login": self.who["login"], "password": PASSWORD, "deviceName": "手机"}
        self._keep(self.ask("SignInWithPassword", **wish))
        self.done["signed in"] += 1
        while not self.over.is_set():
            self._change("SuspendCard", "SUSPENDED")
            self._refresh()
            self._change("LiftSuspension", "ACTIVE")
            self.ask("RenewCertificate")

    def _change(self, operation: str, state: str) -> None:
        answer = self.ask(operation)
        assert answer["__typename"] == "CardServed", answer
        assert answer["standing"]["state"] == state, answer
        self.state = state
        self.done[operation] += 1

    def _refresh(self) -> None:
        access, self.access = self.access, ""
        answer = self.ask("RefreshSession", refreshToken=self.refresh)
        self.access = access
        self._keep(answer)
        self.done["refreshed"] += 1

    def _keep(self, answer: dict[str, str]) -> None:
        assert answer["__typename"] == "SessionTokens", answer
        self.access, self.refresh = answer["accessToken"], answer["refreshToken"]
        self.session = answer["sessionId"]


class Reader(Client):
    """Enrols a terminal and uploads scans without end."""

    def __init__(self, url: str, over: threading.Event, token: str) -> None:
        super().__init__(url, over)
        self.token = token
        self.recorded: list[str] = []

    @override
    def act(self) -> None:
        wish = {"token": self.token, "public_key": self.key.public.to_pem()}
        enrolled = self.send("/readers/v1/enrolments", {**wish, "name": "pc", "version": "1"})
        assert enrolled.status_code == 201, enrolled.text
        while not self.over.is_set():
            rows = [scan(CLOCK.now()) for _ in range(20)]
            receipts = self.send("/readers/v1/scans", {"version": 1, "scans": rows}).json()
            outcomes = {receipt["outcome"] for receipt in receipts["receipts"]}
            assert outcomes <= {"recorded", "duplicate"}, receipts
            self.recorded += [row["scan_id"] for row in rows]


@pytest.mark.soak
@pytest.mark.feature("S9")
def test_a_server_killed_at_any_moment(tmp_path: Path, mongod: RunningMongod) -> None:
    server = Server(tmp_path, None if SOAK else mongod)
    server.start()
    try:
        city, over = _city(server), threading.Event()
        residents = [Resident(server.url, over, who) for who in city["residents"]]
        reader = Reader(server.url, over, city["token"])
        clients: list[Client] = [*residents, reader]
        for client in clients:
            client.start()
        for _ in range(KILLS):
            time.sleep(CHANCE.uniform(0.1, 1.2))
            server.kill()
            server.start()
        time.sleep(1)
        over.set()
        for client in clients:
            client.join(120)
            assert not client.is_alive()

        assert [failure for client in clients for failure in client.failures] == []
        assert sum(client.interrupted for client in clients) > 0, "no kill met a request"
        with server.store() as store:
            database = store[server.environ["YIKATONG_DATABASE"]]
            assert _half_done(database, residents, reader) == []
            # The control: one loss would be noticed.
            database["scans"].delete_one({"_id": reader.recorded[0]})
            assert _half_done(database, residents, reader) != []
        verified = run_command("audit", "verify", environ=server.environ)
        assert verified.returncode == 0, verified.stderr
        leaks = Leaks()
        leaks.judge("serve.log", server.log.read_text("utf-8"))
        assert leaks.found == []
    finally:
        server.stop()


def _city(server: Server) -> Any:
    heard, tells = FORKS.Pipe(duplex=False)
    maker = FORKS.Process(target=make_city, args=(server.environ, PEOPLE, tells))
    maker.start()
    tells.close()
    with heard:
        city = heard.recv()
    maker.join(30)
    return city


def _half_done(database: Any, residents: list[Resident], reader: Reader) -> list[str]:
    found: list[str] = []

    def expect(what: str, is_so: object, should: object) -> None:
        if is_so != should:
            found.append(f"{what}: {is_so!r}, not {should!r}")

    for one in residents:
        jkt = thumbprint(one.key.public)
        card = database["cards"].find_one({"_id": one.who["card"]})
        devices = [device for device in card["devices"] if device["thumbprint"] == jkt]
        expect("phones of the card", [d["state"] for d in card["devices"]], ["BOUND"])
        expect("phones with the key", len(devices), one.done["enrolled"])
        expect("state", card["state"], one.state)
        rows = list(database["card_events"].find({"card_id": one.who["card"]}).sort("revision", 1))
        counted = Counter(row["event"].lower() for row in rows)
        expect("suspensions", counted["suspend"], one.done["SuspendCard"])
        expect("liftings", counted["lift_suspension"], one.done["LiftSuspension"])
        expect("last event", rows[-1]["revision"] if rows else 0, card["revision"])
        live = {"resident_id": card["resident_id"], "state": {"$in": ["ACTIVE", "SUSPENDED"]}}
        expect("cards that count", database["cards"].count_documents(live), 1)
        sessions = list(database["sessions"].find({"subject": card["resident_id"]}))
        expect("sessions", [s["_id"] for s in sessions], [one.session])
        expect("ended", [s.get("ended_at") for s in sessions], [None])
        token = hashlib.sha256(one.refresh.encode()).digest()
        expect("the token in force", [s["refresh_hash"] for s in sessions], [token])
        code = database["enrolment_codes"].count_documents({"used_by": jkt})
        expect("codes used", code, one.done["enrolled"])
        deeds = Counter(
            row["action"]
            for row in database["audit_rows"].find({"subject": card["resident_id"], "result": "ok"})
        )
        expect("deed: enrolled", deeds["cards.device_enrolled"], one.done["enrolled"])
        expect("deed: signed in", deeds["accounts.sign_in"], one.done["signed in"])
    booked = Counter(row["_id"] for row in database["scans"].find({}, {"_id": 1}))
    expect("scans lost", [i for i in reader.recorded if i not in booked], [])
    expect("scans booked", len(booked), len(reader.recorded))
    expect("keys taken for nothing", database["kept_answers"].count_documents({"answer": {}}), 0)
    return found
