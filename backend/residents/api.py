"""What staff ask and do at a counter about residents."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.operations import OperationContext
from backend.residents.documents import ResidentStatus
from backend.residents.finding import FoundResident, ResidentSearch
from backend.residents.household_marks import HouseholdMarks
from backend.residents.registration import Application, RealNameRegistration
from backend.residents.rules import Assurance, PersonField, RevealReason, reason_text
from backend.residents.service import Registration
from backend.residents.unmasking import Revealed, Unmasking

OperationInfo = Info[OperationContext, None]

strawberry.enum(PersonField)
strawberry.enum(RevealReason)
strawberry.enum(ResidentStatus)
strawberry.enum(Assurance, name="AssuranceLevel")


@strawberry.type(name="FoundResident", description="A resident as staff find them: masked.")
class FoundResidentAnswer:
    """A resident, masked; `assurance` is 一级 or 二级."""

    id: strawberry.ID
    masked_name: str
    masked_number: str
    masked_phone: str | None
    status: ResidentStatus
    assurance: Assurance


@strawberry.type(name="FoundResidents")
class FoundResidents:
    """Who has the number, or the phone, which several may share; nobody, perhaps."""

    nodes: list[FoundResidentAnswer]


@strawberry.type(name="RevealedValue")
class RevealedValue:
    """One value in full; none where the record has none."""

    field: PersonField
    value: str | None


@strawberry.type(name="ResidentRevealed")
class ResidentRevealed:
    """The values asked for; the resident finds the look in "who used my data"."""

    resident_id: strawberry.ID
    values: list[RevealedValue]
    server_time: datetime


@strawberry.type(name="HouseholdNoted")
class HouseholdNoted:
    """The household is noted, now or before."""

    server_time: datetime


@strawberry.input(name="RevealResidentInput")
class RevealResidentInput:
    """Which values, and why; `note` adds words to the reason, and never a value."""

    idempotency_key: str
    resident_id: strawberry.ID
    fields: list[PersonField]
    reason: RevealReason
    note: str = ""


@strawberry.input(name="NoteHouseholdInput")
class NoteHouseholdInput:
    """The household's number 户号, as in the booklet; it is kept as a keyed hash alone."""

    idempotency_key: str
    resident_id: strawberry.ID
    household: str


@strawberry.type(name="ResidentRegistered")
class ResidentRegistered:
    """The person is on the record; `differs` names what an older record has otherwise."""

    resident_id: strawberry.ID
    existed: bool
    differs: list[PersonField]
    server_time: datetime


@strawberry.input(name="RegisterResidentInput")
class RegisterResidentInput:
    """As on the document the clerk holds; `region` is a district of the city."""

    idempotency_key: str
    number: str
    name: str
    phone: str | None = None
    region: int | None = None


RegisterResidentResult = Annotated[
    ResidentRegistered | RefusalAnswer, strawberry.union("RegisterResidentResult")
]
FindResidentsResult = Annotated[
    FoundResidents | RefusalAnswer, strawberry.union("FindResidentsResult")
]
RevealResidentResult = Annotated[
    ResidentRevealed | RefusalAnswer, strawberry.union("RevealResidentResult")
]
NoteHouseholdResult = Annotated[
    HouseholdNoted | RefusalAnswer, strawberry.union("NoteHouseholdResult")
]


@strawberry.type
class ResidentQueries:
    """Questions of staff about residents."""

    @strawberry.field
    async def find_residents(
        self, info: OperationInfo, number: str | None = None, phone: str | None = None
    ) -> FindResidentsResult:
        """Answer with who has exactly this number or this phone, masked; it is written down."""
        context = info.context
        found = await context.services[ResidentSearch].find(context.caller, number, phone)
        return answer_of(found, lambda found: FoundResidents(nodes=[_found(one) for one in found]))


@strawberry.type
class ResidentMutations:
    """Acts of staff on residents' records."""

    @strawberry.mutation
    async def register_resident(
        self,
        info: OperationInfo,
        input: RegisterResidentInput,  # noqa: A002 - GraphQL's usual name
    ) -> RegisterResidentResult:
        """Register a person who stands at the counter with their document."""
        context = info.context
        application = Application(input.number, input.name, input.phone, input.region)
        done = await context.services[RealNameRegistration].at_counter(
            context.caller, input.idempotency_key, application
        )

        def answer(done: Registration) -> ResidentRegistered:
            return ResidentRegistered(
                resident_id=strawberry.ID(done.resident_id),
                existed=done.existed,
                differs=list(done.differs),
                server_time=context.clock.now(),
            )

        return answer_of(done, answer)

    @strawberry.mutation
    async def reveal_resident(
        self,
        info: OperationInfo,
        input: RevealResidentInput,  # noqa: A002 - see above
    ) -> RevealResidentResult:
        """Show values in full, after the row that tells of it is written."""
        context = info.context
        revealed = await context.services[Unmasking].reveal(
            context.caller,
            input.idempotency_key,
            str(input.resident_id),
            [one.value for one in input.fields],
            reason_text(input.reason, input.note),
        )
        now = context.clock.now()
        return answer_of(revealed, lambda revealed: _revealed(revealed, now))

    @strawberry.mutation
    async def note_household(
        self,
        info: OperationInfo,
        input: NoteHouseholdInput,  # noqa: A002 - see above
    ) -> NoteHouseholdResult:
        """Note a resident's household, where the register has none or is late."""
        context = info.context
        refused = await context.services[HouseholdMarks].join(
            context.caller, input.idempotency_key, str(input.resident_id), input.household
        )
        if refused is not None:
            return RefusalAnswer.of(refused)
        return HouseholdNoted(server_time=context.clock.now())


def _found(found: FoundResident) -> FoundResidentAnswer:
    person = found.person
    return FoundResidentAnswer(
        id=strawberry.ID(found.resident_id),
        masked_name=person.masked_name,
        masked_number=person.masked_number,
        masked_phone=person.masked_phone,
        status=person.status,
        assurance=person.assurance,
    )


def _revealed(revealed: Revealed, now: datetime) -> ResidentRevealed:
    return ResidentRevealed(
        resident_id=strawberry.ID(revealed.resident_id),
        values=[RevealedValue(field=one, value=value) for one, value in revealed.values.items()],
        server_time=now,
    )
