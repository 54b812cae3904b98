from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate

from backend.__main__ import main
from backend.schema import OPERATIONS, SCHEMA_FILE, schema_text

FILES = sorted(OPERATIONS.glob("*.graphql"))


def test_the_first_operations_are_there() -> None:
    assert {path.stem for path in FILES} >= {"EnrolDevice", "Home", "RenewCertificate", "Visits"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_operation_fits_the_committed_schema_and_is_named_like_its_file(path: Path) -> None:
    schema = build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))
    operation = parse(path.read_text(encoding="utf-8"))

    assert validate(schema, operation) == []
    named = [d for d in operation.definitions if isinstance(d, OperationDefinitionNode)]
    assert [node.name.value for node in named if node.name] == [path.stem]


def test_the_committed_schema_is_up_to_date() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()
    assert main(["schema", "--check"]) == 0


def test_the_check_notices_another_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "schema.graphql"
    old.write_text(schema_text().replace("serverTime: DateTime!", "serverTime: String!", 1))
    monkeypatch.setattr("backend.__main__.SCHEMA_FILE", old)

    assert main(["schema", "--check"]) == 1
    assert "python -m backend schema" in capsys.readouterr().err
    assert main(["schema"]) == 0
    assert old.read_text(encoding="utf-8") == schema_text()
