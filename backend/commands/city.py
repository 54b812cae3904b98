"""Commands that fill the city, run its batches and change what it decided."""

import argparse
import json
import sys
from dataclasses import asdict

from backend.accounts import commands as account_commands
from backend.assertions import commands as assertion_commands
from backend.bookings import commands as booking_commands
from backend.cards import commands as card_commands
from backend.cards.enrolment import Enrolment
from backend.cards.service import Cards
from backend.commands.running import CLOCK, Add, CommandRefused, Premises, Said, in_store, of_area
from backend.demo_city import VENUES, seed
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.functions import commands as function_commands
from backend.guides import commands as guide_commands
from backend.library import commands as library_commands
from backend.residents.loading import PopulationLoading
from shared.localized_text import LocalizedText


def add_commands(add: Add) -> None:
    """Add the commands of this module."""
    add("seed-demo", "put the demonstration city in place / 写入演示数据", in_store(_seed_demo))
    code = add("enrolment-code", "make an activation code / 生成激活码", in_store(_enrolment_code))
    code.add_argument("--resident", required=True, help="the resident's id")
    population = add(
        "seed-population", "load a made-up population / 写入虚构人口", in_store(_seed_population)
    )
    population.add_argument("--size", required=True, type=int, help="how many people")
    population.add_argument("--seed", type=int, default=1, help="the same seed, the same people")
    add("seed-venues", "file the Yangtze delta's venues / 写入长三角场馆", of_area(_seed_venues))
    _add_cards(add)
    _add_bookings(add)
    account_commands.add_staff_options(
        add("staff", "the accounts of staff / 工作人员账号", of_area(account_commands.staff))
    )
    function_commands.add_function_options(
        add(
            "function",
            "card functions and card types / 卡功能与卡种",
            of_area(function_commands.function),
        )
    )
    guide_commands.add_guide_options(
        add("guides", "guides of published items / 服务指南", of_area(guide_commands.guides))
    )
    assertion_commands.add_item_options(
        add(
            "identity-item",
            "items for identity assertions / 身份核验事项",
            of_area(assertion_commands.identity_item),
        )
    )


def _add_cards(add: Add) -> None:
    card_commands.add_card_service(
        add("card-service", "do a card service / 办理卡业务", of_area(card_commands.card_service))
    )
    add("expire-cards", "batch: expire cards whose date is over / 到期处理", of_area(_expire_cards))
    card_commands.add_issuance_options(
        add("issuance", "the issuance rate / 签发率", of_area(card_commands.issuance))
    )
    card_commands.add_policy_options(
        add(
            "ecard-policy",
            "show or set the e-card policy / 电子卡权限表",
            of_area(card_commands.ecard_policy),
        )
    )


def _add_bookings(add: Add) -> None:
    booking_commands.add_closing_options(
        add(
            "close-slots",
            "close slots, tell who booked / 关闭时段并通知",
            of_area(booking_commands.close_slots),
        )
    )
    add("check-bookings", "do places and bookings agree? / 核对名额", in_store(_check_bookings))
    add("library-sip2", "serve self-service machines of libraries / 自助借还", in_store(_sip2))
    library_commands.add_terminal_options(
        add(
            "sip2-terminal",
            "register or block a machine / 自助借还机",
            of_area(library_commands.sip2_terminal),
        )
    )


async def _seed_demo(here: Premises, _: argparse.Namespace) -> str:
    residents = await seed(here.services, CLOCK.now())
    seeded = {
        "residents": [asdict(resident) for resident in residents],
        "venues": [{"number": venue.number, "name": asdict(venue.name)} for venue in VENUES],
    }
    return json.dumps(seeded, ensure_ascii=False)


async def _enrolment_code(here: Premises, options: argparse.Namespace) -> str:
    card_id = await here.services[Cards].live_card(options.resident)
    if card_id is None:
        raise CommandRefused(
            LocalizedText(
                "没有这位居民，或其没有有效的卡。请核对 --resident。",
                "There is no such resident, or none with a valid card. Check --resident.",
            )
        )
    return await here.services[Enrolment].new_code(card_id)


async def _seed_population(here: Premises, options: argparse.Namespace) -> Said:
    loading = here.services[PopulationLoading]
    begun = await loading.begin(options.size, options.seed)
    if isinstance(begun, Refusal):
        return begun
    started = CLOCK.monotonic()
    progress = begun
    async for progress in loading.load(begun, options.seed):
        rate = (progress.loaded - begun.loaded) / max(CLOCK.monotonic() - started, 1e-9)
        line = f"\r{progress.loaded:,} / {progress.size:,}  {rate:,.0f}/s"
        print(line, end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return progress.loaded


async def _seed_venues(services: Services, _: argparse.Namespace) -> int:
    return await booking_commands.seed_venues(services)


async def _expire_cards(services: Services, _: argparse.Namespace) -> int:
    return await card_commands.expire_cards(services)


async def _sip2(here: Premises, _: argparse.Namespace) -> None:
    await library_commands.serve_sip2(here.services, here.settings, print)


async def _check_bookings(_: Premises, __: argparse.Namespace) -> str:
    wrong = await booking_commands.check_bookings()
    if wrong:
        listed = ", ".join(wrong)
        raise CommandRefused(
            LocalizedText(f"名额与预约不符：{listed}", f"Places and bookings differ: {listed}")
        )
    return "ok"
