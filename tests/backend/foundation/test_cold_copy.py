"""A copy put back is the store it was made of (L17): all that was acknowledged before, whole."""

import asyncio
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from backend.foundation import cold_copy
from backend.foundation.cold_copy import LIST, CopiedFile, CopyRefused, put_back, take_copy
from backend.foundation.embedded_mongod import RunningMongod, embedded_mongod
from backend.foundation.keys import load_keys
from backend.settings import read_settings
from tests.support.processes import FORKS, run_command

DATABASE = "cold_copy"


@dataclass(frozen=True, slots=True)
class Drill:
    """A store that was copied, what was in it then, and where the copy and the keys are."""

    folder: Path
    keys: Path
    head: str
    before: int


def _counted(uri: str) -> int:
    with MongoClient[dict[str, Any]](uri) as client:
        return client[DATABASE]["audit_rows"].count_documents({})


@pytest.fixture(scope="module")
def drill(mongod: RunningMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    """The demo city in the run's own mongod, copied while it serves; then more is written."""
    home = tmp_path_factory.mktemp("drill")
    environ = {
        "YIKATONG_DATA_DIR": str(home / "city"),
        "YIKATONG_MONGODB_URI": mongod.uri,
        "YIKATONG_DATABASE": DATABASE,
    }

    def run(*arguments: str) -> str:
        done = run_command(*arguments, environ=environ)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    run("seed-demo")
    run("audit", "chain")
    head, before = run("audit", "verify"), _counted(mongod.uri)
    run("backup", "--to", str(home / "copy"))
    with MongoClient[dict[str, Any]](mongod.uri) as client:
        client[DATABASE]["audit_rows"].insert_one({"_id": "after the copy"})
        assert not client.admin.command("currentOp").get("fsyncLock")
        yield Drill(home / "copy", home / "city", head, before)
        client.drop_database(DATABASE)


def _names_in(environ: Mapping[str, str], tells: "Connection[Any, Any]") -> None:
    """Tell what the sealed names open to, or what it fails with; in a process of its own."""
    from backend.app import open_house  # noqa: PLC0415 - documents are bound once a process
    from backend.foundation.person_keys import sealers_of  # noqa: PLC0415
    from backend.residents.documents import Resident  # noqa: PLC0415
    from backend.residents.service import Residents  # noqa: PLC0415
    from shared.clock import SystemClock  # noqa: PLC0415

    async def opened() -> list[str]:
        settings = read_settings(environ)
        uri = str(settings.mongodb_uri)
        async with open_house(settings, uri, load_keys(settings), SystemClock(), {}) as house:
            residents = house.services[Residents]
            rows = await Resident.get_pymongo_collection().find({}).to_list()
            own = await sealers_of(residents._sealer, [row["_id"] for row in rows])
            return [
                own[row["_id"]].open(
                    row["name_sealed"], collection="residents", field="name", document=row["_id"]
                )
                for row in rows
            ]

    with tells:
        try:
            tells.send(asyncio.run(opened()))
        except Exception as error:  # noqa: BLE001 - told to the test
            tells.send(type(error).__name__)


def _names(uri: str, data_dir: Path) -> Any:
    heard, tells = FORKS.Pipe(duplex=False)
    environ = {"YIKATONG_DATA_DIR": str(data_dir), "YIKATONG_MONGODB_URI": uri}
    environ["YIKATONG_DATABASE"] = DATABASE
    child = FORKS.Process(target=_names_in, args=(environ, tells))
    child.start()
    tells.close()
    with heard:
        told = heard.recv()
    child.join(30)
    return told


@pytest.mark.feature("L17")
def test_what_is_put_back_verifies_and_opens_with_its_keys_alone(
    drill: Drill, tmp_path: Path
) -> None:
    own = {"YIKATONG_DATA_DIR": str(tmp_path), "YIKATONG_DATABASE": DATABASE}
    restored = run_command("restore", "--from", str(drill.folder), environ=own)
    assert restored.returncode == 0, restored.stderr

    with embedded_mongod(read_settings(own)) as mongod:
        assert _counted(mongod.uri) == drill.before
        there = {**own, "YIKATONG_DATA_DIR": str(drill.keys), "YIKATONG_MONGODB_URI": mongod.uri}
        verified = run_command("audit", "verify", "--anchor", drill.head, environ=there)
        assert (verified.returncode, verified.stdout.strip()) == (0, drill.head), verified.stderr
        booked = run_command("check-bookings", environ=there)
        assert booked.returncode == 0, booked.stderr
        names = _names(mongod.uri, drill.keys)
        assert len(names) > 0
        assert all(name.isprintable() for name in names)
        # A thief of the copy has other keys.
        assert _names(mongod.uri, tmp_path / "thief") in {"SealBroken", "StartRefused"}

    again = run_command("restore", "--from", str(drill.folder), environ=own)
    assert again.returncode == 1
    assert "holds data" in again.stderr


@pytest.mark.parametrize("harm", ["cut", "changed", "missing", "no list", "leads elsewhere"])
def test_a_copy_that_is_not_whole_is_not_put_back(drill: Drill, tmp_path: Path, harm: str) -> None:
    copy = tmp_path / "copy"
    (copy / "db").mkdir(parents=True)
    listed = json.loads((drill.folder / LIST).read_text())
    listed = [one for one in listed if one["name"] in {"WiredTiger", "WiredTiger.turtle"}]
    for one in listed:
        shutil.copy(drill.folder / "db" / one["name"], copy / "db" / one["name"])
    turtle = copy / "db" / "WiredTiger.turtle"
    if harm == "cut":
        turtle.write_bytes(turtle.read_bytes()[:-1])
    elif harm == "changed":
        turtle.write_bytes(turtle.read_bytes()[:-1] + b"\0")
    elif harm == "missing":
        turtle.unlink()
    elif harm == "leads elsewhere":
        listed[0]["name"] = "../../outside"
    if harm != "no list":
        (copy / LIST).write_text(json.dumps(listed))
    settings = read_settings({"YIKATONG_DATA_DIR": str(tmp_path / "city")})

    with pytest.raises(CopyRefused, match="cut short or was changed"):
        put_back(settings, copy)

    assert not (tmp_path / "city" / "mongo" / "db").exists()
    assert not (tmp_path / "city" / "outside").exists()


def test_a_copy_that_fails_leaves_the_server_writing_and_no_folder(
    mongod: RunningMongod, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> CopiedFile:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cold_copy, "_copied", full)
    with pytest.raises(CopyRefused, match="No space left"):
        take_copy(mongod.uri, tmp_path / "copy")

    assert list(tmp_path.iterdir()) == []
    with MongoClient[dict[str, Any]](mongod.uri) as client:
        assert not client.admin.command("currentOp").get("fsyncLock")
    (tmp_path / "copy").mkdir()
    with pytest.raises(CopyRefused, match="is there"):
        take_copy(mongod.uri, tmp_path / "copy")
