"""What an operator does with items for identity assertions at the command line."""

import argparse

from backend.assertions.items import IdentityItems
from backend.assertions.rules import AssertedField, IdentityItem
from backend.foundation.access import OPERATOR
from backend.foundation.audit import Organisation
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText


def add_item_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `identity-item`."""
    works = parser.add_subparsers(required=True, dest="work", metavar="work")
    put = works.add_parser("put", help="register or change an item / 登记或变更事项")
    put.add_argument("code")
    put.add_argument("--name", required=True, help="in Chinese / 名称")
    put.add_argument("--name-en", required=True, help="in English")
    put.add_argument("--department", required=True, help="its code / 部门代码")
    put.add_argument("--department-zh", required=True, help="its name / 部门")
    put.add_argument("--department-en", required=True, help="its English name")
    put.add_argument(
        "--field",
        action="append",
        default=[],
        type=AssertedField,
        help="what it needs to know, once for each / 所需字段: " + ", ".join(AssertedField),
    )
    put.add_argument("--closed", action="store_true", help="no longer in use / 停办")
    works.add_parser("list", help="all items / 全部事项")


async def identity_item(services: Services, options: argparse.Namespace) -> str | Refusal:
    """Do what `identity-item` was given and return what to print."""
    items = services[IdentityItems]
    if options.work == "list":
        return "\n".join(map(_line, await items.all()))
    department = LocalizedText(options.department_zh, options.department_en)
    item = IdentityItem(
        code=options.code,
        department=Organisation(options.department, department),
        name=LocalizedText(options.name, options.name_en),
        fields=tuple(options.field),
        open=not options.closed,
    )
    put = await items.put(OPERATOR, random_identifier("cli"), item)
    return put if isinstance(put, Refusal) else put.code


def _line(item: IdentityItem) -> str:
    fields = ",".join(item.fields) or "-"
    return f"{item.code}\t{item.name.zh}\t{fields}\t{'open' if item.open else 'closed'}"
