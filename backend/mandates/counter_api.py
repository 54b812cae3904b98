"""What outlets and doorstep agents do about mandates."""

from typing import Annotated

import strawberry

from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal
from backend.mandates.answers import MandateChangeResult
from backend.mandates.api import MandateInput, OperationInfo, mandate_changed
from backend.mandates.counter import CounterGrant, MandateCounter
from backend.mandates.granting import terms_of
from backend.mandates.scopes import Evidence, Relation, Scope


@strawberry.input(name="GrantMandateInput")
class GrantMandateInput:
    """`pin` is keyed in by the principal; without it, papers of custody or guardianship stand."""

    idempotency_key: str
    principal_id: strawberry.ID
    delegate_id: strawberry.ID
    relation: Relation
    evidence: Evidence
    scopes: list[Scope] = strawberry.field(default_factory=list)
    days: int | None = None
    pin: str = ""


@strawberry.input(name="AssistResidentInput")
class AssistResidentInput:
    """Who stands before the agent, with card and PIN."""

    idempotency_key: str
    resident_id: strawberry.ID
    pin: str
    scopes: list[Scope] = strawberry.field(default_factory=list)


@strawberry.input(name="ConsentAtCounterInput")
class ConsentAtCounterInput:
    """`pin` is keyed in by the child."""

    idempotency_key: str
    mandate: strawberry.ID
    pin: str


@strawberry.input(name="EndMandateInput")
class EndMandateInput:
    """Which mandate, and why; the reason holds nothing personal."""

    idempotency_key: str
    mandate: strawberry.ID
    reason: str


@strawberry.input(name="SettleMandateInput")
class SettleMandateInput:
    """`upheld`: it goes on; otherwise it ends as a false claim."""

    idempotency_key: str
    mandate: strawberry.ID
    upheld: bool
    reason: str


@strawberry.input(name="ExcludeDelegateInput")
class ExcludeDelegateInput:
    """Whom a court keeps from acting for whom."""

    idempotency_key: str
    principal_id: strawberry.ID
    person_id: strawberry.ID
    reason: str


@strawberry.type(name="DelegateExcluded")
class DelegateExcluded:
    """It is on the record."""

    principal_id: strawberry.ID


@strawberry.input(name="LiftGuardianshipInput")
class LiftGuardianshipInput:
    """Whose guardianship a court ended; the reason names the paper and holds nothing personal."""

    idempotency_key: str
    principal_id: strawberry.ID
    reason: str


@strawberry.type(name="GuardianshipLifted")
class GuardianshipLifted:
    """The guardians' mandates are over, and the person may grant again."""

    principal_id: strawberry.ID


LiftGuardianshipResult = Annotated[
    GuardianshipLifted | RefusalAnswer, strawberry.union("LiftGuardianshipResult")
]
ExcludeDelegateResult = Annotated[
    DelegateExcluded | RefusalAnswer, strawberry.union("ExcludeDelegateResult")
]


@strawberry.type
class MandateCounterMutations:
    """Mandates at an outlet."""

    @strawberry.mutation
    async def grant_mandate(
        self,
        info: OperationInfo,
        input: GrantMandateInput,  # noqa: A002 - GraphQL's usual name
    ) -> MandateChangeResult:
        """Make a mandate for two people at the counter."""
        terms = terms_of(input.relation, input.scopes, input.days)
        wish = (
            terms
            if isinstance(terms, Refusal)
            else CounterGrant(
                input.principal_id, input.delegate_id, terms, input.evidence, input.pin
            )
        )
        return await mandate_changed(
            info, _counter(info).grant(info.context.caller, input.idempotency_key, wish)
        )

    @strawberry.mutation
    async def assist_resident(
        self,
        info: OperationInfo,
        input: AssistResidentInput,  # noqa: A002 - see above
    ) -> MandateChangeResult:
        """Act for one day for who stands before the agent 上门代办."""
        return await mandate_changed(
            info,
            _counter(info).assist(
                info.context.caller,
                input.idempotency_key,
                input.resident_id,
                input.pin,
                tuple(input.scopes),
            ),
        )

    @strawberry.mutation
    async def consent_at_counter(
        self,
        info: OperationInfo,
        input: ConsentAtCounterInput,  # noqa: A002 - see above
    ) -> MandateChangeResult:
        """Take the consent of a child of 14, by their card and PIN."""
        doing = _counter(info).consent(
            info.context.caller, input.idempotency_key, input.mandate, input.pin
        )
        return await mandate_changed(info, doing)

    @strawberry.mutation
    async def end_mandate(
        self,
        info: OperationInfo,
        input: EndMandateInput,  # noqa: A002 - see above
    ) -> MandateChangeResult:
        """End a mandate for somebody at the counter."""
        return await mandate_changed(
            info,
            _counter(info).stop(
                info.context.caller, input.idempotency_key, input.mandate, input.reason
            ),
        )

    @strawberry.mutation
    async def settle_mandate(
        self,
        info: OperationInfo,
        input: SettleMandateInput,  # noqa: A002 - see above
    ) -> MandateChangeResult:
        """Decide a dispute."""
        return await mandate_changed(
            info,
            _counter(info).settle(
                info.context.caller,
                input.idempotency_key,
                input.mandate,
                input.reason,
                upheld=input.upheld,
            ),
        )

    @strawberry.mutation
    async def review_mandate(
        self,
        info: OperationInfo,
        input: MandateInput,  # noqa: A002 - see above
    ) -> MandateChangeResult:
        """Note that a guardian's papers were looked at again."""
        return await mandate_changed(
            info, _counter(info).review(info.context.caller, input.idempotency_key, input.mandate)
        )

    @strawberry.mutation
    async def exclude_delegate(
        self,
        info: OperationInfo,
        input: ExcludeDelegateInput,  # noqa: A002 - see above
    ) -> ExcludeDelegateResult:
        """Note that a court keeps a person from acting for another."""
        done = await _counter(info).exclude(
            info.context.caller,
            input.idempotency_key,
            input.principal_id,
            input.person_id,
            input.reason,
        )
        return answer_of(done, lambda found: DelegateExcluded(principal_id=strawberry.ID(found)))

    @strawberry.mutation
    async def lift_guardianship(
        self,
        info: OperationInfo,
        input: LiftGuardianshipInput,  # noqa: A002 - see above
    ) -> LiftGuardianshipResult:
        """Note by a court's papers that somebody is under guardianship no more."""
        done = await _counter(info).lift_guardianship(
            info.context.caller, input.idempotency_key, input.principal_id, input.reason
        )
        return answer_of(done, lambda found: GuardianshipLifted(principal_id=strawberry.ID(found)))


def _counter(info: OperationInfo) -> MandateCounter:
    return info.context.services[MandateCounter]
