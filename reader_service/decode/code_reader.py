"""Frame to texts: locate, then each decoder in turn, and now and then the whole frame."""

from collections.abc import Sequence

import cv2

from reader_service.decode.decoder import Decoder, Picture, load_decoders
from reader_service.decode.region import locate

_WHOLE_FRAME_EVERY = 10


class CodeReader:
    """Reads one camera's frames; remembers only how many in a row held nothing."""

    def __init__(self, decoders: Sequence[Decoder]) -> None:
        self._decoders = decoders
        self._misses = 0

    def read(self, frame: Picture) -> list[str]:
        """Return the texts of the codes in a grey frame; mostly none or one.

        The whole frame is searched at every tenth miss, for the day the locator is drawn to
        something busier than the code.
        """
        located = locate(frame)
        texts = self._first(located.region) if located.busy else []
        if not texts:
            self._misses += 1
            if self._misses % _WHOLE_FRAME_EVERY == 0:
                texts = self._anywhere(frame)
        if texts:
            self._misses = 0
        return texts

    def _first(self, region: Picture) -> list[str]:
        for decoder in self._decoders:
            if texts := decoder.read_region(region):
                return texts
        return []

    def _anywhere(self, frame: Picture) -> list[str]:
        for decoder in self._decoders:
            if texts := decoder.read_frame(frame):
                return texts
        return []


def open_code_reader(names: Sequence[str]) -> CodeReader:
    """Return a reader with the named decoders (`decoder.NAMES`), as far as they are installed.

    Raises:
        NoDecoder: none of them is.
    """
    # One thread a worker: the cores belong to the lanes, and tails grow when they are shared.
    cv2.setNumThreads(1)
    return CodeReader(load_decoders(names))
