"""Deaths and new names reach the cards: once each, whoever dies in between."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from backend.app import House
from backend.cards import holder_following
from backend.cards.card_service_frame import Wish
from backend.cards.card_services import CardServices
from backend.cards.card_writes import PhysicalCard
from backend.cards.commands import COUNTER
from backend.cards.holder_following import HolderFollower
from backend.cards.lifecycle import CardEvent, ReplacementReason
from backend.foundation.access import Caller
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.refusals import Refusal
from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind
from backend.residents.sandbox import SandboxRegister
from backend.settings import Settings
from shared.clock import ManualClock
from shared.ecode.verify import CardStatus
from tests.backend.actors import DIGEST, City, Holder, id_number, new_key
from tests.backend.cards.gate import Gate, certificate_in
from tests.backend.cards.test_card_services import at_outlet, by_house, code_of, done

DEATH, WITHDRAWN = ChangeKind.DEATH, ChangeKind.DEATH_WITHDRAWN


async def _reported(
    house: House, *kinds: ChangeKind, sequence: str = "901", name: str = ""
) -> None:
    """Report changes of one resident and bring them to the record."""
    register, follower = house.services[SandboxRegister], house.services[RegisterFollower]
    for kind in kinds:
        register.report(new_key(), kind, id_number(sequence=sequence), name)
        await follower.follow()


async def _followed(house: House) -> int:
    total, follower = 0, house.services[HolderFollower]
    while acted := await follower.follow():
        total += acted
    return total


async def _card(house: House, holder: Holder | str) -> dict[str, Any]:
    card_id = holder if isinstance(holder, str) else holder.card_id
    card = await house.store.database["cards"].find_one({"_id": card_id})
    assert card is not None
    return card


async def _events(house: House, holder: Holder) -> list[tuple[str, str]]:
    found = house.store.database["card_events"].find({"card_id": holder.card_id})
    return [(row["event"], row["after"]) async for row in found.sort("revision", 1)]


async def test_a_death_stops_the_card_and_every_phone_with_the_next_list(
    city: City, house: House, gate: Gate, clock: ManualClock
) -> None:
    holder = await city.holder()
    phone = city.stranger()
    certificate = certificate_in(await phone.enrol(await city.code(holder)))
    clock.advance(60)
    await gate.refresh()
    assert gate.answer(phone, certificate) == "admit"

    await _reported(house, DEATH)
    assert await _followed(house) == 1
    clock.advance(60)
    await gate.refresh()

    card = await _card(house, holder)
    assert (card["state"], card["devices"][0]["state"]) == ("SUSPENDED", "UNBOUND")
    assert gate.answer(phone, certificate) in {"card_suspended", "device_unbound"}
    assert gate.card(DIGEST) is CardStatus.SUSPENDED
    assert (await phone.renew())["code"] in {"device_unbound", "card_suspended"}
    assert await _events(house, holder) == [("HOLDER_DIED", "SUSPENDED")]
    row = await house.store.database["audit_rows"].find_one({"action": "cards.holder_died"})
    assert row is not None
    assert (row["subject"], row["actor"]["id"]) == (holder.resident_id, "cards")


async def test_nobody_uses_a_dead_holders_card_or_gets_another(
    city: City, house: House, services: CardServices
) -> None:
    holder = await city.holder()
    await _reported(house, DEATH)
    # The record says so before the cards follow: from that moment on nothing is served.
    assert (
        code_of(
            await services.replace(
                at_outlet(), holder.card_id, ReplacementReason.DAMAGED, keep_number=True
            )
        )
        == "holder_died"
    )
    await _followed(house)

    for event in (CardEvent.LIFT_SUSPENSION, CardEvent.SUSPEND, CardEvent.CHANGE_DETAILS):
        refused = await city.serve(holder, event)
        assert isinstance(refused, Refusal)
        assert refused.code == "holder_died"
    own = Wish(Caller(resident_id=holder.resident_id), new_key())
    assert (
        code_of(await services.serve(own, holder.card_id, CardEvent.LIFT_SUSPENSION))
        == "holder_died"
    )
    await city.served(holder, CardEvent.CANCEL)
    assert code_of(await services.apply(Wish(COUNTER, new_key()), holder.resident_id)) == (
        "holder_died"
    )


async def test_a_card_on_its_way_is_not_enabled_for_the_dead(
    city: City, house: House, services: CardServices
) -> None:
    resident_id = await city.resident()
    card_id = done(await services.apply(Wish(COUNTER, new_key()), resident_id))
    done(await services.produced(by_house(), card_id, PhysicalCard("D15609999", None, 3)))
    await _reported(house, DEATH)
    await _followed(house)

    assert code_of(await services.enable(at_outlet(), card_id)) == "holder_died"
    await _reported(house, WITHDRAWN)
    await _followed(house)
    done(await services.enable(at_outlet(), card_id))
    assert (await _card(house, card_id))["state"] == "ACTIVE"


async def test_a_death_withdrawn_restores_what_it_stopped_and_phones_prove_their_holder(
    city: City, house: House
) -> None:
    holder = await city.holder()
    phone = await city.phone(holder)
    await _reported(house, DEATH, WITHDRAWN)
    assert await _followed(house) == 2

    card = await _card(house, holder)
    assert (card["state"], card["stopped_by_death"]) == ("ACTIVE", False)
    assert (await phone.renew())["code"] == "device_unbound"
    await city.phone(holder)
    assert await _events(house, holder) == [
        ("HOLDER_DIED", "SUSPENDED"),
        ("DEATH_WITHDRAWN", "ACTIVE"),
    ]


async def test_what_the_holder_had_suspended_stays_suspended(city: City, house: House) -> None:
    holder = await city.holder()
    await city.served(holder, CardEvent.SUSPEND)
    await _reported(house, DEATH, WITHDRAWN)
    await _followed(house)

    assert (await _card(house, holder))["state"] == "SUSPENDED"
    await city.served(holder, CardEvent.LIFT_SUSPENSION)


async def test_a_new_name_is_told_and_moves_change_nothing(city: City, house: House) -> None:
    holder = await city.holder()
    before = await _card(house, holder)
    await _reported(house, ChangeKind.NAME, name="钟大海")
    await _reported(house, ChangeKind.MOVED_AWAY, ChangeKind.RETURNED)

    assert await _followed(house) == 3

    # Either move ends what was judged for certificates, and that is all.
    assert await _card(house, holder) == before | {"facts": 2}
    rows = house.store.database["audit_rows"].find({"action": {"$regex": "^cards.holder"}})
    assert [row["subject"] async for row in rows] == [holder.resident_id]


async def _five_deaths(city: City, house: House) -> None:
    for sequence in ("911", "912", "913", "914", "915"):
        await city.holder(sequence, None)
        await _reported(house, DEATH, sequence=sequence)


async def _deaths(house: House) -> int:
    return await house.store.database["card_events"].count_documents({"event": "HOLDER_DIED"})


async def test_each_event_is_acted_on_once_by_whoever_is_first(city: City, house: House) -> None:
    await _five_deaths(city, house)

    await asyncio.gather(*(_followed(house) for _ in range(4)))

    assert await _deaths(house) == 5


async def test_without_the_place_in_the_write_an_event_would_be_acted_on_again(
    city: City, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same race with the guard off."""
    await _five_deaths(city, house)

    async def unguarded(*_: object) -> bool:
        return True

    monkeypatch.setattr(holder_following, "_moved", unguarded)
    await asyncio.gather(*(house.services[HolderFollower].follow() for _ in range(4)))

    assert await _deaths(house) > 5


async def test_a_server_with_a_slow_clock_adds_no_event_to_what_was_read(
    city: City, house: House, clock: ManualClock
) -> None:
    for sequence in ("911", "912"):
        await city.holder(sequence, None)
    await _reported(house, DEATH, sequence="911")
    assert await _followed(house) == 1

    clock.advance(-600)
    await _reported(house, DEATH, sequence="912")

    assert await _followed(house) == 1
    assert await _deaths(house) == 2


_DIES = """
import asyncio, os, signal, sys
from backend.app import open_house
from backend.cards import holder_following
from backend.cards.holder_following import HolderFollower
from backend.foundation.keys import load_keys
from backend.settings import read_settings
from shared.clock import SystemClock

async def dies(*_):
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    settings = read_settings({"YIKATONG_DATA_DIR": sys.argv[1]})
    async with open_house(settings, sys.argv[2], load_keys(settings), SystemClock(), {}) as house:
        setattr(holder_following, sys.argv[3], dies)
        await house.services[HolderFollower].follow()
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


_LONG = pytest.mark.skipif("YIKATONG_SOAK" not in os.environ, reason="long: make soak")


@pytest.mark.parametrize(
    ("moment", "before"),
    [
        ("in_one_write", 0),
        pytest.param("write_events", 0, marks=_LONG),  # in the open transaction
        pytest.param("nothing", 1, marks=_LONG),  # the act is done
    ],
)
async def test_killed_between_event_and_act_it_is_acted_on_once(
    city: City,
    house: House,
    mongod: RunningMongod,
    settings: Settings,
    moment: str,
    before: int,
) -> None:
    await city.holder()
    await _reported(house, DEATH)
    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", _DIES, str(settings.data_dir), mongod.uri, moment],
        cwd=Path(__file__).parents[3],
        check=False,
        timeout=60,
        env={**os.environ},
    )
    assert killed.returncode == -signal.SIGKILL
    assert await _deaths(house) == before

    # What the killed one held open ends with its connection.
    await _followed(house)

    assert await _deaths(house) == 1
    assert (
        await house.store.database["audit_rows"].count_documents({"action": "cards.holder_died"})
        == 1
    )
