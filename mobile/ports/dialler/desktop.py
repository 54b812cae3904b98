"""A desktop makes no calls."""

from mobile.ports.dialler import NoDialler


class DesktopDialler:
    """Refuses, so that the number is shown instead."""

    def dial(self, number: str) -> None:  # noqa: ARG002 - the port's
        """Refuse."""
        raise NoDialler("no telephone")
