"""Reads a relative's physical card that is held to this device."""

from mobile.core.trouble import Trouble
from mobile.ports.card_reader import CardReader, NoCard
from shared.localized_text import LocalizedText


class CardScanning:
    """Reads one card and tells what stands for it."""

    def __init__(self, reader: CardReader) -> None:
        self._reader = reader

    async def digest(self) -> str | Trouble:
        """Return the digest of the card's 识别码."""
        try:
            return await self._reader.read()
        except NoCard as error:
            return Trouble(
                "no_card_read",
                LocalizedText(
                    f"没有读到社保卡（{error.reason}）", f"No card was read ({error.reason})"
                ),
                LocalizedText(
                    "请把卡放稳再读一次；读不了就两人一起到服务网点办理",
                    "Hold the card still and try again, or go to a service outlet together",
                ),
            )
