"""The production role: the backend works with it, and cannot rewrite what it recorded."""

import base64
import json
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.mongod_binary import find_mongod
from backend.settings import read_settings
from infra.mongodb.roles import DATABASE, FILE, ROLE, text
from tests.support.processes import run_command

_UNAUTHORIZED = 13


def test_the_committed_role_is_that_of_the_present_collections() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "python -m infra.mongodb.roles"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URI of a server with `--auth`, signed in with the committed role."""
    folder = tmp_path_factory.mktemp("guarded")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = read_settings({"YIKATONG_DATA_DIR": str(folder), "YIKATONG_MONGOD_PORT": str(port)})
    root, backend = secrets.token_hex(16), secrets.token_hex(16)
    with embedded_mongod(settings) as mongod, MongoClient[dict[str, Any]](mongod.uri) as client:
        client["admin"].command("createUser", "root", pwd=root, roles=["root"])
        command = json.loads(FILE.read_text(encoding="utf-8"))
        client[DATABASE].command(command)
        client[DATABASE].command("createUser", "backend", pwd=backend, roles=[ROLE])
    process = _with_auth(find_mongod(settings), folder, port)
    try:
        uri = f"mongodb://backend:{backend}@127.0.0.1:{port}/"
        uri += f"?directConnection=true&authSource={DATABASE}"
        _wait_for_primary(f"mongodb://root:{root}@127.0.0.1:{port}/?directConnection=true")
        yield uri
    finally:
        process.terminate()
        process.wait(30)


def _with_auth(binary: Path, folder: Path, port: int) -> "subprocess.Popen[bytes]":
    key_file = folder / "cluster.key"
    key_file.write_text(base64.b64encode(secrets.token_bytes(48)).decode())
    key_file.chmod(0o600)
    return subprocess.Popen(
        [
            str(binary),
            *("--dbpath", str(folder / "mongo" / "db")),
            *("--logpath", str(folder / "guarded.log")),
            *("--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket"),
            *("--replSet", "yikatong", "--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25"),
            *("--auth", "--keyFile", str(key_file)),
        ],
        stdout=subprocess.DEVNULL,
    )


def _wait_for_primary(uri: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=500) as client:
                if client["admin"].command("hello").get("isWritablePrimary"):
                    client["admin"].command("usersInfo")  # signed in, so the password holds
                    return
        except PyMongoError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _run(uri: str, folder: Path, *arguments: str) -> str:
    environ = {"YIKATONG_DATA_DIR": str(folder), "YIKATONG_MONGODB_URI": uri}
    done = run_command(*arguments, environ=environ)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.feature("L17")
def test_the_backend_works_with_it_and_cannot_rewrite_its_log(guarded: str, tmp_path: Path) -> None:
    _run(guarded, tmp_path, "seed-demo")
    linked = int(_run(guarded, tmp_path, "audit", "chain"))
    assert linked >= 4

    with MongoClient[dict[str, Any]](guarded) as client:
        for name in ("audit_rows", "audit_links"):
            _attempt_everything(client[DATABASE], name, linked)
        # Elsewhere the same words are allowed: it is the role that refuses, not the words.
        client[DATABASE]["kept_answers"].delete_many({"_id": "none"})
    assert _run(guarded, tmp_path, "audit", "verify").startswith(f"{linked}:")


def _attempt_everything(database: Database[dict[str, Any]], name: str, count: int) -> None:
    log = database[name]
    row = log.find_one({})
    assert row is not None
    attempts: list[Callable[[], object]] = [
        lambda: log.update_one({}, {"$set": {"result": "x"}}),
        lambda: log.replace_one({"_id": row["_id"]}, row),
        lambda: log.delete_many({}),
        log.drop,
        lambda: log.find_one_and_delete({}),
        lambda: log.rename("elsewhere"),
        lambda: list(log.aggregate([{"$match": {}}, {"$out": name}])),
        lambda: database.command({"collMod": name, "validator": {}}),
        lambda: database.command({"convertToCapped": name, "size": 4096}),
    ]
    for attempt in attempts:
        with pytest.raises(OperationFailure) as refused:
            attempt()
        assert refused.value.code == _UNAUTHORIZED
    assert log.count_documents({}) == count
