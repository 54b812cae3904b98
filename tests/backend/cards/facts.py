"""Who changes what certificates depend on has to say so in the same write, whoever it is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backend.residents.facts import JUDGED_BY

_OF_CARDS = {"state", "expires_at", "region", "card_index", "resident_id"}
_FACTS = {"residents": JUDGED_BY | {"merged_into"}, "cards": _OF_CARDS, "attestations": None}
"""The fields by which a certificate's holder is judged, by collection; None for all."""
Sent = tuple[str, Mapping[str, Any]]


def told_of(commands: Sequence[Sent]) -> set[str]:
    """Return in which collections facts changed that were there before.

    Raises:
        AssertionError: a change did not end, in its own transaction, what was judged before.
    """
    ended = {_write_of(command) for name, command in commands if _ends_judgements(name, command)}
    changed = [
        (command[name], name, _write_of(command))
        for name, command in commands
        if name in {"insert", "update", "delete", "findAndModify"} and _facts_change(name, command)
    ]
    forgot = [(where, name) for where, name, write in changed if write not in ended]
    assert forgot == [], "changed what certificates say and did not tell"
    return {where for where, _, _ in changed}


def _facts_change(name: str, command: Mapping[str, Any]) -> bool:
    where = command[name]
    if where not in _FACTS:
        return False
    fields = _FACTS[where]
    if fields is None:
        return True
    return any(not fields.isdisjoint(_set_by(change)) for change in _changes(name, command))


def _ends_judgements(name: str, command: Mapping[str, Any]) -> bool:
    """Tell whether a command ends all judgements of the cards it changes."""
    if command.get(name) != "cards" or name not in {"update", "findAndModify"}:
        return False
    changes = list(_changes(name, command))
    return bool(changes) and all("judged" in change.get("$unset", {}) for change in changes)


def _changes(name: str, command: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    if name == "update":
        return [one["u"] for one in command["updates"]]
    return [command["update"]] if name == "findAndModify" and "update" in command else []


def _set_by(change: Mapping[str, Any]) -> set[str]:
    """Return the fields that an update sets or takes away, where they were there before."""
    return {name for how, fields in change.items() if how in {"$set", "$unset"} for name in fields}


def _write_of(command: Mapping[str, Any]) -> tuple[bytes, int]:
    """Return what tells one transaction, or one write of its own, from all others."""
    return bytes(command["lsid"]["id"]), command.get("txnNumber", 0)
