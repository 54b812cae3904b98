"""Journals that come by hand from readers without a network 离线带回: booked as uploads are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.audit import OPERATOR, Deed, System
from backend.foundation.keys import Keys
from backend.foundation.mongo import Session
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal, refusal
from backend.readers.booking import Booking
from backend.readers.receipts import Receipts
from backend.readers.rules import TERMINAL_UNKNOWN
from backend.readers.service import TerminalFacts, Terminals
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


async def take_in(services: Services, keys: Keys, data: bytes, now: datetime) -> TakenIn | Refusal:
    """Book what a reader wrote, each scan once however it comes; a bad row keeps back no other.

    Nothing is booked of a file that is refused. One taken in before gives its receipts again.
    """
    try:
        carried = read_journal(data)
        terminal = await services[Terminals].of_key(thumbprint(carried.key))
        if terminal is None or terminal.terminal_id != carried.terminal_id:
            return TERMINAL_UNKNOWN
        uploads = [_upload(values) for values in open_journal(carried, keys.journals)]
    except Untrusted as error:
        return _REFUSALS.get(error.code, JOURNAL_MALFORMED)
    signed, outcomes = [], list[ReceiptOutcome]()
    for part, rows in uploads:
        receipts = await services[Booking].book(terminal, rows, now)
        if isinstance(receipts, Refusal):
            return receipts
        outcomes += [one.outcome for one in receipts]
        signed.append(services[Receipts].signed(terminal, part, rows, receipts, now))
    for part, _ in uploads[-1:]:
        await services[Receipts].note(terminal, part.report, now, by_hand=True)
    await _record(terminal, now)
    return TakenIn(
        terminal.terminal_id,
        encode_receipts(signed),
        *(outcomes.count(one) for one in ReceiptOutcome),
    )


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


async def _record(terminal: TerminalFacts, now: datetime) -> None:
    words = LocalizedText("导入了终端带回的记录", "Took in a reader's journal brought by hand")

    async def act(session: Session) -> None:
        action, origin = "readers.journal_taken_in", terminal.terminal_id
        deed = Deed(now, OPERATOR, action, words, System.BATCH, origin=origin)
        await audit.record(deed, session)

    await audit.in_one_write(act)
