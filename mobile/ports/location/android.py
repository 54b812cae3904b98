"""Android: the position the phone knew last, after its owner allowed it. Not run on a phone yet."""

import asyncio

from android.permissions import Permission, request_permissions
from jnius import autoclass, cast

from mobile.core.venue import Position
from mobile.ports.location import NoPosition


class AndroidLocation:
    """Asks for the coarse position only: a street's length is near enough for distances."""

    async def find(self) -> Position:
        """Return the newest of what the phone's providers knew last."""
        if not await _allowed():
            raise NoPosition("not allowed")
        activity = autoclass("org.kivy.android.PythonActivity").mActivity
        manager = cast("android.location.LocationManager", activity.getSystemService("location"))
        known = [
            manager.getLastKnownLocation(provider)
            for provider in manager.getProviders(True).toArray()
        ]
        found = [one for one in known if one is not None]
        if not found:
            raise NoPosition("no position")
        newest = max(found, key=lambda one: int(one.getTime()))
        return Position(newest.getLatitude(), newest.getLongitude())


async def _allowed() -> bool:
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[bool] = loop.create_future()

    def take(_permissions: list[str], grants: list[bool]) -> None:
        if not answered.done():
            loop.call_soon_threadsafe(answered.set_result, all(grants))

    request_permissions([Permission.ACCESS_COARSE_LOCATION], take)
    return await answered
