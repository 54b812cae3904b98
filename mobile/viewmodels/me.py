"""What is linked to this phone and stored on it, and who is signed in."""

from dataclasses import dataclass

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty

from mobile.core import moments
from mobile.core.texts import say
from mobile.services.account import Account
from mobile.services.background import Background
from mobile.services.session import Session
from mobile.viewmodels.preferences import PreferencesModel


@dataclass(frozen=True, slots=True)
class MeState:
    """What is shown; `asking` while the removal waits for a yes."""

    device: str = ""
    certificate: str = ""
    asking: bool = False
    signed_in: bool = False


class MeModel(EventDispatcher):
    """Follows the session and the account."""

    state = ObjectProperty(MeState(), rebind=True)

    def __init__(
        self, session: Session, account: Account, preferences: PreferencesModel, device: str
    ) -> None:
        super().__init__()
        self._session = session
        self._account = account
        self._work = Background()
        self._preferences = preferences
        self._device = device
        self._asking = False
        session.listen(self._show)
        account.listen(self._show)
        preferences.bind(value=lambda *_: self._show())
        self._show()

    def ask_forget(self) -> None:
        """Ask whether the card is really to be removed from this phone."""
        self._asking = True
        self._show()

    def keep(self) -> None:
        """Leave everything as it is."""
        self._asking = False
        self._show()

    def forget(self) -> None:
        """Remove card and key from this phone."""
        self._asking = False
        self._session.forget()

    def sign_out(self) -> None:
        """End the sign-in on this phone; the card and its code stay."""
        if not self._work.busy:
            self._work.start(self._account.sign_out)

    async def close(self) -> None:
        """Stop telling the server and wait for its end."""
        await self._work.close()

    def reading(self) -> str:
        """Return the screen in words to be said."""
        return say(self._preferences.language, "me.reading")

    def _show(self) -> None:
        language, wallet = self._preferences.language, self._session.wallet
        until = ""
        if wallet is not None:
            moment = moments.day_and_minute(wallet.certificate.not_after, language)
            until = say(language, "me.until", moment=moment)
        self.state = MeState(self._device, until, self._asking, self._account.signed_in)
