"""The layout and the names everyone relies on, and what no file may say."""

import re
import subprocess
from functools import cache
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import PurePosixPath

import pytest

from tests.architecture.locks import ROOT

FOLDERS = {".ci", "backend", "infra", "mobile", "reader_service", "shared", "tests"}
ROOT_FILES = {
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "pyproject.toml",
}
OWN_PACKAGES = FOLDERS - {".ci"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
MACHINE_PATH = re.compile(r"/(tmp|work|root|home|Users|farm)/")
# Written so that this file does not match itself.
REGISTRIES = re.compile(r"pyp[i]\.org|python[h]osted|npm[j]s|deb\.debia[n]")
TEXT = {
    *(".py", ".kv", ".c", ".html", ".js", ".css", ".graphql"),
    *(".md", ".toml", ".txt", ".yaml", ".yml", ".sh", ".service", ".spec"),
}


@cache
def tracked() -> tuple[PurePosixPath, ...]:
    """The files of the repository, those not yet added included, ignored ones left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = (PurePosixPath(name) for name in listed.split("\0") if name)
    return tuple(path for path in paths if (ROOT / path).is_file())


def texts() -> list[tuple[PurePosixPath, str]]:
    bare = {"Makefile", "run", ".gitignore"}
    return [
        (path, (ROOT / path).read_text("utf-8"))
        for path in tracked()
        if path.suffix in TEXT or path.name in bare or "ockerfile" in path.name
    ]


def offences(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_the_top_level_holds_the_given_folders_only() -> None:
    folders = {path.parts[0] for path in tracked() if len(path.parts) > 1}
    files = {path.name for path in tracked() if len(path.parts) == 1}
    assert folders == FOLDERS
    assert files <= ROOT_FILES


def test_no_file_has_a_vague_name() -> None:
    vague = [
        str(path)
        for path in tracked()
        if any(VAGUE & set(re.split(r"[_\-.]", part.lower())) for part in path.parts)
    ]
    assert vague == []


def test_no_module_is_named_after_a_library() -> None:
    """Python started inside a folder would find our file in the library's place."""
    sources = [(path, text) for path, text in texts() if path.suffix == ".py"]
    imported = {
        name
        for _, text in sources
        for name in re.findall(r"^\s*(?:import|from) (\w+)", text, re.MULTILINE)
    }
    # Drivers are named after their platform; a phone starts the app from the top folder only.
    libraries = (imported | set(packages_distributions())) - OWN_PACKAGES - {"android"}
    shadowing = [
        str(path)
        for path, _ in sources
        if path.parts[0] in OWN_PACKAGES - {"tests", "infra"}
        if {path.stem, path.parent.name} & libraries
    ]
    assert shadowing == []


@pytest.mark.parametrize("package", sorted(OWN_PACKAGES))
def test_no_distribution_provides_a_package_of_ours(package: str) -> None:
    assert package not in packages_distributions()
    spec = find_spec(package)
    assert spec is not None
    assert all(place.startswith(str(ROOT)) for place in spec.submodule_search_locations or ())


def test_no_file_names_a_path_of_one_machine() -> None:
    assert offences(MACHINE_PATH) == []


def test_no_file_names_a_registry() -> None:
    assert offences(REGISTRIES) == []


def test_imports_are_never_relative() -> None:
    assert offences(re.compile(r"^\s*from \.+\w* import ")) == []


def test_the_documents_name_commands_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    for path, text in texts():
        if path.suffix == ".md":
            code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
            named = set(re.findall(r"\bmake ([a-z][a-z-]*)", code))
            assert named <= targets, f"{path}: {named - targets}"


def test_the_makefile_starts_programs_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for module in re.findall(r"\$\(python\) -m ([\w.]+)", makefile):
        found = find_spec(module)
        assert found is not None, module
        if found.submodule_search_locations is not None and module.split(".")[0] in OWN_PACKAGES:
            assert find_spec(f"{module}.__main__") is not None, module


def test_ci_runs_the_commands_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "make lint" in script
    assert "make test" in script


def test_decisions_are_numbered_once_each() -> None:
    files = sorted((ROOT / "infra" / "decisions").glob("*.md"))
    numbers = [int(path.name[:4]) for path in files]
    assert numbers == list(range(1, len(files) + 1))
    for number, path in zip(numbers, files, strict=True):
        assert path.read_text("utf-8").startswith(f"# {number}. "), path.name
