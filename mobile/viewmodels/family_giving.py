"""How a mandate comes about in the app: shown and taken face to face, or by a relative's card."""

from mobile.core.mandate import INVITATION_DIGITS, SCOPES
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.card_scanning import CardScanning
from mobile.services.city_time import CityTime
from mobile.services.code_scanning import CodeScanning
from mobile.services.family import Family
from mobile.viewmodels.family_state import ONE, PIN, SHOWN, TYPE, Course
from mobile.viewmodels.family_steps import PIN_DIGITS
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel


class FamilyGiving(ServedModel):
    """Shows invitations, takes them by camera or digits, and reads a relative's card and PIN."""

    def __init__(
        self,
        family: Family,
        scanning: CodeScanning,
        cards: CardScanning,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
    ) -> None:
        super().__init__(account, time, preferences)
        self._family, self._scanning, self._cards = family, scanning, cards
        self._course = Course()
        self._done: tuple[str, str] | None = None

    def type_digit(self, digit: str) -> None:
        """Add a digit."""
        most = PIN_DIGITS if self._course.page == PIN else INVITATION_DIGITS
        self._edit((self._course.typed + digit)[:most])

    def delete(self) -> None:
        """Remove the last digit."""
        self._edit(self._course.typed[:-1])

    def clear(self) -> None:
        """Remove all digits."""
        self._edit("")

    def key(self, name: str) -> None:
        """Take a key of a keyboard while digits are typed."""
        if self._course.page not in {TYPE, PIN}:
            return
        if name == "backspace":
            self.delete()
        elif name == "enter":
            self.submit()
        elif name.isdigit():
            self.type_digit(name)

    def submit(self) -> None:
        """Take the invitation that was typed, or send the PIN."""
        if self._course.page == PIN:
            if len(self._course.typed) == PIN_DIGITS:
                self._act(self._grant_by_card)
        elif len(self._course.typed) == INVITATION_DIGITS:
            self._act(lambda: self._take(self._course.typed))

    def _open_one(self, mandate: str) -> None:
        course = self._course
        course.page, course.mandate, course.did = ONE, mandate, None

    def _edit(self, digits: str) -> None:
        if not self._busy:
            self._course.typed, self._trouble = digits, None
            self._show()

    async def _make(self) -> Trouble | None:
        scopes = tuple(one for one in SCOPES if one in self._course.scopes)
        course = self._course
        made = await self._family.invite(course.side, course.relation, scopes, course.days)
        if isinstance(made, Trouble):
            return made
        self._course.invitation, self._course.page = made, SHOWN
        return None

    async def _scan(self) -> Trouble | None:
        read = await self._scanning.invitation()
        if read is None or isinstance(read, Trouble):
            return read
        return await self._take(read)

    async def _read_card(self) -> Trouble | None:
        read = await self._cards.digest()
        if isinstance(read, Trouble):
            return read
        self._course.card, self._course.typed, self._course.page = read, "", PIN
        return None

    async def _grant_by_card(self) -> Trouble | None:
        course = self._course
        pin, course.typed = course.typed, ""
        scopes = tuple(one for one in SCOPES if one in course.scopes)
        wish = (course.card, pin, course.relation, scopes, course.days)
        granted = await self._family.grant_by_card(*wish)
        if isinstance(granted, Trouble):
            return granted
        course.card, self._done = "", ("family.granted", "family.granted.next")
        self._open_one(granted.identifier)
        return None

    async def _take(self, digits: str) -> Trouble | None:
        taken = await self._family.take(digits)
        if isinstance(taken, Trouble):
            return taken
        self._course.typed, self._done = "", ("family.taken", "family.taken.next")
        self._open_one(taken.identifier)
        return None
