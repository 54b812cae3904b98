"""Who may import whom: the contracts of pyproject.toml hold, and would be noticed when broken."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.locks import ROOT

LINTER = ROOT / ".venv" / "bin" / "lint-imports"
PROGRAMS = ("shared", "backend", "mobile", "reader_service")


def check(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--config", ROOT / "pyproject.toml", "--no-cache"],
        cwd=root,
        capture_output=True,
        check=False,
        text=True,
    )


def test_every_contract_holds() -> None:
    answer = check(ROOT)
    assert answer.returncode == 0, answer.stdout[-3000:]


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("shared/clock.py", "import backend.settings", "shared is the floor"),
        ("mobile/core/__init__.py", "import reader_service.settings", "shared is the floor"),
        ("shared/ecode/layout.py", "import shared.wire", "imports point one way"),
        ("mobile/core/__init__.py", "import kivy", "rules know no framework"),
        ("reader_service/settings.py", "import smartcard", "each outside library has one home"),
    ],
)
def test_a_broken_contract_is_named(tmp_path: Path, module: str, line: str, contract: str) -> None:
    for program in PROGRAMS:
        shutil.copytree(
            ROOT / program,
            tmp_path / program,
            ignore=shutil.ignore_patterns("*.ttf", "__pycache__"),
        )
    with (tmp_path / module).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    answer = check(tmp_path)
    assert answer.returncode == 1
    broken = [row for row in answer.stdout.splitlines() if " BROKEN" in row]
    assert any(contract in row for row in broken), answer.stdout[-3000:]
