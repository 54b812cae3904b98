"""What an operator does with card functions and card types at the command line."""

import argparse
import json
from datetime import UTC, date, datetime
from typing import Any

from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.functions.legacy_cards import LegacyCards
from backend.functions.registry import FunctionRegistry
from backend.functions.rules import CardFunction, CardType, FunctionStatus, MergeStatus
from backend.functions.service import CardFunctions, OwnFunction
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText
from shared.trust.function_list import FunctionGrant

_COUNTER = Caller(staff_id="operator", roles=frozenset({Role.OUTLET_CLERK}))
_REVIEWER = Caller(staff_id="operator", roles=frozenset({Role.AUDITOR}))
_GRANTS = {"on-request": FunctionGrant.ON_REQUEST, "by-default": FunctionGrant.BY_DEFAULT}


def add_function_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `function`."""
    works = parser.add_subparsers(required=True, dest="work", metavar="work")
    put = works.add_parser("put", help="register or change a function / 登记或变更卡功能")
    put.add_argument("--status", type=FunctionStatus, default=FunctionStatus.OPEN)
    put.add_argument("--grant", choices=list(_GRANTS), default="on-request")
    put.add_argument("--since", type=_instant, required=True, help="ISO 8601, e.g. 2026-01-01")
    put.add_argument("--until", type=_instant, help="the first instant after the programme")
    put.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", type=_param)
    kind = works.add_parser("card-type", help="register a card type / 登记卡种")
    kind.add_argument("--merge-status", type=MergeStatus, default=MergeStatus.SEPARATE)
    kind.add_argument("--function", action="append", default=[], help="what it is for / 功能")
    kind.add_argument("--sunset", type=date.fromisoformat, help="the last day it is taken")
    for work in (put, kind):
        work.add_argument("code")
        work.add_argument("--name", required=True, help="in Chinese / 名称")
        work.add_argument("--name-en", required=True, help="in English")
        work.add_argument("--owner", required=True, help="the department's code / 主办部门代码")
        work.add_argument("--owner-zh", required=True, help="its name / 主办部门")
        work.add_argument("--owner-en", required=True, help="its English name")
    for name, words in (("enable", "load it for / 开通"), ("disable", "take it off / 关闭")):
        choose = works.add_parser(name, help=words)
        choose.add_argument("code")
        choose.add_argument("--resident", required=True, help="the resident's id")
    works.add_parser("list", help="all functions / 全部卡功能")
    works.add_parser("violations", help="card types that were refused / 违规发卡事项")


async def function(services: Services, options: argparse.Namespace) -> str | Refusal:
    """Do what `function` was given and return what to print."""
    key = random_identifier("cli")
    if options.work == "put":
        put = await services[FunctionRegistry].put(OPERATOR, key, _function(options))
        return put if isinstance(put, Refusal) else put.code
    if options.work == "card-type":
        kind = await services[LegacyCards].register(OPERATOR, key, _card_type(options))
        return kind if isinstance(kind, Refusal) else kind.code
    if options.work == "list":
        return "\n".join(_line(one) for one in await services[FunctionRegistry].all())
    if options.work == "violations":
        cases = await services[LegacyCards].violations(_REVIEWER)
        return (
            cases
            if isinstance(cases, Refusal)
            else "\n".join(
                json.dumps(case.model_dump(), default=str, ensure_ascii=False) for case in cases
            )
        )
    functions = services[CardFunctions]
    choose = functions.enable if options.work == "enable" else functions.disable
    done = await choose(_COUNTER, key, options.resident, options.code)
    return done if isinstance(done, Refusal) else _chosen(done)


def _function(options: argparse.Namespace) -> CardFunction:
    return CardFunction(
        code=options.code,
        owner=_owner(options),
        name=LocalizedText(options.name, options.name_en),
        status=options.status,
        grant=_GRANTS[options.grant],
        since=options.since,
        until=options.until,
        params=dict(options.param),
    )


def _card_type(options: argparse.Namespace) -> CardType:
    return CardType(
        code=options.code,
        owner=_owner(options),
        name=LocalizedText(options.name, options.name_en),
        functions=frozenset(options.function),
        merge_status=options.merge_status,
        sunset=options.sunset,
    )


def _owner(options: argparse.Namespace) -> Organisation:
    return Organisation(options.owner, LocalizedText(options.owner_zh, options.owner_en))


def _line(one: CardFunction) -> str:
    values: dict[str, Any] = {
        "code": one.code,
        "name": one.name.zh,
        "owner": one.owner.name.zh,
        "status": one.status.value,
        "grant": one.grant.name.lower(),
        "since": one.since.isoformat(),
        "until": one.until.isoformat() if one.until else None,
        "params": dict(one.params),
    }
    return json.dumps(values, ensure_ascii=False)


def _chosen(done: OwnFunction) -> str:
    return f"{done.function.code} {'enabled' if done.enabled else 'disabled'}"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _param(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark:
        raise argparse.ArgumentTypeError("NAME=VALUE")
    return name, value
