from pathlib import Path

import pytest
from graphql import (
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    parse,
    specified_rules,
    validate,
)

from backend.__main__ import main
from backend.foundation.operation_limits import OperationLimits
from backend.schema import OPERATIONS, SCHEMA_FILE, schema_text

FILES = sorted(OPERATIONS.glob("*.graphql"))


def test_the_first_operations_are_there() -> None:
    assert {path.stem for path in FILES} >= {"EnrolDevice", "Home", "RenewCertificate", "Visits"}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """The committed one, read once: that takes longer than what is asked of it."""
    return build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_operation_fits_the_committed_schema_and_is_named_like_its_file(
    path: Path, schema: GraphQLSchema
) -> None:
    operation = parse(path.read_text(encoding="utf-8"))

    assert validate(schema, operation, [*specified_rules, OperationLimits]) == []
    named = [d for d in operation.definitions if isinstance(d, OperationDefinitionNode)]
    assert [node.name.value for node in named if node.name] == [path.stem]


def test_whatever_the_schema_offers_can_be_asked_in_production(schema: GraphQLSchema) -> None:
    """Production takes stored operations only: a field without one would be heard by nobody."""
    roots = [one for one in (schema.query_type, schema.mutation_type) if one is not None]
    offered = {name for root in roots for name in root.fields}

    stored = {
        field.name.value
        for path in FILES
        for operation in parse(path.read_text(encoding="utf-8")).definitions
        if isinstance(operation, OperationDefinitionNode)
        for field in operation.selection_set.selections
        if isinstance(field, FieldNode)
    }
    assert offered - stored == set()


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
