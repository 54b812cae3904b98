"""The backend's commands: `python -m backend serve | seed-demo | …`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

import uvloop

from backend.app import make_app, open_house
from backend.commands import backup, city, custody, readers
from backend.commands.running import CLOCK, Command, CommandRefused, own_store
from backend.foundation.keys import load_keys
from backend.foundation.logs import set_up_logs
from backend.foundation.mongo import StoreUnusable
from backend.foundation.serving import bind, serve
from backend.schema import SCHEMA_FILE, schema_text
from backend.settings import PREFIX, StartRefused, read_settings


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

    def add(name: str, words: str, run: Command) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=words)
        command.set_defaults(run=run)
        return command

    add("serve", "serve apps and readers / 启动服务", _serve)
    city.add_commands(add)
    readers.add_commands(add)
    custody.add_commands(add)
    backup.add_commands(add)
    schema = add("schema", "write schema.graphql / 写出接口模式", _schema)
    schema.add_argument("--check", action="store_true", help="only tell whether it is up to date")
    return parser


def _serve(_: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    set_up_logs()
    keys = load_keys(settings)
    with bind(settings.host, settings.port) as listener, own_store(settings) as uri:

        async def run() -> None:
            # Batch programs find the server's store and nothing else.
            environ = {**os.environ, PREFIX + "MONGODB_URI": uri}
            async with open_house(settings, uri, keys, CLOCK, environ) as house:
                await serve(make_app(settings, house, keys, CLOCK), listener)

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run())


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
