"""What self-service machines ask for over SIP2, done by the same services as at a counter.

SIP2 has no idempotency key, and machines repeat what was not answered. A repeated line carries the
transaction date of the first: terminal, message, reader, item and that date are the key. Beside
that, a machine that asks again for what it lent the same reader gets the same loan (`Lending`).
A late repetition never touches what happened since: a kept answer whose loan has ended lends
nothing, and one whose copy went out again returns nothing.
"""

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.foundation.refusals import Refusal
from backend.library import refusals as no
from backend.library import sip2_replies as say
from backend.library.account import ReaderAccount, ReaderAccounts
from backend.library.copies import read_copy
from backend.library.deeds import Acting, machine
from backend.library.fines import Fines
from backend.library.lending import Lending
from backend.library.loans import read_loan
from backend.library.network import titles_of
from backend.library.patrons import Patrons
from backend.library.returning import Returning
from backend.library.rules import CopyState, OfflineDeed, is_barcode, is_reference
from backend.library.sip2_codec import Message, instant, read_instant
from backend.library.sip2_terminals import Terminal
from backend.residents.service import Residents
from shared.clock import Clock

OFFLINE = timedelta(days=7)
"""How long ago a machine may have done something offline."""
_DATED = {"09": 1, "11": 2, "29": 2, "37": 0}
"""Which fixed field of a request is its transaction date."""
_AMOUNT = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Counter:
    """The machine that asks and the language of whoever stands there."""

    terminal: Terminal
    language: str

    @property
    def acting(self) -> Acting:
        """Who acts."""
        return machine(self.terminal.name, self.terminal.library)


class Sip2Desk:
    """Answers requests of machines that signed in."""

    def __init__(
        self,
        patrons: Patrons,
        accounts: ReaderAccounts,
        lending: Lending,
        returning: Returning,
        fines: Fines,
        residents: Residents,
        clock: Clock,
    ) -> None:
        self._patrons = patrons
        self._accounts = accounts
        self._lending = lending
        self._returning = returning
        self._fines = fines
        self._residents = residents
        self._clock = clock
        self._answers: Mapping[str, Callable[[Counter, Message], Awaitable[Message]]] = {
            "99": self._status,
            "23": self._patron_status,
            "63": self._patron_information,
            "11": self._checkout,
            "09": self._checkin,
            "29": self._renew,
            "17": self._item_information,
            "37": self._fee_paid,
            "35": self._end_session,
        }

    async def answer(self, counter: Counter, message: Message) -> Message | None:
        """Return the response to a request, None where it is none."""
        answer = self._answers.get(message.code)
        return None if answer is None else await answer(counter, message)

    async def _status(self, counter: Counter, _: Message) -> Message:
        library = counter.terminal.library
        return say.acs_status(library, library, self._clock.now())

    async def _patron_status(self, counter: Counter, message: Message) -> Message:
        account, about = await self._patron(counter, message)
        fixed = (say.patron_status(account), message.fixed[0], instant(self._clock.now()))
        return Message("24", fixed, tuple(about))

    async def _patron_information(self, counter: Counter, message: Message) -> Message:
        now = self._clock.now()
        account, about = await self._patron(counter, message)
        fixed = (say.patron_status(account), message.fixed[0], instant(now))
        listed = say.summary(
            account, message.fixed[2], message.first("BP"), message.first("BQ"), now
        )
        fields = (*about, *say.limits(account), *listed)
        return Message("64", (*fixed, *say.counts(account, now)), fields)

    async def _checkout(self, counter: Counter, message: Message) -> Message:
        now, item = self._clock.now(), message.first("AB")
        whose = await self._whose(counter, message)
        about = _about(counter, message)
        if isinstance(whose, Refusal):
            return say.lent("12", whose, about, counter.language, now)
        key = _key(message, whose, item)
        if message.first("BI") == "Y":
            undone = await self._undo(counter, key, whose, item)
            return say.lent("12", undone, about, counter.language, now)
        offline = self._offline(message, now) if message.fixed[1] == "Y" else None
        loan = await self._lending.lend(counter.acting, key, whose, item, offline)
        return say.lent("12", loan, about, counter.language, now)

    async def _checkin(self, counter: Counter, message: Message) -> Message:
        now, item = self._clock.now(), message.first("AB")
        library, language = counter.terminal.library, counter.language
        refused = _other_institution(counter, message)
        if message.first("BI") == "Y":
            refused = no.COPY_NOT_LENT  # a return is not undone: lend it again
        if refused is not None:
            return say.taken_back(refused, library, item, language, now)
        at = self._at(message.fixed[2], now) if message.fixed[0] == "Y" else None
        back = await self._returning.take_back(counter.acting, _key(message, "", item), item, at)
        return say.taken_back(back, library, item, language, now)

    async def _renew(self, counter: Counter, message: Message) -> Message:
        now, item = self._clock.now(), message.first("AB")
        whose = await self._whose(counter, message)
        about = _about(counter, message)
        if isinstance(whose, Refusal):
            return say.lent("30", whose, about, counter.language, now)
        copy = await read_copy(item) if is_barcode(item) else None
        if copy is None or copy.get("loan") is None:
            return say.lent("30", no.LOAN_UNKNOWN, about, counter.language, now)
        key = _key(message, whose, item)
        renewed = await self._lending.renew(counter.acting, key, copy["loan"], whose)
        return say.lent("30", renewed, about, counter.language, now)

    async def _item_information(self, counter: Counter, message: Message) -> Message:
        now, item = self._clock.now(), message.first("AB")
        copy = await read_copy(item) if is_barcode(item) else None
        if copy is None:
            fields = [("AB", say.short(item)), ("AJ", "")]
            fields += say.screen(no.COPY_UNKNOWN, counter.language)
            return Message("18", ("01", "00", "01", instant(now)), tuple(fields))
        title = (await titles_of([copy["title"]])).get(copy["title"])
        fields = [("AB", item), ("AJ", say.short(title.name if title else ""))]
        fields += [("AQ", copy["home"]), ("AP", copy["at"])]
        loan = await read_loan(copy.get("loan"))
        if loan is not None:
            fields.append(("AH", say.due(loan["due_at"])))
        state = say.item_status(CopyState(copy["state"]))
        return Message("18", (state, "00", "01", instant(now)), tuple(fields))

    async def _fee_paid(self, counter: Counter, message: Message) -> Message:
        now, whose = self._clock.now(), await self._whose(counter, message)
        receipt, amount = message.first("BK"), _AMOUNT.fullmatch(message.first("BV"))
        left: int | Refusal = no.AMOUNT_FORM
        if isinstance(whose, Refusal):
            left = whose
        elif amount is not None and message.fixed[3] == say.CURRENCY:
            fen = int(amount[1]) * 100 + int((amount[2] or "0").ljust(2, "0"))
            key = _key(message, whose, f"{fen} {receipt}")
            reference = receipt if is_reference(receipt) else f"SIP2-{key}"
            left = await self._fines.pay(counter.acting, key, whose, fen, reference)
        refused = left if isinstance(left, Refusal) else None
        fields = [
            ("AO", counter.terminal.library),
            ("AA", say.short(message.first("AA"))),
            ("BK", say.short(receipt)),
            *say.screen(refused, counter.language),
        ]
        return Message("38", ("N" if refused else "Y", instant(now)), tuple(fields))

    async def _end_session(self, counter: Counter, message: Message) -> Message:
        about = (("AO", counter.terminal.library), ("AA", say.short(message.first("AA"))))
        return Message("36", ("Y", instant(self._clock.now())), about)

    async def _whose(self, counter: Counter, message: Message) -> str | Refusal:
        refused = _other_institution(counter, message)
        if refused is not None:
            return refused
        shown, checks = message.first("AA"), counter.terminal.checks_codes
        return await self._patrons.shown(shown, checks_codes=checks)

    async def _patron(
        self, counter: Counter, message: Message
    ) -> tuple[ReaderAccount | Refusal, say.Fields]:
        whose, name = await self._whose(counter, message), ""
        account: ReaderAccount | Refusal
        if isinstance(whose, Refusal):
            account = whose
        else:
            account = await self._accounts.for_machine(counter.acting, whose)
            name = (await self._residents.person(whose)).masked_name
        library, shown = counter.terminal.library, message.first("AA")
        return account, say.about_patron(account, library, shown, name, counter.language)

    async def _undo(self, counter: Counter, key: str, whose: str, item: str) -> Refusal:
        """Take back what this machine just lent and could not hand out."""
        copy = await read_copy(item) if is_barcode(item) else None
        loan = None if copy is None else await read_loan(copy.get("loan"))
        if loan is None or (loan["resident_id"], loan.get("terminal")) != (
            whose,
            counter.terminal.name,
        ):
            return no.LOAN_UNKNOWN
        back = await self._returning.take_back(counter.acting, key, item)
        return back if isinstance(back, Refusal) else no.UNDONE

    def _offline(self, message: Message, now: datetime) -> OfflineDeed:
        return OfflineDeed(self._at(message.fixed[2], now), read_instant(message.fixed[3]))

    def _at(self, text: str, now: datetime) -> datetime:
        """Return when a machine did something offline, within a week; its clock may be wrong."""
        return min(max(read_instant(text) or now, now - OFFLINE), now)


def _about(counter: Counter, message: Message) -> say.Fields:
    return [
        ("AO", counter.terminal.library),
        ("AA", say.short(message.first("AA"))),
        ("AB", say.short(message.first("AB"))),
    ]


def _other_institution(counter: Counter, message: Message) -> Refusal | None:
    """Return that a machine speaks for a library that it does not stand in."""
    said = message.first("AO")
    return None if said in {"", counter.terminal.library} else no.LIBRARY_UNKNOWN


def _key(message: Message, whose: str, what: str) -> str:
    """Return the idempotency key of a request: the same for its repetitions alone."""
    at = message.fixed[_DATED[message.code]]

    if read_instant(at) is None:
        return secrets.token_hex(16)  # without its date a repetition cannot be told
    text = "\0".join((message.code, message.first("BI"), whose, what, at))
    return hashlib.sha256(text.encode()).hexdigest()[:40]
