"""A desktop takes the picture from a file that is named, or by ffmpeg from its first camera."""

import asyncio
import shutil
from pathlib import Path

from mobile.ports.camera import MOST_BYTES, NoPicture

_WEBCAM = Path("/dev/video0")
_SECONDS = 15.0


class DesktopCamera:
    """Reads `picture` if there is one, else the webcam."""

    def __init__(self, picture: Path | None) -> None:
        self._picture = picture

    async def take(self) -> bytes | None:
        """Return the file's content, or one frame of the webcam."""
        content = await (self._read(self._picture) if self._picture else self._film())
        if not content:
            raise NoPicture("no picture")
        if len(content) > MOST_BYTES:
            raise NoPicture(f"{len(content) // 1024} KB")
        return content

    @staticmethod
    async def _read(path: Path) -> bytes:
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise NoPicture(error.strerror or type(error).__name__) from error

    @staticmethod
    async def _film() -> bytes:
        ffmpeg = shutil.which("ffmpeg")
        if ffmpeg is None or not await asyncio.to_thread(_WEBCAM.exists):
            raise NoPicture("no camera")
        source = ["-f", "v4l2", "-i", str(_WEBCAM)]
        picture = ["-frames:v", "1", "-f", "mjpeg", "-"]
        program = await asyncio.create_subprocess_exec(
            ffmpeg,
            "-loglevel",
            "error",
            *source,
            *picture,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            content, _ = await asyncio.wait_for(program.communicate(), _SECONDS)
        except TimeoutError as error:
            program.kill()
            await program.wait()
            raise NoPicture("timeout") from error
        return content
