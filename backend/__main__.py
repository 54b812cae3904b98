"""The backend's commands: `python -m backend serve | seed-demo | …`."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import uvloop

from backend.accounts import commands as account_commands
from backend.app import House, make_app, open_house
from backend.assertions import commands as assertion_commands
from backend.bookings import commands as booking_commands
from backend.cards import commands as card_commands
from backend.cards.enrolment import Enrolment
from backend.cards.service import Cards
from backend.cards.status_list import build_status_list
from backend.cards.update_codes import UpdateCode, update_code
from backend.datause import commands as data_use_commands
from backend.demo_city import VENUES, seed
from backend.foundation import issuer_keys
from backend.foundation.audit_chain import Sequencer
from backend.foundation.audit_outbox import AuditOutbox
from backend.foundation.audit_verify import Anchor, Broken, verify_and_note
from backend.foundation.custody import open_kms
from backend.foundation.data_catalogue import as_json, as_text, data_catalogue
from backend.foundation.data_keys import USED_AFTER, DataKeys, DataKeysExhausted
from backend.foundation.embedded_mongod import embedded_mongod, running_mongod
from backend.foundation.keys import Keys, load_keys
from backend.foundation.logs import set_up_logs
from backend.foundation.mongo import StoreUnusable
from backend.foundation.person_keys import rewrap_keys
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.foundation.serving import bind, serve
from backend.functions import commands as function_commands
from backend.functions.lists import FunctionLists, Place
from backend.house_data import HOUSE_DATA
from backend.library import commands as library_commands
from backend.readers import carried_journals
from backend.readers.booking import Booking
from backend.readers.by_hand import venue_bundle
from backend.readers.service import Terminals
from backend.residents.loading import PopulationLoading
from backend.schema import SCHEMA_FILE, schema_text
from backend.settings import PREFIX, Settings, StartRefused, read_settings
from backend.sharing import commands as sharing_commands
from backend.stored import DOCUMENTS, PERSONAL_DATA
from shared.clock import SystemClock
from shared.localized_text import LocalizedText

Task = Callable[[House, argparse.Namespace], Awaitable[None]]
CLOCK = SystemClock()


class CommandRefused(Exception):
    """A command's wish is refused; `text` says why and what to do."""

    def __init__(self, text: LocalizedText) -> None:
        super().__init__(text.en)
        self.text = text


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status: 0 done, 1 refused, 2 not able to start."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except (StartRefused, StoreUnusable, CommandRefused) as error:
        print(error.text.zh, error.text.en, sep="\n", file=sys.stderr)
        return 1 if isinstance(error, CommandRefused) else 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend", description="一卡通 backend")
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(
        name: str, words: str, run: Callable[[argparse.Namespace], int | None]
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=words)
        command.set_defaults(run=run)
        return command

    add("serve", "serve apps and readers / 启动服务", _serve)
    add("seed-demo", "put the demonstration city in place / 写入演示数据", _task(_seed_demo))
    code = add("enrolment-code", "make an activation code / 生成激活码", _task(_enrolment_code))
    code.add_argument("--resident", required=True, help="the resident's id")
    token = add("terminal-token", "make a one-time token / 生成终端口令", _task(_terminal_token))
    token.add_argument("--venue", required=True, type=int, help="the venue's number")
    token.add_argument("--name", required=True, help="the terminal's name")
    card_commands.add_card_service(
        add("card-service", "do a card service / 办理卡业务", _task(_card_service))
    )
    add("expire-cards", "batch: expire cards whose date is over / 到期处理", _task(_expire_cards))
    card_commands.add_issuance_options(
        add("issuance", "the issuance rate / 签发率", _task(_issuance))
    )
    policy = add("ecard-policy", "show or set the e-card policy / 电子卡权限表", _task(_policy))
    policy.add_argument("--set", type=Path, help="a file with the table, as it is shown")
    account_commands.add_staff_options(
        add("staff", "the accounts of staff / 工作人员账号", _task(_staff))
    )
    function_commands.add_function_options(
        add("function", "card functions and card types / 卡功能与卡种", _task(_function))
    )
    assertion_commands.add_item_options(
        add("identity-item", "items for identity assertions / 身份核验事项", _task(_identity_item))
    )
    add(
        "build-function-lists",
        "batch: card functions for readers / 功能名单",
        _build_function_lists,
    )
    bundle = add(
        "venue-bundle",
        "batch: all a reader without a network needs, as a file / 离线更新文件",
        _venue_bundle,
    )
    bundle.add_argument("--terminal", required=True, help="the terminal's id")
    bundle.add_argument("--out", required=True, type=Path, help="the file to write")
    taking = add(
        "take-journal",
        "book what a reader without a network wrote / 导入终端带回的记录",
        _take_journal,
    )
    taking.add_argument("--file", required=True, type=Path, help="what the reader wrote")
    taking.add_argument("--receipt", required=True, type=Path, help="the file to carry back")
    gates = add("two-gates", "codes two lanes admitted / 两处放行的码", _task(_two_gates))
    gates.add_argument("--limit", type=int, default=50, help="newest first, at most so many")
    add("build-status-list", "batch: build the status list / 生成状态名单", _build_status_list)
    add("update-code", "the digits of an update code / 更新码", _update_code)
    audit = add("audit", "the audit log / 审计日志", _task(_audit))
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
        add("breach", "whom a breach affects, and telling them / 泄露事件", _task(_breach))
    )
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
    population = add(
        "seed-population", "load a made-up population / 写入虚构人口", _task(_seed_population)
    )
    population.add_argument("--size", required=True, type=int, help="how many people")
    population.add_argument("--seed", type=int, default=1, help="the same seed, the same people")
    add("seed-venues", "file the Yangtze delta's venues / 写入长三角场馆", _task(_seed_venues))
    booking_commands.add_closing_options(
        add("close-slots", "close slots, tell who booked / 关闭时段并通知", _task(_close_slots))
    )
    add("check-bookings", "do places and bookings agree? / 核对名额", _task(_check_bookings))
    add("data-catalogue", "stored fields and their labels / 数据目录", _catalogue).add_argument(
        "--json", action="store_true", help="for programs / 供程序读取"
    )
    sharing_commands.add_evidence_options(
        add("compliance-evidence", "for a compliance audit / 合规审计证据", _task(_evidence))
    )
    add("library-sip2", "serve self-service machines of libraries / 自助借还", _task(_sip2))
    library_commands.add_terminal_options(
        add("sip2-terminal", "register or block a machine / 自助借还机", _task(_sip2_terminal))
    )
    schema = add("schema", "write schema.graphql / 写出接口模式", _schema)
    schema.add_argument("--check", action="store_true", help="only tell whether it is up to date")
    return parser


def _serve(_: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    set_up_logs()
    keys = load_keys(settings)
    with bind(settings.host, settings.port) as listener, _own_store(settings) as uri:

        async def run() -> None:
            # Batch programs find the server's store and nothing else.
            environ = {**os.environ, PREFIX + "MONGODB_URI": uri}
            async with open_house(settings, uri, keys, CLOCK, environ) as house:
                await serve(make_app(settings, house, keys, CLOCK), listener)

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run())


def _task(task: Task) -> Callable[[argparse.Namespace], None]:
    """Return a command that does `task` in the store of this installation, served or not."""

    def command(options: argparse.Namespace) -> None:
        settings = read_settings(os.environ)
        keys = load_keys(settings)
        with _any_store(settings) as uri:
            asyncio.run(_in_house(settings, uri, keys, task, options))

    return command


async def _in_house(
    settings: Settings, uri: str, keys: Keys, task: Task, options: argparse.Namespace
) -> None:
    async with open_house(settings, uri, keys, CLOCK, os.environ) as house:
        await task(house, options)


async def _seed_demo(house: House, _: argparse.Namespace) -> None:
    residents = await seed(house.services, CLOCK.now())
    seeded = {
        "residents": [asdict(resident) for resident in residents],
        "venues": [{"number": venue.number, "name": asdict(venue.name)} for venue in VENUES],
    }
    print(json.dumps(seeded, ensure_ascii=False))


async def _enrolment_code(house: House, options: argparse.Namespace) -> None:
    card_id = await house.services[Cards].live_card(options.resident)
    if card_id is None:
        raise CommandRefused(
            LocalizedText(
                "没有这位居民，或其没有有效的卡。请核对 --resident。",
                "There is no such resident, or none with a valid card. Check --resident.",
            )
        )
    print(await house.services[Enrolment].new_code(card_id))


async def _terminal_token(house: House, options: argparse.Namespace) -> None:
    token = await house.services[Terminals].invite(options.venue, options.name, CLOCK.now())
    if isinstance(token, Refusal):
        raise _refused(token)
    print(token)


async def _card_service(house: House, options: argparse.Namespace) -> None:
    done = await card_commands.card_service(house.services, options)
    if isinstance(done, Refusal):
        raise _refused(done)
    print(done.card_id, done.state.value)


async def _expire_cards(house: House, _: argparse.Namespace) -> None:
    print(await card_commands.expire_cards(house.services))


async def _issuance(house: House, options: argparse.Namespace) -> None:
    said = await card_commands.issuance(house.services, options)
    if isinstance(said, Refusal):
        raise _refused(said)
    print(said)


async def _policy(house: House, options: argparse.Namespace) -> None:
    table = None if options.set is None else card_commands.read_table(options.set)
    if isinstance(table, Refusal):
        raise _refused(table)
    shown = await card_commands.ecard_policy(house.services, table)
    if isinstance(shown, Refusal):
        raise _refused(shown)
    print(shown)


async def _audit(house: House, options: argparse.Namespace) -> None:
    if options.work == "chain":
        await house.services[AuditOutbox].drain()
        linked = await house.services[Sequencer].catch_up()
        print("another process does it / 另一进程正在入链" if linked is None else linked)
        return
    found = await verify_and_note(options.anchor, CLOCK.now())
    if isinstance(found, Broken):
        raise CommandRefused(found.text)
    print(f"{found.head.seq}:{found.head.hash}")
    if found.waiting:
        print(f"not linked yet / 待入链: {found.waiting}")


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
    _task(_turn_keys)(options)


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


async def _turn_keys(house: House, options: argparse.Namespace) -> None:
    data_keys = house.services[DataKeys]
    if options.work == "rotate":
        name, count = await data_keys.rewrap()
        print(f"{name}: {count}")
        return
    if options.work == "people":
        print(await rewrap_keys(Sealer(data_keys.keyring)))
        return
    try:
        number, used_from = await data_keys.make(options.after)
    except DataKeysExhausted as error:
        raise CommandRefused(
            LocalizedText("数据密钥已达255个上限。", "There are 255 data keys; no more fit.")
        ) from error
    print(f"{number}: {used_from.isoformat()}")


async def _seed_population(house: House, options: argparse.Namespace) -> None:
    loading = house.services[PopulationLoading]
    begun = await loading.begin(options.size, options.seed)
    if isinstance(begun, Refusal):
        raise _refused(begun)
    started = CLOCK.monotonic()
    progress = begun
    async for progress in loading.load(begun, options.seed):
        rate = (progress.loaded - begun.loaded) / max(CLOCK.monotonic() - started, 1e-9)
        line = f"\r{progress.loaded:,} / {progress.size:,}  {rate:,.0f}/s"
        print(line, end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(progress.loaded)


async def _seed_venues(house: House, _: argparse.Namespace) -> None:
    print(await booking_commands.seed_venues(house.services))


async def _close_slots(house: House, options: argparse.Namespace) -> None:
    closed = await booking_commands.close_slots(house.services, options)
    if isinstance(closed, Refusal):
        raise _refused(closed)
    print(closed)


async def _sip2(house: House, _: argparse.Namespace) -> None:
    await library_commands.serve_sip2(house.services, read_settings(os.environ), print)


async def _sip2_terminal(house: House, options: argparse.Namespace) -> None:
    said = await library_commands.sip2_terminal(house.services, options)
    if isinstance(said, Refusal):
        raise _refused(said)
    print(said)


async def _check_bookings(_: House, __: argparse.Namespace) -> None:
    wrong = await booking_commands.check_bookings()
    if wrong:
        listed = ", ".join(wrong)
        raise CommandRefused(
            LocalizedText(f"名额与预约不符：{listed}", f"Places and bookings differ: {listed}")
        )
    print("ok")


def _anchor(text: str) -> Anchor:
    place, _, hashed = text.partition(":")
    if not (place.isascii() and place.isdigit() and len(hashed) == 64):
        raise argparse.ArgumentTypeError("PLACE:HASH, as `audit verify` prints it")
    return Anchor(int(place), hashed)


async def _staff(house: House, options: argparse.Namespace) -> None:
    said = await account_commands.staff(house.services, options)
    if isinstance(said, Refusal):
        raise _refused(said)
    print(said)


async def _function(house: House, options: argparse.Namespace) -> None:
    said = await function_commands.function(house.services, options)
    if isinstance(said, Refusal):
        raise _refused(said)
    print(said)


async def _identity_item(house: House, options: argparse.Namespace) -> None:
    said = await assertion_commands.identity_item(house.services, options)
    if isinstance(said, Refusal):
        raise _refused(said)
    print(said)


async def _breach(house: House, options: argparse.Namespace) -> None:
    said = await data_use_commands.breach(house.services, options)
    if isinstance(said, Refusal):
        raise _refused(said)
    print(said)


async def _evidence(house: House, options: argparse.Namespace) -> None:
    print(await sharing_commands.evidence(house.services, options))


async def _two_gates(house: House, options: argparse.Namespace) -> None:
    for scan in await house.services[Booking].two_gates(max(options.limit, 1)):
        print(json.dumps(asdict(scan), default=str))


def _build_status_list(_: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    set_up_logs()
    keys = load_keys(settings)

    async def build(uri: str) -> int:
        async with open_house(settings, uri, keys, CLOCK, os.environ):
            built = await build_status_list(uri, settings.database, settings.region, keys, CLOCK)
            return built.epoch

    with _any_store(settings) as uri:
        print(asyncio.run(build(uri)))


def _venue_bundle(options: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    keys = load_keys(settings)

    async def make(uri: str) -> bytes | Refusal:
        async with open_house(settings, uri, keys, CLOCK, os.environ) as house:
            where = settings.region, options.terminal
            return await venue_bundle(house.services, keys, *where, CLOCK.now())

    with _any_store(settings) as uri:
        made = asyncio.run(make(uri))
    if isinstance(made, Refusal):
        raise _refused(made)
    options.out.write_bytes(made)


def _update_code(_: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    keys = load_keys(settings)

    async def make(uri: str) -> UpdateCode | Refusal:
        async with open_house(settings, uri, keys, CLOCK, os.environ):
            return await update_code(settings.region, keys, CLOCK.now())

    with _any_store(settings) as uri:
        made = asyncio.run(make(uri))
    if isinstance(made, Refusal):
        raise _refused(made)
    print(made.digits)
    if made.left_out:
        print(
            f"装不下{made.left_out}部停用的手机，它们等完整名单。\n"
            f"{made.left_out} unbound phones found no room and wait for a whole list.",
            file=sys.stderr,
        )


def _take_journal(options: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    keys, data = load_keys(settings), options.file.read_bytes()

    async def take(uri: str) -> carried_journals.TakenIn | Refusal:
        async with open_house(settings, uri, keys, CLOCK, os.environ) as house:
            return await carried_journals.take_in(house.services, keys, data, CLOCK.now())

    with _any_store(settings) as uri:
        taken = asyncio.run(take(uri))
    if isinstance(taken, Refusal):
        raise _refused(taken)
    options.receipt.write_bytes(taken.receipts)
    told = f"{taken.terminal_id}: {taken.recorded} recorded, {taken.duplicate} known before"
    print(f"{told}, {taken.rejected} rejected")


def _build_function_lists(_: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    set_up_logs()
    keys = load_keys(settings)

    async def build(uri: str) -> int:
        async with open_house(settings, uri, keys, CLOCK, os.environ) as house:
            place = Place(uri, settings.database, settings.region)
            return await house.services[FunctionLists].build(place, keys)

    with _any_store(settings) as uri:
        print(asyncio.run(build(uri)))


def _catalogue(options: argparse.Namespace) -> None:
    catalogue = data_catalogue(DOCUMENTS, PERSONAL_DATA, HOUSE_DATA)
    print(as_json(catalogue) if options.json else as_text(catalogue))


def _schema(options: argparse.Namespace) -> int:
    text = schema_text()
    if not options.check:
        SCHEMA_FILE.write_text(text, encoding="utf-8")
        return 0
    if SCHEMA_FILE.read_text(encoding="utf-8") == text:
        return 0
    print(
        "backend/schema.graphql 已过期，请运行 python -m backend schema。\n"
        "backend/schema.graphql is out of date; run: python -m backend schema",
        file=sys.stderr,
    )
    return 1


@contextmanager
def _own_store(settings: Settings) -> Iterator[str]:
    """Yield the given server's URI, or that of a mongod of our own."""
    if settings.mongodb_uri is not None:
        yield settings.mongodb_uri
    else:
        with embedded_mongod(settings) as mongod:
            yield mongod.uri


@contextmanager
def _any_store(settings: Settings) -> Iterator[str]:
    """Yield the store of this installation, that of a running server included."""
    running = None if settings.mongodb_uri else running_mongod(settings)
    if running is not None:
        yield running.uri
    else:
        with _own_store(settings) as uri:
            yield uri


def _refused(refused: Refusal) -> CommandRefused:
    zh, en = refused.text.zh + refused.next_step.zh, f"{refused.text.en} {refused.next_step.en}"
    return CommandRefused(LocalizedText(zh, en))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
