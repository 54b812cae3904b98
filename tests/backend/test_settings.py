from pathlib import Path

import pytest

from backend.settings import Environment, StartRefused, read_settings


def test_without_anything_set__development_on_the_loopback() -> None:
    settings = read_settings({})

    assert settings.environment is Environment.DEVELOPMENT
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.keys_dir == settings.data_dir / "keys"
    assert settings.mongodb_uri is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("YIKATONG_PORT", "0"),
        ("YIKATONG_PORT", "70000"),
        ("YIKATONG_PORT", "８０００"),
        ("YIKATONG_PORT", "-1"),
        ("YIKATONG_MONGOD_PORT", "x"),
        ("YIKATONG_REGION", "12"),
        ("YIKATONG_ENVIRONMENT", "prod"),
    ],
)
def test_a_wrong_value_names_its_variable_in_both_languages(name: str, value: str) -> None:
    with pytest.raises(StartRefused) as refused:
        read_settings({name: value})

    assert name in refused.value.text.zh
    assert name in refused.value.text.en


@pytest.mark.parametrize("missing", ["YIKATONG_KEYS_DIR", "YIKATONG_MONGODB_URI"])
def test_production_needs_its_keys_and_its_store(missing: str) -> None:
    given = {
        "YIKATONG_ENVIRONMENT": "production",
        "YIKATONG_KEYS_DIR": "/k",
        "YIKATONG_MONGODB_URI": "mongodb://m",
    }
    del given[missing]

    with pytest.raises(StartRefused, match=missing):
        read_settings(given)


def test_the_usual_name_of_the_store_is_understood_too() -> None:
    assert read_settings({"MONGODB_URI": "mongodb://m"}).mongodb_uri == "mongodb://m"
    both = {"MONGODB_URI": "mongodb://m", "YIKATONG_MONGODB_URI": "mongodb://ours"}
    assert read_settings(both).mongodb_uri == "mongodb://ours"


def test_the_stores_address_may_stand_in_a_file(tmp_path: Path) -> None:
    """It may hold a password, which no list of processes and no inspection of an image shows."""
    file = tmp_path / "mongodb.uri"
    file.write_text("mongodb://backend:x@m/?replicaSet=city\n", encoding="utf-8")

    found = read_settings({"YIKATONG_MONGODB_URI_FILE": str(file)})

    assert found.mongodb_uri == "mongodb://backend:x@m/?replicaSet=city"


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_an_address_file_that_tells_nothing_stops_the_start(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "mongodb.uri"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(StartRefused) as refused:
        read_settings({"YIKATONG_MONGODB_URI_FILE": str(file)})

    assert "YIKATONG_MONGODB_URI_FILE" in refused.value.text.zh
