"""A copy of the store that can be put back 备份与恢复: mongod's own files, held still (L17).

mongod waits with every write while its files are copied (`fsync` with `lock`). A copy is there
whole or not at all, and says of each file how long it is and what it hashes to, so that one that
was cut short or changed is not put back. The keys that open what is sealed are no part of it.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from backend.foundation.embedded_mongod import running_mongod
from backend.settings import Settings
from shared.localized_text import LocalizedText

LIST = "copied.json"
DATA = "db"
_LEFT_OUT = {"mongod.lock", "diagnostic.data"}
_PIECE = 1 << 20


class CopyRefused(Exception):
    """A copy cannot be made or put back; `text` says why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = LocalizedText(zh, en)


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """One file as it was copied; `name` is its path below mongod's own folder."""

    name: str
    size: int
    sha256: str


def take_copy(uri: str, target: Path) -> list[CopiedFile]:
    """Copy the files of the mongod at `uri`, which runs on this machine, to a new folder.

    Raises:
        CopyRefused: the folder is there already, or the files are not to be read here.
        PyMongoError: the server is not there, or does not let this user lock it.
    """
    if target.exists():
        raise CopyRefused(f"{target} 已存在，请另选目录。", f"{target} is there; name another.")
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with MongoClient[dict[str, Any]](uri) as client:
        options = client.admin.command("getCmdLineOpts")["parsed"]
        home = Path(options.get("storage", {}).get("dbPath", "/data/db"))
        try:
            partial.mkdir(mode=0o700, parents=True)
            with _still(client):
                files = [_copied(home, name, partial / DATA) for name in _files(home)]
        except OSError as error:
            shutil.rmtree(partial, ignore_errors=True)
            raise CopyRefused(
                f"无法复制 {home}（{error.strerror}）。请在数据库的机器上以可读它的用户运行。",
                f"{home} cannot be copied ({error.strerror}). Run this on the database's machine "
                "as a user who may read it.",
            ) from error
    (partial / LIST).write_text(json.dumps([asdict(one) for one in files]), encoding="utf-8")
    partial.rename(target)
    return files


def put_back(settings: Settings, source: Path) -> list[CopiedFile]:
    """Make a copy the data of this installation's own mongod, which has none yet.

    Raises:
        CopyRefused: the copy is not whole, or this installation has data.
    """
    home = settings.data_dir / "mongo"
    if running_mongod(settings) is not None or any((home / DATA).glob("*")):
        raise CopyRefused(
            f"{home / DATA} 中已有数据。请停止服务并移走它，或用 YIKATONG_DATA_DIR 另选目录。",
            f"{home / DATA} holds data. Stop the server and move it away, or choose another "
            "directory with YIKATONG_DATA_DIR.",
        )
    partial = home / (DATA + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        listed = [CopiedFile(**one) for one in json.loads((source / LIST).read_text("utf-8"))]
        home.mkdir(parents=True, exist_ok=True)
        for one in listed:
            if _copied(source / DATA, one.name, partial) != one:
                raise _not_whole(one.name)
    except (OSError, ValueError, TypeError) as error:
        raise _not_whole(str(error)) from error
    (home / DATA).mkdir(exist_ok=True)
    partial.replace(home / DATA)
    return listed


@contextmanager
def _still(client: "MongoClient[dict[str, Any]]") -> Iterator[None]:
    """Have the server finish what is to be written, and begin nothing, until the block ends."""
    client.admin.command("fsync", lock=True)
    try:
        yield
    finally:
        client.admin.command("fsyncUnlock")


def _files(home: Path) -> list[str]:
    found = [one.relative_to(home) for one in home.rglob("*") if one.is_file()]
    return sorted(str(one) for one in found if one.parts[0] not in _LEFT_OUT)


def _copied(source: Path, name: str, target: Path) -> CopiedFile:
    """Copy one file, to the disk itself.

    Raises:
        ValueError: its name leads elsewhere.
    """
    place = target / name
    if not place.resolve().is_relative_to(target.resolve()):
        raise ValueError(name)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hashed, size = hashlib.sha256(), 0
    with (source / name).open("rb") as reads, place.open("xb") as writes:
        place.chmod(0o600)
        while piece := reads.read(_PIECE):
            hashed.update(piece)
            size += writes.write(piece)
        writes.flush()
        os.fsync(writes.fileno())
    return CopiedFile(name, size, hashed.hexdigest())


def _not_whole(what: str) -> CopyRefused:
    return CopyRefused(
        f"备份不完整或被改动（{what}）。请用另一份。",
        f"The copy is cut short or was changed ({what}). Use another.",
    )
