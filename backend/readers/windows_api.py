"""What officers record of halls' windows, and ask about them."""

from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.foundation.answers import OperationRefused, RefusalAnswer
from backend.foundation.refusals import Refusal
from backend.readers.window_rules import Coverage, DeviceKind, Window, WindowDevice
from backend.readers.windows import Windows

strawberry.enum(DeviceKind, name="WindowDeviceKind")


@strawberry.input(name="WindowDeviceInput")
class WindowDeviceInput:
    """A device at a window; `working` is false for one that is broken."""

    kind: DeviceKind
    serial: str
    working: bool = True


@strawberry.input(name="RecordServiceWindowInput")
class RecordServiceWindowInput:
    """A window of a hall, all it must have and all that stands there; `closed` on purpose."""

    idempotency_key: str
    hall: str
    number: int
    required: list[DeviceKind]
    devices: list[WindowDeviceInput]
    closed: bool = False


@strawberry.type(name="WindowCoverage")
class WindowCoverageAnswer:
    """How many windows must be equipped and are; `broken` and `lacking` name the others.

    `closed` are closed on purpose and count neither way.
    """

    hall: str
    required: int
    equipped: int
    percent: int | None
    broken: list[int]
    lacking: list[int]
    closed: list[int]


RecordServiceWindowResult = Annotated[
    WindowCoverageAnswer | RefusalAnswer, strawberry.union("RecordServiceWindowResult")
]


@strawberry.type
class WindowQueries:
    """Questions about windows."""

    @strawberry.field
    async def window_coverage(self, info: OperationInfo, hall: str) -> WindowCoverageAnswer:
        """窗口设备覆盖率: equipped of required in one hall."""
        found = await info.context.services[Windows].coverage(info.context.caller, hall)
        if isinstance(found, Refusal):
            raise OperationRefused(found)
        return _answer(found)


@strawberry.type
class WindowMutations:
    """What is recorded of windows."""

    @strawberry.mutation
    async def record_service_window(
        self,
        info: OperationInfo,
        input: RecordServiceWindowInput,  # noqa: A002 - GraphQL's usual name
    ) -> RecordServiceWindowResult:
        """登记窗口设备: for departments and administrators."""
        devices = tuple(WindowDevice(one.kind, one.serial, one.working) for one in input.devices)
        needed = frozenset(input.required)
        window = Window(input.hall, input.number, needed, devices, input.closed)
        windows, caller = info.context.services[Windows], info.context.caller
        done = await windows.record(caller, input.idempotency_key, window)
        return RefusalAnswer.of(done) if isinstance(done, Refusal) else _answer(done)


def _answer(found: Coverage) -> WindowCoverageAnswer:
    return WindowCoverageAnswer(
        hall=found.hall,
        required=found.required,
        equipped=found.equipped,
        percent=found.percent,
        broken=list(found.broken),
        lacking=list(found.lacking),
        closed=list(found.closed),
    )
