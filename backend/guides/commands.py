"""What an operator does with guides at the command line; `check` is the alarm of S102."""

import argparse
from pathlib import Path

from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal, refusal
from backend.guides.demo_outlets import OUTLETS
from backend.guides.guide_files import DEMO_FILE, read_guides
from backend.guides.rules import GUIDE_FORM, MOST_AT_ONCE, Gap, GapKind, Guide
from backend.guides.service import Guides, GuideWish
from backend.venues.catalogue import Catalogue
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText

_BUREAU = Organisation(
    "360700-rsj",
    LocalizedText("市人力资源和社会保障局", "Human Resources and Social Security Bureau"),
)
_SEEDER = Caller(roles=frozenset({Role.DEPARTMENT_OFFICER}), organisation=_BUREAU)


def add_guide_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `guides`."""
    works = parser.add_subparsers(required=True, dest="work", metavar="work")
    works.add_parser(
        "check",
        help="fails while a published item has no guide of 90 days at most / 检查指南",
    )
    publish = works.add_parser("publish", help="publish the guides of a file / 发布指南文件")
    publish.add_argument("file", type=Path, help="TOML")
    review = works.add_parser("review", help="hold guides true as they stand / 复核指南")
    review.add_argument("item", nargs="+", help="the published item's code / 事项代码")


async def guides(services: Services, options: argparse.Namespace) -> str | Refusal:
    """Do what `guides` was given and return what to print."""
    if options.work == "check":
        return await _check(services)
    if options.work == "publish":
        found = read_guides(options.file)
        return found if isinstance(found, Refusal) else await _publish(services, found)
    for item in options.item:
        known = await services[Guides].of(item)
        if isinstance(known, Refusal):
            return known
        key = random_identifier("cli")
        done = await services[Guides].review(OPERATOR, key, item, known.version)
        if isinstance(done, Refusal):
            return done
    return f"{len(options.item)} reviewed / 已复核"


async def seed_guides(services: Services) -> Refusal | None:
    """Publish the demonstration city's guides of items that have none."""
    await services[Catalogue].file(OUTLETS)
    found = read_guides(DEMO_FILE)
    if isinstance(found, Refusal):
        return found
    have = {one.item for one in await services[Guides].titles()}
    wanted = {*await services[Guides].items()} - have
    wishes = [GuideWish(guide) for guide in found if guide.item in wanted]
    if not wishes:
        return None
    done = await services[Guides].publish(_SEEDER, random_identifier("seed"), wishes)
    return done if isinstance(done, Refusal) else None


async def _check(services: Services) -> str | Refusal:
    found = await services[Guides].gaps(OPERATOR)
    if isinstance(found, Refusal):
        return found
    if not found:
        return f"{len(await services[Guides].items())} published items have guides / 事项均有指南"
    zh, en = "；".join(_line(one).zh for one in found), "; ".join(_line(one).en for one in found)
    return refusal(
        "guides_outdated",
        (f"{len(found)}个已发布事项没有90天以内的指南：{zh}。", f"No fresh guide of {en}."),
        ("请补写或复核这些指南。", "Write or review them."),
    )


def _line(gap: Gap) -> LocalizedText:
    if gap.kind is GapKind.MISSING or gap.reviewed_at is None:
        return LocalizedText(f"{gap.item}（没有指南）", f"{gap.item} (none)")
    day = f"{gap.reviewed_at:%Y-%m-%d}"
    return LocalizedText(f"{gap.item}（{day}复核）", f"{gap.item} (reviewed {day})")


async def _publish(services: Services, found: list[Guide]) -> str | Refusal:
    if len(found) > MOST_AT_ONCE:
        return GUIDE_FORM
    wishes = []
    for guide in found:
        known = await services[Guides].of(guide.item)
        wishes.append(GuideWish(guide, 0 if isinstance(known, Refusal) else known.version))
    done = await services[Guides].publish(OPERATOR, random_identifier("cli"), wishes)
    if isinstance(done, Refusal):
        return done
    return "\n".join(f"{item} {version}" for item, version in done.items())
