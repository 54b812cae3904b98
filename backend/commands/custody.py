"""Commands about keys, the audit log and what a breach or an audit by law asks for."""

import argparse
import os
from datetime import datetime, timedelta

from backend.commands.running import CLOCK, Add, CommandRefused, Premises, in_store, of_area
from backend.datause import commands as data_use_commands
from backend.foundation import issuer_keys
from backend.foundation.audit_chain import Sequencer
from backend.foundation.audit_outbox import AuditOutbox
from backend.foundation.audit_verify import Anchor, Broken, verify_and_note
from backend.foundation.custody import open_kms
from backend.foundation.data_catalogue import as_json, as_text, data_catalogue
from backend.foundation.data_keys import USED_AFTER, DataKeys, DataKeysExhausted
from backend.foundation.keys import load_keys
from backend.foundation.person_keys import rewrap_keys
from backend.foundation.sealing import Sealer
from backend.house_data import HOUSE_DATA
from backend.settings import Settings, read_settings
from backend.sharing import commands as sharing_commands
from backend.stored import DOCUMENTS, PERSONAL_DATA
from shared.localized_text import LocalizedText


def add_commands(add: Add) -> None:
    """Add the commands of this module."""
    audit = add("audit", "the audit log / 审计日志", in_store(_audit))
    audit.add_argument(
        "work",
        choices=["verify", "chain"],
        help="check every row against the chain / link rows that wait; 校验 / 入链",
    )
    audit.add_argument(
        "--anchor",
        action="append",
        default=[],
        type=_anchor,
        metavar="PLACE:HASH",
        help="a head that an earlier verify printed and that was kept elsewhere",
    )
    data_use_commands.add_breach_options(
        add(
            "breach",
            "whom a breach affects, and telling them / 泄露事件",
            of_area(data_use_commands.breach),
        )
    )
    _add_keys(add)
    add("data-catalogue", "stored fields and their labels / 数据目录", _catalogue).add_argument(
        "--json", action="store_true", help="for programs / 供程序读取"
    )
    sharing_commands.add_evidence_options(
        add(
            "compliance-evidence",
            "for a compliance audit / 合规审计证据",
            of_area(sharing_commands.evidence),
        )
    )


def _add_keys(add: Add) -> None:
    keys = add("keys", "the keys of personal data / 个人信息的密钥", _keys)
    keys.add_argument(
        "work",
        choices=["rotate", "new", "people", "issuer"],
        help="rotate: wrap the data keys under a new key-encryption key / 更换主密钥; "
        "new: make a data key for what is new / 新建数据密钥; "
        "people: wrap people's keys under the newest data key in use / 更换个人密钥的包装; "
        "issuer: make the next key that signs certificates; start every server again before it is "
        "used / 新建证书签发密钥，启用前须重启各服务器",
    )
    keys.add_argument(
        "--after",
        type=int,
        metavar="SECONDS",
        help="new, issuer: from when it is used; every server must have read it before, and "
        "readers the trust list / 多少秒后启用",
    )


async def _audit(here: Premises, options: argparse.Namespace) -> str | int:
    if options.work == "chain":
        await here.services[AuditOutbox].drain()
        linked = await here.services[Sequencer].catch_up()
        return "another process does it / 另一进程正在入链" if linked is None else linked
    found = await verify_and_note(options.anchor, CLOCK.now())
    if isinstance(found, Broken):
        raise CommandRefused(found.text)
    head = f"{found.head.seq}:{found.head.hash}"
    return f"{head}\nnot linked yet / 待入链: {found.waiting}" if found.waiting else head


def _anchor(text: str) -> Anchor:
    place, _, hashed = text.partition(":")
    if not (place.isascii() and place.isdigit() and len(hashed) == 64):
        raise argparse.ArgumentTypeError("PLACE:HASH, as `audit verify` prints it")
    return Anchor(int(place), hashed)


def _keys(options: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    usual = issuer_keys.USED_AFTER if options.work == "issuer" else USED_AFTER
    options.after = usual if options.after is None else timedelta(seconds=max(0, options.after))
    if options.work == "issuer":
        _make_issuer_key(settings, CLOCK.now() + options.after)
        return
    kms = open_kms(settings)
    made = kms.make_key() if kms.current() is None else None
    if made and options.work == "rotate":
        print(made)  # the HSM's first key: there is nothing yet to wrap again
        return
    in_store(_turn_keys)(options)


def _make_issuer_key(settings: Settings, used_from: datetime) -> None:
    try:
        present = load_keys(settings).issuers
        made = issuer_keys.make_issuer_key(settings.keys_dir, present, used_from)
    except issuer_keys.IssuerKeysExhausted as error:
        raise CommandRefused(
            LocalizedText("签发密钥已达255个上限。", "There are 255 issuer keys; no more fit.")
        ) from error
    except OSError as error:
        raise CommandRefused(
            LocalizedText(
                f"写不进 {settings.keys_dir}。请检查 YIKATONG_KEYS_DIR。",
                f"{settings.keys_dir} cannot be written. Check YIKATONG_KEYS_DIR.",
            )
        ) from error
    print(f"{made.key_id}: {made.used_from.isoformat() if made.used_from else ''}")


async def _turn_keys(here: Premises, options: argparse.Namespace) -> str | int:
    data_keys = here.services[DataKeys]
    if options.work == "rotate":
        name, count = await data_keys.rewrap()
        return f"{name}: {count}"
    if options.work == "people":
        return await rewrap_keys(Sealer(data_keys.keyring))
    try:
        number, used_from = await data_keys.make(options.after)
    except DataKeysExhausted as error:
        raise CommandRefused(
            LocalizedText("数据密钥已达255个上限。", "There are 255 data keys; no more fit.")
        ) from error
    return f"{number}: {used_from.isoformat()}"


def _catalogue(options: argparse.Namespace) -> None:
    catalogue = data_catalogue(DOCUMENTS, PERSONAL_DATA, HOUSE_DATA)
    print(as_json(catalogue) if options.json else as_text(catalogue))
