"""The phones of the card, and what to do when one is lost."""

from dataclasses import dataclass, replace

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty

from mobile.core import moments
from mobile.core.bound_phone import BoundPhone, PhoneState
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.background import Background
from mobile.services.bound_phones import BoundPhones
from mobile.services.city_time import CityTime
from mobile.viewmodels.notices import Notice, notice_of
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.reading import Reading
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
    """What is shown; `phones` None before they were ever read, `seen` says how old they are."""

    phones: tuple[PhoneLine, ...] | None = None
    loading: bool = False
    seen: str = ""
    done: Notice | None = None
    problem: Notice | None = None


class DevicesModel(EventDispatcher):
    """Reads the list whenever the page comes to the front; an open question survives a sign-in."""

    state = ObjectProperty(DevicesState(), rebind=True)

    def __init__(
        self,
        phones: BoundPhones,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
    ) -> None:
        super().__init__()
        self._phones = phones
        self._account = account
        self._time = time
        self._preferences = preferences
        self._reading = Reading(self._read, time, self._show)
        self._work = Background()
        self._known: tuple[BoundPhone, ...] | None = None
        self._asking: int | None = None
        self._unbinding: int | None = None
        self._done: BoundPhone | None = None
        self._trouble: Trouble | None = None
        account.listen(self._follow)
        preferences.bind(value=lambda *_: self._show())

    def open(self) -> None:
        """Read the list anew: the page came to the front."""
        self._done = self._trouble = None
        self.refresh()

    def refresh(self) -> None:
        """Ask the server now."""
        if self._account.signed_in:
            self._reading.start()
        self._show()

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
        if serial is not None and not self._work.busy:
            self._unbinding, self._trouble = serial, None
            self._work.start(lambda: self._unbind(serial))
            self._show()

    async def close(self) -> None:
        """Stop what runs and wait for its end."""
        await self._reading.close()
        await self._work.close()

    def tick(self) -> None:
        """Bring the state up to this moment, and try again what failed a while ago."""
        if self._account.signed_in:
            self._reading.retry()
        self._show()

    def _show(self) -> None:
        now, language = self._time.now(), self._preferences.language
        phones = None
        if self._known is not None:
            phones = tuple(self._line(phone, language) for phone in self._known)
        seen = ""
        if self._reading.seen_at is not None:
            age = moments.age(self._reading.seen_at, now, language)
            seen = say(language, "card.seen", age=age)
        trouble = self._trouble or self._reading.trouble
        self.state = DevicesState(
            phones=phones,
            loading=self._reading.going_on and self._known is None,
            seen=seen,
            done=self._done_notice(language),
            problem=notice_of(trouble, language, "cloud-off") if trouble else None,
        )

    def reading(self) -> str:
        """Return the screen in words to be said."""
        language, phones = self._preferences.language, self.state.phones or ()
        if self.state.problem:
            return f"{self.state.problem.title}。{self.state.problem.body}"
        names = "，".join(f"{phone.name} {phone.mark}".strip() for phone in phones)
        return say(language, "devices.reading", count=len(phones), names=names)

    def _line(self, phone: BoundPhone, language: Language) -> PhoneLine:
        until = phone.unbound_at or phone.certified_until
        key = "devices.unbound" if phone.unbound_at else "devices.certificate"
        certificate = ""
        if until is not None:
            certificate = say(language, key, moment=moments.day_and_minute(until, language))
        return PhoneLine(
            serial=phone.serial,
            name=phone.name,
            mark=_mark(phone, language),
            is_this=phone.is_this,
            since=say(
                language,
                "devices.since",
                moment=moments.day_and_minute(phone.enrolled_at, language),
            ),
            certificate=certificate,
            unbindable=phone.state is not PhoneState.UNBOUND,
            asking=phone.serial == self._asking,
            busy=phone.serial == self._unbinding,
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

    async def _read(self) -> Trouble | None:
        phones = await self._phones.read()
        if isinstance(phones, Trouble):
            return phones
        self._known = phones
        return None

    async def _unbind(self, serial: int) -> None:
        try:
            phone = await self._phones.unbind(serial)
            if isinstance(phone, Trouble):
                self._trouble = phone
                return
            self._asking, self._done = None, phone
            self._known = tuple(
                replace(phone, is_this=known.is_this) if known.serial == serial else known
                for known in self._known or ()
            )
        finally:
            self._unbinding = None
            self._show()

    def _follow(self) -> None:
        if not self._account.signed_in and self._account.ended is None:
            self._known = self._asking = None  # signed out: nothing stays
            self._reading.forget()
        self._show()


def _mark(phone: BoundPhone, language: Language) -> str:
    if phone.is_this and phone.state is PhoneState.BOUND:
        return say(language, "devices.this")
    return say(language, f"devices.state.{phone.state.value.lower()}")
