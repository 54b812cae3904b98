"""Reading the lock files and the groups they were made from."""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "infra" / "locks"


def locked(name: str) -> list[Requirement]:
    """The requirements of infra/locks/NAME.txt, each pinned, some with a marker."""
    lines = (LOCKS / f"{name}.txt").read_text("utf-8").splitlines()
    return [Requirement(line.rstrip(" \\")) for line in lines if line and not line.startswith(" ")]


def versions(name: str) -> dict[str, set[str]]:
    """Each package of a lock with its versions; a marker may give it more than one."""
    found: dict[str, set[str]] = {}
    for requirement in locked(name):
        version = str(requirement.specifier).removeprefix("==")
        found.setdefault(canonicalize_name(requirement.name), set()).add(version)
    return found


def group(name: str) -> list[Requirement]:
    """A dependency group of pyproject.toml with the groups it includes."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    found: list[Requirement] = []
    for entry in groups[name]:
        found += group(entry["include-group"]) if isinstance(entry, dict) else [Requirement(entry)]
    return found
