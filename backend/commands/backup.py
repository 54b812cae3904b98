"""Commands that copy the store and put a copy back 备份与恢复."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from backend.commands.running import Add, CommandRefused, any_store
from backend.foundation.cold_copy import CopiedFile, CopyRefused, put_back, take_copy
from backend.settings import read_settings
from shared.localized_text import LocalizedText

_OWN_SERVER = LocalizedText(
    "数据库由您自己运行：请先停止 mongod，再把备份中 db 的内容放入其空的数据目录。",
    "You run the database yourself: stop mongod and put what is in the copy's db into its empty "
    "data directory.",
)
_NEXT = (
    "now run `audit verify --anchor …` and `check-bookings`, then `serve` with the same keys / "
    "接着运行 audit verify --anchor … 与 check-bookings，再用原密钥启动"
)


def add_commands(add: Add) -> None:
    """Add the commands of this module."""
    backup = add("backup", "copy the store, writes wait meanwhile / 备份", _backup)
    backup.add_argument("--to", type=Path, required=True, metavar="DIR", help="a new folder / 目录")
    restore = add("restore", "put a copy back where there is no data / 恢复", _restore)
    restore.add_argument("--from", dest="source", type=Path, required=True, metavar="DIR")


def _backup(options: argparse.Namespace) -> None:
    with any_store(read_settings(os.environ)) as uri:
        try:
            files = take_copy(uri, options.to)
        except CopyRefused as error:
            raise CommandRefused(error.text) from error
    print(_told(files))


def _restore(options: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    if settings.mongodb_uri is not None:
        raise CommandRefused(_OWN_SERVER)
    try:
        files = put_back(settings, options.source)
    except CopyRefused as error:
        raise CommandRefused(error.text) from error
    print(_told(files), _NEXT, sep="\n")


def _told(files: Sequence[CopiedFile]) -> str:
    return f"{len(files)} files, {sum(one.size for one in files)} bytes / 文件数与字节数"
