"""Checks of what is stored: can the lists decide, is the journal whole and on its way."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta

from reader_service.doctor.findings import Finding, Level, Patient, fault, fine, remark
from reader_service.journal import Journal, JournalFull, JournalLocked
from reader_service.journal_rows import JournalFault
from reader_service.lane.decision import UsableLists, usable_lists
from reader_service.snapshot import Kind, Snapshot
from reader_service.storage_keys import CREDENTIAL, key_store
from shared.localized_text import LocalizedText

_SOON = timedelta(hours=12)
_NAMED = 10
_WAITED_LONG = timedelta(hours=24)
_CONNECT = LocalizedText(
    "请联网，让本机与后台同步。", "Bring it online, so that it can synchronise."
)


def check_lists(patient: Patient) -> Iterator[Finding]:
    """Ask whether a lane could decide now, and for how long."""
    enrolment = patient.terminal.enrolment if patient.terminal else None
    path = patient.settings.snapshot_path
    if enrolment is None:
        return  # Said by the check of the keys.
    if not path.exists():
        words = LocalizedText("还没有下载名单。", "No lists have been downloaded.")
        yield Finding("lists", Level.FAULT, words, _CONNECT)
        return
    try:
        keys = key_store(patient.settings.data_dir, os.environ)
        snapshot = Snapshot(path, enrolment, keys)
    except sqlite3.DatabaseError:
        yield fault(
            "lists",
            ("名单文件损坏。", "The file of the lists is damaged."),
            (f"请停止服务，删除{path}后重启。", f"Stop the service, delete {path}, start again."),
        )
        return
    for kind, code in snapshot.unusable.items():
        words = LocalizedText(
            f"存的{kind.value}不可信：{code}。", f"{kind.value} unusable: {code}."
        )
        yield Finding("lists", Level.FAULT, words, _CONNECT)
    now = patient.clock.now()
    usable = usable_lists(snapshot.lists, now)
    if not isinstance(usable, UsableLists):
        yield Finding("lists", Level.FAULT, usable.headline, usable.next_step or _CONNECT)
        return
    yield _how_long(snapshot, now)


def _how_long(snapshot: Snapshot, now: datetime) -> Finding:
    lists = snapshot.lists
    dated = (lists.trust, lists.standing, lists.manifest, lists.status, lists.holdings)
    ends = min(one.valid_until for one in dated if one is not None)
    confirmed = min(snapshot.held[kind].confirmed_at for kind in Kind if kind in snapshot.held)
    old, left = (now - confirmed) // timedelta(hours=1), (ends - now) // timedelta(hours=1)
    zh = f"名单{old}小时前核对，还能用{left}小时。" if old else f"名单刚核对，还能用{left}小时。"
    en = f"Lists checked {old or 'less than 1'} h ago, good for {left} h."
    if ends - now < _SOON:
        return Finding("lists", Level.REMARK, LocalizedText(zh, en), _CONNECT)
    return fine("lists", zh, en)


def check_journal(patient: Patient) -> Iterator[Finding]:
    """Ask for a journal that can be read, and how much of it waits to be uploaded."""
    path = patient.settings.journal_path
    if not path.exists():
        yield fine("journal", "还没有记录。", "Nothing is recorded yet.")
        return
    keys = key_store(patient.settings.data_dir, os.environ)
    with closing(Journal(path, keys)) as journal:
        try:
            unsent = journal.count_unsent()
            oldest = next(iter(journal.unsent(1)), None)
            changed = journal.check()
        except JournalLocked:
            yield fault(
                "journal",
                (
                    "记录的密钥不对或丢失，记录打不开，闸机不会放行。",
                    "The records' key is wrong or lost; they cannot be opened, no gate will open.",
                ),
                (
                    f"请放回密钥{CREDENTIAL}；找不回时运行 journal set-aside，旧记录原样留存。",
                    f"Put {CREDENTIAL} back; if it is lost, run journal set-aside: the old records "
                    "are kept as they are.",
                ),
            )
            return
        except (JournalFull, ValueError):
            yield fault(
                "journal",
                ("记录读不出，闸机不会放行。", "The journal cannot be read; no gate will open."),
                (f"请检查磁盘；不要删除{path}。", f"Check the disk; do not delete {path}."),
            )
            return
    if changed:
        yield _tampered(changed)
    since = datetime.fromtimestamp(oldest.scanned_at / 1000, UTC) if oldest else None
    zh, en = f"{unsent}条记录待上传。", f"{unsent} records wait to be uploaded."
    if since is not None and patient.clock.now() - since > _WAITED_LONG:
        day = since.date().isoformat()
        text = (f"{zh}最早的是{day}。", f"{en} The oldest is of {day}.")
        yield remark("journal", text, (_CONNECT.zh, _CONNECT.en))
    else:
        yield fine("journal", zh, en)


def _tampered(changed: Sequence[JournalFault]) -> Finding:
    """Return that rows are not as this reader wrote them, by their numbers."""
    named = ", ".join(f"{one.position} ({one.kind.value})" for one in changed[:_NAMED])
    more = "…" if len(changed) > _NAMED else ""
    return fault(
        "journal.rows",
        (f"记录被改动过：{named}{more}。", f"Records were changed: {named}{more}."),
        (
            "请留存本机磁盘，查明谁动过，并联系管理员。",
            "Keep this reader's disk, find out who had access, and tell the administrator.",
        ),
    )
