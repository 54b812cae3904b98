"""A mandate as it is stored, and what of it decides."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.foundation.mongo import Session
from backend.mandates.documents import Mandate, MandateParty
from backend.mandates.granting import Grant
from backend.mandates.rules import MandateFacts, MandateState, ScopeGrant, reminder_after
from backend.mandates.scopes import Scope
from shared.identifiers import is_identifier

Row = Mapping[str, Any]


def facts_in(row: Row, scope: Scope | None = None) -> MandateFacts:
    """Return what of a stored mandate decides about a use, or only of a use of `scope`."""
    scopes = row.get("scopes", ())
    if scope is not None:
        scopes = [one for one in scopes if one["scope"] == scope.value]
    return MandateFacts(
        delegate=row.get("delegate"),
        state=MandateState(row["state"]),
        scopes=tuple(
            [ScopeGrant(Scope(one["scope"]), one["since"], one.get("until")) for one in scopes]
        ),
        ends_at=row.get("ends_at"),
        used_at=row.get("used_at"),
        disputed=row["disputed"],
        money_frozen=row["money_frozen"],
        review_by=row.get("review_by"),
        consent_from=row.get("consent_from"),
    )


def granted(made: Grant, now: datetime) -> dict[str, Any]:
    """Return the fields that a confirmation writes."""
    fields = {
        "state": MandateState.ACTIVE.value,
        "scopes": [
            {"scope": one.scope.value, "since": one.since}
            | ({} if one.until is None else {"until": one.until})
            for one in made.scopes
        ],
        "starts_at": made.starts_at,
        "ends_at": made.ends_at,
        "ends_as": made.ends_as.value,
        "review_by": made.review_by,
        "consent_from": made.consent_from,
        "confirmed_at": now,
        "used_at": now,
        "due_at": reminder_after(made.ends_at, now),
    }
    return {name: value for name, value in fields.items() if value is not None}


async def read(mandate_id: str, session: Session | None = None) -> Row | None:
    """Return a stored mandate; a text that can be no id is nobody's."""
    if not is_identifier(mandate_id):
        return None
    return await Mandate.get_pymongo_collection().find_one({"_id": mandate_id}, session=session)


def is_party(row: Row | None, person: str | None) -> bool:
    """Tell whether somebody is on either side of a mandate, or made its invitation."""
    sides = () if row is None else (row.get("principal"), row.get("delegate"), row["offered_by"])
    return person is not None and person in sides


async def is_under_guardianship(person: str, session: Session | None = None) -> bool:
    """Tell whether a guardian acts for an adult."""
    guarded = {"_id": person, "under_guardianship": True}
    found = await MandateParty.get_pymongo_collection().find_one(guarded, session=session)
    return found is not None


async def touch(people: list[str], session: Session) -> dict[str, Row]:
    """Write what decides about people, so that two confirmations cannot overlap; return it.

    In one order for everybody, or two that touch the same two would wait for each other.
    """
    parties = MandateParty.get_pymongo_collection()
    found: dict[str, Row] = {}
    for person in sorted(people):
        row = await parties.find_one_and_update(
            {"_id": person}, {"$inc": {"revision": 1}}, upsert=True, session=session
        )
        found[person] = row or {}
    return found
