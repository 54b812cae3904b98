"""The Android package, as far as it can be known without building it."""

import json
import re
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.metadata import distribution, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.android.stage import stage
from tests.architecture.locks import ROOT, group, versions

ANDROID = ROOT / "infra" / "android"
PLATFORM_MODULES = {"jnius", "android"}  # exist on a phone only

IMPORT_ALL = """
import importlib, pathlib, sys
missing = set()
for path in sorted(pathlib.Path().rglob("*.py")):
    parts = path.with_suffix("").parts
    if parts[-1] in ("__main__", "main"):
        continue
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing.add((name, error.name))
print(*(f"{where} {what}" for where, what in sorted(missing)), sep="\\n")
"""


@pytest.fixture(scope="module")
def app() -> dict[str, str]:
    parser = ConfigParser()
    parser.read(ANDROID / "buildozer.spec", "utf-8")
    return dict(parser["app"])


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    target = tmp_path_factory.mktemp("android") / "src"
    return target, stage(target)


@pytest.fixture(scope="module")
def resolved() -> dict[str, dict[str, str] | list[str]]:
    """What python-for-android makes of the requirements."""
    answer = subprocess.run(
        [
            ROOT / ".data" / "android-env" / "bin" / "python",
            ANDROID / "resolve_requirements.py",
            ANDROID / "buildozer.spec",
        ],
        capture_output=True,
        check=True,
        text=True,
    )
    found: dict[str, dict[str, str] | list[str]] = json.loads(answer.stdout)
    return found


def split(value: str) -> list[str]:
    return [entry.strip() for entry in value.split(",")]


def closure(requirements: Iterator[Requirement]) -> set[str]:
    """The packages these bring along on a phone. Kivy's own are its recipe's affair."""
    environment = {"sys_platform": "linux", "platform_system": "Linux", "extra": ""}
    found: set[str] = set()
    waiting = list(requirements)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate(environment)
        if name in found or not applies:
            continue
        found.add(name)
        if name != "kivy":
            waiting += [Requirement(text) for text in requires(name) or ()]
    return found


def test_only_what_belongs_on_a_phone_is_staged(staged: tuple[Path, list[Path]]) -> None:
    _, files = staged
    assert {path.parts[0] for path in files} == {"main.py", "mobile", "shared"}
    assert Path("mobile/__main__.py") in files


def test_every_kind_of_staged_file_is_packed(
    staged: tuple[Path, list[Path]], app: dict[str, str]
) -> None:
    _, files = staged
    assert {path.suffix.removeprefix(".") for path in files} <= set(
        split(app["source.include_exts"])
    )


def test_the_staged_tree_needs_nothing_but_the_phones_packages(
    staged: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    target, _ = staged
    answer = subprocess.run(
        [ROOT / ".data" / "mobile-env" / "bin" / "python", "-c", IMPORT_ALL],
        cwd=target,
        env={
            "SDL_VIDEODRIVER": "offscreen",
            "KIVY_NO_ARGS": "1",
            "KIVY_HOME": str(tmp_path),
            "HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        check=False,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    missing = [line.split() for line in answer.stdout.splitlines() if line]
    assert all(
        what in PLATFORM_MODULES and where.rpartition(".")[2].startswith("android")
        for where, what in missing
    ), missing


def test_the_requirements_are_the_phones_packages(
    app: dict[str, str], resolved: dict[str, dict[str, str] | list[str]]
) -> None:
    named = {canonicalize_name(Requirement(entry).name) for entry in split(app["requirements"])}
    carried = set(resolved["recipes"]) | {"kivy"}
    needed = closure(iter(group("mobile")))
    assert needed - named <= carried
    assert named - needed == {"python3", "pyjnius"}


def test_what_is_compiled_has_a_recipe_in_our_range(
    resolved: dict[str, dict[str, str] | list[str]],
) -> None:
    recipes = resolved["recipes"]
    assert isinstance(recipes, dict)
    assert {"python3", "kivy", "pyjnius", "cryptography", "httpx", "pyzbar"} <= set(recipes)
    for requirement in group("mobile"):
        if version := recipes.get(canonicalize_name(requirement.name)):
            assert requirement.specifier.contains(version), f"recipe {version}: {requirement}"


def test_what_has_no_recipe_is_pure_python(
    app: dict[str, str], resolved: dict[str, dict[str, str] | list[str]]
) -> None:
    modules = set(resolved["modules"])
    named = {canonicalize_name(Requirement(entry).name) for entry in split(app["requirements"])}
    for name in modules & named:
        wheel = distribution(name).read_text("WHEEL") or ""
        assert "Root-Is-Purelib: true" in wheel, name


def test_versions_are_the_locks(app: dict[str, str]) -> None:
    pinned = versions("mobile")
    for entry in split(app["requirements"]):
        requirement = Requirement(entry)
        if requirement.specifier:
            version = str(requirement.specifier).removeprefix("==")
            assert pinned[canonicalize_name(requirement.name)] == {version}


def test_every_pure_module_is_pinned(
    app: dict[str, str], resolved: dict[str, dict[str, str] | list[str]]
) -> None:
    for entry in split(app["requirements"]):
        requirement = Requirement(entry)
        if requirement.name in resolved["modules"]:
            assert requirement.specifier, entry


@pytest.mark.feature("A24")
def test_permissions_equal_the_documented_ones(app: dict[str, str]) -> None:
    table = (ANDROID / "README.md").read_text("utf-8")
    documented = re.findall(r"^\| `(android\.permission\.\w+)`", table, re.MULTILINE)
    assert split(app["android.permissions"]) == documented


def test_no_backup_carries_the_device_key_away(app: dict[str, str]) -> None:
    assert app["android.allow_backup"] == "False"


def test_the_package_carries_the_projects_version(app: dict[str, str]) -> None:
    assert f'version = "{app["version"]}"' in (ROOT / "pyproject.toml").read_text("utf-8")
