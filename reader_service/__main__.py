"""``python -m reader_service serve`` runs the lanes; ``enrol --token T`` makes this reader known.

``staff add --id N --name NAME`` registers who may unlock the staff page, ``staff remove`` and
``staff list`` keep that register. A PIN is asked for, or read from the standard input.

``journal carry-out FILE`` writes the records without a receipt for a stick; ``take-in FILE`` takes
in what comes back, and lists and rules.

``doctor`` says what is wrong with this reader and what to do, ``doctor --json`` for machines; its
exit status is 1 where something is broken.

Settings come from the environment; see `reader_service.settings`.
"""

import argparse
import asyncio
import getpass
import logging
import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from reader_service.app import PortBusy, WrongRoot, enrol, serve
from reader_service.console.staff_register import InvalidStaff, StaffRegister
from reader_service.journal import Journal, JournalFull
from reader_service.journal_file import set_aside
from reader_service.settings import (
    PREFIX,
    InvalidSettings,
    Settings,
    read_lanes,
    read_settings,
)
from reader_service.snapshot import Snapshot
from reader_service.storage_keys import KeyNotMade, Unreadable, key_store
from reader_service.sync.backend import SyncProblem
from reader_service.sync.by_hand import CarriedJournals, NoJournalKey
from reader_service.sync.rounds import RECEIPT_REFUSED, refused_words
from reader_service.sync.terminal import NotEnrolled, load_terminal
from reader_service.sync.wiping import Wiped
from shared.clock import SystemClock
from shared.localized_text import LocalizedText
from shared.trust.trust_list import Untrusted
from shared.wire.carried_journal import RECEIPTS_MAGIC
from shared.wire.enrolment import EnrolmentCode, InvalidEnrolment, TerminalEnrolment

_NOT_ENROLLED = LocalizedText(
    "本机还没有登记。请在后台取一次性口令，运行：python -m reader_service enrol --token 口令",
    "This reader is not enrolled. Get a one-time token from the backend and run: "
    "python -m reader_service enrol --token TOKEN",
)
_SHOW_SECONDS = 60.0
NOT_CONFIGURED = 78
"""EX_CONFIG of sysexits.h: starting again changes nothing, and the unit does not."""
_WIPED = LocalizedText(
    "本机已按命令清除。需要再用时请重新登记。",
    "This reader was wiped on an officer's order. Enrol it anew to use it again.",
)
_WRONG_ROOT = LocalizedText(
    "应答的后台不是登记码所指的后台，没有登记。请检查网络和地址。",
    "Another backend answered than the code is of; nothing was enrolled. Check the address.",
)
_NO_CODE = LocalizedText(
    "没有看到有效的登记码。请在后台重新生成后再出示。",
    "No enrolment code was seen. Make one in the backend and show it again.",
)
_PORT_BUSY = LocalizedText(
    f"端口已被占用。请结束占用的程序，或用 {PREFIX}PORT 换一个端口。",
    f"The port is taken. End the program that holds it, or choose another with {PREFIX}PORT.",
)
_STAFF_FORM = LocalizedText(
    "工号应为1至16位字母或数字，姓名不超过32字，密码为6至12位数字；移除的工号须已登记。",
    "A staff number has 1 to 16 letters or digits, a name at most 32 characters, a PIN 6 to 12 "
    "digits; who is removed must be registered.",
)
_TAKEN = LocalizedText(
    "名单和规则已更新；运行中的服务几分钟内启用。",
    "Lists and rules are taken in; a running service uses them within minutes.",
)
_NO_JOURNAL_KEY = LocalizedText(
    "本机还不知道记录该封给谁。请先联网一次，或导入新的离线更新文件。",
    "This reader does not know yet whom to seal its records for. Connect it once, or take in a "
    "new update file.",
)
_NO_KEY = LocalizedText(
    "本机存储的密钥不对或丢失，什么也没有改。请放回密钥。",
    "The key of this reader's storage is wrong or lost; nothing was changed. Put the key back.",
)
_RESTART = LocalizedText(
    "请重启服务，新记录即用新密钥。", "Restart the service; new records are sealed with it."
)
_CREDENTIAL = LocalizedText(
    "密钥由systemd保管：请把新密钥放在第一行，重新生成凭据storage.key并重启服务。",
    "systemd holds the key: put the new one in the first line, make the credential storage.key "
    "again and restart the service.",
)
_NOT_LOCKED = LocalizedText(
    "记录打得开，没有留存。", "The records can be opened; nothing was set aside."
)
_NO_STORAGE = LocalizedText(
    f"数据目录不能写。请检查磁盘和权限，或用 {PREFIX}DATA_DIR 换一个目录。",
    f"The data folder cannot be written. Check the disk and the rights, or choose another "
    f"with {PREFIX}DATA_DIR.",
)


_ANSWERS: tuple[tuple[type[Exception], LocalizedText, int], ...] = (
    (NotEnrolled, _NOT_ENROLLED, NOT_CONFIGURED),
    (Wiped, _WIPED, NOT_CONFIGURED),
    (WrongRoot, _WRONG_ROOT, 1),
    (InvalidEnrolment, _NO_CODE, 1),
    (PortBusy, _PORT_BUSY, 1),
    (InvalidStaff, _STAFF_FORM, 1),
    (OSError, _NO_STORAGE, 1),
    (JournalFull, _NO_STORAGE, 1),
    (sqlite3.OperationalError, _NO_STORAGE, 1),
)
_SAID = tuple(kind for kind, _, _ in _ANSWERS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the process's exit status."""
    parser = argparse.ArgumentParser(prog="python -m reader_service", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the lanes and the staff page")
    enrolling = commands.add_parser("enrol", help="make this reader known to the backend")
    how = enrolling.add_mutually_exclusive_group(required=True)
    how.add_argument("--token", help="the one-time token 一次性口令")
    how.add_argument("--code", help="the text of the enrolment code 登记码")
    how.add_argument("--lane", type=int, help="show the code's QR to this lane's camera")
    _staff_commands(commands.add_parser("staff", help="who may unlock the staff page"))
    keeping = commands.add_parser("journal", help="the records' key and what cannot be opened")
    kept = keeping.add_subparsers(dest="act", required=True)
    kept.add_parser("turn-key", help="seal what comes with a new key; what was stays readable")
    kept.add_parser("set-aside", help="keep a journal whose key is lost, and begin another")
    out = kept.add_parser("carry-out", help="write what is unsent into a sealed file 离线带出")
    out.add_argument("file", type=Path, help="what `python -m backend take-journal` takes in")
    taking = commands.add_parser("take-in", help="bring lists, rules, receipts by a file 离线更新")
    taking.add_argument(
        "file", type=Path, help="what `python -m backend venue-bundle` or `take-journal` wrote"
    )
    asking = commands.add_parser("doctor", help="what is wrong with this reader, and what to do")
    asking.add_argument("--json", action="store_true", help="for machines")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # httpx logs every address it asks for; the reader says itself how it stands with the backend.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = read_settings(os.environ)
        return _run(settings, chosen)
    except (InvalidSettings, SyncProblem) as error:
        return _complain(error.text)
    except _SAID as error:
        return next(
            _complain(text, status) for kind, text, status in _ANSWERS if isinstance(error, kind)
        )
    except KeyboardInterrupt:
        return 130


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    os.umask(0o077)
    if chosen.command == "doctor":
        # Imported here: a start for the lanes' sake examines nothing.
        from reader_service.doctor.examination import (  # noqa: PLC0415
            as_json,
            as_text,
            examine,
            status_of,
        )

        found = examine(settings, SystemClock())
        print(as_json(found) if chosen.json else as_text(found))
        return status_of(found)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if chosen.command == "enrol":
        enrolment = _enrol(settings, chosen)
        print(f"已登记 enrolled: {enrolment.terminal_id}, venue {enrolment.venue_number}")
    elif chosen.command == "take-in":
        return _take_in(settings, chosen.file)
    elif chosen.command == "journal":
        if chosen.act == "carry-out":
            return _carry_out(settings, chosen.file)
        return _journal(settings, chosen.act)
    elif chosen.command == "staff":
        _staff(StaffRegister(settings.staff_path), chosen)
    else:
        asyncio.run(serve(settings))
    return 0


def _enrol(settings: Settings, chosen: argparse.Namespace) -> TerminalEnrolment:
    if chosen.token:
        return asyncio.run(enrol(settings, chosen.token))
    text = chosen.code or _shown(settings, chosen.lane)
    code = EnrolmentCode.of_text(text)
    if code.address.rstrip("/") != settings.backend_url.rstrip("/"):
        zh, en = f"登记码属于{code.address}。", f"The code is of {code.address}."
        name = f"{PREFIX}BACKEND_URL"
        raise InvalidSettings(LocalizedText(f"{zh}请设置{name}。", f"{en} Set {name} to it."))
    return asyncio.run(enrol(settings, code.token, code.root_thumbprint))


def _shown(settings: Settings, number: int) -> str:
    # Imported here: only this command sees with the main process.
    from reader_service.lane.shown_text import wait_for_text  # noqa: PLC0415

    for lane in read_lanes(settings.lanes_path):
        if lane.number == number and lane.camera is not None:
            return wait_for_text(lane.camera, lane.decoders, "YKTENROL1 ", _SHOW_SECONDS)
    raise InvalidEnrolment("no such lane")


def _take_in(settings: Settings, path: Path) -> int:
    data = path.read_bytes()
    if data.startswith(RECEIPTS_MAGIC):
        return _take_receipts(settings, data)
    try:
        with _by_hand(settings) as carried:
            carried.snapshot.offer_bundle(data, SystemClock().now())
    except Untrusted as error:
        return _complain(refused_words("离线更新文件", "update file", error.code))
    except Unreadable:
        return _complain(_NO_KEY)
    return _say(_TAKEN)


def _take_receipts(settings: Settings, data: bytes) -> int:
    try:
        with _by_hand(settings) as carried:
            rows = carried.take_receipts(data)
    except Untrusted as error:
        print(error.code, file=sys.stderr)
        return _complain(RECEIPT_REFUSED)
    print(f"回执 receipts: {rows}")
    return 0


def _carry_out(settings: Settings, path: Path) -> int:
    try:
        with _by_hand(settings) as carried:
            rows = carried.write(path)
    except NoJournalKey:
        return _complain(_NO_JOURNAL_KEY)
    print(f"{path}: {rows} 条 records")
    return 0


@contextmanager
def _by_hand(settings: Settings) -> Iterator[CarriedJournals]:
    terminal = load_terminal(settings.identity_path)
    if terminal.enrolment is None:
        raise NotEnrolled
    keys = key_store(settings.data_dir, os.environ)
    with closing(Journal(settings.journal_path, keys)) as journal:
        snapshot = Snapshot(settings.snapshot_path, terminal.enrolment, keys)
        yield CarriedJournals(journal, snapshot, terminal.key, SystemClock())


def _journal(settings: Settings, act: str) -> int:
    store = key_store(settings.data_dir, os.environ)
    try:
        if act == "turn-key":
            print(f"新密钥 new key: {store.make().key_id.hex()}")
            return _say(_RESTART)
        aside = set_aside(settings.journal_path, store, SystemClock().now())
    except KeyNotMade:
        return _complain(_CREDENTIAL)
    if aside is None:
        return _complain(_NOT_LOCKED)
    print(f"已留存 kept: {aside}")
    return 0


def _say(text: LocalizedText) -> int:
    print(f"{text.zh}\n{text.en}")
    return 0


def _staff_commands(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True)
    adding = acts.add_parser("add", help="register somebody, or give them a new name and PIN")
    removing = acts.add_parser("remove", help="let somebody go")
    for one in (adding, removing):
        one.add_argument("--id", required=True, help="their staff number 工号")
    adding.add_argument("--name", required=True, help="their name 姓名")
    acts.add_parser("list", help="who is registered")


def _staff(register: StaffRegister, chosen: argparse.Namespace) -> None:
    if chosen.act == "add":
        asked = "密码 PIN (6-12 digits): "
        pin = getpass.getpass(asked) if sys.stdin.isatty() else sys.stdin.readline().strip()
        register.put(chosen.id, chosen.name, pin)
    elif chosen.act == "remove":
        register.remove(chosen.id)
    for one in register.everybody():
        print(f"{one.staff_id}\t{one.name}")


def _complain(text: LocalizedText, status: int = 1) -> int:
    print(f"{text.zh}\n{text.en}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
