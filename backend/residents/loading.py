"""Loading a made-up population in batches: resumable, and the same again changes nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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
BelongingsLoading = Callable[[Population, PeopleLoaded, datetime], Awaitable[None]]
"""Loads what belongs to some of the people; again changes nothing."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the population are in the store."""

    loaded: int
    size: int


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
            async for end in self._batches(begun, population, now, belongings):
                yield Progress(end, begun.size)

    async def _batches(
        self, begun: Progress, population: Population, now: datetime, belongings: BelongingsLoading
    ) -> AsyncIterator[int]:
        for start in range(begun.loaded, begun.size, BATCH):
            end = min(start + BATCH, begun.size)
            people = {
                population.identifier(index): (index, population.person(index))
                for index in range(start, end)
            }
            own = await self._residents.first_keys(list(people), now)
            documents = [
                self._document(person, own[resident_id], now)
                for resident_id, (_, person) in people.items()
            ]
            await _insert(documents)
            await belongings(population, people, now)
            await LoadedPopulation.get_pymongo_collection().update_one(
                {"_id": _LOADED}, {"$max": {"loaded": end}}
            )
            yield end

    def _document(self, person: MadeUpPerson, own: PersonSealer, now: datetime) -> dict[str, Any]:
        registrant = Registrant(
            _identity(person, now), person.phone, person.region, Assurance.FIRST, Source.DOCUMENT
        )
        return self._residents.sealed(registrant, own, now)


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
