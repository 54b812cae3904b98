"""What is linked to this phone and stored on it, and who is signed in."""

from dataclasses import dataclass

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty

from mobile.core import moments
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.background import Background
from mobile.services.session import Session
from mobile.viewmodels.notices import Notice, notice_of
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import said

ACCOUNT, LOOK, PHONE, STORED = "", "look", "phone", "stored"
SECTIONS = frozenset({ACCOUNT, LOOK, PHONE, STORED})


@dataclass(frozen=True, slots=True)
class MeState:
    """What is shown; `asking` while the removal waits for a yes, `not_removed` why it failed.

    `sections` are the parts in view: in 长辈版 one, "" being the way to the others.
    """

    sections: frozenset[str] = SECTIONS
    device: str = ""
    certificate: str = ""
    asking: bool = False
    not_removed: tuple[Notice, ...] = ()
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
        self._trouble: Trouble | None = None
        self._section = ACCOUNT
        session.listen(self._show)
        account.listen(self._show)
        preferences.bind(value=lambda *_: self._show())
        self._show()

    def open(self) -> None:
        """Begin with the first part."""
        self.open_section(ACCOUNT)

    def open_section(self, name: str) -> None:
        """Bring a part into view, where each has a page of its own."""
        self._section, self._asking, self._trouble = name, False, None
        self._show()

    def step_back(self) -> bool:
        """Take the question back, or leave the part in view; False at the first."""
        if not self._preferences.value.elder or self._section == ACCOUNT:
            return False
        self.open_section(self._section if self._asking else ACCOUNT)
        return True

    def ask_forget(self) -> None:
        """Ask whether the card is really to be removed from this phone."""
        self._asking, self._trouble = True, None
        self._show()

    def keep(self) -> None:
        """Leave everything as it is."""
        self._asking = False
        self._show()

    def forget(self) -> None:
        """Remove card and key from this phone."""
        self._asking = False
        self._trouble = self._session.forget()
        self._show()

    def sign_out(self) -> None:
        """End the sign-in on this phone; the card and its code stay."""
        if not self._work.busy:
            self._work.start(self._account.sign_out)

    async def close(self) -> None:
        """Stop telling the server and wait for its end."""
        await self._work.close()

    def reading(self) -> str:
        """Return the screen in words to be said."""
        language, section = self._preferences.language, self._section
        if not self._preferences.value.elder or section == ACCOUNT:
            return say(language, "me.reading")
        if section == PHONE:
            return f"{say(language, 'me.phone')}{self.state.device}，{self.state.certificate}"
        if section == STORED:
            asked = say(language, "me.forget.lead") if self._asking else ""
            failed = "".join(map(said, self.state.not_removed))
            return (
                failed or asked or f"{say(language, 'me.stored')}{say(language, 'me.stored.lead')}"
            )
        return say(language, "me.look.reading")

    def _show(self) -> None:
        language, wallet = self._preferences.language, self._session.wallet
        until = ""
        if wallet is not None:
            moment = moments.day_and_minute(wallet.certificate.not_after, language)
            until = say(language, "me.until", moment=moment)
        elder = self._preferences.value.elder
        self.state = MeState(
            sections=frozenset({self._section}) if elder else SECTIONS,
            device=self._device,
            certificate=until,
            asking=self._asking,
            not_removed=(notice_of(self._trouble, language),) if self._trouble else (),
            signed_in=self._account.signed_in,
        )
