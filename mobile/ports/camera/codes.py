"""The QR codes in a picture, by ZBar; a picture is looked at and kept nowhere."""

import io

from mobile.ports.camera import NoPicture


def codes_in(picture: bytes) -> tuple[str, ...]:
    """Return the texts of the QR codes in a JPEG or PNG picture, none or more.

    Raises:
        NoPicture: it is no picture, or ZBar is not on this device.
    """
    # Both are loaded at the first scan: the app's start does not wait for them.
    from PIL import Image  # noqa: PLC0415

    try:
        from pyzbar import pyzbar  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise NoPicture("no ZBar") from error
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG")) as opened:
            grey = opened.convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NoPicture("unreadable") from error
    frame = grey.tobytes(), grey.width, grey.height
    found = pyzbar.decode(frame, symbols=[pyzbar.ZBarSymbol.QRCODE])
    return tuple(one.data.decode("utf-8", "replace") for one in found)
