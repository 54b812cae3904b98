"""What an operator does about a breach of personal data at the command line."""

import argparse
import json
from dataclasses import asdict
from datetime import datetime

from backend.datause.breaches import Breaches, Leak
from backend.foundation.access import OPERATOR
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from shared.clock import LOCAL_ZONE
from shared.identifiers import random_identifier


def add_breach_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `breach`."""
    works = parser.add_subparsers(required=True, dest="work", metavar="work")
    found = works.add_parser("affected", help="whose data was read / 受影响人员")
    declare = works.add_parser("declare", help="note it and tell them / 登记并告知")
    declare.add_argument("--reason", required=True, help="what happened / 事由")
    declare.add_argument("--key", help="an idempotency key, to go on after a crash")
    for work in (found, declare):
        work.add_argument("--actor", action="append", default=[], help="an account's id / 账号")
        work.add_argument("--organisation", action="append", default=[], help="a code / 机构代码")
        work.add_argument("--from", dest="since", required=True, type=_local)
        work.add_argument("--to", dest="until", required=True, type=_local, help="not included")


async def breach(services: Services, options: argparse.Namespace) -> str | Refusal:
    """Do what `breach` was given and return what to print."""
    breaches = services[Breaches]
    leak = Leak(options.actor, options.organisation, options.since, options.until)
    if options.work == "affected":
        found = await breaches.affected(OPERATOR, leak)
        if isinstance(found, Refusal):
            return found
        return "\n".join(json.dumps(asdict(one), default=str) for one in found)
    key = options.key or random_identifier("cli")
    declared = await breaches.declare(OPERATOR, key, leak, options.reason)
    return declared if isinstance(declared, Refusal) else json.dumps(asdict(declared))


def _local(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a local time such as 2026-11-22T09:00") from None
    return at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)
