"""``python -m reader_service serve`` runs the lanes; ``enrol --token T`` makes this reader known.

Settings come from the environment; see `reader_service.settings`.
"""

import argparse
import asyncio
import logging
import os
import sqlite3
import sys
from collections.abc import Sequence

from reader_service.app import PortBusy, enrol, serve
from reader_service.journal import JournalFull
from reader_service.settings import PREFIX, InvalidSettings, Settings, read_settings
from reader_service.sync.backend import SyncProblem
from reader_service.sync.terminal import NotEnrolled
from shared.localized_text import LocalizedText

_NOT_ENROLLED = LocalizedText(
    "本机还没有登记。请在后台取一次性口令，运行：python -m reader_service enrol --token 口令",
    "This reader is not enrolled. Get a one-time token from the backend and run: "
    "python -m reader_service enrol --token TOKEN",
)
_PORT_BUSY = LocalizedText(
    f"端口已被占用。请结束占用的程序，或用 {PREFIX}PORT 换一个端口。",
    f"The port is taken. End the program that holds it, or choose another with {PREFIX}PORT.",
)
_NO_STORAGE = LocalizedText(
    f"数据目录不能写。请检查磁盘和权限，或用 {PREFIX}DATA_DIR 换一个目录。",
    f"The data folder cannot be written. Check the disk and the rights, or choose another "
    f"with {PREFIX}DATA_DIR.",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the process's exit status."""
    parser = argparse.ArgumentParser(prog="python -m reader_service", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the lanes and the staff page")
    enrolling = commands.add_parser("enrol", help="make this reader known to the backend")
    enrolling.add_argument("--token", required=True, help="the one-time token 一次性口令")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # httpx logs every address it asks for; the reader says itself how it stands with the backend.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = read_settings(os.environ)
        return _run(settings, chosen)
    except InvalidSettings as error:
        return _complain(error.text)
    except SyncProblem as error:
        return _complain(error.text)
    except NotEnrolled:
        return _complain(_NOT_ENROLLED)
    except PortBusy:
        return _complain(_PORT_BUSY)
    except (OSError, JournalFull, sqlite3.OperationalError):
        return _complain(_NO_STORAGE)
    except KeyboardInterrupt:
        return 130


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    os.umask(0o077)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if chosen.command == "enrol":
        enrolment = asyncio.run(enrol(settings, chosen.token))
        print(f"已登记 enrolled: {enrolment.terminal_id}, venue {enrolment.venue_number}")
    else:
        asyncio.run(serve(settings))
    return 0


def _complain(text: LocalizedText) -> int:
    print(f"{text.zh}\n{text.en}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
