"""Images, compose file and units: what they copy, whom they run as, which settings they name."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.locks import ROOT

INFRA = ROOT / "infra"
PROGRAMS = {"backend": "backend", "reader": "reader_service"}
UNITS = sorted((INFRA / "systemd").glob("*.service"))


def dockerfile(name: str) -> str:
    return (INFRA / "docker" / f"{name}.Dockerfile").read_text("utf-8")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((INFRA / "compose.yaml").read_text("utf-8"))["services"]
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_image_holds_one_program_and_the_floor(name: str) -> None:
    final = dockerfile(name).split("\nFROM ")[-1]
    copied = re.findall(r"^COPY (?!--from)(\S+) ", final, re.MULTILINE)
    assert copied == ["shared", PROGRAMS[name]]
    ignored = (INFRA / "docker" / f"{name}.Dockerfile.dockerignore").read_text("utf-8")
    assert {line[1:] for line in ignored.splitlines() if line.startswith("!")} == {
        "shared",
        PROGRAMS[name],
        "infra/locks",
    }


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_image_installs_its_own_lock_by_hash(name: str) -> None:
    text = dockerfile(name)
    assert re.search(rf"^COPY infra/locks/uv.txt .*infra/locks/{name}.txt ", text, re.MULTILINE)
    assert text.count("--require-hashes") == 2


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_image_runs_as_a_user_of_its_own_and_tells_its_health(name: str) -> None:
    text = dockerfile(name)
    assert re.search(r"^USER [1-9]\d{4}$", text, re.MULTILINE)
    assert "HEALTHCHECK" in text
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert all(re.fullmatch(r"[a-z]+:\d+\.\d+\.\d+-[a-z-]+", base) for base in bases), bases


def test_every_service_is_shut_in(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name


def test_the_database_is_a_replica_set_nobody_else_reaches(services: dict[str, Any]) -> None:
    mongo = services["mongo"]
    assert "--replSet=city" in mongo["command"]
    assert "--keyFile=/run/secrets/mongo.key" in mongo["command"], "nor without a password"
    assert mongo["networks"] == ["inside"]
    guide = (INFRA / "docker" / "README.md").read_text("utf-8")
    assert "replicaSet=city" in guide, "in the address, which holds the password"


def test_keys_reach_the_backend_as_files(services: dict[str, Any]) -> None:
    backend = services["backend"]
    assert set(backend["secrets"]) == {
        "root.pem",
        "issuer.pem",
        "list.pem",
        "tokens.pem",
        "pkcs11.pin",
        "mongodb.uri",
    }
    assert backend["environment"]["YIKATONG_MONGODB_URI_FILE"] == "/run/secrets/mongodb.uri"
    unit = (INFRA / "systemd" / "yikatong-backend.service").read_text("utf-8")
    assert set(re.findall(r"LoadCredential=([^:]+):", unit)) == set(backend["secrets"])


def test_every_setting_named_is_one_a_program_reads() -> None:
    deployed = [
        *INFRA.glob("docker/*.Dockerfile"),
        *INFRA.glob("docker/*.md"),
        *UNITS,
        INFRA / "compose.yaml",
    ]
    backend = (ROOT / "backend" / "settings.py").read_text("utf-8")
    reader = (ROOT / "reader_service" / "settings.py").read_text("utf-8")
    named = {
        name for path in deployed for name in re.findall(r"YIKATONG_\w+", path.read_text("utf-8"))
    }
    assert named
    for name in named:
        if name.startswith("YIKATONG_READER_"):
            assert f'"{name.removeprefix("YIKATONG_READER_")}"' in reader, name
        else:
            assert f'"{name.removeprefix("YIKATONG_")}"' in backend, name


@pytest.fixture(scope="module")
def analyze() -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze (Debian package systemd) is missing")
    return program


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_a_unit_is_understood(analyze: str, unit: Path, tmp_path: Path) -> None:
    """Checked with this machine's Python in the place of the one in /opt."""
    text = unit.read_text("utf-8").replace("/opt/yikatong/.venv/bin/python", sys.executable)
    (tmp_path / unit.name).write_text(text, "utf-8")
    answer = subprocess.run(
        [analyze, "verify", tmp_path / unit.name], capture_output=True, check=False, text=True
    )
    ours = [line for line in answer.stderr.splitlines() if "yikatong" in line]
    assert (answer.returncode, ours) == (0, [])


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_a_unit_leaves_little_exposed(analyze: str, unit: Path) -> None:
    """systemd's own scale, 0 (shut in) to 10 (open)."""
    answer = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", "--threshold=20", unit],
        capture_output=True,
        check=False,
        text=True,
    )
    assert answer.returncode == 0, answer.stdout[-300:]


READER = INFRA / "reader"


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """A root of its own, with what the installer asks for already there or stood for."""
    home, tools = tmp_path / "root" / "opt" / "yikatong", tmp_path / "bin"
    for name in ("reader", "systemd"):
        shutil.copytree(INFRA / name, home / "infra" / name)
    for name in ("reader_service", "shared"):
        (home / name).mkdir()
        (home / name / "__init__.py").touch()
    (home / ".venv" / "bin").mkdir(parents=True)
    (home / ".venv" / "bin" / "python").symlink_to(sys.executable)
    tools.mkdir()
    (tools / "systemd-creds").write_text('#!/bin/sh\ncat >"$4"\n')
    (tools / "systemd-creds").chmod(0o755)
    path = f"{tools}:/usr/bin:/bin"
    return {"DESTDIR": str(tmp_path / "root"), "PATH": path}


def _install(machine: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [READER / "install.sh", *arguments],
        env=machine,
        capture_output=True,
        check=False,
        text=True,
    )


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is missing")
def test_a_mini_pc_is_made_a_reader_and_again_without_change(machine: dict[str, str]) -> None:
    code = f"YKTENROL1 https://city.example tok_12345678 {'x' * 43}"
    root = Path(machine["DESTDIR"])

    done = _install(machine, code)
    assert done.returncode == 0, done.stderr
    etc = root / "etc" / "yikatong"
    first = {path.name: path.read_text("utf-8") for path in etc.iterdir()}
    (etc / "lanes.toml").write_text("changed", "utf-8")
    assert _install(machine, code.replace("city", "other")).returncode == 0

    assert first["reader.env"] == "YIKATONG_READER_BACKEND_URL=https://city.example\n"
    assert re.fullmatch(r"[0-9a-f]{64}\n", first["storage.key.cred"])
    again = {path.name: path.read_text("utf-8") for path in etc.iterdir()}
    assert again == {**first, "lanes.toml": "changed"}
    assert (root / "etc/systemd/system/yikatong-reader.service").exists()
    assert list((root / "opt/yikatong/shared").glob("__pycache__/*.pyc"))
    assert os.access(root / "usr/local/bin/yikatong-reader", os.X_OK)


@pytest.mark.parametrize("arguments", [(), ("tok_1",), ("",)])
def test_without_a_code_nothing_is_installed(
    machine: dict[str, str], arguments: tuple[str, ...]
) -> None:
    done = _install(machine, *arguments)

    assert done.returncode == 1
    assert "登记码" in done.stderr
    assert not (Path(machine["DESTDIR"]) / "etc").exists()


@pytest.mark.parametrize("name", ["install.sh", "yikatong-reader"])
def test_the_readers_scripts_are_linted(name: str) -> None:
    lint = Path(sys.executable).parent / "shellcheck"
    assert subprocess.run([lint, READER / name], check=False).returncode == 0


def test_the_wrapper_and_the_unit_see_the_same_files() -> None:
    unit = (INFRA / "systemd" / "yikatong-reader.service").read_text("utf-8")
    wrapper = (READER / "yikatong-reader").read_text("utf-8")
    for line in ("EnvironmentFile", "LoadCredentialEncrypted", "WorkingDirectory", "DynamicUser"):
        [value] = re.findall(rf"^{line}=(.+)$", unit, re.MULTILINE)
        assert f"--property={line}={value}" in wrapper
    assert "WatchdogSec=" in unit
    assert "Type=notify" in unit
