import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.foundation.issuer_keys import IssuerKeys, IssuerKeysExhausted, make_issuer_key
from backend.foundation.key_files import write_once
from backend.foundation.keys import InheritedKeys, load_keys
from backend.settings import Settings, StartRefused, read_settings

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = {"root.pem", "issuer.pem", "list.pem", "tokens.pem"}


def _development(folder: Path) -> Settings:
    return read_settings({"YIKATONG_DATA_DIR": str(folder)})


def _production(folder: Path) -> Settings:
    return read_settings(
        {
            "YIKATONG_ENVIRONMENT": "production",
            "YIKATONG_KEYS_DIR": str(folder),
            "YIKATONG_MONGODB_URI": "mongodb://127.0.0.1:1",
        }
    )


def test_development_makes_keys_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = load_keys(_development(tmp_path))
    second = load_keys(_development(tmp_path))

    keys = tmp_path / "keys"
    assert {path.name for path in keys.iterdir()} == NAMES
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}
    assert first.issuers.at(NOW).key.public == second.issuers.at(NOW).key.public
    assert first.issuers.trusted() == [(first.issuers.keys[0], None)]
    assert first.inherited is None
    assert "issuer" not in repr(first)


def test_production_makes_no_key(tmp_path: Path) -> None:
    with pytest.raises(StartRefused) as refused:
        load_keys(_production(tmp_path))

    assert "root.pem" in refused.value.text.en
    assert "YIKATONG_KEYS_DIR" in refused.value.text.zh
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(NAMES))
def test_production_names_the_key_that_is_missing(tmp_path: Path, name: str) -> None:
    load_keys(_development(tmp_path))
    (tmp_path / "keys" / name).unlink()

    with pytest.raises(StartRefused, match=name):
        load_keys(_production(tmp_path / "keys"))


@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.parametrize("content", ["", "junk", "00" * 31])
def test_a_key_that_is_none_is_named(tmp_path: Path, name: str, content: str) -> None:
    load_keys(_development(tmp_path))
    (tmp_path / "keys" / name).write_text(content)

    with pytest.raises(StartRefused, match=name):
        load_keys(_development(tmp_path))


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_keys(_development(tmp_path))
    (tmp_path / "keys" / "issuer.pem").chmod(0o640)

    with pytest.raises(StartRefused, match="chmod 600"):
        load_keys(_production(tmp_path / "keys"))


def test_a_place_where_no_key_can_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file stands where the directory should be")

    with pytest.raises(StartRefused, match="keys"):
        load_keys(_development(tmp_path))


def _inherit(folder: Path) -> Settings:
    """Put the files of an installation from before in place."""
    settings = _development(folder)
    load_keys(settings)
    for name, byte in (("sealing.key", "11"), ("index.key", "22")):
        write_once(folder / "keys" / name, byte.encode() * 32)
    return settings


def test_the_secrets_of_an_installation_from_before_are_found(tmp_path: Path) -> None:
    keys = load_keys(_inherit(tmp_path))

    assert keys.inherited == InheritedKeys(b"\x11" * 32, b"\x22" * 32)
    assert "inherited" not in repr(keys)


@pytest.mark.parametrize("name", ["sealing.key", "index.key"])
def test_half_an_inheritance_is_refused_and_named(tmp_path: Path, name: str) -> None:
    """Going on would make another key and leave every stored value closed."""
    settings = _inherit(tmp_path)
    (tmp_path / "keys" / name).unlink()

    with pytest.raises(StartRefused, match=name):
        load_keys(settings)


@pytest.mark.parametrize("name", ["sealing.key", "index.key"])
@pytest.mark.parametrize("content", ["", "junk", "00" * 31])
def test_an_inherited_key_that_is_none_is_named(tmp_path: Path, name: str, content: str) -> None:
    settings = _inherit(tmp_path)
    (tmp_path / "keys" / name).write_text(content)

    with pytest.raises(StartRefused, match=name):
        load_keys(settings)


def test_each_issuer_key_takes_over_from_the_one_before(tmp_path: Path) -> None:
    settings = _development(tmp_path)
    folder, used = tmp_path / "keys", []
    for days in (1, 9):
        present = load_keys(settings).issuers
        used.append(make_issuer_key(folder, present, NOW + days * DAY))

    issuers = load_keys(settings).issuers
    assert [issuers.at(NOW + days * DAY).key_id for days in (0, 1, 8, 9)] == [1, 2, 2, 3]
    assert issuers.at(NOW + 9 * DAY).key.public == used[1].key.public
    ends = [until for _, until in issuers.trusted()]
    assert ends == [NOW + 3 * DAY, NOW + 11 * DAY, None]  # a certificate lives 48 hours
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_key_is_never_used_before_the_one_before_it(tmp_path: Path) -> None:
    settings, folder = _development(tmp_path), tmp_path / "keys"
    for _ in range(2):
        make_issuer_key(folder, load_keys(settings).issuers, NOW + DAY)

    assert load_keys(settings).issuers.at(NOW + DAY).key_id == 2
    assert load_keys(settings).issuers.at(NOW + 2 * DAY).key_id == 3


@pytest.mark.parametrize(
    "name", ["issuer-2.pem", "issuer-1-20270101T000000Z.pem", "issuer-256-20270101T000000Z.pem"]
)
def test_an_issuer_key_whose_name_says_nothing_is_refused(tmp_path: Path, name: str) -> None:
    load_keys(_development(tmp_path))
    folder = tmp_path / "keys"
    write_once(folder / name, (folder / "issuer.pem").read_bytes())

    with pytest.raises(StartRefused, match="issuer-"):
        load_keys(_development(tmp_path))


def test_there_is_no_256th_issuer_key(tmp_path: Path) -> None:
    present = load_keys(_development(tmp_path)).issuers
    last = replace(present.keys[0], key_id=255)

    with pytest.raises(IssuerKeysExhausted):
        make_issuer_key(tmp_path / "keys", IssuerKeys([last], DAY), NOW)
