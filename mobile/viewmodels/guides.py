"""服务指南: what can be done, found by typing; of one thing who may, what it takes, how, where."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kivy.properties import ObjectProperty, StringProperty
from typing_extensions import override

from mobile.core.guide import Guide, GuideTitle
from mobile.core.service_map import Service, service_of
from mobile.core.service_search import Named, find
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.core.venue import Position
from mobile.ports.location import Location, NoPosition
from mobile.services.account import Account
from mobile.services.background import Background
from mobile.services.city_time import CityTime
from mobile.services.guides import Guides
from mobile.viewmodels.guide_lines import (
    FACTS_PART,
    PARTS,
    GuideLine,
    GuideView,
    guide_line,
    guide_view,
)
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said


@dataclass(frozen=True, slots=True)
class GuidesState:
    """What is shown: the opened guide, else `lines`, None before a list was ever read.

    In 长辈版 a guide shows one `part` of it at a time, otherwise (empty) all of them.
    """

    title: str = ""
    lines: tuple[GuideLine, ...] | None = None
    told: str = ""
    chosen: str = ""
    part: str = ""
    next_part: str = ""
    opened: GuideView | None = None
    loading: bool = False
    seen: str = ""
    problem: Notice | None = None
    no_position: Notice | None = None


class GuidesModel(ServedModel):
    """Follows what is typed and the guide that was touched; `begin` brings its service up."""

    state = ObjectProperty(GuidesState(), rebind=True)
    query = StringProperty()

    def __init__(
        self,
        guides: Guides,
        location: Location,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        begin: Callable[[Service], None],
    ) -> None:
        super().__init__(account, time, preferences)
        self._guides = guides
        self._location = location
        self._begin = begin
        self._item, self._part = "", FACTS_PART
        self._wanted, self._alone = "", False
        self._fresh: Guide | None = None
        self._locating = Background()
        self._near: Position | None = None
        self._no_position = False
        self._show()

    @override
    def open(self) -> None:
        """Begin with the whole list, unless one guide is wanted alone."""
        self.query, self._item, self._fresh = "", self._wanted, None
        self._alone, self._wanted, self._part = bool(self._wanted), "", FACTS_PART
        if self._alone:
            self._reading.forget()
        super().open()

    def begin(self, item: str) -> None:
        """Show one guide alone when the page comes to the front; back leads to where one was."""
        self._wanted = item

    def on_query(self, *_: object) -> None:
        """Show what fits what is typed."""
        self._show()

    def choose(self, item: str) -> None:
        """Open one guide."""
        self._item, self._part, self._fresh, self._trouble = item, FACTS_PART, None, None
        self._reading.forget()
        self.refresh()

    def go_on(self) -> None:
        """Show the next part of the guide."""
        if self.state.next_part:
            self._part = self.state.next_part
            self._show()

    def find_near(self) -> None:
        """Order the outlets by how near they are."""
        if not self._locating.busy:
            self._locating.start(self._locate)

    def do_it(self) -> None:
        """Go to where the opened guide's service is done."""
        service = _service(self._item)
        if service is not None:
            self._begin(service)

    def step_back(self) -> bool:
        """Go back to the part before, then to the list; False there."""
        first = self._part_shown() in {"", FACTS_PART}
        if not self._item or (first and self._alone):
            return False
        if not first:
            self._part = PARTS[PARTS.index(self._part) - 1]
        else:
            self._item, self._fresh = "", None
            self._reading.forget()
        self._show()
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state, language = self.state, self._language
        if state.opened is not None:
            words = state.opened.reading(state.part)
        elif state.lines:
            names = "，".join(one.text for one in state.lines)
            words = say(language, "guides.reading", title=state.told or state.title, names=names)
        else:
            words = state.told or say(language, "guides.unread")
        return f"{said(state.problem)} {words}" if state.problem else words

    @override
    async def close(self) -> None:
        await super().close()
        await self._locating.close()

    @override
    def _show(self) -> None:
        now, language = self._time.now(), self._language
        guide, part = self._shown_guide(), self._part_shown()
        known = self._guides.known
        titles = known.titles if known else ()
        found = self._found(titles, self.query) if self.query.strip() else titles
        told = ""
        if self.query.strip():
            key, query = "guides.found" if found else "guides.nothing", self.query.strip()[:20]
            told = say(language, key, count=len(found), query=query)
        later = PARTS[PARTS.index(part) + 1 :] if part else ()
        self.state = GuidesState(
            title=self._title(guide),
            lines=tuple(guide_line(one, language) for one in found) if titles else None,
            told=told,
            chosen=self._item,
            part=part,
            next_part=later[0] if guide is not None and later else "",
            opened=guide_view(
                *(guide, now, language),
                live=self._fresh is not None,
                can_begin=not self._alone and _service(guide.item) is not None,
            )
            if guide
            else None,
            loading=self._reading.going_on and guide is None and (bool(self._item) or not titles),
            seen=self._seen(),
            problem=self._problem(),
            no_position=self._position_problem(),
        )

    def _title(self, guide: Guide | None) -> str:
        if guide is not None:
            return guide.title.in_language(self._language)
        titles = self._guides.known.titles if self._guides.known else ()
        chosen = next((one for one in titles if one.item == self._item), None)
        return chosen.title.in_language(self._language) if chosen else self._say("guides.title")

    def _say(self, key: str) -> str:
        return say(self._language, key)

    @staticmethod
    def _found(titles: tuple[GuideTitle, ...], query: str) -> tuple[GuideTitle, ...]:
        by_item = {one.item: one for one in titles}
        named = [Named(one.item, (one.title.zh, one.title.en, *_also(one.item))) for one in titles]
        return tuple(by_item[item] for item in find(query, named))

    def _part_shown(self) -> str:
        return self._part if self._item and self._preferences.value.elder else ""

    def _shown_guide(self) -> Guide | None:
        """Return the guide as read now, or without a network as it was seen last."""
        if self._fresh is not None or not self._item:
            return self._fresh
        kept = self._guides.known.of(self._item) if self._guides.known else None
        return kept[0] if kept else None

    @override
    def _seen_at(self) -> datetime | None:
        known = self._guides.known
        if self._reading.trouble is None or known is None:
            return None
        if not self._item:
            return known.seen_at
        kept = known.of(self._item)
        return kept[1] if kept else None

    def _position_problem(self) -> Notice | None:
        if not self._no_position:
            return None
        return Notice("near", self._say("guide.no_position"), self._say("guide.no_position.next"))

    async def _locate(self) -> None:
        try:
            self._near, self._no_position = await self._location.find(), False
        except NoPosition:
            self._near, self._no_position = None, True
            self._show()
            return
        self.refresh()

    @override
    async def _read(self) -> Trouble | None:
        while True:
            wish = self._item, self._near
            trouble = await (self._read_one(*wish) if self._item else self._guides.read_list())
            if wish == (self._item, self._near):  # else another was touched, or a place was found
                return trouble

    async def _read_one(self, item: str, near: Position | None) -> Trouble | None:
        guide = await self._guides.read(item, near)
        if isinstance(guide, Trouble):
            return guide
        if item == self._item:
            self._fresh = guide
        return None

    @override
    def _may_read(self) -> bool:
        return True

    @override
    def _follow(self) -> None:
        """Keep what is shown: guides are the same for everybody."""
        self._show()


def _service(item: str) -> Service | None:
    """Return the service of this app that a guide is of; one of the guides itself leads nowhere."""
    if item == "guides":
        return None
    try:
        return service_of(item)
    except KeyError:
        return None


def _also(item: str) -> tuple[str, ...]:
    service = _service(item)
    return service.also if service else ()
