"""Android: NFC reads a contactless card (IsoDep) held to the phone. Not run on a phone yet.

Whether a card answers its 识别码 over the air depends on its generation and its issuer.
"""

import asyncio
from typing import Any

from jnius import JavaException, PythonJavaClass, autoclass, java_method

from mobile.core.card_reading import NotACard, read_digest
from mobile.ports.card_reader import NoCard

_SECONDS = 30.0
_TIMEOUT_MS = 2_000


class _Found(PythonJavaClass):  # type: ignore[misc]
    """Android calls it on a thread of its own for each card that comes near."""

    __javainterfaces__ = ("android/nfc/NfcAdapter$ReaderCallback",)
    __javacontext__ = "app"

    def __init__(self, loop: asyncio.AbstractEventLoop, found: "asyncio.Future[str]") -> None:
        super().__init__()
        self._loop = loop
        self._found = found

    @java_method("(Landroid/nfc/Tag;)V")  # type: ignore[untyped-decorator]
    def onTagDiscovered(self, tag: Any) -> None:  # noqa: N802 - Android's name
        """Read it there and then."""
        try:
            digest = _digest_of(tag)
        except (NotACard, JavaException) as error:
            reason = str(error) if isinstance(error, NotACard) else "card gone"
            self._loop.call_soon_threadsafe(self._settle, None, NoCard(reason))
        else:
            self._loop.call_soon_threadsafe(self._settle, digest, None)

    def _settle(self, digest: str | None, error: NoCard | None) -> None:
        if self._found.done():
            return
        if error is not None:
            self._found.set_exception(error)
        else:
            self._found.set_result(digest or "")


class NfcCardReader:
    """Turns the phone's NFC into a reader while somebody waits for a card."""

    async def read(self) -> str:
        """Return the digest of the first card that is held to the phone."""
        activity = autoclass("org.kivy.android.PythonActivity").mActivity
        adapter = autoclass("android.nfc.NfcAdapter").getDefaultAdapter(activity)
        if adapter is None or not adapter.isEnabled():
            raise NoCard("no NFC")
        loop = asyncio.get_running_loop()
        found: asyncio.Future[str] = loop.create_future()
        kinds = adapter.FLAG_READER_NFC_A | adapter.FLAG_READER_NFC_B
        callback = _Found(loop, found)
        adapter.enableReaderMode(
            activity, callback, kinds | adapter.FLAG_READER_SKIP_NDEF_CHECK, None
        )
        try:
            return await asyncio.wait_for(found, _SECONDS)
        except TimeoutError as error:
            raise NoCard("no card") from error
        finally:
            adapter.disableReaderMode(activity)


def _digest_of(tag: Any) -> str:
    card = autoclass("android.nfc.tech.IsoDep").get(tag)
    if card is None:
        raise NotACard("no social security card")
    card.connect()
    card.setTimeout(_TIMEOUT_MS)
    return read_digest(lambda command: _bytes(card.transceive(list(command))))


def _bytes(answer: Any) -> bytes:
    return bytes(element & 0xFF for element in answer)
