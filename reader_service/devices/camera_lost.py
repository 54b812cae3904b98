"""The one failure of a camera."""


class CameraLost(Exception):
    """The camera cannot be opened or gives no pictures any more; it may come back."""
