"""The role of the backend on a production MongoDB, as `createRole` takes it.

    python -m infra.mongodb.roles > infra/mongodb/roles.json

Rights add up in MongoDB and cannot be taken away again, so every collection is named: the rows of
the audit log and their links can be inserted and read, never changed or removed. Whoever breaks
into the backend cannot rewrite what it has recorded; a new collection needs a new file.
"""

import json
import sys
from pathlib import Path
from typing import Any

from backend.bookings.documents import PlaceBooking, SlotPlan
from backend.cards.documents import Card
from backend.foundation.audit import AuditRow
from backend.foundation.audit_chain import AuditLink
from backend.mandates.documents import Mandate
from backend.passes.documents import StoredPass
from backend.residents.documents import Resident
from backend.stored import DOCUMENTS
from backend.stored_value.documents import StoredValueEntry

ROLE = "yikatong_server"
DATABASE = "yikatong"
FILE = Path(__file__).with_name("roles.json")
APPEND_ONLY = frozenset({AuditRow, AuditLink, StoredValueEntry})
WATCHED = frozenset({Card, Mandate, PlaceBooking, Resident, SlotPlan, StoredPass})
"""Whose changes offline sets follow (`backend/foundation/store_changes.py`)."""
_GROWING = ["find", "insert", "createIndex", "createCollection", "listIndexes"]
_CHANGING = [*_GROWING, "update", "remove"]


def role() -> dict[str, Any]:
    """Return the command that makes the role."""
    privileges = [
        {
            "resource": {"db": DATABASE, "collection": _name(document)},
            "actions": sorted(_actions(document)),
        }
        for document in sorted(DOCUMENTS, key=_name)
    ]
    listing = {"resource": {"db": DATABASE, "collection": ""}, "actions": ["listCollections"]}
    return {"createRole": ROLE, "privileges": [listing, *privileges], "roles": []}


def _actions(document: Any) -> list[str]:
    rights = _GROWING if document in APPEND_ONLY else _CHANGING
    return [*rights, "changeStream"] if document in APPEND_ONLY | WATCHED else rights


def _name(document: Any) -> str:
    return str(document.Settings.name)


def text() -> str:
    """Return the file."""
    return json.dumps(role(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
