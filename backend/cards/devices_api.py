"""The phones of the caller's card: seeing, adding, verifying and unbinding them."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.activation_codes import ActivationCode, ActivationCodes
from backend.cards.api import IssuedCertificate, OperationInfo, issued_answer
from backend.cards.devices import DeviceFacts, Devices
from backend.cards.rules import DeviceState
from backend.foundation.access import NOT_PROVEN, Caller
from backend.foundation.answers import RefusalAnswer
from backend.foundation.permissions import SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.residents.rules import picture_of
from shared.wire.request_proof import ProvenKey

strawberry.enum(DeviceState)


@strawberry.type(name="Device", description="A phone of the caller's card.")
class DeviceAnswer:
    """A phone."""

    serial: int
    name: str
    state: DeviceState
    enrolled_at: datetime
    certified_until: datetime | None
    unbound_at: datetime | None
    is_this: bool

    @classmethod
    def of(cls, facts: DeviceFacts) -> "DeviceAnswer":
        """Return a phone as an answer."""
        return cls(
            serial=facts.serial,
            name=facts.name,
            state=facts.state,
            enrolled_at=facts.enrolled_at,
            certified_until=facts.certified_until,
            unbound_at=facts.unbound_at,
            is_this=facts.is_this,
        )


@strawberry.type(name="DeviceList")
class DeviceList:
    """The phones of a card, the latest first."""

    devices: list[DeviceAnswer]


@strawberry.type(name="DeviceChanged")
class DeviceChanged:
    """A phone that was added or unbound."""

    device: DeviceAnswer


@strawberry.type(name="VerifiedDevice")
class VerifiedDevice:
    """A phone whose holder was verified, with its first certificate."""

    certificate: IssuedCertificate


@strawberry.type(name="ActivationCodeMade")
class ActivationCodeMade:
    """An activation code for a holder who stands at the counter; it is shown this once."""

    code: str
    expires_at: datetime


@strawberry.input(name="AddDeviceInput")
class AddDeviceInput:
    """The phone's key is the one that signs the request."""

    idempotency_key: str
    device_name: str


@strawberry.input(name="VerifyDeviceInput")
class VerifyDeviceInput:
    """`picture` is base64 of a picture taken now; it is compared and not kept."""

    idempotency_key: str
    picture: str


@strawberry.input(name="UnbindDeviceInput")
class UnbindDeviceInput:
    """Which phone, by the serial that `devices` gives."""

    idempotency_key: str
    serial: int


@strawberry.input(name="MakeActivationCodeInput")
class MakeActivationCodeInput:
    """For whom, and that the clerk compared the person with their document."""

    idempotency_key: str
    resident_id: str
    document_checked: bool


DevicesResult = Annotated[DeviceList | RefusalAnswer, strawberry.union("DevicesResult")]
DeviceChangeResult = Annotated[
    DeviceChanged | RefusalAnswer, strawberry.union("DeviceChangeResult")
]
VerifyDeviceResult = Annotated[
    VerifiedDevice | RefusalAnswer, strawberry.union("VerifyDeviceResult")
]

ActivationCodeResult = Annotated[
    ActivationCodeMade | RefusalAnswer, strawberry.union("ActivationCodeResult")
]


@strawberry.type
class DeviceQueries:
    """Questions about the caller's phones."""

    @strawberry.field
    async def devices(self, info: OperationInfo) -> DevicesResult:
        """Answer with the phones of the signed-in holder's card."""
        caller = info.context.caller
        if caller is None or caller.resident_id is None:
            return RefusalAnswer.of(SIGN_IN_NEEDED)
        found = await info.context.services[Devices].of(caller, caller.resident_id)
        if isinstance(found, Refusal):
            return RefusalAnswer.of(found)
        return DeviceList(devices=[DeviceAnswer.of(facts) for facts in found])


@strawberry.type
class DeviceMutations:
    """What a signed-in holder does with phones."""

    @strawberry.mutation
    async def add_device(
        self,
        info: OperationInfo,
        input: AddDeviceInput,  # noqa: A002 - GraphQL's usual name
    ) -> DeviceChangeResult:
        """Make the calling phone known; it shows no code before its holder is verified."""
        asking = _asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        devices = info.context.services[Devices]
        return _changed(await devices.add(*asking, input.idempotency_key, input.device_name))

    @strawberry.mutation
    async def verify_device(
        self,
        info: OperationInfo,
        input: VerifyDeviceInput,  # noqa: A002 - see above
    ) -> VerifyDeviceResult:
        """Verify the calling phone's holder by face; the other way is `enrolDevice`'s code."""
        asking = _asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        picture = picture_of(input.picture)
        if isinstance(picture, Refusal):
            return RefusalAnswer.of(picture)
        devices = info.context.services[Devices]
        issued = await devices.verify_by_face(*asking, input.idempotency_key, picture)
        if isinstance(issued, Refusal):
            return RefusalAnswer.of(issued)
        return VerifiedDevice(certificate=issued_answer(issued))

    @strawberry.mutation
    async def unbind_device(
        self,
        info: OperationInfo,
        input: UnbindDeviceInput,  # noqa: A002 - see above
    ) -> DeviceChangeResult:
        """Take a phone's right to speak for the card."""
        caller = info.context.caller
        if caller is None:
            return RefusalAnswer.of(SIGN_IN_NEEDED)
        devices = info.context.services[Devices]
        return _changed(await devices.unbind(caller, input.idempotency_key, input.serial))

    @strawberry.mutation
    async def make_activation_code(
        self,
        info: OperationInfo,
        input: MakeActivationCodeInput,  # noqa: A002 - see above
    ) -> ActivationCodeResult:
        """Make a code for a holder at the counter: for clerks."""
        made = await info.context.services[ActivationCodes].at_counter(
            info.context.caller,
            input.idempotency_key,
            input.resident_id,
            document_checked=input.document_checked,
        )
        if not isinstance(made, ActivationCode):
            return RefusalAnswer.of(made)
        return ActivationCodeMade(code=made.code, expires_at=made.expires_at)


def _asking(info: OperationInfo) -> tuple[Caller, ProvenKey] | Refusal:
    caller, key = info.context.caller, info.context.key
    if key is None:
        return NOT_PROVEN
    return SIGN_IN_NEEDED if caller is None else (caller, key)


def _changed(found: DeviceFacts | Refusal) -> DeviceChanged | RefusalAnswer:
    if isinstance(found, Refusal):
        return RefusalAnswer.of(found)
    return DeviceChanged(device=DeviceAnswer.of(found))
