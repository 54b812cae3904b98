"""What an operator does with cards at the command line, in the place of an outlet."""

import argparse
import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from backend.cards import refusals as no
from backend.cards.card_service_frame import CardChange, Wish
from backend.cards.card_services import CardServices
from backend.cards.card_writes import SYSTEM, PhysicalCard
from backend.cards.documents import FigureKind
from backend.cards.issuance import Figure, Issuance
from backend.cards.lifecycle import SERVICES, Actor, CardEvent, ReplacementReason
from backend.cards.policies import EcardPolicies
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from shared.identifiers import random_identifier
from shared.trust.status_list import card_digest

COUNTER = Caller(staff_id="operator", roles=frozenset({Role.OUTLET_CLERK}))
"""The operator in the place of an outlet's clerk."""
_BATCH = 500
_NO_COMMAND = {
    CardEvent.SUPERSEDE,
    CardEvent.HOLDER_DIED,
    CardEvent.DEATH_WITHDRAWN,
    CardEvent.CHANGE_PIN,
    CardEvent.RESET_PIN,
}
"""What follows from another event, and what needs a PIN, which no command line may see."""


def add_card_service(parser: argparse.ArgumentParser) -> None:
    """Add the options of `card-service`."""
    events = [event.value for event in CardEvent if event not in _NO_COMMAND]
    parser.add_argument("event", choices=events, type=str.upper)
    parser.add_argument("--card", help="the card's id")
    parser.add_argument("--resident", help="for APPLY: the resident's id")
    parser.add_argument("--card-in-hand", action="store_true", help="the card lies here / 持卡办理")
    parser.add_argument("--key", help="an idempotency key, to repeat a command safely")
    parser.add_argument(
        "--reason", choices=list(ReplacementReason), type=ReplacementReason, help="for REPLACE"
    )
    parser.add_argument("--keep-number", action="store_true", help="for REPLACE / 保号换卡")
    parser.add_argument("--number", default="", help="for PRODUCED: the printed number")
    parser.add_argument(
        "--identification-code", type=bytes.fromhex, help="for PRODUCED: 卡识别码 in hex"
    )


async def card_service(services: Services, options: argparse.Namespace) -> str | Refusal:
    """Do what `card-service` was given and return what to print."""
    done = await _served(services[CardServices], options)
    return done if isinstance(done, Refusal) else f"{done.card_id} {done.state.value}"


async def _served(cards: CardServices, options: argparse.Namespace) -> CardChange | Refusal:
    event = CardEvent(options.event)
    by_system = Actor.OUTLET_CLERK not in SERVICES[event].by
    caller = SYSTEM if by_system else COUNTER
    wish = Wish(caller, options.key or random_identifier("cli"), options.card_in_hand)
    if event is CardEvent.APPLY:
        return await cards.apply(wish, options.resident or "")
    card_id = options.card or ""
    if event is CardEvent.REPLACE:
        if options.reason is None:
            return no.REASON_MISSING
        return await cards.replace(wish, card_id, options.reason, keep_number=options.keep_number)
    if event is CardEvent.PRODUCED:
        code = options.identification_code
        physical = PhysicalCard(options.number, card_digest(code) if code else None, 3)
        return await cards.produced(wish, card_id, physical)
    if event is CardEvent.ENABLE:
        return await cards.enable(wish, card_id)
    return await cards.serve(wish, card_id, event)


async def expire_cards(services: Services) -> int:
    """Expire every card whose date is over and return how many were."""
    total = 0
    while expired := await services[CardServices].expire(_BATCH):
        total += expired
    return total


def add_issuance_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `issuance`."""
    works = parser.add_subparsers(required=True, dest="work", metavar="work")
    works.add_parser("count", help="count today's cards, if nobody did / 统计当日")
    figure = works.add_parser("figure", help="record people or a target / 登记人口数或目标")
    figure.add_argument("kind", type=FigureKind, choices=list(FigureKind))
    figure.add_argument("value", type=int, help="people, or per mille of them / 人数或千分数")
    figure.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
    figure.add_argument("--source", required=True, help="where it is from / 来源")
    show = works.add_parser("show", help="the rates of some days / 签发率")
    show.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
    show.add_argument("--to", dest="last", type=date.fromisoformat, required=True)
    for work in (figure, show):
        work.add_argument("--region", type=int, required=True, help="six digits / 地区代码")


async def issuance(services: Services, options: argparse.Namespace) -> str | Refusal:
    """Do what `issuance` was given and return what to print."""
    rates = services[Issuance]
    if options.work == "count":
        return str(await rates.count())
    if options.work == "figure":
        kind, first, source = options.kind, options.first, options.source
        figure = Figure(options.region, kind, first, options.value, source)
        return await rates.record(OPERATOR, random_identifier("cli"), figure)
    found = await rates.rates(options.region, options.first, options.last)
    if isinstance(found, Refusal):
        return found
    return "\n".join(json.dumps(asdict(one), default=str) for one in found)


def add_policy_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `ecard-policy`."""
    parser.add_argument("--set", type=Path, help="a file with the table, as it is shown")


async def ecard_policy(services: Services, options: argparse.Namespace) -> str | Refusal:
    """Return the e-card policy as JSON, after setting it to a file's table where one is given."""
    table = None if options.set is None else _table(options.set)
    if isinstance(table, Refusal):
        return table
    policies = services[EcardPolicies]
    policy = await policies.present()
    if table is not None:
        changed = await policies.change(OPERATOR, random_identifier("cli"), table)
        if isinstance(changed, Refusal):
            return changed
        policy = changed
    return json.dumps(policy.to_table(), indent=2)


def _table(file: Path) -> dict[str, Any] | Refusal:
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return no.POLICY_FORM
    return table if isinstance(table, dict) else no.POLICY_FORM
