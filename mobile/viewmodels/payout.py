"""收款账户: which account counts, which change is held and can be stopped, and naming another."""

from collections.abc import Callable
from dataclasses import replace

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.account import grouped
from mobile.core.payout_account import BANKS, LEAST_DIGITS, MOST_DIGITS, Payee, PayoutAccount
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.payout_accounts import PayoutAccounts
from mobile.viewmodels.family_state import FamilyState, Way
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said

SEEN, BANK, NUMBER, CHECK = "seen", "bank", "number", "check"
_BEFORE = {BANK: SEEN, NUMBER: BANK, CHECK: NUMBER}
SIGN_IN_AGAIN = "payout_account_sign_in_again"
"""The server's word that a session is too old for this."""
_GROUPS = (4,) * 8


class PayoutModel(ServedModel):
    """One decision a page; nothing typed is kept once it was sent or the page was left."""

    state = ObjectProperty(FamilyState(), rebind=True)

    def __init__(
        self,
        accounts: PayoutAccounts,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        sign_in: Callable[[], None],
    ) -> None:
        super().__init__(account, time, preferences)
        self._accounts = accounts
        self._sign_in, self._signing_in = sign_in, False
        self._known: PayoutAccount | None = None
        self._page, self._bank, self._typed, self._done = SEEN, "", "", ""
        self._show()

    @override
    def open(self) -> None:
        if not self._goes_on() and not self._signing_in:
            self._begin()
        self._signing_in = False
        super().open()

    def do(self, act: str) -> None:
        """Do what a button stands for."""
        deeds: dict[str, Callable[[], None]] = {
            "change": lambda: self._go(BANK),
            "next": self.submit,
            "send": lambda: self._act(self._send),
            "stop": lambda: self._act(self._stop),
            "sign_in": self._sign_in_anew,
        }
        self._done = ""
        deeds[act]()

    def choose(self, bank: str) -> None:
        """Choose the bank."""
        self._bank = bank
        self._go(NUMBER)

    def type_digit(self, digit: str) -> None:
        """Add a digit."""
        self._edit((self._typed + digit)[:MOST_DIGITS])

    def delete(self) -> None:
        """Remove the last digit."""
        self._edit(self._typed[:-1])

    def clear(self) -> None:
        """Remove all digits."""
        self._edit("")

    def key(self, name: str) -> None:
        """Take a key of a keyboard while the number is typed."""
        if self._page != NUMBER:
            return
        if name == "backspace":
            self.delete()
        elif name == "enter":
            self.submit()
        elif name.isdigit():
            self.type_digit(name)

    def submit(self) -> None:
        """Show what was typed once more before it is sent."""
        if self._page == NUMBER and len(self._typed) >= LEAST_DIGITS:
            self._go(CHECK)

    def step_back(self) -> bool:
        """Go back to what was asked before; False at the account."""
        if self._page == SEEN or self._busy:
            return False
        self._go(_BEFORE[self._page])
        return True

    def reading(self) -> str:
        """Return the screen in words to be said; never what was typed."""
        state = self.state
        facts = () if self._page == CHECK else state.facts
        words = [said(one) for one in state.notices]
        choices = [text for _, text in state.choices]
        acts = [one.text for one in (*state.urgent, *state.acts)]
        return "。".join((state.title, state.lead, *words, *facts, *choices, *acts))

    def _go(self, page: str) -> None:
        self._page, self._trouble, self._done = page, None, ""
        self._show()

    def _edit(self, digits: str) -> None:
        if self._page == NUMBER and not self._busy:
            self._typed, self._trouble = digits, None
            self._show()

    def _sign_in_anew(self) -> None:
        """Lead to the sign-in, and from there back to what was about to be sent."""
        self._signing_in = True
        self._sign_in()

    def _begin(self) -> None:
        self._page, self._bank, self._typed, self._done = SEEN, "", "", ""

    @override
    async def _read(self) -> Trouble | None:
        found = await self._accounts.read()
        if isinstance(found, Trouble):
            return found
        if not self._busy:
            self._known = found
        return None

    async def _send(self) -> Trouble | None:
        changed = await self._accounts.change(BANKS[self._bank].zh, self._typed)
        return self._settle(changed, "payout.changed")

    async def _stop(self) -> Trouble | None:
        return self._settle(await self._accounts.withdraw(), "payout.stopped")

    def _settle(self, found: PayoutAccount | Trouble, done: str) -> Trouble | None:
        if isinstance(found, Trouble):
            return found
        self._known = found
        self._begin()
        self._done = done
        return None

    @override
    def _is_begun(self) -> bool:
        return self._page != SEEN

    @override
    def _forget(self) -> None:
        super()._forget()
        self._known, self._signing_in = None, False
        self._begin()

    @override
    def _show(self) -> None:
        pages = {SEEN: self._seen_page, BANK: self._bank_page, NUMBER: self._number_page}
        self.state = replace(
            pages.get(self._page, self._check_page)(),
            notices=self._notices(),
            busy=self._busy,
            stepped=self._page != SEEN,
            loading=self._reading.going_on and self._known is None,
        )

    def _seen_page(self) -> FamilyState:
        known = self._known.at(self._time.now()) if self._known else None
        if known is None:
            return FamilyState(title=self._say("title"), lead=self._say("lead"))
        facts = [self._named("present", known.present) if known.present else self._say("none")]
        if known.held:
            facts.append(self._named("held", known.held))
        change = self._say("change" if known.present or known.held else "first")
        stop = Way("stop", self._say("stop"), "alert", "attention")
        return FamilyState(
            title=self._say("title"),
            lead=self._say("lead"),
            urgent=(stop,) if known.held else (),
            facts=tuple(facts),
            acts=(Way("change", change, "pencil", "outlined"),),
        )

    def _bank_page(self) -> FamilyState:
        banks = ((code, name.in_language(self._language)) for code, name in BANKS.items())
        return FamilyState(
            title=self._say("bank"),
            lead=self._say("bank.lead"),
            choices=tuple(banks),
            chosen=self._bank,
        )

    def _number_page(self) -> FamilyState:
        following = Way("next", self._say("next"), "", "primary")
        return FamilyState(
            title=self._say("number"),
            lead=self._say("number.lead", bank=self._bank_name()),
            typed=grouped(self._typed, *_GROUPS),
            acts=(following,) if len(self._typed) >= LEAST_DIGITS else (),
        )

    def _check_page(self) -> FamilyState:
        number = grouped(self._typed, *_GROUPS)
        return FamilyState(
            title=self._say("check"),
            lead=self._say("check.lead"),
            facts=(self._say("check.fact", bank=self._bank_name(), number=number),),
            acts=(self._sending(),),
        )

    def _sending(self) -> Way:
        if self._trouble is not None and self._trouble.code == SIGN_IN_AGAIN:
            return Way("sign_in", self._say("sign_in"), "lock", "primary")
        return Way("send", self._say("send"), "check", "primary")

    def _named(self, key: str, payee: Payee) -> str:
        moment = self._moment(payee.starts_at)
        same = (one.in_language(self._language) for one in BANKS.values() if one.zh == payee.bank)
        bank = next(same, payee.bank)
        return self._say(key, bank=bank, tail=payee.tail, moment=moment)

    def _bank_name(self) -> str:
        name = BANKS.get(self._bank)
        return name.in_language(self._language) if name else ""

    def _notices(self) -> tuple[Notice, ...]:
        problem = self._problem()
        if self._done:
            words = say(self._language, self._done), say(self._language, f"{self._done}.next")
            return (Notice("check", *words, attention=False), *((problem,) if problem else ()))
        return (problem,) if problem else ()

    def _say(self, key: str, **values: object) -> str:
        return say(self._language, f"payout.{key}", **values)
