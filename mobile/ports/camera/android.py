"""Android: the phone's own camera app takes the picture. Not run on a phone yet.

No permission is needed: the camera app has it. The small picture it hands back is never written to
the phone's gallery.
"""

from jnius import autoclass, cast

from mobile.ports.android_activity import ask_activity
from mobile.ports.camera import MOST_BYTES, NoPicture

_REQUEST = 4202
_JPEG_QUALITY = 90


class AndroidCamera:
    """Asks the camera app for one picture."""

    async def take(self) -> bytes | None:
        """Return a JPEG picture; None when the user went back."""
        media = autoclass("android.provider.MediaStore")
        answer = await ask_activity(
            autoclass("android.content.Intent")(media.ACTION_IMAGE_CAPTURE), _REQUEST
        )
        if answer is None:
            return None
        taken = answer.getExtras().get("data")
        if taken is None:
            raise NoPicture("no picture")
        stream = autoclass("java.io.ByteArrayOutputStream")()
        formats = autoclass("android.graphics.Bitmap$CompressFormat")
        bitmap = cast("android.graphics.Bitmap", taken)
        bitmap.compress(formats.JPEG, _JPEG_QUALITY, stream)
        content = bytes(element & 0xFF for element in stream.toByteArray())
        if len(content) > MOST_BYTES:
            raise NoPicture(f"{len(content) // 1024} KB")
        return content
