"""The backend in processes of their own that need not load it each time.

A server process loads it once and forks for each: tens of milliseconds instead of a second. The
start from nothing (`python -m backend …`) has its tests in `tests/backend/test_server.py`.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["backend.__main__"])


def run_command(
    *arguments: str, environ: Mapping[str, str], seconds: float = 60
) -> "subprocess.CompletedProcess[str]":
    """Run `python -m backend …` in a process that has these `YIKATONG_…` variables and no others.

    Raises:
        TimeoutExpired: it did not end in time.
    """
    with tempfile.TemporaryDirectory(prefix="yikatong-command-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        child = FORKS.Process(target=_main, args=(arguments, outer_environ(environ), out, err))
        child.start()
        child.join(seconds)
        if child.exitcode is None:
            child.kill()
            child.join()
            raise subprocess.TimeoutExpired(arguments, seconds)
        said = (out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))
        return subprocess.CompletedProcess(arguments, child.exitcode, *said)


def start_command(*arguments: str, environ: Mapping[str, str], err: Path) -> BaseProcess:
    """Start `python -m backend …` and return its process; what it says goes on at the end of `err`.

    Its variables are as in `run_command`.
    """
    child = FORKS.Process(
        target=_main, args=(arguments, outer_environ(environ), Path(os.devnull), err)
    )
    child.start()
    return child


def outer_environ(more: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with these `YIKATONG_…` variables in place of its own."""
    return {**{name: v for name, v in os.environ.items() if "YIKATONG" not in name}, **more}


def _main(arguments: tuple[str, ...], environ: Mapping[str, str], out: Path, err: Path) -> None:
    from backend.__main__ import main  # noqa: PLC0415, only the forked processes need it

    os.environ.clear()
    os.environ.update(environ)
    for path, stream in ((out, sys.stdout), (err, sys.stderr)):
        with path.open("ab") as file:
            os.dup2(file.fileno(), stream.fileno())
    raise SystemExit(main(arguments))
