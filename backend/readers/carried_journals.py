"""Journals that come by hand from readers without a network 离线带回: booked as uploads are."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import OPERATOR, Actor, Deed, Organisation, System
from backend.foundation.keys import Keys
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may, may_at
from backend.foundation.refusals import Refusal, refusal
from backend.readers.booking import Booking
from backend.readers.receipts import Receipts
from backend.readers.rules import TERMINAL_UNKNOWN
from backend.readers.service import TerminalFacts, Terminals
from shared.clock import Clock
from shared.localized_text import LocalizedText
from shared.trust.trust_list import Untrusted
from shared.wire.carried_journal import encode_receipts, open_journal, read_journal
from shared.wire.request_proof import thumbprint
from shared.wire.scan_receipt import JournalPart
from shared.wire.scans import READABLE_VERSIONS, UPLOAD_LIMIT, InvalidScan, ReceiptOutcome

_ASK_ANEW = (
    "请在终端上重新导出，再拿来一次。",
    "Write the file anew on the reader and bring it again.",
)
JOURNAL_MALFORMED = refusal(
    "journal_malformed",
    ("这不是完整的终端记录文件。", "This is not a whole journal file of a reader."),
    _ASK_ANEW,
)
JOURNAL_FORGED = refusal(
    "journal_forged",
    ("文件被改动过，签名不符。", "The file was changed: its signature is not right."),
    _ASK_ANEW,
)
JOURNAL_SEALED_FOR_ANOTHER = refusal(
    "journal_sealed_for_another",
    ("文件不是封给本平台的，打不开。", "The file is sealed for another platform."),
    (
        "请先给终端导入新的离线更新文件，再重新导出。",
        "Let the reader take in a new update file first, then write the journal anew.",
    ),
)
_REFUSALS = {
    "forged": JOURNAL_FORGED,
    "sealed_for_another": JOURNAL_SEALED_FOR_ANOTHER,
}


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a file: the receipts to carry back, and how many scans were booked or not."""

    terminal_id: str
    receipts: bytes
    recorded: int
    duplicate: int
    rejected: int


class CarriedJournals:
    """Takes in what readers wrote, from the command line or from staff.

    A file carries its own unique ids: it needs no idempotency key, and taken in again it books
    nothing and gives its receipts again.
    """

    def __init__(
        self, terminals: Terminals, booking: Booking, receipts: Receipts, keys: Keys, clock: Clock
    ) -> None:
        self._terminals = terminals
        self._booking = booking
        self._receipts = receipts
        self._keys = keys
        self._clock = clock

    async def take_in(self, data: bytes) -> TakenIn | Refusal:
        """Book a file as whoever runs commands on the server itself."""

        def allow(_: TerminalFacts) -> Refusal | None:
            return None

        return await self._take_in(data, allow, _By(OPERATOR, System.BATCH))

    async def bring(self, caller: Caller | None, data: bytes) -> TakenIn | Refusal:
        """Book a file that staff bring: of their own venue's readers, or as administrator."""
        no = may(caller, Act.JOURNAL_TAKE)
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED

        def allow(terminal: TerminalFacts) -> Refusal | None:
            return may_at(caller, Act.JOURNAL_TAKE, (terminal.venue_number,))

        by = _By(caller.actor, System.COUNTER, caller.organisation)
        return await self._take_in(data, allow, by)

    async def _take_in(
        self, data: bytes, allow: Callable[[TerminalFacts], Refusal | None], by: "_By"
    ) -> TakenIn | Refusal:
        """Book what a reader wrote, each scan once however it comes; a bad row keeps back no other.

        Nothing is booked of a file that is refused.
        """
        now = self._clock.now()
        try:
            carried = read_journal(data)
            terminal = await self._terminals.of_key(thumbprint(carried.key))
            if terminal is None or terminal.terminal_id != carried.terminal_id:
                return TERMINAL_UNKNOWN
            if no := allow(terminal):
                return no
            # Unsealing unpacks up to half a gigabyte: requests go on meanwhile.
            opened = await asyncio.to_thread(open_journal, carried, self._keys.journals)
            uploads = [_upload(values) for values in opened]
        except Untrusted as error:
            return _REFUSALS.get(error.code, JOURNAL_MALFORMED)
        signed, outcomes = [], list[ReceiptOutcome]()
        for part, rows in uploads:
            receipts = await self._booking.book(terminal, rows, now)
            if isinstance(receipts, Refusal):
                return receipts
            outcomes += [one.outcome for one in receipts]
            signed.append(self._receipts.signed(terminal, part, rows, receipts, now))
        for part, _ in uploads[-1:]:
            await self._receipts.note(terminal, part.report, now, by_hand=True)
        await _record(terminal, by, now)
        return TakenIn(
            terminal.terminal_id,
            encode_receipts(signed),
            *(outcomes.count(one) for one in ReceiptOutcome),
        )


@dataclass(frozen=True, slots=True)
class _By:
    """Who took a file in, as the audit log says it."""

    actor: Actor
    system: System
    organisation: Organisation | None = None


def _upload(values: Any) -> tuple[JournalPart, list[Any]]:
    """Return an upload's name and rows; the rows are looked at one by one where they are booked.

    Raises:
        Untrusted: `malformed`.
    """
    rows = values.get("scans") if isinstance(values, Mapping) else None
    version = values.get("version") if rows is not None else None
    if not isinstance(rows, list) or type(version) is not int or version not in READABLE_VERSIONS:
        raise Untrusted("malformed")
    try:
        part = JournalPart.of_wire(values.get("journal"))
    except InvalidScan as error:
        raise Untrusted("malformed") from error
    if len(rows) > UPLOAD_LIMIT or len(part.numbers) != len(rows):
        raise Untrusted("malformed")
    return part, rows


async def _record(terminal: TerminalFacts, by: _By, now: datetime) -> None:
    words = LocalizedText("导入了终端带回的记录", "Took in a reader's journal brought by hand")

    async def act(session: Session) -> None:
        action, origin = "readers.journal_taken_in", terminal.terminal_id
        deed = Deed(now, by.actor, action, words, by.system, origin=origin)
        if by.organisation is not None:
            deed = replace(deed, organisation=by.organisation)
        await audit.record(deed, session)

    await audit.in_one_write(act)
