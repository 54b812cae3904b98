"""The phones of the card, and what to do when one is lost."""

from dataclasses import dataclass, replace

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.bound_phone import BoundPhone, PhoneState
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.bound_phones import BoundPhones
from mobile.services.city_time import CityTime
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said
from shared.localized_text import Language


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A phone, ready to be drawn; `unbindable` while it may still show the code."""

    serial: int
    name: str
    mark: str
    is_this: bool
    since: str
    certificate: str
    unbindable: bool
    asking: bool
    busy: bool


@dataclass(frozen=True, slots=True)
class DevicesState:
    """What is shown; `phones` None before they were ever read, `seen` says how old they are.

    In 长辈版 `names` are the phones to choose from, and `phones` the one that was chosen, alone.
    """

    names: tuple[PhoneLine, ...] = ()
    stepped: bool = False
    phones: tuple[PhoneLine, ...] | None = None
    loading: bool = False
    seen: str = ""
    done: Notice | None = None
    problem: Notice | None = None


class DevicesModel(ServedModel):
    """The list of phones; an open question survives a sign-in."""

    state = ObjectProperty(DevicesState(), rebind=True)

    def __init__(
        self,
        phones: BoundPhones,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
    ) -> None:
        super().__init__(account, time, preferences)
        self._phones = phones
        self._known: tuple[BoundPhone, ...] | None = None
        self._asking: int | None = None
        self._chosen: int | None = None
        self._done: BoundPhone | None = None

    @override
    def open(self) -> None:
        self._done = None
        if self._asking is None:
            self._chosen = None
        super().open()

    def choose(self, serial: int) -> None:
        """Bring one phone into view, where each has a page of its own."""
        self._chosen, self._done, self._trouble = serial, None, None
        self._show()

    def step_back(self) -> bool:
        """Take the question back, or come back to all phones; False where they are in view."""
        if self._busy or not self.state.stepped:
            return False
        if self._asking is None:
            self._chosen = None
        self.keep()
        return True

    def ask_unbind(self, serial: int) -> None:
        """Ask whether the phone is really to be unbound."""
        self._asking, self._done, self._trouble = serial, None, None
        self._show()

    def keep(self) -> None:
        """Leave everything as it is."""
        self._asking = None
        self._show()

    def unbind(self) -> None:
        """Unbind the phone that was asked about."""
        serial = self._asking
        if serial is not None:
            self._act(lambda: self._unbind(serial))

    @override
    def _show(self) -> None:
        language = self._language
        phones = None
        if self._known is not None:
            phones = tuple(self._line(phone, language) for phone in self._known)
        names: tuple[PhoneLine, ...] = ()
        stepped = self._preferences.value.elder and self._chosen is not None
        if self._preferences.value.elder and phones:
            names = () if stepped else phones
            phones = tuple(one for one in phones if stepped and one.serial == self._chosen) or None
        self.state = DevicesState(
            names=names,
            stepped=stepped,
            phones=phones,
            loading=self._reading.going_on and self._known is None,
            seen=self._seen(),
            done=self._done_notice(language),
            problem=self._problem(),
        )

    def reading(self) -> str:
        """Return the screen in words to be said."""
        language, state = self._preferences.language, self.state
        phones = state.phones or state.names
        if self.state.problem:
            return said(self.state.problem)
        names = "，".join(f"{phone.name} {phone.mark}".strip() for phone in phones)
        return say(language, "devices.reading", count=len(phones), names=names)

    def _line(self, phone: BoundPhone, language: Language) -> PhoneLine:
        until = phone.unbound_at or phone.certified_until
        key = "devices.unbound" if phone.unbound_at else "devices.certificate"
        certificate = ""
        if until is not None:
            certificate = say(language, key, moment=self._moment(until))
        return PhoneLine(
            serial=phone.serial,
            name=phone.name,
            mark=_mark(phone, language),
            is_this=phone.is_this,
            since=say(language, "devices.since", moment=self._moment(phone.enrolled_at)),
            certificate=certificate,
            unbindable=phone.state is not PhoneState.UNBOUND,
            asking=phone.serial == self._asking,
            busy=phone.serial == self._asking and self._busy,
        )

    def _done_notice(self, language: Language) -> Notice | None:
        if self._done is None:
            return None
        return Notice(
            "check",
            say(language, "devices.done", name=self._done.name),
            say(language, "devices.done.next"),
            attention=False,
        )

    @override
    async def _read(self) -> Trouble | None:
        phones = await self._phones.read()
        if isinstance(phones, Trouble):
            return phones
        self._known = phones
        return None

    async def _unbind(self, serial: int) -> Trouble | None:
        phone = await self._phones.unbind(serial)
        if isinstance(phone, Trouble):
            return phone
        self._asking, self._done = None, phone
        self._known = tuple(
            replace(phone, is_this=known.is_this) if known.serial == serial else known
            for known in self._known or ()
        )
        return None

    @override
    def _forget(self) -> None:
        if self._account.ended is None:  # signed out: nothing stays
            self._known = self._asking = self._chosen = None
            super()._forget()


def _mark(phone: BoundPhone, language: Language) -> str:
    if phone.is_this and phone.state is PhoneState.BOUND:
        return say(language, "devices.this")
    return say(language, f"devices.state.{phone.state.value.lower()}")
