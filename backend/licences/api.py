"""Licences over GraphQL: one's own, and what desks ask to see of them."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from backend.assertions.evidence import Shown
from backend.cards.api import OperationInfo
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal
from backend.licences.look_up import HeldLicence, LicenceLookUp, OwnLicences
from backend.licences.registry import LicenceKind
from backend.licences.rules import KIND_WORDS, LicenceStatus, ShownState, wish_of
from backend.licences.service import FetchedLicences, LicenceRequests, RequestView

strawberry.enum(LicenceKind)
strawberry.enum(LicenceStatus)
strawberry.enum(ShownState, name="LicenceRequestState")


@strawberry.type(
    name="Licence", description="As the registry has it now; `digest` is its document's SHA-256."
)
class LicenceAnswer:
    """A licence; without `validUntil` it has no end."""

    kind: LicenceKind
    name: LocalizedTextAnswer
    masked_name: str
    issuer: LocalizedTextAnswer
    status: LicenceStatus
    valid_from: date
    valid_until: date | None
    digest: str


@strawberry.type(name="OwnLicences")
class OwnLicencesAnswer:
    """The caller's own; nothing of it is kept."""

    asked_at: datetime
    licences: list[LicenceAnswer]


@strawberry.type(name="FetchedLicences", description="What a desk was let see, once.")
class FetchedLicencesAnswer:
    """The licences; what is in `missing` the holder does not have."""

    licences: list[LicenceAnswer]
    missing: list[LicenceKind]
    seen_at: datetime


@strawberry.type(
    name="LicenceRequest", description="`until` ends the time to decide, or the grant."
)
class LicenceRequestAnswer:
    """A desk's request; all its licences are granted, or none."""

    id: strawberry.ID
    desk: LocalizedTextAnswer
    licences: list[LocalizedTextAnswer]
    purpose: str
    state: ShownState
    asked_at: datetime
    until: datetime
    decided_at: datetime | None
    ended_at: datetime | None


@strawberry.type(name="LicenceRequestList", description="At most 20, the newest first.")
class LicenceRequestList:
    """What desks asked of the caller."""

    nodes: list[LicenceRequestAnswer]


@strawberry.type(name="LicenceRequestChanged")
class LicenceRequestChanged:
    """A request that was made or decided on."""

    licence_request: LicenceRequestAnswer
    server_time: datetime


@strawberry.input(name="RequestLicencesInput")
class RequestLicencesInput:
    """Which, what for, and one of two: a shown code's digits, or what the chip calls itself."""

    idempotency_key: str
    kinds: list[LicenceKind]
    purpose: str
    code: str | None = None
    identification_code: str | None = None


@strawberry.input(name="LicenceRequestInput")
class LicenceRequestInput:
    """Which request."""

    idempotency_key: str
    licence_request: strawberry.ID


@strawberry.input(name="DecideLicenceRequestInput")
class DecideLicenceRequestInput:
    """Whether the desk may see all that it named."""

    idempotency_key: str
    licence_request: strawberry.ID
    agree: bool


OwnLicencesResult = Annotated[
    OwnLicencesAnswer | RefusalAnswer, strawberry.union("OwnLicencesResult")
]
FetchedLicencesResult = Annotated[
    FetchedLicencesAnswer | RefusalAnswer, strawberry.union("FetchedLicencesResult")
]
LicenceRequestsResult = Annotated[
    LicenceRequestList | RefusalAnswer, strawberry.union("LicenceRequestsResult")
]
LicenceRequestResult = Annotated[
    LicenceRequestChanged | RefusalAnswer, strawberry.union("LicenceRequestResult")
]


@strawberry.type
class LicenceQueries:
    """Questions of holders; none of it can be asked for another person."""

    @strawberry.field
    async def own_licences(self, info: OperationInfo) -> OwnLicencesResult:
        """Answer with what the registry holds of the caller; each look is recorded."""
        found = await info.context.services[LicenceLookUp].own(info.context.caller)
        return answer_of(found, _own)

    @strawberry.field
    async def licence_requests(self, info: OperationInfo) -> LicenceRequestsResult:
        """Answer with what desks asked to see of the caller."""
        found = await info.context.services[LicenceRequests].of_holder(info.context.caller)
        return answer_of(
            found, lambda all_: LicenceRequestList(nodes=[_request(one) for one in all_])
        )


@strawberry.type
class LicenceMutations:
    """A desk asks, the holder decides, the desk sees."""

    @strawberry.mutation
    async def request_licences(
        self,
        info: OperationInfo,
        input: RequestLicencesInput,  # noqa: A002 - GraphQL's usual name
    ) -> LicenceRequestResult:
        """Ask, as a desk, whoever shows their card to see licences of theirs."""
        shown = Shown(input.code, input.identification_code)
        requests = info.context.services[LicenceRequests]
        wish = wish_of(input.kinds, input.purpose)
        asked = await requests.ask(info.context.caller, input.idempotency_key, wish, shown)
        return _changed(info, asked)

    @strawberry.mutation
    async def fetch_licences(
        self,
        info: OperationInfo,
        input: LicenceRequestInput,  # noqa: A002 - see above
    ) -> FetchedLicencesResult:
        """See, as the desk that asked, what was granted: once."""
        requests = info.context.services[LicenceRequests]
        found = await requests.fetch(
            info.context.caller, input.idempotency_key, input.licence_request
        )
        return answer_of(found, _fetched)

    @strawberry.mutation
    async def decide_licence_request(
        self,
        info: OperationInfo,
        input: DecideLicenceRequestInput,  # noqa: A002 - see above
    ) -> LicenceRequestResult:
        """Let a desk see all that it named, or nothing."""
        requests = info.context.services[LicenceRequests]
        decided = await requests.decide(
            info.context.caller, input.idempotency_key, input.licence_request, agree=input.agree
        )
        return _changed(info, decided)

    @strawberry.mutation
    async def withdraw_licence_grant(
        self,
        info: OperationInfo,
        input: LicenceRequestInput,  # noqa: A002 - see above
    ) -> LicenceRequestResult:
        """Take back what was granted and not used."""
        requests = info.context.services[LicenceRequests]
        withdrawn = await requests.withdraw(
            info.context.caller, input.idempotency_key, input.licence_request
        )
        return _changed(info, withdrawn)


def _changed(
    info: OperationInfo, made: RequestView | Refusal
) -> LicenceRequestChanged | RefusalAnswer:
    now = info.context.clock.now()
    return answer_of(
        made, lambda view: LicenceRequestChanged(licence_request=_request(view), server_time=now)
    )


def _request(view: RequestView) -> LicenceRequestAnswer:
    return LicenceRequestAnswer(
        id=strawberry.ID(view.request_id),
        desk=LocalizedTextAnswer.of(view.desk),
        licences=[LocalizedTextAnswer.of(KIND_WORDS[one]) for one in view.kinds],
        purpose=view.purpose,
        state=view.state,
        asked_at=view.asked_at,
        until=view.until,
        decided_at=view.decided_at,
        ended_at=view.ended_at,
    )


def _own(found: OwnLicences) -> OwnLicencesAnswer:
    return OwnLicencesAnswer(
        asked_at=found.asked_at, licences=[_licence(one) for one in found.licences]
    )


def _fetched(found: FetchedLicences) -> FetchedLicencesAnswer:
    return FetchedLicencesAnswer(
        licences=[_licence(one) for one in found.licences],
        missing=list(found.missing),
        seen_at=found.seen_at,
    )


def _licence(held: HeldLicence) -> LicenceAnswer:
    return LicenceAnswer(
        kind=held.kind,
        name=LocalizedTextAnswer.of(KIND_WORDS[held.kind]),
        masked_name=held.masked_name,
        issuer=LocalizedTextAnswer.of(held.issuer),
        status=held.status,
        valid_from=held.valid_from,
        valid_until=held.valid_until,
        digest=held.digest,
    )
