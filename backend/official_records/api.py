"""Records that other authorities hold of the caller, over GraphQL; there is nothing to write."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer
from backend.foundation.permissions import SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.official_records.rules import RecordKind, RecordLine, RecordSection
from backend.official_records.service import OfficialRecords


@strawberry.type(name="RecordLine", description="One thing a record says, and when.")
class RecordLineAnswer:
    """A line."""

    name: LocalizedTextAnswer
    value: LocalizedTextAnswer
    day: date | None


@strawberry.type(name="RecordSection", description="Without lines, nothing is on record there.")
class RecordSectionAnswer:
    """Lines under a heading."""

    title: LocalizedTextAnswer
    lines: list[RecordLineAnswer]


@strawberry.type(
    name="OfficialRecord", description="What an authority holds of the caller, as it said now."
)
class OfficialRecordAnswer:
    """A record; without sections the authority holds none."""

    source: LocalizedTextAnswer
    asked_at: datetime
    sections: list[RecordSectionAnswer]


OfficialRecordResult = Annotated[
    OfficialRecordAnswer | RefusalAnswer, strawberry.union("OfficialRecordResult")
]


@strawberry.type
class OfficialRecordQueries:
    """Questions to other authorities, for the holder or, under a mandate, for its principal."""

    @strawberry.field
    async def health_record(self, info: OperationInfo) -> OfficialRecordResult:
        """Answer with the health record and vaccinations; takes a separate consent."""
        return await _looked_up(info, RecordKind.HEALTH)

    @strawberry.field
    async def student_record(self, info: OperationInfo) -> OfficialRecordResult:
        """Answer with the schools of a student."""
        return await _looked_up(info, RecordKind.STUDENT)

    @strawberry.field
    async def care_plan(self, info: OperationInfo) -> OfficialRecordResult:
        """Answer with the home care that an elder gets."""
        return await _looked_up(info, RecordKind.CARE)


async def _looked_up(info: OperationInfo, kind: RecordKind) -> OfficialRecordAnswer | RefusalAnswer:
    if info.context.caller is None:  # a phone's key alone opens nothing so sensitive
        return RefusalAnswer.of(SIGN_IN_NEEDED)
    asking = await holder_asking(info)
    if isinstance(asking, Refusal):
        return RefusalAnswer.of(asking)
    found = await info.context.services[OfficialRecords].look_up(asking, kind)
    if isinstance(found, Refusal):
        return RefusalAnswer.of(found)
    return OfficialRecordAnswer(
        source=LocalizedTextAnswer.of(found.source.name),
        asked_at=found.asked_at,
        sections=list(map(_section, found.sections)),
    )


def _section(section: RecordSection) -> RecordSectionAnswer:
    return RecordSectionAnswer(
        title=LocalizedTextAnswer.of(section.title), lines=list(map(_line, section.lines))
    )


def _line(line: RecordLine) -> RecordLineAnswer:
    return RecordLineAnswer(
        name=LocalizedTextAnswer.of(line.name),
        value=LocalizedTextAnswer.of(line.value),
        day=line.day,
    )
