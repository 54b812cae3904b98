"""全部服务: the map of what this app can do, and the search through it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty, StringProperty

from mobile.core.service_map import SERVICES, Realm, Service, find_services, service_of
from mobile.core.texts import say
from mobile.viewmodels.preferences import PreferencesModel

_SIGNS = {
    Realm.DONE: "pencil",
    Realm.WAYS: "place",
    Realm.PAID: "wallet",
    Realm.LIFE: "shield",
}


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service as a line that leads to it."""

    key: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class RealmLine:
    """One of the four 一卡通 with what belongs to it; `lead` says what that is in a few words."""

    key: str
    icon: str
    title: str
    lead: str
    services: tuple[ServiceLine, ...]


@dataclass(frozen=True, slots=True)
class ServicesState:
    """What is shown: `found` None while nothing is searched for.

    `opened` is the realm that was chosen in 长辈版, which asks for one decision a page.
    """

    realms: tuple[RealmLine, ...] = ()
    found: tuple[ServiceLine, ...] | None = None
    told: str = ""
    opened: RealmLine | None = None


class ServicesModel(EventDispatcher):
    """Follows the language and what is typed."""

    state = ObjectProperty(ServicesState(), rebind=True)
    query = StringProperty()

    def __init__(
        self, preferences: PreferencesModel, open_service: Callable[[Service], None]
    ) -> None:
        super().__init__()
        self._preferences = preferences
        self._open_service = open_service
        self._realm: Realm | None = None
        preferences.bind(value=lambda *_: self._show())
        self._show()

    def on_query(self, *_: object) -> None:
        """Show what fits what is typed; nothing typed shows the whole map."""
        self._show()

    def open_realm(self, key: str) -> None:
        """Show the services of one realm alone."""
        self._realm = Realm(key)
        self._show()

    def begin(self) -> None:
        """Show the whole map, nothing being searched for."""
        self.query, self._realm = "", None
        self._show()

    def step_back(self) -> bool:
        """Go back to the realms; False where they are shown."""
        if self._realm is None or not self._preferences.value.elder:
            return False
        self._realm = None
        self._show()
        return True

    def choose(self, key: str) -> None:
        """Go to a service."""
        self._open_service(service_of(key))

    def reading(self) -> str:
        """Return the screen in words to be said."""
        language, state = self._preferences.language, self.state
        if state.found is not None:
            names = "，".join(line.text for line in state.found)
            return f"{state.told}。{names}"
        if state.opened is not None:
            names = "，".join(line.text for line in state.opened.services)
            return say(language, "services.reading", title=state.opened.title, names=names)
        names = "，".join(f"{realm.title}，{realm.lead}" for realm in state.realms)
        title = say(language, "services.title")
        return say(language, "services.reading", title=title, names=names)

    def _show(self) -> None:
        language = self._preferences.language
        searched = bool(self.query.strip())
        found = self._lines(find_services(self.query)) if searched else None
        realms = {realm: self._realm_line(realm) for realm in Realm}
        told = ""
        if found:
            told = say(language, "services.found", count=len(found))
        elif found is not None:
            told = say(language, "services.none", query=self.query.strip()[:20])
        self.state = ServicesState(
            realms=tuple(realms.values()),
            found=found,
            told=told,
            opened=realms[self._realm] if self._realm and self._preferences.value.elder else None,
        )

    def _realm_line(self, realm: Realm) -> RealmLine:
        language = self._preferences.language
        return RealmLine(
            realm.value,
            _SIGNS[realm],
            say(language, f"realm.{realm}"),
            say(language, f"realm.{realm}.lead"),
            self._lines(service for service in SERVICES if service.realm is realm),
        )

    def _lines(self, services: Iterable[Service]) -> tuple[ServiceLine, ...]:
        language = self._preferences.language
        return tuple(
            ServiceLine(one.key, one.icon, say(language, f"service.{one.key}")) for one in services
        )
