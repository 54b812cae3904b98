"""Which stored fields are about a person, as each area declares them; read when a copy is made.

The law gives everybody a copy of what is held about them (PIPL 45). Each area names its collections
and says of every field whether the person is told its value or why not, so that nothing is left out
by silence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.foundation.data_labels import Label, Labels
from backend.foundation.person_keys import KeyDestroyed
from backend.foundation.sealing import Sealer
from shared.localized_text import LocalizedText

Row = Mapping[str, Any]
Read = Callable[[Row, Sealer], object]

PROOF = LocalizedText(
    "只用来核对的校验值，不含可读的信息。", "A value that only proves something; it says nothing."
)


@dataclass(frozen=True, slots=True)
class Told:
    """A field as the person finds it: under `key`, called `label`, its value by `read` if given."""

    key: str
    label: LocalizedText
    read: Read | None = None

    def value(self, name: str, row: Row, sealer: Sealer) -> object:
        """Return the value of the stored field `name`, None where the row has none."""
        return row.get(name) if self.read is None else self.read(row, sealer)


@dataclass(frozen=True, slots=True)
class PersonalRecords:
    """A collection whose rows are about residents.

    Args:
        code: a stable name, `area.records`.
        title: what the person reads above them.
        collection: the collection's name.
        person: the indexed field with the resident's id, or with an id of `through`.
        kept: how long, and why.
        told: the stored fields whose values are told.
        withheld: the stored fields whose values are not, and why.
        newest_first: the field they are ordered by, if they are.
        matching: what else a row must have.
        through: the collection and field that lead from the resident to the ids in `person`.
        labels: what kind of data the stored fields are, where their type does not tell (L2, L34).
        every: the label of a row as a whole, that ids, instants and states of it have too.
        purpose: what they are stored for.
    """

    code: str
    title: LocalizedText
    collection: str
    person: str
    kept: LocalizedText
    told: Mapping[str, Told]
    withheld: Mapping[str, LocalizedText] = field(default_factory=dict)
    newest_first: str | None = None
    matching: Row = field(default_factory=dict)
    through: tuple[str, str] | None = None
    labels: Labels = field(default_factory=dict)
    every: Label | None = None
    purpose: LocalizedText | None = None


def told(key: str, zh: str, en: str, read: Read | None = None) -> Told:
    """Return a field that the person is told."""
    return Told(key, LocalizedText(zh, en), read)


def opened(collection: str, name: str) -> Read:
    """Return what opens a sealed field of a collection's rows; None where it was erased."""

    def read(row: Row, sealer: Sealer) -> object:
        sealed = row.get(name)
        if sealed is None:
            return None
        try:
            return sealer.open(sealed, collection=collection, field=name, document=row["_id"])
        except KeyDestroyed:
            return None

    return read


def without(name: str, *hidden: str) -> Read:
    """Return what shows a field with parts of it left out, whether it has one part or a list."""

    def read(row: Row, _: Sealer) -> object:
        value = row.get(name)
        if isinstance(value, list):
            return [_less(one, hidden) for one in value]
        return None if value is None else _less(value, hidden)

    return read


def _less(value: Row, hidden: tuple[str, ...]) -> Row:
    return {name: one for name, one in value.items() if name not in hidden}
