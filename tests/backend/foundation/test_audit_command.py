"""`python -m backend audit`: what the auditor runs, by its words and its exit status."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from backend.__main__ import main
from backend.foundation.embedded_mongod import RunningMongod
from tests.support.processes import run_command

DATABASE = "audit_command"


@pytest.fixture
def database(mongod: RunningMongod) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](mongod.uri) as client:
        yield client[DATABASE]
        client.drop_database(DATABASE)


def _run(
    mongod: RunningMongod, folder: Path, *arguments: str
) -> "subprocess.CompletedProcess[str]":
    environ = {
        "YIKATONG_DATA_DIR": str(folder),
        "YIKATONG_MONGODB_URI": mongod.uri,
        "YIKATONG_DATABASE": DATABASE,
    }
    return run_command(*arguments, environ=environ)


def test_verify_prints_the_head_and_names_the_first_broken_row(
    mongod: RunningMongod, database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    assert _run(mongod, tmp_path, "seed-demo").returncode == 0
    chained = _run(mongod, tmp_path, "audit", "chain")
    assert (chained.returncode, int(chained.stdout) >= 4) == (0, True), chained.stderr

    sound = _run(mongod, tmp_path, "audit", "verify")
    assert sound.returncode == 0, sound.stderr
    head = sound.stdout.strip()
    assert re.fullmatch(rf"{chained.stdout.strip()}:[0-9a-f]{{64}}", head)

    link = database["audit_links"].find_one({"_id": 2})
    assert link is not None
    database["audit_rows"].update_one({"_id": link["row_id"]}, {"$set": {"result": "refused:x"}})
    broken = _run(mongod, tmp_path, "audit", "verify")
    assert broken.returncode == 1
    assert broken.stdout == ""
    assert link["row_id"] in broken.stderr
    assert "被改动" in broken.stderr
    assert "was changed" in broken.stderr

    database["audit_rows"].update_one({"_id": link["row_id"]}, {"$set": {"result": "ok"}})
    anchors = [part for anchor in (head, f"3:{'0' * 64}") for part in ("--anchor", anchor)]
    assert _run(mongod, tmp_path, "audit", "verify", *anchors[:2]).returncode == 0
    assert _run(mongod, tmp_path, "audit", "verify", *anchors).returncode == 1


@pytest.mark.parametrize("anchor", ["", "3", "x:y", "3:abc", "①:" + "0" * 64])
def test_a_malformed_anchor_is_refused(anchor: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["audit", "verify", "--anchor", anchor])

    assert ended.value.code == 2
    assert "--anchor" in capsys.readouterr().err
