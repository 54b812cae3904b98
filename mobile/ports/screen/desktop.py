"""A desktop's screen keeps its own settings."""


class DesktopScreen:
    """Asks nothing of the screen."""

    def show_code(self) -> None:
        """Leave the screen as it is."""

    def rest(self) -> None:
        """Leave the screen as it is."""
