"""Notices and purposes as data files: their words are pinned, and what the law asks is told."""

import shutil
from pathlib import Path

import pytest

from backend.rights.rules import Notice, Purpose
from backend.rights.texts import NOTICES, PURPOSES, read_texts
from backend.settings import StartRefused


def test_every_text_has_both_languages_a_version_a_date_and_a_hash() -> None:
    texts = read_texts()

    assert set(texts.notices) == {"platform", "ecard"}
    for notice in texts.notices.values():
        assert notice.title.zh
        assert notice.title.en
        # Who, what for, which data, how long, and the rights (L5): one numbered line each.
        assert notice.text.zh.count("\n") == notice.text.en.count("\n") >= 5
    every: list[Notice | Purpose] = [*texts.notices.values(), *texts.purposes.values()]
    for one in every:
        assert (one.version, len(one.digest)) >= (1, 64)
        assert one.day.year >= 2026


def test_every_purpose_tells_necessity_impact_fields_and_recipient() -> None:
    """L3: with sensitive data, why it is necessary and what it means for the person."""
    for purpose in read_texts().purposes.values():
        told = (purpose.title, purpose.necessity, purpose.impact, purpose.recipient.name)
        assert all(text.zh and text.en for text in (*told, *purpose.fields))
        assert purpose.fields
        assert purpose.lasting.days >= 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("180天", "181天"),
        ("version = 2", "version = 3"),
        ("date = 2026-11-22", "date = 2026-11-23"),
        ('scene = "sign_in"', ""),
        ('sha256 = "', 'sha256 = "0'),
        ("sha256", "sha-256"),
        ("[title]", "[title"),
        ('code = "platform"', 'code = "other"'),
    ],
)
def test_words_that_changed_without_a_new_version_stop_the_start(
    old: str, new: str, tmp_path: Path
) -> None:
    shutil.copytree(NOTICES, tmp_path / "notices")
    changed = tmp_path / "notices" / "platform.toml"
    text = changed.read_text(encoding="utf-8")
    assert old in text
    changed.write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(StartRefused, match=r"platform\.toml"):
        read_texts(tmp_path / "notices", PURPOSES)
