"""我的考试: seats in examinations, the soonest first, and what one can register for 报名 (S8)."""

from dataclasses import dataclass
from datetime import datetime

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.exam import ExamsSeen
from mobile.core.exam_opening import ExamOpening
from mobile.core.pending import PendingAct
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.exams import Exams
from mobile.viewmodels.exam_lines import (
    ExamLine,
    OpeningRow,
    OpeningView,
    act_question,
    exam_lines,
    offered,
    opening_row,
    opening_view,
)
from mobile.viewmodels.notices import Notice, unanswered
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.question import Question
from mobile.viewmodels.served import ServedModel, said


@dataclass(frozen=True, slots=True)
class ExamsState:
    """What is shown: a question, else an opened session, else all; `lines` None when unread."""

    lines: tuple[ExamLine, ...] | None = None
    offers: tuple[OpeningRow, ...] = ()
    opened: OpeningView | None = None
    question: Question | None = None
    loading: bool = False
    busy: bool = False
    stepped: bool = False
    seen: str = ""
    unanswered: Notice | None = None
    done: Notice | None = None
    problem: Notice | None = None


class ExamsModel(ServedModel):
    """Reads, registers and withdraws; a seat is the department's to give."""

    state = ObjectProperty(ExamsState(), rebind=True)

    def __init__(
        self, exams: Exams, account: Account, time: CityTime, preferences: PreferencesModel
    ) -> None:
        super().__init__(account, time, preferences)
        self._exams = exams
        self._opened = self._done = ""
        self._asking = False
        exams.listen(self._show)
        self._show()

    @override
    def open(self) -> None:
        if not self._busy:
            self._go("")
        super().open()

    def open_offer(self, session: str) -> None:
        """Show one session that one can register for."""
        if not self._busy:
            self._go(session)

    def ask(self) -> None:
        """Ask whether one really registers, or withdraws."""
        self._asking, self._done, self._trouble = True, "", None
        self._show()

    def yes(self) -> None:
        """Register, or withdraw."""
        one = self._opening(self._known())
        if one is not None:
            self._act(lambda: self._do(one))

    def no(self) -> None:
        """Leave it as it is."""
        if not self._busy:
            self._asking = False
            self._show()

    def send_again(self) -> None:
        """Ask again what became of an act whose answer was lost."""
        lost = self._exams.unanswered
        if lost is not None:
            self._act(lambda: self._send_again(lost))

    def let_be(self) -> None:
        """Ask no more about it, and read what there is."""
        lost = self._exams.unanswered
        if lost is not None and not self._busy:
            self._exams.let_be(lost)
            self.refresh()

    def step_back(self) -> bool:
        """Go back from the question, the session; False at all there is."""
        if self._busy:
            return True
        if self._asking:
            self.no()
        elif self._opened:
            self._go("")
        else:
            return False
        return True

    def reading(self) -> str:
        """Return the screen in words to be said: the next examination, or why there is none."""
        state: ExamsState = self.state
        language, notice = self._language, state.problem or state.done
        if notice:
            return said(notice)
        if state.question:
            return state.question.reading()
        if state.opened:
            return state.opened.reading()
        if state.lines is None:
            return say(language, "exam.unread")
        offers = "，".join(f"{one.name} {one.state}" for one in state.offers)
        if not state.lines:
            return offers or f"{say(language, 'exam.none')}。{say(language, 'exam.none.next')}"
        line = state.lines[0]
        told = say(
            language,
            "exam.reading",
            name=line.name,
            state=line.state,
            start=line.start,
            end=line.end,
            venue=line.venue,
            seat=line.seat,
            entry=line.entry,
        )
        told = f"{told}{say(language, 'exam.bring.either')}" if line.comes else told
        return f"{told} {offers}" if offers else told

    @override
    def _show(self) -> None:
        known, now, language = self._known(), self._time.now(), self._language
        one = self._opening(known)
        lost = self._exams.unanswered if known and one is None else None
        self.state = ExamsState(
            lines=None if known is None else exam_lines(known, now, language),
            offers=tuple(opening_row(one, now, language) for one in offered(known))
            if known
            else (),
            opened=opening_view(one, now, language) if one else None,
            question=act_question(one, now, language, busy=self._busy)
            if one and self._asking
            else None,
            loading=known is None and self._reading.going_on,
            busy=self._busy,
            stepped=one is not None,
            seen=self._seen(),
            unanswered=unanswered(lost, now, language),
            done=self._done_notice(),
            problem=self._problem(),
        )

    def _known(self) -> ExamsSeen | None:
        return self._exams.known

    def _opening(self, known: ExamsSeen | None) -> ExamOpening | None:
        if known is None:
            return None
        return next((one for one in offered(known) if one.session == self._opened), None)

    def _done_notice(self) -> Notice | None:
        if not self._done:
            return None
        words = (say(self._language, self._done), say(self._language, f"{self._done}.next"))
        return Notice("check", *words, attention=False)

    def _go(self, opened: str) -> None:
        self._opened, self._asking, self._done, self._trouble = opened, False, "", None
        self._show()

    async def _do(self, one: ExamOpening) -> Trouble | None:
        act = self._exams.withdraw if one.stands else self._exams.register
        changed = await act(one.session)
        self._asking = False
        return self._changed(changed)

    async def _send_again(self, lost: PendingAct) -> Trouble | None:
        return self._changed(await self._exams.send_again(lost))

    def _changed(self, changed: ExamOpening | Trouble) -> Trouble | None:
        if isinstance(changed, Trouble):
            return changed
        self._done = "exam.registered" if changed.stands else "exam.withdrawn"
        return None

    @override
    def _seen_at(self) -> datetime | None:
        known = self._known()
        return None if known is None else known.seen_at

    @override
    async def _read(self) -> Trouble | None:
        return await self._exams.read()

    @override
    def _may_read(self) -> bool:
        return self._exams.may_ask

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()
