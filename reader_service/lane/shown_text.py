"""Waits until a camera is shown a text, outside a lane."""

from collections.abc import Sequence
from time import monotonic

from reader_service.decode.code_reader import open_code_reader
from reader_service.devices.camera import open_camera
from reader_service.devices.shot import picture_of
from reader_service.settings import CameraSource, DecoderName


def wait_for_text(
    source: CameraSource, decoders: Sequence[DecoderName], begins: str, seconds: float
) -> str:
    """Return the first text that begins so, or nothing when the time is over.

    Raises:
        CameraLost: the camera is not there.
    """
    reader, camera, until = open_code_reader(decoders), open_camera(source), monotonic() + seconds
    try:
        while monotonic() < until:
            picture = picture_of(camera.grab())
            for text in reader.read(picture) if picture is not None else ():
                if text.startswith(begins):
                    return text
    finally:
        camera.close()
    return ""
