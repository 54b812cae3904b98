"""How officers look after the accounts of staff, and staff after their second factor."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.accounts.api import OperationInfo
from backend.accounts.documents import StaffState
from backend.accounts.own_second_factor import OwnSecondFactor
from backend.accounts.staff import FirstCredentials, NewStaff, StaffAccounts, StaffFacts
from backend.accounts.staff_rights import StaffRights
from backend.foundation.access import Role
from backend.foundation.answers import (
    LocalizedTextAnswer,
    OperationRefused,
    RefusalAnswer,
    answer_of,
)
from backend.foundation.audit import Organisation
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from shared.localized_text import LocalizedText

strawberry.enum(Role, name="StaffRole")
strawberry.enum(StaffState)


@strawberry.type(name="Organisation", description="For whom staff act.")
class OrganisationAnswer:
    """An organisation."""

    code: str
    name: LocalizedTextAnswer


@strawberry.type(name="StaffAccount", description="An account of staff, the name masked.")
class StaffAccountAnswer:
    """An account of staff."""

    id: strawberry.ID
    login: str
    masked_name: str
    organisation: OrganisationAnswer
    roles: list[Role]
    state: StaffState
    added_at: datetime
    changed_at: datetime


@strawberry.type(name="StaffAccountConnection", description="A page, the last added first.")
class StaffAccountConnection:
    """A page of accounts."""

    nodes: list[StaffAccountAnswer]
    page_info: PageInfo


@strawberry.type(name="StaffAdded")
class StaffAdded:
    """What the new member of staff is handed: kept nowhere, and the password is changed first."""

    id: strawberry.ID
    login: str
    first_password: str
    totp_uri: str
    recovery_codes: list[str]
    server_time: datetime


@strawberry.type(name="StaffChanged")
class StaffChanged:
    """The account is as asked for, now or before."""

    login: str
    server_time: datetime


@strawberry.type(name="TotpSetup")
class TotpSetup:
    """What the new authenticator reads as a QR code; it counts once its code was confirmed."""

    totp_uri: str
    server_time: datetime


@strawberry.type(name="TotpConfirmed")
class TotpConfirmed:
    """The new authenticator counts, and the old one does no more."""

    server_time: datetime


@strawberry.type(name="RecoveryCodes")
class RecoveryCodes:
    """New codes for a lost authenticator; those of before are void."""

    codes: list[str]
    server_time: datetime


@strawberry.input(name="AddStaffInput")
class AddStaffInput:
    """Number and name as on the document; roles are given by another officer."""

    idempotency_key: str
    login: str
    number: str
    name: str
    organisation_code: str
    organisation_zh: str
    organisation_en: str


@strawberry.input(name="StaffRoleInput")
class StaffRoleInput:
    """Whose role, and which."""

    idempotency_key: str
    login: str
    role: Role


@strawberry.input(name="StaffAccountInput")
class StaffAccountInput:
    """Which account."""

    idempotency_key: str
    login: str


@strawberry.input(name="OwnPasswordInput")
class OwnPasswordInput:
    """The caller's own password, asked for again."""

    idempotency_key: str
    password: str


@strawberry.input(name="ConfirmTotpInput")
class ConfirmTotpInput:
    """A code that the new authenticator shows now."""

    idempotency_key: str
    code: str


AddStaffResult = Annotated[StaffAdded | RefusalAnswer, strawberry.union("AddStaffResult")]
ChangeStaffResult = Annotated[StaffChanged | RefusalAnswer, strawberry.union("ChangeStaffResult")]
TotpSetupResult = Annotated[TotpSetup | RefusalAnswer, strawberry.union("TotpSetupResult")]
ConfirmTotpResult = Annotated[TotpConfirmed | RefusalAnswer, strawberry.union("ConfirmTotpResult")]
RecoveryCodesResult = Annotated[
    RecoveryCodes | RefusalAnswer, strawberry.union("RecoveryCodesResult")
]


@strawberry.type
class StaffQueries:
    """Questions of officers about staff."""

    @strawberry.field
    async def staff(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> StaffAccountConnection:
        """Answer with a page of the accounts of staff."""
        position = position_of(first, after)
        context = info.context
        page = await context.services[StaffAccounts].page(context.caller, first, position)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        nodes = [_account(facts) for facts in page.rows]
        return StaffAccountConnection(nodes=nodes, page_info=PageInfo.of(page))


@strawberry.type
class StaffMutations:
    """Acts of officers on staff, and of staff on their own second factor."""

    @strawberry.mutation
    async def add_staff(
        self,
        info: OperationInfo,
        input: AddStaffInput,  # noqa: A002 - GraphQL's usual name
    ) -> AddStaffResult:
        """Make an account without any role."""
        context = info.context
        name = LocalizedText(input.organisation_zh, input.organisation_en)
        new = NewStaff(
            login=input.login,
            number=input.number,
            name=input.name,
            organisation=Organisation(input.organisation_code, name),
            roles=frozenset(),
        )
        service = context.services[StaffAccounts]
        made = await service.add(context.caller, input.idempotency_key, new)
        return answer_of(made, lambda made: _added(info, input.login, made))

    @strawberry.mutation
    async def grant_role(
        self,
        info: OperationInfo,
        input: StaffRoleInput,  # noqa: A002 - see above
    ) -> ChangeStaffResult:
        """Give a role."""
        rights, caller = info.context.services[StaffRights], info.context.caller
        done = await rights.grant(caller, input.idempotency_key, input.login, input.role)
        return _changed(info, input.login, done)

    @strawberry.mutation
    async def revoke_role(
        self,
        info: OperationInfo,
        input: StaffRoleInput,  # noqa: A002 - see above
    ) -> ChangeStaffResult:
        """Take a role away."""
        rights, caller = info.context.services[StaffRights], info.context.caller
        done = await rights.revoke(caller, input.idempotency_key, input.login, input.role)
        return _changed(info, input.login, done)

    @strawberry.mutation
    async def disable_staff(
        self,
        info: OperationInfo,
        input: StaffAccountInput,  # noqa: A002 - see above
    ) -> ChangeStaffResult:
        """Let somebody sign in no more."""
        rights, caller = info.context.services[StaffRights], info.context.caller
        done = await rights.disable(caller, input.idempotency_key, input.login)
        return _changed(info, input.login, done)

    @strawberry.mutation
    async def enable_staff(
        self,
        info: OperationInfo,
        input: StaffAccountInput,  # noqa: A002 - see above
    ) -> ChangeStaffResult:
        """Let somebody disabled sign in again, without any role."""
        rights, caller = info.context.services[StaffRights], info.context.caller
        done = await rights.enable(caller, input.idempotency_key, input.login)
        return _changed(info, input.login, done)

    @strawberry.mutation
    async def unlock_staff(
        self,
        info: OperationInfo,
        input: StaffAccountInput,  # noqa: A002 - see above
    ) -> ChangeStaffResult:
        """End the lock that too many wrong tries led to."""
        rights, caller = info.context.services[StaffRights], info.context.caller
        done = await rights.unlock(caller, input.idempotency_key, input.login)
        return _changed(info, input.login, done)

    @strawberry.mutation
    async def begin_totp_setup(
        self,
        info: OperationInfo,
        input: OwnPasswordInput,  # noqa: A002 - see above
    ) -> TotpSetupResult:
        """Begin to change the caller's authenticator."""
        context = info.context
        service = context.services[OwnSecondFactor]
        uri = await service.begin(context.caller, input.idempotency_key, input.password)
        now = context.clock.now()
        return answer_of(uri, lambda uri: TotpSetup(totp_uri=uri, server_time=now))

    @strawberry.mutation
    async def confirm_totp(
        self,
        info: OperationInfo,
        input: ConfirmTotpInput,  # noqa: A002 - see above
    ) -> ConfirmTotpResult:
        """Let the new authenticator count."""
        context = info.context
        service = context.services[OwnSecondFactor]
        refused = await service.confirm(context.caller, input.idempotency_key, input.code)
        if refused is not None:
            return RefusalAnswer.of(refused)
        return TotpConfirmed(server_time=context.clock.now())

    @strawberry.mutation
    async def renew_recovery_codes(
        self,
        info: OperationInfo,
        input: OwnPasswordInput,  # noqa: A002 - see above
    ) -> RecoveryCodesResult:
        """Make new recovery codes for the caller."""
        context = info.context
        codes = await context.services[OwnSecondFactor].renew_recovery_codes(
            context.caller, input.idempotency_key, input.password
        )
        now = context.clock.now()
        return answer_of(codes, lambda codes: RecoveryCodes(codes=list(codes), server_time=now))


def _changed(
    info: OperationInfo, login: str, refused: Refusal | None
) -> StaffChanged | RefusalAnswer:
    if refused is not None:
        return RefusalAnswer.of(refused)
    return StaffChanged(login=login, server_time=info.context.clock.now())


def _added(info: OperationInfo, login: str, made: FirstCredentials) -> StaffAdded:
    return StaffAdded(
        id=strawberry.ID(made.staff_id),
        login=login,
        first_password=made.password,
        totp_uri=made.totp_uri,
        recovery_codes=list(made.recovery_codes),
        server_time=info.context.clock.now(),
    )


def _account(facts: StaffFacts) -> StaffAccountAnswer:
    organisation = facts.organisation
    return StaffAccountAnswer(
        id=strawberry.ID(facts.staff_id),
        login=facts.login,
        masked_name=facts.masked_name,
        organisation=OrganisationAnswer(
            code=organisation.code, name=LocalizedTextAnswer.of(organisation.name)
        ),
        roles=list(facts.roles),
        state=facts.state,
        added_at=facts.added_at,
        changed_at=facts.changed_at,
    )
