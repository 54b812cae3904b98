"""亮证: the name in full, asked for when somebody opens the eye on the code's page.

It is not stored on the phone. While the app runs it is kept in memory for the card it came with,
so that the eye can be opened again where there is no network.
"""

from mobile.core.trouble import Trouble
from mobile.services.answers import read_result
from mobile.services.backend import Backend, Data
from mobile.services.session import Session


class CardFaces:
    """Asks for the name by the phone's own key."""

    def __init__(self, backend: Backend, session: Session) -> None:
        self._backend = backend
        self._session = session
        self._known: tuple[str, str] | None = None
        session.listen(self._follow)

    async def name(self) -> str | Trouble | None:
        """Return the holder's name in full, or why there is none; None without a card."""
        card, key = self._card(), self._session.key
        if card is None or key is None:
            return None
        if self._known is not None:
            return self._known[1]
        answer = await self._backend.ask("CardFace", {}, key)
        name = read_result(answer, "cardFace", _name)
        if isinstance(name, str) and self._card() == card:
            self._known = card, name
        return name

    def _card(self) -> str | None:
        """Return what the name belongs to: a card, and the name as it is masked there."""
        wallet = self._session.wallet
        return f"{wallet.card.identifier} {wallet.card.masked_name}" if wallet else None

    def _follow(self) -> None:
        if self._known is None:
            return
        if self._session.refusal is not None or self._known[0] != self._card():
            self._known = None


def _name(wire: Data) -> str:
    name = wire["holderName"]
    if not isinstance(name, str):
        raise TypeError("a name is a text")
    return name
