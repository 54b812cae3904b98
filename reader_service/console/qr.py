"""A QR code as SVG, drawn for a camera: black on white, a quiet zone around it."""

import warnings

import numpy as np
import zxingcpp

_QUIET = 4
_LOW = 0
"""The least error correction: what is shown on a screen is not dirty, and more would not fit."""


def draw_qr(digits: str) -> str:
    """Return the code of up to 7,089 digits as an SVG, one unit a module."""
    with warnings.catch_warnings():
        # Its successor takes the level of correction by a text that no release documents yet.
        warnings.simplefilter("ignore", DeprecationWarning)
        image = zxingcpp.write_barcode(
            zxingcpp.BarcodeFormat.QRCode, digits, quiet_zone=_QUIET, ec_level=_LOW
        )
    modules = np.asarray(image) < 128
    rows = "".join(
        f"M{start} {y}h{end - start}v1h-{end - start}z"
        for y, row in enumerate(modules)
        for start, end in _runs(row)
    )
    height, width = modules.shape
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' shape-rendering="crispEdges"><path d="M0 0h{width}v{height}h-{width}z" fill="#fff"/>'
        f'<path d="{rows}"/></svg>'
    )


def _runs(row: np.ndarray) -> list[tuple[int, int]]:
    """Return where dark runs begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
