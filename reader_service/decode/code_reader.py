"""Frame to texts: locate, then each decoder in turn, and now and then the whole frame."""

from collections.abc import Callable, Sequence

import cv2

from reader_service.decode.decoder import Decoder, Picture, load_decoders
from reader_service.decode.region import changed, locate, shrink

_WHOLE_FRAME_EVERY = 10
_STILL_LOOKED_AT_EVERY = 10


class CodeReader:
    """Reads one camera's frames; remembers how many in a row held nothing, and what that was."""

    def __init__(self, decoders: Sequence[Decoder]) -> None:
        self._decoders = decoders
        self._misses = 0
        self._empty: Picture | None = None
        self._still = 0

    def read(self, frame: Picture) -> list[str]:
        """Return the texts of the codes in a grey frame; mostly none or one.

        The whole frame is searched at every tenth miss, for the day the locator is drawn to
        something busier than the code.
        """
        return self.look(shrink(frame), lambda: frame)

    def look(self, small: Picture, whole: Callable[[], Picture | None]) -> list[str]:
        """Read as `read` does, by the frame's quarter-size picture first.

        `whole` gives the frame, and is asked for it only where that may hold a code. Where the
        whole of a frame held none and nothing has moved since, one in ten is looked at, for a code
        held still that cannot be read in every picture.
        """
        if self._stands_still(small):
            return []
        area, frame = locate(small), None
        texts: list[str] = []
        if area.busy and (frame := whole()) is not None:
            texts = self._first(area.cut(frame))
        if not texts:
            self._misses += 1
            if self._misses % _WHOLE_FRAME_EVERY == 0:
                frame = whole() if frame is None else frame
                texts = [] if frame is None else self._anywhere(frame)
                self._empty = None if texts else small
        if texts:
            self._misses, self._empty = 0, None
        return texts

    def _stands_still(self, small: Picture) -> bool:
        if self._empty is None or changed(small, self._empty):
            self._still = 0
            return False
        self._still += 1
        return self._still % _STILL_LOOKED_AT_EVERY != 0

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
