"""Each stored field has a category, a grade, a purpose and a retention (L1, L2, L34)."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import pytest
from beanie import Document

from backend.__main__ import main
from backend.foundation import data_labels as label
from backend.foundation.data_catalogue import data_catalogue, sensitive_items
from backend.foundation.data_labels import label_of
from backend.house_data import HOUSE_DATA
from backend.sharing.rules import ITEMS
from backend.stored import DOCUMENTS, PERSONAL_DATA
from shared.localized_text import LocalizedText

CATALOGUE = data_catalogue(DOCUMENTS, PERSONAL_DATA, HOUSE_DATA)


@pytest.mark.feature("L2", "L34")
def test_every_field_of_every_document_is_labelled() -> None:
    """A field or collection that is added later must be declared, or this fails."""
    assert [one.name for one in CATALOGUE if one.label is None] == []
    assert {one.collection for one in CATALOGUE if one.purpose is None or one.kept is None} == set()


def test_what_is_declared_is_stored() -> None:
    """No label outlives its field, no collection stands twice."""
    stored = {one.name for one in CATALOGUE}
    declared = {
        f"{records.collection}.{name}"
        for records in (*PERSONAL_DATA, *HOUSE_DATA)
        for names in records.labels.values()
        for name in names.split()
    }
    assert declared - stored == set()
    assert {one.collection for one in HOUSE_DATA} <= {one.collection for one in CATALOGUE}
    other = replace(HOUSE_DATA[0], every=label.WHEREABOUTS)
    with pytest.raises(ValueError, match="labelled in two ways"):
        data_catalogue(DOCUMENTS, PERSONAL_DATA, (*HOUSE_DATA, other))


class Unlabelled(Document):
    """A document nobody declared."""

    remark: str
    at: datetime

    class Settings:
        """Where it would be stored."""

        name = "unlabelled"


def test_a_field_nobody_labelled_is_noticed() -> None:
    """The control."""
    found = data_catalogue([Unlabelled], (), ())
    assert {one.label for one in found} == {None}
    assert label_of("remark", str, {label.WORDS: "note"}, None) is None


def test_only_ids_instants_and_states_are_known_by_their_type() -> None:
    kind = Enum("kind", ["A"])
    known: dict[tuple[str, Any], label.Label] = {
        ("_id", str): label.IDENTIFIER,
        ("card_id", str): label.IDENTIFIER,
        ("at", datetime | None): label.INSTANT,
        ("open", bool): label.STATE,
        ("kind", kind | None): label.STATE,
    }
    for (name, annotation), expected in known.items():
        assert label_of(name, annotation, {}, None) is expected
        assert label_of(name, annotation, {}, label.WHEREABOUTS) is label.WHEREABOUTS
    unknown: dict[str, Any] = {"text": str, "key": bytes, "count": int, "raw": dict[str, str]}
    for name, annotation in unknown.items():
        assert label_of(name, annotation, {}, None) is None
        # Not even by the label of the whole row: somebody has to look at them.
        assert label_of(name, annotation, {}, label.OPERATION) is None
    with pytest.raises(ValueError, match="two labels"):
        label_of("x", str, {label.WORDS: "x", label.CARD: "x"}, None)


@pytest.mark.feature("L2")
def test_what_the_law_calls_sensitive_is_sensitive() -> None:
    sensitive = sensitive_items(CATALOGUE)
    assert sensitive >= {
        *("residents.number_sealed", "cards.account_reference", "scans.scanned_at"),
        *("scans.venue_number", "eligibility_grounds.sealed", "attestations.sealed"),
        *("bookings.venue", "bookings.starts_at", "offline_records.sealed"),
    }
    assert not sensitive & {"venues.name", "residents.name_sealed", "cards.state", "slots.free"}
    grades = {one.label.grade for one in CATALOGUE if one.label and one.label.sensitive}
    assert grades == {4}


@pytest.mark.feature("L34")
def test_whatever_is_sealed_is_graded_three_or_four() -> None:
    sealed = [one for one in CATALOGUE if "sealed" in one.field]
    assert len(sealed) >= 10
    assert [one.name for one in sealed if one.label is None or one.label.grade < 3] == []


@pytest.mark.feature("S121", "L27")
def test_the_retention_that_is_told_is_the_one_that_is_kept() -> None:
    """Where the store deletes by itself, the house's words say after how many days."""
    kept = {one.collection: one.kept.zh for one in HOUSE_DATA}
    for document in DOCUMENTS:
        for index in getattr(document.Settings, "indexes", ()):
            seconds = index.document.get("expireAfterSeconds")
            name = document.Settings.name
            if seconds and name in kept:
                days = timedelta(seconds=seconds).days
                assert kept[name].startswith(f"{days}天"), name


def test_what_is_shared_is_in_the_catalogue() -> None:
    assert set(ITEMS.values()) <= {one.name for one in CATALOGUE}


def test_the_command_prints_it_for_auditors_and_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["data-catalogue"]) == 0
    text = capsys.readouterr().out
    assert "  number_sealed\tL4\t证件号码 / ID number\t敏感 sensitive" in text
    assert main(["data-catalogue", "--json"]) == 0
    rows = {one["item"]: one for one in json.loads(capsys.readouterr().out)}
    assert len(rows) == len(CATALOGUE)
    number = rows["residents.number_sealed"]
    assert (number["grade"], number["sensitive"], number["told_to_the_person"]) == (4, True, True)
    assert LocalizedText(**number["kept"]).zh
    assert number["purpose"]["en"]
