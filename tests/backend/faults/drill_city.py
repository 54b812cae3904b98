"""Makes the people and the terminal of a drill, in a process of its own.

Documents are bound to one store a process.
"""

import asyncio
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

import httpx

from backend.app import open_house
from backend.foundation.embedded_mongod import running_mongod
from backend.foundation.keys import load_keys
from backend.settings import read_settings
from shared.clock import ManualClock, SystemClock
from tests.backend.accounts.actors import People
from tests.backend.actors import City, id_number


def make_city(environ: Mapping[str, str], count: int, tells: "Connection[Any, Any]") -> None:
    """Make `count` residents with cards, passwords and codes, and tell what they need."""
    with tells:
        tells.send(asyncio.run(_made(environ, count)))


async def _made(environ: Mapping[str, str], count: int) -> dict[str, Any]:
    settings, clock = read_settings(environ), SystemClock()
    mongod = running_mongod(settings)
    uri = settings.mongodb_uri or (mongod.uri if mongod else "")
    async with (
        open_house(settings, uri, load_keys(settings), clock, {}) as house,
        httpx.AsyncClient() as client,
    ):
        city, residents = City(client, house, ManualClock(clock.now())), []
        people = People(city)
        await city.venue()
        for number in range(count):
            sequence = f"{2 * number:03}"
            resident_id = await people.register(id_number(sequence=sequence))
            await people.give_password(resident_id)
            holder = await people.card_of(resident_id, sequence)
            code = await city.code(holder)
            login = id_number(sequence=sequence)
            residents.append({"login": login, "code": code, "card": holder.card_id})
        return {"residents": residents, "token": await city.token()}
