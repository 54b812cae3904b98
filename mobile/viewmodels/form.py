"""Pages that ask for one thing after another, and lose nothing that was typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kivy.properties import StringProperty

from mobile.core.account import SentCode
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.core.typed import PadField
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing asked for: by the number pad (`pad`), a `line` of text, or one of `choices`.

    `choices` are pairs of a value and its word. `resend` is the word for another code, empty
    where none was sent; `may_resend` once one may be asked for.
    """

    title: str = ""
    lead: str = ""
    typed: str = field(default="", repr=False)
    pad: bool = False
    with_x: bool = False
    line: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    submit: str = ""
    ready: bool = False
    busy: bool = False
    resend: str = ""
    may_resend: bool = False


class FormModel(ServedModel):
    """Holds what is typed, each step's for itself; `line` is what the phone's keyboard wrote.

    `code_step` is the step at which a code that was sent is typed.
    """

    line = StringProperty()

    def __init__(
        self,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        fields: Mapping[str, PadField],
        code_step: str,
    ) -> None:
        super().__init__(account, time, preferences)
        self._fields = fields
        self._typed = dict.fromkeys(fields, "")
        self._step = ""
        self._code_step = code_step
        self._sent: SentCode | None = None
        self.bind(line=lambda *_: self._edited())

    def type_digit(self, sign: str) -> None:
        """Add a digit, or the X that a citizen number may end with."""
        if self._step in self._fields and not self._busy:
            self._put(self._fields[self._step].added(self._typed[self._step], sign))

    def delete(self) -> None:
        """Remove the last digit."""
        if self._step in self._fields and not self._busy:
            self._put(self._typed[self._step][:-1])

    def clear(self) -> None:
        """Remove all digits of this step."""
        if self._step in self._fields and not self._busy:
            self._put("")

    def key(self, name: str) -> None:
        """Take a key of a keyboard: a digit, X, `backspace` or `enter`."""
        if name == "enter":
            self.submit()
        elif name == "backspace":
            self.delete()
        else:
            self.type_digit(name)

    def submit(self) -> None:
        """Go on, when all of this step is typed."""
        raise NotImplementedError

    def resend(self) -> None:
        """Ask for another code, once that is allowed."""
        if self._may_resend():
            self._act(self._send_code)

    async def _send_code(self) -> Trouble | None:
        raise NotImplementedError

    def _may_resend(self) -> bool:
        sent = self._sent if self._step == self._code_step else None
        return sent is not None and self._time.now() >= sent.resend_at and not self._busy

    def _resend_word(self) -> str:
        if self._step != self._code_step or self._sent is None:
            return ""
        key = "sign_in.resend" if self._may_resend() else "sign_in.resend.later"
        return say(self._language, key)

    def _put(self, typed: str) -> None:
        self._typed[self._step] = typed
        self._edited()

    def _edited(self) -> None:
        self._trouble = None
        self._show()

    def _is_complete(self) -> bool:
        if self._step in self._fields:
            return not self._fields[self._step].missing(self._typed[self._step])
        return bool(self.line.strip())

    def _submit_word(self, key: str) -> str:
        """Return what the button says: how much is missing, or what it does."""
        if self._busy:
            return say(self._language, "sign_in.busy")
        if self._step in self._fields:
            left = self._fields[self._step].missing(self._typed[self._step])
            if left:
                return say(self._language, "enrol.missing", count=left)
        return say(self._language, key)

    def _pad_entry(self, title: str, lead: str, submit: str) -> Entry:
        typed, pad = self._typed[self._step], self._fields[self._step]
        return Entry(
            title=title,
            lead=lead,
            typed=pad.shown(typed),
            pad=True,
            with_x=pad.x_last,
            submit=self._submit_word(submit),
            ready=self._is_complete() and not self._busy,
            busy=self._busy,
            resend=self._resend_word(),
            may_resend=self._may_resend(),
        )

    def _line_entry(self, title: str, lead: str, submit: str) -> Entry:
        return Entry(
            title=title,
            lead=lead,
            line=True,
            submit=self._submit_word(submit),
            ready=self._is_complete() and not self._busy,
            busy=self._busy,
        )
