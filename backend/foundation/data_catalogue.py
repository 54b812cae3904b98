"""The data catalogue 数据目录: every stored field with its label, purpose and retention (L2, L34).

It is put together from what the areas declare, never written beside them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanie import Document

from backend.foundation.data_labels import HouseRecords, Label, label_of
from backend.foundation.personal_data import PersonalRecords
from shared.localized_text import LocalizedText

_REVISION = "revision_id"  # Beanie's own, never stored here


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """A stored field; `label` and `purpose` None where nobody declared them."""

    collection: str
    field: str
    label: Label | None
    purpose: LocalizedText | None
    kept: LocalizedText | None
    told: bool

    @property
    def name(self) -> str:
        """By what assessments and agreements name it."""
        return f"{self.collection}.{self.field}"


def data_catalogue(
    documents: Iterable[type[Document]],
    personal: Iterable[PersonalRecords],
    house: Iterable[HouseRecords],
) -> list[CatalogueItem]:
    """Return every field of every document, in their order.

    Args:
        documents: what is stored.
        personal: what residents are told in their copy.
        house: the rest.
    """
    declared: dict[str, list[PersonalRecords | HouseRecords]] = {}
    every: list[PersonalRecords | HouseRecords] = [*personal, *house]
    for one in every:
        known = declared.setdefault(one.collection, [])
        # A row may be about two people, and told to each of them in their way.
        if any((other.labels, other.every) != (one.labels, one.every) for other in known):
            raise ValueError(f"{one.collection} is labelled in two ways")
        known.append(one)
    return [
        item
        for document in documents
        for item in _items(document, declared.get(_collection(document), []))
    ]


def sensitive_items(catalogue: Iterable[CatalogueItem]) -> frozenset[str]:
    """Return the names of what is labelled sensitive 敏感个人信息."""
    return frozenset(one.name for one in catalogue if one.label and one.label.sensitive)


def as_json(catalogue: Sequence[CatalogueItem]) -> str:
    """Return the catalogue for programs, one object a field."""
    return json.dumps([_wire(one) for one in catalogue], ensure_ascii=False, indent=1)


def as_text(catalogue: Sequence[CatalogueItem]) -> str:
    """Return the catalogue for auditors: a line a field, under a line a collection."""
    lines, present = [], ""
    for one in catalogue:
        if one.collection != present:
            present = one.collection
            lines.append(f"{present}\t{_both(one.purpose)}\t{_both(one.kept)}")
        label = one.label
        grade = "?" if label is None else f"L{label.grade}"
        words = "?" if label is None else _both(label.words)
        mark = "敏感 sensitive" if label is not None and label.sensitive else "-"
        lines.append(f"  {one.field}\t{grade}\t{words}\t{mark}")
    return "\n".join(lines)


def _collection(document: Any) -> str:
    # Not by Beanie, which knows it only once a store is open.
    return str(document.Settings.name)


def _items(
    document: type[Document], told_as: Sequence[PersonalRecords | HouseRecords]
) -> list[CatalogueItem]:
    declared = told_as[0] if told_as else None
    told = {name for one in told_as if isinstance(one, PersonalRecords) for name in one.told}
    items = []
    for attribute, info in document.model_fields.items():
        if attribute == _REVISION:
            continue
        name = "_id" if attribute == "id" else attribute
        label = None
        if declared is not None:
            label = label_of(name, info.annotation, declared.labels, declared.every)
        items.append(
            CatalogueItem(
                collection=_collection(document),
                field=name,
                label=label,
                purpose=declared.purpose if declared else None,
                kept=declared.kept if declared else None,
                told=name in told,
            )
        )
    return items


def _wire(one: CatalogueItem) -> Mapping[str, Any]:
    label = one.label
    return {
        "item": one.name,
        "category": label and {"code": label.code, "zh": label.words.zh, "en": label.words.en},
        "grade": label and label.grade,
        "sensitive": label is not None and label.sensitive,
        "purpose": one.purpose and {"zh": one.purpose.zh, "en": one.purpose.en},
        "kept": one.kept and {"zh": one.kept.zh, "en": one.kept.en},
        "told_to_the_person": one.told,
    }


def _both(text: LocalizedText | None) -> str:
    return "?" if text is None else f"{text.zh} / {text.en}"
