"""What clerks do about people's separate consents, by their card and PIN."""

import strawberry

from backend.rights.api import (
    ChangeConsentResult,
    ConsentPurposesResult,
    OperationInfo,
    consent_changed,
    purposes_answer,
)
from backend.rights.counter_consents import ConsentAtCounter, CounterConsents


@strawberry.input(name="TakeConsentInput")
class TakeConsentInput:
    """One purpose, in the version that was read out; `pin` is keyed in by the person."""

    idempotency_key: str
    resident_id: strawberry.ID
    purpose: strawberry.ID
    version: int
    pin: str


@strawberry.input(name="TakeBackConsentInput")
class TakeBackConsentInput:
    """One purpose; `pin` is keyed in by the person."""

    idempotency_key: str
    resident_id: strawberry.ID
    purpose: strawberry.ID
    pin: str


@strawberry.type
class CounterConsentQueries:
    """Questions at an outlet."""

    @strawberry.field
    async def counter_consent_purposes(
        self, info: OperationInfo, resident_id: strawberry.ID
    ) -> ConsentPurposesResult:
        """Answer with every purpose and whether a person's consent to it stands."""
        found = await info.context.services[CounterConsents].standings(
            info.context.caller, str(resident_id)
        )
        return purposes_answer(found)


@strawberry.type
class CounterConsentMutations:
    """Separate consents at an outlet."""

    @strawberry.mutation
    async def take_consent_at_counter(
        self,
        info: OperationInfo,
        input: TakeConsentInput,  # noqa: A002 - GraphQL's usual name
    ) -> ChangeConsentResult:
        """Take the consent to one purpose from who stands there."""
        wish = ConsentAtCounter(str(input.resident_id), str(input.purpose), input.pin)
        done = await info.context.services[CounterConsents].take(
            info.context.caller, input.idempotency_key, wish, input.version
        )
        return consent_changed(info, done)

    @strawberry.mutation
    async def withdraw_consent_at_counter(
        self,
        info: OperationInfo,
        input: TakeBackConsentInput,  # noqa: A002 - see above
    ) -> ChangeConsentResult:
        """Withdraw the consent to one purpose for who stands there."""
        wish = ConsentAtCounter(str(input.resident_id), str(input.purpose), input.pin)
        done = await info.context.services[CounterConsents].withdraw(
            info.context.caller, input.idempotency_key, wish
        )
        return consent_changed(info, done)
