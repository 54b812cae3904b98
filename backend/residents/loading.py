"""Loading a made-up population in batches: resumable, and the same again changes nothing.

While one batch is stored the next is made, in a thread: store and program have a core each.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from backend.foundation.mongo import BulkWriteError, DuplicateKeyError
from backend.foundation.person_keys import PersonSealer
from backend.foundation.refusals import Refusal, refusal
from backend.residents.documents import LoadedPopulation, Resident
from backend.residents.population import LARGEST, MadeUpPerson, Population
from backend.residents.records import Registrant
from backend.residents.rules import Assurance, Identity, Source, identity_of
from backend.residents.service import Residents
from shared.clock import Clock
from shared.identity.age import local_day

BATCH = 1000
_DUPLICATE = 11000
_LOADED = "made_up"

OTHER_SEED = refusal(
    "population_other_seed",
    ("库中已有另一个种子的虚构人口。", "The store has a made-up population of another seed."),
    ("请用原来的种子，或换一个空库。", "Use that seed, or an empty store."),
)
SIZE_WRONG = refusal(
    "population_size",
    ("人口数量应为1至10000000。", "A population has 1 to 10,000,000 people."),
    ("请改正 --size。", "Correct --size."),
)


class UnfitPerson(Exception):
    """The generator made a person whom the rules refuse; names the refusal."""


PeopleLoaded = Mapping[str, tuple[int, MadeUpPerson]]
"""Some of the people, with their places, by their ids."""
Sealers = Mapping[str, PersonSealer]
"""What seals for each of them, by their ids."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the population are in the store."""

    loaded: int
    size: int


class BelongingsLoading(Protocol):
    """Loads what belongs to some of the people."""

    def made(
        self, population: Population, people: PeopleLoaded, own: Sealers, now: datetime
    ) -> list[dict[str, Any]]:
        """Return what belongs to them, as it is stored; called in a thread."""
        ...

    async def insert(self, documents: Sequence[dict[str, Any]]) -> None:
        """Store it; again changes nothing."""
        ...


@dataclass(frozen=True, slots=True)
class _Batch:
    """People as they are stored, up to place `end`, with their keys and what belongs to them."""

    end: int
    own: dict[str, PersonSealer]
    residents: list[dict[str, Any]]
    belongings: list[dict[str, Any]]


class Belongings(Protocol):
    """Loads what other areas have of a made-up population: cards."""

    def loading(self) -> AbstractAsyncContextManager[BelongingsLoading]:
        """Return what loads batch after batch, open."""
        ...


class PopulationLoading:
    """Puts a population into the store, with what belongs to its people."""

    def __init__(self, residents: Residents, belongings: Belongings, clock: Clock) -> None:
        self._residents = residents
        self._belongings = belongings
        self._clock = clock

    async def begin(self, size: int, seed: int) -> Progress | Refusal:
        """Return how far an earlier loading of this seed came."""
        if not 1 <= size <= LARGEST:
            return SIZE_WRONG
        try:
            await LoadedPopulation(id=_LOADED, seed=seed, loaded=0).insert()
        except DuplicateKeyError:
            found = await LoadedPopulation.get(_LOADED)
            if found is None or found.seed != seed:
                return OTHER_SEED
            return Progress(min(found.loaded, size), size)
        return Progress(0, size)

    async def load(self, begun: Progress, seed: int) -> AsyncIterator[Progress]:
        """Load what is missing, telling after each batch; a batch begun twice is stored once."""
        population, now = Population(seed), self._clock.now()
        async with self._belongings.loading() as belongings:
            work = _Making(self._residents, population, belongings, now)
            async for end in _stored(work, begun):
                yield Progress(end, begun.size)


class _Making:
    """Makes batches and stores them."""

    def __init__(
        self,
        residents: Residents,
        population: Population,
        belongings: BelongingsLoading,
        now: datetime,
    ) -> None:
        self._residents = residents
        self._population = population
        self._belongings = belongings
        self._now = now

    def made(self, start: int, end: int, own: dict[str, PersonSealer] | None = None) -> _Batch:
        """Return a batch, sealed with keys of its own or with those that are stored."""
        population = self._population
        people = {
            population.identifier(index): (index, population.person(index))
            for index in range(start, end)
        }
        keys = own or self._residents.fresh_keys(list(people), self._now)
        residents = [
            self._document(person, keys[resident_id]) for resident_id, (_, person) in people.items()
        ]
        belongings = self._belongings.made(population, people, keys, self._now)
        return _Batch(end, keys, residents, belongings)

    async def store(self, batch: _Batch) -> None:
        """Store a batch; one begun before is completed under the keys it began with."""
        kept = await self._residents.first_keys(batch.own)
        if kept is not batch.own:
            start = batch.end - len(batch.own)
            batch = await asyncio.to_thread(self.made, start, batch.end, kept)
        await asyncio.gather(_insert(batch.residents), self._belongings.insert(batch.belongings))
        await LoadedPopulation.get_pymongo_collection().update_one(
            {"_id": _LOADED}, {"$max": {"loaded": batch.end}}
        )

    def _document(self, person: MadeUpPerson, own: PersonSealer) -> dict[str, Any]:
        registrant = Registrant(
            _identity(person, self._now),
            person.phone,
            person.region,
            Assurance.FIRST,
            Source.DOCUMENT,
        )
        return self._residents.sealed(registrant, own, self._now)


async def _stored(work: _Making, begun: Progress) -> AsyncIterator[int]:
    """Store batch after batch, making the next meanwhile; tell the end of each."""
    places = _places(begun)
    place = next(places, None)
    making = asyncio.create_task(asyncio.to_thread(work.made, *place)) if place else None
    try:
        while making is not None:
            batch, place = await making, next(places, None)
            making = asyncio.create_task(asyncio.to_thread(work.made, *place)) if place else None
            await work.store(batch)
            yield batch.end
    finally:
        if making is not None:
            making.cancel()


def _places(begun: Progress) -> Iterator[tuple[int, int]]:
    """Yield where the batches that are missing begin and end."""
    for start in range(begun.loaded, begun.size, BATCH):
        yield start, min(start + BATCH, begun.size)


def _identity(person: MadeUpPerson, now: datetime) -> Identity:
    identity = identity_of(person.number, person.name, local_day(now))
    if isinstance(identity, Refusal):
        raise UnfitPerson(identity.code)
    return identity


async def _insert(documents: list[dict[str, Any]]) -> None:
    try:
        await Resident.get_pymongo_collection().insert_many(documents, ordered=False)
    except BulkWriteError as error:
        faults = (error.details or {}).get("writeErrors", [])
        # The beginning of this batch was stored by a loading that was cut off.
        if any(fault["code"] != _DUPLICATE or "_id" not in fault["keyPattern"] for fault in faults):
            raise
