"""实名注册: number, name, face, phone, code; one thing a screen, nothing typed twice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.account import masked_phone
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.core.typed import CITIZEN_NUMBER, PHONE, SMS_CODE, PadField
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.registration import Applicant, Registration
from mobile.viewmodels.form import Entry, FormModel
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import said
from shared.clock import LOCAL_ZONE


class Step(StrEnum):
    """What is asked for, in this order."""

    NUMBER = "number"
    NAME = "name"
    FACE = "face"
    PHONE = "phone"
    CODE = "code"


_STEPS = tuple(Step)
_FIELDS: dict[str, PadField] = {Step.NUMBER: CITIZEN_NUMBER, Step.PHONE: PHONE, Step.CODE: SMS_CODE}


@dataclass(frozen=True, slots=True)
class RegistrationState:
    """What is shown; `face` while the picture is asked for, `picture` says what became of it."""

    progress: str = ""
    entry: Entry = field(default_factory=Entry)
    face: bool = False
    agreed: bool = False
    outlet: bool = False
    picture: str = ""
    may_take: bool = False
    problem: Notice | None = None


class RegistrationModel(FormModel):
    """Collects what registering needs; an error leaves everything as it was typed."""

    state = ObjectProperty(RegistrationState(), rebind=True)

    def __init__(
        self,
        registration: Registration,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        passed: Callable[[], Awaitable[bool | Trouble]],
    ) -> None:
        super().__init__(account, time, preferences, _FIELDS, Step.CODE)
        self._registration = registration
        self._passed = passed
        self._step = Step.NUMBER
        self._agreed = False
        self._picture: bytes | None = None
        self._wrong: Notice | None = None
        self._show()

    @override
    def submit(self) -> None:
        if self._busy or not self._is_complete():
            return
        if self._step == Step.NUMBER and (wrong := self._wrong_number()):
            self._wrong = wrong
            self._show()
        elif self._step == Step.PHONE:
            self._act(self._send_code)
        elif self._step == Step.CODE:
            self._act(self._register)
        else:
            self._go(_STEPS[_STEPS.index(Step(self._step)) + 1])

    def step_back(self) -> bool:
        """Go to what was asked before; False at the first."""
        before = _STEPS.index(Step(self._step)) - 1
        if self._busy or before < 0:
            return False
        self._go(_STEPS[before])
        return True

    def agree(self) -> None:
        """Agree to the comparison of the face, or take that back."""
        if not self._busy:
            self._agreed = not self._agreed
            self._picture = self._picture if self._agreed else None
            self._edited()

    def take_picture(self) -> None:
        """Have a picture taken, once that was agreed to."""
        if self._agreed:
            self._act(self._take)

    def reading(self) -> str:
        """Return the screen in words to be said; never what was typed."""
        state: RegistrationState = self.state
        if state.problem:
            return said(state.problem)
        if state.face:
            parts = ("register.face", "register.face.lead", "register.agree.lead")
            return "。".join(say(self._language, part) for part in parts)
        return f"{state.entry.title}。{state.entry.lead}"

    @override
    def _show(self) -> None:
        language, face = self._language, self._step == Step.FACE
        place = _STEPS.index(Step(self._step)) + 1
        size = len(self._picture or b"") // 1024 + 1
        self.state = RegistrationState(
            progress=say(language, "register.progress", place=place, count=len(_STEPS)),
            entry=self._entry(),
            face=face,
            outlet=face or self._step == Step.NUMBER,
            agreed=self._agreed,
            picture=say(language, "register.taken", size=size) if self._picture else "",
            may_take=self._agreed and not self._busy,
            problem=self._wrong or self._problem(),
        )

    def _entry(self) -> Entry:
        language, step = self._language, self._step
        title = say(language, f"register.{step}")
        submit = {
            Step.PHONE: "sign_in.phone.submit",
            Step.CODE: "register.submit",
        }.get(Step(step), "sign_in.number.submit")
        if step in _FIELDS:
            return self._pad_entry(title, self._lead(), submit)
        if step == Step.NAME:
            return self._line_entry(title, self._lead(), submit)
        ready = self._is_complete() and not self._busy
        word = self._submit_word(submit)
        return Entry(submit=word, ready=ready, busy=self._busy)

    def _lead(self) -> str:
        if self._step != Step.CODE or self._sent is None:
            return say(self._language, f"register.{self._step}.lead")
        phone = masked_phone(self._typed[Step.PHONE])
        until = moments.minute(self._sent.valid_until)
        return say(self._language, "corrections.lead.code", phone=phone, until=until)

    @override
    def _is_complete(self) -> bool:
        if self._step == Step.FACE:
            return self._agreed and self._picture is not None
        return super()._is_complete()

    def _wrong_number(self) -> Notice | None:
        """Tell a mistyped citizen number at once."""
        from shared.identity.id_number import (  # noqa: PLC0415, reads a table of regions
            InvalidIdNumber,
            parse_id_number,
        )

        today = self._time.now().astimezone(LOCAL_ZONE).date()
        found = parse_id_number(self._typed[Step.NUMBER], today)
        if not isinstance(found, InvalidIdNumber):
            return None
        title = say(self._language, "sign_in.number_wrong")
        return Notice("alert", title, found.text.in_language(self._language))

    @override
    def _edited(self) -> None:
        self._wrong = None
        super()._edited()

    def _go(self, step: Step) -> None:
        self._step, self._trouble, self._wrong = step, None, None
        self._show()

    async def _take(self) -> Trouble | None:
        picture = await self._registration.take_picture()
        if isinstance(picture, Trouble):
            return picture
        self._picture = picture or self._picture
        return None

    @override
    async def _send_code(self) -> Trouble | None:
        passed = await self._passed()  # the notice 告知书 comes before the first request
        if passed is not True:
            return passed or None
        sent = await self._registration.request_code(self._typed[Step.PHONE])
        if isinstance(sent, Trouble):
            return sent
        self._sent, self._typed[Step.CODE], self._step = sent, "", Step.CODE
        return None

    async def _register(self) -> Trouble | None:
        applicant = Applicant(
            self._typed[Step.NUMBER],
            str(self.line).strip(),
            self._typed[Step.PHONE],
            self._typed[Step.CODE],
            self._picture or b"",
        )
        trouble = await self._registration.register(applicant)
        if trouble is None:
            self._clear_form()
        return trouble

    def _clear_form(self) -> None:
        """Keep nothing of what was typed but for the time it was needed."""
        self._typed = dict.fromkeys(_FIELDS, "")
        self._step, self._agreed, self._picture, self._sent = Step.NUMBER, False, None, None
        self.line = ""

    @override
    def _may_read(self) -> bool:
        return False

    @override
    def _forget(self) -> None:
        """Keep what is typed: nobody is signed in while it is."""
