"""What is installed is what was locked: every hash known, every version agreed, no address."""

import re

import pytest
from packaging.utils import canonicalize_name

from tests.architecture.locks import LOCKS, group, locked, versions

NAMES = sorted(path.stem for path in LOCKS.glob("*.txt"))
PROGRAMS = ("backend", "mobile", "reader")


def test_each_environment_has_its_lock() -> None:
    assert NAMES == ["android", "backend", "build", "dev", "mobile", "reader", "uv"]


@pytest.mark.parametrize("name", NAMES)
def test_every_package_is_pinned_and_hashed(name: str) -> None:
    text = (LOCKS / f"{name}.txt").read_text("utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert entries
    for entry in entries:
        assert re.fullmatch(
            r"[a-z0-9.-]+==[^\s;]+( ; [^\\]+?)?( \\\n    --hash=sha256:[0-9a-f]{64})+", entry
        ), entry.partition("\n")[0]


@pytest.mark.parametrize("name", NAMES)
def test_no_lock_holds_an_address(name: str) -> None:
    text = (LOCKS / f"{name}.txt").read_text("utf-8")
    assert not re.search(r"://|--(index|extra-index|find-links|trusted-host)| @ ", text)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_deployed_with_the_versions_it_was_tested_with(name: str) -> None:
    tested = versions("dev")
    assert versions(name).items() <= tested.items()


@pytest.mark.parametrize("name", [*PROGRAMS, "dev", "build", "android", "uv"])
def test_a_lock_satisfies_its_group(name: str) -> None:
    pinned = versions(name)
    for requirement in group(name):
        found = pinned.get(canonicalize_name(requirement.name), set())
        assert found, f"{requirement} is not in {name}.txt; run make locks"
        assert all(requirement.specifier.contains(version) for version in found), requirement


def test_the_locks_hold_for_every_supported_python() -> None:
    """A marker may split a package by version, but must leave no supported Python without it."""
    for python in ("3.11", "3.12", "3.13"):
        environment = {"python_version": python, "python_full_version": f"{python}.0"}
        present = {
            canonicalize_name(requirement.name)
            for requirement in locked("dev")
            if requirement.marker is None or requirement.marker.evaluate(environment)
        }
        direct = {
            canonicalize_name(requirement.name)
            for requirement in group("dev")
            if requirement.marker is None or requirement.marker.evaluate(environment)
        }
        assert direct <= present
