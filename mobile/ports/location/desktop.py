"""A desktop is where its settings say."""

from mobile.core.venue import Position
from mobile.ports.location import NoPosition


class DesktopLocation:
    """Tells `position` if there is one."""

    def __init__(self, position: Position | None) -> None:
        self._position = position

    async def find(self) -> Position:
        """Return the position of the settings."""
        if self._position is None:
            raise NoPosition("no position")
        return self._position
