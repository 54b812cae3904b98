"""Signed receipts of uploads, and what a journal says of itself.

A reader prunes its journal by nothing else. That a journal was tampered with, or is older than it
was, is written down beside the terminal and in the audit log, once.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from backend.foundation import audit
from backend.foundation.audit import Actor, ActorKind, Deed, System
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.foundation.logs import FIELDS
from backend.foundation.mongo import Session
from backend.readers.documents import Terminal
from backend.readers.service import TerminalFacts
from shared.localized_text import LocalizedText
from shared.wire.scan_receipt import (
    JournalPart,
    JournalReport,
    SignedReceipt,
    sign_scan_receipt,
    upload_digest,
)
from shared.wire.scans import ScanReceipt

VALID = timedelta(days=90)
"""A receipt may travel by hand to a reader without a network."""
_ROLLED_BACK = "rolled_back"
_log = logging.getLogger("yikatong.readers")


class Receipts:
    """Signs receipts and hears how journals stand."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def signed(
        self,
        terminal: TerminalFacts,
        part: JournalPart,
        rows: Sequence[Any],
        receipts: Sequence[ScanReceipt],
        now: datetime,
    ) -> str:
        """Return the signed receipt of an upload, whose `rows` are as they came."""
        issued_at = now.replace(microsecond=0)
        receipt = SignedReceipt(
            terminal.terminal_id,
            part.request,
            upload_digest(part.numbers, rows),
            tuple(zip(part.numbers, receipts, strict=True)),
            issued_at,
            issued_at + VALID,
        )
        return sign_scan_receipt(receipt, self._keys.lists, LIST_KEY_ID)

    async def note(
        self,
        terminal: TerminalFacts,
        report: JournalReport,
        now: datetime,
        *,
        by_hand: bool = False,
    ) -> None:
        """Note a journal's report; what is newly wrong with it becomes an audit row.

        A file that came `by_hand` may be older than what the network has brought since.
        """
        known, last = await self._known(terminal.terminal_id)
        if by_hand:
            report = replace(report, last=max(report.last, last))
        faults = sorted({f"{kind}:{at}" for at, kind in report.faults} | known)
        if report.last < last:
            faults = sorted({*faults, f"{_ROLLED_BACK}:{report.last}"})
        new = set(faults) - known
        if not new and report.last == last:
            return

        async def act(session: Session) -> None:
            change = {"journal_faults": faults[-_MOST_KEPT:], "journal_last": report.last}
            await Terminal.get_pymongo_collection().update_one(
                {"_id": terminal.terminal_id}, {"$set": change}, session=session
            )
            if new:
                await audit.record(_tampered(terminal.terminal_id, now), session)

        await audit.in_one_write(act)
        if new:
            told = {"terminal": terminal.terminal_id, "faults": len(new)}
            _log.warning("a reader's journal was changed", extra={FIELDS: told})

    async def _known(self, terminal_id: str) -> tuple[set[str], int]:
        found = await Terminal.get_pymongo_collection().find_one(
            {"_id": terminal_id}, {"journal_faults": 1, "journal_last": 1}
        )
        values = found or {}
        return set(values.get("journal_faults", ())), values.get("journal_last", 0)


_MOST_KEPT = 100


def _tampered(terminal_id: str, now: datetime) -> Deed:
    words = LocalizedText("终端记录被改动", "A terminal's journal was changed")
    actor = Actor(ActorKind.TERMINAL, terminal_id)
    return Deed(now, actor, "readers.journal_tampered", words, System.READER)
