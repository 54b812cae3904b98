"""The inventory of halls' windows, and how many of them are equipped."""

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.readers.documents import ServiceWindow
from backend.readers.key_carrier_rules import keeper
from backend.readers.window_rules import (
    MOST_WINDOWS,
    WINDOW_FORM,
    Coverage,
    DeviceKind,
    Window,
    WindowDevice,
    coverage,
    is_hall,
    window_fault,
)
from shared.clock import Clock
from shared.localized_text import LocalizedText

_RECORDED = LocalizedText("登记了服务窗口的设备", "Recorded the devices of a window")


class Windows:
    """Keeps the inventory."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def record(self, caller: Caller | None, key: str, window: Window) -> Coverage | Refusal:
        """Put down what a window must have and has; return the coverage of its hall then."""
        no = may(caller, Act.WINDOW_RECORD) or window_fault(window)
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED
        by, now = caller, self._clock.now()
        name = f"{window.hall}/{window.number}"
        devices = [
            {"kind": one.kind.value, "serial": one.serial, "working": one.working}
            for one in window.devices
        ]
        required = sorted(one.value for one in window.required)

        async def act(session: Session) -> Answer | Refusal:
            fields = {"hall": window.hall, "number": window.number, "required": required}
            await ServiceWindow.get_pymongo_collection().update_one(
                {"_id": name},
                {
                    "$set": {
                        **fields,
                        "devices": devices,
                        "closed": window.closed,
                        "changed_at": now,
                    }
                },
                upsert=True,
                session=session,
            )
            row = Deed(
                at=now,
                actor=by.actor,
                action="readers.window_recorded",
                words=_RECORDED,
                system=System.COUNTER,
                organisation=by.organisation,
                origin=name,
            )
            await audit.record(row, session)
            return {"window": name}

        request = {"window": name, "required": " ".join(required), "devices": str(devices)}
        request["closed"] = str(window.closed)
        done = await self._once.perform(
            caller=keeper(caller), key=key, request=request, now=now, act=act
        )
        return done if isinstance(done, Refusal) else await self._coverage(window.hall)

    async def coverage(self, caller: Caller | None, hall: str) -> Coverage | Refusal:
        """Return how many of a hall's windows are equipped."""
        if no := may(caller, Act.WINDOW_RECORD):
            return no
        return await self._coverage(hall) if is_hall(hall) else WINDOW_FORM

    async def _coverage(self, hall: str) -> Coverage:
        found = ServiceWindow.get_pymongo_collection().find({"hall": hall}).limit(MOST_WINDOWS)
        return coverage(hall, [_window(row) async for row in found])


def _window(row: dict[str, object]) -> Window:
    stored = ServiceWindow.model_validate(row)
    devices = tuple(
        WindowDevice(DeviceKind(one["kind"]), one["serial"], one["working"])
        for one in stored.devices
    )
    required = frozenset(map(DeviceKind, stored.required))
    return Window(stored.hall, stored.number, required, devices, stored.closed)
