"""Key files: whole or not there, for their owner alone."""

import os
import stat
from pathlib import Path

from backend.foundation.kms import key_refused


def write_once(path: Path, content: bytes) -> None:
    """Write a whole file or none, and never over one that is there.

    Raises:
        OSError: the place cannot be written.
    """
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(draft, path)  # fails where another process was first
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def check_file(path: Path) -> None:
    """Check that a key's file is there and closed to others.

    Raises:
        StartRefused: it is not.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise key_refused(path, "不存在或读不到", "is missing or unreadable") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise key_refused(
            path, "对其他用户开放，请执行 chmod 600", "is open to other users; chmod 600 it"
        )
