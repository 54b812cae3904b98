"""Commands for the venues' readers: their tokens, lists, and what is carried to and from them."""

import argparse
import io
import json
import sys
from dataclasses import asdict
from pathlib import Path

import segno

from backend.cards.status_list import build_status_list
from backend.cards.update_codes import update_code
from backend.commands.running import CLOCK, Add, CommandRefused, Premises, Said, in_store
from backend.foundation.access import OPERATOR
from backend.foundation.logs import set_up_logs
from backend.foundation.refusals import Refusal
from backend.functions.lists import FunctionLists, Place
from backend.readers.booking import Booking
from backend.readers.by_hand import venue_bundle
from backend.readers.carried_journals import CarriedJournals
from backend.readers.lane_codes import LaneCodes, WantedLaneCode
from backend.readers.service import Terminals
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText
from shared.wire.scans import Direction


def add_commands(add: Add) -> None:
    """Add the commands of this module."""
    token = add("terminal-token", "make a one-time token / 生成终端口令", in_store(_terminal_token))
    token.add_argument("--venue", required=True, type=int, help="the venue's number")
    token.add_argument("--name", required=True, help="the terminal's name")
    add("build-status-list", "batch: build the status list / 生成状态名单", in_store(_status_list))
    add(
        "build-function-lists",
        "batch: card functions for readers / 功能名单",
        in_store(_function_lists),
    )
    add("update-code", "the digits of an update code / 更新码", in_store(_update_code))
    turning = add("lane-code", "a code that turns a lane / 通道配置码", in_store(_lane_code))
    turning.add_argument("--venue", required=True, type=int, help="the venue's number")
    turning.add_argument("--direction", required=True, type=Direction, choices=list(Direction))
    turning.add_argument("--lane", type=int, help="for this lane alone")
    turning.add_argument("--hours", type=int, default=12, help="how long it holds, 1 to 24")
    turning.add_argument("--picture", type=Path, help="an SVG file to print")
    ending = add("revoke-lane-codes", "end a venue's lane codes / 作废配置码", in_store(_revoke))
    ending.add_argument("--venue", required=True, type=int, help="the venue's number")
    ending.add_argument("--reason", required=True, help="why, for the log")
    bundle = add(
        "venue-bundle",
        "batch: all a reader without a network needs, as a file / 离线更新文件",
        in_store(_venue_bundle),
    )
    bundle.add_argument("--terminal", required=True, help="the terminal's id")
    bundle.add_argument("--out", required=True, type=Path, help="the file to write")
    taking = add(
        "take-journal",
        "book what a reader without a network wrote / 导入终端带回的记录",
        in_store(_take_journal),
    )
    taking.add_argument("--file", required=True, type=_content, help="what the reader wrote")
    taking.add_argument("--receipt", required=True, type=Path, help="the file to carry back")
    gates = add("two-gates", "codes two lanes admitted / 两处放行的码", in_store(_two_gates))
    gates.add_argument("--limit", type=int, default=50, help="newest first, at most so many")


async def _terminal_token(here: Premises, options: argparse.Namespace) -> Said:
    return await here.services[Terminals].invite(options.venue, options.name, CLOCK.now())


async def _status_list(here: Premises, _: argparse.Namespace) -> int:
    set_up_logs()
    settings = here.settings
    built = await build_status_list(here.uri, settings.database, settings.region, here.keys, CLOCK)
    return built.epoch


async def _function_lists(here: Premises, _: argparse.Namespace) -> int:
    set_up_logs()
    place = Place(here.uri, here.settings.database, here.settings.region)
    return await here.services[FunctionLists].build(place, here.keys)


async def _update_code(here: Premises, _: argparse.Namespace) -> Said:
    made = await update_code(here.settings.region, here.keys, CLOCK.now())
    if isinstance(made, Refusal):
        return made
    if made.left_out:
        print(
            f"装不下{made.left_out}部停用的手机，它们等完整名单。\n"
            f"{made.left_out} unbound phones found no room and wait for a whole list.",
            file=sys.stderr,
        )
    return made.digits


async def _lane_code(here: Premises, options: argparse.Namespace) -> Said:
    wanted = WantedLaneCode(options.venue, options.lane, options.direction, options.hours)
    made = await here.services[LaneCodes].make(OPERATOR, random_identifier("cmd"), wanted)
    if isinstance(made, Refusal):
        return made
    if options.picture is not None:
        drawn = io.BytesIO()
        code = segno.make(made.digits, mode="numeric", error="m", micro=False)
        code.save(drawn, kind="svg", scale=4, border=4)
        _write(options.picture, drawn.getvalue())
    return made.digits


async def _revoke(here: Premises, options: argparse.Namespace) -> Refusal | None:
    key, codes = random_identifier("cmd"), here.services[LaneCodes]
    done = await codes.revoke(OPERATOR, key, options.venue, options.reason)
    return done if isinstance(done, Refusal) else None


async def _venue_bundle(here: Premises, options: argparse.Namespace) -> Refusal | None:
    where = here.settings.region, options.terminal
    made = await venue_bundle(here.services, here.keys, *where, CLOCK.now())
    if isinstance(made, Refusal):
        return made
    _write(options.out, made)
    return None


async def _take_journal(here: Premises, options: argparse.Namespace) -> Said:
    data: bytes = options.file
    taken = await here.services[CarriedJournals].take_in(data)
    if isinstance(taken, Refusal):
        return taken
    _write(options.receipt, taken.receipts)
    told = f"{taken.terminal_id}: {taken.recorded} recorded, {taken.duplicate} known before"
    return f"{told}, {taken.rejected} rejected"


async def _two_gates(here: Premises, options: argparse.Namespace) -> None:
    for scan in await here.services[Booking].two_gates(max(options.limit, 1)):
        print(json.dumps(asdict(scan), default=str))


def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{name}: {error.strerror}") from None


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise CommandRefused(
            LocalizedText(
                f"写不进 {file}（{error.strerror}）。请换一个位置再执行，结果相同。",
                f"{file} cannot be written ({error.strerror}). Name another place and run it "
                "again: the result is the same.",
            )
        ) from error
