"""Wiping this reader 远程清除: all it holds is erased, then it says so, then its key is erased.

Each step can be done again: a reader that was switched off in between goes on where it was. The
journal is handed over before; while it is not, nothing is erased, and the heartbeat says why.
A solid-state disk may keep erased blocks: what lay there was sealed with the key that went.
"""

import contextlib
import os
import re
from pathlib import Path

from reader_service.settings import Settings
from reader_service.sync.backend import Backend, SyncProblem
from reader_service.sync.terminal import Terminal, write_whole

_ORDER = re.compile(r"[0-9a-z_]{1,64}")
_NOBODYS = frozenset({"terminal_unknown", "wipe_unknown"})


class Wiped(Exception):
    """This reader was wiped on an officer's order; it can be enrolled anew."""


def ordered(settings: Settings) -> str | None:
    """Return the order of a wipe that has begun, None where none has."""
    try:
        text = _marker(settings).read_text("ascii").strip()
    except (OSError, ValueError):
        return None
    return text if _ORDER.fullmatch(text) else None


def begin(settings: Settings, order: str) -> None:
    """Note the order for good: from here on the reader does nothing but end this."""
    write_whole(_marker(settings), order)


async def finish(settings: Settings, terminal: Terminal, backend: Backend, order: str) -> None:
    """Erase everything but the key, tell the backend, erase the key.

    Raises:
        SyncProblem: the backend does not know of it yet; the key stays to tell it.
        OSError: something could not be erased.
    """
    kept = {_marker(settings), settings.identity_path, settings.lanes_path}
    for path in sorted(settings.data_dir.iterdir()):
        if path.is_file() and path not in kept:
            _erase(path)
    if terminal.enrolment is not None:
        try:
            await backend.acknowledge_wipe(order)
        except SyncProblem as problem:
            # Whose word was heard before is nobody's terminal any more.
            if problem.code not in _NOBODYS:
                raise
    _erase(settings.identity_path)
    _erase(_marker(settings))


def _marker(settings: Settings) -> Path:
    return settings.data_dir / "wiping"


def _erase(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(bytes(min(path.stat().st_size, 2**20)))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
