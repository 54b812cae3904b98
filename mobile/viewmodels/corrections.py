"""更正: what is wrong on the record, asked for with few touches; the phone is changed by a code."""

from dataclasses import dataclass

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.account import masked_phone
from mobile.core.correction import Correction
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.core.typed import CITIZEN_NUMBER, DAY, PHONE, SMS_CODE
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.corrections import Corrections
from mobile.viewmodels.form import Entry, FormModel
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import said

LIST, FIELD, WHY = "list", "field", "why"
_FIELDS = {"BIRTH": DAY, "NUMBER": CITIZEN_NUMBER, "PHONE": PHONE, "CODE": SMS_CODE}
_CHOICES = ("NAME", "BIRTH", "NUMBER", "PHONE")
_REASONS = ("typo", "changed", "other")
_TONES = {"ACCEPTED": "check", "DECLINED": "refused"}


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """A request: which field, how it stands, since when, and why it was declined."""

    identifier: str
    title: str
    mark: str
    icon: str
    declined: bool
    since: str
    reason: str
    withdrawable: bool


@dataclass(frozen=True, slots=True)
class CorrectionsState:
    """What is shown: what is asked for, else the requests; None before they were ever read.

    In 长辈版 `names` are the requests to choose from, and `lines` the one that was chosen, alone.
    """

    names: tuple[CorrectionLine, ...] = ()
    stepped: bool = False
    lines: tuple[CorrectionLine, ...] | None = None
    entry: Entry | None = None
    loading: bool = False
    busy: bool = False
    done: Notice | None = None
    problem: Notice | None = None


class CorrectionsModel(FormModel):
    """Lists requests; asks which field, what is right, and why."""

    state = ObjectProperty(CorrectionsState(), rebind=True)

    def __init__(
        self,
        corrections: Corrections,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
    ) -> None:
        super().__init__(account, time, preferences, _FIELDS, "CODE")
        self._corrections = corrections
        self._known: tuple[Correction, ...] | None = None
        self._step = LIST
        self._which = self._why = ""
        self._chosen = ""
        self._done = ""
        self._subject = corrections.front.acting
        corrections.front.listen(self._follow_front)

    @override
    def open(self) -> None:
        if not self._goes_on():
            self._step, self._chosen, self._done = LIST, "", ""
        super().open()

    def look_at(self, identifier: str) -> None:
        """Bring one request into view, where each has a page of its own."""
        self._chosen = identifier
        self._go(LIST)

    def begin(self) -> None:
        """Ask what is wrong."""
        self._go(FIELD)

    def choose(self, value: str) -> None:
        """Take a choice: the field, or the reason."""
        if self._step == FIELD:
            self._which = value
        else:
            self._why = value
        self._edited()

    @override
    def submit(self) -> None:
        if not self._busy and self._entry_ready():
            self._forward()

    def step_back(self) -> bool:
        """Go to what was asked before, or to all requests; False where they are in view."""
        if self._busy or not self.state.stepped:
            return False
        if self._step == LIST:
            self._chosen = ""
            self._go(LIST)
            return True
        before = {FIELD: LIST, "CODE": "PHONE", WHY: self._which}
        self._go(before.get(self._step, FIELD))
        return True

    def withdraw(self, identifier: str) -> None:
        """Take a request back."""
        self._done = ""
        self._act(lambda: self._withdraw(identifier))

    def reading(self) -> str:
        """Return the screen in words to be said; never what was typed."""
        state: CorrectionsState = self.state
        notice = state.problem or state.done
        if notice:
            return said(notice)
        if state.entry:
            words = "，".join(word for _, word in state.entry.choices)
            return f"{state.entry.title}。{state.entry.lead}{words}"
        lines = state.lines or state.names
        names = "；".join(f"{line.title}，{line.mark}" for line in lines)
        return say(self._language, "corrections.reading", names=names)

    @override
    def _show(self) -> None:
        lines = None if self._known is None else tuple(map(self._line, self._known))
        alone = tuple(one for one in lines or () if one.identifier == self._chosen)
        names: tuple[CorrectionLine, ...] = ()
        if self._preferences.value.elder and lines:
            names, lines = (() if alone else lines), alone or None
        else:
            alone = ()
        self.state = CorrectionsState(
            names=names,
            stepped=self._step != LIST or bool(alone),
            lines=lines,
            entry=self._entry(),
            loading=self._reading.going_on and self._known is None,
            busy=self._busy,
            done=self._done_notice(),
            problem=self._problem(),
        )

    def _forward(self) -> None:
        """Go on from a step that is complete."""
        if self._step == FIELD:
            self._go(self._which)
        elif self._step == "PHONE":
            self._act(self._send_code)
        elif self._step == "CODE":
            self._act(self._change_phone)
        elif self._step == WHY:
            self._act(self._request)
        else:
            self._go(WHY)

    def _entry(self) -> Entry | None:
        language, step = self._language, self._step
        if step == LIST:
            return None
        title = say(language, f"corrections.ask.{step.lower()}")
        submit = f"corrections.submit.{step.lower()}" if step in {"PHONE", "CODE", WHY} else ""
        submit = submit or "sign_in.number.submit"
        if step in _FIELDS:
            return self._pad_entry(title, self._lead(), submit)
        if step == "NAME":
            return self._line_entry(title, self._lead(), submit)
        values = self._choices() if step == FIELD else _REASONS
        return Entry(
            title=title,
            lead=self._lead(),
            choices=tuple(
                (value, say(language, f"corrections.{step}.{value.lower()}")) for value in values
            ),
            chosen=self._which if step == FIELD else self._why,
            submit=self._submit_word(submit),
            ready=self._entry_ready() and not self._busy,
            busy=self._busy,
        )

    def _choices(self) -> tuple[str, ...]:
        """Return what can be put right: a phone by its holder alone."""
        return tuple(one for one in _CHOICES if not (self._subject and one == "PHONE"))

    def _follow_front(self) -> None:
        """Show nothing of one person to another."""
        if self._subject != self._corrections.front.acting:
            self._subject = self._corrections.front.acting
            self._forget()
            self._show()

    def _lead(self) -> str:
        language = self._language
        if self._step == "CODE" and self._sent is not None:
            until = moments.minute(self._sent.valid_until)
            phone = masked_phone(self._typed["PHONE"])
            return say(language, "corrections.lead.code", phone=phone, until=until)
        return say(language, f"corrections.lead.{self._step.lower()}")

    def _entry_ready(self) -> bool:
        chosen = {LIST: "", FIELD: self._which, WHY: self._why}
        return bool(chosen[self._step]) if self._step in chosen else self._is_complete()

    def _line(self, correction: Correction) -> CorrectionLine:
        language, state = self._language, correction.state
        reason = correction.reason.in_language(language) if correction.reason else ""
        return CorrectionLine(
            identifier=correction.identifier,
            title=say(language, f"corrections.field.{correction.which.lower()}"),
            mark=say(language, f"corrections.state.{state.lower()}"),
            icon=_TONES.get(state, "history"),
            declined=state == "DECLINED",
            since=say(
                language,
                "corrections.since",
                moment=self._moment(correction.submitted_at),
            ),
            reason=reason,
            withdrawable=correction.is_open,
        )

    def _done_notice(self) -> Notice | None:
        if not self._done:
            return None
        title, body = say(self._language, self._done), say(self._language, f"{self._done}.next")
        return Notice("check", title, body, attention=False)

    def _go(self, step: str) -> None:
        self._step, self._trouble, self._done = step, None, ""
        self._show()

    async def _request(self) -> Trouble | None:
        explanation = say(self._language, f"corrections.why.{self._why}")
        correction = await self._corrections.request(self._which, self._value(), explanation)
        return self._settle(correction, "corrections.done")

    def _value(self) -> str:
        if self._which == "NAME":
            return str(self.line).strip()
        typed = self._typed[self._which]
        return f"{typed[:4]}-{typed[4:6]}-{typed[6:]}" if self._which == "BIRTH" else typed

    async def _withdraw(self, identifier: str) -> Trouble | None:
        withdrawn = await self._corrections.withdraw(identifier)
        return self._settle(withdrawn, "corrections.withdrawn")

    @override
    async def _send_code(self) -> Trouble | None:
        sent = await self._corrections.request_phone_code(self._typed["PHONE"])
        if isinstance(sent, Trouble):
            return sent
        self._sent, self._typed["CODE"], self._step = sent, "", "CODE"
        return None

    async def _change_phone(self) -> Trouble | None:
        changed = await self._corrections.change_phone(self._typed["PHONE"], self._typed["CODE"])
        if isinstance(changed, Trouble):
            return changed
        self._finish("corrections.phone_changed")
        return None

    def _settle(self, correction: Correction | Trouble, done: str) -> Trouble | None:
        """Put a request's new state into the list."""
        if isinstance(correction, Trouble):
            return correction
        others = tuple(one for one in self._known or () if one.identifier != correction.identifier)
        self._known = (correction, *others)
        self._chosen = ""
        self._finish(done)
        return None

    def _finish(self, done: str) -> None:
        """Come back to the list, and keep nothing of what was typed."""
        self._clear_form()
        self._done = done

    def _clear_form(self) -> None:
        self._typed = dict.fromkeys(_FIELDS, "")
        self.line, self._which, self._why, self._sent, self._step = "", "", "", None, LIST

    @override
    def _is_begun(self) -> bool:
        return self._step != LIST

    @override
    async def _read(self) -> Trouble | None:
        corrections = await self._corrections.read()
        if isinstance(corrections, Trouble):
            return corrections
        if not self._busy:
            self._known = corrections
        return None

    @override
    def _forget(self) -> None:
        super()._forget()
        self._known, self._chosen, self._done = None, "", ""
        self._clear_form()
