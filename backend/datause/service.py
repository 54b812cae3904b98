"""A resident's data use, newest first: what was recorded about them, and where they were scanned.

Scans stay in their own collection, since they say where somebody was and go after 180 days (L27),
while rows of the audit log stay; both are merged by the store in one command, so that a page costs
the same wherever it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.foundation.access import Caller
from backend.foundation.audit import OK, AuditRow
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import Act, may
from backend.foundation.refusals import Refusal
from backend.residents.same_person import same_person
from shared.localized_text import LocalizedText

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DataUseFacts:
    """One use of a resident's data, in the fields of Estonia's data tracker, and how it ended.

    `mandate` names the mandate under which a delegate 代办人 did it or let it be done.
    """

    row_id: str
    logtime: datetime
    action: LocalizedText
    receiver_code: str
    receiver_name: LocalizedText
    receiver_system: str
    done: bool
    mandate: str | None = None

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.logtime, self.row_id)


@dataclass(frozen=True, slots=True)
class DataUseSource:
    """A collection whose rows about a person are uses of their data.

    Args:
        collection: its name.
        person: the field with the resident's id.
        at: the field with the instant; `person`, what is `matching`, `at` and `_id` are indexed.
        fields: what `read` needs.
        read: makes the use of a row; its instant is given as `at`.
        matching: what else a row must have.
    """

    collection: str
    person: str
    at: str
    fields: Sequence[str]
    read: Callable[[Row], DataUseFacts]
    matching: Mapping[str, Any] = field(default_factory=dict)

    def stages(
        self, number: int, people: Sequence[str], after: Position | None, limit: int
    ) -> list[Row]:
        """Return the stages that find the newest rows that follow `after`."""
        whose = people[0] if len(people) == 1 else {"$in": list(people)}
        wanted: dict[str, Any] = {self.person: whose, **self.matching}
        if after is not None:
            wanted[self.at] = {"$lte": after.at}
            wanted["$or"] = [{self.at: {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        shown = dict.fromkeys(self.fields, 1) | {
            "at": f"${self.at}",
            "source": {"$literal": number},
        }
        return [
            {"$match": wanted},
            {"$sort": {self.at: -1, "_id": -1}},
            {"$limit": limit},
            {"$project": shown},
        ]


class DataUse:
    """Reads the uses of one resident's data, of the audit log and of further sources."""

    def __init__(self, *further: DataUseSource) -> None:
        self._sources = (AUDIT_ROWS, *further)

    async def page(
        self, caller: Caller | None, subject: str | None, first: int, after: Position | None
    ) -> Page[DataUseFacts] | Refusal:
        """Return up to `first` uses that follow `after`; `subject` None means the caller."""
        resident_id = subject or (caller.resident_id if caller else None)
        refused = may(caller, Act.DATA_USE_READ, resident_id)
        if refused is not None or resident_id is None:
            return refused or Page((), has_more=False)
        return await self.uses(resident_id, first, after)

    async def uses(
        self, resident_id: str, first: int, after: Position | None
    ) -> Page[DataUseFacts]:
        """Return a page of the uses of a person's data, by any record; asks nobody for leave."""
        pipeline = self.pipeline(await same_person(resident_id), first, after)
        found = await AuditRow.get_pymongo_collection().aggregate(pipeline)
        rows = [self._sources[row["source"]].read(row) async for row in found]
        return cut_page(rows, first)

    def pipeline(
        self, resident_ids: Sequence[str], first: int, after: Position | None
    ) -> list[Row]:
        """Return the stages that find a page, and one row more, beginning at the audit log."""
        wanted = (resident_ids, after, first + 1)
        pipeline = self._sources[0].stages(0, *wanted)
        for number, source in enumerate(self._sources[1:], 1):
            stages = source.stages(number, *wanted)
            pipeline.append({"$unionWith": {"coll": source.collection, "pipeline": stages}})
        return [*pipeline, {"$sort": {"at": -1, "_id": -1}}, {"$limit": first + 1}]


def _recorded(row: Row) -> DataUseFacts:
    return DataUseFacts(
        row_id=row["_id"],
        logtime=row["at"],
        action=LocalizedText(**row["words"]),
        receiver_code=row["organisation"]["code"],
        receiver_name=LocalizedText(**row["organisation"]["name"]),
        receiver_system=row["system"],
        done=row["result"] == OK,
        mandate=row.get("mandate"),
    )


AUDIT_ROWS = DataUseSource(
    collection="audit_rows",
    person="subject",
    at="at",
    fields=("words", "organisation", "system", "result", "mandate"),
    read=_recorded,
    matching={"disclosed": True},
)
