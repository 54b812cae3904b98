"""How the first staff are made, at the server's own command line."""

import argparse
import json
import sys
from dataclasses import asdict

from backend.accounts.staff import NewStaff, StaffAccounts
from backend.accounts.staff_rights import StaffRights
from backend.foundation.access import OPERATOR, Role
from backend.foundation.audit import Organisation
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText


def add_staff_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `staff`."""
    works = parser.add_subparsers(required=True, dest="work", metavar="work")
    add = works.add_parser(
        "add",
        help="make an account; the citizen number is read from the standard input, so that no "
        "list of processes shows it / 新建工作账号，证件号码从标准输入读取",
    )
    add.add_argument("--name", required=True, help="as on the ID document / 姓名")
    add.add_argument("--organisation", required=True, help="its code / 机构代码")
    add.add_argument("--organisation-zh", required=True, help="its name / 机构名称")
    add.add_argument("--organisation-en", help="its English name")
    add.add_argument("--role", action="append", default=[], type=Role, choices=list(Role))
    role = works.add_parser("role", help="give or take a role / 授予或免去岗位")
    role.add_argument("--role", required=True, type=Role, choices=list(Role))
    role.add_argument("--take", action="store_true", help="take it away / 免去")
    disable = works.add_parser("disable", help="let the person sign in no more / 停用")
    enable = works.add_parser("enable", help="let a disabled person sign in again / 恢复")
    unlock = works.add_parser("unlock", help="end a lock after wrong tries / 解除锁定")
    for work in (add, role, disable, enable, unlock):
        work.add_argument("--login", required=True, help="what they sign in with / 工作账号")


async def staff(services: Services, options: argparse.Namespace) -> str | Refusal:
    """Do what `staff` was given and return what to print."""
    rights, key = services[StaffRights], random_identifier("key")
    if options.work == "add":
        made = await services[StaffAccounts].add(OPERATOR, key, _new(options))
        return made if isinstance(made, Refusal) else json.dumps(asdict(made), ensure_ascii=False)
    by_name = {"disable": rights.disable, "enable": rights.enable, "unlock": rights.unlock}
    if options.work in by_name:
        return (
            await by_name[options.work](OPERATOR, key, options.login)
            or f"{options.work}: {options.login}"
        )
    change = rights.revoke if options.take else rights.grant
    return await change(OPERATOR, key, options.login, options.role) or options.role.value


def _new(options: argparse.Namespace) -> NewStaff:
    name = LocalizedText(options.organisation_zh, options.organisation_en or options.organisation)
    return NewStaff(
        login=options.login,
        number=sys.stdin.readline().strip(),
        name=options.name,
        organisation=Organisation(options.organisation, name),
        roles=frozenset(options.role),
    )
