"""授权管理: what the resident agreed to, each purpose explained; taken back as easily as given."""

from dataclasses import dataclass, replace

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.consent import Purpose, Receipt
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.consents import Consents
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said


@dataclass(frozen=True, slots=True)
class PurposeLine:
    """A purpose in the list, and whether it is agreed to."""

    code: str
    title: str
    mark: str
    given: bool


@dataclass(frozen=True, slots=True)
class OpenedPurpose:
    """A purpose explained: `parts` are headings with their texts; `act` names what can be done."""

    line: PurposeLine
    parts: tuple[tuple[str, str], ...]
    act: str


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A receipt: what for, from when until when, and whether it was taken back."""

    title: str
    given: str
    ended: str


@dataclass(frozen=True, slots=True)
class ConsentsState:
    """What is shown; `lines` None before anything was ever read."""

    lines: tuple[PurposeLine, ...] | None = None
    receipts: tuple[ReceiptLine, ...] = ()
    opened: OpenedPurpose | None = None
    loading: bool = False
    busy: bool = False
    seen: str = ""
    done: Notice | None = None
    problem: Notice | None = None


class ConsentsModel(ServedModel):
    """Lists the purposes; one is opened, and agreed to or taken back by one touch."""

    state = ObjectProperty(ConsentsState(), rebind=True)

    def __init__(
        self, consents: Consents, account: Account, time: CityTime, preferences: PreferencesModel
    ) -> None:
        super().__init__(account, time, preferences)
        self._consents = consents
        self._known: tuple[Purpose, ...] | None = None
        self._receipts: tuple[Receipt, ...] = ()
        self._opened = ""
        self._done = ""

    @override
    def open(self) -> None:
        self._done = ""
        super().open()

    def open_purpose(self, code: str) -> None:
        """Explain one purpose."""
        self._opened, self._done, self._trouble = code, "", None
        self._show()

    def step_back(self) -> bool:
        """Go back to the list; False where it is shown."""
        if not self._opened:
            return False
        self.open_purpose("")
        return True

    def change(self) -> None:
        """Agree to the opened purpose, or take the consent back."""
        purpose = self._purpose()
        if purpose is not None:
            self._done = ""
            self._act(lambda: self._change(purpose))

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state: ConsentsState = self.state
        notice = state.problem or state.done
        if notice:
            return said(notice)
        if state.opened:
            parts = " ".join(f"{heading}：{text}" for heading, text in state.opened.parts)
            return f"{state.opened.line.title}，{state.opened.line.mark}。{parts}"
        names = "。".join(f"{line.title}，{line.mark}" for line in state.lines or ())
        return say(self._language, "consents.reading", names=names)

    @override
    def _show(self) -> None:
        purpose = self._purpose()
        lines = None if self._known is None else tuple(map(self._line, self._known))
        self.state = ConsentsState(
            lines=lines,
            receipts=tuple(map(self._receipt_line, self._receipts)),
            opened=self._explained(purpose) if purpose else None,
            loading=self._reading.going_on and self._known is None,
            busy=self._busy,
            seen=self._seen(),
            done=self._done_notice(),
            problem=self._problem(),
        )

    def _purpose(self) -> Purpose | None:
        known = self._known or ()
        return next((purpose for purpose in known if purpose.code == self._opened), None)

    def _line(self, purpose: Purpose) -> PurposeLine:
        mark = "consents.given" if purpose.consented else "consents.not_given"
        return PurposeLine(
            code=purpose.code,
            title=purpose.title.in_language(self._language),
            mark=say(self._language, mark),
            given=purpose.consented,
        )

    def _explained(self, purpose: Purpose) -> OpenedPurpose:
        language = self._language
        texts = {
            "why": purpose.necessity.in_language(language),
            "what": "\n".join(f"· {field.in_language(language)}" for field in purpose.fields),
            "who": purpose.recipient.in_language(language),
            "long": self._lasting(purpose),
            "impact": purpose.impact.in_language(language),
        }
        parts = tuple((say(language, f"consents.{key}"), text) for key, text in texts.items())
        act = "sign_in.busy" if self._busy else _act_of(purpose)
        return OpenedPurpose(self._line(purpose), parts, say(language, act))

    def _lasting(self, purpose: Purpose) -> str:
        """Return how long a consent lasts, or until when the one that stands does."""
        language = self._language
        for receipt in self._receipts if purpose.consented else ():
            if receipt.purpose == purpose.code and receipt.withdrawn_at is None:
                until = moments.date(receipt.until, language)
                return say(language, "consents.long.until", until=until)
        return say(language, "consents.long.days", days=purpose.lasting_days)

    def _receipt_line(self, receipt: Receipt) -> ReceiptLine:
        language = self._language
        if receipt.withdrawn_at is not None:
            ended = say(
                language,
                "consents.receipt.withdrawn",
                moment=self._moment(receipt.withdrawn_at),
            )
        else:
            over = receipt.until <= self._time.now()
            key = "consents.receipt.ended" if over else "consents.receipt.until"
            ended = say(language, key, day=moments.date(receipt.until, language))
        given = say(language, "consents.receipt.given", moment=self._moment(receipt.given_at))
        return ReceiptLine(receipt.title.in_language(language), given, ended)

    def _done_notice(self) -> Notice | None:
        if not self._done:
            return None
        title, body = say(self._language, self._done), say(self._language, f"{self._done}.next")
        return Notice("check", title, body, attention=False)

    async def _change(self, purpose: Purpose) -> Trouble | None:
        gives = not purpose.consented
        change = self._consents.give if gives else self._consents.withdraw
        receipt = await change(purpose)
        if isinstance(receipt, Trouble):
            return receipt
        receipts = await self._consents.receipts()
        self._done = "consents.done.given" if gives else "consents.done.withdrawn"
        self._known = tuple(
            replace(known, consented=gives) if known is purpose else known
            for known in self._known or ()
        )
        if not isinstance(receipts, Trouble):
            self._receipts = receipts
        return None

    @override
    async def _read(self) -> Trouble | None:
        purposes = await self._consents.purposes()
        if isinstance(purposes, Trouble):
            return purposes
        receipts = await self._consents.receipts()
        if isinstance(receipts, Trouble):
            return receipts
        if not self._busy:
            self._known, self._receipts = purposes, receipts
        return None

    @override
    def _forget(self) -> None:
        super()._forget()
        self._known, self._receipts, self._opened, self._done = None, (), "", ""


def _act_of(purpose: Purpose) -> str:
    return "consents.withdraw" if purpose.consented else "consents.give"
