"""A desktop keeps documents in a folder of the user's."""

import asyncio
import os
from itertools import count
from pathlib import Path

from mobile.ports.documents import NotSaved


class DesktopDocuments:
    """Writes into `folder` files that only their owner can read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def save(self, name: str, media_type: str, content: bytes) -> str:
        """Save under `name`, or under a name with a number where that is taken."""
        del media_type
        try:
            return str(await asyncio.to_thread(self._save, name, content))
        except OSError as error:
            raise NotSaved(error.strerror or type(error).__name__) from error

    def _save(self, name: str, content: bytes) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path, file = self._new_file(Path(name))
        try:
            with os.fdopen(file, "wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return path

    def _new_file(self, name: Path) -> tuple[Path, int]:
        for number in count(1):
            path = self._folder / (name if number == 1 else f"{name.stem}-{number}{name.suffix}")
            try:
                return path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            except FileExistsError:
                continue
        raise AssertionError("there is always a next number")
