"""档案查询: health, school and care records, asked for by a touch each and kept nowhere."""

from dataclasses import dataclass, replace

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.official_record import OfficialRecord, RecordLine
from mobile.core.texts import say
from mobile.core.trouble import Trouble, of_look
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.official_records import OfficialRecords
from mobile.viewmodels.notices import Notice, notice_of
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said
from shared.localized_text import Language

_SIGNS = {"health": "shield", "student": "book", "care": "people"}
_CONSENT = "consent_needed"


@dataclass(frozen=True, slots=True)
class RecordKindLine:
    """A kind that can be looked up."""

    code: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class RecordLineView:
    """A line of a record, ready to be drawn."""

    name: str
    value: str
    day: str


@dataclass(frozen=True, slots=True)
class RecordPanel:
    """A section; `empty` says so where nothing is on record."""

    title: str
    lines: tuple[RecordLineView, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class RecordsState:
    """What is shown: the kinds, or the one that was chosen; `panels` None before its answer."""

    title: str = ""
    lead: str = ""
    kinds: tuple[RecordKindLine, ...] = ()
    chosen: str = ""
    source: str = ""
    panels: tuple[RecordPanel, ...] | None = None
    nothing: str = ""
    loading: bool = False
    asks_consent: bool = False
    problem: Notice | None = None


class RecordsModel(ServedModel):
    """Asks when a kind is touched and at no other time: each look is recorded."""

    state = ObjectProperty(RecordsState(), rebind=True)

    def __init__(
        self,
        records: OfficialRecords,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
    ) -> None:
        super().__init__(account, time, preferences)
        self._records = records
        self._kind, self._record = "", _none()
        self._subject = records.family.acting
        records.family.listen(self._follow_front)
        self._show()

    @override
    def open(self) -> None:
        """Begin with the kinds: what was shown before is shown to nobody who comes later."""
        self._forget()
        super().open()

    @override
    def tick(self) -> None:
        """Follow the clock; a look that failed is not made again by itself."""
        self._show()

    def choose(self, kind: str) -> None:
        """Look a record up."""
        if kind in self._records.kinds:
            self._forget()
            self._kind = kind
            self.refresh()

    def step_back(self) -> bool:
        """Go back to the kinds; False there."""
        if not self._kind:
            return False
        self._forget()
        self._show()
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state = self.state
        if state.problem:
            return said(state.problem)
        if not state.chosen:
            kinds = "，".join(one.text for one in state.kinds)
            return f"{state.title}。{state.lead}。{kinds}"
        lines = [
            "，".join(filter(None, (one.name, one.value, one.day)))
            for panel in state.panels or ()
            for one in panel.lines
        ]
        return "。".join((state.title, state.nothing or state.source, *lines))

    @override
    def _show(self) -> None:
        language, kind, record = self._language, self._kind, self._record
        acting = bool(self._records.family.acting)
        kinds = self._records.kinds
        trouble = self._reading.trouble
        none = record is not None and not record.sections
        lead = "records.lead.none" if not kinds else f"records.lead{'.acting' if acting else ''}"
        self.state = RecordsState(
            title=say(language, f"records.{kind}" if kind else "records.title"),
            lead="" if kind else say(language, lead),
            kinds=()
            if kind
            else tuple(
                RecordKindLine(one, _SIGNS[one], say(language, f"records.{one}")) for one in kinds
            ),
            chosen=kind,
            source=self._source(record),
            panels=None if record is None else _panels(record, language),
            nothing=say(language, "records.nothing") if none else "",
            loading=bool(kind) and record is None and self._reading.going_on,
            asks_consent=not acting and trouble is not None and trouble.code == _CONSENT,
            problem=self._problem(),
        )

    @override
    def _problem(self) -> Notice | None:
        """Return why nothing was found out: no look is made again by itself."""
        problem, trouble = super()._problem(), self._reading.trouble
        if problem is None or trouble is None:
            return problem
        return replace(notice_of(of_look(trouble), self._language), icon=problem.icon)

    def _source(self, record: OfficialRecord | None) -> str:
        if record is None:
            return ""
        source = record.source.in_language(self._language)
        return say(
            self._language, "records.source", source=source, moment=self._moment(record.asked_at)
        )

    @override
    async def _read(self) -> Trouble | None:
        kind, subject = self._kind, self._records.family.acting
        found = await self._records.look_up(kind)
        if (kind, subject) != (self._kind, self._records.family.acting):
            return None  # another is in front, or another kind: this is not theirs to see
        if isinstance(found, Trouble):
            return found
        self._record = found
        return None

    @override
    def _may_read(self) -> bool:
        return self._account.signed_in and bool(self._kind)

    @override
    def _forget(self) -> None:
        super()._forget()
        self._kind, self._record = "", _none()

    def _follow_front(self) -> None:
        """Forget at once what is another person's than who is in front."""
        if self._subject != self._records.family.acting:
            self._subject = self._records.family.acting
            self._forget()
        self._show()


def _none() -> OfficialRecord | None:
    return None


def _panels(record: OfficialRecord, language: Language) -> tuple[RecordPanel, ...]:
    return tuple(
        RecordPanel(
            one.title.in_language(language),
            tuple(_view(line, language) for line in one.lines),
            "" if one.lines else say(language, "records.section.none"),
        )
        for one in record.sections
    )


def _view(line: RecordLine, language: Language) -> RecordLineView:
    return RecordLineView(
        line.name.in_language(language),
        line.value.in_language(language),
        "" if line.day is None else moments.date(moments.noon(line.day), language),
    )
