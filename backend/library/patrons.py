"""Readers: who they are by what a desk or a machine is shown, and how they stand.

The social security card is the library card. A machine shows one of three things: the reader
number 读者证号, the identification code 卡识别码 that its card reader took from the chip, or, where
it checks codes itself, the e-card's index. A citizen number is none of them and finds nobody.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.cards.card_writes import MAX_CARD_INDEX
from backend.cards.lifecycle import CardState
from backend.cards.policies import EcardPolicies
from backend.cards.policy import EcardAction
from backend.cards.refusals import NO_CARD
from backend.cards.service import Cards
from backend.foundation import audit
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.refusals import Refusal
from backend.library import refusals as no
from backend.library.deeds import Acting
from backend.library.documents import LibraryLoan, LibraryPatron
from backend.library.rules import LoanState, PatronFacts, is_reader_number, reader_number
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.identity.regions import region_digits
from shared.trust.status_list import card_digest

_CHIP = re.compile(r"[0-9A-F]{32}")
_INDEX = re.compile(r"E[0-9]{1,10}")
Row = Mapping[str, Any]


class Patrons:
    """Finds readers and makes somebody one."""

    def __init__(self, cards: Cards, policies: EcardPolicies, region: int, clock: Clock) -> None:
        self._cards = cards
        self._policies = policies
        self._region = region
        self._clock = clock

    async def shown(self, text: str, *, checks_codes: bool) -> str | Refusal:
        """Return which resident what was shown stands for, if their card is good for lending."""
        text = text.strip().upper()
        if is_reader_number(text):
            found = await LibraryPatron.get_pymongo_collection().find_one({"number": text})
            whose = None if found is None else str(found["resident_id"])
            return no.PATRON_UNKNOWN if whose is None else await self.entitled(whose) or whose
        if _CHIP.fullmatch(text):
            return await self._of_chip(text)
        index = int(text[1:]) if checks_codes and _INDEX.fullmatch(text) else MAX_CARD_INDEX
        holder = (await self._cards.holders([index], [])).get(index)
        if holder is None:
            return no.PATRON_UNKNOWN
        return await self.entitled(holder.resident_id) or holder.resident_id

    async def entitled(self, resident_id: str) -> Refusal | None:
        """Return why a resident's card is not good for lending, or None."""
        return await self.refusal_of(await self._cards.present_state(resident_id))

    async def refusal_of(self, card: CardState | None) -> Refusal | None:
        """Return why a card in this state is not good for lending: it is what booking asks."""
        if card is None:
            return NO_CARD
        return (await self._policies.present()).refusal(card, EcardAction.BOOK)

    async def open(self, resident_id: str, acting: Acting) -> Row:
        """Return a resident as a reader; they become one the first time."""
        own, now = {"resident_id": resident_id}, self._clock.now()
        patrons = LibraryPatron.get_pymongo_collection()
        while True:
            found: Row | None = await patrons.find_one(own)
            if found is not None:
                return found
            number = reader_number(f"{secrets.randbelow(10**12):012}")
            row = LibraryPatron(
                id=random_identifier("rdr"),
                number=number,
                opened_at=now,
                **own,
            )

            async def act(session: Session, row: LibraryPatron = row) -> None:
                await row.insert(session=session)
                await audit.record(acting.deed("library.opened", resident_id, now), session)

            try:
                await audit.in_one_write(act)
            except DuplicateKeyError:
                continue  # somebody else opened it, or the number is taken: look again

    async def _of_chip(self, text: str) -> str | Refusal:
        shown = await self._cards.shown_by_digest(card_digest(bytes.fromhex(text)))
        if shown is None:
            own = text.startswith(region_digits(self._region))
            return no.PATRON_UNKNOWN if own else no.CARD_FOREIGN
        if shown.region != self._region:
            return no.CARD_FOREIGN
        return await self.refusal_of(shown.state) or shown.resident_id


async def patron_of(resident_id: str, session: Session | None = None) -> Row | None:
    """Return the stored reader that a resident is."""
    wanted = {"resident_id": resident_id}
    return await LibraryPatron.get_pymongo_collection().find_one(wanted, session=session)


async def facts_of(patron: Row, now: datetime, session: Session | None = None) -> PatronFacts:
    """Return what of a reader decides."""
    late = {
        "resident_id": patron["resident_id"],
        "state": LoanState.OPEN.value,
        "due_at": {"$lte": now},
    }
    overdue = None
    if patron["open_loans"] > 0:
        loans = LibraryLoan.get_pymongo_collection()
        overdue = await loans.find_one(late, {"_id": 1}, session=session)
    return PatronFacts(
        open_loans=patron["open_loans"],
        open_holds=patron["open_holds"],
        owed_fen=patron["owed_fen"],
        deposit_fen=patron["deposit_fen"],
        overdue=overdue is not None,
        leaving=patron["leaving"],
    )


async def count(resident_id: str, session: Session, **change: int) -> None:
    """Change what a reader is counted with; nobody where it is forgotten whose it was."""
    await LibraryPatron.get_pymongo_collection().update_one(
        {"resident_id": resident_id}, {"$inc": change}, session=session
    )
