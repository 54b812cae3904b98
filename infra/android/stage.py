"""Lays out the sources of the Android package: main.py, mobile/ and shared/, nothing else.

The packer copies one folder whole, so it is given one that holds only what belongs on a phone,
under the names it has in the repository. Run as `python -m infra.android.stage`.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "build" / "android" / "src"
PACKAGES = ("mobile", "shared")


def stage(target: Path = TARGET) -> list[Path]:
    """Copy the app's sources to `target`, replacing what stood there.

    Returns:
        The files staged, relative to `target`, in order.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copyfile(Path(__file__).with_name("main.py"), target / "main.py")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, target / package, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
    return sorted(path.relative_to(target) for path in target.rglob("*") if path.is_file())


if __name__ == "__main__":
    print(f"{len(stage())} files in {TARGET}")
    sys.exit()
