"""A QR code as SVG, drawn for a camera: black on white, a quiet zone around it."""

from collections.abc import Iterator
from itertools import groupby
from typing import cast

from typing_extensions import Buffer

_LOW = "L"
"""The least error correction: what is shown on a screen is not dirty, and more would not fit."""


def draw_qr(digits: str) -> str:
    """Return the code of up to 7,089 digits as an SVG, one unit a module."""
    # Imported here: the main process starts without anything that sees, and stays small.
    import zxingcpp  # noqa: PLC0415

    code = zxingcpp.create_barcode(digits, zxingcpp.BarcodeFormat.QRCode, ec_level=_LOW)
    # Not `to_svg`: it writes a rectangle for each run of modules and names who drew it.
    image = code.to_image(add_quiet_zones=True)
    grey = memoryview(cast("Buffer", image))  # Its annotations leave out that it is one.
    height, width = grey.shape or (0, 0)
    pixels = grey.tobytes()
    rows = "".join(
        f"M{start} {y}h{end - start}v1h-{end - start}z"
        for y in range(height)
        for start, end in _runs(pixels[y * width : (y + 1) * width])
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' shape-rendering="crispEdges"><path d="M0 0h{width}v{height}h-{width}z" fill="#fff"/>'
        f'<path d="{rows}"/></svg>'
    )


def _runs(row: bytes) -> Iterator[tuple[int, int]]:
    """Return where dark runs begin and end."""
    at = 0
    for dark, run in groupby(level < 128 for level in row):
        begun, at = at, at + len(list(run))
        if dark:
            yield begun, at
