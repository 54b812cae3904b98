"""What a camera's worker says to the main process."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerReady:
    """The decoders are loaded; the camera is being opened."""


@dataclass(frozen=True, slots=True)
class CodeSeen:
    """A code's text is in view; `taken_at` is its picture's time on the monotonic clock."""

    text: str
    taken_at: float


@dataclass(frozen=True, slots=True)
class CameraState:
    """The camera was lost, or is back."""

    lost: bool


@dataclass(frozen=True, slots=True)
class Alive:
    """Nothing is in view; said at least every second or two."""


Message = WorkerReady | Alive | CodeSeen | CameraState
